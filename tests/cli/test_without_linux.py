"""Without what only Linux has, as on macOS, every engine gives the same answers.

Simulated: a process in which the names that Python's documentation marks "Linux" are gone, `/proc`
and `/sys` cannot be read, and the system does not tell how much memory is free.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRELUDE = """
import builtins, io, json, mmap, os, resource, select, signal, sys, time
import llvmlite.binding, numpy, scipy.sparse, z3  # these know their own platform
GONE = {
    os: ("sched_", "memfd_", "eventfd", "pidfd_", "posix_fa", "getrandom", "splice",
         "copy_file_range", "setns", "unshare", "prlimit"),
    mmap: ("MADV_HUGEPAGE", "MADV_NOHUGEPAGE", "MADV_DONTFORK", "MAP_POPULATE", "MAP_STACK"),
    signal: ("sigtimedwait", "sigwaitinfo", "SIGRT", "SIGPWR", "SIGSTKFLT", "pidfd_"),
    time: ("CLOCK_BOOTTIME", "CLOCK_TAI"),
    resource: ("prlimit",),
    select: ("epoll", "EPOLL"),
}
for module, heads in GONE.items():
    for name in [n for n in dir(module) if n.startswith(heads)]:
        delattr(module, name)

def without_proc(opened):
    def open_(file, *rest, **more):
        if str(file).startswith(("/proc", "/sys")):
            raise FileNotFoundError(2, "No such file or directory", file)
        return opened(file, *rest, **more)
    return open_

io.open = builtins.open = without_proc(io.open)
known = os.sysconf
def sysconf(name):
    if name in ("SC_AVPHYS_PAGES", "SC_PHYS_PAGES"):
        raise ValueError("unrecognized configuration name")
    return known(name)
os.sysconf = sysconf
sys.platform = "darwin"
"""
RUN = """
import json, sys
from planespec.reports.cli.main import run
raise SystemExit(run(json.loads(sys.argv[1])))
"""
LOCK = str(ROOT / "tests/liveness/lock.py")
ELECTION = str(ROOT / "model/raft/election.py")
COMMANDS = (
    ["check", ELECTION, "--engine", "native", "-c", "terms=2"],
    ["check", ELECTION, "--engine", "symbolic", "--depth", "2", "-c", "terms=2"],
    ["check", f"{LOCK}:Lock", "--engine", "native"],
    ["simulate", ELECTION, "--engine", "native", "--walks", "20", "--seed", "7"],
)


ANSWER = ("verdict", "bound", "reason", "exit_code", "requirements", "reachable", "trace")


def answer(command: list[str], prelude: str, cache: Path) -> tuple[int, dict[str, object], str]:
    """Exit code, document and errors of a command in a process of its own."""
    result = subprocess.run(
        [sys.executable, "-c", prelude + RUN, json.dumps([*command, "--json"])],
        env=os.environ | {"PYTHONPATH": str(ROOT / ".pypath"), "PLANESPEC_CACHE": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in result.stderr, result.stderr
    return result.returncode, said(json.loads(result.stdout)), result.stderr


def said(document: dict[str, object]) -> dict[str, object]:
    """The answer itself, without times, speeds and how many cores there are."""
    return {name: document[name] for name in ANSWER if name in document}


@pytest.mark.sample(2)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: " ".join([Path(c[1]).name, *c[2:]]))
def test_an_answer_is_the_same_without_linux(command: list[str], tmp_path: Path) -> None:
    here = answer(command, "", tmp_path / "here")
    there = answer(command, PRELUDE, tmp_path / "there")
    assert here[:2] == there[:2]
    assert here[1]["verdict"] in ("Holds", "Violated", "Unknown"), here[2]
