"""The flow of a leader's requests in a trace, as far as the trace shows it.

What a leader sends, and when, follows from what it received, except for what a trace does not
show: limits of size, snapshots that its host takes, messages to it that are not traced, and what
its host tells it about the network. The first two are read off the next events of the node; the
others are searched (`raft_hindsight`).
"""

from planespec.reports.judge.raft.traces.raft_member import Member, Sizes, Unexplained
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node import storage as durable
from planespec.spec.raft.node.messages import MessageType, Snapshot
from planespec.spec.raft.node.outbox import TraceEvent


def limit_append(member: Member, to: int) -> int | None:
    """Return how many entries the append may have: as many as the trace has at this place.

    None for no limit. Where the trace has a snapshot, the host takes it now and compacts.
    """
    event = member.at
    for _ in member.expected:
        event = event.upcoming if event is not None else None
    if event is None or event.name is not TraceEvent.SEND_APPEND_ENTRIES_REQUEST:
        return None
    message = event.record["msg"]
    if message["to"] != str(to):
        return None
    if message["type"] == MessageType.SNAP:
        _take_snapshot(member, to, message["entries"])
        return None
    return _check_size(member, to, message["entries"])


def _check_size(member: Member, to: int, count: int) -> int | None:
    """Return `count`, or None where appends of the same term tell that one entry more fits.

    Sizes of entries are not traced, but what fitted once fits again.
    """
    node, first = member.node, member.node.progress[to].next
    last = logs.get_last_index(node.log)
    sizes = member.sizes.setdefault(node.term, Sizes())
    if 0 < count <= last - first:
        if sizes.is_known_to_fit(first, first + count):
            return None
        sizes.too_long.append((first, first + count))
    elif count and sizes.is_known_too_long(first, last):
        raise Unexplained(
            "SendAppendEntriesRequest", "an append of fewer of these entries was cut short"
        )
    if count:
        sizes.fitting.append((first, first + count - 1))
    return count or None


def _take_snapshot(member: Member, to: int, index: int) -> None:
    """Let the host hold a snapshot at `index`, and no longer the entry that `to` needs next."""
    member.settle_applied()
    log, following = member.node.log, member.node.progress[to].next
    term = logs.get_term(log, index)
    if term is None or not 0 < index <= log.applied:
        return
    at = max((known for known in member.configurations if known <= index), default=None)
    if at is None:
        return
    compacted = min(following, index, durable.get_last_index(member.storage))
    if member.may_compact_to(compacted):
        member.storage.snapshot = Snapshot(index, term, member.configurations[at])
        member.compact_to(compacted)
