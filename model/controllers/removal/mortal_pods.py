"""Pods that are bound, end and are deleted, on nodes that leave, come back and go out of service.

The API server keeps pods; nodes are told to controllers as they are, late. A node stops the pods
that are marked for deletion as long as it is there and answers. `CollectedPods` has the controller
that removes what is left.
Source: `pkg/registry/core/pod/strategy.go`, CheckGracefulDelete; KEP-2268 for the taint.
Left out: readiness, finalizers, and what a node does that was deleted while it runs.
"""

from enum import Enum
from typing import Annotated, ClassVar

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Range,
    action,
    constant,
    each,
    joint,
    record,
    replace,
    require,
    sort,
)
from planespec.model.controllers.removal.removal_types import Host
from planespec.model.parts.api_store import Name, ObjectStore, Revision
from planespec.model.parts.informers import Consistency, Informers
from planespec.model.parts.processes import Crash, Process


class Phase(Enum):
    """What the status of a pod says."""

    RUNNING = "Pending or Running"
    ENDED = "Succeeded or Failed"
    EVICTED = "Failed, since its node evicted it"


@record
class PodState:
    """What is stored of a pod."""

    phase: Phase = Phase.RUNNING
    marked: bool = False
    """Whether it has a deletionTimestamp."""
    place: Host | None = None


