"""Handing leadership over to a chosen follower (thesis 3.10).

Source: go.etcd.io/raft v3.6 (raft.go: stepLeader for MsgTransferLeader).
"""

from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.messages import NO_NODE, Message, MessageType
from planespec.spec.raft.node.notes import Level
from planespec.spec.raft.node.outbox import send
from planespec.spec.raft.node.replication import send_append
from planespec.spec.raft.node.state import Node


def start_transfer(node: Node, to: int) -> None:
    """Hand leadership to `to`: bring it up to date first, then let it campaign at once.

    Proposals are dropped meanwhile. A transfer in progress gives way to one to another node;
    learners and the leader itself are no targets.
    """
    if not _may_start(node, to):
        return
    form = "%x [term %d] starts to transfer leadership to %x"
    logs.note(node.log, Level.INFO, form, node.id, node.term, to)
    node.election_elapsed = 0
    node.lead_transferee = to
    if is_up_to_date_follower(node, to):
        send_timeout_now(node, to)
        form = "%x sends MsgTimeoutNow to %x immediately as %x already has up-to-date log"
        logs.note(node.log, Level.INFO, form, node.id, to, to)
    else:
        send_append(node, to)


def _may_start(node: Node, to: int) -> bool:
    """Return whether `to` is a target; a transfer to another node ends in any case."""
    if node.progress[to].is_learner:
        form = "%x is learner. Ignored transferring leadership"
        logs.note(node.log, Level.DEBUG, form, node.id)
        return False
    if to == node.lead_transferee:
        form = (
            "%x [term %d] transfer leadership to %x is in progress, ignores request to same "
            "node %x"
        )
        logs.note(node.log, Level.INFO, form, node.id, node.term, to, to)
        return False
    if node.lead_transferee != NO_NODE:
        form = "%x [term %d] abort previous transferring leadership to %x"
        logs.note(node.log, Level.INFO, form, node.id, node.term, node.lead_transferee)
        node.lead_transferee = NO_NODE
    if to == node.id:
        form = "%x is already leader. Ignored transferring leadership to self"
        logs.note(node.log, Level.DEBUG, form, node.id)
        return False
    return True


def continue_transfer(node: Node, follower: int) -> None:
    """Let the target campaign as soon as it has everything."""
    if follower == node.lead_transferee and is_up_to_date_follower(node, follower):
        form = "%x sent MsgTimeoutNow to %x after received MsgAppResp"
        logs.note(node.log, Level.INFO, form, node.id, follower)
        send_timeout_now(node, follower)


def is_up_to_date_follower(node: Node, follower: int) -> bool:
    """Return whether the follower is known to have the whole log."""
    return node.progress[follower].match == logs.get_last_index(node.log)


def send_timeout_now(node: Node, to: int) -> None:
    """Tell `to` to start an election without waiting."""
    send(node, Message(MessageType.TIMEOUT_NOW, to=to))
