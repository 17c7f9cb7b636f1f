"""Time passes: election timeouts, heartbeats, and the leader's check of its quorum.

Source: go.etcd.io/raft v3.6 (raft.go: tickElection, tickHeartbeat).
"""

from planespec.spec.raft.node.elections import is_promotable
from planespec.spec.raft.node.messages import NO_NODE, Message, MessageType
from planespec.spec.raft.node.state import Node, Role
from planespec.spec.raft.node.step import step


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
