"""What an instance leaves out is not applicable, in every form of an answer: it never holds."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import Commands
from test_report_schemas import load, validate

from planespec.checker.errors import ExitCode
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.show import show
from planespec.checker.load import load_model
from planespec.reports.cli.main import run
from planespec.reports.pages.saving import key

DOORS = '''
from typing import Annotated
from planespec.checker.lang import (
    Model, Range, action, constant, invariant, mutant, only, reachable, require,
)

class Doors(Model):
    """Doors, and a lock where there is one."""
    lock: bool = constant(default=False)
    deadlock = False
    open: bool = False
    locked: bool = only(False, when="lock")
    careless: bool = mutant("Locks an open door.", when="lock")
    loose: bool = mutant("A lock opens by itself.")
    hasty: bool = mutant("An open door opens.")

    @action
    def move(self) -> None:
        """Open or close."""
        if self.lock:
            require(not self.locked or self.loose)
        require(self.hasty or not self.open)
        self.open = not self.open

    @action(when="lock")
    def turn(self) -> None:
        """Turn the lock."""
        require(not self.open or self.careless)
        self.locked = not self.locked

    @invariant(when="lock")
    def shut_when_locked(self) -> bool:
        """A locked door is shut."""
        return not self.locked or not self.open

    @invariant
    def always(self) -> bool:
        """A door is open or shut."""
        return self.open or not self.open

    @reachable(when="lock")
    def is_locked(self) -> bool:
        """The door is locked."""
        return self.locked
'''
REASON = "exists only when lock"


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "doors.py").write_text(DOORS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["report", "doors.py:Doors", "-o", "pages", "--run", "answers"]) == ExitCode.HOLDS
    return tmp_path / "pages"


def test_junit_skips_it_with_the_reason(pages: Path) -> None:
    root = ElementTree.parse(pages / "junit.xml").getroot()
    ends = {
        case.get("name", ""): (case[0].tag, case[0].get("message")) if len(case) else None
        for case in root.iter("testcase")
    }
    skipped = ("skipped", f"not applicable: {REASON}")
    assert ends["shut_when_locked A locked door is shut."] == skipped
    assert ends["is_locked is reachable"] == skipped
    assert ends["careless is killed"] == skipped
    assert ends["always A door is open or shut."] is None
    validate("report", load(pages / "models/doors-Doors.json"))
    validate("report-index", load(pages / "index.json"))


def test_sarif_finds_nothing_wrong_with_what_does_not_apply(pages: Path) -> None:
    log = load(pages / "report.sarif")
    validate("sarif-2.1.0", log)
    results = log["runs"][0]["results"]
    assert {r["kind"] for r in results} <= {"fail", "open"}
    assert "doors.py:Doors/shut_when_locked" not in {r["ruleId"] for r in results}
    assert not [r for r in results if "careless" in r["message"]["text"]]


def test_pages_say_when_it_exists(pages: Path) -> None:
    for end in ("md", "html"):
        model = (pages / f"models/doors-Doors.{end}").read_text("utf-8")
        assert f"not applicable: {REASON}" in model
        assert "1 not applicable" in (pages / f"index.{end}").read_text("utf-8")
        (claim,) = pages.glob(f"requirements/*shut_when_locked.{end}")
        text = claim.read_text("utf-8")
        assert "lock" in text
        assert "not applicable" in text
        assert "Holds" not in text.partition("Evidence")[0]
    document = load(pages / "models/doors-Doors.json")
    verdicts = {c["id"]: (c["verdict"], c["evidence"] != []) for c in document["requirements"]}
    assert verdicts == {"always": ("Holds", True), "shut_when_locked": ("not applicable", False)}
    fates = {m["name"]: (m["fate"], m["reason"]) for m in document["mutants"]}
    assert fates["careless"] == ("not applicable", REASON)
    assert fates["loose"] == ("survived", "")


def test_text_and_json_name_it_and_its_condition(planespec: Commands) -> None:
    path = planespec.write(DOORS)
    answer = planespec("check", path)
    assert answer.code == ExitCode.HOLDS
    words = "not applicable: shut_when_locked (only when lock), is_locked (only when lock)"
    assert words in answer.out
    assert "is_locked reached" not in answer.out
    document = json.loads(planespec("check", path, "--json").out)
    assert document["not_applicable"] == {"shut_when_locked": REASON, "is_locked": REASON}
    assert [c["id"] for c in document["requirements"]] == ["always"]
    assert document["reached"] == {}
    on = json.loads(planespec("check", path, "-c", "lock=true", "--json").out)
    assert on["not_applicable"] == {}
    assert on["reached"] == {"is_locked": 1}


@pytest.mark.parametrize("command", ["check", "simulate", "prove", "vacuity"])
def test_commands_do_not_judge_it_when_asked(command: str, planespec: Commands) -> None:
    path = planespec.write(DOORS)
    answer = planespec(command, path, "--requirement", "shut_when_locked")
    assert answer.code == ExitCode.CONFIGURATION
    assert f"shut_when_locked is not applicable: it {REASON}" in answer.err
    whole = planespec(
        command, path, "--json", *(["--walks", "3"] if command == "simulate" else [])
    )
    assert json.loads(whole.out)["not_applicable"]["shut_when_locked"] == REASON


def test_a_mutant_of_what_is_off_is_not_asked_about(planespec: Commands) -> None:
    path = planespec.write(DOORS)
    answer = planespec("mutate", path)
    assert "0 of 2 mutants killed" in answer.out
    assert f"not applicable: careless ({REASON})" in answer.out
    assert "survived: careless" not in answer.out
    rows = {r["mutant"]: r for r in json.loads(planespec("mutate", path, "--json").out)["mutants"]}
    assert rows["careless"]["fate"] == "not applicable"
    assert rows["careless"]["requirements"] == {}
    assert planespec("check", path, "--mutant", "careless").code == ExitCode.CONFIGURATION
    on = planespec("mutate", path, "-c", "lock=true")
    assert "careless" in on.out
    assert "2 of 3 mutants killed" in on.out


def test_a_model_none_of_whose_mutants_applies_says_so(planespec: Commands) -> None:
    text = DOORS.replace('"A lock opens by itself."', '"A lock opens by itself.", when="lock"')
    text = text.replace('    hasty: bool = mutant("An open door opens.")\n', "")
    path = planespec.write(text.replace("self.hasty or ", "True or "))
    answer = planespec("mutate", path)
    assert answer.code == ExitCode.CONFIGURATION
    assert f"no mutant of {path} is applicable: careless {REASON}" in answer.err


def test_the_list_names_the_conditions(planespec: Commands) -> None:
    path = planespec.write(DOORS)
    text = planespec("list", path).out
    assert "shut_when_locked: A locked door is shut. (only when lock)" in text
    assert "careless: Locks an open door. (only when lock)" in text
    (model,) = json.loads(planespec("list", path, "--json").out)["models"]
    assert {c["id"]: c["when"] for c in model["requirements"]}["is_locked"] == "lock"


def test_a_model_whose_properties_are_all_left_out_claims_some(planespec: Commands) -> None:
    head, _, rest = DOORS.partition("    @invariant\n    def always")
    path = planespec.write(head + rest[rest.index("    @reachable") :])
    answer = planespec("check", path)
    assert answer.code == ExitCode.HOLDS
    assert "no property of Doors is applicable" in answer.out
    assert "claims no property" not in answer.out


PART = '''
from planespec.checker.lang import Model, constant, reachable

class Part(Model):
    """Claims something under a condition."""
    lock: bool = constant(default=False)
    open: bool = False

    @reachable(when="CONDITION")
    def is_open(self) -> bool:
        """The door is open."""
        return self.open
'''
WHOLE = '''
from part_of_doors import Part
from planespec.checker.lang import action

class Whole(Part):
    """Moves."""

    @action
    def move(self) -> None:
        """Open or close."""
        self.open = not self.open
'''


def test_a_kept_answer_is_one_about_the_same_conditions(tmp_path: Path) -> None:
    part, model = tmp_path / "part_of_doors.py", tmp_path / "whole.py"
    model.write_text(WHOLE, encoding="utf-8")
    keys = []
    for condition in ("lock", "lock and True"):
        part.write_text(PART.replace("CONDITION", condition), encoding="utf-8")
        sys.modules.pop("part_of_doors", None)
        instance = Instance(load_model(str(model)))
        assert instance.not_applicable["is_open"].when == condition
        keys.append((key(instance, "everything"), show(compile_system(instance))))
    sys.modules.pop("part_of_doors", None)
    assert keys[0][1] == keys[1][1]
    assert keys[0][0] != keys[1][0]
