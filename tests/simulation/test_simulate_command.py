"""`simulate`: verdicts, exit codes, what is printed, and counterexamples that replay."""

import json
import os
import re
import shlex
import signal
from pathlib import Path

import pytest
from commands import COUNTER, Commands

from planespec.checker.engines.simulation.simulation_run import Shortener
from planespec.checker.engines.simulation.walking import Walker
from planespec.checker.errors import ExitCode
from planespec.reports.cli.options import Teller

ENGINES = ["python", "native"]
DEADLOCK = COUNTER.replace("deadlock = False", "deadlock = True")
ERROR = COUNTER.replace("Annotated[int, Range(0, 9)]", "Annotated[int, Range(0, 2)]")
PROMISE = COUNTER.replace(
    "    @reachable",
    '''    @eventually
    def done(self) -> bool:
        """The limit is reached in the end."""
        return self.count == self.limit

    @reachable''',
).replace("invariant, mutant", "eventually, invariant, mutant")
NOTHING = COUNTER.replace(
    "    @action\n    def up",
    '''    @initial
    def start(self) -> None:
        """Never possible."""
        require(self.idle)

    @action
    def up''',
).replace("invariant, mutant", "initial, invariant, mutant")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("text", "arguments", "code", "words"),
    [
        (COUNTER, (), ExitCode.UNKNOWN, "Unknown within limit=3; walks of up to 100 steps"),
        (COUNTER, ("--mutant", "runaway"), ExitCode.SAFETY, "Violated within_limit"),
        (DEADLOCK, (), ExitCode.DEADLOCK, "deadlock"),
        (DEADLOCK, ("--no-deadlock",), ExitCode.UNKNOWN, "ended in a state without successors"),
        (ERROR, (), ExitCode.EVALUATION, "count = 3 leaves 0..2"),
        (NOTHING, (), ExitCode.CONFIGURATION, "no initial state"),
    ],
    ids=["nothing found", "violated", "deadlock", "allowed", "model error", "no initial state"],
)
def test_the_exit_code_says_what_happened(
    planespec: Commands,
    engine: str,
    text: str,
    arguments: tuple[str, ...],
    code: ExitCode,
    words: str,
) -> None:
    options = ("--engine", engine, "--walks", "50", "--seed", "5")
    answer = planespec("simulate", planespec.write(text), *options, *arguments)
    assert answer.code == code
    assert words in answer.out + answer.err


@pytest.mark.parametrize("engine", ENGINES)
def test_the_printed_command_takes_the_same_walks(planespec: Commands, engine: str) -> None:
    options = ("--engine", engine, "--walks", "5", "--swarm", "-c", "limit=4")
    answer = planespec("simulate", planespec.write(COUNTER), *options)
    (again,) = re.findall(r"reproduce with: planespec (.*)", answer.out)
    words = shlex.split(again)
    assert "--seed" in words
    second = planespec(*words, "--engine", engine)
    assert numbers(second.out) == numbers(answer.out)


def numbers(text: str) -> str:
    return re.sub(r"\d+\.\d+ s", "", text)


def test_the_printed_command_repeats_the_one_walk_that_went_wrong(planespec: Commands) -> None:
    path = planespec.write(COUNTER)
    answer = planespec("simulate", path, "--mutant", "runaway", "--seed", "1")
    (again,) = re.findall(r"reproduce with: planespec (.*)", answer.out)
    assert "--walk 0" in again
    second = planespec(*shlex.split(again))
    assert second.code == ExitCode.SAFETY
    assert second.out.split("found by")[0] == answer.out.split("found by")[0]


@pytest.mark.parametrize("form", ["--save", "--itf"])
def test_a_counterexample_can_be_replayed(planespec: Commands, form: str) -> None:
    path = planespec.write(ERROR)
    found = planespec("simulate", path, "--seed", "1", form, "found.json")
    again = planespec("replay", "found.json")
    assert found.code == again.code == ExitCode.EVALUATION
    assert "up() from state 2 goes wrong" in again.out


def test_without_a_counterexample_no_trace_is_written(planespec: Commands) -> None:
    path = planespec.write(COUNTER)
    answer = planespec("simulate", path, "--walks", "5", "--itf", "x.json", "--save", "y.json")
    assert "no counterexample, x.json is not written" in answer.err
    assert not Path("x.json").exists()
    replay = planespec("replay", "y.json")
    assert replay.code == ExitCode.CONFIGURATION
    assert "no counterexample" in replay.err


