"""What the node asks of its host, and what follows when the host has done it.

The host writes entries, hard state and snapshot durably, then sends the messages, applies the
committed entries, and calls `advance`. With asynchronous storage it is asked by messages instead
(`asynchronous`) and answers by those that they carry. Source: go.etcd.io/raft v3.6 (rawnode.go).
"""

from dataclasses import dataclass, field, replace

from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.messages import (
    APPEND_THREAD,
    APPLY_THREAD,
    EMPTY_HARD_STATE,
    Entry,
    HardState,
    Message,
    MessageType,
    ReadState,
    Snapshot,
)
from planespec.spec.raft.node.outbox import TraceEvent, observe
from planespec.spec.raft.node.proposals import ProposalDroppedError
from planespec.spec.raft.node.state import Node, Role, get_hard_state
from planespec.spec.raft.node.step import step


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
    role: tuple[int, Role] | None = None
    """Leader and role; None when they have not changed. Nothing is to be done about them."""
    must_sync: bool = False
    """Whether what is to be made durable must be before anything leaves."""


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
        or _get_entries_to_apply(node)
        or node.read_states
    )


def _get_entries_to_apply(node: Node) -> tuple[Entry, ...]:
    """Return what may be applied: at most one entry at a time where that is asked for.

    With asynchronous storage an entry is only applied when it is durable on this node, too.
    """
    if node.config.apply_one_by_one:
        if node.log.applying > node.log.applied:
            return ()
        return logs.get_entries_to_apply(node.log, only_durable=node.config.asynchronous_storage)[
            :1
        ]
    return logs.get_entries_to_apply(node.log, only_durable=node.config.asynchronous_storage)


def take_ready(raw: RawNode) -> Ready:
    """Hand the work out; the host must do it and call `advance` before it asks again.

    With asynchronous storage it need not, and must not call `advance`.
    """
    node = raw.node
    hard_state, told = get_hard_state(node), raw.hard_state_told
    entries = logs.get_entries_to_write(node.log)
    voted_anew = (hard_state.term, hard_state.vote) != (told.term, told.vote)
    ready = Ready(
        entries=entries,
        hard_state=None if hard_state == told else hard_state,
        snapshot=logs.get_snapshot_to_install(node.log),
        messages=tuple(node.messages),
        committed_entries=_get_entries_to_apply(node),
        read_states=tuple(node.read_states),
        role=None if raw.role_told == (node.lead, node.role) else (node.lead, node.role),
        must_sync=bool(entries) or voted_anew,
    )
    ready = replace(ready, messages=(*ready.messages, *_list_later_messages(node, ready)))
    _accept(raw, ready)
    return ready


def _list_later_messages(node: Node, ready: Ready) -> tuple[Message, ...]:
    if node.config.asynchronous_storage:
        return make_storage_messages(node, ready)
    return tuple(m for m in node.messages_after_append if m.to != node.id)


def make_storage_messages(node: Node, ready: Ready) -> tuple[Message, ...]:
    """Ask by messages for what is to be made durable and to be applied.

    Each carries what is to be sent when it is done, in order.
    """
    asked: list[Message] = []
    if ready.entries or ready.hard_state or ready.snapshot or node.messages_after_append:
        state = ready.hard_state or EMPTY_HARD_STATE
        answers = [*node.messages_after_append, *_list_append_responses(node, ready)]
        append = Message(
            MessageType.STORAGE_APPEND,
            to=APPEND_THREAD,
            sender=node.id,
            term=state.term,
            vote=state.vote,
            commit=state.commit,
            entries=ready.entries,
            snapshot=ready.snapshot,
            responses=tuple(answers),
        )
        asked.append(append)
    if ready.committed_entries:
        apply = Message(
            MessageType.STORAGE_APPLY,
            to=APPLY_THREAD,
            sender=node.id,
            entries=ready.committed_entries,
            responses=(_make_apply_response(node, ready),),
        )
        asked.append(apply)
    return tuple(asked)


def _list_append_responses(node: Node, ready: Ready) -> list[Message]:
    is_due = node.log.unstable or ready.snapshot is not None
    return [_make_append_response(node, ready)] if is_due else []


def _make_apply_response(node: Node, ready: Ready) -> Message:
    return Message(
        MessageType.STORAGE_APPLY_RESP,
        to=node.id,
        sender=APPLY_THREAD,
        entries=ready.committed_entries,
    )


def _accept(raw: RawNode, ready: Ready) -> None:
    node = raw.node
    raw.role_told = (node.lead, node.role)
    raw.hard_state_told = ready.hard_state or raw.hard_state_told
    if not node.config.asynchronous_storage:
        raw.on_advance = [m for m in node.messages_after_append if m.to == node.id]
        raw.on_advance += _list_append_responses(node, ready)
        raw.on_advance += [_make_apply_response(node, ready)] if ready.committed_entries else []
    if ready.committed_entries:
        node.log.applying = ready.committed_entries[-1].index
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
        sender=APPEND_THREAD,
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
