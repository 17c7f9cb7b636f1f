"""Kubelets that mount the volume for their node and for pods, and unmount it.

A kubelet reports that it uses the volume before it looks whether it is attached, stages it once,
publishes it for each pod, and goes back the same way. A call whose answer is lost leaves it
uncertain: what may be there is taken down as if it were. A kubelet that begins anew finds the
directories of pods, takes them for uncertain, and unmounts nothing before it has heard of all its
pods. Containers go on running without it. Left out: the order of containers, block volumes,
growth, final errors after uncertain ones, that upstream finds a staged volume only where a
directory of a pod is left (`find_by_pods` brings that back), and that it unmounts from a pod that
it does not know while it stops its containers.
Source: `pkg/kubelet/volumemanager`, `pkg/volume/csi`, v1.36; `spec/node/volume_manager` is the
rule of one kubelet, held to a real one's answers.
"""

from enum import Enum

from planespec.checker.lang import (
    Array,
    Fairness,
    action,
    each,
    joint,
    mutant,
    require,
)
from planespec.model.storage.attaching import Attaching, Power
from planespec.model.storage.provisioning import Node, Pod
from planespec.spec.node.volume_manager.volume_requirements import AccessMode, PodPhase


class Mount(Enum):
    """What a kubelet takes for true of a mount."""

    NO = "not mounted"
    UNCERTAIN = "may be mounted"
    YES = "mounted"


class Work(Enum):
    """Where a kubelet is with a pod."""

    UNKNOWN = "has not heard of it"
    WANTED = "is to run it"
    STOPPED = "has stopped its containers"


