"""The Deployment controller: it rolls a template out over ReplicaSets, or recreates all pods.

A sync reads the Deployment, the sizes and statuses of its ReplicaSets and, to recreate, its pods
from caches, plans new sizes, and writes them one by one; a write from an old version is refused
and ends the sync. It may crash between any two writes.
Who keeps ReplicaSets, and what a process has heard of them, is said by a part beside it:
`counted_sets` counts pods, `set_statuses` is beside the ReplicaSet controller in full. It tells of
every write to a ReplicaSet (`note_set_written`) and of every one that a process hears of
(`read_set`), and keeps `is_newest`.
Source: `pkg/controller/deployment/deployment_controller.go` (syncDeployment), `rolling.go`,
`recreate.go`, `sync.go`, v1.36; the rule of one sync is `spec/controllers/apps/deployment_sync`.
Left out: changes of the size, statuses, the history and its clean-up, and the deadline of
progress, which is only reported. Of two old ReplicaSets the first shrinks first, and each is
written once in a sync.
"""

from planespec.checker.lang import (
    Array,
    Fairness,
    abstract,
    action,
    constant,
    each,
    given,
    joint,
    mutant,
    reachable,
    require,
    table,
)
from planespec.model.controllers.replicas.rollouts import Rollouts, Size, Strategy
from planespec.model.parts.expectations import Owner
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Crash, Process
from planespec.spec.controllers.rollout_requirements import (
    old_sets_shrink,
    paused_stands_still,
    rolled_out_at_last,
    sizes_from_the_newest,
)


