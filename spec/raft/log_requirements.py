"""What a Raft cluster promises of logs, disks, progress, memberships and linearizable reads.

An observation answers the questions of `Cluster`; a model's state does, and so can a snapshot of a
real cluster with its history. `committed` is the longest log that any server ever knew to be
committed. Source of the paper: see `requirements`; "thesis": Ongaro, "Consensus: Bridging Theory
and Practice", 2014.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from planespec.spec.raft.quorum import is_majority
from planespec.spec.raft.raft_requirements import LeadersWithLogs, Role
from planespec.spec.requirement import requirement


class Cluster(LeadersWithLogs, Protocol):
    """Everything that the requirements below look at."""

    @property
    def match_index(self) -> Mapping[Any, Mapping[Any, int]]:
        """How far a leader knows the log of a server to match its own."""

    @property
    def next_index(self) -> Mapping[Any, Mapping[Any, int]]:
        """The index of the next entry a leader sends to a server."""

    @property
    def votes(self) -> Mapping[Any, Collection[Any]]:
        """Who voted for a candidate, as it knows."""

    @property
    def committed(self) -> Sequence[Any]:
        """History: the longest log any server knew to be committed."""

    @property
    def ballots(self) -> Mapping[Any, Iterable[Collection[Any]]]:
        """History: for whom a server told that it votes, by term."""

    def get_voters(self, i: Any) -> Any:
        """The voters as a server knows them; the incoming ones of a joint configuration."""

    def get_outgoing(self, i: Any) -> Any:
        """The outgoing voters of a joint configuration as a server knows them."""

    def get_learners(self, i: Any) -> Any:
        """The learners as a server knows them."""

    def get_durable_log(self, i: Any) -> Any:
        """The log a server would come back with."""

    def get_durable_term(self, i: Any) -> int:
        """The term a server would come back with."""

    def get_durable_commit(self, i: Any) -> int:
        """The commit index a server would come back with."""


def is_decided(s: Cluster, i: Any, who: Any) -> bool:
    """Whether `who` decides as server `i` sees it: in both halves of its configuration."""
    return is_majority(s.get_voters(i), who) and is_majority(s.get_outgoing(i), who)


def is_member(s: Cluster, i: Any, j: Any) -> bool:
    """Whether `j` votes or learns as server `i` sees it."""
    return j in s.get_voters(i) or j in s.get_outgoing(i) or j in s.get_learners(i)


def leads_latest(s: Cluster, i: Any) -> bool:
    """Whether a server leads and no leader has a later term."""
    return s.role[i] == Role.LEADER and all(
        s.term[j] <= s.term[i] for j in s.servers if s.role[j] == Role.LEADER
    )


def stays_leader(before: Cluster, after: Cluster, i: Any) -> bool:
    """Whether a server leads the same term before and after a step."""
    return (
        before.role[i] == Role.LEADER
        and after.role[i] == Role.LEADER
        and before.term[i] == after.term[i]
    )


@requirement("RAFT-8", source="the paper, figure 3, Leader Append-Only")
def leader_append_only(before: Cluster, after: Cluster) -> bool:
    """A leader never overwrites or deletes entries of its log."""
    return all(
        after.log[i][: len(before.log[i])] == before.log[i]
        for i in after.servers
        if stays_leader(before, after, i)
    )


@requirement("RAFT-9", source="the paper, sections 5.3 and 5.4; etcdraft.tla, CommittedIsDurable")
def committed_stays(s: Cluster) -> bool:
    """What any server knows to be committed is what was committed before, for ever."""
    return all(
        s.commit[i] <= len(s.log[i])
        and s.commit[i] <= len(s.committed)
        and s.log[i][: s.commit[i]] == s.committed[: s.commit[i]]
        for i in s.servers
    )


@requirement("RAFT-10", source="the paper, section 5.4; etcdraft.tla, QuorumLogInv")
def quorum_holds_committed(s: Cluster) -> bool:
    """Those whose logs lack something committed never decide anything under the latest leader."""
    return not any(
        is_decided(
            s,
            i,
            {j for j in s.servers if s.log[j][: len(s.committed)] != s.committed},
        )
        for i in s.servers
        if leads_latest(s, i)
    )


@requirement("RAFT-11", source="the paper, section 5.2, stable storage; etcd#14370")
def committed_is_durable(s: Cluster) -> bool:
    """What the latest leader knows to be committed is on the disks of a quorum of its voters."""
    return not any(
        is_decided(
            s,
            i,
            {
                j
                for j in s.servers
                if s.get_durable_log(j)[: s.commit[i]] != s.log[i][: s.commit[i]]
            },
        )
        for i in s.servers
        if leads_latest(s, i)
    )


@requirement("RAFT-12", source="the paper, section 5.1 and figure 2, persistent state")
def durable_term_never_falls(before: Cluster, after: Cluster) -> bool:
    """The term that a server has on its disk never falls."""
    return all(after.get_durable_term(i) >= before.get_durable_term(i) for i in after.servers)


@requirement("RAFT-13", source="the paper, section 5.2: at most one vote in a given term")
def one_ballot(s: Cluster) -> bool:
    """No server tells two candidates of one term that it votes for them, restarts or not."""
    return all(len(chosen) <= 1 for i in s.servers for chosen in s.ballots[i])


@requirement("RAFT-14", source="the paper, figure 2, commitIndex; ongardie/raft.tla#18")
def commit_never_falls(before: Cluster, after: Cluster) -> bool:
    """The commit index of a server never falls, in a crash not below what is on its disk."""
    return all(after.commit[i] >= before.get_durable_commit(i) for i in after.servers)


@requirement("RAFT-15", source="the paper, figure 2, matchIndex; ongardie/raft.tla#19")
def match_never_falls(before: Cluster, after: Cluster) -> bool:
    """What a leader knows of a member's log never falls while it leads its term."""
    return all(
        after.match_index[i][j] >= before.match_index[i][j]
        for i in after.servers
        if stays_leader(before, after, i)
        for j in after.servers
        if is_member(after, i, j)
    )


