"""Compiled walks over ranges, and over bags and sets whose elements take several words."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest

from planespec.checker.engines.native.host.build import Probe
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.execute import initial_states, successors
from planespec.checker.ir.system import System
from planespec.checker.lang import Bag, Model, Range, Size, action, record, require

Grams = Annotated[int, Range(0, 2**40)]


@record
class Parcel:
    """Two numbers that do not fit into one word."""

    weight: Grams
    price: Grams


class Post(Model):
    """Parcels lie in a bag, each kind of them in a set, and are weighed."""

    bag: Annotated[Bag[Parcel], Size(3)] = Bag()
    kinds: Annotated[set[Parcel], Size(3)] = set()
    weighed: Annotated[int, Range(0, 100)] = 0

    @action
    def post(self, weight: Annotated[int, Range(1, 2)]) -> None:
        """A parcel comes."""
        require(len(self.bag) < 3 and self.weighed == 0)
        self.bag.add(Parcel(weight, 7))
        self.kinds.add(Parcel(weight, 7))

    @action
    def weigh_the_bag(self) -> None:
        """Every parcel counts, also one that is like another."""
        self.weighed = sum(parcel.weight for parcel in self.bag)

    @action
    def weigh_the_kinds(self) -> None:
        """Every kind counts once; the digits say in which order."""
        for parcel in self.kinds:
            self.weighed = 10 * (self.weighed % 10) + parcel.weight


class Steps(Model):
    """Numbers from one that is known to the state only to another."""

    low: Annotated[int, Range(0, 3)] = 0
    high: Annotated[int, Range(0, 3)] = 0
    visited: Annotated[int, Range(0, 999)] = 0

    @action
    def put(self, low: Annotated[int, Range(0, 3)], high: Annotated[int, Range(0, 3)]) -> None:
        """Both ends are chosen."""
        require(self.visited == 0)
        self.low, self.high = low, high

    @action
    def visit(self) -> None:
        """Write the numbers as digits, in order."""
        require(self.visited == 0)
        for k in range(self.low, self.high):
            self.visited = 10 * self.visited + k + 1


def states_of(system: System) -> Iterator[tuple[Any, ...]]:
    """Every state that the interpreter finds."""
    waiting = [t.state for t in initial_states(system)]
    seen = set(waiting)
    while waiting:
        state = waiting.pop()
        assert state is not None
        yield state
        new = {t.state for t in successors(system, state)} - seen - {None}
        waiting += new
        seen |= new


@pytest.mark.parametrize("model", [Post, Steps])
def test_compiled_walks_visit_what_the_interpreter_visits(model: type[Model]) -> None:
    system = compile_system(Instance(model))
    probe, visited = Probe(system), set()
    for state in states_of(system):
        expected = [(t.action, t.state) for t in successors(system, state)]
        assert expected == [(s.action, s.state) for s in probe.successors(state)]
        visited.add(state[-1])
    assert max(visited) > 20
