"""Linearizable reads: from which index on a read sees everything committed before it.

A leader first makes sure that it still leads: it asks a quorum (safe), or trusts its lease.
Sources: Raft thesis 6.4; go.etcd.io/raft v3.6 (read_only.go, raft.go).
"""

from planespec.spec.raft.node.messages import (
    NO_NODE,
    Message,
    MessageType,
    ReadRequest,
    ReadState,
)
from planespec.spec.raft.node.outbox import send
from planespec.spec.raft.node.replication import broadcast_heartbeat, has_committed_in_term
from planespec.spec.raft.node.state import Node, ReadOnlyOption, is_singleton
from planespec.spec.raft.quorum import VoteResult, compute_joint_vote


def handle_read_index(node: Node, request: Message) -> None:
    """Answer a read as leader: at once when alone, later when a quorum must confirm.

    Until an entry of its own term is committed, a leader does not know the commit index.
    """
    if is_singleton(node):
        _answer(node, request, node.log.committed)
    elif has_committed_in_term(node):
        _confirm(node, request)
    else:
        node.postponed_reads.append(request)


def release_postponed_reads(node: Node) -> None:
    """Take up the reads that waited for the first commit of this term."""
    postponed, node.postponed_reads = node.postponed_reads, []
    for request in postponed:
        _confirm(node, request)


def _confirm(node: Node, request: Message) -> None:
    if node.config.read_only_option is ReadOnlyOption.LEASE_BASED:
        _answer(node, request, node.log.committed)
        return
    context = get_context(request)
    waiting = node.read_requests.setdefault(context, ReadRequest(request, node.log.committed))
    waiting.acknowledged[node.id] = True
    broadcast_heartbeat(node, context)


def get_latest_context(node: Node) -> str:
    """Return the context of the read that came last, for heartbeats to carry."""
    return next(reversed(node.read_requests), "")


def handle_confirmation(node: Node, response: Message) -> None:
    """Count a heartbeat's answer; a confirmed read confirms all that came before it."""
    if node.config.read_only_option is not ReadOnlyOption.SAFE or not response.context:
        return
    waiting = node.read_requests.get(response.context)
    if waiting is None:
        return
    waiting.acknowledged[response.sender] = True
    voters, outgoing = node.configuration.voters, node.configuration.outgoing
    if compute_joint_vote(voters, outgoing, waiting.acknowledged) is VoteResult.WON:
        _answer_up_to(node, response.context)


def _answer_up_to(node: Node, context: str) -> None:
    contexts = list(node.read_requests)
    for confirmed in contexts[: contexts.index(context) + 1]:
        waiting = node.read_requests.pop(confirmed)
        _answer(node, waiting.request, waiting.index)


def _answer(node: Node, request: Message, index: int) -> None:
    if request.sender in (NO_NODE, node.id):
        node.read_states.append(ReadState(index, get_context(request)))
        return
    answer = Message(
        MessageType.READ_INDEX_RESP,
        to=request.sender,
        index=index,
        entries=request.entries,
    )
    send(node, answer)


def get_context(request: Message) -> str:
    """Return the context of a read, which travels as the data of its one entry."""
    return request.entries[0].data
