"""Inputs that a trace does not announce: elections, proposals, and changes being applied.

Each function gives the node the input that leads to an event of one name, or says which guard
keeps it from that.
"""

from collections.abc import Callable, Collection
from dataclasses import replace

from planespec.reports.judge.raft.traces.raft_member import Member, Unexplained
from planespec.reports.judge.raft.traces.raft_trace_form import Event, parse_changes
from planespec.spec.raft.confchange import is_joint
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.elections import Campaign, is_promotable, start_election
from planespec.spec.raft.node.membership import apply_conf_change
from planespec.spec.raft.node.messages import (
    NO_ENTRY,
    ConfChange,
    Entry,
    EntryType,
    Transition,
)
from planespec.spec.raft.node.outbox import TraceEvent
from planespec.spec.raft.node.replication import append_entries, broadcast_append
from planespec.spec.raft.node.state import Node, Role
from planespec.spec.raft.quorum import compute_quorum_size


def become_candidate(
    member: Member, event: Event, *, may_be_asked: bool, answered: Collection[int]
) -> None:
    """Start an election; BecomeCandidate.

    `may_be_asked` tells whether a leader of the term may want to hand leadership over, which
    needs no pre-vote. `answered` are the nodes that may have answered a pre-vote.
    """
    member.settle_applied()
    if member.node.role is Role.LEADER:
        raise Unexplained(str(event.name), "the node leads already")
    if not is_promotable(member.node):
        raise Unexplained(str(event.name), "the node is no voter, or installs a snapshot")
    if member.get_unapplied_conf_change() is not None:
        raise Unexplained(str(event.name), "a committed membership change is not applied")
    if member.node.role is Role.PRE_CANDIDATE:
        _check_pre_vote(member.node, event, answered)
    elif member.config.pre_vote and not may_be_asked:
        raise Unexplained(str(event.name), "no pre-vote was won, and no leader asked for it")
    start_election(member.node, Campaign.ELECTION)


def _check_pre_vote(node: Node, event: Event, answered: Collection[int]) -> None:
    """Pre-votes are not traced, but each leaves with a Ready: of who asks, then of who answers."""
    for half in (node.configuration.voters, node.configuration.outgoing):
        if half and len(half.intersection(answered)) < compute_quorum_size(len(half)):
            raise Unexplained(
                str(event.name),
                f"pre-votes can have left only {sorted(half.intersection(answered))} of the "
                f"voters {sorted(half)} since the node asked for them in a Ready",
            )


def replicate(member: Member, event: Event) -> None:
    """Announce a normal entry; Replicate."""
    _check_may_propose(member.node, event)
    member.proposal.append(NO_ENTRY)
    member.take_note(member.node, event.name, None)


def change_conf(member: Member, event: Event) -> None:
    """Announce a membership change; ChangeConf."""
    node = member.node
    _check_may_propose(node, event)
    member.settle_applied()
    if node.pending_conf_index > node.log.applied:
        raise Unexplained(str(event.name), "an earlier membership change is not applied")
    if is_joint(node.configuration):
        raise Unexplained(str(event.name), "a joint configuration can only be left")
    change = ConfChange(parse_changes(event))
    kind = EntryType.CONF_CHANGE if len(change.changes) == 1 else EntryType.CONF_CHANGE_V2
    member.proposal.append(Entry(type=kind, change=change))
    node.pending_conf_index = logs.get_last_index(node.log) + len(member.proposal)
    member.take_note(node, event.name, change)


def append_proposal(member: Member, event: Event) -> None:
    """Append what was announced; leaving a joint configuration is not announced."""
    node = member.node
    _check_may_propose(node, event)
    if not member.proposal and not is_joint(node.configuration):
        raise Unexplained(str(event.name), "nothing was proposed, and nothing arrived to answer")
    leave = Entry(type=EntryType.CONF_CHANGE_V2, change=ConfChange())
    append_entries(node, member.proposal or [leave])
    member.proposal = []
    # They were announced one by one already, and are not again.
    member.forget_expected(TraceEvent.REPLICATE)
    broadcast_append(node)


def _check_may_propose(node: Node, event: Event) -> None:
    if node.role is not Role.LEADER:
        raise Unexplained(str(event.name), "only a leader appends proposals")
    if node.id not in node.progress:
        raise Unexplained(str(event.name), "a removed leader takes no proposals")


def apply_next_change(
    member: Member, event: Event, transitions: dict[tuple[int, int], Transition]
) -> None:
    """Put the next committed membership change in force; ApplyConfChange.

    A single change shows no transition. By index and term of the entry, `transitions` holds those
    that showed in the configuration of the node that applied it first.
    """
    entry = member.get_next_conf_change()
    if entry is None:
        raise Unexplained(str(event.name), "no committed membership change waits to be applied")
    member.settle_applied()
    change, key = entry.change or ConfChange(), (entry.index, entry.term)
    if len(change.changes) == 1:
        if event.upcoming is not None and event.upcoming.name is not TraceEvent.INIT_STATE:
            joint = bool(event.upcoming.record["conf"][1])
            transitions.setdefault(key, Transition.JOINT_IMPLICIT if joint else Transition.AUTO)
        change = replace(change, transition=transitions.get(key, Transition.AUTO))
    apply_conf_change(member.node, change)
    member.conf_applied = entry.index
    member.configurations[entry.index] = member.node.configuration


PROPOSING = frozenset(
    {
        TraceEvent.REPLICATE,
        TraceEvent.CHANGE_CONF,
        TraceEvent.SEND_APPEND_ENTRIES_RESPONSE,
    }
)
"""Events between which the entries of one proposal are announced and appended."""

INPUTS: dict[TraceEvent, Callable[[Member, Event], None]] = {
    TraceEvent.REPLICATE: replicate,
    TraceEvent.CHANGE_CONF: change_conf,
    TraceEvent.SEND_APPEND_ENTRIES_RESPONSE: append_proposal,
}
"""What leads to an event that nothing before it announced."""
