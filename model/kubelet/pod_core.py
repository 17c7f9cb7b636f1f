"""What the parts of `kubelet.pod` share: bounds, what the API shows, what runs, what is known.

Every pod is one uid. A part is switched by a constant, so that a feature that is off costs no
states. The kubelet looks at containers through `look`: where `lags` is on that is its cache, which
may be behind what runs; else it is what runs.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Sort,
    constant,
    each,
    joint,
    mutant,
    only,
    sort,
    table,
)
from planespec.spec.node.pod_states import (
    EXITED,
    RUNS,
    PodPhase,
    Policy,
    Role,
    Run,
    Stage,
    Work,
)


class Pod(Sort):
    """A pod, by its uid."""


class Container(Sort):
    """A container that each pod has."""


class PodCore(Model):
    """Pods of one kubelet, all with the same containers."""

    pods: Domain[Pod] = sort(1, at_least=1, at_most=3)
    containers: Domain[Container] = sort(1, at_least=1, at_most=4)
    roles: Array[Container, Role] = table([Role.APP])
    """In the order of the spec: init containers and sidecars before apps."""
    policy: Policy = constant(Policy.ON_FAILURE)
    statics: bool = constant(default=False)
    """Whether the pods are static ones of one full name, instead of pods of the API."""
    crashes: int = constant(0, at_least=0, at_most=3)
    """How often the kubelet begins anew: a bound."""
    outages: int = constant(0, at_least=0, at_most=3)
    """How often the API server is away for a time: a bound."""
    losses: int = constant(0, at_least=0, at_most=3)
    """How often the runtime loses a sandbox with its containers: a bound."""
    exits: int = constant(0, at_least=0, at_most=9)
    """How often containers exit that were not told to; 0 is without a bound."""
    lags: bool = constant(default=False)
    """Whether the kubelet's cache of the runtime lags (PLEG)."""
    prunes: bool = constant(default=False)
    """Whether the runtime forgets init containers that are done."""

    forget_init: bool = mutant(
        "A pod is pending again when its init containers were collected.",
        issue="pull 131317",
        when="prunes",
    )
    unknown_is_success: bool = mutant(
        "A container whose end is not known counts as exited with 0.", issue="#58711, pull 88440"
    )

    deadlock = False

    stored: Array[Pod, Stage] = only(each(Stage.ABSENT), when="not statics")
    shown: Array[Pod, PodPhase] = only(each(PodPhase.PENDING), when="not statics")
    """The phase in the API."""
    heard: Array[Pod, Stage] = each(Stage.ABSENT)
    """What the kubelet last heard of a pod from its source."""
    is_listed: bool = False
    """Whether every source was seen once."""
    work: Array[Pod, Work] = each(Work.NONE)
    known: Array[Pod, PodPhase] = each(PodPhase.PENDING)
    """The phase that the kubelet holds."""
    run: Array[Pod, Array[Container, Run]] = each(each(Run.NONE))
    has_sandbox: Array[Pod, bool] = each(False)
    is_open: Array[Pod, bool] = each(False)
    """Whether the sandbox is ready."""
    is_away: bool = only(False, when="outages > 0")
    crashed: Annotated[int, Range(0, "crashes")] = 0
    is_late: Array[Pod, bool] = each(False)
    """Whether a pod has no time left for ending."""
    has_ended: Array[Pod, bool] = each(False)
    """History: whether the pod was found terminated and was not made again since."""
    is_again: Array[Pod, bool] = only(each(False), when="statics")
    """Whether a pod that ends was removed from the file and came back."""
    was_doubled: bool = False
    """History: whether a container was started that ran."""
    seen: Array[Pod, Array[Container, Run]] = only(each(each(Run.NONE)), when="lags")
    is_fresh: Array[Pod, bool] = only(each(True), when="lags")
    """Whether the cache is newer than what the kubelet did last."""
    is_pruned: Array[Pod, Array[Container, bool]] = only(each(each(False)), when="prunes")

    def look(self, p: Pod, c: Container) -> Run:
        """Where a container is as far as the kubelet knows."""
        if self.prunes and self.is_pruned[p][c]:
            return Run.NONE
        if self.lags:
            return self.seen[p][c]
        return self.run[p][c]

    def knows_enough(self, p: Pod) -> bool:
        """Whether the cache is newer than what the kubelet did last with a pod."""
        return not self.lags or self.is_fresh[p]

    def reaches_api(self) -> bool:
        """Whether the API server answers."""
        return self.outages == 0 or not self.is_away

    def is_running(self, p: Pod) -> bool:
        """Whether any container of a pod runs in truth."""
        return any(self.run[p][c] in RUNS for c in self.containers)

    def has_begun(self, p: Pod) -> bool:
        """Whether an app container runs: then the pod was initialized in this sandbox."""
        return any(self.roles[c] == Role.APP and self.look(p, c) in RUNS for c in self.containers)

    def restarts(self, seen: Run) -> bool:
        """Whether the policy has what exited so started again."""
        return self.policy == Policy.ALWAYS or (
            self.policy == Policy.ON_FAILURE and seen == Run.BROKEN
        )

    def is_failed_init(self, p: Pod) -> bool:
        """Whether an init container failed that is not started again."""
        return self.policy == Policy.NEVER and any(
            self.roles[c] == Role.INIT and self.look(p, c) == Run.BROKEN for c in self.containers
        )

    def is_init_pending(self, p: Pod) -> bool:
        """Whether init containers are still to be done, or sidecars to begin.

        What was collected stays in the status as it was.
        """
        begun = self.has_begun(p) and not self.forget_init
        return not begun and any(
            (self.roles[c] == Role.INIT and not self.is_known_done(p, c))
            or (self.roles[c] == Role.SIDECAR and self.look(p, c) == Run.NONE)
            for c in self.containers
        )

    def is_known_done(self, p: Pod, c: Container) -> bool:
        """Whether an init container is done as the status has it."""
        is_pruned = self.prunes and self.is_pruned[p][c] and not self.forget_init
        return is_pruned or self.look(p, c) == Run.DONE

    def find_phase(self, p: Pod) -> PodPhase:
        """The phase of a pod that is not to end (`getPhase`)."""
        apps = [self.look(p, c) for c in self.containers if self.roles[c] == Role.APP]
        if self.is_failed_init(p):
            return PodPhase.FAILED
        if any(s in RUNS for s in apps) and not self.is_init_pending(p):
            return PodPhase.RUNNING
        if any(s == Run.NONE for s in apps) or self.is_init_pending(p):
            return PodPhase.PENDING
        if any(self.restarts(s) for s in apps):
            return PodPhase.RUNNING
        return PodPhase.SUCCEEDED if all(s == Run.DONE for s in apps) else PodPhase.FAILED

    def find_last_phase(self, p: Pod) -> PodPhase:
        """The phase of a pod none of whose containers runs any more, for good."""
        is_success = all(
            self.roles[c] == Role.SIDECAR
            or self.is_known_done(p, c)
            or (self.unknown_is_success and self.look(p, c) == Run.NONE)
            for c in self.containers
        )
        return PodPhase.SUCCEEDED if is_success else PodPhase.FAILED

    @joint
    def may_begin(self, p: Pod) -> bool:
        """Whether nothing else keeps a worker from beginning with a pod."""
        return True

    @joint
    def note_start(self, p: Pod, c: Container) -> None:
        """A container was started."""
        if self.lags:
            self.is_fresh[p] = False

    @joint
    def note_exit(self, p: Pod, c: Container) -> None:
        """A container has exited."""

    @joint
    def lose_memory(self) -> None:
        """The kubelet begins anew, and knows what the API shows."""
        self.is_listed = False
        for p in self.pods:
            self.heard[p] = Stage.ABSENT
            self.work[p] = Work.NONE
            self.is_late[p] = False
            self.known[p] = PodPhase.PENDING
            if not self.statics and self.stored[p] in (Stage.PRESENT, Stage.MARKED):
                self.known[p] = self.shown[p]
            if self.lags:
                self.is_fresh[p] = False

    def is_exited(self, p: Pod, c: Container) -> bool:
        """Whether a container has exited, as far as the kubelet knows."""
        return self.look(p, c) in EXITED
