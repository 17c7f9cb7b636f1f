"""Where a sequence begins on a store that was used before, and requests moved to there."""

from dataclasses import dataclass, replace
from typing import Any

from planespec.spec.etcd.requests import (
    Compact,
    Compare,
    CompareTarget,
    DeleteRange,
    LeaseGrant,
    LeaseRevoke,
    Put,
    Range,
    Request,
    Txn,
)


@dataclass(frozen=True)
class Origin:
    """What is added to the keys, revisions and lease ids of a sequence.

    Revisions and lease ids of zero and below, and empty range ends, have meanings of their own
    and stay.
    """

    prefix: str
    revisions: int
    leases: int

    def place(self, request: Request) -> Request:
        """Return a request as it is to be sent."""
        match request:
            case Put():
                return replace(
                    request, key=self._key(request.key), lease=self._lease(request.lease)
                )
            case Range():
                return self._place_range(request)
            case DeleteRange():
                return replace(request, **self._keys(request))
            case Txn():
                return Txn(
                    tuple(map(self._place_guard, request.compare)),
                    tuple(map(self.place, request.success)),  # type: ignore[arg-type]
                    tuple(map(self.place, request.failure)),  # type: ignore[arg-type]
                )
            case Compact():
                return replace(request, revision=self._revision(request.revision))
            case LeaseGrant() | LeaseRevoke():
                return replace(request, id=self._lease(request.id))

    def _place_range(self, request: Range) -> Range:
        return replace(
            request,
            **self._keys(request),
            revision=self._revision(request.revision),
            min_mod_revision=self._revision(request.min_mod_revision),
            max_mod_revision=self._revision(request.max_mod_revision),
            min_create_revision=self._revision(request.min_create_revision),
            max_create_revision=self._revision(request.max_create_revision),
        )

    def _place_guard(self, guard: Compare) -> Compare:
        placed = replace(guard, **self._keys(guard))
        if not isinstance(guard.operand, int):
            return placed
        match guard.target:
            case CompareTarget.CREATE | CompareTarget.MOD:
                return replace(placed, operand=self._revision(guard.operand))
            case CompareTarget.LEASE:
                return replace(placed, operand=self._lease(guard.operand))
            case _:
                return placed

    def _keys(self, request: Range | DeleteRange | Compare) -> dict[str, Any]:
        return {"key": self._key(request.key), "range_end": self._key(request.range_end)}

    def _key(self, key: str) -> str:
        return self.prefix + key if key else key

    def _revision(self, number: int) -> int:
        return number + self.revisions if number > 0 else number

    def _lease(self, number: int) -> int:
        return number + self.leases if number > 0 else number
