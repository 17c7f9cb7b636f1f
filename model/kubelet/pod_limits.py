"""What a pod may have: time between restarts, time for ending, and room on the node.

Source: `doBackOff` of `pkg/kubelet/kuberuntime`, `calculateEffectiveGracePeriod` of
`pod_workers.go`, `pkg/kubelet/allocation` (KEP-1287) of Kubernetes v1.36. Left out: the back-off
of images, resizes of memory that shrink below what is used, and policies of resizing.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Fairness,
    Range,
    action,
    constant,
    each,
    joint,
    mutant,
    only,
    require,
)
from planespec.model.kubelet.pod_core import Container, Pod, PodCore
from planespec.spec.node.pod_states import PodPhase, Role, Run, Stage, Work

Ticks = Annotated[int, Range(0, "backoff")]
Grace = Annotated[int, Range(0, "graces")]
Amount = Annotated[int, Range(1, 2)]


class BackOff(PodCore):
    """The first exit costs no wait, the next one tick, then twice as long, up to `backoff`."""

    backoff: int = constant(0, at_least=0, at_most=8)

    restart_at_once: bool = mutant(
        "A container that crashes is started again without a wait.", when="backoff > 0"
    )
    sidecars_at_once: bool = mutant("Sidecars do not wait between restarts.", when="backoff > 0")

    wait: Array[Pod, Array[Container, Ticks]] = only(each(each(0)), when="backoff > 0")
    """What the next exit of a container costs."""
    due: Array[Pod, Array[Container, Ticks]] = only(each(each(0)), when="backoff > 0")
    """Ticks that it has yet to wait since it exited."""

    @action(fair=Fairness.WEAK, when="backoff > 0")
    def tick(self) -> None:
        """Time passes for everything that waits."""
        require(any(self.due[p][c] > 0 for p in self.pods for c in self.containers))
        for p in self.pods:
            for c in self.containers:
                self.due[p][c] = max(self.due[p][c] - 1, 0)

    @action(when="backoff > 0")
    def run_long(self, p: Pod, c: Container) -> None:
        """A container has run for so long that its exits are forgiven."""
        require(self.run[p][c] == Run.RUNNING and self.wait[p][c] > 0)
        self.wait[p][c] = 0

    @joint
    def may_start(self, p: Pod, c: Container) -> bool:
        """A container that exited has waited."""
        if self.backoff == 0 or self.restart_at_once:
            return True
        return self.due[p][c] == 0 or (self.sidecars_at_once and self.roles[c] == Role.SIDECAR)

    @joint
    def note_exit(self, p: Pod, c: Container) -> None:
        """The wait begins as a container exits."""
        if self.backoff > 0:
            self.due[p][c] = self.wait[p][c]

    @joint
    def note_start(self, p: Pod, c: Container) -> None:
        """A start makes the next wait longer."""
        if self.backoff > 0:
            self.wait[p][c] = min(max(1, 2 * self.wait[p][c]), self.backoff)
            self.due[p][c] = 0

    @joint
    def lose_memory(self) -> None:
        """Waits are forgotten."""
        if self.backoff > 0:
            for p in self.pods:
                for c in self.containers:
                    self.wait[p][c] = 0
                    self.due[p][c] = 0


class GracePeriods(PodCore):
    """A pod has `graces` ticks for ending, or one where a user has so."""

    graces: int = constant(0, at_least=0, at_most=4)

    grace_begins_anew: bool = mutant(
        "A pod that ends has all its time again after an error.", when="graces > 1"
    )

    asked: Array[Pod, Grace] = only(each(graces), when="graces > 0")
    """What the deletion of a pod grants."""
    grace: Array[Pod, Grace | None] = only(each(None), when="graces > 0")

    @action(when="graces > 1 and not statics")
    def shorten(self, p: Pod) -> None:
        """A user deletes a marked pod again, with less time."""
        require(self.stored[p] == Stage.MARKED and self.asked[p] > 1)
        self.asked[p] = 1

    @action(fair=Fairness.WEAK, per_instance=True, when="graces > 0")
    def grant(self, p: Pod) -> None:
        """The kubelet takes the least of what a pod has left and what it is granted."""
        require(self.work[p] == Work.TERMINATING)
        left = self.grace[p]
        require(left is None or self.asked[p] < left or self.grace_begins_anew)
        self.grace[p] = self.asked[p]

    @action(fair=Fairness.WEAK, per_instance=True, when="graces > 0")
    def pass_grace(self, p: Pod) -> None:
        """Time passes for a pod that ends."""
        left = self.grace[p]
        require(self.work[p] == Work.TERMINATING and left is not None and not self.is_late[p])
        if left is not None:
            self.grace[p] = max(left - 1, 0)
            self.is_late[p] = left <= 1

    @joint
    def lose_memory(self) -> None:
        """The time that a pod has is counted anew."""
        if self.graces > 0:
            for p in self.pods:
                self.grace[p] = None


class Resources(PodCore):
    """What pods ask for and are given, of `room` on the node; a pod asks for one at first."""

    room: int = constant(0, at_least=0, at_most=6)
    resizes: int = constant(0, at_least=0, at_most=3, check="resizes == 0 or room > 0")
    """How often users change what a pod asks for: a bound."""

    skip_terminating: bool = mutant(
        "Pods that end and whose objects are gone are not counted.",
        issue="#104824",
        when="room > 0",
    )
    admit_all: bool = mutant("A kubelet runs whatever is bound to it.", when="room > 0")
    resize_unadmitted: bool = mutant("A resize is allocated without a look.", when="resizes > 0")
    actuate_desired: bool = mutant(
        "A pod is given what its spec asks for before that is allocated.", when="resizes > 0"
    )
    lose_checkpoint: bool = mutant(
        "A kubelet that begins anew allocates what the spec asks for.",
        when="resizes > 0 and crashes > 0",
    )
    defer_for_good: bool = mutant(
        "A resize that was deferred is not tried again.", when="resizes > 0"
    )

    desired: Array[Pod, Amount] = only(each(1), when="room > 0")
    allocated: Array[Pod, Amount] = only(each(1), when="room > 0")
    """What was admitted, on disk."""
    actual: Array[Pod, Amount] = only(each(1), when="room > 0")
    resized: Annotated[int, Range(0, "resizes")] = only(0, when="resizes > 0")
    is_deferred: Array[Pod, bool] = only(each(False), when="resizes > 0 and defer_for_good")

    @joint
    def is_admissible(self, p: Pod) -> bool:
        """A pod fits beside what others hold until they have stopped."""
        if self.room == 0 or self.admit_all:
            return True
        return self.allocated[p] + self.count_others(p) <= self.room

    def count_others(self, p: Pod) -> int:
        """What the other pods of the kubelet hold."""
        return sum(
            self.allocated[q]
            for q in self.pods
            if q != p
            and (
                self.work[q] == Work.SYNC
                or (self.work[q] == Work.TERMINATING and self.has_sandbox[q])
            )
            and not (self.skip_terminating and self.heard[q] == Stage.ABSENT)
        )

    @action(fair=Fairness.WEAK, per_instance=True, when="room > 0 and not statics")
    def reject(self, p: Pod) -> None:
        """A pod that does not fit fails (OutOfcpu, OutOfmemory)."""
        require(self.work[p] == Work.NONE and self.heard[p] == Stage.PRESENT)
        require(not self.is_admissible(p))
        require(self.shown[p] == PodPhase.PENDING and not self.has_sandbox[p])
        self.known[p] = PodPhase.FAILED
        self.has_ended[p] = True
        self.work[p] = Work.TERMINATED

    @action(when="resizes > 0 and not statics")
    def resize(self, p: Pod) -> None:
        """A user changes what a pod asks for (pods/resize)."""
        require(self.stored[p] == Stage.PRESENT and self.resized < self.resizes)
        self.resized += 1
        self.desired[p] = 3 - self.desired[p]

    @action(fair=Fairness.WEAK, per_instance=True, when="resizes > 0")
    def allocate(self, p: Pod) -> None:
        """The kubelet admits a resize that fits; another is deferred, and tried again."""
        require(self.work[p] == Work.SYNC and self.allocated[p] != self.desired[p])
        require(self.desired[p] + self.count_others(p) <= self.room or self.resize_unadmitted)
        if self.defer_for_good:
            require(not self.is_deferred[p])
        self.allocated[p] = self.desired[p]

    @action(when="resizes > 0 and defer_for_good")
    def defer(self, p: Pod) -> None:
        """The kubelet looks at a resize that does not fit now; only the bug remembers that."""
        require(self.work[p] == Work.SYNC)
        require(self.desired[p] + self.count_others(p) > self.room)
        self.is_deferred[p] = True

    @action(fair=Fairness.WEAK, per_instance=True, when="resizes > 0")
    def actuate(self, p: Pod) -> None:
        """The runtime gives the containers of a pod what was allocated."""
        target = self.desired[p] if self.actuate_desired else self.allocated[p]
        require(self.work[p] == Work.SYNC and self.actual[p] != target)
        self.actual[p] = target

    @joint
    def lose_memory(self) -> None:
        """What was allocated is on disk."""
        if self.resizes > 0 and self.lose_checkpoint:
            for p in self.pods:
                self.allocated[p] = self.desired[p]
