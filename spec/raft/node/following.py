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
    send(node, rejection)


def handle_heartbeat(node: Node, heartbeat: Message) -> None:
    """Commit as far as the leader says, and return its context."""
    logs.commit_to(node.log, heartbeat.commit)
    answer = Message(MessageType.HEARTBEAT_RESP, to=heartbeat.sender, context=heartbeat.context)
    send(node, answer)


def handle_snapshot(node: Node, message: Message) -> None:
    """Restore from the snapshot if it brings news, and answer with where the log stands."""
    restored = _restore(node, message.snapshot or NO_SNAPSHOT)
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
        logs.commit_to(node.log, snapshot.index)
        return False
    logs.restore(node.log, snapshot)
    restore_configuration(node, snapshot.configuration)
    return True
