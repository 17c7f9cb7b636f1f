"""Reads, membership changes and refusals of an etcd-raft node, a sentence at a time."""

import pytest

from planespec.spec.raft.confchange import ChangeKind, Configuration, SingleChange
from planespec.spec.raft.node import inputs
from planespec.spec.raft.node.log import Panic, get_last_index
from planespec.spec.raft.node.messages import (
    ConfChange,
    Message,
    MessageType,
    Transition,
)
from planespec.spec.raft.node.proposals import ProposalDroppedError
from planespec.spec.raft.node.server import settle
from planespec.spec.raft.node.state import NodeConfig, ReadOnlyOption, Role


def test_a_read_is_confirmed_by_a_quorum_and_answers_the_follower_that_asked(make_network):
    """Thesis 6.4."""
    network = make_network()
    network.elect(1)
    network.cut_off = {2, 3}
    assert network.tell(1, inputs.read_index, "lonely").reads == []
    network.cut_off = {2}
    inputs.read_index(network.node(3), "r")
    (forwarded,) = settle(network.servers[3]).sent
    sent = network.hear(1, forwarded)
    beats = [m for m in sent if m.to == 3]
    (confirmed,) = network.hear(3, beats[0])
    answers = network.hear(1, confirmed)
    assert [m.type for m in answers] == [MessageType.READ_INDEX_RESP]
    inputs.receive(network.node(3), answers[0])
    (read,) = settle(network.servers[3]).reads
    assert (read.index, read.context) == (2, "r")


def test_a_read_waits_until_an_entry_of_the_leaders_term_is_committed(make_network):
    network = make_network()
    network.cut_off = {2, 3}
    candidate = network.servers[1]
    inputs.campaign(candidate.node)
    settle(candidate)
    network.hear(1, Message(MessageType.VOTE_RESP, to=1, sender=2, term=2))
    assert network.tell(1, inputs.read_index, "early").sent == []
    assert [m.context for m in candidate.node.postponed_reads] == [""]
    sent = network.hear(1, Message(MessageType.APP_RESP, to=1, sender=2, term=2, index=2))
    assert "early" in [m.context for m in sent if m.type is MessageType.HEARTBEAT]


def test_a_leased_leader_answers_a_read_at_once(make_network):
    network = make_network(check_quorum=True, read_only_option=ReadOnlyOption.LEASE_BASED)
    network.elect(1)
    network.cut_off = {2, 3}
    assert [read.index for read in network.tell(1, inputs.read_index, "r").reads] == [2]


def change(*letters, transition=Transition.AUTO):
    singles = tuple(SingleChange(ChangeKind(text[0]), int(text[1:])) for text in letters)
    return ConfChange(singles, transition)


def test_a_learner_is_replicated_to_but_neither_counts_nor_campaigns(make_network):
    network = make_network(voters=(1, 2), learners=(3,))
    leader = network.elect(1)
    assert leader.progress[3].match == 2
    network.cut_off = {2}
    network.tell(1, inputs.propose_data, "x")
    assert (leader.progress[3].match, leader.log.committed) == (3, 2)
    network.tick(3, 30)
    assert network.node(3).role is Role.FOLLOWER


def test_a_joint_configuration_is_left_by_itself(make_network):
    network = make_network(voters=(1, 2, 3, 4))
    network.elect(1)
    network.tell(1, inputs.propose_conf_change, change("r3", "r4"), version=2)
    for number in (1, 2):
        assert network.node(number).configuration == Configuration(voters=frozenset({1, 2}))


def test_a_joint_configuration_commits_nothing_without_both_majorities(make_network):
    """Thesis 4.3."""
    network = make_network(voters=(1, 2, 3, 4))
    leader = network.elect(1)
    halved = change("r3", "r4", transition=Transition.JOINT_EXPLICIT)
    network.tell(1, inputs.propose_conf_change, halved, version=2)
    network.cut_off = {3, 4}
    network.tell(1, inputs.propose_data, "x")
    assert (leader.log.committed, get_last_index(leader.log)) == (3, 4)
    network.cut_off = {4}
    network.tick(1)
    assert leader.log.committed == 4


def test_an_explicit_joint_configuration_takes_no_change_but_being_left(
    make_network,
):
    network = make_network()
    leader = network.elect(1)
    demote = change("l3", transition=Transition.JOINT_EXPLICIT)
    network.tell(1, inputs.propose_conf_change, demote, version=2)
    assert leader.configuration.learners_next == {3}
    network.tell(1, inputs.propose_conf_change, change("r2"), version=1)
    assert leader.configuration.outgoing == {1, 2, 3}
    network.tell(1, inputs.propose_conf_change, ConfChange(), version=2)
    assert leader.configuration == Configuration(frozenset({1, 2}), learners=frozenset({3}))


def test_only_one_membership_change_is_pending(make_network):
    network = make_network()
    leader = network.elect(1)
    network.cut_off = {2, 3}
    network.tell(1, inputs.propose_conf_change, change("v4"), version=1)
    network.tell(1, inputs.propose_conf_change, change("v5"), version=1)
    kinds = [entry.type.value for entry in network.servers[1].storage.entries]
    assert kinds == ["EntryNormal", "EntryConfChange", "EntryNormal"]
    assert leader.pending_conf_index == 3


@pytest.mark.parametrize(("steps_down", "role"), [(False, Role.LEADER), (True, Role.FOLLOWER)])
def test_a_removed_leader_leads_on_unless_it_is_to_step_down(make_network, steps_down, role):
    network = make_network(step_down_on_removal=steps_down)
    leader = network.elect(1)
    network.tell(1, inputs.propose_conf_change, change("r1"), version=1)
    assert (leader.role, leader.configuration.voters) == (role, {2, 3})
    with pytest.raises(ProposalDroppedError):
        inputs.propose_data(leader, "x")


def test_a_removed_leader_beside_one_voter_answers_reads_without_asking(make_network):
    """raft.go takes the one voter for the leader: the answer is stale once another one leads."""
    network = make_network(voters=(1, 2))
    network.elect(1)
    network.tell(1, inputs.propose_conf_change, change("r1"), version=1)
    network.tick(1)
    network.cut_off = {1}
    network.elect(2)
    network.tell(2, inputs.propose_data, "later")
    (read,) = network.tell(1, inputs.read_index, "r").reads
    assert network.node(1).role is Role.LEADER
    assert read.index < network.node(2).log.committed


def test_removing_every_voter_makes_the_library_give_up(make_network):
    network = make_network(voters=(1,))
    network.elect(1)
    with pytest.raises(Panic, match="removed all voters"):
        network.tell(1, inputs.propose_conf_change, change("r1"), version=1)


def test_answers_of_strangers_and_local_messages_are_refused(make_network):
    network = make_network()
    with pytest.raises(inputs.StepRefusedError, match="peer not found"):
        network.hear(1, Message(MessageType.APP_RESP, to=1, sender=9, term=1))
    with pytest.raises(inputs.StepRefusedError, match="local message"):
        network.hear(1, Message(MessageType.HUP, to=1, sender=1))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"heartbeat_tick": 0}, "heartbeat tick must be greater than 0"),
        ({"election_tick": 1}, "election tick must be greater than heartbeat tick"),
        ({"max_inflight": 0}, "max inflight messages must be greater than 0"),
        ({"read_only_option": ReadOnlyOption.LEASE_BASED}, "CheckQuorum must be enabled"),
    ],
)
def test_a_configuration_that_the_library_refuses_is_refused(make_network, config, message):
    with pytest.raises(ValueError, match=message):
        NodeConfig(**config)
