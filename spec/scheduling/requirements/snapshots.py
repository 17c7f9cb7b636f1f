"""The snapshot that a scheduling cycle works on."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Snapshots(Protocol):
    """The cache, and the snapshot that is brought up to date from it."""

    @property
    def nodes(self) -> Iterable[Any]:
        """All node names."""

    @property
    def updated(self) -> bool:
        """Whether the snapshot was brought up to date after the last change."""

    @property
    def cache(self) -> Mapping[Any, Any]:
        """What the cache has under a name, or None."""

    @property
    def snapshot(self) -> Mapping[Any, Any]:
        """What the snapshot has under a name, or None."""


@requirement("SCHED-22", source="pkg/scheduler/backend/cache/cache.go, UpdateSnapshot; #63262")
def snapshot_is_cache(s: Snapshots) -> bool:
    """A snapshot that was brought up to date is the cache."""
    return not s.updated or all(s.snapshot[n] == s.cache[n] for n in s.nodes)
