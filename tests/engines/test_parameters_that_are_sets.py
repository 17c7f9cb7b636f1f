"""Parameters that range over all sets of a type, or over the sets that a variable holds."""

from pathlib import Path

import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.errors import InputError
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir import execute
from planespec.checker.lang.enabling import subsets_of
from planespec.checker.load import load_model
from planespec.checker.outcome import Verdict
from planespec.checker.run import check
from planespec.checker.values import canonical_key
from planespec.reports.formats.tla.module import export

MODEL = f"{Path(__file__).parent}/toys/quorums.py:Quorums"
Quorums = load_model(MODEL)
HEAD = """from typing import Annotated
from planespec.checker.lang import Domain, Model, Range, Sort, action, sort


class Server(Sort):
    pass


class Wide(Model):
    servers: Domain[Server] = sort(17)

    @action
    def go(self, n: bool, q: {}) -> None:
        pass
"""


@pytest.mark.parametrize("engine", ["python", "native"])
def test_every_set_is_tried(engine: str) -> None:
    outcome = check(Instance(Quorums), engine, Options(workers=2))
    assert outcome.verdict is Verdict.HOLDS
    found = outcome.statistics
    assert (found.generated, found.distinct, found.depth) == (421, 63, 5)
    assert outcome.reached == {"ends": 2}
    alike = check(Instance(Quorums), engine, Options(workers=2, symmetry=True)).statistics
    assert (alike.generated, alike.distinct) == (157, 23)


def test_the_solver_finds_the_sets() -> None:
    outcome = check(Instance(Quorums), "symbolic", Options(budget=Budget(depth=3)))
    assert outcome.verdict is Verdict.HOLDS
    assert outcome.reached == {"ends": 2}


def test_the_sets_come_in_canonical_order_in_every_engine() -> None:
    instance = Instance(Quorums)
    system = compile_system(instance)
    (begin,) = (step.state for step in instance.initial_states())
    steps = list(instance.successors(begin))
    assert [t.state for t in execute.successors(system, begin)] == [s.state for s in steps]
    type_ = instance.types["votes"]
    sets = [dict(step.arguments)["q"] for step in steps if step.action == "vote"]
    assert len(sets) == 4
    assert sets == sorted(sets, key=lambda one: canonical_key(type_, one))
    assert len(subsets_of("abc")) == len(set(subsets_of("abc"))) == 8


def test_tla_ranges_over_the_subsets() -> None:
    text = export(compile_system(Instance(Quorums))).module
    assert "\\E q \\in (SUBSET (Server)) : vote(q)" in text


@pytest.mark.parametrize("type_", ["frozenset[Server]", "frozenset[bool] | None"])
def test_sets_of_many_values_are_refused_with_advice(type_: str, tmp_path: Path) -> None:
    path = tmp_path / "wide.py"
    path.write_text(HEAD.format(type_), encoding="utf-8")
    with pytest.raises(InputError, match="cannot range over every") as caught:
        compile_system(Instance(load_model(f"{path}:Wide")))
    assert caught.value.line == 13
    assert "frozenset[T] with at most 16 values of T" in str(caught.value.allowed)
