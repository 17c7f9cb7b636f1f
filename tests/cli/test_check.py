"""`check`: verdicts, exit codes, and what stands in the output."""

import json
import os
import signal
from pathlib import Path

import pytest
from commands import COUNTER, Commands

from planespec.checker import run
from planespec.checker.budget import Options, Progress
from planespec.checker.engines.python import python_engine as reference
from planespec.checker.errors import ExitCode
from planespec.checker.instance import Instance
from planespec.checker.outcome import Outcome
from planespec.reports.cli.options import Teller

ENGINES = ["python", "native"]

DEADLOCK = COUNTER.replace("deadlock = False", "deadlock = True")
ERROR = COUNTER.replace("Annotated[int, Range(0, 9)]", "Annotated[int, Range(0, 2)]")
UNREACHED = COUNTER.replace("self.count == self.limit", "self.count > self.limit")
STEP = COUNTER.replace(
    "    @reachable",
    '''    @step_invariant
    def by_one(self, before: "Counter") -> bool:
        """The count stays below two after a step."""
        return self.count < 2

    @reachable''',
)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (COUNTER, ExitCode.HOLDS, "Holds within limit=3"),
        (DEADLOCK, ExitCode.DEADLOCK, "deadlock"),
        (ERROR, ExitCode.EVALUATION, "model error"),
        (UNREACHED, ExitCode.ASSUMPTION, "no reachable state has full"),
        (STEP, ExitCode.SAFETY, "Violated by_one"),
    ],
    ids=["holds", "deadlock", "model error", "unreached", "step"],
)
def test_the_exit_code_says_what_happened(
    planespec: Commands, engine: str, text: str, code: ExitCode, words: str
) -> None:
    answer = planespec("check", planespec.write(text), "--engine", engine)
    assert answer.code == code
    assert words in answer.out
    assert answer.err == ""


def test_a_violation_shows_the_whole_first_state_and_then_the_changes(planespec: Commands) -> None:
    answer = planespec("check", planespec.write(COUNTER), "--mutant", "runaway", "-c", "limit=1")
    assert answer.code == ExitCode.SAFETY
    assert answer.out.splitlines()[:8] == [
        "State 0: initial",
        "    count = 0",
        "    idle = False",
        "State 1: up()",
        "    count: 0 -> 1",
        "State 2: up()",
        "    count: 1 -> 2",
        "",
    ]
    assert "with mutant runaway: Violated within_limit (The count stays within the limit)" in (
        answer.out
    )


def test_a_model_error_names_the_action_and_the_line(planespec: Commands) -> None:
    answer = planespec("check", planespec.write(ERROR))
    line = ERROR.splitlines().index("        self.count += 1") + 1
    assert "up() from state 2 goes wrong" in answer.out
    assert f"counter.py:{line}:" in answer.out
    assert "count = 3 leaves 0..2" in answer.out


def test_what_never_happens_is_reported(planespec: Commands) -> None:
    answer = planespec("check", planespec.write(COUNTER))
    assert "never enabled: never" in answer.out
    assert "never changed: idle" in answer.out


def test_the_table_of_actions_is_printed_on_request(planespec: Commands) -> None:
    path = planespec.write(COUNTER)
    assert "generated    distinct" not in planespec("check", path).out
    assert "generated    distinct" in planespec("check", path, "--stats").out


@pytest.mark.parametrize("engine", ENGINES)
def test_a_depth_bound_is_named_with_the_verdict(planespec: Commands, engine: str) -> None:
    arguments = ("--engine", engine, "--requirement", "within_limit", "--depth", "2")
    answer = planespec("check", planespec.write(COUNTER), *arguments)
    assert answer.code == ExitCode.HOLDS
    assert "Holds within limit=3; depth 2 cut 1" in answer.out


@pytest.mark.parametrize("engine", ENGINES)
def test_a_spent_budget_ends_as_unknown_with_the_numbers(planespec: Commands, engine: str) -> None:
    path = planespec.write(COUNTER)
    answer = planespec("check", path, "--engine", engine, "--budget", "states=2", "-c", "limit=9")
    assert answer.code == ExitCode.UNKNOWN
    assert "Unknown" in answer.out
    assert "distinct states found" in answer.out


def test_a_single_requirement_is_judged_alone(planespec: Commands) -> None:
    arguments = ("--mutant", "runaway", "--requirement", "full")
    answer = planespec("check", planespec.write(COUNTER), *arguments)
    assert answer.code == ExitCode.HOLDS


def without_timing(text: str) -> dict[str, object]:
    document: dict[str, object] = json.loads(text)
    del document["timing"]
    return document


