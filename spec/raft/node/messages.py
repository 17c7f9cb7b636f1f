"""What travels: entries, membership changes, snapshots, messages; and the lines of the log.

Names and spellings are those of go.etcd.io/raft v3.6 (raftpb). A field that does not belong to a
message's type keeps its default.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from planespec.spec.raft.confchange import NO_MEMBERS, Configuration, SingleChange

NO_NODE = 0
"""In place of a node: no leader, no vote, no transfer target, a message of one's own."""

APPEND_THREAD = 2**64 - 1
"""In place of a node: whoever makes things durable for it."""
APPLY_THREAD = 2**64 - 2
"""In place of a node: whoever applies entries for it."""
STORAGE_THREADS = (APPEND_THREAD, APPLY_THREAD)


class EntryType(StrEnum):
    """What the data of an entry is."""

    NORMAL = "EntryNormal"
    CONF_CHANGE = "EntryConfChange"
    """One change of one node, applied as it is."""
    CONF_CHANGE_V2 = "EntryConfChangeV2"
    """Any number of changes with a transition; none at all leaves a joint configuration."""


class Transition(StrEnum):
    """How a membership change of version 2 passes through a joint configuration."""

    AUTO = "ConfChangeTransitionAuto"
    """Simple when there is one change, otherwise joint and left automatically."""
    JOINT_IMPLICIT = "ConfChangeTransitionJointImplicit"
    """Joint, and left automatically."""
    JOINT_EXPLICIT = "ConfChangeTransitionJointExplicit"
    """Joint, and left by another change."""


@dataclass(frozen=True, slots=True)
class ConfChange:
    """A membership change as it is proposed."""

    changes: tuple[SingleChange, ...] = ()
    transition: Transition = Transition.AUTO


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log. Before a leader appends it, index and term are 0."""

    index: int = 0
    term: int = 0
    type: EntryType = EntryType.NORMAL
    data: str = ""
    change: ConfChange | None = None
    """The membership change, for the two types that carry one."""


NO_ENTRY = Entry()
"""What stands before the first entry, and what a new leader begins its term with."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state up to `index`: of the application nothing is kept but its membership."""

    index: int = 0
    term: int = 0
    configuration: Configuration = NO_MEMBERS


NO_SNAPSHOT = Snapshot()
"""What a node has before it took or received any snapshot."""


class MessageType(StrEnum):
    """The kinds of messages; a comment says what each asks or answers."""

    HUP = "MsgHup"  # to oneself: start an election
    BEAT = "MsgBeat"  # to oneself: send heartbeats
    PROP = "MsgProp"  # append these entries
    APP = "MsgApp"  # entries to replicate
    APP_RESP = "MsgAppResp"
    VOTE = "MsgVote"
    VOTE_RESP = "MsgVoteResp"
    SNAP = "MsgSnap"  # a snapshot to install
    HEARTBEAT = "MsgHeartbeat"
    HEARTBEAT_RESP = "MsgHeartbeatResp"
    UNREACHABLE = "MsgUnreachable"  # from the host: the last message did not arrive
    SNAP_STATUS = "MsgSnapStatus"  # from the host: the snapshot did or did not arrive
    CHECK_QUORUM = "MsgCheckQuorum"  # to oneself: is a quorum still there
    TRANSFER_LEADER = "MsgTransferLeader"  # hand leadership to the sender
    TIMEOUT_NOW = "MsgTimeoutNow"  # start an election at once
    READ_INDEX = "MsgReadIndex"  # from which index is a read linearizable
    READ_INDEX_RESP = "MsgReadIndexResp"
    PRE_VOTE = "MsgPreVote"  # would you vote for me
    PRE_VOTE_RESP = "MsgPreVoteResp"
    FORGET_LEADER = "MsgForgetLeader"  # from the host: be open for other candidates
    STORAGE_APPEND = "MsgStorageAppend"  # to the host: make this durable
    STORAGE_APPEND_RESP = "MsgStorageAppendResp"  # to oneself: this is durable
    STORAGE_APPLY = "MsgStorageApply"  # to the host: apply this
    STORAGE_APPLY_RESP = "MsgStorageApplyResp"  # to oneself: this is applied


LOCAL_MESSAGES = frozenset(
    {
        MessageType.HUP,
        MessageType.BEAT,
        MessageType.UNREACHABLE,
        MessageType.SNAP_STATUS,
        MessageType.CHECK_QUORUM,
        MessageType.STORAGE_APPEND,
        MessageType.STORAGE_APPEND_RESP,
        MessageType.STORAGE_APPLY,
        MessageType.STORAGE_APPLY_RESP,
    }
)
"""Messages that never come over the network."""

RESPONSES = frozenset(
    {
        MessageType.APP_RESP,
        MessageType.VOTE_RESP,
        MessageType.HEARTBEAT_RESP,
        MessageType.UNREACHABLE,
        MessageType.READ_INDEX_RESP,
        MessageType.PRE_VOTE_RESP,
        MessageType.STORAGE_APPEND_RESP,
        MessageType.STORAGE_APPLY_RESP,
    }
)
"""Messages that are only taken from a member of the configuration."""

CAMPAIGN_TRANSFER = "CampaignTransfer"
"""Context of a vote request that was asked for by the leader itself."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. A term of 0 marks a message that stands outside of terms."""

    type: MessageType
    to: int = NO_NODE
    sender: int = NO_NODE
    """The node it comes from (`from` in the library)."""
    term: int = 0
    log_term: int = 0
    """Term of the entry at `index`; in a rejection, of the entry at `reject_hint`."""
    index: int = 0
    entries: tuple[Entry, ...] = ()
    commit: int = 0
    vote: int = NO_NODE
    """The vote to be made durable, beside `term` and `commit`."""
    snapshot: Snapshot | None = None
    reject: bool = False
    reject_hint: int = 0
    """Where the follower's log may agree with the leader's."""
    context: str = ""
    responses: tuple["Message", ...] = ()
    """To be sent by whoever makes things durable or applies them, once it has."""


@dataclass(frozen=True, slots=True)
class ReadState:
    """A read that may be answered once the state of `index` is applied."""

    index: int
    context: str


@dataclass(frozen=True, slots=True)
class HardState:
    """What a node must not forget in a crash beside its log."""

    term: int = 0
    vote: int = NO_NODE
    commit: int = 0


EMPTY_HARD_STATE = HardState()


@dataclass(slots=True)
class ReadRequest:
    """A read waiting for a quorum to confirm the leader."""

    request: Message
    index: int
    """The commit index when the read arrived."""
    acknowledged: dict[int, bool] = field(default_factory=dict)


# The lines that the library writes to its log, in its own words and at the same places.
#
# Only the format and what it is about are handed over; whoever listens makes text of it.


class Level(IntEnum):
    """How grave a line is, the least grave first."""

    DEBUG = 0
    INFO = 1
    WARN = 2
    ERROR = 3


Listener = Callable[[Level, str, tuple[object, ...]], None]
"""Told the level, a format of `%d`, `%x` and `%s`, and its values."""
