"""Clients that ask and are served: promises for each of them."""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Bag,
    Domain,
    Fairness,
    Model,
    Range,
    Size,
    Sort,
    action,
    always_eventually,
    among,
    constraint,
    each,
    eventually,
    eventually_always,
    initial,
    leads_to,
    mutant,
    require,
    sort,
)


class Client(Sort):
    """Who asks."""


class Served(Model):
    """Every client that asks is served, unless one is forgotten."""

    clients: Domain[Client] = sort(3)
    deadlock = False
    forgets: bool = mutant("The second client is never served.")
    asked: Array[Client, bool] = each(False)

    @action
    def ask(self, c: Client) -> None:
        """A client asks."""
        require(not self.asked[c])
        self.asked[c] = True

    @action(fair=Fairness.WEAK, per_instance=True)
    def serve(self, c: Client) -> None:
        """It is served."""
        require(self.asked[c] and not (self.forgets and c == Client(1)))
        self.asked[c] = False

    def waits(self, c: Client, loud: bool) -> bool:
        """A client waits, and says so."""
        return self.asked[c] and loud

    def free(self, c: Client, loud: bool) -> bool:
        """It does not wait."""
        return not self.asked[c]

    served = leads_to(waits, free, statement="Each is served.")

    @always_eventually
    def is_free(self, c: Client) -> bool:
        """Nobody waits for good."""
        return not self.asked[c]

    @eventually
    def has_asked(self, c: Client) -> bool:
        """Everybody asks."""
        return self.asked[c]

    @always_eventually
    def divides(self, k: Annotated[int, Range(-1, 1)]) -> bool:
        """Judging goes wrong for 0."""
        return 1 // k != 0


class Crowd(Served):
    """More clients than can be asked about at once."""

    clients: Domain[Client] = sort(8)

    def next_waits(self, c: Client, d: Client) -> bool:
        """Two clients wait."""
        return self.asked[c] and self.asked[d]

    def one_is_free(self, c: Client, d: Client) -> bool:
        """One of them does not."""
        return not (self.asked[c] and self.asked[d])

    pairs = leads_to(next_waits, one_is_free)


class Desk(Model):
    """Those who stand in line are served; nobody ever does."""

    clients: Domain[Client] = sort(2)
    deadlock = False
    opens: bool = mutant("One stands in line.")
    line: set[Client] = set()
    served: Array[Client, bool] = each(False)

    @initial
    def begin(self) -> None:
        """Nobody, or the first."""
        if self.opens:
            self.line.add(Client(0))

    @action(fair=Fairness.WEAK, per_instance=True)
    def serve(self, c: Client = among("line")) -> None:
        """One in line is served."""
        self.served[c] = True

    @eventually
    def somebody_is_served(self) -> bool:
        """Somebody is."""
        return any(self.served[c] for c in self.clients)


class ListDesk(Desk):
    """The line is a list."""

    line: Annotated[list[Client], Size(2)] = []

    @initial
    def begin(self) -> None:
        """Nobody, or the first."""
        if self.opens:
            self.line.append(Client(0))


class BagDesk(Desk):
    """The line is a bag."""

    line: Annotated[Bag[Client], Size(2)] = Bag()

    @initial
    def begin(self) -> None:
        """Nobody, or the first."""
        if self.opens:
            self.line.add(Client(0))


class Count(Model):
    """Counts up to a limit and stays there."""

    deadlock = False
    slips: bool = mutant("It falls back for ever.")
    n: Annotated[int, Range(0, 9)] = 0

    @action(fair=Fairness.WEAK)
    def up(self) -> None:
        """One more."""
        require(self.n < 5)
        self.n += 1

    @action
    def down(self) -> None:
        """It falls back."""
        require(self.slips and self.n == 5)
        self.n = 4

    @eventually_always
    def stays(self) -> bool:
        """The limit is reached for good."""
        return self.n == 5

    @eventually
    def passes_three(self) -> bool:
        """Three is passed."""
        return self.n == 3

    @eventually
    def arrives(self) -> bool:
        """The limit is reached."""
        return self.n == 5


class Bounded(Count):
    """The same, with a constraint before the limit."""

    @constraint
    def small(self) -> bool:
        """Not beyond 4."""
        return self.n <= 4


class Idle(Bounded):
    """Nothing need happen."""

    fairness = {"up": Fairness.NONE}
