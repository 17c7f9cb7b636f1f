"""Pods in the API server, what nodes make of them, and what controllers have heard of it.

A controller makes pods and marks them for deletion; a node starts them, sees them fail or end, and
removes those that are marked once they have stopped. Who owns a pod, and from which template it
was made, a model adds beside it (`fill_pod`, and the joint methods `..._fields`). `PodMakers`
is this part alone, with processes that make and delete pods as they like.
Source: `pkg/registry/core/pod/strategy.go`, CheckGracefulDelete; `pkg/kubelet/status`,
canBeDeleted.
Left out: nodes, containers, and grace periods other than "some time later" and "at once".
"""

from enum import Enum
from typing import Self

from planespec.checker.lang import (
    Array,
    Fairness,
    action,
    constant,
    each,
    instance,
    joint,
    mutant,
    no_recording,
    reachable,
    require,
    step_invariant,
)
from planespec.model.parts.api_store import Name, ObjectStore, Revision
from planespec.model.parts.informers import Consistency, Informers
from planespec.model.parts.processes import Crash, Process


class PodLife(Enum):
    """Where a pod is in its life; PENDING under a name that nobody has, too."""

    PENDING = "not ready"
    READY = "ready"
    FAILED = "Failed"
    SUCCEEDED = "Succeeded"
    DELETING = "marked for deletion, and still running"


class OwnedPods(ObjectStore, Informers, Crash):
    """Pods under names that the API server generates; a name is free when its pod is gone."""

    pods_fail: bool = constant(default=False)
    """Whether a pod may end as Failed."""
    pods_succeed: bool = constant(default=False)
    """Whether a pod may end as Succeeded."""
    readiness_lost: bool = constant(default=False)
    """Whether a pod that was ready may be unready again."""

    life: Array[Name, PodLife] = each(PodLife.PENDING)
    served_life: Array[Name, PodLife] = each(PodLife.PENDING)
    """What the second API server serves."""
    seen_life: Array[Process, Array[Name, PodLife]] = each(each(PodLife.PENDING))

    # What controllers write.

    def make_pod(self, p: Process, n: Name) -> None:
        """A process makes a pod; the API server chooses the name."""
        self.create(n)
        self.life[n] = PodLife.PENDING
        self.fill_pod(n)
        self.note_write(p)

    def delete_pod(self, p: Process, n: Name, uid: Revision) -> bool:
        """Whether the pod of this uid is there, and marked for deletion (else 409, or 404)."""
        is_there = uid != 0 and self.uid[n] == uid
        if is_there and self.life[n] != PodLife.DELETING:
            self.write_life(n, PodLife.DELETING)
            self.note_write(p)
        return is_there

    def write_life(self, n: Name, life: PodLife) -> None:
        """Something is written into a pod that is there."""
        is_there = self.update(n, self.version[n])
        require(is_there)
        self.life[n] = life
        self.note_life(n)

    @joint
    def note_life(self, n: Name) -> None:
        """Something was written into a pod that is there."""

    @joint
    def fill_pod(self, n: Name) -> None:
        """What a new pod holds."""

    @joint
    def clear_pod(self, n: Name) -> None:
        """A pod is gone."""

    # What nodes do.

    @action(fair=Fairness.WEAK, per_instance=True)
    def become_ready(self, n: Name) -> None:
        """A pod runs, and is ready."""
        require(self.uid[n] != 0 and self.life[n] == PodLife.PENDING and self.may_start(n))
        self.write_life(n, PodLife.READY)

    @action(when="readiness_lost")
    def become_unready(self, n: Name) -> None:
        """A pod is no longer ready."""
        require(self.life[n] == PodLife.READY)
        self.write_life(n, PodLife.PENDING)

    @action(when="pods_fail")
    def fail_pod(self, n: Name) -> None:
        """A pod ends, and will not run again."""
        require(self.uid[n] != 0 and self.is_running(n))
        self.write_life(n, PodLife.FAILED)

    @action(when="pods_succeed")
    def succeed_pod(self, n: Name) -> None:
        """A pod has done what it was for."""
        require(self.life[n] == PodLife.READY)
        self.write_life(n, PodLife.SUCCEEDED)

    @action(fair=Fairness.WEAK, per_instance=True)
    def end_pod(self, n: Name) -> None:
        """A node has stopped a pod that is marked, and removes it."""
        require(self.life[n] == PodLife.DELETING and self.may_end(n))
        is_gone = self.delete(n, self.uid[n])
        require(is_gone)
        self.life[n] = PodLife.PENDING
        self.clear_pod(n)

    @joint
    def may_start(self, n: Name) -> bool:
        """Whether a pod can become ready."""
        return True

    @joint
    def may_end(self, n: Name) -> bool:
        """Whether nothing keeps a pod that is marked: no finalizer."""
        return True

    def is_running(self, n: Name) -> bool:
        """Whether a pod has not ended, and is not marked."""
        return self.life[n] == PodLife.PENDING or self.life[n] == PodLife.READY

    # What processes hear.

    def sees_life(self, p: Process, n: Name) -> PodLife:
        """Where a process takes a pod to be."""
        return self.life[n] if self.consistency == Consistency.LIVE else self.seen_life[p][n]

    def sees_active(self, p: Process, n: Name) -> bool:
        """Whether a process sees a pod that has not ended and is not marked.

        Source: `pkg/controller/controller_utils.go`, IsPodActive.
        """
        life = self.sees_life(p, n)
        return self.sees(p, n) != 0 and (life == PodLife.PENDING or life == PodLife.READY)

    def is_active(self, n: Name) -> bool:
        """Whether a pod is there that has not ended and is not marked."""
        return self.uid[n] != 0 and self.is_running(n)

    @joint
    def serve_fields(self, n: Name) -> None:
        """The second API server follows."""
        self.served_life[n] = self.life[n]

    @joint
    def hear_fields(self, p: Process, n: Name) -> None:
        """A process hears what is served."""
        self.seen_life[p][n] = self.served_life[n]

    @joint
    def list_fields(self, p: Process, n: Name) -> None:
        """A process reads what is stored."""
        self.seen_life[p][n] = self.life[n]

    @joint
    def forget_fields(self, p: Process, n: Name) -> None:
        """A process knows of no pod."""
        self.seen_life[p][n] = PodLife.PENDING

    @step_invariant
    def ended_pods_stay_ended(self, before: Self) -> bool:
        """A pod that has ended, or is marked, does not run again under its uid."""
        return all(
            before.uid[n] == 0
            or before.is_running(n)
            or self.uid[n] != before.uid[n]
            or not self.is_running(n)
            for n in self.names
        )


