"""Leadership: replicas of one scheduler under a Lease."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Replicas(Protocol):
    """What can be seen of the replicas and of their writes."""

    @property
    def replicas(self) -> Iterable[Any]:
        """All replicas."""

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
        r != q and s.leading[r] and s.leading[q] for r in s.replicas for q in s.replicas
    )


@requirement("SCHED-23", source="client-go/tools/leaderelection/leaderelection.go: no fencing")
def fenced(before: Replicas, after: Replicas) -> bool:
    """Where writes are fenced, none of a former leader takes effect after its successor's."""
    return not after.fencing or after.written >= before.written
