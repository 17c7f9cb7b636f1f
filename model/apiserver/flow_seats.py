"""Seats of priority levels in any number: the model to prove, not to search.

Levels with any seats, requests of any width, requests that linger, and seats that move between
levels. Which request goes next is left open: any that fits, so that the proof rests on no order.
Source: apiserver/pkg/util/flowcontrol/fairqueuing/queueset/queueset.go (canAccommodateSeatsLocked,
dispatchLocked, finishRequestLocked), apf_controller.go (updateBorrowingLocked), v1.36.
A list takes seats by the size of what it loads (since 1.34). Left out: that no request takes more
than ten of them, however much it loads.
"""

from typing import cast

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Nat,
    Sort,
    action,
    each,
    given,
    instance,
    invariant,
    mutant,
    no_recording,
    require,
    sort,
)
from planespec.model.apiserver.flow_queues import Level
from planespec.spec.api.flow_control.flow_requirements import (
    least_is_kept,
    no_seat_is_made,
    seats_are_counted,
    seats_are_kept_to,
    seats_cover_memory,
)


class Request(Sort):
    """A request, and the next one once it has ended."""


class FlowSeats(Model):
    """Requests take seats and give them back; levels lend seats."""

    held_to = no_recording("queue sets were not recorded")

    levels: Domain[Level] = sort(2, at_least=1)
    requests: Domain[Request] = sort(3, at_least=1)

    count_requests: bool = mutant(
        "A request is taken when a seat is free, however many it needs.",
        issue="kubernetes#102848",
    )
    lend_least: bool = mutant("A level lends seats that it has to keep.")
    lend_and_keep: bool = mutant("Who lends a seat keeps it.")
    free_twice: bool = mutant("The seats of a request are given back when it ends and again.")
    count_objects: bool = mutant(
        "A list takes seats by the number of its objects, however large they are: before 1.34."
    )

    deadlock = False

    is_made: Array[Level, bool] = each(False)
    nominal: Array[Level, Nat] = each(0)
    least: Array[Level, Nat] = each(0)
    exempt: Array[Level, bool] = each(False)
    seats: Array[Level, Nat] = each(0)
    in_use: Array[Level, Nat] = each(0)
    level: Array[Request, Level | None] = each(None)
    """The level of a request that has seats."""
    width: Array[Request, Nat] = each(0)
    load: Array[Request, Nat] = each(0)
    """What a request holds in memory, in units of one seat."""
    has_ended: Array[Request, bool] = each(False)
    """Whether a request only lingers."""

    requires = [
        seats_are_kept_to,
        no_seat_is_made,
        seats_are_counted,
        least_is_kept,
        seats_cover_memory,
    ]

    @action
    def configure(self, k: Level, nominal: Nat, least: Nat, exempt: bool) -> None:
        """A level is made, with any seats, of which it lends any part."""
        require(not self.is_made[k] and least <= nominal)
        self.is_made[k] = True
        self.exempt[k] = exempt
        self.nominal[k] = nominal
        self.least[k] = least
        self.seats[k] = nominal

    @action
    def begin(self, r: Request, k: Level, width: Nat, load: Nat) -> None:
        """A request of any width takes seats, if it fits or may run alone."""
        require(load <= width or self.count_objects)
        require(self.is_made[k] and self.level[r] is None and width > 0)
        require(self.fits(k, width))
        self.level[r] = k
        self.width[r] = width
        self.load[r] = load
        self.has_ended[r] = False
        self.in_use[k] += width

    @action
    def end(self, r: Request, lingers: bool) -> None:
        """A request has ended; it may keep its seats for a while."""
        k = given(self.level[r])
        require(not self.has_ended[r])
        if lingers:
            self.has_ended[r] = True
        else:
            self.level[r] = None
        if not lingers or self.free_twice:
            self.in_use[k] = max(self.in_use[k] - self.width[r], 0)

    @action
    def release(self, r: Request) -> None:
        """A request that lingered gives its seats back."""
        k = given(self.level[r])
        require(self.has_ended[r])
        self.level[r] = None
        self.in_use[k] = max(self.in_use[k] - self.width[r], 0)

    @action
    def lend(self, lender: Level, borrower: Level, count: Nat) -> None:
        """An adjustment moves any number of seats that the lender need not keep."""
        require(lender != borrower and count > 0)
        require(not self.exempt[lender] and not self.exempt[borrower])
        require(self.is_made[lender] and self.is_made[borrower])
        require(self.seats[lender] >= count)
        require(self.lend_least or self.seats[lender] - count >= self.least[lender])
        if not self.lend_and_keep:
            self.seats[lender] -= count
        self.seats[borrower] += count

    def fits(self, k: Level, width: int) -> bool:
        """Whether seats are free; what is wider than the level runs when nothing else does."""
        if self.exempt[k]:
            return True
        if self.count_requests:
            return self.in_use[k] < self.seats[k]
        if width > self.seats[k]:
            return self.seats[k] > 0 and self.running_in[k] == 0
        return self.in_use[k] + width <= self.seats[k]

    @property
    def running_in(self) -> Array[Level, int]:
        """Requests of each level that run."""
        found = {
            k: sum(1 for r in self.requests if self.level[r] == k and not self.has_ended[r])
            for k in self.levels
        }
        return cast(Array[Level, int], found)

    @property
    def occupied(self) -> Array[Level, int]:
        """Seats of each level that requests really take."""
        found = {
            k: sum(self.width[r] for r in self.requests if self.level[r] == k) for k in self.levels
        }
        return cast(Array[Level, int], found)

    @invariant
    def what_is_not_made_has_nothing(self, k: Level) -> bool:
        """A level that was not made yet has no seats, and nobody runs there."""
        return self.is_made[k] or (
            self.nominal[k] == 0
            and self.least[k] == 0
            and self.seats[k] == 0
            and not self.exempt[k]
        )

    instances = [
        instance("defaults"),
        instance("three-levels", levels=3, requests=4),
    ]
