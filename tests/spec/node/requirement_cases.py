"""Cases of requirements: what is seen where one holds, and where it does not."""

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from planespec.spec.requirement import REQUIREMENTS, Requirement

Case = Mapping[str, object]
"""What differs from the usual; under `before`, what differed a step before."""


def check_state(see: Callable[[Any], object], number: str, good: Case, bad: Case) -> None:
    """A requirement on a state holds of the good one alone."""
    assert REQUIREMENTS[number](see(good))
    assert not REQUIREMENTS[number](see(bad))


def check_step(
    see: Callable[[Any], object], number: str, before: Case, good: Case, bad: Case
) -> None:
    """A requirement on a step holds of the one to the good state alone."""
    judge = REQUIREMENTS[number]
    assert judge(see(before), see(good))
    assert not judge(see(bad.get("before", before)), see(bad))


def check_all_have_cases(cases: Sequence[tuple[Any, ...]], *modules: ModuleType) -> None:
    """Every requirement of the modules has a case, and no other has one."""
    named = [each for module in modules for each in vars(module).values()]
    assert {case[0] for case in cases} == {e.id for e in named if isinstance(e, Requirement)}
