"""Which pods of a ReplicaSet are deleted first.

How long a pod has been ready and how old it is are compared by orders of magnitude (powers of two
of nanoseconds), and by uid within one, so that pods of a burst are not all deleted or all kept.
Times that are the same do not fall to the uid but to what comes next: the relation need not
be transitive then.

Source: Kubernetes v1.36, `pkg/controller/controller_utils.go` (ActivePodsWithRanks),
`pkg/apis/core/helper/helpers.go` (GetDeletionCostFromPodAnnotations),
`pkg/controller/replicaset/replica_set.go` (getPodsRankedByRelatedPodsOnSameNode).
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from planespec.spec.controllers.batch.cron_jobs import read_time
from planespec.spec.controllers.batch.job_state import count_restarts, is_active
from planespec.spec.controllers.pod_gc import is_ready
from planespec.spec.objects.core_views import Pod
from planespec.spec.quantity.amount import parse_int64
from planespec.spec.scheduling.unstable_sort import sort_as_go_does

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


@dataclass(frozen=True)
class Candidate:
    """A pod that may be deleted, and how many related pods are active on its node."""

    pod: Pod
    rank: int
    now: datetime

    @cached_property
    def is_ready(self) -> bool:
        """Whether the pod says so."""
        return is_ready(self.pod)

    @cached_property
    def cost(self) -> int:
        """What its deletion is said to cost; 0 where what is said is no cost."""
        return read_cost(self.pod.meta.annotations.get(DELETION_COST, ""))

    @cached_property
    def ready_since(self) -> datetime | None:
        """When it became ready; None where it does not say."""
        for condition in self.pod.status.views("conditions"):
            if (condition.text("type"), condition.text("status")) == ("Ready", "True"):
                return _read(condition.text("lastTransitionTime"))
        return None

    @cached_property
    def created(self) -> datetime | None:
        """When it was made."""
        return _read(self.pod.meta.text("creationTimestamp"))

    @cached_property
    def restarts(self) -> tuple[int, int]:
        """The most restarts of a container, and of a sidecar."""
        return count_restarts(self.pod)

    def precedes(self, other: "Candidate") -> bool:
        """Whether this pod is deleted before the other (`Less`)."""
        one, two = self.pod, other.pod
        if one.node_name != two.node_name and not (one.node_name and two.node_name):
            return not one.node_name
        phases = _PHASES.get(one.phase, 0), _PHASES.get(two.phase, 0)
        if phases[0] != phases[1]:
            return phases[0] < phases[1]
        if self.is_ready != other.is_ready:
            return not self.is_ready
        if self.cost != other.cost:
            return self.cost < other.cost
        if self.rank != other.rank:
            return self.rank > other.rank
        if self.is_ready and self.ready_since != other.ready_since:
            return self._is_younger(other, self.ready_since, other.ready_since)
        if self.restarts != other.restarts:
            return self.restarts > other.restarts
        if self.created != other.created:
            return self._is_younger(other, self.created, other.created)
        return False

    def _is_younger(self, other: "Candidate", mine: datetime | None, its: datetime | None) -> bool:
        """Whether a time is later by orders of magnitude, and then whose uid is less."""
        if mine is None or its is None:
            return mine is None
        ages = find_magnitude(mine, self.now), find_magnitude(its, self.now)
        if ages[0] == ages[1]:
            return self.pod.meta.uid < other.pod.meta.uid
        return ages[0] < ages[1]


def _read(text: str) -> datetime | None:
    return read_time(text) if text else None


def find_magnitude(time: datetime, now: datetime) -> int:
    """The power of two in the nanoseconds since a time; -1 for one that is not past."""
    passed = now - time
    nanoseconds = ((passed.days * 86400 + passed.seconds) * 1_000_000 + passed.microseconds) * 1000
    return int(math.log2(nanoseconds)) if nanoseconds > 0 else -1


def read_cost(text: str) -> int:
    """A cost of deletion as its annotation has it; 0 for none and for what is no number.

    A number of 32 bits without plus sign and without leading zeros.
    """
    starts_well = text == "0" or text[:1] in tuple("-123456789")
    cost = parse_int64(text) if starts_well else None
    return cost if cost is not None and -(2**31) <= cost < 2**31 else 0


def rank_pods(pods: Iterable[Pod], related: Iterable[Pod], now: datetime) -> list[Candidate]:
    """The pods with their ranks; `related` are pods of all ReplicaSets of the same owner."""
    counts = Counter(pod.node_name for pod in related if is_active(pod))
    return [Candidate(pod, counts[pod.node_name], now) for pod in pods]


def order_for_deletion(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Pods as upstream sorts them, from the order that is given."""
    return sort_as_go_does(candidates, Candidate.precedes)


def choose_for_deletion(candidates: Sequence[Candidate], count: int) -> list[Candidate]:
    """The first so many pods to delete; none is compared where all of them go."""
    if count >= len(candidates):
        return list(candidates)
    return order_for_deletion(candidates)[:count]
