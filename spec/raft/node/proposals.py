"""What a leader does when asked: appends, guards of membership changes, reads, handing over.

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
    Level,
    Message,
    MessageType,
    ReadRequest,
    ReadState,
)
from planespec.spec.raft.node.outbox import TraceEvent, observe, send
from planespec.spec.raft.node.replication import (
    append_entries,
    broadcast_append,
    broadcast_heartbeat,
    has_committed_in_term,
    send_append,
)
from planespec.spec.raft.node.state import Node, ReadOnlyOption, Role, is_singleton
from planespec.spec.raft.quorum import VoteResult, compute_joint_vote

LEAVE_JOINT = Entry(type=EntryType.CONF_CHANGE_V2, change=ConfChange())
"""What is proposed to leave a joint configuration."""


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
            propose(node, (LEAVE_JOINT,))
        except ProposalDroppedError as refusal:
            # Tried again with the next entry applied, unless the next leader does it.
            form = "not initiating automatic transition out of joint configuration %s: %s"
            logs.note(node.log, Level.DEBUG, form, node.configuration, refusal)
            return
        form = "initiating automatic transition out of joint configuration %s"
        logs.note(node.log, Level.INFO, form, node.configuration)


# Linearizable reads: from which index on a read sees everything committed before it.
#
# A leader first makes sure that it still leads: it asks a quorum (safe), or trusts its lease.
# Sources: Raft thesis 6.4; go.etcd.io/raft v3.6 (read_only.go, raft.go).


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


# Handing leadership over to a chosen follower (thesis 3.10).
#
# Source: go.etcd.io/raft v3.6 (raft.go: stepLeader for MsgTransferLeader).


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