class Mounting(Attaching):
    """The volume is mounted on nodes, and containers write to it."""

    skip_attach: bool = mutant(
        "A driver needs no attaching, and nobody looks whether the volume is used elsewhere.",
        issue="#103305, democratic-csi#307",
    )
    restart_unmounts: bool = mutant(
        "A kubelet that begins anew unmounts from pods of which it has not heard yet.",
        issue="#120150",
        when="restarts > 0",
    )
    forget_found: bool = mutant(
        "What a kubelet that begins anew cannot reconstruct is not reported in use any more.",
        issue="#101791",
        when="restarts > 0",
    )
    find_by_pods: bool = mutant(
        "A kubelet that begins anew finds a staged volume only by the directory of a pod.",
        when="restarts > 0",
    )
    uncertain_stage_is_none: bool = mutant(
        "A volume counts as not staged when the answer was lost.",
        issue="pull 135930",
        when="losses > 0",
    )
    uncertain_publish_is_none: bool = mutant(
        "A volume counts as not published when the answer was lost.",
        issue="#82190, pull 82492",
        when="losses > 0",
    )
    uncertain_stays_staged: bool = mutant(
        "A volume counts as staged when the answer to unstaging it was lost.",
        issue="#86360",
        when="losses > 0",
    )
    unstage_with_first: bool = mutant(
        "The volume is unstaged when the first of its pods goes.", issue="#77727", when="pods > 1"
    )

    staged: set[Node] = set()
    """The truth."""
    published: set[Pod] = set()
    """The truth."""
    running: Array[Pod, bool] = each(False)
    """Whether containers run, and write."""

    work: Array[Pod, Work] = each(Work.UNKNOWN)
    mount: Array[Pod, Mount] = each(Mount.NO)
    """What the kubelet of the pod's node takes for true."""
    device: Array[Node, Mount] = each(Mount.NO)
    holds: Array[Node, bool] = each(False)
    """Whether the kubelet takes the volume for attached."""
    told: Array[Node, bool] = each(False)
    """Whether the kubelet has reported that the volume it wants is in use."""
    has_heard: Array[Node, bool] = each(True)
    """Whether the kubelet has heard of all its pods since it began."""

    def is_awake(self, n: Node) -> bool:
        """Whether the node runs."""
        return self.power[n] != Power.OFF

    def wants(self, n: Node) -> bool:
        """Whether the kubelet knows of a pod that is to run with the volume."""
        return any(self.place[p] == n and self.work[p] == Work.WANTED for p in self.pods)

    def may_be_published(self, n: Node) -> bool:
        """Whether the volume is, or may be, published, as far as the kubelet knows."""
        return any(self.place[p] == n and self.mount[p] != Mount.NO for p in self.pods)

    def has_left(self, n: Node) -> bool:
        """Whether the volume is staged or published on the node."""
        return n in self.staged or any(self.place[p] == n for p in self.published)

    # What a kubelet hears and tells.

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear(self, p: Pod, n: Node) -> None:
        """The kubelet hears of a pod."""
        require(self.place[p] == n and self.is_here(p) and self.work[p] == Work.UNKNOWN)
        require(self.power[n] == Power.UP)
        self.work[p] = Work.WANTED

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear_all(self, n: Node) -> None:
        """A kubelet that began anew has heard of all its pods."""
        require(not self.has_heard[n] and self.power[n] == Power.UP)
        require(
            not any(
                self.place[p] == n and self.is_here(p) and self.work[p] == Work.UNKNOWN
                for p in self.pods
            )
        )
        self.has_heard[n] = True

    @action(fair=Fairness.WEAK, per_instance=True)
    def report(self, n: Node) -> None:
        """The node's status says whether the volume is in use."""
        require(self.power[n] == Power.UP)
        is_used = self.holds[n] or self.wants(n)
        require(self.in_use[n] != is_used or self.told[n] != self.wants(n))
        self.in_use[n] = is_used
        self.told[n] = self.wants(n)

    @action(fair=Fairness.WEAK, per_instance=True)
    def verify(self, n: Node) -> None:
        """The kubelet sees in the node's status that the volume is attached."""
        require(self.wants(n) and not self.holds[n])
        require(self.skip_attach or (self.told[n] and self.listed[n]))
        require(self.power[n] == Power.UP)
        self.holds[n] = True

    # Mounting.

    @action(fair=Fairness.WEAK, per_instance=True)
    def stage(self, n: Node) -> None:
        """The volume is mounted for the node."""
        self.require_stageable(n)
        self.staged.add(n)
        self.device[n] = Mount.YES

    @action
    def stage_unanswered(self, n: Node) -> None:
        """The volume is mounted for the node, and the kubelet does not hear of it."""
        self.require_stageable(n)
        self.lose_answer()
        self.staged.add(n)
        self.device[n] = Mount.NO if self.uncertain_stage_is_none else Mount.UNCERTAIN

    def require_stageable(self, n: Node) -> None:
        """A pod wants the volume, and the device is there."""
        require(self.is_awake(n) and self.holds[n] and self.device[n] != Mount.YES)
        require(self.wants(n) and (n in self.attached or self.skip_attach))

    @action(fair=Fairness.WEAK, per_instance=True)
    def publish(self, p: Pod, n: Node) -> None:
        """The volume is mounted for a pod."""
        self.require_publishable(p, n)
        self.published.add(p)
        self.mount[p] = Mount.YES

    @action
    def publish_unanswered(self, p: Pod, n: Node) -> None:
        """The volume is mounted for a pod, and the kubelet does not hear of it."""
        self.require_publishable(p, n)
        self.lose_answer()
        self.published.add(p)
        self.mount[p] = Mount.NO if self.uncertain_publish_is_none else Mount.UNCERTAIN

    def require_publishable(self, p: Pod, n: Node) -> None:
        """It is staged, and no second pod gets a volume for one."""
        require(self.place[p] == n and self.is_awake(n) and n in self.staged)
        require(self.work[p] == Work.WANTED and self.mount[p] != Mount.YES)
        require(self.device[n] == Mount.YES)
        if self.mode == AccessMode.RWOP and not self.rwop_unchecked:
            require(
                not any(
                    q != p and self.place[q] == n and self.mount[q] != Mount.NO for q in self.pods
                )
            )

    # Containers.

    @action(fair=Fairness.WEAK, per_instance=True)
    def start(self, p: Pod, n: Node) -> None:
        """Containers start, unless the kubelet has heard that the pod is to go."""
        require(self.place[p] == n and self.is_awake(n) and not self.running[p])
        require(self.work[p] == Work.WANTED and self.mount[p] == Mount.YES)
        require(self.phase[p] == PodPhase.BOUND or self.power[n] == Power.CUT)
        self.running[p] = True

    @action(fair=Fairness.WEAK, per_instance=True)
    def stop(self, p: Pod, n: Node) -> None:
        """The kubelet hears that a pod is to go, or does not know it, and stops its containers."""
        require(self.place[p] == n and self.power[n] == Power.UP)
        require(self.phase[p] in (PodPhase.DELETING, PodPhase.GONE))
        require(self.work[p] != Work.STOPPED)
        self.running[p] = False
        self.work[p] = Work.STOPPED

    @action(fair=Fairness.WEAK, per_instance=True)
    def finish(self, p: Pod, n: Node) -> None:
        """The kubelet deletes a pod that has stopped and from which all is unmounted."""
        require(self.place[p] == n and self.power[n] == Power.UP)
        require(self.phase[p] == PodPhase.DELETING and self.work[p] == Work.STOPPED)
        require(self.mount[p] == Mount.NO)
        self.phase[p] = PodPhase.GONE

    # Unmounting.

    @action(fair=Fairness.WEAK, per_instance=True)
    def unpublish(self, p: Pod, n: Node) -> None:
        """The volume is unmounted from a pod that is not to run with it."""
        require(self.place[p] == n and self.is_awake(n) and self.mount[p] != Mount.NO)
        require(self.work[p] != Work.WANTED)
        if not self.restart_unmounts:
            require(self.has_heard[n] and not self.running[p])
        self.published.discard(p)
        self.mount[p] = Mount.NO

    @action(fair=Fairness.WEAK, per_instance=True)
    def unstage(self, n: Node) -> None:
        """The volume is unmounted from the node when no pod has it or wants it."""
        self.require_unstageable(n)
        self.staged.discard(n)
        self.device[n] = Mount.NO
        self.settle(n)

    @action
    def unstage_unanswered(self, n: Node) -> None:
        """The volume is unmounted from the node, and the kubelet does not hear of it."""
        self.require_unstageable(n)
        self.lose_answer()
        self.staged.discard(n)
        self.device[n] = Mount.YES if self.uncertain_stays_staged else Mount.UNCERTAIN

    def require_unstageable(self, n: Node) -> None:
        """All of its pods have been heard of, and none has it or wants it."""
        require(self.is_awake(n) and self.has_heard[n] and self.device[n] != Mount.NO)
        if self.unstage_with_first:
            require(any(self.place[p] == n and self.work[p] == Work.STOPPED for p in self.pods))
        else:
            require(not self.may_be_published(n) and not self.wants(n))

    @action(fair=Fairness.WEAK, per_instance=True)
    def let_go(self, n: Node) -> None:
        """The kubelet has nothing to do with the volume any more."""
        require(self.is_awake(n) and self.has_heard[n] and self.holds[n])
        require(self.device[n] == Mount.NO)
        require(not self.may_be_published(n) and not self.wants(n))
        self.holds[n] = False

    # Beginning anew.

    @action
    def restart_kubelet(self, n: Node) -> None:
        """A kubelet dies and begins anew; containers and mounts stay."""
        require(self.is_awake(n) and self.restarted < self.restarts)
        self.restarted += 1
        self.begin_anew(n)

    @joint
    def lose_power(self, n: Node) -> None:
        """Containers and mounts end."""
        for p in self.pods:
            if self.place[p] == n:
                self.running[p] = False
                self.published.discard(p)
        self.staged.discard(n)
        self.settle(n)

    @joint
    def begin_anew(self, n: Node) -> None:
        """The directories of pods, and the volume's own, are found."""
        for p in self.pods:
            if self.place[p] == n:
                self.work[p] = Work.UNKNOWN
                if self.mount[p] != Mount.NO:
                    self.mount[p] = Mount.NO if self.forget_found else Mount.UNCERTAIN
        if self.forget_found or (self.find_by_pods and not self.may_be_published(n)):
            self.device[n] = Mount.NO
        elif self.device[n] != Mount.NO:
            self.device[n] = Mount.UNCERTAIN
        self.holds[n] = self.device[n] != Mount.NO or self.may_be_published(n)
        self.told[n] = False
        self.has_heard[n] = False
