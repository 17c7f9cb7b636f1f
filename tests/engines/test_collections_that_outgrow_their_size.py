"""A collection that is stored where it does not fit is a model error for every engine.

The conversions are those of whole values: set to set (masks and lanes), list to list, bag to bag,
and elements that leave the range of the new ones.
"""

from pathlib import Path

import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.outcome import Outcome, Verdict, ViolationKind
from planespec.checker.run import check

MODEL = '''"""A collection grows and is stored elsewhere."""

from typing import Annotated

from planespec.checker.lang import Bag, Model, Range, Size, action, require

Digit = Annotated[int, Range(0, 3)]
Small = Annotated[int, Range(0, 1)]
Wide = Annotated[int, Range(0, 99)]


class Moves(Model):
    """It fits until it has grown."""

    deadlock = False
    n: Annotated[int, Range(0, 5)] = 0
    large: {large} = {empty}
    small: {small} = {empty}

    @action
    def grow(self) -> None:
        """One more."""
        require(self.n < {most})
        self.large.{add}(self.n)
        self.n += 1

    @action
    def move(self) -> None:
        """Store it all."""
        self.small = self.large
'''

SETS = [
    ("set[Digit]", "Annotated[set[Digit], Size(2)]"),
    ("Annotated[set[Digit], Size(3)]", "Annotated[set[Digit], Size(2)]"),
    ("set[Wide]", "Annotated[set[Wide], Size(2)]"),
    ("Annotated[set[Wide], Size(20)]", "Annotated[set[Wide], Size(2)]"),
    ("Annotated[set[Wide], Size(4)]", "Annotated[set[Wide], Size(2)]"),
    ("set[Digit]", "set[Small]"),
]
LISTS = [
    ("Annotated[list[Digit], Size(3)]", "Annotated[list[Digit], Size(2)]"),
    ("Annotated[list[Digit], Size(30)]", "Annotated[list[Digit], Size(2)]"),
    ("Annotated[list[Digit], Size(3)]", "Annotated[list[Small], Size(3)]"),
]
BAGS = [
    ("Annotated[Bag[Digit], Size(3)]", "Annotated[Bag[Digit], Size(2)]"),
    ("Annotated[Bag[Digit], Size(3)]", "Annotated[Bag[Small], Size(3)]"),
]
CASES = [
    *((large, small, "set()", "add") for large, small in SETS),
    *((large, small, "[]", "append") for large, small in LISTS),
    *((large, small, "Bag()", "add") for large, small in BAGS),
]


def outcome(path: Path, case: tuple[str, str, str, str], most: int, engine: str) -> Outcome:
    large, small, empty, add = case
    path.write_text(MODEL.format(large=large, small=small, empty=empty, add=add, most=most))
    options = Options(budget=Budget(depth=4) if engine == "symbolic" else Budget())
    return check(Instance(load_model(f"{path}:Moves")), engine, options)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} to {case[1]}")
@pytest.mark.parametrize("engine", ["python", "native", "symbolic"])
def test_three_elements_do_not_fit_in_two(
    tmp_path: Path, case: tuple[str, str, str, str], engine: str
) -> None:
    found = outcome(tmp_path / "moves.py", case, 3, engine)
    assert found.verdict is Verdict.VIOLATED
    assert found.violation is not None
    assert found.violation.kind is ViolationKind.ERROR
    assert found.violation.action == "move"


@pytest.mark.sample(2)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} to {case[1]}")
@pytest.mark.parametrize("engine", ["python", "native", "symbolic"])
def test_two_elements_do(tmp_path: Path, case: tuple[str, str, str, str], engine: str) -> None:
    assert outcome(tmp_path / "moves.py", case, 2, engine).verdict is Verdict.HOLDS


@pytest.mark.sample(2)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} to {case[1]}")
@pytest.mark.parametrize("engine", ["python", "native", "symbolic"])
def test_a_third_element_cannot_be_added_to_two(
    tmp_path: Path, case: tuple[str, str, str, str], engine: str
) -> None:
    _, small, empty, add = case
    found = outcome(tmp_path / "moves.py", (small, small, empty, add), 3, engine)
    assert found.verdict is Verdict.VIOLATED
    assert found.violation is not None
    assert (found.violation.kind, found.violation.action) == (ViolationKind.ERROR, "grow")
