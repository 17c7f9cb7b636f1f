"""How levels lend seats to each other: what the controller does every ten seconds.

For each level the controller has the seat demand of the last period: its average, deviation and
high watermark. A level's floor is what it used at most, within its nominal seats and never below
what it may not lend; its target is the smoothed demand. The exempt level takes what it used.

Source: `apiserver/pkg/util/flowcontrol/apf_controller.go` (updateBorrowingLocked,
seatDemandStats.update), v1.36; KEP-1040.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from planespec.spec.api.flow_control.concurrency_allocation import (
    AllocationError,
    SeatClass,
    allocate,
    round_away,
)
from planespec.spec.api.flow_control.priority_levels import SeatBounds

PERIOD = 10
"""Seconds between two adjustments."""
SMOOTHING = 0.977
"""How much of the smoothed demand of before is kept where demand falls."""


@dataclass(slots=True)
class SeatDemand:
    """Seats that the requests of a level occupied or waited for, over the periods so far."""

    high_watermark: int = 0
    smoothed: float = 0.0

    def update(self, average: float, deviation: float, largest: float) -> None:
        """Note another period; smoothed demand rises at once and falls slowly."""
        self.high_watermark = round_away(largest)
        envelope = average + deviation
        decayed = SMOOTHING * self.smoothed + (1 - SMOOTHING) * envelope
        self.smoothed = max(envelope, decayed)


@dataclass(frozen=True, slots=True)
class BorrowingLevel:
    """A level as the adjustment sees it."""

    bounds: SeatBounds
    current: int
    """Seats that it has had, which it keeps where no allocation can be found."""
    demand: SeatDemand = field(default_factory=SeatDemand)
    exempt: bool = False

    @property
    def floor(self) -> int:
        """Seats that it keeps if there is enough for all."""
        used = self.demand.high_watermark
        return max(self.bounds.least, used if self.exempt else min(self.bounds.nominal, used))


def adjust(levels: Mapping[str, BorrowingLevel]) -> dict[str, int]:
    """Current seats of every level after an adjustment."""
    limited = {name: level for name, level in levels.items() if not level.exempt}
    exempt = {name: level.floor for name, level in levels.items() if level.exempt}
    # What is given out is the sum of the nominal seats, which rounding may make more than the
    # server has.
    left = sum(level.bounds.nominal for level in levels.values()) - sum(exempt.values())
    least = sum(level.bounds.least for level in limited.values())
    floors = sum(level.floor for level in limited.values())
    if left <= least:
        return exempt | {name: level.bounds.least for name, level in limited.items()}
    if left <= floors:
        fraction = (left - least) / (floors - least)
        return exempt | {name: _lower(level, fraction) for name, level in limited.items()}
    return exempt | _fill(left, limited)


def _lower(level: BorrowingLevel, fraction: float) -> int:
    least = level.bounds.least
    return least + round_away((level.floor - least) * fraction)


def _fill(left: int, limited: Mapping[str, BorrowingLevel]) -> dict[str, int]:
    classes = [
        SeatClass(max(level.floor, level.demand.smoothed), level.floor, level.bounds.most)
        for level in limited.values()
    ]
    try:
        seats = allocate(left, classes).seats
    except AllocationError:
        seats = tuple(float(level.current) for level in limited.values())
    return {name: round_away(given) for name, given in zip(limited, seats, strict=True)}
