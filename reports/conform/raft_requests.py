"""Requests of a leader in a trace: what it may send, whenever it chooses to.

When a leader sends what depends on flow control, time and version, none of which a trace shows.
What it may send does not: entries of its own log, its commit index, a snapshot it has.
"""

from collections.abc import Container

from planespec.reports.conform.raft_member import Member, Unexplained
from planespec.reports.conform.raft_trace_form import Event, parse_node
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.messages import Message, MessageType, Snapshot
from planespec.spec.raft.node.state import Role


def make_request(member: Member, event: Event, prepared: Container[int]) -> Message:
    """Return the request that the leader may send where the trace has one.

    Its length, position and target are the trace's, everything else is the node's own. Nodes in
    `prepared` began with a configuration of their host's, so they may be its learners.
    Raises Unexplained with the guard that keeps the node from it.
    """
    node, recorded = member.node, event.record["msg"]
    to = parse_node(recorded["to"])
    if node.role is not Role.LEADER:
        raise Unexplained(str(event.name), "only a leader sends requests")
    if to not in node.progress and to in prepared and member.number in prepared:
        member.learn_of_learner(to)
    if to not in node.progress or to == node.id:
        raise Unexplained(str(event.name), "the receiver is no other member")
    match recorded["type"]:
        case MessageType.APP:
            return _make_append(member, to, recorded["index"], recorded["entries"])
        case MessageType.HEARTBEAT:
            commit = min(node.progress[to].match, node.log.committed)
            return _make(member, MessageType.HEARTBEAT, to, commit=commit)
        case MessageType.SNAP:
            return _make_snapshot(member, to, recorded["entries"])
    raise Unexplained(str(event.name), f"{recorded['type']} is no request of a leader")


def _make(
    member: Member,
    kind: MessageType,
    to: int,
    *,
    commit: int = 0,
    snapshot: Snapshot | None = None,
) -> Message:
    node = member.node
    return Message(kind, to=to, sender=node.id, term=node.term, commit=commit, snapshot=snapshot)


def _make_append(member: Member, to: int, index: int, count: int) -> Message:
    node = member.node
    log_term = logs.get_term(node.log, index)
    if log_term is None:
        raise Unexplained("SendAppendEntriesRequest", "the log does not reach the index")
    entries = logs.get_entries(node.log, index + 1, index + count + 1) or ()
    return Message(
        MessageType.APP,
        to=to,
        sender=node.id,
        term=node.term,
        index=index,
        log_term=log_term,
        entries=entries,
        commit=node.log.committed,
    )


def _make_snapshot(member: Member, to: int, index: int) -> Message:
    """A snapshot holds what is applied, with the configuration in force at its index."""
    node = member.node
    member.settle_applied()
    term = logs.get_term(node.log, index)
    if term is None or not 0 < index <= node.log.applied:
        raise Unexplained("SendAppendEntriesRequest", "nothing is applied up to the snapshot")
    at = max(known for known in member.configurations if known <= index)
    snapshot = Snapshot(index, term, member.configurations[at])
    return _make(member, MessageType.SNAP, to, snapshot=snapshot)
