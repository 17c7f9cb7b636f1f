"""Replacement: how fast a controller makes new pods for those that a kubelet refuses."""

from typing import Protocol

from planespec.spec.requirement import requirement


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
