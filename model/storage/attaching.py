"""The controller that attaches the volume to nodes and detaches it, and the nodes' health.

A node tells in its status that it uses the volume (volumesInUse) before it looks whether it is
attached (volumesAttached), and the controller takes it out of volumesAttached before it looks
whether it is used: so one of the two sees the other. Six minutes after a detach was wanted the
controller detaches by force from a node that is not healthy (maxWaitForUnmountDuration), and at
once from one with the taint out-of-service, which somebody puts on it who knows that it is off,
and leaves it off until pods and volumes have gone from it.
The driver attaches wherever it is asked to: many do not look. Left out: how the controller learns
of pods late, and volumes that are attached by the kubelet itself.
Source: `pkg/controller/volume/attachdetach/reconciler`, `cache`; KEP-2268; v1.36.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Fairness,
    Range,
    abstract,
    action,
    choose,
    constant,
    each,
    joint,
    mutant,
    require,
)
from planespec.model.storage.provisioning import Node, Pod, Provisioning
from planespec.spec.node.volume_manager.volume_requirements import AccessMode, PodPhase


class Known(Enum):
    """What the controller takes for true of a node."""

    NO = "not attached"
    UNCERTAIN = "may be attached"
    YES = "attached"


class Detach(Enum):
    """What a call that detaches is about to do."""

    NONE = "no call"
    SAFE = "look whether it is used, and detach"
    FORCED = "detach"


class Power(Enum):
    """How a node is."""

    UP = "healthy"
    CUT = "runs, and reaches nobody"
    OFF = "off"


class Attaching(Provisioning):
    """The volume is attached to the nodes of pods, and detached from others."""

    failures: int = constant(1, at_least=0, at_most=9)
    """How often nodes are cut off or go off: a bound."""
    restarts: int = constant(1, at_least=0, at_most=9)
    """How often the controller or a kubelet begins anew: a bound."""

    ignore_in_use: bool = mutant(
        "The volume is detached though the node says that it is in use.", issue="pull 26351"
    )
    attach_twice: bool = mutant(
        "The volume is attached for a second node while it is for a first.",
        issue="#61832",
        when="mode.name != 'RWX'",
    )
    unlist_late: bool = mutant(
        "The volume is taken out of volumesAttached after it was detached, and use is not looked"
        " at again.",
        issue="#27836",
    )
    forget_detaching: bool = mutant(
        "The volume counts as detached while the call that detaches it still runs.",
        issue="#93902",
    )
    force_healthy: bool = mutant(
        "After six minutes a volume is detached from a healthy node too.",
        issue="#106710, pull 110721",
    )
    taint_running: bool = mutant(
        "The taint out-of-service is put on a node that runs.",
        issue="KEP-2268",
        when="failures > 0",
    )
    power_on_early: bool = mutant(
        "A node that is out of service goes on again before pods and volumes are off it.",
        issue="KEP-2268",
        when="failures > 0",
    )
    lost_is_failed: bool = mutant(
        "A volume counts as not attached when the answer was lost.", when="losses > 0"
    )
    restart_by_status: bool = mutant(
        "A controller that begins anew looks at volumesAttached alone.",
        when="restarts > 0",
    )
    list_once: bool = mutant(
        "The volume is listed when it is attached, and not again for a node that is made anew.",
        issue="#37777",
        when="failures > 0",
    )

    forget_use: bool = mutant(
        "A node that is made anew says that nothing is in use, until its kubelet reports.",
        when="failures > 0",
    )

    attached: set[Node] = set()
    """The truth."""
    known: Array[Node, Known] = each(Known.NO)
    listed: Array[Node, bool] = each(False)
    """volumesAttached in the node's status."""
    in_use: Array[Node, bool] = each(False)
    """volumesInUse in the node's status."""
    detaching: Array[Node, Detach] = each(Detach.NONE)
    overdue: Array[Node, bool] = each(False)
    """Whether six minutes have passed since a detach was wanted."""
    forced: set[Node] = set()
    """Nodes that have not let go of the volume since six minutes passed, and they were ill."""
    power: Array[Node, Power] = each(Power.UP)
    out_of_service: set[Node] = set()
    failed: Annotated[int, Range(0, "failures")] = 0
    restarted: Annotated[int, Range(0, "restarts")] = 0

    def is_wanted(self, n: Node) -> bool:
        """Whether a pod that is not gone has the node."""
        return any(self.place[p] == n and self.is_here(p) for p in self.pods)

    def is_free(self) -> bool:
        """Whether there is no attachment, and nobody is about to end one."""
        return all(
            self.known[n] == Known.NO and self.detaching[n] == Detach.NONE for n in self.nodes
        )

    def takes_pods(self, n: Node) -> bool:
        """Whether the node is healthy."""
        return self.power[n] == Power.UP

    @joint
    def want_anew(self, n: Node) -> None:
        """A detach that is wanted later counts its time anew."""
        self.overdue[n] = False

    # Attaching.

    @action(fair=Fairness.WEAK, per_instance=True)
    def attach(self, n: Node) -> None:
        """The volume is attached to the node of a pod."""
        self.require_attachable(n)
        self.attached.add(n)
        self.known[n] = Known.YES
        if self.list_once:
            self.listed[n] = True

    @action
    def attach_unanswered(self, n: Node) -> None:
        """The volume is attached, and the controller does not hear of it."""
        self.require_attachable(n)
        self.lose_answer()
        self.attached.add(n)
        self.known[n] = Known.NO if self.lost_is_failed else Known.UNCERTAIN

    def require_attachable(self, n: Node) -> None:
        """It is wanted there, and nowhere else unless it is for many."""
        require(self.is_wanted(n) and self.known[n] != Known.YES)
        if not self.forget_detaching:
            require(self.detaching[n] == Detach.NONE)
        if self.mode != AccessMode.RWX and not self.attach_twice:
            require(all(m == n or self.known[m] == Known.NO for m in self.nodes))

    @action(fair=Fairness.WEAK, per_instance=True)
    def list_attached(self, n: Node) -> None:
        """The node's status says that the volume is attached."""
        require(self.known[n] == Known.YES and self.detaching[n] == Detach.NONE)
        require(not self.listed[n] and not self.list_once)
        self.listed[n] = True

    # Detaching.

    @action(fair=Fairness.WEAK, per_instance=True)
    def wait_six_minutes(self, n: Node) -> None:
        """The node has said for long that it uses what no pod wants there."""
        require(self.known[n] != Known.NO and not self.is_wanted(n))
        require(self.in_use[n] and not self.overdue[n])
        self.overdue[n] = True

    def may_force(self, n: Node) -> bool:
        """Whether the node is not asked any more."""
        is_ill = self.power[n] != Power.UP or self.force_healthy
        return n in self.out_of_service or (self.overdue[n] and is_ill)

    @action(fair=Fairness.WEAK, per_instance=True)
    def begin_detach(self, n: Node) -> None:
        """What no pod wants is taken out of the node's status, to be detached."""
        require(self.known[n] != Known.NO and self.detaching[n] == Detach.NONE)
        require(not self.is_wanted(n))
        require(not self.in_use[n] or self.may_force(n) or self.ignore_in_use)
        self.detaching[n] = Detach.FORCED if self.may_force(n) else Detach.SAFE
        if self.overdue[n] and self.power[n] != Power.UP and n not in self.out_of_service:
            self.forced.add(n)
        if not self.unlist_late:
            self.listed[n] = False
        if self.forget_detaching:
            self.known[n] = Known.NO

    @action(fair=Fairness.WEAK, per_instance=True)
    def detach(self, n: Node) -> None:
        """The volume is detached, unless the node has said meanwhile that it uses it."""
        require(self.detaching[n] != Detach.NONE)
        if self.detaching[n] == Detach.FORCED or not self.is_held_back(n):
            self.end_attachment(n)
            if not self.forget_detaching:
                self.known[n] = Known.NO
        self.detaching[n] = Detach.NONE

    @action
    def detach_unanswered(self, n: Node) -> None:
        """The volume is detached, and the controller does not hear of it."""
        require(self.detaching[n] != Detach.NONE and n in self.attached)
        require(self.detaching[n] == Detach.FORCED or not self.is_held_back(n))
        self.lose_answer()
        self.end_attachment(n)
        self.known[n] = Known.UNCERTAIN
        self.detaching[n] = Detach.NONE

    def is_held_back(self, n: Node) -> bool:
        """Whether the node's status, read once more, says that the volume is in use."""
        is_unchecked = self.ignore_in_use or self.unlist_late or self.forget_detaching
        return self.in_use[n] and not is_unchecked

    def end_attachment(self, n: Node) -> None:
        """The volume is attached no longer."""
        if not self.has_left(n):
            self.forced.discard(n)
        self.attached.discard(n)
        self.listed[n] = False
        self.overdue[n] = False

    def settle(self, n: Node) -> None:
        """A node on which nothing is left has let go, unless it is being detached by force."""
        if not self.has_left(n) and self.detaching[n] != Detach.FORCED:
            self.forced.discard(n)

    @abstract
    def has_left(self, n: Node) -> bool:
        """Whether anything of the volume is left on the node."""
        raise NotImplementedError

    # Health.

    @action
    def fail(self, n: Node) -> None:
        """A node is cut off, or goes off with all that runs and is mounted there."""
        require(self.power[n] == Power.UP and self.failed < self.failures)
        self.failed += 1
        self.power[n] = choose({Power.CUT, Power.OFF})
        if self.power[n] == Power.OFF:
            self.lose_power(n)

    @joint
    def lose_power(self, n: Node) -> None:
        """What runs on a node ends."""

    @action(fair=Fairness.WEAK, per_instance=True)
    def recover(self, n: Node) -> None:
        """A node is healthy again; one that was off may be made anew, with nothing attached."""
        require(self.power[n] != Power.UP)
        if not self.power_on_early:
            require(n not in self.out_of_service or self.is_off(n))
        if self.power[n] == Power.OFF:
            self.begin_anew(n)
            is_new = choose({False, True})
            if is_new:
                self.listed[n] = False
                if self.forget_use:
                    self.in_use[n] = False
        self.out_of_service.discard(n)
        self.power[n] = Power.UP

    def is_off(self, n: Node) -> bool:
        """Whether pods and volumes are off a node that is out of service."""
        is_gone = self.known[n] == Known.NO and self.detaching[n] == Detach.NONE
        return is_gone and not self.is_wanted(n)

    @joint
    def begin_anew(self, n: Node) -> None:
        """The kubelet of a node begins with an empty memory."""

    @action
    def taint(self, n: Node) -> None:
        """Somebody who knows that a node is off says that it is out of service."""
        require(self.power[n] == Power.OFF or (self.taint_running and self.power[n] == Power.CUT))
        require(n not in self.out_of_service)
        self.out_of_service.add(n)

    @action(fair=Fairness.WEAK, per_instance=True)
    def collect(self, p: Pod) -> None:
        """The collector of pods deletes those of a node that is out of service."""
        require(self.is_here(p) and self.place[p] in self.out_of_service)
        self.phase[p] = PodPhase.GONE

    @action
    def restart_controller(self) -> None:
        """The controller begins anew, with the nodes' status and the VolumeAttachments."""
        require(self.restarted < self.restarts)
        self.restarted += 1
        for n in self.nodes:
            if self.listed[n]:
                self.known[n] = Known.YES
            elif self.known[n] != Known.NO or self.detaching[n] != Detach.NONE:
                self.known[n] = Known.NO if self.restart_by_status else Known.UNCERTAIN
            self.detaching[n] = Detach.NONE
            self.overdue[n] = False
            if n in self.attached:
                self.forced.discard(n)
