"""Settings for all tests: properties have no time limit, as the machine may be busy.

The fixture `golden` compares a text with a file; `--update-golden` writes the files anew.
"""

import gc
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent / "cli"))

from commands import Commands

from planespec.checker.engines.native.host import build

# CI draws the same examples each time, so that a failure there is one of the change at hand.
settings.register_profile(
    "no-deadline", deadline=None, derandomize=os.environ.get("CI", "") == "true"
)
settings.load_profile("no-deadline")

# Where no compiled files may lie beside the sources, each of some hundred processes would compile
# all of them anew.
if sys.dont_write_bytecode and sys.pycache_prefix is None:
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "compiled")
    sys.dont_write_bytecode = False
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What a shell starts in the background ignores Ctrl-C, which some tests send to themselves.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


TESTS = Path(__file__).parent
GOLDEN = TESTS / "golden"
QUICK = frozenset(
    {
        *("audit", "checker", "cli", "conform", "explore", "fit", "front", "graph", "house"),
        *("lang", "malformed", "spec"),
    }
)
"""Folders whose tests are quick, together under a minute on two cores."""
COSTLY = frozenset(
    {
        "audit/test_audit_recordings.py",
        *("checker/test_attending.py", "cli/test_interrupts.py", "cli/test_startup.py"),
        *("cli/test_without_linux.py", "conform/test_conform_raft_assumptions.py"),
        *("conform/test_conform_raft_choices.py", "conform/test_conform_raft_library.py"),
        "conform/test_conform_raft_missing_ready.py",
        *("conform/test_conform_raft_hosts.py", "conform/test_conform_raft_scenarios.py"),
        *("conform/test_conform_raft_tampering.py", "conform/test_conform_raft_trace.py"),
        "conform/test_scheduling_conformance.py",
        *("front/test_models_compile.py", "front/test_orders.py", "front/test_written.py"),
        "spec/raft_node/test_raft_model_beside_recordings.py",
        "spec/raft_node/test_raft_model_beside_the_node.py",
        "spec/raft_node/test_raft_model_beside_transcripts.py",
        *("house/test_doctests.py", "house/test_static_checks.py", "house/test_tiers.py"),
        "house/test_wheel.py",
    }
)
"""Files in these folders that are not: they judge whole recordings or run whole tools."""
OPTIMISED = frozenset({"agreement/test_engines_agree.py", "native"})
"""Folders and files whose tests run optimised code; slow ones do so where it takes long."""
PATIENCE = build.PATIENCE


@pytest.fixture
def planespec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Commands:
    """Run a command, get its exit code and what it printed."""
    monkeypatch.setenv("PLANESPEC_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return Commands(tmp_path, capsys)


class Failing:
    """Names what fails when it fails: a run that is cut short prints no summary."""

    def __init__(self, config: pytest.Config) -> None:
        self.plugins = config.pluginmanager

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self.plugins.get_plugin("terminalreporter")
        if report.failed and terminal is not None:
            crash = getattr(report.longrepr, "reprcrash", None)
            why = crash.message if crash is not None else report.longreprtext
            terminal.write_line(f"\n{report.nodeid} failed: {why[:500]}")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Failing(config))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what belongs to the quick tier; what is slow never does."""
    keep_samples(items)
    for item in items:
        place = place_of(item)
        is_quick = place.partition("/")[0] in QUICK and place not in COSTLY
        if is_quick and item.get_closest_marker("slow") is None:
            item.add_marker("quick")


def pytest_collection_finish() -> None:
    """What collecting made stays to the end, so that the garbage collector need not look at it."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let LLVM optimise where that is what a test is about; tiny searches are sooner without."""
    place = place_of(item)
    is_named = place in OPTIMISED or place.partition("/")[0] in OPTIMISED
    is_slow = item.get_closest_marker("slow") is not None
    build.LEVEL = 2 if is_named or is_slow else 0
    build.PATIENCE = 0 if is_named else PATIENCE


@cache
def place_of_file(path: Path) -> str:
    """Where a file lies below this folder; nothing where it lies elsewhere."""
    return path.relative_to(TESTS).as_posix() if TESTS in path.parents else ""


def place_of(item: pytest.Item) -> str:
    """Where the file of a test lies below this folder."""
    return place_of_file(item.path)


def keep_samples(items: list[pytest.Item]) -> None:
    """Mark as slow what is beside the sample of a test: all but every n-th of what was asked for.

    A set of parameters that is asked for by its name is run, as it is the first one then.
    """
    met = Counter[str]()
    for item in items:
        sample = item.get_closest_marker("sample")
        if sample is not None and item.get_closest_marker("slow") is None:
            test = item.nodeid.partition("[")[0]
            if met[test] % sample.args[0]:
                item.add_marker("slow")
            met[test] += 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files anew")
    parser.addoption("--inputs", type=int, default=600, help="slow: damaged files of each format")
    parser.addoption("--first-seed", type=int, default=1_000, help="slow: seed of the first one")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with tests/golden/<name>."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        advice = "run pytest --update-golden; commit only changes you understand and want"
        assert path.exists(), f"{path} is missing: {advice}"
        assert text == path.read_text(encoding="utf-8"), f"{path} differs: {advice}"

    return compare