class MortalPods(ObjectStore, Informers, Crash):
    """Pods on nodes that come and go."""

    hosts: Domain[Host] = sort(1, at_least=1, at_most=3, symmetric=True)
    makes: int = constant(2, at_least=1, at_most=4)
    """How many pods are made: a bound."""
    writes: int = constant(10, at_least=1, at_most=20, check="writes >= 5 * makes")
    changes: int = constant(1, at_least=0, at_most=4)
    """How often a node leaves or goes out of service: a bound."""
    NEW: ClassVar[PodState] = PodState()

    pod: Array[Name, PodState] = each(PodState())
    served_pod: Array[Name, PodState] = each(PodState())
    seen_pod: Array[Process, Array[Name, PodState]] = each(each(PodState()))
    was_orphan: Array[Name, bool] = each(False)
    """History: whether there was a time without the node that the pod is bound to."""
    made: Annotated[int, Range(0, "makes")] = 0

    exists: Array[Host, bool] = each(True)
    is_out: Array[Host, bool] = each(False)
    """Whether a node is not ready, and has the taint out-of-service."""
    seen_there: Array[Process, Array[Host, bool]] = each(each(True))
    seen_out: Array[Process, Array[Host, bool]] = each(each(False))
    changed: Annotated[int, Range(0, "changes")] = 0

    # Pods and nodes.

    @action
    def make(self, n: Name) -> None:
        """Somebody makes a pod."""
        require(self.made < self.makes)
        self.made += 1
        self.create(n)

    def write_pod(self, n: Name, state: PodState) -> None:
        """Something is written into a pod that is there."""
        is_there = self.update(n, self.version[n])
        require(is_there)
        self.pod[n] = state

    @action
    def bind(self, n: Name, h: Host) -> None:
        """A pod is bound to a node."""
        require(self.pod[n].place is None and not self.pod[n].marked and self.exists[h])
        require(self.pod[n].phase == Phase.RUNNING)
        self.write_pod(n, replace(self.pod[n], place=h))

    @action
    def end(self, n: Name, phase: Phase) -> None:
        """A pod ends on its node."""
        require(self.is_served(n) and self.pod[n].phase == Phase.RUNNING)
        require(phase != Phase.RUNNING)
        self.write_pod(n, replace(self.pod[n], phase=phase))

    @action
    def mark(self, n: Name) -> None:
        """Somebody deletes a pod, with a grace period."""
        require(not self.pod[n].marked and self.pod[n].phase == Phase.RUNNING)
        self.write_pod(n, replace(self.pod[n], marked=True))

    @action
    def stop(self, n: Name) -> None:
        """A node has stopped a pod that is marked, and removes it."""
        require(self.is_served(n) and self.pod[n].marked)
        is_gone = self.take_away(n, self.uid[n])
        require(is_gone)

    def take_away(self, n: Name, uid: Revision) -> bool:
        """Whether the pod of a uid is there, and is deleted."""
        is_gone = self.delete(n, uid)
        if is_gone:
            self.pod[n] = self.NEW
            self.was_orphan[n] = False
        return is_gone

    def is_served(self, n: Name) -> bool:
        """Whether the node of a pod is there and answers."""
        return any(self.is_on(n, h) and self.exists[h] and not self.is_out[h] for h in self.hosts)

    @action
    def leave(self, h: Host) -> None:
        """A node is deleted."""
        require(self.exists[h] and self.changed < self.changes)
        self.changed += 1
        self.exists[h] = False
        self.is_out[h] = False
        for n in self.names:
            self.was_orphan[n] = self.was_orphan[n] or self.pod[n].place == h

    @action
    def join(self, h: Host) -> None:
        """A node is made again under its name."""
        require(not self.exists[h])
        self.exists[h] = True

    @action
    def go_out(self, h: Host) -> None:
        """A node is shut down, and somebody says so with the taint."""
        require(self.exists[h] and not self.is_out[h] and self.changed < self.changes)
        self.changed += 1
        self.is_out[h] = True

    @action
    def recover(self, h: Host) -> None:
        """The node is back, and the taint is taken off."""
        require(self.is_out[h])
        self.is_out[h] = False

    # What controllers know.

    @joint
    def serve_fields(self, n: Name) -> None:
        """The second API server follows."""
        self.served_pod[n] = self.pod[n]

    @joint
    def hear_fields(self, p: Process, n: Name) -> None:
        """A process hears what is served."""
        self.seen_pod[p][n] = self.served_pod[n]

    @joint
    def list_fields(self, p: Process, n: Name) -> None:
        """A process reads what is stored."""
        self.seen_pod[p][n] = self.pod[n]

    @joint
    def forget_fields(self, p: Process, n: Name) -> None:
        """A process knows of no pod."""
        self.seen_pod[p][n] = self.NEW

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear_host(self, p: Process, h: Host) -> None:
        """The controller hears of a node."""
        is_known = self.seen_there[p][h] == self.exists[h]
        require(not is_known or self.seen_out[p][h] != self.is_out[h])
        self.seen_there[p][h] = self.exists[h]
        self.seen_out[p][h] = self.is_out[h]

    @joint
    def lose_memory(self, p: Process) -> None:
        """A process that begins anew lists the nodes."""
        for h in self.hosts:
            self.seen_there[p][h] = self.exists[h]
            self.seen_out[p][h] = self.is_out[h]

    def sees_pod(self, p: Process, n: Name) -> PodState:
        """What the controller takes a pod to be."""
        return self.pod[n] if self.consistency == Consistency.LIVE else self.seen_pod[p][n]

    def sees_ended(self, p: Process, n: Name) -> bool:
        """Whether the controller knows a pod that has ended."""
        return self.sees(p, n) != 0 and self.sees_pod(p, n).phase != Phase.RUNNING

    def sees_evicted(self, p: Process, n: Name) -> bool:
        """Whether the controller knows a pod that was evicted."""
        return self.sees(p, n) != 0 and self.sees_pod(p, n).phase == Phase.EVICTED

    def sees_on(self, p: Process, n: Name, h: Host) -> bool:
        """Whether the controller knows a pod that is bound to a node."""
        return self.sees(p, n) != 0 and self.sees_pod(p, n).place == h

    def is_on(self, n: Name, h: Host) -> bool:
        """Whether a pod is bound to a node."""
        return self.uid[n] != 0 and self.pod[n].place == h

    def is_bound(self, n: Name) -> bool:
        """Whether a pod is bound."""
        return self.pod[n].place is not None

    def is_marked(self, n: Name) -> bool:
        """Whether a pod is marked for deletion."""
        return self.pod[n].marked

    def has_ended(self, n: Name) -> bool:
        """Whether a pod has ended."""
        return self.pod[n].phase != Phase.RUNNING
