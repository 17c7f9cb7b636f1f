"""How levels lend each other seats that they do not need.

Source: apiserver/pkg/util/flowcontrol/apf_controller.go (updateBorrowingLocked), v1.36, as
`planespec.spec.api.flow_control.seat_borrowing` has it. Here seats move one at a time, to whoever
has more demand than seats, from whoever has more than is his to keep: what he does not lend, and
what he needs of his nominal seats. Left out: smoothed demand, and limits on what one may borrow.
"""

from planespec.checker.lang import Fairness, action, constant, mutant, require
from planespec.model.apiserver.flow_queues import FlowQueues, Level


class FlowBorrowing(FlowQueues):
    """Seats move between levels."""

    borrows: bool = constant(default=False)
    lend_all: bool = mutant("An idle level lends all its seats.", when="borrows")
    lend_twice: bool = mutant("Who lends a seat keeps it.", when="borrows")

    @action(when="borrows", fair=Fairness.WEAK, per_instance=True)
    def move_seat(self, lender: Level, borrower: Level) -> None:
        """An adjustment gives a seat to a level that needs it."""
        require(self.is_settled() and lender != borrower)
        require(not self.exempt[lender] and not self.exempt[borrower])
        require(self.demand(borrower) > self.seats[borrower])
        require(self.seats[lender] > self.kept(lender))
        self.seats[borrower] += 1
        if not self.lend_twice:
            self.seats[lender] -= 1

    def kept(self, level: Level) -> int:
        """Seats that an adjustment leaves a level at least."""
        needed = min(self.nominal[level], self.demand(level))
        return needed if self.lend_all else max(self.least[level], needed)

    def demand(self, level: Level) -> int:
        """Seats that requests of a level occupy or wait for."""
        return self.in_use[level] + sum(
            self.backlog(q) for q in self.queues if self.home[q] == level
        )
