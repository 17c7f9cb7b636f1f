"""A leader brings its followers up to its log: appends, snapshots, heartbeats, and the commit.

Source: go.etcd.io/raft v3.6 (raft.go: maybeSendAppend, sendHeartbeat, appendEntry, maybeCommit).
"""

from collections.abc import Sequence
from dataclasses import replace

from planespec.spec.raft.follower_progress import (
    ProgressState,
    become_snapshot,
    is_paused,
    is_window_full,
    record_sent_entries,
)
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.messages import Entry, EntryType, Level, Message, MessageType
from planespec.spec.raft.node.outbox import TraceEvent, observe, send
from planespec.spec.raft.node.state import Node
from planespec.spec.raft.quorum import compute_joint_commit


def send_append(node: Node, to: int, *, even_if_empty: bool = True) -> bool:
    """Send what `to` has not got yet, or a snapshot when the log does not reach back so far.

    An append without entries still tells the commit index. Nothing is sent while the flow is
    paused. Returns whether anything was sent. The limit of one append is by bytes in the library.
    """
    progress = node.progress[to]
    if is_paused(progress):
        return False
    limit = node.limit_append(node, to) if node.limit_append is not None else None
    previous = progress.next - 1
    previous_term = logs.get_term(node.log, previous)
    if previous_term is None:
        return _send_snapshot(node, to)
    entries: tuple[Entry, ...] | None = ()
    # A full window still lets an empty append through: when all that filled it was lost, its
    # answer is what empties the window.
    if progress.state is not ProgressState.REPLICATE or not is_window_full(progress):
        end = logs.get_last_index(node.log) + 1
        entries = logs.get_entries(node.log, progress.next, end) if progress.next < end else ()
    if not entries and not even_if_empty:
        return False
    if entries is None:
        return _send_snapshot(node, to)
    _send_entries(node, to, previous, previous_term, entries[:limit])
    return True


def _send_entries(
    node: Node, to: int, previous: int, previous_term: int, entries: tuple[Entry, ...]
) -> None:
    append = Message(
        MessageType.APP,
        to=to,
        index=previous,
        log_term=previous_term,
        entries=entries,
        commit=node.log.committed,
    )
    send(node, append)
    sent = record_sent_entries(node.progress[to], len(entries))
    node.progress[to] = replace(sent, sent_commit=node.log.committed)


def _send_snapshot(node: Node, to: int) -> bool:
    if not node.progress[to].recent_active:
        form = "ignore sending snapshot to %x since it is not recently active"
        logs.note(node.log, Level.DEBUG, form, to)
        return False
    snapshot = logs.get_snapshot(node.log)
    if snapshot.index == 0:
        raise Panic("need non-empty snapshot")
    form = "%x [firstindex: %d, commit: %d] sent snapshot[index: %d, term: %d] to %x [%s]"
    own = (node.id, logs.get_first_index(node.log), node.log.committed)
    about = (snapshot.index, snapshot.term, to, node.progress[to])
    logs.note(node.log, Level.DEBUG, form, *own, *about)
    node.progress[to] = become_snapshot(node.progress[to], snapshot.index)
    form = "%x paused sending replication messages to %x [%s]"
    logs.note(node.log, Level.DEBUG, form, node.id, to, node.progress[to])
    send(node, Message(MessageType.SNAP, to=to, snapshot=snapshot))
    return True


def broadcast_append(node: Node) -> None:
    """Send an append to every other member, in order of their numbers."""
    for to in get_others(node):
        send_append(node, to)


def broadcast_heartbeat(node: Node, context: str) -> None:
    """Send a heartbeat to every other member; `context` names a read to be confirmed.

    A follower is told to commit no further than it is known to match.
    """
    for to in get_others(node):
        commit = min(node.progress[to].match, node.log.committed)
        send(node, Message(MessageType.HEARTBEAT, to=to, commit=commit, context=context))
        node.progress[to] = replace(node.progress[to], sent_commit=commit)


def get_others(node: Node) -> list[int]:
    """Return the other members in order of their numbers."""
    return [member for member in sorted(node.progress) if member != node.id]


def append_entries(node: Node, entries: Sequence[Entry]) -> None:
    """Append proposed entries in the present term, and acknowledge them to oneself.

    The acknowledgement arrives once the entries are durable, as a follower's would.
    """
    last = logs.get_last_index(node.log)
    numbered = [
        replace(entry, index=last + position, term=node.term)
        for position, entry in enumerate(entries, start=1)
    ]
    for entry in numbered:
        if entry.type is EntryType.NORMAL:
            observe(node, TraceEvent.REPLICATE)
    logs.append(node.log, numbered)
    send(node, Message(MessageType.APP_RESP, to=node.id, index=logs.get_last_index(node.log)))


def try_commit(node: Node) -> bool:
    """Commit what a quorum holds, if its last entry is of this term (Raft paper 5.4.2)."""
    advanced = _advance_commit_index(node)
    observe(node, TraceEvent.COMMIT)
    return advanced


def _advance_commit_index(node: Node) -> bool:
    matches = {member: progress.match for member, progress in node.progress.items()}
    quorum_index = compute_joint_commit(
        node.configuration.voters, node.configuration.outgoing, matches
    )
    if quorum_index <= node.log.committed:
        return False
    if logs.get_term(node.log, quorum_index) != node.term:
        return False
    logs.commit_to(node.log, quorum_index)
    return True


def has_committed_in_term(node: Node) -> bool:
    """Return whether an entry of the present term is committed."""
    return logs.get_term(node.log, node.log.committed) == node.term
