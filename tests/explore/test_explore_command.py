"""`explore`: stepping, asking why, saving; from a script, from standard input, for programs."""

import io
import json
import sys
from pathlib import Path

import pytest
from commands import COUNTER, Answer, Commands

from planespec.checker.errors import ExitCode
from planespec.reports.explore.session import Session

TESTS = Path(__file__).resolve().parents[1]
GUARDS = '''
"""Guards of several kinds."""
from typing import Annotated
from planespec.checker.lang import Model, Range, Size, action, among, choose, require

class Guards(Model):
    """One action for each way not to be enabled."""
    deadlock = False
    x: Annotated[int, Range(0, 3)] = 0
    seen: set[Annotated[int, Range(0, 3)]] = set()

    def is_large(self, limit: Annotated[int, Range(0, 3)]) -> bool:
        """Whether x is at least a limit."""
        return self.x >= limit

    @action
    def both(self, n: Annotated[int, Range(0, 3)]) -> None:
        """Two conditions."""
        require(n > 1 and self.is_large(n))
        self.x = 0

    @action
    def pick(self) -> None:
        """A choice among nothing."""
        self.x = choose(self.seen)

    @action
    def drop(self, n: Annotated[int, Range(0, 3)] = among("seen")) -> None:
        """A parameter that ranges over nothing."""
        self.seen.remove(n)

    @action
    def over(self, n: Annotated[int, Range(2, 3)]) -> None:
        """It leaves the range from x = 1 on."""
        require(n == 2 or self.x == 3)
        self.x += n
'''
PROMISE = COUNTER.replace(
    "    @reachable",
    '''    @eventually
    def done(self) -> bool:
        """The limit is reached in the end."""
        return self.count == self.limit

    @reachable''',
).replace("invariant, mutant", "eventually, invariant, mutant")
DEADLOCK = COUNTER.replace("deadlock = False", "deadlock = True")


def explore(
    planespec: Commands, model: str | Path, *lines: str, options: tuple[str, ...] = ()
) -> Answer:
    planespec.write("\n".join(lines) + "\n", "script.txt")
    return planespec("explore", model, "--script", "script.txt", *options)


def test_a_step_shows_what_it_changed_and_what_is_enabled_then(planespec: Commands) -> None:
    answer = explore(planespec, planespec.write(COUNTER), "1")
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "State 0: initial",
        "    count = 0",
        "    idle = False",
        "   1  up()",
        "        count: 0 -> 1",
        "> 1",
        "State 1: up()",
        "    count: 0 -> 1",
        "   1  up()",
        "        count: 1 -> 2",
    ]


def test_a_violation_is_shown_before_the_step_and_after_it(planespec: Commands) -> None:
    path = planespec.write(COUNTER)
    options = ("--mutant", "runaway", "-c", "limit=1")
    answer = explore(planespec, path, "1", "1", options=options)
    before, after = answer.out.split("State 2: up()")
    assert "1  up()  breaks within_limit" in before
    assert "breaks within_limit (The count stays within the limit), counter.py:" in after
    assert "full holds here: The limit is reached." in before


def test_back_and_restart_take_steps_back(planespec: Commands) -> None:
    lines = ("1", "1", "1", "back 2", "trace", "restart", "trace")
    answer = explore(planespec, planespec.write(COUNTER), *lines)
    first, second = answer.out.split("> restart")
    assert first.split("> trace\n")[1] == "State 0: initial\nState 1: up()\n"
    assert second.split("> trace\n")[1] == "State 0: initial\n"


def test_a_deadlock_is_shown(planespec: Commands) -> None:
    answer = explore(planespec, planespec.write(DEADLOCK), "1", "1", "1")
    assert "no action is enabled" in answer.out
    assert "breaks deadlock" in answer.out


def test_why_names_the_guard_its_place_and_the_part_that_is_false(planespec: Commands) -> None:
    path = planespec.write(GUARDS, "guards.py")
    line = GUARDS.splitlines().index("        require(n > 1 and self.is_large(n))") + 1
    answer = explore(planespec, path, "why both")
    asked = answer.out.split("> why both\n")[1].splitlines()
    assert asked == [
        f"guards.py:{line}:9: require(n > 1 and self.is_large(n)) is false",
        "    for both(n=0): n > 1 is false",
        "    for both(n=1): n > 1 is false",
        "    for both(n=2): self.is_large(n) is false",
        "    for both(n=3): self.is_large(n) is false",
    ]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("pick", "choose(self.seen) has nothing to choose from"),
        ("drop", "drop has no instance: seen has no members"),
        ("over", "over is enabled for 1 instance"),
    ],
)
def test_why_tells_other_ways_not_to_be_enabled(
    planespec: Commands, action: str, words: str
) -> None:
    answer = explore(planespec, planespec.write(GUARDS, "guards.py"), f"why {action}")
    assert words in answer.out


def test_why_does_not_change_the_state(planespec: Commands) -> None:
    lines = ("1", "state", "why over", "state")
    answer = explore(planespec, planespec.write(GUARDS, "guards.py"), *lines)
    _, first, second = answer.out.split("> state\n")
    assert first.split("> why over\n")[0] == second


