"""Representatives where there are too many renamings to try, against names of orbits.

The names are those of the reference engine, which are held to brute force in
`test_orbits_are_named_exactly`.
"""

import random
from typing import Any

import pytest
from random_expressions import AT
from test_symmetry_finds_one_representative import renamed

from planespec.checker.engines.native.host.build import Probe
from planespec.checker.engines.native.symmetry import representatives
from planespec.checker.engines.python.orbits import naming
from planespec.checker.ir.system import System, Variable
from planespec.checker.ir.types import Array, Bool, Option, Set, Sort, Type

State = tuple[Any, ...]
PERSON = Sort("Person", 9, symmetric=True)
CHAIR = Sort("Chair", 9, symmetric=True)
MANY = Sort("Crowd", 60, symmetric=True)


def probe_of(types: list[Type], *sorts: Sort) -> Probe:
    declared = tuple(Variable(f"v{k}", t, AT) for k, t in enumerate(types))
    constants = {s.name: s for s in sorts}
    return Probe(System("Many", "m.py", constants, declared, (), (), (), {}, ()), symmetry=True)


def shuffled(rng: random.Random, types: list[Type], state: State, *sorts: Sort) -> State:
    maps = {s: tuple(rng.sample(range(s.size), s.size)) for s in sorts}
    return tuple(renamed(maps, t, v) for t, v in zip(types, state, strict=True))


def assert_exact(types: list[Type], states: list[State], *sorts: Sort) -> None:
    """States have one representative exactly where they have one name, which it has too."""
    rng = random.Random(3)
    probe, name = probe_of(types, *sorts), naming(sorts, tuple(types), lambda: None)
    found: dict[State, object] = {}
    for state in states:
        orbit = [state, *(shuffled(rng, types, state, *sorts) for _ in range(6))]
        (representative,) = {probe.representative(s) for s in orbit}
        assert name(representative) == name(state)
        assert found.setdefault(representative, name(state)) == name(state)
    assert len(set(found.values())) == len(found)


def test_round_tables_differ_by_their_sizes() -> None:
    sizes = [(9,), (3, 3, 3), (6, 3), (2, 2, 2, 2, 1), (4, 4, 1), (1,) * 9, (5, 4), (3, 6)]
    assert_exact([Array(PERSON, PERSON)], [(around(*s),) for s in sizes], PERSON)


def around(*lengths: int) -> tuple[int, ...]:
    """Who sits left of whom, at tables of these sizes."""
    left: list[int] = []
    for length in lengths:
        start = len(left)
        left += [start + (k + 1) % length for k in range(length)]
    return tuple(left)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9, 0.98])
def test_random_relations_are_told_apart_exactly(share: float) -> None:
    rng = random.Random(int(share * 100))
    types: list[Type] = [Array(PERSON, Set(PERSON)), Option(PERSON)]
    states = [
        (
            tuple(
                frozenset(k for k in range(PERSON.size) if rng.random() < share)
                for _ in range(PERSON.size)
            ),
            rng.choice([None, 0, 4]),
        )
        for _ in range(30)
    ]
    assert_exact(types, states, PERSON)


def test_two_large_sorts_are_renamed_together() -> None:
    rng = random.Random(5)
    types: list[Type] = [Array(PERSON, Option(CHAIR)), Array(CHAIR, Bool())]
    states = [
        (
            tuple(rng.choice([None, *range(chairs)]) for _ in range(PERSON.size)),
            tuple(rng.random() < 0.3 for _ in range(CHAIR.size)),
        )
        for chairs in (1, 2, 9)
        for _ in range(20)
    ]
    taken = [(tuple(range(9)), (False,) * 9), (tuple(reversed(range(9))), (False,) * 9)]
    assert_exact(types, states + taken, PERSON, CHAIR)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (Array(MANY, Bool()), tuple(k % 2 == 0 for k in range(60))),
        (Array(MANY, Set(MANY)), (frozenset(range(60)),) * 60),
        (Array(MANY, MANY), tuple(k ^ 1 for k in range(60))),
        (Array(MANY, Option(MANY)), (*range(1, 60), None)),
    ],
    ids=["nobody is related", "all are related", "pairs", "a queue"],
)
def test_sixty_take_no_permutations(
    type_: Type, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(representatives, "MOST_LEAVES", 60 * 60)
    assert_exact([type_], [(value,)], MANY)


def test_pairs_among_whom_all_others_are_related_take_no_permutations() -> None:
    people = Sort("Person", 12, symmetric=True)
    value = tuple(frozenset({*range(12)} - {k ^ 1}) for k in range(12))
    assert_exact([Array(people, Set(people))], [(value,)], people)


def test_what_would_take_too_many_leaves_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(representatives, "MOST_LEAVES", 1)
    probe = probe_of([Array(PERSON, PERSON)], PERSON)
    words = probe.layout.encode((around(3, 3, 3),))
    assert probe._run("probe_canon", words) == (1, list(words))
