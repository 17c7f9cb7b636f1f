"""A StatefulSet, its pods, and what its controller has heard of both.

Source: `pkg/controller/statefulset/stateful_set_utils.go`, v1.36.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Range,
    action,
    constant,
    each,
    joint,
    mutant,
    require,
    sort,
)
from planespec.model.controllers.owned_pods import OwnedPods, PodLife
from planespec.model.controllers.workloads.fresh_starts import FreshStarts
from planespec.model.parts.api_store import Name, Revision
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Process

Count = Annotated[int, Range(0, "names")]


class SetViews(OwnedPods, FreshStarts):
    """One StatefulSet, whose pods have the names that there are."""

    names: Domain[Name] = sort(2, at_least=1, at_most=4)
    writes: int = constant(16, at_least=1, at_most=20)
    consistency: Consistency = constant(Consistency.OWN_WRITES)
    crashes: int = constant(0, at_least=0, at_most=9)
    size: int = constant(2, at_least=0, check="size <= names")
    """How many pods are wanted at first."""

    success_stays: bool = mutant(
        "A pod that has ended as Succeeded is not made again.",
        issue="#118310",
        when="pods_succeed",
    )

    replicas: Count = size
    is_rolled: bool = False
    """Whether the set asks for the new template."""
    seen_replicas: Array[Process, Count] = each(size)
    seen_rolled: Array[Process, bool] = each(False)

    is_new: Array[Name, bool] = each(False)
    """Whether a pod is of the new template; false where there is none."""
    served_is_new: Array[Name, bool] = each(False)
    seen_is_new: Array[Process, Array[Name, bool]] = each(each(False))
    claim_owner: Array[Name, Revision] = each(0)
    """The uid of the pod with which the claim of this name goes; 0 where it stays."""

    # What the controller hears.

    @action
    def hear_set(self, p: Process) -> None:
        """The controller hears of the set as it is."""
        require(self.consistency != Consistency.LIVE)
        self.seen_replicas[p] = self.replicas
        self.seen_rolled[p] = self.is_rolled

    def wanted(self, p: Process) -> Count:
        """How many pods the controller takes to be wanted."""
        is_live = self.consistency == Consistency.LIVE
        return self.replicas if is_live else self.seen_replicas[p]

    def asked_new(self, p: Process) -> bool:
        """Whether the controller takes the new template to be asked for."""
        is_live = self.consistency == Consistency.LIVE
        return self.is_rolled if is_live else self.seen_rolled[p]

    def sees_new(self, p: Process, n: Name) -> bool:
        """Whether the controller takes a pod to be of the new template."""
        is_live = self.consistency == Consistency.LIVE
        return self.is_new[n] if is_live else self.seen_is_new[p][n]

    def sees_well(self, p: Process, n: Name) -> bool:
        """Whether the controller sees a pod that is ready, and not marked."""
        return self.sees(p, n) != 0 and self.sees_life(p, n) == PodLife.READY

    def sees_ended(self, p: Process, n: Name) -> bool:
        """Whether the controller sees a pod that has ended and is to be made again."""
        life = self.sees_life(p, n)
        has_succeeded = life == PodLife.SUCCEEDED and not self.success_stays
        return self.sees(p, n) != 0 and (life == PodLife.FAILED or has_succeeded)

    # Late knowledge.

    @joint
    def serve_fields(self, n: Name) -> None:
        """The second API server follows."""
        self.served_is_new[n] = self.is_new[n]

    @joint
    def hear_fields(self, p: Process, n: Name) -> None:
        """A process hears what is served."""
        self.seen_is_new[p][n] = self.served_is_new[n]

    @joint
    def list_fields(self, p: Process, n: Name) -> None:
        """A process reads what is stored."""
        self.seen_is_new[p][n] = self.is_new[n]

    @joint
    def forget_fields(self, p: Process, n: Name) -> None:
        """A process knows of no pod."""
        self.seen_is_new[p][n] = False
