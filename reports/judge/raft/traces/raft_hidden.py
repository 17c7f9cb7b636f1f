"""Inputs of a leader that a trace does not show, and that show only in what it does later.

Each concerns one other member, or, for reads, none. What a leader thinks of a member depends on
nothing that it thinks of another, so each member can be reconsidered by itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from planespec.reports.judge.raft.traces.raft_member import Member
from planespec.spec.raft.follower_progress import ProgressState
from planespec.spec.raft.node import storage as durable
from planespec.spec.raft.node.choice_points import Inputs, give, list_reads, list_reports
from planespec.spec.raft.node.messages import NO_NODE, Message, MessageType
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
        yield from (_make(about, messages) for messages in list_reads(node))
    elif about in node.progress and about != node.id:
        yield from (_make(about, messages) for messages in list_reports(node, about))
        if node.progress[about].state is ProgressState.SNAPSHOT:
            yield from _compact_behind_answer(leader, about, next_input)
        else:
            yield from _fall_silent(leader, about)


def _make(about: int, messages: Inputs) -> Hidden:
    return Hidden(about, lambda member: give(member.node, messages))


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
        leader.compact_to(index)
