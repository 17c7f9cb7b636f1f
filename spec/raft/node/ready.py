"""What the node asks of its host, and what follows when the host has done it.

The host writes entries, hard state and snapshot durably, then sends the messages, applies the
committed entries, and calls `advance`. Source: go.etcd.io/raft v3.6 (rawnode.go), with
synchronous storage writes.
"""

from dataclasses import dataclass, field

from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.messages import (
    EMPTY_HARD_STATE,
    Entry,
    HardState,
    Message,
    MessageType,
    ReadState,
    Snapshot,
)
from planespec.spec.raft.node.proposals import ProposalDroppedError
from planespec.spec.raft.node.state import Node, Role, get_hard_state
from planespec.spec.raft.node.step import step
from planespec.spec.raft.node.tracing import TraceEvent, observe


@dataclass(frozen=True, slots=True)
class Ready:
    """Work for the host, in the order of the fields."""

    entries: tuple[Entry, ...] = ()
    """To be made durable, replacing the log from the first of them on."""
    hard_state: HardState | None = None
    """To be made durable; None when it has not changed."""
    snapshot: Snapshot | None = None
    """To be installed and made durable."""
    messages: tuple[Message, ...] = ()
    """To be sent once all of the above is durable."""
    committed_entries: tuple[Entry, ...] = ()
    """To be applied."""
    read_states: tuple[ReadState, ...] = ()
    """Reads that may be answered once their index is applied."""


@dataclass(slots=True)
class RawNode:
    """A node with what its host was told last."""

    node: Node
    role_told: tuple[int, Role]
    """Leader and role, as the host knows them."""
    hard_state_told: HardState
    on_advance: list[Message] = field(default_factory=list)
    """What the node tells itself when the host has done its work."""


def wrap(node: Node) -> RawNode:
    """Return a node that has nothing to tell yet."""
    return RawNode(node, (node.lead, node.role), get_hard_state(node))


def has_ready(raw: RawNode) -> bool:
    """Return whether there is work for the host."""
    node = raw.node
    hard_state = get_hard_state(node)
    return bool(
        raw.role_told != (node.lead, node.role)
        or (hard_state not in (EMPTY_HARD_STATE, raw.hard_state_told))
        or logs.get_snapshot_to_install(node.log) is not None
        or node.messages
        or node.messages_after_append
        or logs.get_entries_to_write(node.log)
        or logs.get_entries_to_apply(node.log)
        or node.read_states
    )


def take_ready(raw: RawNode) -> Ready:
    """Hand the work out; the host must do it and call `advance` before it asks again."""
    node = raw.node
    hard_state = get_hard_state(node)
    to_others = tuple(m for m in node.messages_after_append if m.to != node.id)
    ready = Ready(
        entries=logs.get_entries_to_write(node.log),
        hard_state=None if hard_state == raw.hard_state_told else hard_state,
        snapshot=logs.get_snapshot_to_install(node.log),
        messages=(*node.messages, *to_others),
        committed_entries=logs.get_entries_to_apply(node.log),
        read_states=tuple(node.read_states),
    )
    _accept(raw, ready)
    return ready


def _accept(raw: RawNode, ready: Ready) -> None:
    node = raw.node
    raw.role_told = (node.lead, node.role)
    raw.hard_state_told = ready.hard_state or raw.hard_state_told
    raw.on_advance = [m for m in node.messages_after_append if m.to == node.id]
    if node.log.unstable or ready.snapshot is not None:
        raw.on_advance.append(_make_append_response(node, ready))
    if ready.committed_entries:
        last = ready.committed_entries[-1].index
        raw.on_advance.append(Message(MessageType.STORAGE_APPLY_RESP, to=node.id, index=last))
        node.log.applying = last
    node.messages, node.messages_after_append, node.read_states = [], [], []
    logs.mark_writing(node.log)
    observe(node, TraceEvent.READY)


def _make_append_response(node: Node, ready: Ready) -> Message:
    """Attest the whole log as it stands, in the present term.

    In a later term the attestation no longer counts for the entries, since they may have been
    overwritten meanwhile.
    """
    unstable = bool(node.log.unstable)
    return Message(
        MessageType.STORAGE_APPEND_RESP,
        to=node.id,
        term=node.term,
        index=logs.get_last_index(node.log) if unstable else 0,
        log_term=logs.get_last_term(node.log) if unstable else 0,
        snapshot=ready.snapshot,
    )


def advance(raw: RawNode) -> None:
    """Go on after the host has done its work: one's own votes and entries count now."""
    messages, raw.on_advance = raw.on_advance, []
    for message in messages:
        try:
            step(raw.node, message)
        except ProposalDroppedError:
            continue
