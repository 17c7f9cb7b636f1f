"""The Deployment controller: it rolls a template out over ReplicaSets, or recreates all pods.

A sync reads the Deployment, the sizes and statuses of its ReplicaSets and, to recreate, its pods
from caches, plans new sizes, and writes them one by one; a write from an old version is refused
and ends the sync. It may crash between any two writes. Users change the template, also back, and
pause.
The ReplicaSet controller is a coarse part here, since its names and versions would multiply the
states: it makes and deletes pods one at a time, those that are not ready first, and reports how
many are there and ready; pods are counted by template. `controllers.replica_set` has it in full.
Source: `pkg/controller/deployment/deployment_controller.go` (syncDeployment), `rolling.go`,
`recreate.go`, `sync.go`, v1.36; the rule of one sync is `spec/controllers/apps/deployment_sync`.
Left out: changes of the size, minReadySeconds, statuses, the history and its clean-up, hashes that
collide, and the deadline of progress, which is only reported. Of two old ReplicaSets the one with
the lower template shrinks first, and each is written once in a sync.
"""

from planespec.checker.lang import (
    Fairness,
    action,
    given,
    instance,
    mutant,
    no_recording,
    only,
    reachable,
    require,
)
from planespec.model.controllers.replicas.rollouts import Count, Rollouts, Strategy, Template
from planespec.model.parts.informers import Consistency
from planespec.spec.controllers.rollout_requirements import (
    enough_are_available,
    old_sets_shrink,
    paused_stands_still,
    recreated_apart,
    rolled_out_at_last,
    sizes_from_the_newest,
    surge_is_kept,
)


