"""Constructs of the language that the other models do without, none of which goes wrong."""

from enum import Enum
from typing import Annotated

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
    each,
    initial,
    invariant,
    record,
    require,
    sort,
    step_invariant,
    terminal,
)


class Node(Sort):
    """A node."""


class Level(Enum):
    """Low or high."""

    LOW = 1
    HIGH = 2


@record
class Number:
    """Its value is a number."""

    value: Annotated[int, Range(0, 2)]


@record
class Name:
    """Its value is a member of an enum, which TLC cannot compare with a number."""

    value: Level


Any_ = Number | Name
Small = Annotated[int, Range(-3, 6)]


class Constructs(Model):
    """Walks, breaks and chooses."""

    nodes: Domain[Node] = sort(2)

    load: Array[Node, Small] = each(0)
    level: Array[Node, Level] = each(Level.LOW)
    queue: Annotated[list[Small], Size(3)] = [1, 2]
    bag: Annotated[Bag[Small], Size(3)] = Bag((1,))
    seen: Annotated[set[Any_], Size(2)] = set()
    last: Any_ | None = None
    ended: bool = False

    @initial
    def start(self, n: Node) -> None:
        """A node has load, and another may."""
        self.load[n] = 1
        for other in self.nodes:
            if other != n:
                load = choose(range(0, 2))
                self.load[other] = load

    @action
    def note(self) -> None:
        """Records that differ in kind meet in one set."""
        require(not self.ended and len(self.seen) < 2)
        number: Any_ = Number(len(self.seen))
        which = choose(range(0, 2))
        if which == 0:
            self.seen.add(number)
        else:
            self.seen.add(Name(Level.HIGH))
        self.last = number

    @action
    def shift(self, n: Node, x: Small = among("queue")) -> None:
        """Equal places of a list are separate instances; a slot is written from the end."""
        require(not self.ended)
        require(self.level[n] != Level.HIGH or x > 1)
        self.queue[-1] = (x - 5) % -2 + 1
        self.queue[0] = (x - 4) // -2
        self.load[n] = sum(y for y in self.queue if y > 0) % 2

    @action
    def climb(self) -> None:
        """A loop that chooses, is left early and goes on."""
        require(not self.ended)
        risen = 0
        for n in self.nodes:
            if self.level[n] == Level.HIGH:
                continue
            rises = choose([False, True])
            if rises:
                self.level[n] = Level.HIGH
                risen += 1
                if self.load[n] > 0:
                    break
            require(self.load[n] >= 0)
        require(risen > 0)

    @action
    def fall(self) -> None:
        """A helper with a choice and several ends gives a value."""
        require(not self.ended)
        n = self.pick()
        self.level[n] = Level.LOW
        self.load[n] = self.first_above(0)

    def pick(self) -> Node:
        """A node that is high, by choice among all where the first is not."""
        for n in self.nodes:
            if self.level[n] == Level.HIGH and self.load[n] > 1:
                return n
        n = choose(self.nodes)
        require(self.level[n] == Level.HIGH)
        return n

    def first_above(self, bound: Small) -> Small:
        """The first of the queue above a bound, or the least of the bag."""
        for x in self.queue:
            if x > bound:
                return x
        return min((x for x in self.bag), default=0)

    @action
    def trade(self, x: Small = among("bag")) -> None:
        """Bags: each distinct member once; copies count in sums."""
        require(not self.ended)
        self.bag.remove(x)
        self.bag.add(sum(y for y in self.bag) % 2)
        if self.bag.count(1) == 0 and len(self.bag) < 3:
            self.bag.add(1)

    @action
    def trim(self) -> None:
        """Slices, sets and a wholesale array."""
        require(not self.ended and len(self.queue) > 1)
        odd = {x for x in self.queue if x % 2 == 1}
        even = {x for x in self.queue if x not in odd} | {4}
        self.queue = self.queue[1:] + [len(odd ^ even)]
        self.load = {n: max(self.load[n], len(even)) for n in self.nodes}

    @action
    def end(self) -> None:
        """The end."""
        require(all(self.level[n] == Level.HIGH for n in self.nodes) or len(self.seen) == 2)
        self.ended = True

    @terminal
    def has_ended(self) -> bool:
        """It has ended."""
        return self.ended

    @invariant
    def queue_is_short(self) -> bool:
        """The queue never grows."""
        return len(self.queue) <= 2 and sum(1 for x in self.queue if x == 6) <= 2

    @step_invariant
    def seen_stays(self, before: "Constructs") -> bool:
        """What was seen stays seen."""
        return before.seen <= self.seen and (not before.ended or self.ended)
