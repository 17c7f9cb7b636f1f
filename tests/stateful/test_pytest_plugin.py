"""`pytest --planespec` as a new user meets it: an empty folder, one model file."""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

LOCK = '''
from planespec.checker.lang import (
    Array, Domain, Model, Sort, action, each, invariant, mutant, require, sort,
)


class Client(Sort):
    """A client."""


class Lock(Model):
    """A lock."""

    clients: Domain[Client] = sort(2)
    careless: bool = mutant("It does not look.")
    harmless: bool = mutant("It changes nothing.")
    holds: Array[Client, bool] = each(False)

    @action
    def take(self, c: Client) -> None:
        """Take it."""
        require(not self.holds[c])
        require(SWITCH or not any(self.holds[d] for d in self.clients))
        self.holds[c] = True

    @action
    def release(self, c: Client) -> None:
        """Give it back."""
        require(self.holds[c])
        self.holds[c] = False

    @invariant
    def one_holder(self) -> bool:
        """At most one client has it."""
        return sum(1 for c in self.clients if self.holds[c]) <= 1
'''
KNOWN_TO_HYPOTHESIS = Path(__file__).parents[2] / ".hypothesis"
"""Where Hypothesis has what it read out of the modules, which it would read for each test anew."""
PATHS = Path(__file__).parents[2] / ".pypath"


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    plugin = ["-p", "planespec.reports.pytest_plugin", "-p", "no:cacheprovider"]
    program = (
        f"import sys; sys.path.insert(0, {str(PATHS)!r}); import pytest; "
        f"sys.exit(pytest.main({[*plugin, *arguments]!r}))"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "HOME": str(folder),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(KNOWN_TO_HYPOTHESIS),
        },
    )


def test_checks_mutants_and_walks_are_items(tmp_path: Path) -> None:
    (tmp_path / "lock.py").write_text(LOCK.replace("SWITCH", "self.careless"), "utf-8")
    done = run(tmp_path, "--planespec", "lock.py", "-v", "--junitxml", "junit.xml")
    assert "lock.py::check PASSED" in done.stdout, done.stdout + done.stderr
    assert "lock.py::mutant[careless] PASSED" in done.stdout
    assert "lock.py::mutant[harmless] FAILED" in done.stdout
    assert "mutant harmless survives" in done.stdout
    assert "lock.py::walk PASSED" in done.stdout
    assert done.returncode == 1
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("4", "1")


def test_a_broken_model_fails_with_a_file_to_replay(tmp_path: Path) -> None:
    (tmp_path / "lock.py").write_text(LOCK.replace("SWITCH", "True"), "utf-8")
    done = run(tmp_path, "--planespec", "lock.py:Lock", "--planespec-constant", "clients=3")
    assert "State 2: take(c=client1)" in done.stdout, done.stdout + done.stderr
    assert "run it again: planespec replay Lock.walk.json" in done.stdout
    assert "state.take(instance=0)" in done.stdout
    assert (tmp_path / "Lock.walk.json").exists()


def test_a_model_that_comes_to_an_end_is_walked(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "language.md").read_text("utf-8")
    (tmp_path / "lamp.py").write_text(page.split("```python\n")[1].split("\n```")[0], "utf-8")
    done = run(tmp_path, "--planespec", "lamp.py", "-v")
    assert "lamp.py::walk PASSED" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


def test_a_model_without_an_initial_state_fails_with_one_message(tmp_path: Path) -> None:
    unborn = f"{Path(__file__).parent / 'endings.py'}:Unborn"
    done = run(tmp_path, "--planespec", unborn, "-k", "walk")
    assert "Unborn has no initial state with these constants" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "planespec_walk" not in done.stdout
    assert done.returncode == 1


def test_an_unknown_model_is_a_usage_error(tmp_path: Path) -> None:
    done = run(tmp_path, "--planespec", "nowhere.py")
    assert done.returncode == 4
    assert "nowhere.py" in done.stderr
    assert "Traceback" not in done.stderr


CUT = '''
from typing import Annotated
from planespec.checker.lang import (
    Fairness, Model, Range, action, constraint, eventually, mutant, require,
)


class Cut(Model):
    """What is promised lies beyond what is searched."""

    deadlock = False
    harmless: bool = mutant("It changes nothing.")
    count: Annotated[int, Range(0, 9)] = 0

    @action(fair=Fairness.WEAK)
    def up(self) -> None:
        """One more."""
        require(self.count < 9)
        self.count += 1

    @constraint
    def few(self) -> bool:
        """Only the first states are looked at."""
        return self.count < 3

    @eventually
    def arrives(self) -> bool:
        """It comes to 9."""
        return self.count == 9
'''


