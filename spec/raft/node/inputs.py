"""What a host may tell its node, and the passing of time.

Source: go.etcd.io/raft v3.6 (rawnode.go). Every function here may raise ProposalDroppedError where
`step` does.
"""

from planespec.spec.raft.node.elections import is_promotable
from planespec.spec.raft.node.messages import (
    LOCAL_MESSAGES,
    NO_NODE,
    RESPONSES,
    STORAGE_THREADS,
    ConfChange,
    Entry,
    EntryType,
    Message,
    MessageType,
)
from planespec.spec.raft.node.state import Node, Role
from planespec.spec.raft.node.step import step


class StepRefusedError(ValueError):
    """A message that does not come from where it could come from; the node is unchanged."""


def receive(node: Node, message: Message) -> None:
    """Take a message from the network.

    StepRefusedError when it is one that nodes only send to themselves, or an answer from a node
    that is not a member.
    """
    if message.sender not in STORAGE_THREADS:
        if message.type in LOCAL_MESSAGES:
            raise StepRefusedError("raft: cannot step raft local message")
        if message.type in RESPONSES and message.sender not in node.progress:
            raise StepRefusedError("raft: cannot step as peer not found")
    step(node, message)


def campaign(node: Node) -> None:
    """Start an election at once, with a pre-vote where that is switched on."""
    step(node, Message(MessageType.HUP))


def propose_data(node: Node, data: str) -> None:
    """Ask for `data` to be appended; a follower forwards it to its leader."""
    step(node, Message(MessageType.PROP, sender=node.id, entries=(Entry(data=data),)))


def propose_conf_change(node: Node, change: ConfChange, *, version: int) -> None:
    """Ask for a membership change in its version 1 or 2 to be appended."""
    kind = EntryType.CONF_CHANGE if version == 1 else EntryType.CONF_CHANGE_V2
    step(node, Message(MessageType.PROP, entries=(Entry(type=kind, change=change),)))


def read_index(node: Node, context: str) -> None:
    """Ask from which index on a read is linearizable; the answer is a ReadState."""
    step(node, Message(MessageType.READ_INDEX, entries=(Entry(data=context),)))


def transfer_leader(node: Node, to: int) -> None:
    """Ask the leader to hand leadership to `to`."""
    step(node, Message(MessageType.TRANSFER_LEADER, sender=to))


def forget_leader(node: Node) -> None:
    """Let a follower vote for others in its term, as if it had not heard of its leader."""
    step(node, Message(MessageType.FORGET_LEADER))


def report_unreachable(node: Node, peer: int) -> None:
    """Say that the last message to `peer` did not arrive."""
    step(node, Message(MessageType.UNREACHABLE, sender=peer))


def report_snapshot(node: Node, peer: int, *, arrived: bool) -> None:
    """Say whether the snapshot sent to `peer` arrived and was installed."""
    step(node, Message(MessageType.SNAP_STATUS, sender=peer, reject=not arrived))


# Time passes: election timeouts, heartbeats, and the leader's check of its quorum.
#
# Source: go.etcd.io/raft v3.6 (raft.go: tickElection, tickHeartbeat).


def tick(node: Node) -> None:
    """Let one tick pass."""
    node.election_elapsed += 1
    if node.role is Role.LEADER:
        _tick_as_leader(node)
    elif is_promotable(node) and node.election_elapsed >= node.randomized_election_timeout:
        node.election_elapsed = 0
        step(node, Message(MessageType.HUP, sender=node.id))


def _tick_as_leader(node: Node) -> None:
    node.heartbeat_elapsed += 1
    if node.election_elapsed >= node.config.election_tick:
        _end_election_timeout(node)
    if node.role is Role.LEADER and node.heartbeat_elapsed >= node.config.heartbeat_tick:
        node.heartbeat_elapsed = 0
        step(node, Message(MessageType.BEAT, sender=node.id))


def _end_election_timeout(node: Node) -> None:
    """Check the quorum, and give up a transfer of leadership that took too long."""
    node.election_elapsed = 0
    if node.config.check_quorum:
        step(node, Message(MessageType.CHECK_QUORUM, sender=node.id))
    if node.role is Role.LEADER:
        node.lead_transferee = NO_NODE
