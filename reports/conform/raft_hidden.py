"""Inputs of a leader that a trace does not show, and that show only in what it sends later.

Each concerns one other member, or, for reads, none. What a leader thinks of a member depends on
nothing that it thinks of another, so each member can be reconsidered by itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from planespec.spec.raft.node.leading import step_leader
from planespec.spec.raft.node.messages import NO_NODE, Entry, Message, MessageType
from planespec.spec.raft.node.replication import has_committed_in_term
from planespec.spec.raft.node.state import Node, Role
from planespec.spec.raft.progress import ProgressState


@dataclass(frozen=True, slots=True)
class Hidden:
    """One input that a trace does not show; it sends nothing by itself."""

    about: int
    """The member that it tells of; NO_NODE for a read."""
    tell: Callable[[Node], None]
    """Gives it to the leader."""


def list_hidden_inputs(node: Node, about: int) -> Iterator[Hidden]:
    """Yield what a leader may be told about one member, or the reads it may be asked for."""
    if node.role is not Role.LEADER:
        return
    if about == NO_NODE:
        yield from _list_reads(node)
    elif about in node.progress and about != node.id:
        yield from _list_reports(node, about)


def _list_reads(node: Node) -> Iterator[Hidden]:
    """A read waits for the first commit of the term, which then sends heartbeats."""
    if not has_committed_in_term(node):
        yield _make(NO_NODE, Message(MessageType.READ_INDEX, entries=(Entry(data="hidden"),)))


def _list_reports(node: Node, about: int) -> Iterator[Hidden]:
    """The host reports on the network; a check of the quorum passes unseen."""
    progress = node.progress[about]
    if progress.state is ProgressState.REPLICATE:
        yield _make(about, Message(MessageType.UNREACHABLE, sender=about))
    if progress.state is ProgressState.SNAPSHOT:
        for failed in (False, True):
            yield _make(about, Message(MessageType.SNAP_STATUS, sender=about, reject=failed))
    if node.config.check_quorum and progress.recent_active:
        yield Hidden(about, lambda node: _forget_activity(node, about))


def _make(about: int, message: Message) -> Hidden:
    return Hidden(about, lambda node: step_leader(node, message))


def _forget_activity(node: Node, about: int) -> None:
    """A check of the quorum passed since the member was last heard."""
    node.progress[about] = replace(node.progress[about], recent_active=False)
