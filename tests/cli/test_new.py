"""`planespec new`: what it writes holds, its mutants die, its own tests pass, nothing is lost."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Commands

from planespec.checker.errors import ExitCode
from planespec.reports.new.scaffolds import KINDS, scaffold


def run_tests(folder: Path) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    command = [sys.executable, "-m", "pytest", "-q", str(folder)]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "kind", ["requirement", *(pytest.param(k, marks=pytest.mark.slow) for k in KINDS[:2])]
)
def test_the_tests_of_what_is_written_pass_in_an_empty_folder(
    kind: str, planespec: Commands, tmp_path: Path
) -> None:
    assert planespec("new", kind, "my_own", "--folder", tmp_path).code == ExitCode.HOLDS
    assert sorted(path.name for path in tmp_path.glob("*.py")) == ["my_own.py", "test_my_own.py"]
    done = run_tests(tmp_path)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_bears_its_own_name_alone(kind: str) -> None:
    texts = scaffold(kind, "my_own")
    for text in texts.values():
        assert "xample" not in text
        assert "EXAMPLE" not in text
    assert "class MyOwn(" in texts["my_own.py"]
    assert '"my_own.py"' in texts["test_my_own.py"]


def test_the_tests_of_what_is_written_notice_a_mutant_that_nothing_notices(
    planespec: Commands, tmp_path: Path
) -> None:
    planespec("new", "requirement", "room", "--folder", tmp_path)
    path = tmp_path / "room.py"
    path.write_text(path.read_text().replace("used <= state.room", "used <= state.room + 1"))
    done = run_tests(tmp_path)
    assert done.returncode == 1
    assert "test_a_mutant_is_noticed_in_some_instance[unchecked]" in done.stdout


@pytest.mark.parametrize("there", ["lock.py", "test_lock.py"])
def test_nothing_that_is_there_is_written_over(
    there: str, planespec: Commands, tmp_path: Path
) -> None:
    (tmp_path / there).write_text("mine")
    answer = planespec("new", "model", "lock", "--folder", tmp_path)
    assert answer.code == ExitCode.CONFIGURATION
    assert f"{there} is there already" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Lock", "'Lock' is no name of a Python module"),
        ("a-b", "'a-b' is no name of a Python module"),
        ("class", "'class' is no name of a Python module"),
        ("../lock", "'../lock' is no name of a Python module"),
        ("enum", "enum.py would hide a module"),
        ("pytest", "pytest.py would hide a module"),
        ("test_lock", "pytest would take test_lock.py for tests"),
        ("lock_test", "pytest would take lock_test.py for tests"),
    ],
)
def test_a_name_that_does_not_fit_is_refused(
    name: str, said: str, planespec: Commands, tmp_path: Path
) -> None:
    answer = planespec("new", "controller", name, "--folder", tmp_path)
    assert answer.code == ExitCode.CONFIGURATION
    assert said in answer.err
    assert list(tmp_path.iterdir()) == []