def test_what_was_seen_and_what_was_not_is_counted(planespec: Commands) -> None:
    path = planespec.write(COUNTER)
    answer = planespec("simulate", path, "--walks", "7", "--depth", "2", "--stats")
    assert "full not seen so far" in answer.out
    assert "not enabled so far: never" in answer.out
    assert "7 walks, 14 steps, deepest 2; 7 went as far as they may" in answer.out
    assert re.search(r"up +14 +14", answer.out)
    deeper = planespec("simulate", path, "--walks", "7", "--depth", "3")
    assert "full seen by 7 of 7 walks, first by walk 0" in deeper.out


def test_promises_are_named_as_not_judged_and_refused_when_asked_for(planespec: Commands) -> None:
    path = planespec.write(PROMISE)
    answer = planespec("simulate", path, "--walks", "5")
    assert answer.code == ExitCode.UNKNOWN
    assert "not judged, as no finite walk breaks a promise: done" in answer.out
    refused = planespec("simulate", path, "--requirement", "done")
    assert refused.code == ExitCode.CONFIGURATION
    assert "`planespec check` judges promises" in refused.err
    assert refused.out == ""


WRONG = {
    "an unknown requirement": (["--requirement", "RAFT-99"], "within_limit"),
    "no walks": (["--walks", "0"], "walks"),
    "a negative seed": (["--seed", "-1"], "seed"),
    "an engine that does not walk": (["--engine", "symbolic"], "symbolic"),
    "a budget of memory": (["--budget", "memory=1GB"], "stores no states"),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_option_that_is_wrong(planespec: Commands, case: str) -> None:
    arguments, expected = WRONG[case]
    answer = planespec("simulate", planespec.write(COUNTER), *arguments)
    assert answer.code == ExitCode.CONFIGURATION
    assert expected in answer.err
    assert answer.out == ""


@pytest.mark.parametrize("engine", ENGINES)
def test_ctrl_c_prints_the_numbers_so_far(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    def press_ctrl_c(_: Teller, *__: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Teller, "tell", press_ctrl_c)
    options = ("--engine", engine, "--walks", "1000000000", "--seed", "1")
    answer = planespec("simulate", planespec.write(COUNTER), *options)
    assert answer.code == ExitCode.INTERRUPTED
    assert "Unknown" in answer.out
    assert "(interrupted)" in answer.out
    assert re.search(r"[\d,]+ walks?, ", answer.out)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_while_a_violation_is_explained_tells_which_walk_it_is(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = planespec.write(COUNTER)
    monkeypatch.setattr(Walker, "walk", interrupt)
    options = ("--mutant", "runaway", "--engine", "native", "--seed", "1")
    answer = planespec("simulate", path, *options)
    assert answer.code == ExitCode.INTERRUPTED
    assert "interrupted while walk 0, which goes wrong, was explained" in answer.out
    assert "--walk 0" in answer.out


def test_ctrl_c_while_a_violation_is_shortened_leaves_it_as_it_is(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = planespec.write(COUNTER)
    monkeypatch.setattr(Shortener, "shorten", interrupt)
    answer = planespec("simulate", path, "--mutant", "runaway", "--seed", "1")
    assert answer.code == ExitCode.SAFETY
    assert "found by walk 0 after 4 steps\n" in answer.out


def document(text: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(text)
    del found["timing"]
    return found


def test_json_is_the_same_for_any_number_of_workers_and_valid(planespec: Commands) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="`pip install .[test]` brings it")
    schemas = Path(__file__).resolve().parents[1] / "schemas"
    schema = json.loads((schemas / "simulate.schema.json").read_text(encoding="utf-8"))
    path = planespec.write(COUNTER)
    for mutant in ((), ("--mutant", "runaway")):
        options = ("--seed", "3", "--walks", "300", "--json", *mutant)
        one = planespec("simulate", path, *options, "--workers", "1")
        two = planespec("simulate", path, *options, "--workers", "2")
        assert document(one.out) == document(two.out)
        assert json.loads(one.out)["exit_code"] == one.code
        jsonschema.Draft202012Validator(schema).validate(json.loads(one.out))


def test_every_key_of_the_document_is_documented(planespec: Commands) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "json.md").read_text()
    answer = planespec("simulate", planespec.write(COUNTER), "--walks", "5", "--json")
    made = json.loads(answer.out)
    keys = [*made, *made["plan"], *made["statistics"], *made["timing"]]
    keys += [*made["statistics"]["actions"]["up"], *made["statistics"]["reached"]["full"]]
    assert [key for key in keys if f"`{key}`" not in page] == []
