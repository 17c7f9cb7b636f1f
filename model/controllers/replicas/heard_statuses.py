"""Statuses of ReplicaSets, and what processes have heard of them: a part of two grains.

A set and its status are one object with one version, and one informer of a process, which all
controllers in it share, hears of both. Whoever has this part says what else is read with a set, by
extending `read_set`, and who writes statuses, telling of each with `note_set_written`.
Source: `pkg/controller/deployment/deployment_controller.go` (rsLister), v1.36. Left out:
`observedGeneration`, which whoever rolls out does not ask for, and conditions.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    constant,
    each,
    joint,
    sort,
)
from planespec.model.parts.expectations import Owner
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Process

Told = Annotated[int, Range(0, 12)]
"""A number of pods in a status: no set has more, however coarse the model."""


class HeardStatuses(Model):
    """What the status of a set says, and who has heard of it."""

    owners: Domain[Owner] = sort(1, at_least=1, at_most=3, symmetric=True)
    processes: Domain[Process] = sort(1, at_least=1, at_most=4, symmetric=True)
    consistency: Consistency = constant(Consistency.MONOTONIC)

    deadlock = False

    reported: Array[Owner, Told] = each(0)
    """The pods in the status of a set (`replicas`)."""
    available: Array[Owner, Told] = each(0)
    """Those of them that are ready (`availableReplicas`)."""
    seen_reported: Array[Process, Array[Owner, Told]] = each(each(0))
    seen_available: Array[Process, Array[Owner, Told]] = each(each(0))
    is_newest: Array[Process, Array[Owner, bool]] = each(each(True))
    """Whether the version of a set in the cache is the newest."""

    @joint
    def note_set_written(self, o: Owner) -> None:
        """Nobody knows the newest version of what was written."""
        for p in self.processes:
            self.is_newest[p][o] = False

    @joint
    def knows_set(self, p: Process, o: Owner) -> bool:
        """Whether a process has nothing to hear of a set."""
        return self.is_newest[p][o]

    @joint
    def read_set(self, p: Process, o: Owner) -> None:
        """The status is read with the set."""
        self.is_newest[p][o] = True
        self.seen_reported[p][o] = self.reported[o]
        self.seen_available[p][o] = self.available[o]

    def sees_reported(self, p: Process, o: Owner) -> int:
        """The pods in the status of a set (`replicas`), as a process takes it to be."""
        is_live = self.consistency == Consistency.LIVE
        return self.reported[o] if is_live else self.seen_reported[p][o]

    def sees_available(self, p: Process, o: Owner) -> int:
        """Those of them that are ready (`availableReplicas`)."""
        is_live = self.consistency == Consistency.LIVE
        return self.available[o] if is_live else self.seen_available[p][o]

    @joint
    def lose_memory(self, p: Process) -> None:
        """A process that begins anew lists all sets."""
        for o in self.owners:
            self.read_set(p, o)
