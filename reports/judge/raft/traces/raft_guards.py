"""Why no action explains an event: for each action that could have, the guard that blocks it.

Everything is read off the nodes as they are after the longest explained prefix. Guards are
written for people, with the numbers they compare.
"""

from collections.abc import Callable, Iterator

from planespec.reports.judge.raft.traces.raft_member import Member
from planespec.reports.judge.raft.traces.raft_replay import Replay
from planespec.reports.judge.raft.traces.raft_trace_form import (
    Event,
    Json,
    get_new_voters,
    parse_node,
    print_event,
    print_message,
)
from planespec.reports.judge.raft.traces.raft_traced_cluster import RECEIVE_EVENTS
from planespec.reports.judge.runner import differences
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node import storage as durable
from planespec.spec.raft.node.outbox import TraceEvent
from planespec.spec.raft.node.state import Node, Role
from planespec.spec.raft.quorum import compute_joint_commit, compute_quorum_size

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
        return
    if event.name in _GUARDS:
        yield from ((str(event.name), guard) for guard in _GUARDS[event.name](member, event))
    if not member.expected:
        yield from ((str(event.name), f"the node says: {said}") for said in replay.hear(event))


def _guard_pending(member: Member, event: Event) -> Iterator[Guard]:
    """What the node must show before anything else."""
    if member.expected:
        first = member.expected[0]
        unlike = describe_differences(event.record, first)
        yield str(first["name"]), f"must come next of node {event.node}, and differs: {unlike}"


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


# What a node does by itself: what keeps it from that, with the numbers that are compared. What the
# node itself says when it refuses an input is not said again here.


def _guard_become_follower(member: Member, event: Event) -> Iterator[str]:
    node, term = member.node, event.record["state"]["term"]
    if term < node.term:
        yield f"term {term} is earlier than the node's own, {node.term}"
    elif term == node.term:
        yield f"nothing arrived that ends being {node.role} in term {node.term}"
    else:
        yield f"nothing arrived of term {term}, and no untraced message can have"


def _guard_become_candidate(member: Member, event: Event) -> Iterator[str]:
    opened, shown = member.node.term + 1, event.record["state"]["term"]
    if shown != opened:
        yield f"a campaign opens term {opened}, not {shown}"


def _guard_become_leader(member: Member, event: Event) -> Iterator[str]:
    node = member.node
    if node.role is not Role.CANDIDATE:
        yield f"only a candidate is elected; the node is {node.role}"
    granted = {voter for voter, vote in node.votes.items() if vote}
    yield from _count_halves(node, granted, f"votes of term {node.term} granted by")


def _count_halves(node: Node, known: set[int], what: str) -> Iterator[str]:
    for half in (node.configuration.voters, node.configuration.outgoing):
        if half:
            needed = compute_quorum_size(len(half))
            yield (
                f"{what} {sorted(known & half)} of the voters {sorted(half)}: "
                f"{len(known & half)}, {needed} are needed"
            )


def _guard_commit(member: Member, event: Event) -> Iterator[str]:
    node, index = member.node, event.record["state"]["commit"]
    if node.role is not Role.LEADER:
        yield f"only a leader computes the commit index; the node is {node.role}"
        return
    matches = {number: progress.match for number, progress in node.progress.items()}
    halves = (node.configuration.voters, node.configuration.outgoing)
    yield (
        f"a quorum holds index {compute_joint_commit(*halves, matches)} by the match indexes "
        f"{dict(sorted(matches.items()))}; committed is {node.log.committed}, shown is {index}"
    )
    yield from _count_halves(
        node, {n for n, match in matches.items() if match >= index}, f"index {index} is held by"
    )
    term = logs.get_term(node.log, index)
    if term != node.term:
        yield f"the entry at {index} is of term {term}, and only those of {node.term} are counted"


def _guard_proposal(member: Member, event: Event) -> Iterator[str]:
    if member.node.role is not Role.LEADER:
        yield f"only a leader appends proposals; the node is {member.node.role}"


def _guard_apply(member: Member, event: Event) -> Iterator[str]:
    entry = member.get_next_conf_change()
    shown = sorted(get_new_voters(event))
    if entry is None:
        yield (
            f"no committed membership change waits: handed out up to {member.handed_out}, "
            f"changes applied up to {member.conf_applied}"
        )
    else:
        yield f"the change at {entry.index} is {entry.change}, which does not lead to {shown}"


def _guard_ready(member: Member, event: Event) -> Iterator[str]:
    if member.own:
        kinds = ", ".join(str(message.type) for message in member.own)
        yield f"the node has not received its own answers after its last Ready: {kinds}"


def _guard_request(member: Member, event: Event) -> Iterator[str]:
    node, to = member.node, parse_node(event.record["msg"]["to"])
    if node.role is not Role.LEADER:
        yield f"only a leader sends requests; the node is {node.role}"
    elif to not in node.progress or to == node.id:
        yield f"node {to} is no other member; those are {sorted(node.progress)}"
    else:
        known = node.progress[to]
        yield (
            f"node {to} matches to {known.match} and is sent {known.next} next ({known.state}, "
            f"{'paused' if known.append_flow_paused else 'not paused'}, "
            f"{len(known.inflights)} in flight); the log ends at {logs.get_last_index(node.log)}"
        )


def _guard_append_answer(member: Member, event: Event) -> Iterator[str]:
    to = event.record["msg"]["to"]
    if to == str(member.number):
        yield from _guard_proposal(member, event)
        yield "nothing was announced that the leader would acknowledge to itself"
    else:
        yield f"no request of node {to} arrived that is still to be answered"


def _guard_vote_request(member: Member, event: Event) -> Iterator[str]:
    yield f"votes are asked for when a campaign begins; the node is {member.node.role}"


def _guard_vote_answer(member: Member, event: Event) -> Iterator[str]:
    node = member.node
    yield (
        f"no vote request of node {event.record['msg']['to']} arrived that is still to be "
        f"answered; the vote of term {node.term} is {node.vote or 'not given'}"
    )


_GUARDS: dict[TraceEvent, Callable[[Member, Event], Iterator[str]]] = {
    TraceEvent.BECOME_FOLLOWER: _guard_become_follower,
    TraceEvent.BECOME_CANDIDATE: _guard_become_candidate,
    TraceEvent.BECOME_LEADER: _guard_become_leader,
    TraceEvent.COMMIT: _guard_commit,
    TraceEvent.REPLICATE: _guard_proposal,
    TraceEvent.CHANGE_CONF: _guard_proposal,
    TraceEvent.APPLY_CONF_CHANGE: _guard_apply,
    TraceEvent.READY: _guard_ready,
    TraceEvent.SEND_APPEND_ENTRIES_REQUEST: _guard_request,
    TraceEvent.SEND_APPEND_ENTRIES_RESPONSE: _guard_append_answer,
    TraceEvent.SEND_REQUEST_VOTE_REQUEST: _guard_vote_request,
    TraceEvent.SEND_REQUEST_VOTE_RESPONSE: _guard_vote_answer,
}
"""For each event that no message announces, what keeps the node from it."""
