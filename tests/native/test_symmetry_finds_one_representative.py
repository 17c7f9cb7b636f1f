"""Representatives under symmetry against brute force over all renamings."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest
from random_expressions import AT, Maker
from random_values import KEY, NODE

from planespec.checker.engines.native.host.build import Probe
from planespec.checker.ir.frozen import order, variant_of
from planespec.checker.ir.system import System, Variable
from planespec.checker.ir.types import (
    Array,
    Bag,
    Option,
    Record,
    Seq,
    Set,
    Sort,
    Type,
    Union,
)

State = tuple[Any, ...]
Maps = dict[Sort, tuple[int, ...]]


def renamed(maps: Maps, type_: Type, value: Any) -> Any:
    """The value with individuals renamed, by definition."""
    match type_:
        case Sort() if type_ in maps:
            return maps[type_][value]
        case Option(inner):
            return None if value is None else renamed(maps, inner, value)
        case Record(_, fields):
            return type(value)(*[renamed(maps, t, getattr(value, n)) for n, t in fields])
        case Union():
            return renamed(maps, variant_of(type_, value), value)
        case Array(key, element):
            values = [renamed(maps, element, v) for v in value]
            if not (isinstance(key, Sort) and key in maps):
                return tuple(values)
            return tuple(values[maps[key].index(k)] for k in range(len(values)))
        case Set(element):
            return frozenset(renamed(maps, element, v) for v in value)
        case Seq(element):
            return tuple(renamed(maps, element, v) for v in value)
        case Bag(element):
            return tuple(sorted((renamed(maps, element, v) for v in value), key=order(element)))
    return value


def orbit(system: System, state: State) -> Iterator[State]:
    for nodes in permutations(range(NODE.size)):
        for keys in permutations(range(KEY.size)):
            maps = {NODE: nodes, KEY: keys}
            pairs = zip(system.variables, state, strict=True)
            yield tuple(renamed(maps, v.type, value) for v, value in pairs)


@pytest.mark.sample(3)
@pytest.mark.parametrize("seed", range(25))
def test_all_states_of_an_orbit_have_one_representative_in_it(seed: int) -> None:
    maker = Maker(seed)
    variables = [maker.type(maker.rng.randint(1, 3), top=True) for _ in range(4)]
    declared = tuple(Variable(f"v{k}", t, AT) for k, t in enumerate([*variables, NODE]))
    constants = {"nodes": NODE, "keys": KEY}
    system = System("Random", "random.py", constants, declared, (), (), (), {}, ())
    probe = Probe(system, symmetry=True)
    for _ in range(10):
        state = tuple(maker.value(v.type) for v in declared)
        states = set(orbit(system, state))
        representatives = {probe.representative(s) for s in states}
        assert len(representatives) == 1
        assert representatives <= states
