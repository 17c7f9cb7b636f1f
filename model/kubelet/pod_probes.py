"""Startup, liveness and readiness probes of apps and sidecars, and whether a pod is ready.

Source: `pkg/kubelet/prober` (worker.go, prober_manager.go) and `status/generate.go` of Kubernetes
v1.36. A failure of a startup or liveness probe is one that came `threshold` times; of readiness
each answer is counted. Left out: time, so that answers come at any time, and attempts that err,
which change nothing.
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
    joint,
    mutant,
    only,
    require,
)
from planespec.model.kubelet.pod_core import Container, Pod, PodCore
from planespec.spec.node.pod_states import Policy, Role, Run, Startup, Work

Times = Annotated[int, Range(0, "threshold")]


class Probes(PodCore):
    """What probes answer, and what the kubelet makes of it."""

    probes: bool = constant(default=False)
    threshold: int = constant(1, at_least=1, at_most=3)
    """How many answers of the readiness probe in a row make a difference."""
    failures: int = constant(1, at_least=0, at_most=3)
    """How often startup and liveness probes fail: a bound."""

    liveness_early: bool = mutant(
        "A liveness probe kills what its startup probe still waits for.",
        issue="KEP-950",
        when="probes",
    )
    lose_readiness: bool = mutant(
        "A kubelet that begins anew has every container unready.",
        issue="#100277, #78733, #113646",
        when="probes and crashes > 0",
    )
    unready_at_start: bool = mutant(
        "A kubelet that begins anew shows its pods as not ready until it has synced.",
        issue="#59197",
        when="probes and crashes > 0",
    )
    lose_start: bool = mutant(
        "A kubelet that begins anew does not know that a sidecar has started, nor asks.",
        issue="#136910, pull 137146",
        when="probes and crashes > 0",
    )
    probe_sidecar_once: bool = mutant(
        "The startup probe of a sidecar that exits ends where restartPolicy is Never.",
        issue="#132826, pull 133072",
        when="probes",
    )
    skip_sidecars: bool = mutant(
        "A pod is ready though its sidecars are not.", issue="#122902", when="probes"
    )
    ready_for_good: bool = mutant("What was ready once stays ready while it runs.", when="probes")
    keep_ready: bool = mutant("A new container is ready as the one before it was.", when="probes")
    sidecar_unstarted: bool = mutant(
        "Apps start before the startup probe of a sidecar succeeded.", when="probes"
    )

    started: Array[Pod, Array[Container, Startup]] = only(
        each(each(Startup.UNKNOWN)), when="probes"
    )
    answered: Array[Pod, Array[Container, bool]] = only(each(each(False)), when="probes")
    times: Array[Pod, Array[Container, Times]] = only(each(each(0)), when="probes")
    ready: Array[Pod, Array[Container, bool]] = only(each(each(False)), when="probes")
    pod_ready: Array[Pod, bool] = only(each(False), when="probes")
    is_blamed: bool = only(False, when="probes")
    """History: whether a container was killed for its liveness before it had started."""
    failed: Annotated[int, Range(0, "failures")] = only(0, when="probes")

    @action(fair=Fairness.WEAK, per_instance=True, when="probes")
    def probe_startup(self, p: Pod, c: Container) -> None:
        """The startup probe of a container succeeds, or has failed often enough."""
        require(self.is_probed(p, c) and self.started[p][c] == Startup.UNKNOWN)
        answer = choose({Startup.SUCCESS, Startup.FAILURE})
        if answer == Startup.FAILURE:
            self.count_failure()
        self.started[p][c] = answer

    @action(fair=Fairness.WEAK, per_instance=True, when="probes")
    def kill_unstarted(self, p: Pod, c: Container) -> None:
        """A container whose startup probe failed is killed."""
        require(self.is_probed(p, c) and self.started[p][c] == Startup.FAILURE)
        self.run[p][c] = Run.STOPPING

    @action(when="probes")
    def fail_liveness(self, p: Pod, c: Container) -> None:
        """The liveness probe of a container fails often enough: it is killed."""
        require(self.is_probed(p, c))
        has_started = self.started[p][c] == Startup.SUCCESS
        require(has_started or self.liveness_early)
        self.count_failure()
        self.is_blamed = self.is_blamed or not has_started
        self.run[p][c] = Run.STOPPING

    @action(when="probes")
    def probe_readiness(self, p: Pod, c: Container) -> None:
        """The readiness probe of a container that has started answers."""
        require(self.work[p] in (Work.SYNC, Work.TERMINATING) and self.roles[c] != Role.INIT)
        require(self.run[p][c] == Run.RUNNING and self.started[p][c] == Startup.SUCCESS)
        answer = choose({False, True})
        again = self.times[p][c] if self.answered[p][c] == answer else 0
        self.answered[p][c] = answer
        self.times[p][c] = min(again + 1, self.threshold)
        if self.times[p][c] == self.threshold and (answer or not self.ready_for_good):
            self.ready[p][c] = answer

    @action(fair=Fairness.WEAK, per_instance=True, when="probes")
    def judge_readiness(self, p: Pod) -> None:
        """The kubelet works out whether a pod is ready, and shows it."""
        require(self.work[p] in (Work.SYNC, Work.TERMINATING))
        is_ready = all(
            self.ready[p][c]
            or self.roles[c] == Role.INIT
            or (self.skip_sidecars and self.roles[c] == Role.SIDECAR)
            for c in self.containers
        )
        require(self.pod_ready[p] != is_ready)
        self.pod_ready[p] = is_ready

    def is_probed(self, p: Pod, c: Container) -> bool:
        """Whether startup and liveness of a container are looked at."""
        is_synced = self.work[p] == Work.SYNC and self.run[p][c] == Run.RUNNING
        return is_synced and self.roles[c] != Role.INIT

    def count_failure(self) -> None:
        """One more failure, within the bound."""
        require(self.failed < self.failures)
        self.failed += 1

    @joint
    def has_passed(self, p: Pod, c: Container) -> bool:
        """A sidecar has passed once its startup probe succeeded."""
        if not self.probes or self.roles[c] != Role.SIDECAR or self.sidecar_unstarted:
            return True
        return self.started[p][c] == Startup.SUCCESS

    @joint
    def note_exit(self, p: Pod, c: Container) -> None:
        """What was published of a container goes with it."""
        if self.probes:
            is_over = self.probe_sidecar_once and self.policy == Policy.NEVER
            is_lost = is_over and self.roles[c] == Role.SIDECAR
            self.started[p][c] = Startup.LOST if is_lost else Startup.UNKNOWN
            self.times[p][c] = 0
            self.answered[p][c] = False
            if not self.keep_ready:
                self.ready[p][c] = False

    @joint
    def lose_memory(self) -> None:
        """Answers are counted anew; what the API shows of readiness and start is kept."""
        if self.probes:
            for p in self.pods:
                if self.unready_at_start:
                    self.pod_ready[p] = False
                for c in self.containers:
                    self.times[p][c] = 0
                    self.answered[p][c] = False
                    if self.lose_readiness:
                        self.ready[p][c] = False
                    is_forgotten = self.lose_start and self.roles[c] == Role.SIDECAR
                    if is_forgotten and self.started[p][c] == Startup.SUCCESS:
                        self.started[p][c] = Startup.LOST
