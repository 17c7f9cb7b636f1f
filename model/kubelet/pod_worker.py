"""The worker of each pod: it syncs, terminates, is terminated, and is forgotten; never back.

Source: `pkg/kubelet/pod_workers.go`, `HandlePodCleanups` of `kubelet_pods.go` of Kubernetes v1.36.
Left out: that a worker retries after errors and waits between two syncs; here it may act whenever
there is something to do. Cleaning up volumes and cgroups is one step.
"""

from planespec.checker.lang import Fairness, action, joint, mutant, require
from planespec.model.kubelet.pod_core import Pod, PodCore
from planespec.spec.node.pod_states import ENDED, RUNS, PodPhase, Run, Stage, Work


class PodWorker(PodCore):
    """Workers of one kubelet, which may begin anew."""

    static_together: bool = mutant(
        "A static pod starts before the one of its name before it has ended.",
        issue="#97722, pull 104743",
        when="statics",
    )
    phase_recomputed: bool = mutant(
        "A kubelet that begins anew runs pods whose phase is terminal.",
        issue="#58711, pull 59767",
    )
    ignore_orphans: bool = mutant(
        "Containers of which no source knows a pod are left alone.", issue="#113145, #113091"
    )
    clean_unready: bool = mutant(
        "What no source names is ended before every source was seen.", when="not statics"
    )
    finish_running: bool = mutant("A pod counts as terminated while its containers run.")

    @joint
    def is_admissible(self, p: Pod) -> bool:
        """Whether the kubelet lets a pod in."""
        return True

    @action(fair=Fairness.WEAK, per_instance=True)
    def begin(self, p: Pod) -> None:
        """A worker begins with a pod that a source has."""
        require(self.work[p] == Work.NONE and self.heard[p] != Stage.ABSENT)
        require(not self.statics or self.static_together or self.is_alone(p))
        require(self.may_begin(p))
        is_over = not self.statics and self.shown[p] in ENDED and not self.phase_recomputed
        if self.heard[p] == Stage.MARKED or is_over:
            self.work[p] = Work.TERMINATING
        else:
            require(self.is_admissible(p))
            self.work[p] = Work.SYNC
            if self.phase_recomputed:
                self.known[p] = PodPhase.PENDING

    def is_alone(self, p: Pod) -> bool:
        """Whether no other static pod of the name is being worked on."""
        return all(q == p or self.work[q] not in (Work.SYNC, Work.TERMINATING) for q in self.pods)

    @action(fair=Fairness.WEAK, per_instance=True)
    def end(self, p: Pod) -> None:
        """A pod is to end: it is marked, gone from its source, or has come to its last phase."""
        require(self.work[p] == Work.SYNC)
        require(self.heard[p] != Stage.PRESENT or self.known[p] in ENDED)
        self.work[p] = Work.TERMINATING

    @action(fair=Fairness.WEAK, per_instance=True)
    def adopt_orphan(self, p: Pod) -> None:
        """The runtime has a pod of which no source knows: it is ended."""
        require(self.work[p] == Work.NONE and self.heard[p] == Stage.ABSENT)
        require(self.is_listed or self.clean_unready)
        require(self.has_sandbox[p] and not self.ignore_orphans)
        require(self.is_open[p] or self.is_running(p))
        self.work[p] = Work.TERMINATING

    @action(fair=Fairness.WEAK, per_instance=True)
    def settle(self, p: Pod) -> None:
        """No container runs any more: the sandbox is stopped, the phase is the last one."""
        require(self.work[p] == Work.TERMINATING and self.knows_enough(p))
        require(self.finish_running or not any(self.look(p, c) in RUNS for c in self.containers))
        self.work[p] = Work.TERMINATED
        self.is_open[p] = False
        self.has_ended[p] = True
        if not self.statics and self.known[p] not in ENDED:
            self.known[p] = self.find_last_phase(p)

    @action(fair=Fairness.WEAK, per_instance=True)
    def clean(self, p: Pod) -> None:
        """Volumes and cgroups of a terminated pod are gone."""
        require(self.work[p] == Work.TERMINATED)
        self.work[p] = Work.FINISHED
        self.is_late[p] = False

    @action(fair=Fairness.WEAK, per_instance=True)
    def forget(self, p: Pod) -> None:
        """The worker of a pod that no source has any more, or has again, is dropped."""
        require(self.work[p] == Work.FINISHED)
        if self.statics:
            require(self.heard[p] == Stage.ABSENT or self.is_again[p])
            if self.is_again[p]:
                self.has_ended[p] = False
            self.is_again[p] = False
        else:
            require(self.heard[p] == Stage.ABSENT)
        self.work[p] = Work.NONE
        self.known[p] = PodPhase.PENDING

    @action(fair=Fairness.WEAK, per_instance=True)
    def collect(self, p: Pod) -> None:
        """The sandbox of a pod that is over is removed with its containers."""
        require(self.has_sandbox[p] and not self.is_open[p] and not self.is_running(p))
        require(self.heard[p] == Stage.ABSENT and self.is_listed)
        require(self.work[p] in (Work.NONE, Work.FINISHED))
        self.has_sandbox[p] = False
        for c in self.containers:
            self.run[p][c] = Run.NONE
            if self.lags:
                self.seen[p][c] = Run.NONE
            if self.prunes:
                self.is_pruned[p][c] = False

    @action(when="crashes > 0")
    def crash(self) -> None:
        """The kubelet dies, and another one begins; the runtime goes on."""
        require(self.crashed < self.crashes)
        self.crashed += 1
        self.lose_memory()
