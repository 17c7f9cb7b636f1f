"""The constants that bound an instance and switch features, and the variables of the servers.

What belongs to one feature alone exists only with it. Where others look at it as well, a feature
that is off leaves its variables with one value each: either way it costs no state bits.
"""

from typing import Annotated

from planespec.checker.lang import Array, Bag, Domain, Model, Size, constant, each, only, sort
from planespec.model.raft.etcd.raft_types import (
    AppliedIndex,
    CompactedIndex,
    Configuration,
    Context,
    Index,
    Log,
    Message,
    NextIndex,
    Offset,
    ReadRequest,
    ReadState,
    Server,
    Term,
    Ticks,
)
from planespec.spec.raft.raft_requirements import Role


class State(Model):
    """What every part of the model shares."""

    servers: Domain[Server] = sort(3, at_least=1, at_most=7)
    voters: int = constant(3, at_least=1, at_most="servers")
    """Servers numbered below it vote at the start."""
    learners: int = constant(0, at_least=0, check="voters + learners <= servers")
    """So many servers after the voters learn at the start; needs `changes`."""
    candidates: int = constant(7, at_least=1, at_most=7)
    """Only servers numbered below it campaign: a bound."""
    max_term: int = constant(2, at_least=1, at_most=9)
    max_log: int = constant(2, at_least=1, at_most=9)
    max_msgs: int = constant(0, at_least=0, at_most=9)
    """Messages on the network; 0 lets a request and its reply pass in one step."""
    batch: int = constant(1, at_least=0, at_most=9)
    """Most entries in one append request."""

    clients: bool = constant(True)
    """Whether clients write; the entries of new leaders and of changes are there in any case."""
    loss: bool = constant(True)
    duplication: bool = constant(False)
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
    adds: bool = constant(False)
    removals: bool = constant(False)
    demotions: bool = constant(False)
    """Whether a change makes a learner of a server, be it a voter or a new one."""
    fixed: int = constant(0, at_least=0, at_most=7)
    """Servers numbered below it are never added or removed: a bound."""
    simple: bool = constant(True)
    """Whether changes of one server are proposed to be applied at once."""
    joint: bool = constant(False, check="changes == 2 or not joint")

    reads: int = constant(0, at_least=0, at_most=3)
    """How many reads clients ask for in all."""
    lease_reads: bool = constant(False)
    """Whether a leader answers from its lease instead of asking a quorum."""
    lease_ticks: int = constant(0, at_least=0, at_most=9)
    """Ticks for which a follower that heard its leader elects nobody else; 0 for no clocks."""
    check_ticks: int = constant(1, at_least=1, at_most=9)
    """Ticks after which a leader checks that it heard a quorum."""
    drift: int = constant(1, at_least=1, at_most=9)
    """Ticks by which a clock is ahead of another at most."""

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

    durable_term: Array[Server, Term] = only(each(0), when="writes")
    durable_vote: Array[Server, set[Server]] = only(each(set()), when="writes")
    durable_log: Array[Server, Log] = only(each([]), when="writes")
    durable_commit: Array[Server, Index] = only(each(0), when="writes")
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
    offset: Array[Server, Offset] = only(each(0), when="lease_ticks > 0")
    """Ticks by which a clock is ahead of the slowest one."""

    transferee: Array[Server, Annotated[set[Server], Size("servers if transfers else 0")]] = each(
        set()
    )
    """To whom a leader hands over; at most one (leadTransferee)."""

    waiting: Array[Server, Annotated[list[ReadRequest], Size("reads")]] = each([])
    answered: Annotated[set[ReadState], Size("reads")] = only(set(), when="reads > 0")
    asked: Context = only(0, when="reads > 0")

    msgs: Annotated[Bag[Message], Size("max_msgs")] = only(Bag(), when="max_msgs > 0")

    elected: Array[Term, set[Server]] = each(set())
    """History: who became leader of a term, whatever happened to it later."""
    committed: Log = []
    """History: the longest log any server knew to be committed."""
    ballots: Array[Server, Array[Term, set[Server]]] = only(each(each(set())), when="writes")
    """History: for whom a server told that it votes in a term."""
