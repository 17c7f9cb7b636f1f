"""Inputs of a leader that a trace does not show, and that show only in what it does later.

Each concerns one other member, or, for reads, none. What a leader thinks of a member depends on
nothing that it thinks of another, so each member can be reconsidered by itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from planespec.reports.judge.raft.traces.raft_member import Member
from planespec.spec.raft.follower_progress import Progress, ProgressState
from planespec.spec.raft.node import storage as durable
from planespec.spec.raft.node.leading import step_leader
from planespec.spec.raft.node.messages import NO_NODE, Entry, Message, MessageType
from planespec.spec.raft.node.replication import has_committed_in_term
from planespec.spec.raft.node.state import Role


@dataclass(frozen=True, slots=True)
class Hidden:
    """One input that a trace does not show; it sends nothing by itself."""

    about: int
    """The member that it tells of; NO_NODE for a read."""
    tell: Callable[[Member], None]
    """Gives it to the leader."""


def list_hidden_inputs(leader: Member, about: int, next_input: Message | None) -> Iterator[Hidden]:
    """Yield what a leader may be told about one member, or the reads it may be asked for.

    `next_input` is the message that arrives after it, if it is one.
    """
    node = leader.node
    if node.role is not Role.LEADER:
        return
    if about == NO_NODE:
        # A read waits for the first commit of the term, which then sends heartbeats.
        if not has_committed_in_term(node):
            yield _make(NO_NODE, Message(MessageType.READ_INDEX, entries=(Entry(data="hidden"),)))
    elif about in node.progress and about != node.id:
        yield from _list_reports(node.progress[about], about)
        if node.progress[about].state is ProgressState.SNAPSHOT:
            yield from _compact_behind_answer(leader, about, next_input)
        else:
            yield from _fall_silent(leader, about)


def _list_reports(progress: Progress, about: int) -> Iterator[Hidden]:
    """The host reports on the network."""
    if progress.state is ProgressState.REPLICATE:
        yield _make(about, Message(MessageType.UNREACHABLE, sender=about))
    if progress.state is ProgressState.SNAPSHOT:
        for failed in (False, True):
            yield _make(about, Message(MessageType.SNAP_STATUS, sender=about, reject=failed))


def _make(about: int, message: Message) -> Hidden:
    return Hidden(about, lambda member: step_leader(member.node, message))


def _compact_behind_answer(
    leader: Member, about: int, next_input: Message | None
) -> Iterator[Hidden]:
    """The log no longer reaches back to where the answer to a snapshot ends."""
    answer = next_input if next_input is not None and next_input.sender == about else None
    if answer is not None and answer.type is MessageType.APP_RESP and not answer.reject:
        yield from _compact(leader, about, answer.index + 1)


def _fall_silent(leader: Member, about: int) -> Iterator[Hidden]:
    """A member not heard since the last check of the quorum is sent no snapshot.

    That shows when the log no longer reaches back to what it needs next.
    """
    progress = leader.node.progress[about]
    if progress.next > _get_applied(leader):
        return
    if not progress.recent_active:
        yield from _compact(leader, about, progress.next)
    elif leader.config.check_quorum:
        yield Hidden(about, lambda member: _forget_activity(member, about))


def _forget_activity(leader: Member, about: int) -> None:
    progress = leader.node.progress
    progress[about] = replace(progress[about], recent_active=False)


def _get_applied(leader: Member) -> int:
    """What is durable and handed out may be applied."""
    return min(leader.handed_out, durable.get_last_index(leader.storage))


def _compact(leader: Member, about: int, index: int) -> Iterator[Hidden]:
    """The host forgets no more than it must for that to show."""
    is_left = leader.storage.compacted.index < index <= _get_applied(leader)
    if is_left and leader.may_compact_to(index):
        yield Hidden(about, lambda member: _compact_to(member, index))


def _compact_to(leader: Member, index: int) -> None:
    leader.settle_applied()
    if index <= leader.node.log.applied:
        durable.compact(leader.storage, index)
