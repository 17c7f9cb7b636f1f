"""Leadership of replicas under a Lease, and how fast a controller replaces refused pods."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Replicas(Protocol):
    """What can be seen of the replicas and of their writes."""

    @property
    def processes(self) -> Iterable[Any]:
        """All replicas: processes of which one leads."""

    @property
    def leading(self) -> Mapping[Any, bool]:
        """Whether a replica takes itself for the leader."""

    @property
    def pauses(self) -> bool:
        """Whether a process may stand still and go on where it was."""

    @property
    def fencing(self) -> bool:
        """Whether writes carry the term of the lease, and old terms are refused."""

    @property
    def written(self) -> int:
        """The term in which the last write that took effect was made."""


@requirement("SCHED-10", source="client-go/tools/leaderelection/leaderelection.go; #23731")
def one_acting_leader(s: Replicas) -> bool:
    """At most one replica leads at a time, as long as no process stands still.

    One that stood still leads a moment longer than its lease: `fenced` is what helps then.
    """
    return s.pauses or not any(
        r != q and s.leading[r] and s.leading[q] for r in s.processes for q in s.processes
    )


@requirement("SCHED-23", source="client-go/tools/leaderelection/leaderelection.go: no fencing")
def fenced(before: Replicas, after: Replicas) -> bool:
    """Where writes are fenced, none of a former leader takes effect after its successor's."""
    return not after.fencing or after.written >= before.written


class Replacements(Protocol):
    """What can be counted of the pods a controller makes."""

    @property
    def created(self) -> int:
        """Pods created since the clock last ticked."""

    @property
    def burst(self) -> int:
        """How many pods a controller may create between two ticks."""


@requirement(
    "SCHED-24",
    source="pkg/controller/replicaset/replica_set.go, manageReplicas; #66381, #120160, #114637",
)
def replacement_is_slow(s: Replacements) -> bool:
    """Pods that a kubelet refuses are replaced at a bounded rate."""
    return s.created <= s.burst
