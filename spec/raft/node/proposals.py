"""What a leader appends when it is asked to, and how it guards membership changes.

Source: go.etcd.io/raft v3.6 (raft.go: stepLeader for MsgProp, appliedTo).
"""

from planespec.spec.raft.confchange import is_joint
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.messages import (
    NO_ENTRY,
    NO_NODE,
    ConfChange,
    Entry,
    EntryType,
)
from planespec.spec.raft.node.notes import Level
from planespec.spec.raft.node.replication import append_entries, broadcast_append
from planespec.spec.raft.node.state import Node, Role
from planespec.spec.raft.node.tracing import TraceEvent, observe


class ProposalDroppedError(ValueError):
    """The proposal was not taken; whoever made it may try again."""

    def __init__(self) -> None:
        super().__init__("raft proposal dropped")


def propose(node: Node, entries: tuple[Entry, ...]) -> None:
    """Append entries as leader and send them; ProposalDroppedError when that cannot be.

    A leader that was removed, or is handing leadership over, takes nothing. A membership change
    that may not follow the present one is appended as an empty entry.
    """
    if not entries:
        raise logs.Panic(f"{node.id:x} stepped empty MsgProp")
    if node.id not in node.progress:
        raise ProposalDroppedError
    if node.lead_transferee != NO_NODE:
        form = "%x [term %d] transfer leadership to %x is in progress; dropping proposal"
        logs.note(node.log, Level.DEBUG, form, node.id, node.term, node.lead_transferee)
        raise ProposalDroppedError
    start = logs.get_last_index(node.log) + 1
    taken = [_guard(node, entry, index) for index, entry in enumerate(entries, start=start)]
    append_entries(node, taken)
    broadcast_append(node)


def _guard(node: Node, entry: Entry, index: int) -> Entry:
    if entry.type is EntryType.NORMAL:
        return entry
    change = entry.change or ConfChange()
    obstacle = _find_obstacle(node, change)
    if obstacle and node.config.validate_conf_changes:
        form = f"%x ignoring conf change %s at config %s: {obstacle}"
        logs.note(node.log, Level.INFO, form, node.id, change, node.configuration)
        return NO_ENTRY
    node.pending_conf_index = index
    if entry.change is not None and entry.change.changes:
        observe(node, TraceEvent.CHANGE_CONF, entry.change)
    return entry


def _find_obstacle(node: Node, change: ConfChange) -> str:
    """Say why the change may not follow; empty when nothing is known against it.

    No other change may be pending, and a joint configuration can only be left.
    """
    if node.pending_conf_index > node.log.applied:
        pending, applied = node.pending_conf_index, node.log.applied
        return f"possible unapplied conf change at index {pending} (applied to {applied})"
    if is_joint(node.configuration) and change.changes:
        return "must transition out of joint config first"
    if not is_joint(node.configuration) and not change.changes:
        return "not in joint state; refusing empty conf change"
    return ""


def record_applied(node: Node, index: int) -> None:
    """Take note that everything up to `index` is applied; leave a joint configuration if due.

    A leader proposes to leave by itself as soon as the change that entered is applied.
    """
    logs.applied_to(node.log, max(index, node.log.applied))
    due = node.configuration.auto_leave and node.log.applied >= node.pending_conf_index
    if due and node.role is Role.LEADER:
        try:
            propose(node, (Entry(type=EntryType.CONF_CHANGE_V2, change=ConfChange()),))
        except ProposalDroppedError as refusal:
            # Tried again with the next entry applied, unless the next leader does it.
            form = "not initiating automatic transition out of joint configuration %s: %s"
            logs.note(node.log, Level.DEBUG, form, node.configuration, refusal)
            return
        form = "initiating automatic transition out of joint configuration %s"
        logs.note(node.log, Level.INFO, form, node.configuration)
