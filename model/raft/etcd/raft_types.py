"""What there is in Raft as etcd runs it: servers, entries, configurations, messages.

Names are those of go.etcd.io/raft v3.6 and of the paper. A type that belongs to a feature that is
switched off has one value, so that it takes no room in a state.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import Range, Size, Sort, record


class Server(Sort):
    """A Raft server. Not symmetric: the first ones vote at the start, the last ones may join."""


Term = Annotated[int, Range(0, "max_term")]
"""Servers start in term 0; the first election is that of term 1."""

Index = Annotated[int, Range(0, "max_log")]
"""A place in the log from 1 on; 0 is before the first entry."""

NextIndex = Annotated[int, Range(1, "max_log + 1")]

AppliedIndex = Annotated[int, Range(0, "max_log if changes or snapshots else 0")]
"""0 where nothing depends on when an entry is applied."""

CompactedIndex = Annotated[int, Range(0, "max_log if snapshots else 0")]

PreVoteFlag = Annotated[int, Range(0, "1 if pre_vote else 0")]
"""1 in a message that asks for, or grants, a vote in an election that has not begun."""

TransferFlag = Annotated[int, Range(0, "1 if transfers else 0")]
"""1 in a vote request that the leader itself asked for (CampaignTransfer)."""

Context = Annotated[int, Range(0, "reads")]
"""The number of a read, 0 for none."""

Ticks = Annotated[int, Range(0, "max(lease_ticks, check_ticks) if lease_ticks else 0")]
Offset = Annotated[int, Range(0, "drift")]

JointFlag = Annotated[int, Range(0, "1 if joint else 0")]

Members = Annotated[frozenset[Server], Size("servers if changes else 0")]


class ChangeKind(Enum):
    """What a change makes of a server (ConfChangeType)."""

    ADD_VOTER = "voter"
    ADD_LEARNER = "learner"
    REMOVE = "removed"


class Transition(Enum):
    """How a change passes through a joint configuration (ConfChangeTransition)."""

    AUTO = "simple, since it is one change"
    JOINT_IMPLICIT = "joint, and left by the leader itself"
    JOINT_EXPLICIT = "joint, and left by another change"


@record
class SingleChange:
    """One change of one server."""

    kind: ChangeKind
    server: Server


@record
class ConfChange:
    """A membership change as it is proposed; without any change it leaves a joint one."""

    changes: Annotated[tuple[SingleChange, ...], Size("changes")]
    transition: Transition


@record
class Configuration:
    """Who votes and who learns; `outgoing` is empty unless two majorities must agree."""

    voters: Members = frozenset()
    outgoing: Members = frozenset()
    learners: Members = frozenset()
    learners_next: Members = frozenset()
    """Outgoing voters that become learners when the joint configuration is left."""
    auto_leave: JointFlag = 0
    """1 when the leader leaves the joint configuration by itself."""


@record
class Entry:
    """An entry: its term and, where it changes the membership, one change.

    What a client wrote is left out: a leader appends at most one entry at an index in a term.
    """

    term: Term
    change: Annotated[tuple[ConfChange, ...], Size("1 if changes else 0")] = ()


Log = Annotated[list[Entry], Size("max_log")]
"""All entries from index 1 on. Those up to the compacted index stand for the application's state:
they can be sent as a snapshot only."""


@record
class VoteRequest:
    """A candidate, or before an election a pre-candidate, asks for a vote (MsgVote, MsgPreVote).

    `term` is the term of the election, which a pre-candidate has not entered yet.
    """

    term: Term
    source: Server
    target: Server
    last_index: Index
    last_term: Term
    pre: PreVoteFlag
    transfer: TransferFlag


@record
class VoteReply:
    """A vote granted, or a pre-vote refused because its term is late."""

    term: Term
    source: Server
    target: Server
    pre: PreVoteFlag
    refused: PreVoteFlag


@record
class AppendRequest:
    """Entries to follow the one at `previous_index` (MsgApp)."""

    term: Term
    source: Server
    target: Server
    previous_index: Index
    previous_term: Term
    entries: Annotated[tuple[Entry, ...], Size("batch")]
    commit: Index


@record
class AppendReply:
    """How far the logs match, or where they may when they did not (MsgAppResp)."""

    term: Term
    source: Server
    target: Server
    granted: bool
    index: Index


@record
class SnapshotRequest:
    """The state of the application at `index`, as the entries that made it, and the membership."""

    term: Term
    source: Server
    target: Server
    index: CompactedIndex
    state: Annotated[tuple[Entry, ...], Size("max_log if snapshots else 0")]
    configuration: Configuration


@record
class Heartbeat:
    """The leader shows itself, tells what it committed, and asks to confirm a read."""

    term: Term
    source: Server
    target: Server
    commit: Index
    context: Context


@record
class HeartbeatReply:
    """A follower of the term returns the context."""

    term: Term
    source: Server
    target: Server
    context: Context


@record
class TimeoutNow:
    """The leader asks its successor to start an election at once."""

    term: Term
    source: Server
    target: Server


Message = (
    VoteRequest
    | AppendRequest
    | SnapshotRequest
    | Heartbeat
    | TimeoutNow
    | VoteReply
    | AppendReply
    | HeartbeatReply
)


@record
class ReadRequest:
    """A read that waits until a quorum confirms its leader."""

    context: Context
    index: Index
    """The commit index when the read arrived."""
    asked_at: Index
    """History: how much was committed anywhere when the read arrived."""
    confirmed: frozenset[Server]


@record
class ReadState:
    """A read that was answered; the client may see the state of `index`."""

    context: Context
    index: Index
    asked_at: Index
