"""What a leader does with the messages that reach it, and a follower with its leader's.

Source: go.etcd.io/raft v3.6 (raft.go: stepLeader).
"""

from dataclasses import replace

from planespec.spec.raft.confchange import get_members
from planespec.spec.raft.follower_progress import (
    Progress,
    ProgressState,
    become_probe,
    become_replicate,
    can_bump_commit,
    free_inflights_to,
    record_acknowledgement,
    record_rejection,
)
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.membership import restore_configuration
from planespec.spec.raft.node.messages import (
    NO_NODE,
    NO_SNAPSHOT,
    Level,
    Message,
    MessageType,
    Snapshot,
)
from planespec.spec.raft.node.outbox import send
from planespec.spec.raft.node.proposals import (
    continue_transfer,
    get_latest_context,
    handle_confirmation,
    handle_read_index,
    propose,
    release_postponed_reads,
    start_transfer,
)
from planespec.spec.raft.node.replication import (
    broadcast_append,
    broadcast_heartbeat,
    get_others,
    send_append,
    try_commit,
)
from planespec.spec.raft.node.roles import become_follower
from planespec.spec.raft.node.state import Node, Role
from planespec.spec.raft.quorum import VoteResult, compute_joint_vote


def step_leader(node: Node, message: Message) -> None:
    """Handle one message as leader; an answer of a node that is no member is ignored."""
    match message.type:
        case MessageType.BEAT:
            broadcast_heartbeat(node, get_latest_context(node))
        case MessageType.CHECK_QUORUM:
            check_quorum(node)
        case MessageType.PROP:
            propose(node, message.entries)
        case MessageType.READ_INDEX:
            handle_read_index(node, message)
        case MessageType.FORGET_LEADER:
            return
        case _ if message.sender in node.progress:
            _step_about_member(node, message)
        case _:
            form = "%x no progress available for %x"
            logs.note(node.log, Level.DEBUG, form, node.id, message.sender)


def _step_about_member(node: Node, message: Message) -> None:
    match message.type:
        case MessageType.APP_RESP:
            handle_append_response(node, message)
        case MessageType.HEARTBEAT_RESP:
            handle_heartbeat_response(node, message)
        case MessageType.SNAP_STATUS:
            handle_snapshot_status(node, message)
        case MessageType.UNREACHABLE:
            _handle_unreachable(node, message.sender)
        case MessageType.TRANSFER_LEADER:
            start_transfer(node, message.sender)


def _handle_unreachable(node: Node, to: int) -> None:
    if node.progress[to].state is ProgressState.REPLICATE:
        node.progress[to] = become_probe(node.progress[to])
    form = "%x failed to send message to %x because it is unreachable [%s]"
    logs.note(node.log, Level.DEBUG, form, node.id, to, node.progress[to])


def check_quorum(node: Node) -> None:
    """Step down when no quorum was heard since the last check, and begin to listen anew."""
    active = {
        member: progress.recent_active
        for member, progress in node.progress.items()
        if not progress.is_learner
    }
    halves = (node.configuration.voters, node.configuration.outgoing)
    if compute_joint_vote(*halves, active) is not VoteResult.WON:
        form = "%x stepped down to follower since quorum is not active"
        logs.note(node.log, Level.WARN, form, node.id)
        become_follower(node, node.term, NO_NODE)
    for member in get_others(node):
        node.progress[member] = replace(node.progress[member], recent_active=False)


def handle_append_response(node: Node, response: Message) -> None:
    """Learn how far a follower matches: commit, send more, or go back in its log."""
    follower = response.sender
    node.progress[follower] = replace(node.progress[follower], recent_active=True)
    if response.reject:
        _handle_rejection(node, response)
        return
    known = node.progress[follower]
    updated = record_acknowledgement(known, response.index)
    if updated is None:
        # Not news, except that it ends a probe at the very index that is known to match.
        if known.state is not ProgressState.PROBE or known.match != response.index:
            return
        updated = known
    node.progress[follower] = _resume(node, follower, updated, response.index)
    _send_on(node, follower)
    continue_transfer(node, follower)


def _resume(node: Node, follower: int, progress: Progress, index: int) -> Progress:
    """Replicate from now on when the follower's log is known to connect to ours."""
    if progress.state is ProgressState.PROBE:
        return become_replicate(progress)
    if progress.state is ProgressState.REPLICATE:
        return free_inflights_to(progress, index)
    if progress.match + 1 >= logs.get_first_index(node.log):
        form = (
            "%x recovered from needing snapshot, resumed sending replication messages to %x [%s]"
        )
        logs.note(node.log, Level.DEBUG, form, node.id, follower, progress)
        return become_replicate(become_probe(progress))
    return progress


