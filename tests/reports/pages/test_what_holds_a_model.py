"""Pages and lists say which recorded answers hold a model, or that none do."""

import html
import json
import re
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode
from planespec.reports.cli.main import run

MODELS = '''
"""Two lamps."""
from planespec.checker.lang import Model, action, invariant, no_recording, recording, require

class Lamp(Model):
    """A lamp goes on once."""
    lit: bool = False
    deadlock = False

    @action
    def light(self) -> None:
        """It goes on."""
        require(not self.lit)
        self.lit = True

    @invariant
    def is_a_lamp(self) -> bool:
        """It is on or off."""
        return self.lit or not self.lit

class Held(Lamp):
    """A lamp that was recorded."""
    held_to = [
        recording("recorded/lamp.jsonl", cases=1_200, of="lampd 2.0", part="when it is lit",
                  test="tests/test_lamp.py::test_same", through="lamps.rules", conform="lamp",
                  kinds=("on", "off")),
        recording("recorded/old.jsonl", cases=34, of="lampd 1.0", part="the end",
                  test="tests/test_lamp.py::test_old"),
    ]

class Alone(Lamp):
    """A lamp that was not."""
    held_to = no_recording("no such lamp is built")
'''
FACTS = (
    "1,200 answers of lampd 2.0: when it is lit",
    "34 answers of lampd 1.0: the end",
    "planespec conform lamp recorded/lamp.jsonl",
    "lamps.rules",
    "tests/test_lamp.py::test_same",
    "on, off",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "lamps.py").write_text(MODELS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANESPEC_CACHE", str(tmp_path / "cache"))
    return tmp_path


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["list", *arguments]) == ExitCode.HOLDS
    return capsys.readouterr().out


def test_the_list_names_every_recording(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = listed(capsys, "lamps.py:Held")
    assert [fact for fact in FACTS if fact not in out] == []
    (model,) = json.loads(listed(capsys, "lamps.py:Held", "--json"))["models"]
    assert [each["cases"] for each in model["held_to"]["recordings"]] == [1_200, 34]
    assert (model["held_to"]["cases"], model["held_to"]["because"]) == (1_234, "")


def test_the_list_says_that_there_is_none_or_that_nothing_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "    no recording: no such lamp is built\n" in listed(capsys, "lamps.py:Alone")
    assert "held to" not in listed(capsys, "lamps.py:Lamp")
    (model,) = json.loads(listed(capsys, "lamps.py:Lamp", "--json"))["models"]
    assert model["held_to"] is None


def test_the_catalogue_counts_the_answers(capsys: pytest.CaptureFixture[str]) -> None:
    lines = listed(capsys).splitlines()
    (store,) = [line for line in lines if line.endswith("planespec list etcd.store")]
    assert "held in part to 7,399 answers" in store
    (bench,) = [line for line in lines if line.endswith("planespec list raft.bench")]
    assert "no recording" in bench


def test_every_form_of_the_page_says_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"lamps.py:{name}" for name in ("Held", "Alone", "Lamp")]
    assert run(["report", *names, "-o", "pages"]) == ExitCode.HOLDS
    pages = {
        path.name: html.unescape(re.sub(r"<[^>]*>|​", "", path.read_text(encoding="utf-8")))
        for path in (folder / "pages" / "models").iterdir()
    }
    for form in ("html", "md"):
        held = pages[f"lamps-Held.{form}"]
        assert [fact for fact in FACTS if fact not in held] == []
        assert "No recording: no such lamp is built." in pages[f"lamps-Alone.{form}"]
        assert "Held to" in held
        assert "Held to" not in pages[f"lamps-Lamp.{form}"]
    document = json.loads((folder / "pages/models/lamps-Held.json").read_text(encoding="utf-8"))
    assert document["held_to"]["cases"] == 1_234
