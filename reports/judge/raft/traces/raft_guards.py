"""Why no action explains an event: for each action that could have, the guard that blocks it.

Everything is read off the nodes as they are after the longest explained prefix. Guards are
written for people, with the numbers they compare.
"""

from collections.abc import Iterator

from planespec.reports.judge.raft.traces.raft_member import Member
from planespec.reports.judge.raft.traces.raft_own_guards import GUARDS
from planespec.reports.judge.raft.traces.raft_replay import Replay
from planespec.reports.judge.raft.traces.raft_trace_form import (
    Event,
    Json,
    print_event,
    print_message,
)
from planespec.reports.judge.raft.traces.raft_traced_cluster import RECEIVE_EVENTS
from planespec.reports.judge.runner import differences
from planespec.spec.raft.node import storage as durable
from planespec.spec.raft.node.outbox import TraceEvent

Guard = tuple[str, str]
"""An action, and what keeps it from explaining the event."""


_CHANGING = frozenset(
    {
        TraceEvent.BECOME_FOLLOWER,
        TraceEvent.BECOME_CANDIDATE,
        TraceEvent.BECOME_LEADER,
        TraceEvent.COMMIT,
        TraceEvent.SEND_APPEND_ENTRIES_RESPONSE,
    }
)
"""Events that show the state after something was done."""


def list_guards(replay: Replay, event: Event) -> list[Guard]:
    """Return every action that could have explained `event`, with its guard."""
    member = replay.members.get(event.node)
    if event.name is TraceEvent.INIT_STATE:
        return list(_guard_init_state(member, event))
    if member is None or member.raw is None:
        return [("InitState", f"node {event.node} was never started")]
    return [*_guard_pending(member, event), *_guard_state(member, event), *_guard(replay, event)]


def _guard(replay: Replay, event: Event) -> Iterator[Guard]:
    member = replay.members[event.node]
    if event.name in RECEIVE_EVENTS:
        yield from _guard_receive(replay, member, event)
    elif event.name in GUARDS:
        for guard in GUARDS[event.name](member, event):
            yield str(event.name), guard


def _guard_pending(member: Member, event: Event) -> Iterator[Guard]:
    """What the node must show before anything else."""
    if member.expected:
        first = member.expected[0]
        unlike = describe_differences(event.record, first)
        yield str(first["name"]), f"must come next of node {event.node}, and differs: {unlike}"
    if member.proposal:
        yield "append", "a proposal is announced and must be appended before anything else"


def _guard_state(member: Member, event: Event) -> Iterator[Guard]:
    """The state that the event shows, against the node's, where the event does not change it."""
    if event.name in _CHANGING:
        return
    ours = print_event(member.node, event.name)
    names = ("state", "role", "log", "conf")
    shown = {name: event.record[name] for name in names}
    if not member.expected and shown != {name: ours[name] for name in names}:
        unlike = describe_differences(shown, {name: ours[name] for name in names})
        yield "any", f"the state of node {event.node} before the event differs: {unlike}"


def describe_differences(recorded: Json, ours: Json) -> str:
    """Write the fields in which an event differs from ours, with both values."""
    found = differences(recorded, ours)
    parts = [f"{d.field.lstrip('.')} is {d.expected!r}, not {d.actual!r}" for d in found]
    return "; ".join(parts) or "in nothing"


def _guard_init_state(member: Member | None, event: Event) -> Iterator[Guard]:
    name, commit, last = "InitState", event.record["state"]["commit"], event.record["log"]
    if member is None or member.raw is None:
        if commit != last:
            yield name, f"a new node has no entries but its snapshot's: {commit} is not {last}"
        return
    for disk, when in ((member.storage, "with"), (member.earlier, "without")):
        first, end = disk.compacted.index, durable.get_last_index(disk)
        yield (
            name,
            f"{when} its last Ready, its disk is compacted to {first} and ends at {end}; "
            f"applied up to {member.handed_out}; the event has {commit} and {last}",
        )


def _guard_receive(replay: Replay, member: Member, event: Event) -> Iterator[Guard]:
    """The message was never sent, or sent otherwise, or does not lead to what is shown."""
    wanted, name = event.record["msg"], str(event.name)
    sent = [print_message(m) for m in (*member.own, *replay.network.values())]
    to_us = [message for message in sent if message["to"] == str(event.node)]
    if wanted in to_us:
        term = member.node.term
        if wanted["term"] < term:
            yield name, f"term stale: the message is of {wanted['term']}, the node in {term}"
        return
    if wanted in map(print_message, replay.network.values()):
        yield name, f"the message was sent to node {wanted['to']}, not to {event.node}"
    pending = {n: m for n, m in replay.members.items() if m.raw is not None}
    for number, other in pending.items():
        waiting = [*other.node.messages, *other.node.messages_after_append]
        if any(print_message(message) == wanted for message in waiting):
            yield name, f"node {number} has the message ready, and no Ready of it came since"
            return
    alike = [m for m in to_us if (m["type"], m["from"]) == (wanted["type"], wanted["from"])]
    nearest = min(alike or to_us, key=lambda m: _count_unlike(wanted, m), default=None)
    if nearest is None:
        yield name, f"the message was never sent, and none else to node {event.node}"
    else:
        unlike = describe_differences(wanted, nearest)
        yield name, f"the message was never sent; the nearest that was differs: {unlike}"


def _count_unlike(wanted: Json, message: Json) -> int:
    """Count the fields that differ; among equals the nearest index wins."""
    fields: int = sum(wanted[name] != message[name] for name in wanted)
    return fields * 1_000_000 + abs(int(wanted["index"]) - int(message["index"]))
