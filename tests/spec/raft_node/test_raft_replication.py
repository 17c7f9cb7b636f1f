"""Appends, commits, snapshots and crashes of an etcd-raft node, a sentence at a time."""

import pytest

from planespec.spec.raft.confchange import Configuration
from planespec.spec.raft.follower_progress import ProgressState
from planespec.spec.raft.node import inputs
from planespec.spec.raft.node.log import Panic, get_last_index
from planespec.spec.raft.node.messages import (
    Entry,
    Message,
    MessageType,
    Snapshot,
)
from planespec.spec.raft.node.server import settle, snapshot_and_compact
from planespec.spec.raft.node.state import Role


def test_an_entry_of_an_earlier_term_is_not_committed_by_counting(make_network):
    """Raft paper 5.4.2 and figure 8."""
    network = make_network(terms=(1, 1))
    candidate = network.servers[1]
    inputs.campaign(candidate.node)
    settle(candidate)
    vote = Message(MessageType.VOTE_RESP, to=1, sender=2, term=2)
    network.hear(1, vote)
    assert candidate.node.role is Role.LEADER
    network.hear(1, Message(MessageType.APP_RESP, to=1, sender=2, term=2, index=3))
    assert candidate.node.log.committed == 1
    network.hear(1, Message(MessageType.APP_RESP, to=1, sender=2, term=2, index=4))
    assert candidate.node.log.committed == 4


def append(term, index, log_term, terms=(), commit=0):
    entries = tuple(Entry(index + n, t) for n, t in enumerate(terms, start=1))
    return Message(
        MessageType.APP,
        to=1,
        sender=2,
        term=term,
        index=index,
        log_term=log_term,
        entries=entries,
        commit=commit,
    )


def test_a_follower_deletes_what_conflicts_and_keeps_what_does_not(make_network):
    """Raft paper 5.3: AppendEntries receiver, steps 3 to 5."""
    network = make_network(terms=(1, 1, 1, 1))
    network.hear(1, append(2, 2, 1, terms=(1,)))
    assert get_last_index(network.node(1).log) == 5
    network.hear(1, append(2, 2, 1, terms=(2,), commit=9))
    assert [entry.term for entry in network.servers[1].storage.entries] == [1, 2]
    assert network.node(1).log.committed == 3


def test_a_rejection_hints_past_the_whole_divergent_tail(make_network):
    network = make_network(terms=(3, 3, 3, 3, 3))
    (answer,) = network.hear(1, append(4, 6, 2))
    assert (answer.reject, answer.index) == (True, 6)
    assert (answer.reject_hint, answer.log_term) == (1, 1)


def test_a_commit_index_beyond_the_log_makes_the_library_give_up(make_network):
    network = make_network()
    heartbeat = Message(MessageType.HEARTBEAT, to=1, sender=2, term=2, commit=7)
    with pytest.raises(Panic, match=r"tocommit\(7\) is out of range \[lastIndex\(1\)\]"):
        network.hear(1, heartbeat)


def test_a_follower_behind_the_compacted_log_gets_a_snapshot_and_follows_on(make_network):
    network = make_network()
    leader = network.elect(1)
    network.cut_off = {3}
    for data in "abc":
        network.tell(1, inputs.propose_data, data)
    snapshot_and_compact(network.servers[1], 5)
    network.cut_off = set()
    network.tick(1)
    assert network.servers[3].storage.snapshot.index == 5
    assert network.node(3).log.applied == 5
    network.tell(1, inputs.propose_data, "d")
    assert leader.progress[3].state is ProgressState.REPLICATE
    assert network.node(3).log.committed == 6


def test_a_full_window_holds_appends_back(make_network):
    network = make_network(max_inflight=2)
    leader = network.elect(1)
    network.cut_off = {3}
    sent = [network.tell(1, inputs.propose_data, data).sent for data in "abcd"]
    to_three = [[m for m in messages if m.to == 3] for messages in sent]
    assert [len(messages) > 0 for messages in to_three] == [True, True, False, False]
    assert leader.progress[3].inflights == (3, 4)


def test_what_a_server_acknowledged_survives_its_crash(make_network):
    network = make_network()
    network.elect(1)
    network.tell(1, inputs.propose_data, "x")
    network.restart(2)
    survivor = network.node(2)
    assert (survivor.term, survivor.vote, get_last_index(survivor.log)) == (2, 1, 3)
    assert survivor.log.applied == 1
    assert [entry.data for entry in settle(network.servers[2]).applied] == ["", "x"]


def test_a_member_that_installs_a_snapshot_has_no_members_until_the_new_ones_are_in_force(
    make_network,
):
    network = make_network(terms=(1, 1))
    follower, seen = network.node(2), []
    follower.observer = lambda node, event, about: seen.append((event, node.configuration, about))
    snapshot = Snapshot(9, 1, Configuration(voters=frozenset({1, 2, 4})))
    network.hear(2, Message(MessageType.SNAP, sender=1, to=2, term=1, snapshot=snapshot))
    changes = [(before, after) for event, before, after in seen if event == "ApplyConfChange"]
    assert changes == [(Configuration(), snapshot.configuration)]
    assert follower.configuration == snapshot.configuration
