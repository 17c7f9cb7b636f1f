"""Plants faults in the sources one at a time, runs the tests that should notice, prints a table.

`python bench/planted [--jobs N] [--unchecked] [WORD...]` takes the faults of `faults.toml`, or
those whose file or description has one of the words. Each is planted in a copy of the tree (each
of N jobs has its own), so that the sources stay as they are. A fault counts as killed when a test
of the default suite fails; all of the tests are run once without any fault first, since those that
fail anyway notice nothing (`--unchecked` leaves that out). Exits with 12 where under 95 % die.
"""

import argparse
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "*.pyc", ".*_cache", "*.egg-info", "build")
LIMIT = 900
"""Seconds after which a fault counts as noticed: it makes a test run for ever."""
WANTED = 0.95
NO_TESTS = (4, 5)
"""How pytest ends when it is called wrongly or finds no tests: no answer about a fault."""
Row = tuple[str, str, str, int]
"""Fate, file, what is wrong, seconds."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One change of one file, and the tests whose business it is."""

    file: str
    old: str
    new: str
    what: str
    tests: list[str]

    def plant(self, root: Path) -> str:
        """Change the file; return what it was. Raises ValueError unless the text stands once."""
        path = root / self.file
        before = path.read_text(encoding="utf-8")
        if before.count(self.old) != 1:
            raise ValueError(f"{self.file} has {before.count(self.old)} times: {self.old!r}")
        path.write_text(before.replace(self.old, self.new), encoding="utf-8")
        return before


def read_faults() -> list[Fault]:
    """All faults, in the order of the file."""
    text = Path(__file__).with_name("faults.toml").read_text(encoding="utf-8")
    return [Fault(**fault) for fault in tomllib.loads(text)["fault"]]


def main() -> int:
    """Plant the faults that have one of the words, all of them without any."""
    given = read_arguments()
    words = given.words
    faults = [f for f in read_faults() if not words or any(w in f.file + f.what for w in words)]
    with tempfile.TemporaryDirectory() as folder:
        copies: queue.Queue[Path] = queue.Queue()
        for n in range(given.jobs):
            copies.put(make_copy(Path(folder) / str(n) / "planespec"))
        if not given.unchecked:
            check_healthy(copies.queue[0], faults)
        with ThreadPoolExecutor(given.jobs) as pool:
            rows = list(pool.map(lambda fault: judge(copies, fault), faults))
    return print_table(rows)


def read_arguments() -> argparse.Namespace:
    """The options and words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--jobs", type=int, default=1, metavar="N")
    parser.add_argument("--unchecked", action="store_true")
    return parser.parse_args()


def make_copy(copy: Path) -> Path:
    """A copy of the tree to plant in."""
    shutil.copytree(ROOT, copy, symlinks=True, ignore=LEFT_OUT)
    return copy


def print_table(rows: list[Row]) -> int:
    """Print what became of each fault, and the figures of each package; return the exit code."""
    print(tabulate(rows, ("fate", "file", "fault", "s")))
    planted = Counter(file.split("/")[0] for _, file, _, _ in rows)
    dead = Counter(file.split("/")[0] for fate, file, _, _ in rows if fate == "killed")
    print()
    for package, number in sorted(planted.items()):
        print(f"{package}: {dead[package]} of {number} faults killed")
    print(f"{dead.total()} of {len(rows)} faults killed")
    return 0 if dead.total() >= WANTED * len(rows) else 12


def check_healthy(copy: Path, faults: list[Fault]) -> None:
    """Stop unless every test passes as long as nothing is planted."""
    if not run_tests(copy, sorted({test for fault in faults for test in fault.tests})):
        sys.exit("the tests fail without any fault")


def judge(copies: queue.Queue[Path], fault: Fault) -> Row:
    """Plant one fault in a copy that is free, run its tests, put the file back."""
    copy = copies.get()
    started = time.monotonic()
    before = fault.plant(copy)
    try:
        fate = "survived" if run_tests(copy, fault.tests) else "killed"
    finally:
        (copy / fault.file).write_text(before, encoding="utf-8")
        copies.put(copy)
    seconds = round(time.monotonic() - started)
    print(f"{fate:8} {seconds:4} s  {fault.file}: {fault.what}", file=sys.stderr, flush=True)
    return fate, fault.file, fault.what, seconds


def run_tests(copy: Path, tests: list[str]) -> bool:
    """Whether tests of the default suite pass in the copy."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    env = os.environ | {"PYTHONPATH": str(copy / ".pypath")}  # for the commands that tests start
    try:
        done = subprocess.run(
            command, cwd=copy, env=env, capture_output=True, timeout=LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    if done.returncode in NO_TESTS:
        sys.exit(f"pytest ended with {done.returncode}:\n{done.stdout.decode()[-2000:]}")
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
