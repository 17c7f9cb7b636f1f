"""`planespec report`: what it writes, that it is the same again, and that it can be resumed."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sample import ROOT, Made

from planespec.checker.errors import ExitCode
from planespec.reports.cli.main import run

InFolder = Callable[[], Made]


def texts(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_model_and_requirement_has_a_page_in_both_forms(made: Made) -> None:
    names = set(texts(made.pages))
    for stem in ("index", "models/broken", "requirements/broken.calm", "models/two_phase"):
        assert {f"{stem}.html", f"{stem}.md"} <= names
    assert {"junit.xml", "report.sarif", "index.json", "models/broken.json"} <= names
    assert (made.pages / "files.txt").read_text().split() == sorted(names - {"files.txt"})


def test_links_lead_to_pages_that_exist(made: Made) -> None:
    for name, text in texts(made.pages).items():
        links = re.findall(r'href="([^"#:]+)"', text) if name.endswith(".html") else []
        links += re.findall(r"\]\(([^)]+)\)", text) if name.endswith(".md") else []
        for link in links:
            assert (made.pages / name).parent.joinpath(link).is_file(), (name, link)


def test_pages_need_no_network(made: Made) -> None:
    for name, text in texts(made.pages).items():
        if name.endswith(".html"):
            assert not re.search(r"https?://", text), name
            assert '<link rel="stylesheet"' not in text
            assert "<script src" not in text


def test_what_a_model_says_is_escaped(made: Made) -> None:
    page = (made.pages / "models/broken.html").read_text(encoding="utf-8")
    assert "is broken &lt;at once&gt;" in page
    assert "<at once>" not in page


def test_the_same_report_is_current(
    in_folder: InFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert in_folder().again("--check") == ExitCode.HOLDS
    assert "are current" in capsys.readouterr().out


def test_a_page_that_was_edited_is_reported_with_a_diff(
    in_folder: InFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = in_folder()
    shutil.copytree(made.pages, tmp_path / "pages")
    page = tmp_path / "pages/models/broken.md"
    page.write_text(page.read_text(encoding="utf-8").replace("Violated", "Holds"), "utf-8")
    before = texts(tmp_path / "pages")
    arguments = ["report", *made.models, "-o", str(tmp_path / "pages"), "--check"]
    code = run([*arguments, "--run", str(made.folder / "answers")])
    assert code == ExitCode.SAFETY
    out = capsys.readouterr().out
    assert "models/broken.md (committed)" in out
    assert "-| peers=2    | native   | Holds" in out
    assert "+| peers=2    | native   | Violated" in out
    assert texts(tmp_path / "pages") == before, "--check writes nothing"


def test_a_saved_answer_is_not_asked_for_again(
    in_folder: InFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("an engine ran")

    monkeypatch.setattr("planespec.reports.pages.answers.check", refuse)
    assert in_folder().again("--check") == ExitCode.HOLDS


def test_a_changed_model_is_asked_anew(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (made.folder / "broken.py").read_text(encoding="utf-8")
    (tmp_path / "broken.py").write_text(text.replace("self.count[p] < 2", "self.count[p] < 1"))
    monkeypatch.chdir(tmp_path)
    arguments = ["report", "broken.py", "-o", "pages", "--run", str(made.folder / "answers")]
    assert run(arguments) == ExitCode.HOLDS
    assert "Violated" not in (tmp_path / "pages/models/broken.md").read_text(encoding="utf-8")


def test_another_process_with_another_hash_seed_writes_the_same_bytes(
    made: Made, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(made.folder / "broken.py", elsewhere)
    environment = os.environ | {"PYTHONPATH": str(ROOT / ".pypath"), "PYTHONHASHSEED": "4711"}
    command = [sys.executable, "-m", "planespec.reports.cli", "report", "broken.py", "-o", "pages"]
    for folder in (made.folder, elsewhere):
        target = ["--run", str(tmp_path / "answers" / folder.name), "--workers", "1"]
        output = folder / "pages" if folder is elsewhere else tmp_path / "pages"
        arguments = [*command[:-1], str(output), *target]
        subprocess.run(arguments, cwd=folder, env=environment, check=True, capture_output=True)
        environment["PYTHONHASHSEED"] = "1"
    assert texts(tmp_path / "pages") == texts(elsewhere / "pages")
    shared = {n: t for n, t in texts(made.pages).items() if n == "models/broken.json"}
    assert shared.items() <= texts(elsewhere / "pages").items()


def test_a_report_removes_its_own_old_pages_and_nothing_else(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made.folder)
    shutil.copytree(made.pages, tmp_path / "pages")
    mine = tmp_path / "pages/models/mine.html"
    mine.write_text("kept")
    arguments = ["report", "broken.py", "-o", str(tmp_path / "pages")]
    assert run([*arguments, "--run", str(made.folder / "answers")]) == ExitCode.HOLDS
    assert mine.read_text() == "kept"
    assert not list(tmp_path.glob("pages/models/*two_phase*"))


def test_constants_are_refused_for_several_models(
    in_folder: InFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert in_folder().again("-c", "peers=2") == ExitCode.CONFIGURATION
    assert "name exactly one MODEL" in capsys.readouterr().err


def test_a_run_folder_that_cannot_be_written_is_one_message(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(made.folder)
    (tmp_path / "file").write_text("")
    arguments = ["report", "broken.py", "-o", str(tmp_path / "pages")]
    assert run([*arguments, "--run", str(tmp_path / "file/below")]) == ExitCode.SYSTEM
    assert "Traceback" not in capsys.readouterr().err
