"""The statuses that the ReplicaSet controller writes, beside that controller in full.

A sync counts the pods that it sees, and how many of them are ready, and writes the numbers where
the status in its cache has others. A set and its status are one object with one version, and one
informer of the process, which all controllers in it share, hears of both.
Source: `pkg/controller/replicaset/replica_set_utils.go` (updateReplicaSetStatus, calculateStatus),
v1.36. Left out: `observedGeneration`, which whoever rolls out does not ask for, conditions, and
that a sync that makes or deletes pods writes what it counted before; here it counts again.
"""

from planespec.checker.lang import (
    Array,
    Fairness,
    action,
    each,
    joint,
    mutant,
    require,
)
from planespec.model.controllers.owned_pods import PodLife
from planespec.model.controllers.replicas.replica_sets import ReplicaSets
from planespec.model.parts.api_store import Name
from planespec.model.parts.expectations import Count, Owner
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Process


class SetStatuses(ReplicaSets):
    """What the status of a set says, and who has heard of it."""

    report_unready: bool = mutant("A pod counts as available before it is ready.")
    report_others: bool = mutant("The pods of other sets count in a status, too.")

    reported: Array[Owner, Count] = each(0)
    """The pods in the status of a set (`replicas`)."""
    available: Array[Owner, Count] = each(0)
    """Those of them that are ready (`availableReplicas`)."""
    seen_reported: Array[Process, Array[Owner, Count]] = each(each(0))
    seen_available: Array[Process, Array[Owner, Count]] = each(each(0))
    is_newest: Array[Process, Array[Owner, bool]] = each(each(True))
    """Whether the version of a set in the cache is the newest."""

    def begin_reported(self, o: Owner, size: int) -> None:
        """A set has the pods that it wants, all are ready, and everybody knows."""
        self.size[o] = size
        self.reported[o] = size
        self.available[o] = size
        for p in self.processes:
            self.read_set(p, o)

    @action(fair=Fairness.WEAK, per_instance=True)
    def report(self, p: Process, o: Owner) -> None:
        """The status of a set is written, from whichever version."""
        require(self.may_sync(p, o))
        there = sum(self.is_reported(p, o, n) for n in self.names)
        ready = sum(
            self.is_reported(p, o, n) and (not self.sees_unready(p, n) or self.report_unready)
            for n in self.names
        )
        require(self.sees_reported(p, o) != there or self.sees_available(p, o) != ready)
        require(self.reported[o] != there or self.available[o] != ready)
        self.reported[o] = there
        self.available[o] = ready
        self.note_set_written(o)

    def is_reported(self, p: Process, o: Owner, n: Name) -> bool:
        """Whether a process counts a pod in the status of a set."""
        return self.counts(p, o, n) or (self.report_others and self.sees_active(p, n))

    def resize(self, o: Owner, size: int) -> None:
        """The size of a set is written."""
        self.size[o] = size

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear_set(self, p: Process, o: Owner) -> None:
        """A process hears of a set."""
        require(not self.is_newest[p][o])
        self.read_set(p, o)

    @joint
    def note_set_written(self, o: Owner) -> None:
        """Nobody knows the newest version of what was written."""
        for p in self.processes:
            self.is_newest[p][o] = False

    @joint
    def read_set(self, p: Process, o: Owner) -> None:
        """The status is read with the set."""
        self.is_newest[p][o] = True
        self.seen_reported[p][o] = self.reported[o]
        self.seen_available[p][o] = self.available[o]

    def sees_reported(self, p: Process, o: Owner) -> int:
        """The pods in the status of a set (`replicas`)."""
        is_live = self.consistency == Consistency.LIVE
        return self.reported[o] if is_live else self.seen_reported[p][o]

    def sees_available(self, p: Process, o: Owner) -> int:
        """Those of them that are ready (`availableReplicas`)."""
        is_live = self.consistency == Consistency.LIVE
        return self.available[o] if is_live else self.seen_available[p][o]

    def sees_pod_of(self, p: Process, o: Owner) -> bool:
        """Whether a process sees a pod of a set that has not ended, also one that is marked."""
        return any(
            self.sees(p, n) != 0
            and self.sees_owner(p, n) == o
            and self.sees_life(p, n) != PodLife.FAILED
            for n in self.names
        )

    @joint
    def lose_memory(self, p: Process) -> None:
        """A process that begins anew lists all sets."""
        for o in self.owners:
            self.read_set(p, o)