class PodMakers(OwnedPods):
    """Processes that make and delete pods as they like."""

    held_to = no_recording("it is a part; controllers that list it are held to recordings")

    marked_return: bool = mutant("A pod that is marked runs on when it is ready again.")

    pods_fail: bool = constant(default=True)
    pods_succeed: bool = constant(default=True)
    readiness_lost: bool = constant(default=True)

    @action
    def make(self, p: Process, n: Name) -> None:
        """A process makes a pod."""
        self.make_pod(p, n)

    @action
    def remove(self, p: Process, n: Name) -> None:
        """A process deletes a pod that it sees."""
        require(self.may_act(p) and self.sees(p, n) != 0)
        self.delete_pod(p, n, self.sees(p, n))

    @action(when="marked_return")
    def revive(self, n: Name) -> None:
        """A pod that is marked is ready."""
        require(self.life[n] == PodLife.DELETING)
        self.write_life(n, PodLife.READY)

    @reachable(when="consistency.name != 'LIVE'")
    def sees_a_pod_that_ended(self) -> bool:
        """A process takes a pod to be active that has ended or is marked."""
        return any(
            self.sees_active(p, n) and self.sees(p, n) == self.uid[n] and not self.is_active(n)
            for p in self.processes
            for n in self.names
        )

    @reachable
    def is_marked(self) -> bool:
        """A pod is marked for deletion."""
        return any(self.life[n] == PodLife.DELETING for n in self.names)

    instances = [
        instance("small"),
        instance("lossy", consistency=Consistency.LOSSY),
        instance("live", consistency=Consistency.LIVE, names=2),
    ]
