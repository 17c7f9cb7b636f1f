"""Reports about models with a deadlock, an error, an unreached state, a broken promise."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_report_schemas import load, validate

from planespec.checker.errors import ExitCode
from planespec.reports.cli.main import run

ODD = '''
from typing import Annotated
from planespec.checker.lang import Model, Range, action, eventually, mutant, reachable, require

class Dead(Model):
    """Stops."""
    x: Annotated[int, Range(0, 3)] = 0
    other: bool = mutant("Nothing else.")

    @action
    def up(self) -> None:
        """Up."""
        require(self.x < 3)
        self.x += 1

class Wrong(Model):
    """Leaves its range."""
    deadlock = False
    x: Annotated[int, Range(0, 3)] = 0

    @action
    def up(self) -> None:
        """Up."""
        self.x += 1

class Unreached(Model):
    """Never far."""
    deadlock = False
    x: Annotated[int, Range(0, 3)] = 0

    @action
    def up(self) -> None:
        """Up."""
        require(self.x < 2)
        self.x += 1

    @reachable
    def far(self) -> bool:
        """Far."""
        return self.x == 3

class Live(Model):
    """Goes round."""
    deadlock = False
    x: Annotated[int, Range(0, 3)] = 0

    @action
    def up(self) -> None:
        """Up."""
        self.x = (self.x + 1) % 3

    @eventually
    def far(self) -> bool:
        """Far."""
        return self.x == 3
'''
CASES = {
    "Dead": ("deadlock", "failure", "to a deadlock"),
    "Wrong": ("model error", "error", "x = 4 leaves 0..3"),
    "Unreached": ("unreached", "failure", "No reachable state has <code>far</code>"),
    "Live": ("liveness", "failure", "repeated from state"),
}


def make(folder: Path, monkeypatch: pytest.MonkeyPatch, model: str) -> Path:
    (folder / "odd.py").write_text(ODD, encoding="utf-8")
    monkeypatch.chdir(folder)
    assert run(["report", f"odd.py:{model}", "-o", "pages", "--run", "answers"]) == ExitCode.HOLDS
    return folder / "pages"


@pytest.mark.parametrize("model", CASES)
def test_every_form_says_what_is_wrong(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, tag, words = CASES[model]
    pages = make(tmp_path, monkeypatch, model)
    document = load(pages / f"models/odd-{model}.json")
    validate("report", document)
    answers = document["instances"][0]["answers"]
    assert {answer["violation"]["kind"] for answer in answers} == {kind}
    assert words in (pages / f"models/odd-{model}.html").read_text(encoding="utf-8")
    root = ElementTree.parse(pages / "junit.xml").getroot()
    assert len(root.findall(f".//{tag}")) == len(answers)
    sarif = json.loads((pages / "report.sarif").read_text(encoding="utf-8"))
    validate("sarif-2.1.0", sarif)
    assert [r for r in sarif["runs"][0]["results"] if r["level"] == "error"]


def test_mutants_are_not_asked_what_the_model_breaks_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = load(make(tmp_path, monkeypatch, "Dead") / "models/odd-Dead.json")
    (mutant,) = document["mutants"]
    assert mutant["requirements"] == {}
    assert mutant["fate"] == "unknown"


def test_an_interrupt_keeps_the_answers_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from planespec.reports.pages import answers

    check = answers.check_all
    asked: list[str] = []

    def interrupted(instance: object, engine: str, options: object) -> object:
        asked.append(engine)
        if engine == "python":
            raise KeyboardInterrupt
        return check(instance, engine, options)  # type: ignore[arg-type]

    (tmp_path / "odd.py").write_text(ODD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(answers, "check_all", interrupted)
    command = ["report", "odd.py:Live", "-o", "pages", "--run", "answers"]
    assert run(command) == ExitCode.INTERRUPTED
    assert "1 new answer, 0 found; all are kept in answers" in capsys.readouterr().err
    assert list((tmp_path / "pages").iterdir()) == []
    monkeypatch.setattr(answers, "check_all", check)
    assert asked == ["native", "python"]
    assert run(command) == ExitCode.HOLDS
    told = capsys.readouterr().err
    assert "engine python" in told
    assert "engine native" not in told