def test_a_step_that_goes_wrong_is_named_and_cannot_be_taken(planespec: Commands) -> None:
    answer = explore(planespec, planespec.write(GUARDS, "guards.py"), "1", "why over", "2")
    assert "goes wrong: x = 4 leaves 0..3" in answer.out
    assert answer.code == ExitCode.CONFIGURATION
    assert "script.txt:3: step 2 goes wrong" in answer.err


def test_find_searches_the_state_and_the_enabled_steps(planespec: Commands) -> None:
    answer = explore(planespec, "raft.election", "1", "find candidate", "find nowhere")
    found = answer.out.split("> find candidate\n")[1]
    assert "role = {server0: CANDIDATE" in found
    assert "FOLLOWER -> CANDIDATE" in found
    assert "nothing here contains nowhere" in found


def test_what_was_saved_can_be_replayed(planespec: Commands) -> None:
    path = planespec.write(COUNTER)
    options = ("--mutant", "runaway", "-c", "limit=1")
    saved = explore(planespec, path, "1", "save one.json", "1", "save two.json", options=options)
    assert "one.json: 1 step\n" in saved.out
    assert planespec("replay", "one.json").code == 0
    again = planespec("replay", "two.json")
    assert again.code == ExitCode.SAFETY
    assert "Violated within_limit" in again.out


def test_several_initial_states_are_chosen_among(planespec: Commands) -> None:
    model = f"{TESTS}/engines/toys/corners.py:ManyStarts"
    answer = explore(planespec, model, "2", "trace")
    assert answer.out.startswith("choose an initial state\n")
    assert "State 0: " in answer.out.split("> trace\n")[1]


WRONG = {
    "an unknown command": ("dance", "no command"),
    "an unknown step": ("7", "there are steps from 1 to 1"),
    "an unknown action": ("why fly", "the actions are up, never"),
    "nothing to take back": ("back", "no step to take back"),
    "back by a word": ("back far", "expected a number"),
    "nothing to find": ("find", "`find TEXT`"),
    "nowhere to save": ("save", "`save FILE`"),
    "a folder that is not there": ("save no/where.json", "cannot be written"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_script_ends_at_a_command_that_cannot_be_carried_out(
    planespec: Commands, case: str
) -> None:
    line, expected = WRONG[case]
    answer = explore(planespec, planespec.write(COUNTER), "# a comment", "", line, "1")
    assert answer.code == ExitCode.CONFIGURATION
    assert "script.txt:3: " in answer.err
    assert expected in answer.err
    assert "State 1" not in answer.out


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_standard_input_goes_on_after_a_command_that_cannot_be_carried_out(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "dance\n1\nquit\n1\n")
    answer = planespec("explore", planespec.write(COUNTER))
    assert answer.code == 0
    assert "'dance' is no command" in answer.out
    assert "State 1: up()" in answer.out
    assert "State 2" not in answer.out


def test_the_end_of_the_input_ends_the_session(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "1")
    answer = planespec("explore", planespec.write(COUNTER))
    assert answer.code == 0
    assert answer.err == ""


def test_ctrl_c_exits_with_130_and_says_how_far_it_was(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = Session.take

    def press_ctrl_c(self: Session, option: object) -> None:
        if self.steps == 2:
            raise KeyboardInterrupt
        taken(self, option)  # type: ignore[arg-type]

    path = planespec.write(COUNTER)
    monkeypatch.setattr(Session, "take", press_ctrl_c)
    typed(monkeypatch, "1\n1\n1\n1\n")
    answer = planespec("explore", path)
    assert answer.code == ExitCode.INTERRUPTED
    assert answer.out.endswith("interrupted after 2 steps\n")


def test_a_program_gets_a_valid_document_for_each_answer(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="`pip install .[test]` brings it")
    schema = json.loads((TESTS / "schemas" / "explore.schema.json").read_text(encoding="utf-8"))
    typed(monkeypatch, "1\ndance\n1\n")
    path = planespec.write(COUNTER)
    answer = planespec("explore", path, "--json", "--mutant", "runaway", "-c", "limit=1")
    documents = [json.loads(line) for line in answer.out.splitlines()]
    for document in documents:
        jsonschema.Draft202012Validator(schema).validate(document)
    assert [document["state"] for document in documents] == [0, 1, 1, 2]
    assert "no command" in documents[2]["refused"]
    assert documents[1]["enabled"][0]["breaks"]["property"] == "within_limit"
    assert documents[3]["breaks"][0]["property"] == "within_limit"
    page = (TESTS.parent / "docs" / "json.md").read_text()
    assert [key for key in documents[0] if f"`{key}`" not in page] == []


def test_promises_cannot_be_asked_for(planespec: Commands) -> None:
    answer = planespec("explore", planespec.write(PROMISE), "--requirement", "done")
    assert answer.code == ExitCode.CONFIGURATION
    assert "`planespec check` judges promises" in answer.err
