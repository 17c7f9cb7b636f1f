"""What a follower does with its leader's messages: appends, heartbeats, snapshots.

Source: go.etcd.io/raft v3.6 (raft.go: handleAppendEntries, handleHeartbeat, handleSnapshot).
"""

from planespec.spec.raft.confchange import get_members
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.membership import restore_configuration
from planespec.spec.raft.node.messages import (
    NO_NODE,
    NO_SNAPSHOT,
    Message,
    MessageType,
    Snapshot,
)
from planespec.spec.raft.node.notes import Level
from planespec.spec.raft.node.outbox import send
from planespec.spec.raft.node.roles import become_follower
from planespec.spec.raft.node.state import Node, Role


def handle_append_entries(node: Node, append: Message) -> None:
    """Append what fits, or say where the logs may agree (Raft paper 5.3).

    An append that ends before the commit index is answered with the commit index.
    """
    if append.index < node.log.committed:
        _acknowledge(node, append.sender, node.log.committed)
    elif logs.try_append(node.log, append.index, append.log_term, append.entries, append.commit):
        _acknowledge(node, append.sender, append.index + len(append.entries))
    else:
        _reject(node, append)


def _acknowledge(node: Node, leader: int, index: int) -> None:
    send(node, Message(MessageType.APP_RESP, to=leader, index=index))


def _reject(node: Node, append: Message) -> None:
    """Hint at the last entry up to the append's whose term is not above the append's.

    Nothing later can agree, so the leader skips a whole divergent tail at once.
    """
    start = min(append.index, logs.get_last_index(node.log))
    hint, term = logs.find_conflict_by_term(node.log, start, append.log_term)
    rejection = Message(
        MessageType.APP_RESP,
        to=append.sender,
        index=append.index,
        reject=True,
        reject_hint=hint,
        log_term=term,
    )
    form = "%x [logterm: %d, index: %d] rejected MsgApp [logterm: %d, index: %d] from %x"
    ours = logs.get_term(node.log, append.index) or 0
    about = (node.id, ours, append.index, append.log_term, append.index, append.sender)
    logs.note(node.log, Level.DEBUG, form, *about)
    send(node, rejection)


def handle_heartbeat(node: Node, heartbeat: Message) -> None:
    """Commit as far as the leader says, and return its context."""
    logs.commit_to(node.log, heartbeat.commit)
    answer = Message(MessageType.HEARTBEAT_RESP, to=heartbeat.sender, context=heartbeat.context)
    send(node, answer)


def handle_snapshot(node: Node, message: Message) -> None:
    """Restore from the snapshot if it brings news, and answer with where the log stands."""
    snapshot = message.snapshot or NO_SNAPSHOT
    restored = _restore(node, snapshot)
    word = "restored" if restored else "ignored"
    form = f"%x [commit: %d] {word} snapshot [index: %d, term: %d]"
    about = (node.id, node.log.committed, snapshot.index, snapshot.term)
    logs.note(node.log, Level.INFO, form, *about)
    index = logs.get_last_index(node.log) if restored else node.log.committed
    _acknowledge(node, message.sender, index)


def _restore(node: Node, snapshot: Snapshot) -> bool:
    """Replace log and membership by the snapshot's; False when it is not needed or not ours."""
    if snapshot.index <= node.log.committed:
        return False
    if node.role is not Role.FOLLOWER:
        become_follower(node, node.term + 1, NO_NODE)
        return False
    if node.id not in get_members(snapshot.configuration):
        return False
    if logs.get_term(node.log, snapshot.index) == snapshot.term:
        # The log has it all; the snapshot proves that much of it is committed.
        _note_restore(node, "fast-forwarded commit to", snapshot)
        logs.commit_to(node.log, snapshot.index)
        return False
    logs.restore(node.log, snapshot)
    restore_configuration(node, snapshot.configuration)
    _note_restore(node, "restored", snapshot)
    return True


def _note_restore(node: Node, what: str, snapshot: Snapshot) -> None:
    form = f"%x [commit: %d, lastindex: %d, lastterm: %d] {what} snapshot [index: %d, term: %d]"
    log = node.log
    own = (node.id, log.committed, logs.get_last_index(log), logs.get_last_term(log))
    logs.note(log, Level.INFO, form, *own, snapshot.index, snapshot.term)
