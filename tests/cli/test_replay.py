"""`replay`: a counterexample is run again, and what is no behaviour is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from commands import COUNTER, Commands

from planespec.checker.errors import ExitCode

DEADLOCK = COUNTER.replace("deadlock = False", "deadlock = True")
ERROR = COUNTER.replace("Annotated[int, Range(0, 9)]", "Annotated[int, Range(0, 2)]")
CASES = {
    "safety": (COUNTER, ["--mutant", "runaway"], ExitCode.SAFETY),
    "deadlock": (DEADLOCK, [], ExitCode.DEADLOCK),
    "model error": (ERROR, [], ExitCode.EVALUATION),
}


def saved(planespec: Commands, text: str, *options: str) -> tuple[Path, Path]:
    """A counterexample in both forms."""
    own, itf = planespec.folder / "trace.json", planespec.folder / "trace.itf.json"
    planespec("check", planespec.write(text), *options, "--save", own, "--itf", itf)
    return own, itf


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("form", [0, 1], ids=["saved", "itf"])
def test_replay_exits_as_check_did(planespec: Commands, case: str, form: int) -> None:
    text, options, code = CASES[case]
    answer = planespec("replay", saved(planespec, text, *options)[form])
    assert answer.code == code, answer.err
    assert "State 0: initial" in answer.out
    assert "up()" in answer.out


@pytest.mark.parametrize("code", ["utf-8-sig", "utf-16"])
def test_a_trace_is_read_as_other_systems_write_text(planespec: Commands, code: str) -> None:
    own, _ = saved(planespec, COUNTER, "--mutant", "runaway")
    own.write_bytes(own.read_text().replace("\n", "\r\n").encode(code))
    assert planespec("replay", own).code == ExitCode.SAFETY


@pytest.mark.parametrize("mutant", ["vote_twice", "count_old_votes"])
def test_a_counterexample_of_leader_election_is_replayed(planespec: Commands, mutant: str) -> None:
    itf = planespec.folder / "trace.itf.json"
    options = ("--mutant", mutant, "--requirement", "RAFT-1", "--itf", itf)
    assert planespec("check", "raft.election", *options).code == ExitCode.SAFETY
    answer = planespec("replay", itf)
    assert answer.code == ExitCode.SAFETY
    assert "Violated RAFT-1" in answer.out


def changed(path: Path, change: Any) -> Path:
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    return path


def test_a_step_that_is_none_of_the_model_is_named(planespec: Commands) -> None:
    _, itf = saved(planespec, COUNTER, "--mutant", "runaway")

    def jump(document: Any) -> None:
        del document["states"][2]

    answer = planespec("replay", changed(itf, jump))
    assert answer.code == ExitCode.PARSE
    assert "step 2 (up) is no step of the model" in answer.err


def test_a_step_under_the_wrong_name_is_refused(planespec: Commands) -> None:
    own, _ = saved(planespec, COUNTER, "--mutant", "runaway")

    def rename(document: Any) -> None:
        document["violation"]["trace"]["steps"][0]["action"] = "never"

    answer = planespec("replay", changed(own, rename))
    assert answer.code == ExitCode.PARSE
    assert "step 1 (never)" in answer.err


def test_a_wrong_first_state_is_refused(planespec: Commands) -> None:
    _, itf = saved(planespec, COUNTER, "--mutant", "runaway")

    def shift(document: Any) -> None:
        document["states"][0]["count"] = {"#bigint": "1"}

    answer = planespec("replay", changed(itf, shift))
    assert answer.code == ExitCode.PARSE
    assert "state 0 is no initial state" in answer.err


def test_a_value_of_the_wrong_type_is_named_with_its_state(planespec: Commands) -> None:
    _, itf = saved(planespec, COUNTER, "--mutant", "runaway")

    def spoil(document: Any) -> None:
        document["states"][1]["idle"] = "maybe"

    answer = planespec("replay", changed(itf, spoil))
    assert answer.code == ExitCode.PARSE
    assert "state 1, idle: expected a value of type bool" in answer.err


def test_a_trace_of_another_tool_is_followed_by_its_states(planespec: Commands) -> None:
    path = planespec.folder / "other.itf.json"
    states = [{"count": n, "idle": False} for n in range(3)]
    path.write_text(json.dumps({"vars": ["count", "idle"], "params": None, "states": states}))
    model = planespec.write(COUNTER)
    answer = planespec("replay", path, "--model", model)
    assert answer.code == ExitCode.HOLDS
    assert "a behaviour of 2 steps that breaks nothing" in answer.out
    assert planespec("replay", path, "--model", model, "-c", "limit=1").code == ExitCode.PARSE


def test_an_answer_without_a_counterexample_is_refused(planespec: Commands) -> None:
    own = planespec.folder / "answer.json"
    planespec("check", planespec.write(COUNTER), "--save", own)
    answer = planespec("replay", own)
    assert answer.code == ExitCode.CONFIGURATION
    assert "holds no counterexample" in answer.err


def test_itf_is_not_written_where_there_is_no_counterexample(planespec: Commands) -> None:
    itf = planespec.folder / "trace.itf.json"
    answer = planespec("check", planespec.write(COUNTER), "--itf", itf)
    assert answer.code == ExitCode.HOLDS
    assert "is not written" in answer.err
    assert not itf.exists()


def test_itf_keeps_to_what_its_readers_accept(planespec: Commands) -> None:
    _, itf = saved(planespec, COUNTER, "--mutant", "runaway")
    document = json.loads(itf.read_text())
    assert all(isinstance(value, str) for value in document["#meta"].values())
    for index, state in enumerate(document["states"]):
        assert state["#meta"] == {"index": index}
        assert set(state) == {"#meta", *document["vars"]}
    assert document["states"][1]["mbt::actionTaken"] == "up"


BLINKER = '''
from planespec.checker.lang import Fairness, Model, action, eventually


class Blinker(Model):
    """A light that blinks, and a bell that need not ring."""

    lit: bool = False
    rung: bool = False

    @action(fair=Fairness.WEAK)
    def blink(self) -> None:
        """Switch the light."""
        self.lit = not self.lit

    @action
    def ring(self) -> None:
        """Ring the bell."""
        self.rung = True

    @eventually
    def bell_rings(self) -> bool:
        """The bell rings."""
        return self.rung
'''


@pytest.mark.parametrize("form", [0, 1], ids=["saved", "itf"])
def test_a_broken_promise_is_broken_again(planespec: Commands, form: int) -> None:
    answer = planespec("replay", saved(planespec, BLINKER)[form])
    assert answer.code == ExitCode.LIVENESS, answer.err
    assert "Violated bell_rings" in answer.out
    assert "Back to state 0" in answer.out


def test_a_cycle_that_is_not_fair_breaks_no_promise(planespec: Commands) -> None:
    own, _ = saved(planespec, BLINKER)

    def stay(document: Any) -> None:
        trace = document["violation"]["trace"]
        trace["states"], trace["steps"], trace["loop"] = trace["states"][:1], [], 0

    answer = planespec("replay", changed(own, stay))
    assert answer.code == ExitCode.HOLDS, answer.err
    assert "breaks nothing" in answer.out
