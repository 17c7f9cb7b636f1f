"""What people write naturally means in every engine what it means under CPython.

The tables in `written/` hold bodies of an action; `refused.txt` those that stay outside, whose
messages are recorded in tests/golden.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from agreement import assert_agreement
from comparison import assert_same_steps
from written_cases import Case, cases, model_of

from planespec.checker.budget import Budget, Options
from planespec.checker.errors import PlanespecError
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.outcome import Verdict
from planespec.checker.run import check

OUTSIDE = ("table by number that leaves its keys", "table where None is needed")
"""Cases of tables that are model errors in some state."""
TABLES = ("numbers", "sequences", "collections", "forms", "guards", "pairs", "parts")


def assert_meaning(table: str, folder: Path, states: int, solved: int, every: int = 1) -> None:
    """Forms mean what CPython says in so many states, one in `solved` in the solver too."""
    for number, case in enumerate(list(cases(table))[::every]):
        instance = Instance(model_of(folder, f"{table}_{number}", [case]))
        assert assert_agreement(instance, states) == states, case.title
        if number % solved == 0:
            assert assert_same_steps(instance, states=1) > 1, case.title


@pytest.mark.parametrize("table", TABLES)
def test_what_people_write_means_what_cpython_says(table: str, tmp_path: Path) -> None:
    """Every other form; the others have -m slow."""
    assert_meaning(table, tmp_path, states=3, solved=4, every=2)


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_every_form_means_to_the_solver_what_cpython_says(table: str, tmp_path: Path) -> None:
    assert_meaning(table, tmp_path, states=6, solved=1)


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_native_code_finds_what_the_reference_finds(table: str, tmp_path: Path) -> None:
    alone = [c for c in cases(table) if c.is_body_alone]
    for first in range(0, len(alone), 20):
        model = model_of(tmp_path, f"{table}_native_{first}", alone[first : first + 20])
        options = Options(budget=Budget(depth=1))
        python, native = (check(Instance(model), e, options) for e in ("python", "native"))
        assert python.verdict == native.verdict, (table, first)
        assert python.statistics.distinct == native.statistics.distinct, (table, first)
        assert python.statistics.generated == native.statistics.generated, (table, first)


def test_native_code_reads_tables_as_the_reference_reads_them(tmp_path: Path) -> None:
    read = [c for c in cases("collections") if any("table(" in s for s in c.parts["class"])]
    wrong = [c for c in read if c.title in OUTSIDE]
    right = [c for c in read if c.title not in OUTSIDE]
    assert len(wrong) == len(OUTSIDE)
    for number, together in enumerate([right, *([c] for c in wrong)]):
        model = model_of(tmp_path, f"tables_{number}", together)
        options = Options(budget=Budget(depth=2))
        python, native = (check(Instance(model), e, options) for e in ("python", "native"))
        assert (python.verdict is Verdict.HOLDS) == (together is right)
        assert python.verdict == native.verdict
        assert python.statistics.distinct == native.statistics.distinct > 300
        assert python.statistics.generated == native.statistics.generated


def test_what_stays_outside_is_refused_with_what_to_write_instead(
    tmp_path: Path, golden: Callable[[str, str], None]
) -> None:
    golden("written_refused.txt", "\n".join(_refusals(tmp_path)))


def _refusals(folder: Path) -> list[str]:
    return [_refusal(folder, number, case) for number, case in enumerate(cases("refused"))]


def _refusal(folder: Path, number: int, case: Case) -> str:
    name = f"refused_{number}"
    with pytest.raises(PlanespecError) as caught:
        compile_system(Instance(model_of(folder, name, [case])))
    message = str(caught.value).replace(str(folder / f"{name}.py"), "model.py")
    return f"{case.title}\n----\n{message}\n"


IMPORTS = ["from typing import Self", "from planespec.checker.lang import step_invariant"]
BROKEN = """
@invariant
def small(self, k: Node, v: R) -> bool:
    return self.a[k] != v or v < 3

@step_invariant
def near(self, before: Self, k: Node) -> bool:
    return abs(self.a[k] - before.a[k]) < 5
"""


@pytest.mark.parametrize("engine", ["python", "native", "symbolic"])
@pytest.mark.parametrize(
    ("property_", "values"), [("small", {"k": 0, "v": 3}), ("near", {"k": 0})]
)
def test_a_broken_property_names_the_values_it_is_broken_for(
    engine: str, property_: str, values: dict[str, int], tmp_path: Path
) -> None:
    case = Case("parameters", {"body": ["pass"], "class": BROKEN.splitlines(), "module": IMPORTS})
    model = model_of(tmp_path, f"parameters_{engine}_{property_}", [case])
    options = Options(requirements=(property_,), budget=Budget(depth=1))
    violation = check(Instance(model), engine, options).violation
    assert violation is not None
    assert dict(violation.arguments).keys() == values.keys()
    if engine != "symbolic":  # any shortest behaviour is as good for the solver
        assert dict(violation.arguments) == values