def test_json_is_the_same_at_one_and_two_workers(planespec: Commands) -> None:
    path = planespec.write(COUNTER)
    arguments = ("check", path, "--mutant", "runaway", "--json", "--engine", "native")
    one = planespec(*arguments, "--workers", "1")
    two = planespec(*arguments, "--workers", "2")
    assert without_timing(one.out) == without_timing(two.out)
    assert one.code == two.code == ExitCode.SAFETY
    assert json.loads(one.out)["exit_code"] == 12


def test_both_engines_say_the_same_in_json(planespec: Commands) -> None:
    path = planespec.write(COUNTER)
    documents = [
        without_timing(planespec("check", path, "--json", "--engine", engine).out)
        for engine in ENGINES
    ]
    for document in documents:
        del document["engine"]
        assert isinstance(document["statistics"], dict)
        del document["statistics"]["bits_per_state"]
    assert documents[0] == documents[1]


def test_every_key_of_the_document_is_documented(planespec: Commands) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "json.md").read_text()
    answer = planespec("check", planespec.write(COUNTER), "--mutant", "runaway", "--json")
    document = json.loads(answer.out)
    keys = [*document, *document["violation"], *document["violation"]["trace"]]
    keys += [*document["statistics"], *document["timing"], *document["requirements"][0]]
    assert [key for key in keys if f"`{key}`" not in page] == []


def test_the_catalogue_is_listed_with_its_numbers(planespec: Commands) -> None:
    answer = planespec("list")
    assert answer.code == 0
    assert "raft.bench" in answer.out
    assert (
        "4 requirements, 0 mutants, 14 known instances, no recording: planespec list raft.bench"
        in answer.out
    )
    assert max(map(len, answer.out.splitlines())) <= 120
    assert "12,662,535" in planespec("list", "raft.bench").out
    assert {model["name"] for model in json.loads(planespec("list", "--json").out)["models"]} >= {
        "raft.bench",
        "raft.election",
    }


def test_positions_are_those_of_the_checkout(planespec: Commands) -> None:
    answer = planespec("check", "raft.election", "--mutant", "vote_twice", "--engine", "python")
    assert answer.code == ExitCode.SAFETY
    assert ".pypath" not in answer.out
    assert "spec/raft/raft_requirements.py:" in answer.out


@pytest.mark.parametrize("engine", ENGINES)
def test_an_interrupted_search_prints_what_it_has(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    def press_ctrl_c(_: Teller, progress: Progress) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Teller, "__call__", press_ctrl_c)
    large = ("-c", "max_term=2", "-c", "max_msgs=3", "--engine", engine)
    answer = planespec("check", "raft.bench", *large)
    assert answer.code == ExitCode.INTERRUPTED
    assert "Unknown" in answer.out
    assert "(interrupted)" in answer.out
    assert "distinct states found" in answer.out
    assert answer.err == ""


NOTHING = '''
from planespec.checker.lang import Model, action, initial, require


class Nothing(Model):
    """A model that cannot begin."""

    x: bool = False

    @initial
    def start(self) -> None:
        """Never possible."""
        require(self.x)

    @action
    def go(self) -> None:
        """Go."""
        self.x = True
'''


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_without_initial_states_is_refused(planespec: Commands, engine: str) -> None:
    answer = planespec("check", planespec.write(NOTHING), "--engine", engine)
    assert answer.code == ExitCode.CONFIGURATION
    assert "has no initial state with these constants" in answer.err
    assert "no choice satisfies start" in answer.err


@pytest.mark.parametrize(
    "command",
    [
        ("check", "--engine", "symbolic", "--depth", "3"),
        ("simulate", "--walks", "3"),
        ("prove",),
        ("explore",),
        ("export", "--to", "dot"),
    ],
    ids=lambda command: command[0],
)
def test_no_command_judges_a_model_without_initial_states(
    planespec: Commands, command: tuple[str, ...]
) -> None:
    name, *options = command
    answer = planespec(name, planespec.write(NOTHING), *options)
    assert answer.code == ExitCode.CONFIGURATION
    assert "has no initial state with these constants" in answer.err


def test_what_was_too_large_for_a_short_try_is_compiled_at_once_the_next_time(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "PROBE_SECONDS", 60.0)
    monkeypatch.setattr(run, "PROBE_STATES", 5)
    tried: list[object] = []
    whole = reference.run

    def noted(instance: Instance, options: Options) -> Outcome:
        tried.append(instance.constants)
        return whole(instance, options)

    monkeypatch.setattr(reference, "run", noted)
    path = planespec.write(COUNTER)
    for limit, tries in ((8, 1), (8, 1), (2, 2), (2, 3)):
        answer = planespec("check", path, "-c", f"limit={limit}")
        assert answer.code == 0
        assert len(tried) == tries, limit
        assert ("engine native" in answer.out) == (limit == 8)
