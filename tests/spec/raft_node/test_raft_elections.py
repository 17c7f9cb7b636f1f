"""Elections, pre-votes, leases and transfers of an etcd-raft node, a sentence at a time."""

from dataclasses import replace

import pytest

from planespec.spec.raft.node import inputs
from planespec.spec.raft.node.log import get_last_index, get_term
from planespec.spec.raft.node.messages import (
    Message,
    MessageType,
)
from planespec.spec.raft.node.proposals import ProposalDroppedError
from planespec.spec.raft.node.state import Role


def vote_request(sender, term, index=1, log_term=1, **fields):
    kind = fields.pop("type", MessageType.VOTE)
    return Message(kind, to=1, sender=sender, term=term, index=index, log_term=log_term, **fields)


def test_a_server_votes_for_one_candidate_in_a_term_first_come_first_served(make_network):
    """Raft paper 5.2."""
    network = make_network()
    (granted,) = network.hear(1, vote_request(2, term=2))
    (refused,) = network.hear(1, vote_request(3, term=2))
    (repeated,) = network.hear(1, vote_request(2, term=2))
    assert [granted.reject, refused.reject, repeated.reject] == [False, True, False]


def test_a_restarted_server_keeps_its_ballot(make_network):
    """Raft paper 5.1 and figure 2: persisted before answering."""
    network = make_network()
    network.hear(1, vote_request(2, term=2))
    network.restart(1)
    (refused,) = network.hear(1, vote_request(3, term=2))
    assert refused.reject
    assert network.node(1).vote == 2


@pytest.mark.parametrize(
    ("index", "log_term", "granted"), [(3, 2, True), (9, 1, False), (2, 2, False), (2, 3, True)]
)
def test_a_server_denies_its_vote_to_a_log_less_up_to_date(make_network, index, log_term, granted):
    """Raft paper 5.4.1: the later last term wins, then the longer log."""
    network = make_network(terms=(1, 2))
    (answer,) = network.hear(1, vote_request(2, term=5, index=index, log_term=log_term))
    assert answer.reject is not granted


def test_a_leader_is_elected_by_a_majority_and_its_first_entry_is_empty(make_network):
    network = make_network(voters=(1, 2, 3, 4, 5))
    network.cut_off = {4, 5}
    leader = network.elect(1)
    assert (leader.term, leader.log.committed, get_term(leader.log, 2)) == (2, 2, 2)
    network.cut_off = {3, 4, 5}
    network.tell(2, inputs.campaign)
    assert network.node(2).role is Role.CANDIDATE


def test_a_pre_vote_moves_neither_term_nor_vote(make_network):
    """Thesis 9.6."""
    network = make_network(pre_vote=True)
    (answer,) = network.hear(1, vote_request(2, term=9, type=MessageType.PRE_VOTE))
    assert (answer.reject, answer.term) == (False, 9)
    assert (network.node(1).term, network.node(1).vote) == (1, 0)


def test_a_server_that_was_cut_off_does_not_depose_the_leader_with_pre_vote(make_network):
    network = make_network(pre_vote=True, check_quorum=True)
    leader = network.elect(1)
    network.cut_off = {3}
    network.tick(3, 40)
    assert (network.node(3).role, network.node(3).term) == (Role.PRE_CANDIDATE, leader.term)
    network.cut_off = set()
    network.tick(3, 10)
    assert (leader.role, leader.term) == (Role.LEADER, 2)


def test_a_leader_that_hears_no_quorum_steps_down_with_check_quorum(make_network):
    network = make_network(check_quorum=True)
    leader = network.elect(1)
    network.cut_off = {2, 3}
    network.tick(1, 20)
    assert (leader.role, leader.lead) == (Role.FOLLOWER, 0)


def test_a_server_in_a_lease_ignores_votes_unless_the_leader_asked_for_them(make_network):
    network = make_network(check_quorum=True)
    network.elect(2)
    late = get_last_index(network.node(1).log)
    request = vote_request(3, term=9, index=late, log_term=2)
    assert network.hear(1, request) == []
    (granted,) = network.hear(1, replace(request, context="CampaignTransfer"))
    assert not granted.reject


def test_leadership_is_handed_to_a_follower_that_is_up_to_date(make_network):
    """Thesis 3.10."""
    network = make_network(check_quorum=True)
    leader = network.elect(1)
    network.tell(1, inputs.transfer_leader, 3)
    assert (leader.role, network.node(3).role) == (Role.FOLLOWER, Role.LEADER)


def test_a_leader_handing_over_drops_proposals_until_an_election_timeout_passed(make_network):
    network = make_network()
    leader = network.elect(1)
    network.cut_off = {3}
    network.tell(1, inputs.transfer_leader, 3)
    with pytest.raises(ProposalDroppedError):
        network.tell(1, inputs.propose_data, "x")
    network.tick(1, 10)
    assert leader.lead_transferee == 0
    assert network.tell(1, inputs.propose_data, "x").sent