class DeploymentControl(Rollouts, Crash):
    """What a process hears of one Deployment, plans, and writes."""

    crashes: int = constant(0, at_least=0, at_most=9)
    consistency: Consistency = constant(Consistency.MONOTONIC)
    """How old the caches are: as stored, never older than own writes, or any."""
    never_ready: Array[Owner, bool] = table(each(False))
    """ReplicaSets whose pods are never ready."""

    count_new_as_ready: bool = mutant(
        "Old pods go for new ones that are there and not ready.", issue="#19299"
    )
    keep_unhealthy: bool = mutant(
        "Old ReplicaSets shrink only while enough pods are ready, also where theirs are not.",
        issue="#16737",
    )
    ignore_old: bool = mutant("The new ReplicaSet grows whatever old ones want.")
    old_grows: bool = mutant("An old ReplicaSet is scaled up.", issue="#22512")
    recreate_early: bool = mutant(
        "Pods that end are not waited for before new ones are made.", issue="#27362"
    )
    last_only: bool = mutant("Of several old ReplicaSets only one is scaled down.")
    ignore_pause: bool = mutant("A paused Deployment is rolled out.", when="pauses > 0")
    size_blindly: bool = mutant("A size is written whoever wrote since it was read.")

    requires = [
        rolled_out_at_last,
        old_sets_shrink,
        paused_stands_still,
        sizes_from_the_newest,
    ]

    seen_template: Array[Process, Owner | None] = each(None)
    seen_paused: Array[Process, bool] = each(False)
    is_newest: Array[Process, Array[Owner, bool]] = each(each(True))
    """Whether the version of a ReplicaSet in the cache is the newest."""
    has_sized: Array[Process, Array[Owner, bool]] = each(each(False))
    """Whether a process has written a size, and has not heard of it."""

    at_template: Array[Process, Owner | None] = each(None)
    at_paused: Array[Process, bool] = each(False)
    plan: Array[Process, Array[Owner, Size | None]] = each(each(None))
    """The sizes that the sync under way has yet to write."""
    is_planned_late: Array[Process, Array[Owner, bool]] = each(each(False))
    """Whether the sync has read an old version of a ReplicaSet, or it was written since."""

    wrote_over: bool = False

    def begin_wanting(self, o: Owner) -> None:
        """A template is wanted, and everybody knows."""
        self.template = o
        for p in self.processes:
            self.seen_template[p] = o

    def is_settled(self) -> bool:
        """Whether the template is rolled out and nothing else is there, or it cannot be."""
        new = self.template
        is_stopped = self.is_paused or new is None or self.never_ready[new]
        return is_stopped or all(
            self.has_only_ready(o, self.replicas if o == new else 0) for o in self.owners
        )

    # What it sees of ReplicaSets and pods.

    @abstract
    def sees_size(self, p: Process, o: Owner) -> int:
        """The size that a process takes a ReplicaSet to have."""
        raise NotImplementedError

    @abstract
    def sees_reported(self, p: Process, o: Owner) -> int:
        """The pods in its status (`replicas`)."""
        raise NotImplementedError

    @abstract
    def sees_available(self, p: Process, o: Owner) -> int:
        """Those of them that are ready (`availableReplicas`)."""
        raise NotImplementedError

    @abstract
    def sees_pod_of(self, p: Process, o: Owner) -> bool:
        """Whether a process sees a pod of a ReplicaSet, also one that ends."""
        raise NotImplementedError

    @abstract
    def has_only_ready(self, o: Owner, count: int) -> bool:
        """Whether a ReplicaSet has so many pods, all of them ready."""
        raise NotImplementedError

    @abstract
    def resize(self, o: Owner, size: int) -> None:
        """The size of a ReplicaSet is written."""

    @joint
    def note_set_written(self, o: Owner) -> None:
        """A ReplicaSet was written: who has read it, and writes it, is late."""
        for p in self.processes:
            self.is_planned_late[p][o] = self.at_template[p] is not None

    @joint
    def read_set(self, p: Process, o: Owner) -> None:
        """A process knows a ReplicaSet as it is stored."""
        self.has_sized[p][o] = False

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear_deployment(self, p: Process) -> None:
        """A process hears of the Deployment."""
        is_same = self.seen_template[p] == self.template
        require(not is_same or self.seen_paused[p] != self.is_paused)
        self.read_deployment(p)

    def read_deployment(self, p: Process) -> None:
        """A process knows the Deployment as it is stored."""
        self.seen_template[p] = self.template
        self.seen_paused[p] = self.is_paused

    # One sync.

    @action(fair=Fairness.WEAK, per_instance=True)
    def roll_out(self, p: Process) -> None:
        """A process plans which sizes to write, if any."""
        require(self.at_template[p] is None)
        is_live = self.consistency == Consistency.LIVE
        if is_live:
            self.read_deployment(p)
        waits = self.consistency == Consistency.OWN_WRITES
        require(not waits or not any(self.has_sized[p][o] for o in self.owners))
        new = given(self.seen_template[p])
        require(not self.seen_paused[p] or self.ignore_pause)
        if self.strategy == Strategy.RECREATE:
            self.plan_recreation(p, new)
        else:
            self.plan_rollout(p, new)
        require(any(self.plan[p][o] is not None for o in self.owners))
        self.at_template[p] = new
        self.at_paused[p] = self.seen_paused[p]
        for o in self.owners:
            self.is_planned_late[p][o] = not (is_live or self.is_newest[p][o])

    def plan_rollout(self, p: Process, new: Owner) -> None:
        """The new ReplicaSet grows, or else old ones shrink."""
        size = self.sees_size(p, new)
        total = sum(self.sees_size(p, o) for o in self.owners)
        room = self.replicas + self.surge - (size if self.ignore_old else total)
        missing = self.replicas - size
        if missing < 0:
            self.plan[p][new] = self.replicas
        elif missing > 0 and room > 0:
            self.plan[p][new] = size + min(missing, room)
        else:
            self.plan_shrinking(p, new, total)
        if self.old_grows:
            for o in self.owners:
                if o != new and self.sees_size(p, o) == 1:
                    self.plan[p][o] = 2

    def plan_shrinking(self, p: Process, new: Owner, total: int) -> None:
        """Old ReplicaSets shrink: first by pods that are not ready, then while enough are."""
        least = self.replicas - self.unavailable
        unready = self.sees_size(p, new) - self.sees_available(p, new)
        most = total - least - (0 if self.count_new_as_ready else unready)
        ready = sum(
            self.sees_available(p, o) for o in self.owners if o == new or self.sees_size(p, o) > 0
        )
        goes_on = self.plan_without_sick(p, new, most)
        spare = most if self.count_new_as_ready else ready - least
        for o in self.owners:
            size = self.read_plan(p, o)
            if goes_on and o != new and size > 0 and spare > 0:
                self.plan[p][o] = size - min(size, spare)
                spare -= min(size, spare)
                if self.last_only:
                    break

    def plan_without_sick(self, p: Process, new: Owner, most: int) -> bool:
        """Old ReplicaSets lose pods that are not ready; whether there is more to do.

        Where more pods are reported ready than wanted, upstream gives up.
        """
        left = most
        for o in self.owners:
            size = self.sees_size(p, o)
            sick = min(size - self.sees_available(p, o), left)
            if o != new and size > 0 and left > 0:
                if sick < 0:
                    return False
                if sick > 0 and not self.keep_unhealthy:
                    self.plan[p][o] = size - sick
                    left -= sick
                if self.last_only:
                    break
        return most > 0

    def read_plan(self, p: Process, o: Owner) -> int:
        """The size that a ReplicaSet will have by what is planned so far."""
        planned = self.plan[p][o]
        return self.sees_size(p, o) if planned is None else planned

    def plan_recreation(self, p: Process, new: Owner) -> None:
        """Old ReplicaSets go to nothing; the new one grows when no old pod is seen."""
        is_active = any(o != new and self.sees_size(p, o) > 0 for o in self.owners)
        is_there = any(o != new and self.sees_some(p, o) for o in self.owners)
        for o in self.owners:
            if o != new and self.sees_size(p, o) > 0:
                self.plan[p][o] = 0
        if not is_active and not is_there and self.sees_size(p, new) != self.replicas:
            self.plan[p][new] = self.replicas

    def sees_some(self, p: Process, o: Owner) -> bool:
        """Whether a process takes pods of a ReplicaSet to be there."""
        is_seen = self.sees_pod_of(p, o) and not self.recreate_early
        return self.sees_reported(p, o) > 0 or is_seen

    @action(fair=Fairness.WEAK)
    def write_size(self, p: Process, o: Owner) -> None:
        """A size is written; one from an old version is refused, and the sync ends."""
        new = given(self.plan[p][o])
        is_late = self.is_planned_late[p][o]
        if not is_late or self.size_blindly:
            self.wrote_over = self.wrote_over or is_late
            self.resize(o, new)
            self.note_set_written(o)
            self.plan[p][o] = None
            self.is_planned_late[p][o] = False
            self.has_sized[p][o] = True
            if all(self.plan[p][other] is None for other in self.owners):
                self.end_rollout(p)
        else:
            self.end_rollout(p)

    def end_rollout(self, p: Process) -> None:
        """Nothing is planned."""
        self.at_template[p] = None
        self.at_paused[p] = False
        for o in self.owners:
            self.plan[p][o] = None
            self.is_planned_late[p][o] = False

    @joint
    def lose_memory(self, p: Process) -> None:
        """What was planned is forgotten, and the next process lists."""
        self.end_rollout(p)
        self.read_deployment(p)

    @reachable(when="consistency.name == 'MONOTONIC'")
    def is_refused(self) -> bool:
        """A size is about to be written from an old version."""
        return any(
            self.plan[p][o] is not None and self.is_planned_late[p][o]
            for p in self.processes
            for o in self.owners
        )
