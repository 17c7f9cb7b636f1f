"""What is wrong has the same headline and reason in text, JUnit and SARIF, and no form its own."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from planespec.checker.errors import ExitCode
from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.outcome import Verdict, ViolationKind
from planespec.reports.cli.main import run
from planespec.reports.mutation import Fate, fate_of, fate_over
from planespec.reports.pages.answers import shown_violation
from planespec.reports.pages.proofs import proof_document
from planespec.reports.text.proof_text import exit_code_of_proofs, verdict_of_proofs
from planespec.reports.text.verdicts import least_known, most_known

MODELS = '''
from typing import Annotated
from planespec.checker.lang import Fairness, Model, Range, action, eventually, invariant
from planespec.checker.lang import mutant, reachable, require

class Up(Model):
    """Counts up."""
    deadlock = False
    x: Annotated[int, Range(0, 3)] = 0

    @action(fair=Fairness.WEAK)
    def up(self) -> None:
        """Up."""
        require(self.x < 2)
        self.x += 1

class Small(Up):
    """Should stay small."""
    @invariant
    def small(self) -> bool:
        """At most 1."""
        return self.x <= 1

class Dead(Up):
    """Ends."""
    deadlock = True

class Wrong(Up):
    """Leaves its range."""
    @action
    def jump(self) -> None:
        """Too far."""
        self.x += 3

class Unreached(Up):
    """Never far."""
    @reachable
    def far(self) -> bool:
        """Far."""
        return self.x == 3

class Live(Up):
    """Never ends far."""
    @eventually
    def far(self) -> bool:
        """Far."""
        return self.x == 3

class Alive(Up):
    """Has a mutant that nothing notices."""
    lame: bool = mutant("It counts no further than 1.")

    @invariant
    def small(self) -> bool:
        """At most 2."""
        return self.x <= 2

    @action
    def back(self) -> None:
        """Down."""
        require(self.lame and self.x > 0)
        self.x -= 1
'''
SAID = {
    "Small": ("Violated small", "At most 1."),
    "Dead": ("Violated, deadlock", "the last state has no successor"),
    "Wrong": ("Violated, model error", "x = 4 leaves 0..3"),
    "Unreached": ("Violated, no reachable state has far", "Far."),
    "Live": ("Violated far", "Far."),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "up.py").write_text(MODELS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("model", SAID)
def test_text_junit_and_sarif_say_it_in_the_same_words(
    model: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    headline, reason = SAID[model]
    run(["check", f"up.py:{model}"])
    text = capsys.readouterr().out
    assert f"up.py:{model}: {headline}" in text
    assert reason.rstrip(".") in text or model == "Unreached"
    assert run(["report", f"up.py:{model}", "-o", "pages", "--run", "a"]) == ExitCode.HOLDS
    root = ElementTree.parse(folder / "pages/junit.xml").getroot()
    ends = [end.get("message", "") for tag in ("failure", "error") for end in root.iter(tag)]
    assert ends
    assert all(end.startswith(f"{headline}: {reason}") for end in ends)
    assert all(("(after" in end) == (model != "Unreached") for end in ends)
    sarif = json.loads((folder / "pages/report.sarif").read_text(encoding="utf-8"))
    (said,) = {r["message"]["text"] for r in sarif["runs"][0]["results"] if r["kind"] == "fail"}
    # A claim has its own rule in SARIF, which names it; its result says the verdict and the bound.
    claimed = model in ("Small", "Live")
    assert reason in said
    assert said.startswith(
        f"Violated in up.py:{model}" if claimed else f"up.py:{model}: {headline}"
    )


def test_the_symbolic_engine_calls_no_mutant_a_survivor(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["mutate", "up.py:Alive"]
    assert run(asked) == ExitCode.SAFETY
    assert "survived: lame" in capsys.readouterr().out
    assert run([*asked, "--engine", "symbolic", "--depth", "2"]) == ExitCode.UNKNOWN
    assert "undecided: lame" in capsys.readouterr().out


def test_a_mutant_dies_when_it_is_noticed_and_survives_when_all_was_asked() -> None:
    assert fate_of("native", Verdict.UNKNOWN, None) is Fate.UNKNOWN
    assert fate_of("native", Verdict.HOLDS, None) is Fate.SURVIVED
    assert fate_of("symbolic", Verdict.HOLDS, None) is Fate.UNKNOWN
    assert fate_of("symbolic", Verdict.VIOLATED, ViolationKind.STEP) is Fate.KILLED
    assert fate_of("native", Verdict.VIOLATED, ViolationKind.ERROR) is Fate.ERROR
    assert fate_over([Fate.SURVIVED, Fate.UNKNOWN, Fate.ERROR]) is Fate.KILLED
    assert fate_over([Fate.SURVIVED, Fate.UNKNOWN]) is Fate.UNKNOWN
    assert fate_over([Fate.SURVIVED]) is Fate.SURVIVED
    assert fate_over([]) is Fate.UNKNOWN, "nothing was asked"


def test_over_instances_the_least_counts_and_over_engines_the_most() -> None:
    assert least_known(["Holds", "Unknown", "Proved"]) == "Unknown"
    assert least_known(["Proved", "Holds"]) == "Holds"
    assert most_known(["Unknown", "Proved", "Holds"]) == "Proved"
    assert most_known(["Proved", "Violated"]) == "Violated"
    assert least_known([]) == most_known([]) == "Unknown"


def test_proofs_that_find_a_counterexample_tell_it(folder: Path) -> None:
    instance = Instance(load_model("up.py:Small"))
    answer = proof_document("up.py:Small", instance, shown_violation)
    assert (answer.verdict, answer.exit_code, answer.complete) == ("Violated", 12, False)
    assert answer.verdict_on("small") == "Violated"
    assert answer.violation is not None
    assert answer.violation.steps == 2
    assert verdict_of_proofs([]) is Verdict.UNKNOWN
    assert exit_code_of_proofs([]) is ExitCode.UNKNOWN
