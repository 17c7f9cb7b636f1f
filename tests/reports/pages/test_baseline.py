"""`planespec baseline`: drift of verdicts and counts is a diff and exit code 12."""

import json
import shutil
from pathlib import Path

import pytest
from sample import BROKEN, ROOT
from test_report_schemas import validate

from planespec.checker.errors import ExitCode
from planespec.reports.cli.main import run

LOCK = "planespec.lock.json"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(ROOT / "tests/models/peterson.py", tmp_path)
    monkeypatch.setenv("PLANESPEC_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_baseline_that_was_written_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["baseline", "peterson.py", "--update"]) == ExitCode.HOLDS
    assert run(["baseline"]) == ExitCode.HOLDS
    assert "1 instance of 1 model, all as committed" in capsys.readouterr().out


def test_a_baseline_holds_what_is_known_of_peterson(folder: Path) -> None:
    assert run(["baseline", "peterson.py", "--update"]) == ExitCode.HOLDS
    document = json.loads((folder / LOCK).read_text())
    validate("baseline", document)
    (line,) = document["models"]["peterson.py"]
    assert (line["distinct"], line["generated"], line["depth"]) == (42, 77, 11)
    assert line["actions"]["enter"] == "6 generated, 2 new"


def test_drift_is_a_diff(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["baseline", "peterson.py", "--update"]) == ExitCode.HOLDS
    lock = (folder / LOCK).read_text()
    model = folder / "peterson.py"
    text = model.read_text().replace("calm or self.turn == p or self.no_flag", "calm")
    model.write_text(text)
    assert run(["baseline"]) == ExitCode.SAFETY
    out = capsys.readouterr().out
    assert '-    "verdict": "Holds"' in out
    assert '+    "verdict": "Violated"' in out
    assert (folder / LOCK).read_text() == lock, "comparing writes nothing"


def test_a_model_that_is_not_in_the_file_is_drift(capsys: pytest.CaptureFixture[str]) -> None:
    (Path.cwd() / "broken.py").write_text(BROKEN)
    assert run(["baseline", "broken.py", "--update"]) == ExitCode.HOLDS
    assert run(["baseline", "peterson.py"]) == ExitCode.SAFETY
    assert "--update" in capsys.readouterr().out


def test_without_a_file_there_is_nothing_to_compare_with(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["baseline"]) == ExitCode.CONFIGURATION
    assert capsys.readouterr().err == (
        f"planespec: {LOCK}: there is no such file; --update writes it\n"
    )
    assert not (folder / LOCK).exists()


def test_an_update_of_one_model_keeps_the_others(folder: Path) -> None:
    (folder / "broken.py").write_text(BROKEN)
    assert run(["baseline", "peterson.py", "--update"]) == ExitCode.HOLDS
    assert run(["baseline", "broken.py", "--update"]) == ExitCode.HOLDS
    models = json.loads((folder / LOCK).read_text())["models"]
    assert list(models) == ["broken.py", "peterson.py"]
    assert models["broken.py"][0]["violated"] == "calm"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": "other", "models": {}}', "\x00"])
def test_a_file_that_is_no_baseline_is_refused(
    folder: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / LOCK).write_text(text)
    assert run(["baseline", "peterson.py"]) == ExitCode.PARSE
    assert LOCK in capsys.readouterr().err