def _send_on(node: Node, follower: int) -> None:
    """Commit and tell everyone, or tell this follower, then send it all the window allows."""
    if try_commit(node):
        release_postponed_reads(node)
        broadcast_append(node)
    elif follower != node.id and can_bump_commit(node.progress[follower], node.log.committed):
        send_append(node, follower)
    if follower != node.id:
        while send_append(node, follower, even_if_empty=False):
            pass


def _handle_rejection(node: Node, response: Message) -> None:
    """Go back to where the follower's log may agree with ours, and probe there.

    The follower's term at its hint tells more: none of our entries of a later term can be in
    its log up to that index.
    """
    hint = response.reject_hint
    form = "%x received MsgAppResp(rejected, hint: (index %d, term %d)) from %x for index %d"
    about = (node.id, hint, response.log_term, response.sender, response.index)
    logs.note(node.log, Level.DEBUG, form, *about)
    if response.log_term > 0:
        hint, _ = logs.find_conflict_by_term(node.log, hint, response.log_term)
    lowered = record_rejection(node.progress[response.sender], response.index, hint)
    if lowered is None:
        return
    form = "%x decreased progress of %x to [%s]"
    logs.note(node.log, Level.DEBUG, form, node.id, response.sender, lowered)
    if lowered.state is ProgressState.REPLICATE:
        lowered = become_probe(lowered)
    node.progress[response.sender] = lowered
    send_append(node, response.sender)


def handle_heartbeat_response(node: Node, response: Message) -> None:
    """A sign of life lets the flow go on, and may confirm reads."""
    follower = response.sender
    alive = replace(node.progress[follower], recent_active=True, append_flow_paused=False)
    node.progress[follower] = alive
    if alive.match < logs.get_last_index(node.log) or alive.state is ProgressState.PROBE:
        send_append(node, follower)
    handle_confirmation(node, response)


def handle_snapshot_status(node: Node, message: Message) -> None:
    """The host says whether a snapshot arrived; probe from it, or from before it."""
    progress = node.progress[message.sender]
    if progress.state is not ProgressState.SNAPSHOT:
        return
    if message.reject:
        progress = replace(progress, pending_snapshot=0)
    probed = become_probe(progress)
    outcome = "failed" if message.reject else "succeeded"
    form = f"%x snapshot {outcome}, resumed sending replication messages to %x [%s]"
    logs.note(node.log, Level.DEBUG, form, node.id, message.sender, probed)
    # The flow stays paused until the follower's own answer, or for a heartbeat.
    node.progress[message.sender] = replace(probed, append_flow_paused=True)


# What a follower does with its leader's messages: appends, heartbeats, snapshots.
#
# Source: go.etcd.io/raft v3.6 (raft.go: handleAppendEntries, handleHeartbeat, handleSnapshot).


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
    form = "%x [logterm: %d, index: %d] rejected MsgApp [logterm: %d, index: %d] from %x"
    ours = logs.get_term(node.log, append.index) or 0
    about = (node.id, ours, append.index, append.log_term, append.index, append.sender)
    logs.note(node.log, Level.DEBUG, form, *about)
    send(node, rejection)


def handle_heartbeat(node: Node, heartbeat: Message) -> None:
    """Commit as far as the leader says, and return its context."""
    logs.commit_to(node.log, heartbeat.commit)
    answer = Message(MessageType.HEARTBEAT_RESP, to=heartbeat.sender, context=heartbeat.context)
    send(node, answer)


def handle_snapshot(node: Node, message: Message) -> None:
    """Restore from the snapshot if it brings news, and answer with where the log stands."""
    snapshot = message.snapshot or NO_SNAPSHOT
    restored = _restore(node, snapshot)
    word = "restored" if restored else "ignored"
    form = f"%x [commit: %d] {word} snapshot [index: %d, term: %d]"
    about = (node.id, node.log.committed, snapshot.index, snapshot.term)
    logs.note(node.log, Level.INFO, form, *about)
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
        _note_restore(node, "fast-forwarded commit to", snapshot)
        logs.commit_to(node.log, snapshot.index)
        return False
    logs.restore(node.log, snapshot)
    restore_configuration(node, snapshot.configuration)
    _note_restore(node, "restored", snapshot)
    return True


def _note_restore(node: Node, what: str, snapshot: Snapshot) -> None:
    form = f"%x [commit: %d, lastindex: %d, lastterm: %d] {what} snapshot [index: %d, term: %d]"
    log = node.log
    own = (node.id, log.committed, logs.get_last_index(log), logs.get_last_term(log))
    logs.note(log, Level.INFO, form, *own, snapshot.index, snapshot.term)
