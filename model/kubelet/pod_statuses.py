"""The status that a kubelet holds of its pods, writes of it, and the end of the object.

Source: `pkg/kubelet/status/status_manager.go` (syncPod, canBeDeleted, mergePodStatus) of
Kubernetes v1.36. A write is on its way for a while where `late` is on; it arrives, or is lost or
refused for a conflict, and is sent again. One that was on its way when the kubelet died is lost.
Left out: conditions other than Ready (see `pod_probes`), and writes of others to the status.
"""

from planespec.checker.lang import (
    Array,
    Fairness,
    action,
    constant,
    each,
    joint,
    mutant,
    only,
    require,
)
from planespec.model.kubelet.pod_core import Pod, PodCore
from planespec.spec.node.pod_states import ENDED, PodPhase, Stage, Work


class Statuses(PodCore):
    """What the kubelet holds and what it tells the API server."""

    late: bool = constant(default=False)
    """Whether writes of statuses are on their way for a while, and may be lost."""

    delete_early: bool = mutant(
        "The object of a pod is deleted while its containers stop.",
        issue="#29033, pull 50350",
        when="not statics",
    )
    delete_untold: bool = mutant(
        "The object of a pod is deleted before its last phase is shown.", when="not statics"
    )
    phase_follows: bool = mutant(
        "A pod that succeeded turns to Failed when it is deleted.",
        issue="#125410",
        when="not statics",
    )
    write_once: bool = mutant(
        "A write that was lost or refused is not repeated.", when="late and not statics"
    )

    sent: Array[Pod, PodPhase | None] = only(each(None), when="late and not statics")
    """The phase that is on its way to the API server."""
    is_given_up: Array[Pod, bool] = only(each(False), when="late and write_once")

    @action(fair=Fairness.WEAK, per_instance=True)
    def observe(self, p: Pod) -> None:
        """The kubelet works out the phase of a pod that it syncs."""
        require(self.work[p] == Work.SYNC and self.knows_enough(p))
        require(self.known[p] not in ENDED)
        phase = self.find_phase(p)
        require(phase != self.known[p])
        self.known[p] = phase

    @action(when="phase_follows and not statics")
    def change_its_mind(self, p: Pod) -> None:
        """What succeeded fails, because it was told to stop; only the bug does that."""
        require(self.work[p] == Work.TERMINATING)
        require(self.known[p] == PodPhase.SUCCEEDED)
        self.known[p] = PodPhase.FAILED

    @action(fair=Fairness.WEAK, per_instance=True, when="not statics and not late")
    def write(self, p: Pod) -> None:
        """The phase is written; a conflict or a lost answer is a write that comes later."""
        require(self.is_to_be_written(p))
        self.shown[p] = self.known[p]

    @action(fair=Fairness.WEAK, per_instance=True, when="not statics and late")
    def send(self, p: Pod) -> None:
        """A write of the phase goes off; one at a time."""
        require(self.is_to_be_written(p) and all(self.sent[q] is None for q in self.pods))
        require(not self.write_once or not self.is_given_up[p])
        self.sent[p] = self.known[p]

    @action(fair=Fairness.STRONG, per_instance=True, when="not statics and late")
    def arrive(self, p: Pod) -> None:
        """A write arrives, where the object is still there."""
        sent = self.sent[p]
        require(sent is not None)
        self.sent[p] = None
        if sent is not None and self.stored[p] in (Stage.PRESENT, Stage.MARKED):
            self.shown[p] = sent

    @action(when="not statics and late")
    def lose(self, p: Pod) -> None:
        """A write is lost, or refused for a conflict."""
        require(self.sent[p] is not None)
        self.sent[p] = None
        if self.write_once:
            self.is_given_up[p] = True

    def is_to_be_written(self, p: Pod) -> bool:
        """Whether the API shows another phase than the kubelet holds, and can be reached."""
        return (
            self.reaches_api()
            and self.stored[p] in (Stage.PRESENT, Stage.MARKED)
            and self.heard[p] != Stage.ABSENT
            and self.shown[p] != self.known[p]
        )

    @action(fair=Fairness.WEAK, per_instance=True, when="not statics")
    def delete_object(self, p: Pod) -> None:
        """The kubelet deletes the object of a marked pod that is over."""
        require(self.stored[p] == Stage.MARKED and self.reaches_api())
        is_over = self.work[p] == Work.FINISHED
        require(is_over or (self.delete_early and self.work[p] == Work.TERMINATING))
        require(self.shown[p] == self.known[p] or self.delete_early or self.delete_untold)
        self.stored[p] = Stage.GONE

    @joint
    def lose_memory(self) -> None:
        """What was on its way is lost."""
        if self.late and not self.statics:
            for p in self.pods:
                self.sent[p] = None
