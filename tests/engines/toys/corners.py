"""Small systems, each with one thing a search must get right."""

from enum import Enum
from typing import Annotated, Self

from planespec.checker.lang import (
    Array,
    Bag,
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    among,
    choose,
    constant,
    constraint,
    each,
    initial,
    invariant,
    mutant,
    reachable,
    record,
    require,
    sort,
    step_invariant,
    terminal,
)


class Node(Sort):
    """A node."""


Count = Annotated[int, Range(0, "top")]


class Deadlock(Model):
    """Two ways up; the end has no way on."""

    top: int = constant(4, at_least=1)
    allow_end: bool = constant(default=False)
    n: Count = 0
    m: Count = 0

    @action
    def left(self) -> None:
        """Count n."""
        require(self.n < self.top)
        self.n += 1

    @action
    def right(self) -> None:
        """Count m."""
        require(self.m < self.n)
        self.m += 1

    @terminal
    def at_end(self) -> bool:
        """The end may be one."""
        return self.allow_end and self.n == self.top and self.m == self.top


class LeavesRange(Model):
    """A value leaves its range on one of several paths."""

    deadlock = False
    top: int = constant(3)
    n: Count = 0
    flag: bool = False

    @action
    def raise_flag(self) -> None:
        """Allow the step too far."""
        self.flag = True

    @action
    def step(self, by: Annotated[int, Range(1, 2)]) -> None:
        """Count; with the flag up even past the top."""
        require(self.n + by <= self.top or self.flag)
        self.n += by


class StepRule(Model):
    """A step requirement that one action breaks at one place."""

    deadlock = False
    top: int = constant(5)
    slip: bool = mutant("It falls back from 4.")
    n: Count = 0

    @action
    def up(self) -> None:
        """Count."""
        require(self.n < self.top)
        self.n += 1

    @action
    def back(self) -> None:
        """Start again, from the top only."""
        require(self.n == self.top or (self.slip and self.n == 4))
        self.n = 0

    @step_invariant
    def falls_from_the_top_only(self, before: Self) -> bool:
        """The count falls from the top only."""
        return self.n >= before.n or before.n == before.top


class Constrained(Model):
    """A constraint cuts the space; what lies on its border is judged."""

    deadlock = False
    top: int = constant(9)
    limit: int = constant(4)
    forbidden: int = constant(99)
    n: Count = 0
    m: Count = 0

    @action
    def one(self) -> None:
        """Count n."""
        require(self.n < self.top)
        self.n += 1

    @action
    def other(self) -> None:
        """Count m."""
        require(self.m < self.top)
        self.m += 1

    @constraint
    def small(self) -> bool:
        """Look at small sums."""
        return self.n + self.m <= self.limit

    @invariant
    def not_forbidden(self) -> bool:
        """The sum is not the forbidden one."""
        return self.n + self.m != self.forbidden

    @reachable
    def at_limit(self) -> bool:
        """The limit is reached."""
        return self.n + self.m == self.limit


class Colour(Enum):
    """Colours."""

    RED = "red"
    GREEN = "green"
    BLUE = "blue"


class ManyStarts(Model):
    """Several initial actions with parameters and choices, a variable that never changes."""

    deadlock = False
    top: int = constant(3)
    bad_start: bool = mutant("It may start in blue at the top.")
    fixed: Count = 0
    n: Count = 0
    colour: Colour = Colour.RED

    @initial
    def anywhere(self, at: Count) -> None:
        """Start at any even number, in red or green."""
        require(at % 2 == 0)
        self.fixed = at
        self.n = at
        self.colour = choose((Colour.RED, Colour.GREEN))

    @initial
    def blue(self) -> None:
        """Turn blue at the top, where that is allowed."""
        if self.bad_start and self.n == 2:
            self.colour = Colour.BLUE

    @action
    def move(self) -> None:
        """Go round."""
        self.n = (self.n + 1) % (self.top + 1)

    @invariant
    def never_blue(self) -> bool:
        """Blue does not occur."""
        return self.colour != Colour.BLUE


@record
class Note:
    """A message with a number."""

    to: Node
    value: Count


class Mailbox(Model):
    """Bags, sequences, options, choices in helpers; symmetric nodes."""

    deadlock = False
    nodes: Domain[Node] = sort(3, at_least=1, symmetric=True)
    top: int = constant(1)
    post: Annotated[Bag[Note], Size(2)] = Bag()
    seen: Array[Node, Annotated[list[Count], Size(2)]] = each([])
    last: Node | None = None

    @action
    def send(self, to: Node) -> None:
        """Send any value to a node."""
        require(len(self.post) < 2)
        value = choose(range(self.top + 1))
        self.post.add(Note(to, value))

    @action
    def deliver(self, m: Note = among("post")) -> None:
        """Deliver one copy; a full node forgets its first."""
        self.post.remove(m)
        if len(self.seen[m.to]) == 2:
            self.seen[m.to] = self.seen[m.to][1:]
        self.seen[m.to].append(m.value)
        self.last = m.to

    @action
    def forget(self) -> None:
        """Forget what the last receiver saw."""
        require(self.last is not None)
        self.seen[self.last].clear()
        self.last = self.other()

    def other(self) -> Node | None:
        """The only node that has seen nothing, if it is one."""
        empty = {n for n in self.nodes if len(self.seen[n]) == 0}
        for n in self.nodes:
            if empty == {n}:
                return n
        return None

    @invariant
    def post_is_bounded(self) -> bool:
        """At most two notes are under way."""
        return len(self.post) <= 2


class CountsChoices(Model):
    """Locals that are set before a choice and change after it, in a loop and without one."""

    deadlock = False
    nodes: Domain[Node] = sort(2)
    top: int = constant(5)
    up: Array[Node, bool] = each(False)
    sum: Count = 0

    @action
    def rise(self) -> None:
        """Any nodes rise, but not none."""
        risen = 0
        for n in self.nodes:
            rises = choose([False, True])
            if rises:
                self.up[n] = True
                risen += 1
        require(risen > 0)

    @action
    def add(self) -> None:
        """Add up two choices and one."""
        total = 0
        first = choose(range(3))
        total += 1
        second = choose(range(2))
        total += first + second
        self.sum = total
