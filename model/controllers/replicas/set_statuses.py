"""The statuses that the ReplicaSet controller writes, beside that controller in full.

A sync counts the pods that it sees, and how many of them are ready, and writes the numbers where
the status in its cache has others; who hears of it is said in `heard_statuses`.
Source: `pkg/controller/replicaset/replica_set_utils.go` (updateReplicaSetStatus, calculateStatus),
v1.36. Left out: what `heard_statuses` leaves out, and that a sync that makes or deletes pods
writes what it counted before; here it counts again.
"""

from planespec.checker.lang import Fairness, action, mutant, require
from planespec.model.controllers.owned_pods import PodLife
from planespec.model.controllers.replicas.heard_statuses import HeardStatuses
from planespec.model.controllers.replicas.replica_sets import ReplicaSets
from planespec.model.parts.api_store import Name
from planespec.model.parts.expectations import Owner
from planespec.model.parts.processes import Process


class SetStatuses(HeardStatuses, ReplicaSets):
    """The statuses that a controller writes by the pods that it sees."""

    report_unready: bool = mutant("A pod counts as available before it is ready.")
    report_others: bool = mutant("The pods of other sets count in a status, too.")

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

    def sees_pod_of(self, p: Process, o: Owner) -> bool:
        """Whether a process sees a pod of a set that has not ended, also one that is marked."""
        return any(
            self.sees(p, n) != 0
            and self.sees_owner(p, n) == o
            and self.sees_life(p, n) != PodLife.FAILED
            for n in self.names
        )