class Deployments(Rollouts):
    """One Deployment, its ReplicaSets, and the controller."""

    held_to = no_recording(
        "syncs of the controller are recorded, and spec/controllers/apps held to them; a test "
        "compares the sizes that the model plans with that rule"
    )

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
    blind_writes: bool = mutant("A size is written whoever wrote since it was read.")

    requires = [
        only(
            surge_is_kept,
            when="strategy.name == 'ROLLING' and (edits < 2 or consistency.name != 'MONOTONIC')",
        ),
        only(
            enough_are_available, when="strategy.name == 'ROLLING' and losses == 0 and edits < 2"
        ),
        rolled_out_at_last,
        old_sets_shrink,
        only(recreated_apart, when="strategy.name == 'RECREATE'"),
        paused_stands_still,
        sizes_from_the_newest,
    ]

    views = [
        instance("live", consistency=Consistency.LIVE),
        instance("own-writes", consistency=Consistency.OWN_WRITES),
        instance("monotonic", consistency=Consistency.MONOTONIC),
    ]

    # The controller.

    @action(fair=Fairness.WEAK)
    def sync(self) -> None:
        """The controller plans which sizes to write, if any."""
        require(self.at_template is None)
        if self.consistency == Consistency.LIVE:
            self.look()
        is_heard = not any(self.wrote[t] for t in self.templates)
        require(self.consistency == Consistency.MONOTONIC or is_heard)
        new = given(self.seen_template)
        require(not self.seen_paused or self.ignore_pause)
        if self.strategy == Strategy.RECREATE:
            self.plan_recreation(new)
        else:
            self.plan_rollout(new)
        require(any(self.plan[t] is not None for t in self.templates))
        self.at_template = new
        self.at_paused = self.seen_paused
        for t in self.templates:
            self.is_planned_late[t] = not self.is_newest[t]

    def plan_rollout(self, new: Template) -> None:
        """The new ReplicaSet grows, or else old ones shrink."""
        total = sum(self.seen_size[t] for t in self.templates)
        others = self.seen_size[new] if self.ignore_old else total
        room = self.replicas + self.surge - others
        missing = self.replicas - self.seen_size[new]
        if missing < 0:
            self.plan[new] = self.replicas
        elif missing > 0 and room > 0:
            self.plan[new] = self.seen_size[new] + min(missing, room)
        else:
            self.plan_shrinking(new, total)
        if self.old_grows:
            for t in self.templates:
                if t != new and self.seen_size[t] == 1:
                    self.plan[t] = 2

    def plan_shrinking(self, new: Template, total: Count) -> None:
        """Old ReplicaSets shrink, first by pods that are not ready."""
        least = self.replicas - self.unavailable
        unready = self.seen_size[new] - self.seen_available[new]
        most = total - least - (0 if self.count_new_as_ready else unready)
        left = most
        is_odd = any(t != new and self.is_odd(t) for t in self.templates)
        ready = sum(self.seen_available[t] for t in self.templates) - least
        spare = most if self.count_new_as_ready else ready
        if most > 0 and not is_odd:
            for t in self.templates:
                if t != new and self.seen_size[t] > 0:
                    sick = min(self.seen_size[t] - self.seen_available[t], left)
                    sick = 0 if self.keep_unhealthy else sick
                    well = min(self.seen_size[t] - sick, max(0, spare))
                    if sick + well > 0:
                        self.plan[t] = self.seen_size[t] - sick - well
                    left -= sick
                    spare -= well
                    if self.last_only:
                        break

    def is_odd(self, t: Template) -> bool:
        """Whether more pods are reported ready than wanted; upstream waits then."""
        return 0 < self.seen_size[t] < self.seen_available[t]

    def plan_recreation(self, new: Template) -> None:
        """Old ReplicaSets go to nothing; the new one grows when no old pod is seen."""
        is_active = any(t != new and self.seen_size[t] > 0 for t in self.templates)
        is_there = any(t != new and self.sees_pods(t) for t in self.templates)
        for t in self.templates:
            if t != new and self.seen_size[t] > 0:
                self.plan[t] = 0
        if not is_active and not is_there and self.seen_size[new] != self.replicas:
            self.plan[new] = self.replicas

    def sees_pods(self, t: Template) -> bool:
        """Whether the controller takes pods of a template to be there."""
        is_seen = self.seen_pods[t] > 0 and not self.recreate_early
        return self.seen_reported[t] > 0 or is_seen

    @action(fair=Fairness.WEAK)
    def write(self, t: Template) -> None:
        """A size is written; one from an old version is refused, and the sync ends."""
        new = given(self.plan[t])
        if not self.is_planned_late[t] or self.blind_writes:
            self.wrote_over = self.wrote_over or self.is_planned_late[t]
            self.size[t] = new
            self.plan[t] = None
            self.is_newest[t] = False
            self.wrote[t] = True
            if all(self.plan[u] is None for u in self.templates):
                self.end_sync()
        else:
            self.end_sync()

    def end_sync(self) -> None:
        """Nothing is planned."""
        self.at_template = None
        self.at_paused = False
        for t in self.templates:
            self.plan[t] = None
            self.is_planned_late[t] = False

    @action(when="crashes > 0")
    def crash(self) -> None:
        """The controller dies, and another one lists everything."""
        require(self.crashed < self.crashes)
        self.crashed += 1
        self.end_sync()
        self.look()

    def is_settled(self) -> bool:
        """Whether the template is rolled out and nothing else is there, or it cannot be."""
        new = self.template
        is_stopped = self.is_paused or new is None or self.never_ready[new]
        return is_stopped or all(
            self.ready[t] == (self.replicas if t == new else 0)
            and self.pending[t] == 0
            and self.ending[t] == 0
            for t in self.templates
        )

    @reachable(when="edits > 0")
    def rolled_out(self) -> bool:
        """Another template is rolled out."""
        return self.edited > 0 and self.ready[max(self.templates)] == self.replicas

    @reachable(when="consistency.name == 'MONOTONIC'")
    def is_refused(self) -> bool:
        """A size is about to be written from an old version."""
        return any(self.plan[t] is not None and self.is_planned_late[t] for t in self.templates)

    @reachable(when="edits > 1 and losses == 0 and strategy.name == 'ROLLING'")
    def too_few_after_a_rollback(self) -> bool:
        """Too few are ready: a status was of the size before the last."""
        return sum(self.ready[t] for t in self.templates) < self.replicas - self.unavailable

    @reachable(when="templates > 2 and edits > 1 and consistency.name == 'MONOTONIC'")
    def too_many_after_two_edits(self) -> bool:
        """More are wanted than allowed: what was written for one template was not heard."""
        return sum(self.size[t] for t in self.templates) > self.replicas + self.surge

    instances = [
        instance("surge"),
        instance("unavailable", surge=0, unavailable=1),
        instance("both", replicas=3, unavailable=1),
        instance("recreate", strategy=Strategy.RECREATE),
        instance("rollback", edits=2),
        instance("third", templates=3, edits=2, consistency=Consistency.OWN_WRITES),
        instance("third-stale", slow=True, templates=3, edits=2),
        instance("pause", pauses=1),
        instance("loss", losses=1),
        instance("crash", crashes=1),
        instance("bad", templates=3, edits=2, never_ready=[False, True, False]),
    ]
