"""Becoming follower, pre-candidate, candidate or leader (Raft paper figure 4, thesis 9.6).

Source: go.etcd.io/raft v3.6 (raft.go: become*, reset).
"""

from dataclasses import replace

from planespec.spec.raft.follower_progress import Progress, become_replicate
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.messages import NO_ENTRY, NO_NODE, Level
from planespec.spec.raft.node.outbox import TraceEvent, observe
from planespec.spec.raft.node.replication import append_entries
from planespec.spec.raft.node.state import Node, Role


def become_follower(node: Node, term: int, lead: int) -> None:
    """Follow `lead`, or nobody yet, in `term`."""
    _start_anew(node, term)
    node.lead = lead
    node.role = Role.FOLLOWER
    logs.note(node.log, Level.INFO, "%x became follower at term %d", node.id, node.term)
    observe(node, TraceEvent.BECOME_FOLLOWER)


def become_pre_candidate(node: Node) -> None:
    """Forget the leader and earlier answers; term, vote and timers stay."""
    if node.role is Role.LEADER:
        raise Panic("invalid transition [leader -> pre-candidate]")
    node.votes = {}
    node.lead = NO_NODE
    node.role = Role.PRE_CANDIDATE
    logs.note(node.log, Level.INFO, "%x became pre-candidate at term %d", node.id, node.term)


def become_candidate(node: Node) -> None:
    """Open the next term and vote for oneself."""
    if node.role is Role.LEADER:
        raise Panic("invalid transition [leader -> candidate]")
    _start_anew(node, node.term + 1)
    node.vote = node.id
    node.role = Role.CANDIDATE
    logs.note(node.log, Level.INFO, "%x became candidate at term %d", node.id, node.term)
    observe(node, TraceEvent.BECOME_CANDIDATE)


def become_leader(node: Node) -> None:
    """Lead the present term, beginning with an empty entry of that term.

    The log may hold membership changes that are not applied yet, so none is proposed before
    everything up to its present end is.
    """
    if node.role is Role.FOLLOWER:
        raise Panic("invalid transition [follower -> leader]")
    _start_anew(node, node.term)
    node.lead = node.id
    node.role = Role.LEADER
    node.progress[node.id] = replace(become_replicate(node.progress[node.id]), recent_active=True)
    node.pending_conf_index = logs.get_last_index(node.log)
    observe(node, TraceEvent.BECOME_LEADER)
    append_entries(node, [NO_ENTRY])
    logs.note(node.log, Level.INFO, "%x became leader at term %d", node.id, node.term)


def _start_anew(node: Node, term: int) -> None:
    """Forget what belonged to the old role; a new term also forgets the vote."""
    if node.term != term:
        node.term = term
        node.vote = NO_NODE
    node.lead = NO_NODE
    node.election_elapsed = 0
    node.heartbeat_elapsed = 0
    reset_timeout(node)
    node.lead_transferee = NO_NODE
    node.votes = {}
    last = logs.get_last_index(node.log)
    for member, known in node.progress.items():
        node.progress[member] = Progress(
            match=last if member == node.id else 0,
            next=last + 1,
            max_inflight=node.config.max_inflight,
            is_learner=known.is_learner,
        )
    node.pending_conf_index = 0
    node.read_requests = {}


def reset_timeout(node: Node) -> None:
    """Draw the next election timeout; ValueError when the oracle leaves its range."""
    drawn = node.draw_timeout()
    if not node.config.election_tick <= drawn < 2 * node.config.election_tick:
        raise ValueError(f"a randomized election timeout of {drawn} is out of range")
    node.randomized_election_timeout = drawn