def test_what_is_unknown_does_not_pass(tmp_path: Path) -> None:
    (tmp_path / "cut.py").write_text(CUT, "utf-8")
    done = run(tmp_path, "--planespec", "cut.py", "-v")
    for item in ("check", "mutant[harmless]"):
        assert f"cut.py::{item} FAILED" in done.stdout, done.stdout + done.stderr
    assert "cut.py: Unknown" in done.stdout
    assert "mutant harmless is undecided" in done.stdout
    assert done.returncode == 1


def test_a_failure_says_first_what_is_violated(tmp_path: Path) -> None:
    (tmp_path / "lock.py").write_text(LOCK.replace("SWITCH", "True"), "utf-8")
    done = run(tmp_path, "--planespec", "lock.py", "--junitxml", "junit.xml")
    verdict = done.stdout.index("lock.py: Violated one_holder")
    assert verdict < done.stdout.index("State 0")
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot().find("testsuite")
    assert suite is not None
    messages = [f.get("message", "") for f in suite.iter("failure")]
    assert any(message.startswith("lock.py: Violated one_holder") for message in messages)


LATCH = (
    LOCK.replace("Array,", "Array, constant, only, reachable,")
    .replace("SWITCH", "self.careless")
    .replace("    holds:", "    latch: bool = constant(default=False)\n    holds:")
    .replace('"It changes nothing."', '"It changes nothing.", when="latch"')
)
LATCH += '''
    @reachable(when="latch")
    def all_hold(self) -> bool:
        """Never."""
        return all(self.holds[c] for c in self.clients)
'''


def test_what_the_constants_leave_out_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "latch.py").write_text(LATCH, "utf-8")
    done = run(tmp_path, "--planespec", "latch.py", "-v", "-rs")
    assert "latch.py::check PASSED" in done.stdout, done.stdout + done.stderr
    assert "latch.py::check[all_hold] SKIPPED" in done.stdout
    assert "latch.py::mutant[harmless] SKIPPED" in done.stdout
    assert "not applicable: exists only when latch" in done.stdout
    assert done.returncode == 0
    done = run(tmp_path, "--planespec", "latch.py", "--planespec-constant", "latch=true", "-v")
    assert "latch.py::check FAILED" in done.stdout
    assert "SKIPPED" not in done.stdout


NAMED = """    instances = [
        instance("one", clients=1),
        instance("two", clients=2),
        instance("five", slow=True, clients=5),
    ]
    clients: Domain"""
SIZES = LOCK.replace("Array,", "Array, instance,").replace("SWITCH", "self.careless")
SIZES = SIZES.replace("    clients: Domain", NAMED)


def test_every_instance_that_the_model_names_is_run(tmp_path: Path) -> None:
    (tmp_path / "lock.py").write_text(SIZES, "utf-8")
    done = run(tmp_path, "--planespec", "lock.py", "-v", "-rs", "-k", "not harmless")
    for name in ("one", "two"):
        assert f"lock.py@{name}::check PASSED" in done.stdout, done.stdout + done.stderr
        assert f"lock.py@{name}::walk PASSED" in done.stdout
    assert "lock.py@five::check SKIPPED" in done.stdout
    assert "slow: --planespec-slow runs it" in done.stdout
    # One client alone notices nothing; two do.
    assert "lock.py::mutant[careless] PASSED" in done.stdout
    assert done.returncode == 0
    done = run(
        tmp_path, "--planespec", "lock.py", "--planespec-slow", "-v", "-k", "five and check"
    )
    assert "lock.py@five::check PASSED" in done.stdout, done.stdout + done.stderr
    done = run(tmp_path, "--planespec", "lock.py@one", "-v", "-k", "mutant")
    assert "lock.py@one::mutant[careless] FAILED" in done.stdout


def test_an_unknown_instance_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "lock.py").write_text(SIZES, "utf-8")
    done = run(tmp_path, "--planespec", "lock.py@tow")
    assert done.returncode == 4
    assert "did you mean 'two'?" in done.stderr
