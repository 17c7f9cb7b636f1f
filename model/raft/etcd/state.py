"""What the parts share: constants, variables, and helpers that one of them defines.

What one part alone looks at is declared there. Of a feature that is off, what is here has one
value and costs no state bits.
"""

from typing import Annotated

from planespec.checker.lang import Array, Domain, Model, Size, abstract, constant, each, sort
from planespec.model.raft.etcd.raft_types import (
    AppendReply,
    AppendRequest,
    AppliedIndex,
    CompactedIndex,
    ConfChange,
    Configuration,
    Heartbeat,
    HeartbeatReply,
    Index,
    Log,
    Message,
    NextIndex,
    ReadRequest,
    Server,
    SnapshotRequest,
    Term,
    Ticks,
    TimeoutNow,
    VoteReply,
    VoteRequest,
)
from planespec.spec.raft.raft_requirements import Role


class State(Model):
    """What the parts share."""

    servers: Domain[Server] = sort(3, at_least=1, at_most=7)
    voters: int = constant(3, at_least=1, at_most="servers")
    """Servers numbered below it vote at the start."""
    learners: int = constant(0, at_least=0, check="voters + learners <= servers")
    """So many servers after the voters learn at the start; needs `changes`."""
    max_term: int = constant(2, at_least=1, at_most=9)
    max_log: int = constant(2, at_least=1, at_most=9)
    batch: int = constant(1, at_least=0, at_most=9)
    """Most entries in one append request."""

    restarts: bool = constant(False)
    writes: bool = constant(False)
    """Whether becoming durable is a step of its own, so that a crash loses what is not."""
    snapshots: bool = constant(False)
    pre_vote: bool = constant(False)
    check_quorum: bool = constant(False)
    heartbeats: bool = constant(False)
    transfers: bool = constant(False)
    liberties: bool = constant(False)
    """Whether the steps of `liberties` may come at any moment."""
    changes: int = constant(0, at_least=0, at_most=2)
    """Single changes in one membership change: 0 for no changes, 2 for joint configurations."""
    joint: bool = constant(False, check="changes == 2 or not joint")
    reads: int = constant(0, at_least=0, at_most=3)
    """How many reads clients ask for in all."""
    lease_ticks: int = constant(0, at_least=0, at_most=9)
    """Ticks for which a follower that heard its leader elects nobody else; 0 for no clocks."""
    check_ticks: int = constant(1, at_least=1, at_most=9)
    """Ticks after which a leader checks that it heard a quorum."""

    deadlock = False

    role: Array[Server, Role] = each(Role.FOLLOWER)
    term: Array[Server, Term] = each(0)
    voted_for: Array[Server, Server | None] = each(None)
    votes: Array[Server, set[Server]] = each(set())
    """Who granted the vote, or pre-vote, that a server asked for."""

    log: Array[Server, Log] = each([])
    commit: Array[Server, Index] = each(0)
    next_index: Array[Server, Array[Server, NextIndex]] = each(each(1))
    match_index: Array[Server, Array[Server, Index]] = each(each(0))

    outbox: Array[Server, Annotated[list[Message], Size("1 if writes else 0")]] = each([])
    """A reply that waits until what it attests is durable (msgsAfterAppend)."""

    applied: Array[Server, AppliedIndex] = each(0)
    compacted: Array[Server, CompactedIndex] = each(0)
    configuration: Array[Server, Configuration] = each(Configuration())
    """The configuration in force: that of the last change applied, not of the last in the log."""
    pending_change: Array[Server, AppliedIndex] = each(0)
    """A leader proposes no change until this index is applied (pendingConfIndex)."""

    active: Array[Server, Annotated[set[Server], Size("servers if check_quorum else 0")]] = each(
        set()
    )
    """Whom a leader heard since its last check of the quorum (RecentActive)."""
    lease: Array[Server, Ticks] = each(0)
    """Follower: ticks in which it elects nobody. Leader: ticks until it checks its quorum."""
    leaderless: Annotated[
        set[Server], Size("servers if lease_ticks and (restarts or transfers) else 0")
    ] = set()
    """Followers that know no leader and wait for their timeout: they vote and do not campaign."""
    transferee: Array[Server, Annotated[set[Server], Size("servers if transfers else 0")]] = each(
        set()
    )
    """To whom a leader hands over; at most one (leadTransferee)."""

    waiting: Array[Server, Annotated[list[ReadRequest], Size("reads")]] = each([])

    elected: Array[Term, set[Server]] = each(set())
    """History: who became leader of a term, whatever happened to it later."""
    committed: Log = []
    """History: the longest log any server knew to be committed."""

    @abstract
    def send(self, m: Message) -> None:
        """Let a request go its way (`network`)."""

    # Of each helper below one part has another one. Where that part is not there, these are right.

    def handle_vote(self, m: VoteRequest) -> Message | None:
        """Weigh a request for a vote, and answer it (`elections`)."""
        return None

    def handle_vote_reply(self, m: VoteReply) -> None:
        """Count a vote (`elections`)."""

    def handle_append_request(self, m: AppendRequest) -> Message | None:
        """Take entries, and answer (`replication`)."""
        return None

    def handle_append_reply(self, m: AppendReply) -> None:
        """Learn how far a log matches (`replication`)."""

    def handle_heartbeat(self, m: Heartbeat) -> Message | None:
        """Commit as far as the leader says, and answer (`replication`)."""
        return None

    def handle_heartbeat_reply(self, m: HeartbeatReply) -> None:
        """Note that a follower is alive (`replication`)."""

    def handle_snapshot(self, m: SnapshotRequest) -> Message | None:
        """Restore from a snapshot, and answer (`log_snapshots`)."""
        return None

    def handle_timeout_now(self, m: TimeoutNow) -> None:
        """Campaign at once (`transfer`)."""

    def confirm_reads(self, m: HeartbeatReply) -> None:
        """Count a follower for the read whose context it returns (`reads`)."""

    def put_in_force(self, i: Server, change: ConfChange) -> None:
        """Put a committed change in force (`membership`)."""

    def is_durable(self, i: Server) -> bool:
        """Whether a crash would lose nothing but the commit index (`durability`)."""
        return True

    def is_hard_state_durable(self, i: Server) -> bool:
        """Whether term and vote are durable (`durability`)."""
        return True

    def keep_snapshot(self, m: SnapshotRequest) -> None:
        """Make a snapshot durable that was installed (`durability`)."""
