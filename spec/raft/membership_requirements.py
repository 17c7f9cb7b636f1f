"""What changing memberships and linearizable reads promise (thesis, chapters 4 and 6).

"thesis": Ongaro, "Consensus: Bridging Theory and Practice", 2014.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.raft.log_requirements import Cluster, is_decided, stays_leader
from planespec.spec.raft.raft_requirements import Role
from planespec.spec.requirement import requirement


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
