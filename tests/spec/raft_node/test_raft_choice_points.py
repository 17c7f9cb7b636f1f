"""What surroundings may choose is offered to a node, which refuses by its own guards."""

from dataclasses import replace

import pytest

from planespec.spec.raft.confchange import Configuration
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.choice_points import (
    BEAT,
    HANG_UP,
    ask_for_transfer,
    give,
    list_campaigns,
    list_reads,
    list_reports,
    list_silences,
    list_transitions,
    list_ways_to_follow,
    propose_at_once,
)
from planespec.spec.raft.node.messages import (
    NO_ENTRY,
    NO_NODE,
    ConfChange,
    Entry,
    EntryType,
    Message,
    MessageType,
    Transition,
)
from planespec.spec.raft.node.outbox import TraceEvent
from planespec.spec.raft.node.proposals import LEAVE_JOINT, ProposalDroppedError
from planespec.spec.raft.node.ready import has_ready, take_ready, wrap
from planespec.spec.raft.node.server import bootstrap, start_node
from planespec.spec.raft.node.state import NodeConfig, Role
from planespec.spec.raft.node.storage import Storage


@pytest.fixture
def leader(make_network):
    network = make_network(check_quorum=True)
    network.elect(1)
    return network.node(1)


def follow_all(node, term):
    for messages in list_ways_to_follow(node, term):
        give(node, messages)
    return node.role, node.term


def test_a_leader_with_check_quorum_follows_when_it_hears_nobody_for_two_timeouts(leader):
    assert follow_all(leader, leader.term) == (Role.FOLLOWER, leader.term)


def test_a_leader_that_is_its_own_quorum_never_gives_up(make_network):
    network = make_network(voters=(1,), check_quorum=True)
    network.elect(1)
    node = network.node(1)
    assert follow_all(node, node.term) == (Role.LEADER, node.term)


def test_a_leader_without_check_quorum_gives_up_only_for_a_later_term(make_network):
    network = make_network()
    network.elect(1)
    node = network.node(1)
    term = node.term
    assert follow_all(node, term) == (Role.LEADER, term)
    assert follow_all(node, term + 3) == (Role.FOLLOWER, term + 3)


def test_a_pre_candidate_campaigns_when_a_quorum_may_have_granted_it(make_network):
    network = make_network(pre_vote=True)
    node = network.node(1)
    give(node, HANG_UP)
    assert node.role is Role.PRE_CANDIDATE
    for granting, role in (({1}, Role.PRE_CANDIDATE), ({1, 3}, Role.CANDIDATE)):
        for messages in list_campaigns(node, granting=granting, asked=False):
            give(node, messages)
        assert node.role is role


def test_a_pre_candidate_follows_when_all_refuse(make_network):
    node = make_network(pre_vote=True).node(1)
    give(node, HANG_UP)
    assert follow_all(node, node.term) == (Role.FOLLOWER, node.term)


def test_with_pre_vote_only_a_leaders_word_lets_a_follower_campaign_at_once(make_network):
    for asked, role in ((False, Role.FOLLOWER), (True, Role.CANDIDATE)):
        node = make_network(pre_vote=True).node(1)
        for messages in list_campaigns(node, granting=(), asked=asked):
            give(node, messages)
        assert node.role is role


def test_a_proposal_is_taken_though_a_transfer_was_in_progress(leader):
    last = logs.get_last_index(leader.log)
    give(leader, propose_at_once(leader, (NO_ENTRY,)))
    give(leader, ask_for_transfer(leader, 2))
    assert leader.lead_transferee == 2
    with pytest.raises(ProposalDroppedError):
        give(leader, (Message(MessageType.PROP, entries=(NO_ENTRY,)),))
    give(leader, propose_at_once(leader, (NO_ENTRY, NO_ENTRY)))
    assert (logs.get_last_index(leader.log), leader.lead_transferee) == (last + 3, NO_NODE)


def test_outside_a_joint_configuration_leaving_it_is_refused_as_an_empty_entry(leader):
    give(leader, propose_at_once(leader, (LEAVE_JOINT,)))
    (entry,) = leader.log.unstable
    assert entry == Entry(entry.index, entry.term)


def test_heartbeats_and_reports_change_nothing_but_the_flow(leader):
    before = (leader.term, leader.role, logs.get_last_index(leader.log))
    give(leader, BEAT)
    assert {m.type for m in leader.messages} == {MessageType.HEARTBEAT}
    (report,) = list_reports(leader, 2)
    give(leader, report)
    assert leader.progress[2].next == leader.progress[2].match + 1
    assert (leader.term, leader.role, logs.get_last_index(leader.log)) == before


def test_reads_wait_only_before_the_first_commit_of_a_term(leader):
    assert list(list_reads(leader)) == []
    leader.term += 1
    assert len(list(list_reads(leader))) == 1


def test_the_lease_matters_only_for_a_vote_of_a_later_term(leader):
    vote = Message(MessageType.VOTE, sender=2, term=leader.term + 1)
    assert list(list_silences(leader, vote)) == [leader.config.election_tick, 0]
    assert list(list_silences(leader, replace(vote, term=leader.term))) == [0]
    assert list(list_silences(leader, replace(vote, type=MessageType.APP))) == [0]


def test_one_change_alone_may_enter_a_joint_configuration_or_not():
    one = ConfChange(("a change",))
    assert list(list_transitions(one)) == [Transition.AUTO, Transition.JOINT_IMPLICIT]
    assert list(list_transitions(ConfChange(("a", "b")))) == [Transition.AUTO]
    explicit = replace(one, transition=Transition.JOINT_EXPLICIT)
    assert list(list_transitions(explicit)) == [Transition.JOINT_EXPLICIT]


def test_a_bootstrap_begins_the_first_term_and_adds_its_peers_one_by_one():
    """Source: go.etcd.io/raft v3.6, bootstrap.go."""
    seen = []
    node = start_node(2, NodeConfig(), Storage(), lambda: 10)
    node.observer = lambda _, event, about: seen.append((event, about))
    raw = wrap(node)
    bootstrap(raw, [1, 2, 3])
    assert (node.term, node.log.committed, node.log.applied) == (1, 3, 0)
    configurations = [Configuration(frozenset(v)) for v in ({1}, {1, 2}, {1, 2, 3})]
    assert seen[0] == (TraceEvent.BECOME_FOLLOWER, None)
    assert seen[1:] == [(TraceEvent.APPLY_CONF_CHANGE, each) for each in configurations]
    assert has_ready(raw)
    ready = take_ready(raw)
    assert [entry.type for entry in ready.committed_entries] == [EntryType.CONF_CHANGE] * 3
    assert ready.hard_state is not None


@pytest.mark.parametrize("peers", [[], [1]])
def test_a_node_with_a_log_or_without_peers_is_not_bootstrapped(peers):
    storage = Storage(entries=[Entry(1, 1)] if peers else [])
    raw = wrap(start_node(1, NodeConfig(), storage, lambda: 10))
    with pytest.raises(ValueError, match="at least one peer"):
        bootstrap(raw, peers)
