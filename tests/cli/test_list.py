"""`planespec list`: requirements by number, and what holds each model."""

import json

from commands import COUNTER, Commands

from planespec.checker.errors import ExitCode
from planespec.spec.requirement import load_requirements


def test_every_requirement_is_listed_once_in_the_order_of_numbers(planespec: Commands) -> None:
    answer = planespec("list", "--requirements")
    named = [line.partition(":")[0] for line in answer.out.splitlines() if line[0] != " "]
    assert named == list(load_requirements())
    assert named.index("RAFT-2") + 1 == named.index("RAFT-3") < named.index("RAFT-10")


def test_an_area_names_its_requirements_alone(planespec: Commands) -> None:
    lines = planespec("list", "--requirements", "stat").out.splitlines()
    assert [line[:6] for line in lines if line[0] != " "] == [f"STAT-{n}" for n in range(1, 9)]


def test_one_requirement_is_told_with_its_source_and_who_judges_it(planespec: Commands) -> None:
    out = planespec("list", "--requirements", "SCHED-5").out
    assert "severity  warning" in out
    assert "source    pkg/scheduler/framework/plugins; judged against" in out
    assert "judged    snapshot" in out
    out = planespec("list", "--requirements", "sched-25").out
    assert "judged    step of scheduler.constraints" in out


def test_a_requirement_that_is_none_is_refused_by_name(planespec: Commands) -> None:
    answer = planespec("list", "--requirements", "SCHED-99")
    assert answer.code == ExitCode.CONFIGURATION
    assert "no requirement is called 'SCHED-99'; did you mean 'SCHED-9'?" in answer.err


def test_constants_are_those_of_a_model_and_of_no_requirement(planespec: Commands) -> None:
    answer = planespec("list", "--requirements", "SCHED", "-c", "pods=2")
    assert answer.code == ExitCode.CONFIGURATION
    assert "-c sets the constants of one model" in answer.err


def test_a_model_that_says_nothing_of_itself_has_no_statement(planespec: Commands) -> None:
    silent = COUNTER.replace('    """Counts up."""\n', "")
    extended = "\n\nclass Slow(Counter):\n    pass\n"
    file = planespec.write(silent)
    assert planespec("list", file).out.splitlines()[1] == "  constants limit=3"
    [model] = json.loads(planespec("list", file, "--json").out)["models"]
    assert model["statement"] == ""
    file = planespec.write(COUNTER + extended)
    assert planespec("list", f"{file}:Slow").out.splitlines()[1] == "  Counts up."
