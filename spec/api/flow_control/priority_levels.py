"""Seats of a priority level: by its shares, by what it may lend and borrow, of one request.

Seats are rounded up level by level, so that their sum may be a little more than the server's.
A level lends part of its nominal seats and may borrow up to a limit, or as much as there is where
none is set. The exempt level has shares, too, but is never limited by what it has.

Source: `apiserver/pkg/util/flowcontrol/apf_controller.go` (finishQueueSetReconfigsLocked),
`max_seats.go`, v1.36; KEP-1040.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from planespec.spec.api.flow_control.concurrency_allocation import round_away
from planespec.spec.api.flow_control.queue_set import Queuing
from planespec.spec.objects.view import ObjectError, View

MOST_LIST_SEATS = 100
"""No list takes more, however large."""
WIDEST_SHARE = 0.15
"""The part of a level's nominal seats that one request may take."""


@dataclass(frozen=True, slots=True)
class PriorityLevel:
    """The spec of a PriorityLevelConfiguration."""

    exempt: bool
    shares: int
    lendable_percent: int
    borrowing_percent: int | None
    """None for no limit."""
    queuing: Queuing | None
    """None where requests that do not fit are refused."""


@dataclass(frozen=True, slots=True)
class SeatBounds:
    """Seats of a level: by its shares, and the least and most that borrowing leaves it."""

    nominal: int
    least: int
    most: int

    @property
    def initial(self) -> int:
        """What it has until the first adjustment."""
        return self.nominal - (self.nominal - self.least) // 2


def read_priority_level(spec: View) -> PriorityLevel:
    """Read a PriorityLevelConfiguration's spec, defaults included; raises ObjectError."""
    kind = spec.text("type")
    if kind not in ("Exempt", "Limited"):
        raise ObjectError(spec.path("type"), "must be Exempt or Limited")
    exempt = kind == "Exempt"
    part = spec.view("exempt" if exempt else "limited")
    shares, lendable = part.integer("nominalConcurrencyShares"), part.integer("lendablePercent")
    return PriorityLevel(
        exempt=exempt,
        shares=(0 if exempt else 30) if shares is None else shares,
        lendable_percent=lendable or 0,
        borrowing_percent=part.integer("borrowingLimitPercent"),
        queuing=_read_queuing(part.view("limitResponse")),
    )


def _read_queuing(response: View) -> Queuing | None:
    if response.text("type") != "Queue":
        return None
    queuing = response.view("queuing")
    queues, hand, length = (
        queuing.integer(name) for name in ("queues", "handSize", "queueLengthLimit")
    )
    return Queuing(
        queues=64 if queues is None else queues,
        hand=8 if hand is None else hand,
        length=50 if length is None else length,
    )


def share_out(server: int, levels: Mapping[str, PriorityLevel]) -> dict[str, SeatBounds]:
    """Seats of every level, `server` being the seats of the server as a whole."""
    total = sum(level.shares for level in levels.values())
    return {name: _bound(server, level, total) for name, level in levels.items()}


def _bound(server: int, level: PriorityLevel, total: int) -> SeatBounds:
    nominal = math.ceil(server * level.shares / total) if total else 0
    lendable = round_away(nominal * level.lendable_percent / 100)
    borrowed = server
    if level.borrowing_percent is not None:
        borrowed = round_away(nominal * level.borrowing_percent / 100)
    return SeatBounds(nominal, nominal - lendable, nominal + borrowed)


def count_widest(nominal: int, queuing: Queuing | None) -> int:
    """Most seats that one request of a level may take."""
    widest = math.ceil(nominal * WIDEST_SHARE)
    if queuing is not None and queuing.hand:
        widest = min(widest, nominal // queuing.hand)
    return max(1, widest)
