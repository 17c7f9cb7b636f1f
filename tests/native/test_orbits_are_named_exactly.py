"""Names of orbits, as the reference engine finds them, against brute force over all renamings."""

import random
from itertools import permutations, product

import pytest
from random_expressions import Maker
from random_values import KEY, NODE
from test_symmetry_finds_one_representative import Maps, renamed

from planespec.checker.engines.python import orbits
from planespec.checker.engines.python.orbits import naming
from planespec.checker.ir.types import Array, Bool, Option, Set, Sort, Type

State = tuple[object, ...]


def every_renaming(sorts: tuple[Sort, ...]) -> list[Maps]:
    chosen = product(*[permutations(range(s.size)) for s in sorts])
    return [dict(zip(sorts, maps, strict=True)) for maps in chosen]


def orbit(sorts: tuple[Sort, ...], types: list[Type], state: State) -> set[State]:
    return {
        tuple(renamed(maps, t, v) for t, v in zip(types, state, strict=True))
        for maps in every_renaming(sorts)
    }


def assert_exact(sorts: tuple[Sort, ...], types: list[Type], states: list[State]) -> None:
    """Two states have one name exactly where one is a renaming of the other."""
    name = naming(sorts, tuple(types), lambda: None)
    named: dict[object, set[State]] = {}
    for state in states:
        alike = orbit(sorts, types, state)
        (one,) = {name(s) for s in alike}
        assert named.setdefault(one, alike) == alike
    assert len(named) == len({frozenset(o) for o in named.values()})


@pytest.mark.sample(2)
@pytest.mark.parametrize("seed", range(60))
def test_states_of_random_types_have_the_name_of_their_orbit(seed: int) -> None:
    maker = Maker(seed)
    types = [maker.type(maker.rng.randint(1, 3), top=True) for _ in range(3)]
    states = [tuple(maker.value(t) for t in types) for _ in range(12)]
    assert_exact((NODE, KEY), types, states)


def random_relation(rng: random.Random, people: Sort, share: float) -> tuple[frozenset[int], ...]:
    size = people.size
    return tuple(frozenset(k for k in range(size) if rng.random() < share) for _ in range(size))


@pytest.mark.parametrize("seed", range(12))
def test_related_individuals_are_told_apart_as_far_as_they_differ(seed: int) -> None:
    rng = random.Random(seed)
    people = Sort("Person", 5, symmetric=True)
    types: list[Type] = [Array(people, Set(people)), Option(people)]
    states: list[State] = [
        (random_relation(rng, people, share), rng.choice([None, 0, 3]))
        for share in (0.1, 0.2, 0.5, 0.8, 0.9)
        for _ in range(4)
    ]
    assert_exact((people,), types, states)


def ring(*lengths: int) -> State:
    """Who sits left of whom, at round tables."""
    left: list[int] = []
    for length in lengths:
        start = len(left)
        left += [start + (k + 1) % length for k in range(length)]
    return (tuple(left),)


def test_individuals_that_refinement_does_not_tell_apart_are_tried() -> None:
    people = Sort("Person", 6, symmetric=True)
    tables: list[Type] = [Array(people, people)]
    tables_of_six = [ring(6), ring(3, 3), ring(2, 2, 2), ring(4, 2), ring(1, 5), ring(1, 1, 4)]
    assert_exact((people,), tables, tables_of_six)


def test_two_sorts_are_renamed_together() -> None:
    people, chairs = Sort("Person", 4, symmetric=True), Sort("Chair", 4, symmetric=True)
    types: list[Type] = [Array(people, Option(chairs)), Set(people)]
    rng = random.Random(7)
    states: list[State] = [
        (
            tuple(rng.choice([None, 0, 1, 2, 3]) for _ in range(4)),
            frozenset(rng.sample(range(4), rng.randint(0, 4))),
        )
        for _ in range(40)
    ]
    assert_exact((people, chairs), types, states)


MANY = Sort("Person", 100, symmetric=True)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (Array(MANY, Bool()), tuple(k % 2 == 0 for k in range(100))),
        (Array(MANY, Set(MANY)), (frozenset(range(100)),) * 100),
        (Array(MANY, MANY), tuple(k ^ 1 for k in range(100))),
        (Array(MANY, Option(MANY)), (*range(1, 100), None)),
    ],
    ids=["nobody is related", "all are related to all", "pairs", "a queue"],
)
def test_a_hundred_take_no_permutation(type_: Type, value: object) -> None:
    ticks: list[None] = []
    name = naming((MANY,), (type_,), lambda: ticks.append(None))
    order = list(range(100))
    random.Random(1).shuffle(order)
    moved = renamed({MANY: tuple(order)}, type_, value)
    assert moved != value or type_ == Array(MANY, Set(MANY))
    assert name((value,)) == name((moved,))
    assert len(ticks) <= 2 * 2 * 50


def test_what_would_take_too_many_attempts_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orbits, "MOST_TRIED", 3)
    people = Sort("Person", 6, symmetric=True)
    name = naming((people,), (Array(people, people),), lambda: None)
    with pytest.raises(orbits.TooAlike, match="more than 3 ways"):
        name(ring(6))
