"""How many seats a request takes: one, more for lists, and for writes that many watch.

Source: `apiserver/pkg/util/flowcontrol/request/width.go`, `list_work_estimator.go`,
`mutating_work_estimator.go`, v1.36.
"""

import math
from dataclasses import dataclass

from planespec.spec.api.flow_control.priority_levels import MOST_LIST_SEATS
from planespec.spec.api.flow_control.queue_set import Work

BYTES_PER_SEAT = 100_000
MOST_FROM_CACHE = 1_000_000
"""Bytes that a list from the watch cache holds in memory at once, since it is streamed."""
LARGEST_OBJECT = 1_500_000
"""Bytes; what an object of unknown size counts as."""
WATCHES_PER_SEAT = 10.0
LINGERING = 5_000_000
"""Nanoseconds for which a write keeps seats for the events that it makes."""
MOST_MUTATING_SEATS = 10


@dataclass(frozen=True, slots=True)
class StoredObjects:
    """Objects of a resource: how many, and their average size in bytes, 0 for unknown."""

    count: int
    average_size: int = 0


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What of a list decides its cost."""

    from_cache: bool
    names_one: bool = False
    """Whether `metadata.name` is selected."""
    limit: int = 0
    """Page size; 0 for none."""
    filtered: bool = False
    """Whether it selects by labels or fields."""


def estimate_list(request: ListRequest, stored: StoredObjects | None, widest: int) -> Work:
    """Seats of a list, or of a watch that asks for its initial events.

    `stored` is None where nothing is known of the resource; `widest` is the level's bound.
    """
    if stored is None:
        return Work(1)
    size = stored.average_size
    if size <= 0 and stored.count:
        size = LARGEST_OBJECT
    used = _count_loaded(request, stored.count) * size
    if request.from_cache:
        used = min(used, MOST_FROM_CACHE)
    return Work(min(max(math.ceil(used / BYTES_PER_SEAT), 1), min(widest, MOST_LIST_SEATS)))


def _count_loaded(request: ListRequest, stored: int) -> int:
    limited = min(request.limit, stored) if request.limit > 0 else stored
    if request.names_one:
        return 1
    if request.filtered and not request.from_cache:
        return max(limited, stored // 2)
    return limited


def estimate_write(watchers: int, widest: int) -> Work:
    """Seats of a write: one, and afterwards some for sending its event to many watchers."""
    if watchers < WATCHES_PER_SEAT:
        return Work(1)
    wanted = math.ceil(watchers / WATCHES_PER_SEAT)
    most = min(widest, MOST_MUTATING_SEATS)
    seats = min(wanted, most)
    # Fewer seats are kept for longer, so that the work stays the same.
    return Work(1, seats, LINGERING * wanted // seats)
