"""The choice points of a node: what time, its host and the network decide, and no step of it does.

Each function names one of them and yields what may be chosen there, the likeliest first, mostly
as messages for `step`. What cannot be is offered all the same: the node refuses it by its own
guards, or does nothing about it. Within a step the node asks its two oracles (see `Node`):
`draw_timeout` for the next election timeout, `limit_append` for the size of an append. A crash
chooses what of the last Ready is on the disk, a host how far it compacts its log, and with which
configuration it comes back.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from planespec.spec.raft.confchange import get_voters
from planespec.spec.raft.follower_progress import ProgressState
from planespec.spec.raft.node.messages import (
    NO_NODE,
    ConfChange,
    Entry,
    Message,
    MessageType,
    Transition,
)
from planespec.spec.raft.node.replication import has_committed_in_term
from planespec.spec.raft.node.state import Node, Role
from planespec.spec.raft.node.step import step

Inputs = tuple[Message, ...]
"""Messages that arrive one after the other, with nothing in between."""


def give(node: Node, messages: Inputs) -> None:
    """Let the node take each message; ProposalDroppedError where `step` raises it."""
    for message in messages:
        step(node, message)


HANG_UP: Inputs = (Message(MessageType.HUP),)
"""The election timeout passes."""


def list_campaigns(node: Node, *, granting: Iterable[int], asked: bool) -> Iterator[Inputs]:
    """A node becomes a candidate: time passes, pre-votes are granted, or the leader asks for it.

    `granting` are those whose answer may have arrived, `asked` tells whether the leader's word
    may have. That the leader asked lets its votes pass by leases, so it comes last.
    """
    if node.config.pre_vote:
        granted = Message(MessageType.PRE_VOTE_RESP, term=node.term + 1)
        yield tuple(replace(granted, sender=voter) for voter in sorted(granting))
    else:
        yield HANG_UP
    if asked:
        yield (Message(MessageType.TIMEOUT_NOW, sender=node.lead, term=node.term),)


def list_ways_to_follow(node: Node, term: int) -> Iterator[Inputs]:
    """A node follows nobody in `term`: a message of a later term arrives, or it gives up.

    A leader gives up when it hears no quorum from one election timeout to the next, a
    pre-candidate when pre-votes are refused in its own term.
    """
    if term > node.term:
        yield (Message(MessageType.PRE_VOTE_RESP, term=term, reject=True),)
    elif node.role is Role.LEADER and node.config.check_quorum:
        yield (Message(MessageType.CHECK_QUORUM), Message(MessageType.CHECK_QUORUM))
    elif node.role is Role.PRE_CANDIDATE:
        refused = Message(MessageType.PRE_VOTE_RESP, term=term, reject=True)
        voters = sorted(get_voters(node.configuration))
        yield tuple(replace(refused, sender=voter) for voter in voters)


BEAT: Inputs = (Message(MessageType.BEAT),)
"""Heartbeats of a leader are due."""


def ask_for_transfer(node: Node, to: int) -> Inputs:
    """A leader is asked to hand leadership over, whatever transfer was in progress."""
    return (*_end_transfer(node), Message(MessageType.TRANSFER_LEADER, sender=to))


def propose_at_once(node: Node, entries: tuple[Entry, ...]) -> Inputs:
    """Entries are proposed; a transfer in progress, which would refuse them, may have ended."""
    return (*_end_transfer(node), Message(MessageType.PROP, entries=entries))


def _end_transfer(node: Node) -> Inputs:
    """To ask for a transfer to the leader itself ends one, and does nothing else."""
    if node.lead_transferee == NO_NODE:
        return ()
    return (Message(MessageType.TRANSFER_LEADER, sender=node.id),)


def list_reads(node: Node) -> Iterator[Inputs]:
    """Reads are asked for that wait for the first commit of the term, which confirms them."""
    if node.role is Role.LEADER and not has_committed_in_term(node):
        yield (Message(MessageType.READ_INDEX, entries=(Entry(data="unseen"),)),)


def list_reports(node: Node, about: int) -> Iterator[Inputs]:
    """The host of a leader says what became of what was sent to a member."""
    state = node.progress[about].state
    if state is ProgressState.REPLICATE:
        yield (Message(MessageType.UNREACHABLE, sender=about),)
    if state is ProgressState.SNAPSHOT:
        for failed in (False, True):
            yield (Message(MessageType.SNAP_STATUS, sender=about, reject=failed),)


def list_silences(node: Node, message: Message) -> Iterator[int]:
    """How many ticks ago a leader was heard when `message` arrives: too many for a lease, or none.

    It matters only where the message asks for a vote in a later term.
    """
    if message.term > node.term and message.type is MessageType.VOTE and node.config.check_quorum:
        yield node.config.election_tick
    yield 0


def list_transitions(change: ConfChange) -> Iterator[Transition]:
    """How a committed change is put in force; one alone may enter a joint configuration or not."""
    yield change.transition
    if len(change.changes) == 1 and change.transition is Transition.AUTO:
        yield Transition.JOINT_IMPLICIT
