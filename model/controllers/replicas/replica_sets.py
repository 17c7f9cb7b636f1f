"""The ReplicaSet controller: it counts the pods that it sees, and makes or deletes the difference.

A sync reads the cache, sets expectations, and writes pod by pod: it makes them in batches of 1, 2,
4, ... until a call fails, and deletes the least useful first. It may crash between any two writes,
and the next process lists before it begins. A pod without an owner whose labels match is taken
over once the API server has said that the set is not being deleted; one whose labels do not match
any more is let go.
Source: `pkg/controller/replicaset/replica_set.go` (syncReplicaSet, manageReplicas,
slowStartBatch), `controller_ref_manager.go`, `controller_utils.go`, v1.36. The guard of KEP-5647,
which waits until the cache has the controller's own writes, is the view OWN_WRITES. Left out:
statuses, the work queue, requests that are under way when their process dies, and what makes a pod
less useful beyond readiness; taking over is a sync of its own, and its look at the set and its
write are one step.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Fairness,
    Range,
    action,
    choose,
    constant,
    each,
    given,
    instance,
    joint,
    mutant,
    no_recording,
    only,
    reachable,
    require,
)
from planespec.model.controllers.owned_pods import PodLife
from planespec.model.controllers.replicas.pod_claims import PodClaims
from planespec.model.controllers.replicas.pod_sets import Uid
from planespec.model.parts.api_store import Name, Revision
from planespec.model.parts.expectations import Count, Owner
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Clock, Process
from planespec.spec.controllers.replica_requirements import (
    as_many_as_wanted,
    none_deleted_beyond,
    none_made_beyond,
    not_taken_back,
    only_own_pods,
    starts_slowly,
    taken_from_nobody,
    unready_go_first,
)


class ReplicaSets(PodClaims, Clock):
    """Sync, make, delete, claim."""

    held_to = no_recording(
        "syncs of one controller are recorded, and spec/controllers/apps held to them; tests "
        "compare what it deletes and expects with these rules"
    )

    refusals: int = constant(0, at_least=0, at_most=3)
    """How often the API server refuses a pod: a quota is used up."""
    starts: bool = constant(default=False)
    """Whether pods that were not ready become so."""
    starts_fresh: bool = constant(default=True)
    """Whether a process begins with a list of the newest; else with one of any age."""

    unexpecting: bool = mutant(
        "A controller counts again before it has heard of what it did.",
        issue="ray-project/kuberay#715",
    )
    expected_late: bool = mutant("Creations are expected only once all are made.")
    all_at_once: bool = mutant("All pods are asked for at once.", issue="#49145")
    skipped_expected: bool = mutant("Pods that were not made are expected all the same.")
    ended_count: bool = mutant("A pod that has failed counts as one of its set.")
    ready_first: bool = mutant("Any pod is as good to delete as another.", issue="#3948")
    owned_by_name: bool = mutant("Pods of another set of the same name count as its own.")
    unlisted: bool = mutant("A process that begins anew counts before it has listed.")

    fairness = {
        "tick": Fairness.WEAK,
        "serve": Fairness.WEAK,
        "hear[p]": Fairness.WEAK,
        "list_again[p]": Fairness.WEAK,
    }

    at: Array[Process, Owner | None] = each(None)
    """The set whose sync is under way."""
    at_uid: Array[Process, Uid] = each(0)
    goal: Array[Process, Count] = each(0)
    """The size that the sync read."""
    to_make: Array[Process, Count] = each(0)
    """How many pods are left to ask for."""
    batch: Array[Process, Count] = each(0)
    """How many of them are left in this batch."""
    successes: Array[Process, Count] = each(0)
    failures: Array[Process, Count] = each(0)
    doomed: Array[Process, Array[Name, Revision]] = each(each(0))
    """The uids of the pods that are left to delete."""
    has_listed: Array[Process, bool] = only(each(True), when="crashes > 0")
    refused: Annotated[int, Range(0, "refusals")] = 0

    was_exceeded: bool = False
    was_depleted: bool = False
    took_a_stranger: bool = False

    requires = [
        only(none_made_beyond, when="timeout == 0 and relabels == 0"),
        only(
            none_deleted_beyond,
            when="timeout == 0 and strays + remakes == 0 and not (pods_fail or orphans)",
        ),
        as_many_as_wanted,
        unready_go_first,
        starts_slowly,
        taken_from_nobody,
        not_taken_back,
        only_own_pods,
    ]

    # One sync.

    @action(fair=Fairness.WEAK, per_instance=("p", "o"))
    def sync(self, p: Process, o: Owner, victims: frozenset[Name]) -> None:
        """A controller counts the pods of a set, and plans to make or delete the difference."""
        require(self.may_sync(p, o) and (self.is_satisfied(p, o) or self.unexpecting))
        require(not any(self.may_claim(p, o, n) for n in self.names))
        there = sum(self.counts(p, o, n) for n in self.names)
        wanted = self.sees_size(p, o)
        require(there != wanted and len(victims) == max(0, there - wanted))
        self.at[p] = o
        self.at_uid[p] = self.sees_set(p, o)
        self.goal[p] = wanted
        if there < wanted:
            self.to_make[p] = wanted - there
            self.batch[p] = self.to_make[p] if self.all_at_once else 1
            if not self.expected_late:
                self.expect_creations(p, o, wanted - there)
        else:
            self.plan_to_delete(p, o, victims)

    def may_sync(self, p: Process, o: Owner) -> bool:
        """Whether a process is free, knows enough, and sees a set that is not being deleted."""
        is_ready = self.crashes == 0 or self.has_listed[p] or self.unlisted
        is_there = self.sees_set(p, o) != 0 and not self.sees_orphaning(p, o)
        return self.at[p] is None and self.may_act(p) and is_ready and is_there

    def counts(self, p: Process, o: Owner, n: Name) -> bool:
        """Whether a process counts the pod that it sees under a name as one of a set."""
        is_failed = self.sees_life(p, n) == PodLife.FAILED and self.ended_count
        return self.is_seen_own(p, o, n) and (self.sees_active(p, n) or is_failed)

    def is_seen_own(self, p: Process, o: Owner, n: Name) -> bool:
        """Whether a process sees a pod of a set, by uid, or has taken it over."""
        is_taken = (
            self.orphans
            and self.taken[p][o][n] == self.sees(p, n)
            and self.sees_owner(p, n) is None
        )
        is_own = self.sees_owner(p, n) == o and (
            self.sees_owner_uid(p, n) == self.sees_set(p, o) or self.owned_by_name
        )
        return self.sees(p, n) != 0 and self.sees_match(p, n) and (is_own or is_taken)

    def plan_to_delete(self, p: Process, o: Owner, victims: frozenset[Name]) -> None:
        """The pods are chosen; those that are not ready go first."""
        require(all(self.counts(p, o, n) for n in victims))
        require(
            self.ready_first
            or all(
                self.sees_unready(p, n)
                or not any(
                    self.counts(p, o, m) and m not in victims and self.sees_unready(p, m)
                    for m in self.names
                )
                for n in victims
            )
        )
        self.expect_deletions(p, o, len(victims))
        for n in victims:
            self.doomed[p][n] = self.sees(p, n)
            self.await_end(p, n, self.sees(p, n))
            is_own = self.sees_owner_uid(p, n) in (0, self.at_uid[p])
            self.took_a_stranger = self.took_a_stranger or not is_own

    @action(fair=Fairness.WEAK, per_instance=("p",))
    def make(self, p: Process, n: Name) -> None:
        """The controller asks for a pod, and is told that there is one, or not."""
        o = given(self.at[p])
        require(self.batch[p] > 0)
        is_refused = False
        if self.refused < self.refusals:
            is_refused = choose({False, True})
        is_made = False
        if is_refused:
            self.refused += 1
        else:
            self.make_owned(p, o, n)
            is_made = self.is_answered()
        self.batch[p] -= 1
        self.to_make[p] -= 1
        if is_made:
            self.successes[p] += 1
        else:
            self.failures[p] += 1
        if self.batch[p] == 0:
            self.go_on(p, o)

    def make_owned(self, p: Process, o: Owner, n: Name) -> None:
        """A pod of a set is made."""
        here = self.count_active(o, self.at_uid[p])
        self.was_exceeded = self.was_exceeded or here >= self.goal[p]
        self.make_pod(p, n)
        self.owner[n] = o
        self.owner_uid[n] = self.at_uid[p]

    def go_on(self, p: Process, o: Owner) -> None:
        """After a batch comes one of twice the size; after a failure the sync ends."""
        if self.failures[p] == 0 and self.to_make[p] > 0:
            self.batch[p] = min(self.successes[p] + 1, self.to_make[p])
        else:
            if self.expected_late:
                self.expect_creations(p, o, self.successes[p])
            elif not self.skipped_expected:
                self.see_failures(p, o)
            self.end_sync(p)

    def see_failures(self, p: Process, o: Owner) -> None:
        """What was not made, or not asked for any more, is not waited for."""
        for _ in range(self.failures[p] + self.to_make[p]):
            self.see_creation(p, o)

    @action(fair=Fairness.WEAK, per_instance=("p",))
    def delete_next(self, p: Process, n: Name) -> None:
        """The controller deletes a pod; of one that is gone it will hear nothing more."""
        o = given(self.at[p])
        uid = self.doomed[p][n]
        require(uid != 0)
        here = self.count_active(o, self.at_uid[p])
        was_own = self.owner[n] == o and self.owner_uid[n] == self.at_uid[p]
        was_active = self.uid[n] == uid and self.is_active(n) and was_own
        is_there = self.delete_pod(p, n, uid)
        self.was_depleted = self.was_depleted or (was_active and here <= self.goal[p])
        if not is_there:
            self.see_deletion(p, o, n, uid)
        self.doomed[p][n] = 0
        if all(self.doomed[p][m] == 0 for m in self.names):
            self.end_sync(p)

    def end_sync(self, p: Process) -> None:
        """Nothing is left to do."""
        self.at[p] = None
        self.at_uid[p] = 0
        self.goal[p] = 0
        self.to_make[p] = 0
        self.batch[p] = 0
        self.successes[p] = 0
        self.failures[p] = 0

    @action(when="remakes > 0", fair=Fairness.WEAK, per_instance=("p",))
    def sync_nothing(self, p: Process, o: Owner) -> None:
        """A controller finds no set under a key, and expects nothing of it."""
        require(self.at[p] is None and self.sees_set(p, o) == 0)
        self.forget_expectations(p, o)

    @joint
    def lose_memory(self, p: Process) -> None:
        """The sync under way is forgotten, and what was to be done in it."""
        self.end_sync(p)
        for n in self.names:
            self.doomed[p][n] = 0
        if self.crashes > 0:
            self.has_listed[p] = False

    @joint
    def list_fields(self, p: Process, n: Name) -> None:
        """A process has listed the newest."""
        if self.crashes > 0:
            self.has_listed[p] = True

    @joint
    def hear_fields(self, p: Process, n: Name) -> None:
        """A process has listed what there was once."""
        if self.crashes > 0 and not self.starts_fresh:
            self.has_listed[p] = True

    # What is looked at.

    @joint
    def may_start(self, n: Name) -> bool:
        """Whether a pod can become ready."""
        return self.starts

    def sees_unready(self, p: Process, n: Name) -> bool:
        """Whether a process takes a pod not to be ready."""
        return self.sees_life(p, n) == PodLife.PENDING

    def is_kept(self, p: Process, n: Name) -> bool:
        """Whether a process sees a pod of the set at hand that it is not about to delete."""
        o = self.at[p]
        return o is not None and self.counts(p, o, n) and self.doomed[p][n] == 0

    def count_active(self, o: Owner, uid: Uid) -> Count:
        """How many pods of a set are there and not ending."""
        return sum(
            self.is_active(n) and self.owner[n] == o and self.owner_uid[n] == uid
            for n in self.names
        )

    def as_wanted(self) -> bool:
        """Whether every set has as many pods as it wants, or a bound of the model is used up.

        A bound counts only where pods fail, flap or are made in vain without an end.
        """
        is_full = all(self.uid[n] != 0 for n in self.names)
        makes_many = self.pods_fail or self.timeout > 0 or len(self.owners) > 1
        is_over = (makes_many and is_full) or (
            (self.readiness_lost or self.remakes > 0) and self.revision == self.writes
        )
        return is_over or all(
            self.set_uid[o] == 0 or self.count_active(o, self.set_uid[o]) == self.size[o]
            for o in self.owners
        )

    @reachable
    def waits_to_hear(self) -> bool:
        """A controller waits to hear of what it did."""
        return any(
            self.at[p] is None and not self.is_satisfied(p, o)
            for p in self.processes
            for o in self.owners
        )

    @reachable(when="timeout > 0")
    def too_many(self) -> bool:
        """An expectation that is over lets too many be made (issue 129795)."""
        return self.was_exceeded

    instances = [
        instance("grow", names=2, most=2, writes=9, scalings=2, crashes=0, starts=True),
        instance("slow-start", names=3, most=3, writes=5, crashes=0, refusals=3),
        instance("shrink", names=3, most=3, begun=3, writes=7, crashes=0, mixed=True),
        instance("crash", names=2, most=2, writes=6, scalings=2, crashes=1),
        instance("remade", writes=9, remakes=1, crashes=0),
        instance(
            "orphaned",
            names=2,
            begun=1,
            writes=6,
            scalings=0,
            remakes=1,
            orphans=True,
            crashes=0,
            consistency=Consistency.OWN_WRITES,
        ),
        instance(
            "two-sets",
            owners=2,
            begun=1,
            names=2,
            writes=6,
            scalings=0,
            orphans=True,
            crashes=0,
            consistency=Consistency.OWN_WRITES,
        ),
        instance("relabelled", names=2, writes=9, relabels=1, crashes=0),
        instance("stray", names=2, most=2, begun=2, writes=9, strays=1, crashes=0),
        instance("failing", names=2, writes=6, pods_fail=True, crashes=0),
        instance("expired", names=2, writes=9, scalings=1, timeout=1, crashes=0),
        instance(
            "shrink-twice", slow=True, names=3, most=3, begun=3, writes=10, scalings=2, crashes=0
        ),
    ]
