"""The allocation manager of a kubelet: pods admitted, resizes queued, retried and taken up.

A step machine: each method is one call of upstream's manager. Left out: checkpoints on disk and
their errors, metrics, the ticker that retries every three minutes, and handlers of admission other
than the predicates and the one for resizes. Up to twelve pending resizes are sorted as upstream
does it; its order of more follows from another algorithm, as its comparison is no order.
Source: `pkg/kubelet/allocation/allocation_manager.go`, v1.36.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import partial

from planespec.spec.node.predicate_admission import Admission, admit_pod
from planespec.spec.node.resizing.allocations import (
    Allocation,
    allocate_all,
    apply_allocation,
    describe_resize,
)
from planespec.spec.node.resizing.resize_admission import ResizePolicy, refuse_resize
from planespec.spec.node.resizing.resize_conditions import INFEASIBLE, ResizeConditions
from planespec.spec.objects.core_views import Node, Pod
from planespec.spec.pods.qos import QosClass, get_qos_class
from planespec.spec.pods.resources import compute_pod_requests
from planespec.spec.quantity.quantity import ZERO

RESIZED = ("cpu", "memory")


@dataclass(frozen=True, slots=True)
class ResizeEvent:
    """An event about a pod."""

    type: str
    reason: str
    message: str


@dataclass(slots=True)
class AllocationManager:
    """Allocations and pending resizes of one kubelet, and what it told others to do."""

    node: Node
    get_active_pods: Callable[[], Iterable[Pod]]
    """The pods that count against the node's room, as their specs are now."""
    get_pod: Callable[[str], Pod | None]
    """The pod of a UID."""
    policy: ResizePolicy = field(default_factory=ResizePolicy)
    conditions: ResizeConditions = field(default_factory=ResizeConditions)
    allocated: dict[str, Allocation] = field(default_factory=dict)
    """By UID."""
    pending: list[str] = field(default_factory=list)
    """UIDs in the order in which they are tried."""
    sources_ready: bool = True
    events: list[ResizeEvent] = field(default_factory=list)
    synced: list[str] = field(default_factory=list)
    """UIDs of pods that were given to their workers, in order."""

    # Pods that come and go.

    def add_pod(self, pod: Pod) -> Admission:
        """Admit the pod beside those that are active, or turn it away.

        What was allocated to it before counts, not its spec: so it is after a restart.
        """
        pod = self.update_pod(pod)[0]
        admission = self._fit(pod)
        if admission.is_admitted:
            self.allocated[pod.meta.uid] = allocate_all(pod)
        return admission

    def remove_pod(self, uid: str) -> None:
        """Forget what is allocated to a pod; a pending resize goes with the next sorting."""
        self.allocated.pop(uid, None)

    def remove_orphaned_pods(self, remaining: Collection[str]) -> None:
        """Forget the allocations of all pods but these."""
        self.allocated = {uid: held for uid, held in self.allocated.items() if uid in remaining}

    def update_pod(self, pod: Pod) -> tuple[Pod, bool]:
        """Return the pod as it is allocated, and whether that differs from its spec."""
        return apply_allocation(pod, self.allocated.get(pod.meta.uid))

    def _fit(self, pod: Pod) -> Admission:
        active = (self.update_pod(other)[0] for other in self.get_active_pods())
        others = [other for other in active if other.meta.uid != pod.meta.uid]
        return admit_pod(pod, self.node, others, lambda: self.node)

    # Resizes.

    def push_pending_resize(self, uid: str) -> None:
        """Queue a resize; nothing is sorted where the pod is in the queue already."""
        if uid not in self.pending:
            self.pending.append(uid)
            self._sort_pending()

    def retry_pending_resizes(self) -> list[Pod]:
        """Try every pending resize in order; returns the pods that need wait no longer."""
        if not self.sources_ready:
            return []
        still_pending: list[str] = []
        successful: list[Pod] = []
        for uid in self.pending:
            pod = self.get_pod(uid)
            if pod is None:
                continue
            before = self.conditions.list_for(uid)
            is_allocated = self._handle_resize(pod)
            if self.conditions.is_deferred(uid):
                still_pending.append(uid)
            elif not self.conditions.is_infeasible(uid):
                successful.append(pod)
            if is_allocated or before != self.conditions.list_for(uid):
                self.synced.append(uid)
        self.pending = still_pending
        return successful

    def _handle_resize(self, pod: Pod) -> bool:
        """Take up the resize, or say why not; returns whether it was taken up."""
        uid, generation = pod.meta.uid, pod.meta.int64("generation")
        if not self.update_pod(pod)[1]:
            self.conditions.clear_pending(uid)
            return False
        reason, message = self._judge_resize(pod)
        if not reason:
            self.allocated[uid] = allocate_all(pod)
            self.conditions.clear_pending(uid)
            self.conditions.start(uid, generation)
            text = describe_resize("Pod resize started", pod, generation)
            self.events.append(ResizeEvent("Normal", "ResizeStarted", text))
            return True
        if self.conditions.set_pending(uid, reason, message, generation):
            text = describe_resize(f"Pod resize {reason}", pod, generation, message)
            name = "ResizeInfeasible" if reason == INFEASIBLE else "ResizeDeferred"
            self.events.append(ResizeEvent("Warning", name, text))
        return False

    def _judge_resize(self, pod: Pod) -> tuple[str, str]:
        """Return why the resize is not taken up, and the message; empty where it is."""
        refusal = refuse_resize(pod, self.allocated.get(pod.meta.uid), self.policy)
        if refusal:
            return INFEASIBLE, refusal
        admission = self._fit(pod)
        return admission.reason, admission.message

    # The order of pending resizes.

    def _sort_pending(self) -> None:
        """Sort by insertion, as upstream sorts up to twelve; pods that are gone leave."""
        pods = [pod for uid in self.pending if (pod := self.get_pod(uid)) is not None]
        for end in range(1, len(pods)):
            place = end
            while place and self._goes_before(pods[place], pods[place - 1]):
                pods[place - 1], pods[place] = pods[place], pods[place - 1]
                place -= 1
        self.pending = [pod.meta.uid for pod in pods]

    def _goes_before(self, first: Pod, second: Pod) -> bool:
        """Compare two wishes; of two that do not grow, either goes before the other.

        Wishes that do not grow, higher priority, Guaranteed, then the one that waits longer.
        """
        if not self._grows(first):
            return True
        if not self._grows(second):
            return False
        priorities = first.priority or 0, second.priority or 0
        if priorities[0] != priorities[1]:
            return priorities[0] > priorities[1]
        guaranteed = [get_qos_class(pod) is QosClass.GUARANTEED for pod in (first, second)]
        if guaranteed[0] != guaranteed[1]:
            return guaranteed[0]
        return self._waits_longer(first.meta.uid, second.meta.uid)

    def _waits_longer(self, first: str, second: str) -> bool:
        waiting = self.conditions.pending
        if first not in waiting:
            return False
        return second not in waiting or waiting[first].transition < waiting[second].transition

    def _grows(self, pod: Pod) -> bool:
        """Say whether the pod asks for more cpu or memory than it has."""
        allocated, is_updated = self.update_pod(pod)
        if not is_updated:
            return False
        held, wanted = (partial(compute_pod_requests(each).get) for each in (allocated, pod))
        return any((wanted(name) or ZERO) > (held(name) or ZERO) for name in RESIZED)
