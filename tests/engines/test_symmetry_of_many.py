"""Symmetry where there are too many permutations to list, in every engine that uses it."""

from pathlib import Path

import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.engines.native.symmetry import representatives
from planespec.checker.engines.python import orbits
from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.outcome import Outcome, Verdict
from planespec.checker.run import check

ENGINES = ["auto", "python", "native"]

COUNTERS = '''"""Counters that are alike."""

from typing import Annotated

from planespec.checker.lang import Array, Domain, Model, Range, Sort, action, each, require, sort


class Node(Sort):
    """Who counts."""


class Counters(Model):
    """Each counts to 2; one of them was the last."""

    nodes: Domain[Node] = sort(6, symmetric=True)
    deadlock = False
    count: Array[Node, Annotated[int, Range(0, 2)]] = each(0)
    last: Node | None = None

    @action
    def up(self, n: Node) -> None:
        """One more."""
        require(self.count[n] < 2)
        self.count[n] += 1
        self.last = n
'''

OWNERS = '''"""Items that are taken by nodes."""

from planespec.checker.lang import Array, Domain, Model, Sort, action, each, require, sort


class Node(Sort):
    """Who takes."""


class Item(Sort):
    """What is taken."""


class Owners(Model):
    """Two sorts that are renamed together."""

    nodes: Domain[Node] = sort(6, symmetric=True)
    items: Domain[Item] = sort(6, symmetric=True)
    deadlock = False
    owner: Array[Item, Node | None] = each(None)

    @action
    def take(self, i: Item, n: Node) -> None:
        """What is free is taken."""
        require(self.owner[i] is None)
        self.owner[i] = n
'''

ROUND = '''"""People at round tables."""

from planespec.checker.lang import Array, Domain, Model, Sort, action, each, require, sort


class Person(Sort):
    """Who sits."""


class Tables(Model):
    """Everybody has somebody else on the left, and nobody is left of two."""

    people: Domain[Person] = sort(4, symmetric=True)
    deadlock = False
    left: Array[Person, Person | None] = each(None)

    @action
    def sit(self, p: Person, q: Person) -> None:
        """One more is seated."""
        require(self.left[p] is None and all(self.left[r] != q for r in self.people))
        self.left[p] = q
'''


def searched(tmp_path: Path, text: str, engine: str, sizes: dict[str, int]) -> Outcome:
    path = tmp_path / "many.py"
    path.write_text(text, encoding="utf-8")
    options = Options(symmetry=True, workers=2, budget=Budget(seconds=300))
    return check(Instance(load_model(str(path)), sizes), engine, options)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("nodes", [11, 20])
def test_unrelated_individuals_make_as_many_orbits_as_there_are_sums(
    engine: str, nodes: int, tmp_path: Path
) -> None:
    numbers = searched(tmp_path, COUNTERS, engine, {"nodes": nodes}).statistics
    assert numbers.depth == 2 * nodes + 1
    # The last one has 1 or 2; nodes * (nodes + 1) / 2 ways give the others 0, 1 and 2.
    assert numbers.distinct == nodes * (nodes + 1) + 1


PARTITIONS = [1, 1, 2, 3, 5, 7, 11, 15, 22, 30, 42, 56, 77]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("items", [6, 10])
def test_two_sorts_make_as_many_orbits_as_there_are_partitions(
    engine: str, items: int, tmp_path: Path
) -> None:
    numbers = searched(tmp_path, OWNERS, engine, {"nodes": items, "items": items}).statistics
    assert numbers.distinct == sum(PARTITIONS[: items + 1])
    assert numbers.depth == items + 1


@pytest.mark.parametrize("engine", ENGINES)
def test_chains_and_circles_are_told_apart_by_their_lengths(engine: str, tmp_path: Path) -> None:
    """An orbit is a partition into chains and circles: 1, 2, 5, 10, 20, 36, 65, 110 (A000712)."""
    numbers = searched(tmp_path, ROUND, engine, {"people": 7}).statistics
    assert numbers.distinct == 110


@pytest.mark.parametrize("engine", ENGINES)
def test_what_cannot_be_told_apart_within_the_limit_is_unknown_and_said(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orbits, "MOST_TRIED", 4)
    monkeypatch.setattr(representatives, "MOST_LEAVES", 1)
    outcome = searched(tmp_path, ROUND, engine, {"people": 6})
    assert outcome.verdict is Verdict.UNKNOWN
    assert "ways to tell related individuals of one state apart" in outcome.reason
