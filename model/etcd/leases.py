"""Leases of etcd among several members: who counts their time, and who keeps one alive.

Source: server/lease/lessor.go and server/etcdserver (LeaseRenew, revokeExpiredLeases, both of
which ask the quorum whether they still lead, etcd pull 16822; leaseTimeToLive, which looks at the
lease once more before it answers, pull 17642) of release 3.5.14. Only the leader counts
time; a new one begins anew with all of it (Promote). A member that is stuck does not notice that
it was deposed, and goes on counting. One lease stands for all; every clock runs alike. Left out:
checkpoints, what the lease is attached to (`etcd.store` has that), the log through which grants
and revocations pass, and that a revocation may be checked a moment before it is proposed.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    Range,
    Sort,
    action,
    constant,
    each,
    given,
    instance,
    leads_to,
    mutant,
    no_recording,
    reachable,
    require,
    sort,
)
from planespec.spec.etcd.etcd_requirements import (
    lease_lives_as_long_as_told,
    shows_no_more_than_granted,
)


class Member(Sort):
    """An etcd member."""


Ticks = Annotated[int, Range(0, "ttl")]
Elections = Annotated[int, Range(0, "elections")]


class Leases(Model):
    """One lease of `ttl` ticks, `members`, and leaders elected at most `elections` times."""

    held_to = no_recording("leases of several members while leaders change were not recorded")

    members: Domain[Member] = sort(3, at_least=1, symmetric=True)
    ttl: int = constant(2, at_least=1, at_most=9)
    elections: int = constant(3, at_least=1, at_most=9)

    revoke_unchecked: bool = mutant(
        "A member that was deposed revokes what runs out on its own clock.",
        issue="etcd#12528, etcd#15247",
    )
    renew_unchecked: bool = mutant(
        "A member that was deposed promises clients that it keeps their leases alive.",
        issue="etcd#15247",
    )
    keep_countdown: bool = mutant(
        "A new leader goes on counting where it stopped when it led before.", issue="etcd#2660"
    )
    stay_secondary: bool = mutant("A new leader does not begin to count.")
    show_of_demoted: bool = mutant(
        "A member that is demoted while it is asked shows the time of a lease that never ends.",
        issue="etcd#17506, etcd#17642",
    )

    deadlock = False

    leader: Member | None = None
    elected: Elections = 0
    is_promoted: bool = False
    """Whether the leader has applied the first entry of its term, and counts."""
    counting: set[Member] = set()
    """Members whose lessor takes itself for the primary one."""
    left: Array[Member, Ticks] = each(0)
    """Ticks that are left of the lease on the clock of a member that counts."""
    granted: bool = False
    ended: bool = False
    told: Ticks = 0
    """Ticks for which the client was told that its lease lives on."""
    is_kept: bool = True
    """Whether the client goes on keeping it alive."""

    asked: Member | None = None
    """The member that took itself for the leader when it was asked how much time is left."""
    shown: Annotated[int, Range(0, "ttl + 1")] = 0
    """The ticks that the last answer told; one more than were granted stands for no end."""

    requires = [lease_lives_as_long_as_told, shows_no_more_than_granted]

    @action
    def elect(self, m: Member) -> None:
        """The members elect a leader; the old one may not notice."""
        require(m != self.leader and self.elected < self.elections)
        self.elected += 1
        self.leader = m
        self.is_promoted = False

    @action(fair=Fairness.WEAK, per_instance=True)
    def promote(self, m: Member) -> None:
        """The leader applies the first entry of its term: every lease has all its time again."""
        require(m == self.leader and not self.is_promoted and not self.stay_secondary)
        self.is_promoted = True
        if not self.keep_countdown or (m not in self.counting and self.left[m] == 0):
            self.left[m] = self.ttl
        self.counting.add(m)

    @action
    def demote(self, m: Member) -> None:
        """A member notices that it was deposed, and counts no longer."""
        require(m in self.counting and m != self.leader)
        self.counting.remove(m)
        if not self.keep_countdown:
            self.left[m] = 0

    @action
    def grant(self) -> None:
        """A client is granted the lease; whoever counts begins."""
        require(not self.granted and not self.ended and self.leader is not None)
        self.granted = True
        self.told = self.ttl
        for m in self.counting:
            self.left[m] = self.ttl

    @action
    def keep_alive(self, m: Member) -> None:
        """The client asks a member that counts; it first makes sure that it still leads."""
        require(self.granted and self.is_kept and m in self.counting)
        require(self.leads(m) or self.renew_unchecked)
        self.left[m] = self.ttl
        self.told = self.ttl

    @action
    def ask(self, m: Member) -> None:
        """A client asks how much time is left; no quorum is asked whether the member leads."""
        require(self.granted and m in self.counting and self.asked is None)
        self.asked = m

    @action
    def show(self) -> None:
        """The answer; the lessor of a member that was demoted lets no lease end."""
        asked = given(self.asked)
        counts = asked in self.counting
        require(self.granted and (counts or self.show_of_demoted))
        self.shown = self.left[asked] if counts else self.ttl + 1
        self.asked = None

    @action
    def fail(self) -> None:
        """The answer is an error: the leader changed, or the lease was not found."""
        require(self.asked is not None)
        self.asked = None

    @action
    def abandon(self) -> None:
        """The client no longer keeps its lease alive."""
        require(self.is_kept)
        self.is_kept = False

    @action(fair=Fairness.WEAK)
    def tick(self) -> None:
        """Time passes on every clock that runs."""
        require(self.told > 0 or any(self.left[m] > 0 for m in self.counting))
        self.told = max(self.told - 1, 0)
        for m in self.counting:
            self.left[m] = max(self.left[m] - 1, 0)

    @action(fair=Fairness.WEAK, per_instance=True)
    def expire(self, m: Member) -> None:
        """What runs out is revoked by the member that counts, once it made sure that it leads."""
        require(self.granted and m in self.counting and self.left[m] == 0)
        require(self.leads(m) or self.revoke_unchecked)
        self.granted = False
        self.ended = True

    def leads(self, m: Member) -> bool:
        """Whether a quorum confirms that a member leads, and it has applied what came before."""
        return m == self.leader and self.is_promoted

    def is_abandoned(self) -> bool:
        """The lease is granted, and nobody keeps it alive."""
        return self.granted and not self.is_kept

    def is_over(self) -> bool:
        """The lease is not granted."""
        return not self.granted

    abandoned_leases_end = leads_to(
        is_abandoned,
        is_over,
        statement="A lease that nobody keeps alive ends, once leaders stay.",
        source="etcd API reference, leases: expire unless kept alive",
    )

    @reachable
    def deposed_member_counts(self) -> bool:
        """A member that was deposed counts beside the new leader, and runs out first."""
        return any(
            m != self.leader and self.left[m] == 0 and self.granted and self.told > 0
            for m in self.counting
        )

    @reachable
    def lease_ran_out(self) -> bool:
        """The lease has run out."""
        return self.ended

    instances = [
        instance("defaults"),
    ]
