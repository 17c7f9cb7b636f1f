"""Which individuals and numbers of a model stand for the names, uids and versions of a trace.

A binding never changes: what is learned makes another one. Individuals and uids stand for one
thing each; resourceVersions are in the order of the revisions that they stand for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

Key = tuple[str, ...]
"""An object by resource, namespace and name; a process by `process` and its name."""


@dataclass(frozen=True, eq=False)
class Bound:
    """What is known so far along one run."""

    individuals: Mapping[tuple[str, Key], Any] = field(default_factory=dict)
    """By sort and key."""
    uids: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By resource and uid."""
    written: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """By resource and resourceVersion, of writes that are lines of the trace."""
    noticed: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """By resource and resourceVersion, of others that somebody has seen."""

    @cached_property
    def identity(self) -> frozenset[tuple[Any, ...]]:
        """All that is bound, to be compared."""
        parts: list[Mapping[Any, Any]] = [self.individuals, self.uids]
        parts += [self.written, self.noticed]
        return frozenset((n, *item) for n, part in enumerate(parts) for item in part.items())

    def used(self, sort: str) -> set[Any]:
        """The individuals of a sort that stand for something."""
        return {value for (of, _), value in self.individuals.items() if of == sort}

    def with_individual(self, sort: str, key: Key, value: Any) -> "Bound":
        """Let an individual stand for an object or a process."""
        if self.individuals.get((sort, key)) == value:
            return self
        return replace(self, individuals={**self.individuals, (sort, key): value})

    def with_uid(self, resource: str, uid: str, value: int) -> "Bound | None":
        """Let a number stand for a uid; None where either stands for another."""
        if not uid:
            return self
        known = self.uids.get((resource, uid))
        if known is not None:
            return self if known == value else None
        if any(of == resource and v == value for (of, _), v in self.uids.items()):
            return None
        return replace(self, uids={**self.uids, (resource, uid): value})

    def with_write(self, resource: str, version: int | None, value: int) -> "Bound | None":
        """Let a revision stand for the resourceVersion of a write that happens now."""
        if version is None:
            return self
        if (resource, version) in self.written:
            return None
        if not self._is_between(resource, version, value, is_write=True):
            return None
        return replace(self, written={**self.written, (resource, version): value})

    def with_seen(
        self, resource: str, version: int | None, value: int, *, is_strict: bool
    ) -> "Bound | None":
        """Let a revision stand for what somebody has seen.

        Where not all writes are steps of the model (not `is_strict`), several versions may stand
        for one revision.
        """
        if version is None:
            return self
        known = self.written.get((resource, version), self.noticed.get((resource, version)))
        if known is not None:
            return self if known == value else None
        if not self._is_between(resource, version, value, is_write=is_strict):
            return None
        return replace(self, noticed={**self.noticed, (resource, version): value})

    def _is_between(self, resource: str, version: int, value: int, *, is_write: bool) -> bool:
        """Whether the order of versions is that of revisions; a write has one of its own."""
        for is_written, part in ((True, self.written), (False, self.noticed)):
            for (of, other), known in part.items():
                if of != resource:
                    continue
                is_apart = (is_written and other > version) or is_write
                if is_apart and known == value:
                    return False
                if (known < value) is not (other < version) and known != value:
                    return False
        return True
