"""Inputs that a trace does not announce: each that may lead to an event is run on the node.

Which can lead to an event of one name is said here; whether it does, the node says.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from planespec.reports.judge.raft.traces.raft_member import Member, Unexplained
from planespec.reports.judge.raft.traces.raft_trace_form import Event, parse_changes, parse_node
from planespec.spec.raft.node.choice_points import (
    BEAT,
    Inputs,
    ask_for_transfer,
    give,
    list_silences,
    list_transitions,
    propose_at_once,
)
from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.membership import apply_conf_change
from planespec.spec.raft.node.messages import (
    NO_ENTRY,
    ConfChange,
    Entry,
    EntryType,
    Message,
    MessageType,
    Transition,
)
from planespec.spec.raft.node.outbox import TraceEvent
from planespec.spec.raft.node.proposals import LEAVE_JOINT, ProposalDroppedError
from planespec.spec.raft.node.state import Role
from planespec.spec.raft.node.step import step

Way = Callable[[Member], None]
"""Gives a node an input; raises Unexplained, Panic or ProposalDroppedError where it is refused."""


def follow(
    member: Member, event: Event, ways: Sequence[Way], fork: Callable[[Member], Member]
) -> Member:
    """Return the node after the first of `ways` that leads to its events from `event` on.

    Where none does, it is the one that leads furthest. Raises Unexplained where all are refused.
    """
    if len(ways) == 1:
        _go(member, event, ways[0])
        return member
    best, reached, refusal = None, -1, Unexplained(str(event.name), "nothing leads to it here")
    for way in ways:
        tried = fork(member)
        try:
            _go(tried, event, way)
        except (Unexplained, Panic) as reason:
            refusal = reason if isinstance(reason, Unexplained) else refusal
            continue
        agreeing = tried.count_agreeing(event)
        if agreeing is None:
            return tried
        if agreeing > reached:
            best, reached = tried, agreeing
    if best is None:
        raise refusal
    return best


def _go(member: Member, event: Event, way: Way) -> None:
    try:
        way(member)
    except ProposalDroppedError as dropped:
        raise Unexplained(str(event.name), f"the node answers: {dropped}") from dropped


def give_all(member: Member, messages: Inputs) -> None:
    """Let a node take messages that no trace shows, having applied what it may have."""
    member.settle_applied()
    give(member.node, messages)


def list_receipts(member: Member, message: Message) -> list[Way]:
    """A message arrives, and the leader was last heard some time ago."""
    return [
        partial(_receive, message=message, silence=silence)
        for silence in list_silences(member.node, message)
    ]


def _receive(member: Member, message: Message, silence: int) -> None:
    member.node.election_elapsed = silence
    step(member.node, message)


def list_requests(member: Member, event: Event) -> list[Way]:
    """A leader sends unasked: heartbeats, or an append to whom it hands leadership over."""
    message = event.record["msg"]
    if message["type"] == MessageType.HEARTBEAT:
        return [lambda member: give(member.node, BEAT)]
    to = parse_node(message["to"])
    return [lambda member: give(member.node, ask_for_transfer(member.node, to))]


def list_proposals(member: Member, event: Event) -> list[Way]:
    """Entries are proposed at once: all that are announced before they are appended."""
    entries = tuple(_list_announced(event))
    return [lambda member: give_all(member, propose_at_once(member.node, entries))]


def _list_announced(event: Event) -> Iterator[Entry]:
    """Read the entries of one proposal; changes of membership are announced first."""
    at: Event | None = event
    while at is not None and at.name is TraceEvent.CHANGE_CONF:
        change = ConfChange(parse_changes(at))
        kind = EntryType.CONF_CHANGE if len(change.changes) == 1 else EntryType.CONF_CHANGE_V2
        yield Entry(type=kind, change=change)
        at = at.upcoming
    while at is not None and at.name is TraceEvent.REPLICATE:
        yield NO_ENTRY
        at = at.upcoming


def list_leaves(member: Member, event: Event) -> list[Way]:
    """A joint configuration is left, which is not announced."""
    if event.record["msg"]["to"] != str(event.node):
        return []
    return [lambda member: give_all(member, propose_at_once(member.node, (LEAVE_JOINT,)))]


def list_changes(member: Member, transitions: dict[tuple[int, int], Transition]) -> list[Way]:
    """The next committed membership change is put in force.

    By index and term of the entry, `transitions` holds those that were chosen for it before. A
    leader that it removes steps down, or goes on, as it was told to; what shows more comes first.
    """
    entry = member.get_next_conf_change()
    if entry is None:
        raise Unexplained("ApplyConfChange", "no committed membership change waits to be applied")
    change, known = entry.change or ConfChange(), transitions.get((entry.index, entry.term))
    if known is not None and len(change.changes) == 1:
        change = replace(change, transition=known)
    return [
        partial(_apply, index=entry.index, change=replace(change, transition=each), quits=quits)
        for each in (list_transitions(change) if known is None else (change.transition,))
        for quits in ((True, False) if member.node.role is Role.LEADER else (False,))
    ]


def _apply(member: Member, index: int, change: ConfChange, *, quits: bool) -> None:
    member.settle_applied()
    node = member.node
    node.config = replace(member.config, step_down_on_removal=quits)
    apply_conf_change(node, change)
    member.conf_applied = index
    member.configurations[index] = node.configuration
