"""What exists only under a condition: every engine leaves it out, and has it where it is there."""

from pathlib import Path
from typing import Any

import pytest
from comparison import (
    assert_native_agrees,
    assert_proofs_hold,
    assert_same_steps,
    assert_solver_agrees,
    assert_symmetry_agrees,
)
from features import Bare, Room, Whole
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from planespec.checker.budget import Options
from planespec.checker.engines.simulation.plan import Plan
from planespec.checker.engines.simulation.simulation_run import simulate
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.grammar import verify
from planespec.checker.run import check
from planespec.checker.stateful import machine
from planespec.reports.cli.main import run
from planespec.reports.formats.tla.module import export

ALL = {"express": True, "shelves": 1, "registers": True}
CASES: list[dict[str, Any]] = [
    {},
    {"express": True},
    {"shelves": 1},
    {"registers": True},
    {"shelves": 2, "express": True},
    ALL,
]
TWINS: list[tuple[dict[str, Any], Any]] = [({}, Bare), (ALL, Whole)]
FILE = Path(__file__).parent / "features.py"


def name(constants: dict[str, Any]) -> str:
    return ",".join(constants) or "none"


@pytest.mark.parametrize("constants", CASES, ids=name)
def test_native_code_and_the_solver_take_the_steps_of_cpython(constants: dict[str, Any]) -> None:
    instance = Instance(Room, constants)
    verify(compile_system(instance))
    assert_native_agrees(instance)
    assert assert_same_steps(instance, states=6) > 1


@pytest.mark.parametrize("constants", [{}, {"shelves": 1, "express": True}], ids=name)
def test_solver_symmetry_and_proofs_know_no_more(constants: dict[str, Any]) -> None:
    instance = Instance(Room, {**constants, "clients": 2})
    assert assert_symmetry_agrees(instance)
    assert_solver_agrees(instance, depth=2)
    assert_proofs_hold(instance)


@pytest.mark.parametrize("engine", ["python", "native"])
@pytest.mark.parametrize(("constants", "twin"), TWINS, ids=["none", "all"])
def test_a_model_is_what_it_would_be_written_without_conditions(
    engine: str, constants: dict[str, Any], twin: Any
) -> None:
    options = Options(requirements=())
    room = check(Instance(Room, constants), engine, options).statistics
    plain = check(Instance(twin), engine, options).statistics
    assert (room.generated, room.distinct, room.levels, room.bits_per_state) == (
        plain.generated,
        plain.distinct,
        plain.levels,
        plain.bits_per_state,
    )
    assert room.actions == plain.actions


def test_what_is_off_is_no_variable_no_action_and_no_claim() -> None:
    instance = Instance(Room)
    assert instance.variables == ("known", "letters")
    assert [a.name for a in instance.actions] == ["meet", "send", "fetch"]
    assert [c.id for c in instance.requirements] == ["only_known_are_sent_to"]
    assert {id_: c.when for id_, c in instance.not_applicable.items()} == {
        "registered_before_known": "registers",
        "shelves_hold_letters": "shelves > 0",
        "is_urgent": "express",
        "is_urgent_on_a_shelf": "express and shelves > 0",
        "is_hurried": "express and registers",
        "calms": "express and registers",
    }
    outcome = check(instance, "native", Options())
    assert outcome.requirements == ("only_known_are_sent_to",)
    assert outcome.reached == {}


def test_a_mutant_is_idle_where_what_it_breaks_is_off() -> None:
    assert {n: a.when for n, a in Instance(Room).idle_mutants.items()} == {
        "unasked": "registers",
        "slow_express": "express",
    }
    assert Instance(Room, {"express": True}).idle_mutants.keys() == {"unasked"}
    assert not Instance(Room, ALL).idle_mutants


@pytest.mark.parametrize("constants", CASES, ids=name)
def test_the_exported_module_names_only_what_is_there(constants: dict[str, Any]) -> None:
    text = export(compile_system(Instance(Room, constants))).module
    assert ("registered" in text) == ("registers" in constants)
    assert ("hurried" in text) == ("urgent" in text) == ("express" in constants)
    assert ("full" in text) == ("shelf" in text) == ("shelves" in constants)


@pytest.mark.parametrize("constants", [{}, ALL], ids=name)
def test_walks_of_both_engines_and_of_hypothesis_know_no_more(constants: dict[str, Any]) -> None:
    instance = Instance(Room, constants)
    plan = Plan(seed=1, walks=20, depth=20)
    one, other = (simulate(instance, engine, plan) for engine in ("python", "native"))
    assert one.numbers == other.numbers
    assert ("put" in one.numbers.offered) == bool(constants)
    limits = settings(
        max_examples=5,
        stateful_step_count=15,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    run_state_machine_as_test(machine(Room, **constants), settings=limits)


@pytest.mark.parametrize("words", ["--save", "--itf"])
def test_a_counterexample_is_replayed_without_what_is_off(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = FILE.read_text("utf-8").replace("all(self.known[m.to]", "all(not self.known[m.to]")
    (tmp_path / "broken.py").write_text(broken, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["check", "broken.py:Room", words, "trace.json"]) == 12
    text = (tmp_path / "trace.json").read_text("utf-8")
    assert '"to"' in text
    assert '"urgent"' not in text
    assert '"shelf"' not in text
    assert run(["replay", "trace.json"]) == 12
