"""What holds when Jobs expire: CTRL-66 to CTRL-68.

Source: `pkg/controller/ttlafterfinished/ttlafterfinished_controller.go`, v1.36 (called "ttl");
KEP-592.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class ExpiringJobs(Protocol):
    """Jobs under names, and controllers that delete those that are over for long enough."""

    @property
    def names(self) -> Iterable[Any]:
        """Names of Jobs."""

    @property
    def processes(self) -> Iterable[Any]:
        """Controllers that delete."""

    @property
    def uid(self) -> Mapping[Any, int]:
        """The uid of the Job of a name; 0 for none."""

    @property
    def meant(self) -> Mapping[Any, Mapping[Any, int]]:
        """The uid of the Job that a controller is about to delete; 0 for none."""

    @property
    def has_expired(self) -> Mapping[Any, bool]:
        """Whether the Job of a name has at any time been over for as long as its TTL."""

    def is_expired(self, n: Any, /) -> bool:
        """Whether there is a Job that is over for as long as its TTL, as it is now."""


def expels(before: ExpiringJobs, after: ExpiringJobs, p: Any, n: Any) -> bool:
    """Whether a controller has deleted a Job in this step."""
    is_gone = before.uid[n] != 0 and after.uid[n] == 0
    return is_gone and before.meant[p][n] != 0 and after.meant[p][n] == 0


@requirement("CTRL-66", source="ttl processJob; pull 66840")
def jobs_that_go_had_expired(before: ExpiringJobs, after: ExpiringJobs) -> bool:
    """A Job is deleted only if its TTL had passed at some time, by the TTL it had then."""
    return all(
        not expels(before, after, p, n) or before.has_expired[n]
        for p in after.processes
        for n in after.names
    )


@requirement("CTRL-67", source="ttl processJob, Preconditions")
def jobs_expire_themselves(before: ExpiringJobs, after: ExpiringJobs) -> bool:
    """The Job that is deleted is the one that was read, not another of its name."""
    return all(
        not expels(before, after, p, n) or before.uid[n] == before.meant[p][n]
        for p in after.processes
        for n in after.names
    )


@requirement("CTRL-68", source="KEP-592", promise="always eventually")
def expired_jobs_go(s: ExpiringJobs) -> bool:
    """A Job whose TTL has passed is deleted at last."""
    return not any(s.is_expired(n) for n in s.names)
