"""Handing leadership over to a chosen follower (thesis 3.10).

Source: go.etcd.io/raft v3.6 (raft.go: stepLeader for MsgTransferLeader).
"""

from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.messages import Message, MessageType
from planespec.spec.raft.node.outbox import send
from planespec.spec.raft.node.replication import send_append
from planespec.spec.raft.node.state import Node


def start_transfer(node: Node, to: int) -> None:
    """Hand leadership to `to`: bring it up to date first, then let it campaign at once.

    Proposals are dropped meanwhile. A transfer in progress gives way to one to another node;
    learners and the leader itself are no targets.
    """
    if node.progress[to].is_learner or to == node.lead_transferee:
        return
    if to == node.id:
        node.lead_transferee = 0
        return
    node.election_elapsed = 0
    node.lead_transferee = to
    if is_up_to_date_follower(node, to):
        send_timeout_now(node, to)
    else:
        send_append(node, to)


def continue_transfer(node: Node, follower: int) -> None:
    """Let the target campaign as soon as it has everything."""
    if follower == node.lead_transferee and is_up_to_date_follower(node, follower):
        send_timeout_now(node, follower)


def is_up_to_date_follower(node: Node, follower: int) -> bool:
    """Return whether the follower is known to have the whole log."""
    return node.progress[follower].match == logs.get_last_index(node.log)


def send_timeout_now(node: Node, to: int) -> None:
    """Tell `to` to start an election without waiting."""
    send(node, Message(MessageType.TIMEOUT_NOW, to=to))
