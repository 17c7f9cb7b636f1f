"""Everything one node knows: its role, its term, its log, and what it tracks as a leader.

Source: go.etcd.io/raft v3.6 (the struct raft in raft.go).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from planespec.spec.raft.confchange import NO_MEMBERS, Configuration
from planespec.spec.raft.follower_progress import Progress
from planespec.spec.raft.node.log import Log
from planespec.spec.raft.node.messages import NO_NODE, HardState, Message, ReadRequest, ReadState


class Role(StrEnum):
    """The values are the library's own spelling."""

    FOLLOWER = "StateFollower"
    PRE_CANDIDATE = "StatePreCandidate"
    """Asks whether an election could be won, in its old term."""
    CANDIDATE = "StateCandidate"
    LEADER = "StateLeader"


class ReadOnlyOption(StrEnum):
    """How a leader makes sure that it still is the leader before it answers a read."""

    SAFE = "ReadOnlySafe"
    """It asks a quorum."""
    LEASE_BASED = "ReadOnlyLeaseBased"
    """It trusts its lease; needs CheckQuorum and clocks that drift within bounds."""


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """How a node is set up; times are in ticks. ValueError where the library refuses it."""

    election_tick: int = 10
    heartbeat_tick: int = 1
    max_inflight: int = 256
    """Most appends in flight to one follower."""
    pre_vote: bool = False
    check_quorum: bool = False
    read_only_option: ReadOnlyOption = ReadOnlyOption.SAFE
    step_down_on_removal: bool = False
    validate_conf_changes: bool = True
    """Whether a leader refuses a membership change that cannot follow the present one."""
    asynchronous_storage: bool = False
    """Whether the host writes and applies by messages, while the node goes on."""
    apply_one_by_one: bool = False
    """Whether the next entry is only handed out when the last is applied: a limit of one byte."""

    def __post_init__(self) -> None:
        """Refuse what the library refuses (Config.validate)."""
        if self.heartbeat_tick <= 0:
            raise ValueError("heartbeat tick must be greater than 0")
        if self.election_tick <= self.heartbeat_tick:
            raise ValueError("election tick must be greater than heartbeat tick")
        if self.max_inflight <= 0:
            raise ValueError("max inflight messages must be greater than 0")
        if self.read_only_option is ReadOnlyOption.LEASE_BASED and not self.check_quorum:
            raise ValueError(
                "CheckQuorum must be enabled when ReadOnlyOption is ReadOnlyLeaseBased"
            )


@dataclass(slots=True)
class Node:
    """The volatile state of one node, with its log; changed in place by every function here."""

    id: int
    config: NodeConfig
    log: Log
    draw_timeout: Callable[[], int]
    """The oracle of chance: the next randomized election timeout, in ticks, at least
    `election_tick` and less than twice that."""

    term: int = 0
    vote: int = NO_NODE
    role: Role = Role.FOLLOWER
    lead: int = NO_NODE

    configuration: Configuration = NO_MEMBERS
    """The membership in force: the last one applied, not the last one in the log."""
    progress: dict[int, Progress] = field(default_factory=dict)
    """What is known of each member, kept up to date by leaders only."""
    is_learner: bool = False
    votes: dict[int, bool] = field(default_factory=dict)
    """Answers to the present campaign."""

    election_elapsed: int = 0
    """Ticks since the leader was heard, or since the last check of the quorum."""
    heartbeat_elapsed: int = 0
    randomized_election_timeout: int = 0

    lead_transferee: int = NO_NODE
    """The node that leadership is being handed to."""
    pending_conf_index: int = 0
    """No membership change is proposed until this index is applied."""

    read_requests: dict[str, ReadRequest] = field(default_factory=dict)
    """Reads that wait for a quorum, by context, in order of arrival."""
    postponed_reads: list[Message] = field(default_factory=list)
    """Reads that wait until an entry of this term is committed."""
    read_states: list[ReadState] = field(default_factory=list)
    """Reads that may be answered, to be handed out."""

    messages: list[Message] = field(default_factory=list)
    """Messages that may be sent at once."""
    messages_after_append: list[Message] = field(default_factory=list)
    """Messages that may be sent once everything unstable is durable; some are to oneself."""

    limit_append: Callable[["Node", int], int | None] | None = None
    """The oracle of size: most entries of the append that goes out to a node now, at least 1;
    None for no limit. The host may compact its log when it is asked."""
    observer: Callable[["Node", str, object], None] | None = None
    """Told at the points that `tracing` names; it must not change the node."""


def get_hard_state(node: Node) -> HardState:
    """Return what the node must not forget."""
    return HardState(term=node.term, vote=node.vote, commit=node.log.committed)


def is_singleton(node: Node) -> bool:
    """Return whether exactly one node votes."""
    return len(node.configuration.voters) == 1 and not node.configuration.outgoing