@requirement("RAFT-16", source="the paper, figure 2, nextIndex; PySyncObj#167")
def next_above_match(s: Cluster) -> bool:
    """A leader sends what comes after the entries that it knows to match."""
    return all(
        s.next_index[i][j] > s.match_index[i][j]
        for i in s.servers
        if s.role[i] == Role.LEADER
        for j in s.servers
        if j != i
    )


# What changing memberships and linearizable reads promise (thesis, chapters 4 and 6).
#
# "thesis": Ongaro, "Consensus: Bridging Theory and Practice", 2014.


class Membership(Cluster, Protocol):
    """Who is in force where, and which reads were answered."""

    @property
    def applied(self) -> Mapping[Any, int]:
        """How many entries a server has applied."""

    @property
    def configuration(self) -> Mapping[Any, Any]:
        """The configuration a server has in force."""

    @property
    def answered(self) -> Iterable[Any]:
        """History: reads that were answered, with their `index` and `asked_at`."""

    def trusts_lease(self, i: Any) -> bool:
        """Whether a leader answers reads on its own, because its lease holds."""


@requirement("RAFT-17", source="thesis, section 4.1: one membership change at a time")
def one_pending_change(s: Membership) -> bool:
    """No log holds two membership changes that its server does not know to be committed."""
    return all(
        sum(1 for k in range(s.commit[i], len(s.log[i])) if len(s.log[i][k].change) > 0) <= 1
        for i in s.servers
    )


@requirement("RAFT-18", source="thesis, section 4.3, joint consensus; package quorum")
def quorum_decides_commit(before: Membership, after: Membership) -> bool:
    """A leader commits what voters hold that are a majority in each half of its configuration."""
    return all(
        is_decided(
            after, i, {j for j in after.servers if after.match_index[i][j] >= after.commit[i]}
        )
        for i in after.servers
        if stays_leader(before, after, i) and after.commit[i] > before.commit[i]
    )


@requirement("RAFT-19", source="thesis, section 4.3, joint consensus; package quorum")
def quorum_decides_election(before: Membership, after: Membership) -> bool:
    """A leader is elected by voters that are a majority in each half of its configuration."""
    return all(
        is_decided(before, i, before.votes[i])
        for i in after.servers
        if before.role[i] != Role.LEADER and after.role[i] == Role.LEADER
    )


@requirement("RAFT-20", source="thesis, section 4.2.1: learners do not vote; etcd, promotable")
def learner_never_campaigns(before: Membership, after: Membership) -> bool:
    """Only a voter of its own configuration begins a campaign."""
    return all(
        i in before.get_voters(i) or i in before.get_outgoing(i)
        for i in after.servers
        if after.role[i] in (Role.CANDIDATE, Role.PRE_CANDIDATE)
        and (after.role[i] != before.role[i] or after.term[i] != before.term[i])
    )


@requirement("RAFT-21", source="thesis, section 4.1; etcd, in force once applied")
def configuration_follows_log(s: Membership) -> bool:
    """Servers that have applied equally far have the same configuration in force."""
    return all(
        s.configuration[i] == s.configuration[j]
        for i in s.servers
        for j in s.servers
        if s.applied[i] == s.applied[j]
    )


@requirement("RAFT-22", source="thesis, section 4.2.1; package confchange, checkInvariants")
def nobody_votes_and_learns(s: Membership) -> bool:
    """No learner is a voter of either half of its configuration."""
    return all(
        len(s.get_learners(i) & (s.get_voters(i) | s.get_outgoing(i))) == 0 for i in s.servers
    )


@requirement("RAFT-23", source="thesis, section 6.4: linearizable reads without the log")
def linearizable_reads(s: Membership) -> bool:
    """A read sees everything that was committed anywhere before it was asked for."""
    return all(read.index >= read.asked_at for read in s.answered)


@requirement("RAFT-24", source="thesis, section 6.4.1: leases; etcd, ReadOnlyLeaseBased")
def lease_excludes_others(s: Membership) -> bool:
    """While a leader trusts its lease nobody leads a later term."""
    return not any(
        s.role[j] == Role.LEADER and s.term[j] > s.term[i]
        for i in s.servers
        if s.trusts_lease(i)
        for j in s.servers
    )
