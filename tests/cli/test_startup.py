"""A command loads what it uses: most of the time a small answer takes is the loading."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import COUNTER

HEAVY = frozenset(
    {
        *("hypothesis", "jinja2", "llvmlite", "msgspec", "networkx", "numpy", "rich", "scipy"),
        *("yaml", "z3"),
    }
)
SOURCE = Path(__file__).resolve().parents[2] / ".pypath"
ASK = f"""
import json, sys
from planespec.reports.cli.main import run
code = run(json.loads(sys.argv[1]))
loaded = {{name.partition(".")[0] for name in sys.modules}}
print(json.dumps([code, sorted(loaded & set({sorted(HEAVY)}))]))
"""
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": []}}
QUANTITY = {
    "in": {"op": "quantityCmp", "a": "1", "b": "1"},
    "out": {"add": "2", "cmp": 0, "sub": "0"},
}
COMMANDS = {
    "--help": set[str](),
    "--version": set[str](),
    "check --help": set[str](),
    "list": set[str](),
    "list raft.election": set[str](),
    "check counter.py": set[str](),
    "check counter.py --json": {"msgspec"},
    "check counter.py --engine native": {"llvmlite"},
    "check counter.py --engine symbolic --depth 2": {"z3"},
    "simulate counter.py --engine python --walks 2": {"msgspec"},
    "explore counter.py --script script.txt": set[str](),
    "replay saved.json": {"msgspec"},
    "conform primitives recorded.jsonl": set[str](),
    "audit pod.json": {"msgspec"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("startup")
    (made / "counter.py").write_text(COUNTER, encoding="utf-8")
    (made / "script.txt").write_text("1\nwhy never\n", encoding="utf-8")
    (made / "pod.json").write_text(json.dumps(POD), encoding="utf-8")
    (made / "recorded.jsonl").write_text(json.dumps(QUANTITY) + "\n", encoding="utf-8")
    loaded(made, "check counter.py --mutant runaway --save saved.json")
    return made


def loaded(folder: Path, command: str) -> tuple[int, set[str]]:
    """The exit code, and the heavy packages that were loaded."""
    told = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(command.split())],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(SOURCE), "PLANESPEC_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=True,
    )
    code, heavy = json.loads(told.stdout.splitlines()[-1])
    return code, set(heavy)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_loads_no_package_that_it_does_not_use(command: str, folder: Path) -> None:
    code, heavy = loaded(folder, command)
    assert code in (0, 12, 152), command
    assert heavy == COMMANDS[command]


def test_the_help_loads_no_engine_and_no_language(folder: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "planespec.reports.cli", "--help"],
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    own = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
    assert "planespec.reports.cli.main" in own
    assert not [name for name in own if name.startswith("planespec.checker.lang")]
