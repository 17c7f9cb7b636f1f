"""Declarations that people write of themselves are taken, or answered with what to write."""

from pathlib import Path

import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.errors import PlanespecError
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.outcome import Verdict
from planespec.checker.run import check

MODEL = '''"""Constants of the class, initial values from constants, truths of a collection."""

from typing import Annotated, ClassVar

from planespec.checker.lang import (
    Array, Domain, Model, Range, Sort, action, among, constant, each, invariant, require, sort,
)


class Node(Sort):
    """A node."""


class Natural(Model):
    """It counts down from a constant."""

    LIMIT: ClassVar[int] = 3
    nodes: Domain[Node] = sort(2)
    most: int = constant(2, at_least=1)
    deadlock = False
    left: Annotated[int, Range(0, "most")] = most
    each_left: Array[Node, Annotated[int, Range(0, "most")]] = each(most)
    seen: set[bool] = set()
    lit: Array[Node, bool] = each(False)

    @action
    def go(self, b: bool, n: Node) -> None:
        """Count down."""
        require(self.left > 0 and self.LIMIT == 3)
        self.left -= 1
        self.each_left[n] = self.left
        self.seen.add(b)
        self.lit[n] = any(self.seen) and not all(self.lit)

    @invariant
    def below(self) -> bool:
        """It is below the limit of the class."""
        return self.left < Natural.LIMIT
'''

REFUSED = [
    ("return self.left < Natural.LIMIT", "return any(self.each_left)", ["any(... for x in xs)"]),
    ("return self.left < Natural.LIMIT", "return all(self.each_left)", ["all(... for x in xs)"]),
    ("n: Node)", 'n: Node = among("seen[b]"))', ["choose(self.seen[b])"]),
    (
        "seen: set[bool] = set()",
        "seen: tuple[Node, ...] = ()",
        ["tuple[Node, ...] has no Size", "Annotated[tuple[Node, ...], Size(n)]"],
    ),
    (
        "seen: set[bool] = set()",
        "seen: set[Annotated[int, Range(0, 999)] | None] = set()",
        ["1,001 values", "512", "Size(n)", "| None"],
    ),
]


def written(path: Path, text: str) -> Instance:
    path.write_text(text)
    return Instance(load_model(f"{path}:Natural"), {})


@pytest.mark.parametrize("engine", ["python", "native", "symbolic"])
@pytest.mark.parametrize("most", [1, 2])
def test_they_mean_what_they_mean_in_python(tmp_path: Path, engine: str, most: int) -> None:
    (tmp_path / "natural.py").write_text(MODEL)
    instance = Instance(load_model(f"{tmp_path / 'natural.py'}:Natural"), {"most": most})
    assert dict(zip(instance.variables, instance.binding.defaults, strict=True)) == {
        "left": most,
        "each_left": (most, most),
        "seen": frozenset(),
        "lit": (False, False),
    }
    found = check(instance, engine, Options(budget=Budget(depth=3)))
    assert found.verdict is Verdict.HOLDS
    if engine != "symbolic":
        assert found.statistics.distinct == {1: 5, 2: 19}[most]


def test_a_constant_of_the_class_is_not_set_from_outside(tmp_path: Path) -> None:
    written(tmp_path / "natural.py", MODEL)
    with pytest.raises(PlanespecError, match="no constant 'LIMIT'"):
        Instance(load_model(f"{tmp_path / 'natural.py'}:Natural"), {"LIMIT": 1})


@pytest.mark.parametrize(("old", "new", "parts"), REFUSED, ids=[new for _, new, _ in REFUSED])
def test_a_refusal_says_what_to_write(
    tmp_path: Path, old: str, new: str, parts: list[str]
) -> None:
    assert old in MODEL
    with pytest.raises(PlanespecError) as caught:
        compile_system(written(tmp_path / "natural.py", MODEL.replace(old, new)))
    assert "UnionType" not in str(caught.value)
    assert "Ellipsis" not in str(caught.value)
    for part in parts:
        assert part in str(caught.value)
