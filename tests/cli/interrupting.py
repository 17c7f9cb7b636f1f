"""Disturbs the command line with signals at random moments and judges what comes of it.

    python tests/cli/interrupting.py --count 300 --seed 1
    python tests/cli/interrupting.py --count 100 --seed 2 --signals TERM,KILL

Every command runs undisturbed first. A disturbed one may give the same answer or an unfinished
one, never another: no definite verdict that the whole run does not give, no traceback, no process
that lives on, no file that is not whole.
"""

import argparse
import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

WIDE = '''
"""One state of many successors is bad; it is found late and explained under CPython."""
from typing import Annotated
from planespec.checker.lang import Model, Range, action, choose, invariant, require

class Wide(Model):
    """Pick any number once, slowly."""
    deadlock = False
    x: Annotated[int, Range(0, 300_000)] = 0
    noise: Annotated[int, Range(0, 996)] = 0

    @action
    def pick(self) -> None:
        """Pick a number."""
        require(self.x == 0)
        x = choose(range(1, 300_000))
        found = 0
        for i in range(20):
            found = (found * 31 + i + x) % 997
        self.noise = found
        self.x = x

    @invariant
    def never_the_bad_one(self) -> bool:
        """One number is never picked."""
        return self.x != 52_430
'''
TURNS = '''
"""Clients take a lock in turn, and each gets it in the end."""
from planespec.checker.lang import (
    Array, Domain, Fairness, Model, Sort, action, each, eventually, invariant, mutant, require,
    sort,
)

class Client(Sort):
    """Who wants the lock."""

class Turns(Model):
    """The lock goes round; what was served stays so."""
    clients: Domain[Client] = sort(7)
    forget_to_look: bool = mutant("A client takes the lock without looking.")
    keep_it: bool = mutant("Nobody gives the lock back.")
    holds: Array[Client, bool] = each(False)
    served: Array[Client, bool] = each(False)
    deadlock = False

    @action(fair=Fairness.STRONG, per_instance=True)
    def take(self, c: Client) -> None:
        """A client takes the lock, if nobody has it."""
        require(not self.holds[c])
        require(self.forget_to_look or not any(self.holds[d] for d in self.clients))
        self.holds[c] = True
        self.served[c] = True

    @action(fair=Fairness.WEAK, per_instance=True)
    def release(self, c: Client) -> None:
        """A client gives the lock back."""
        require(self.holds[c] and not self.keep_it)
        self.holds[c] = False

    @invariant
    def one_holder(self) -> bool:
        """At most one client has the lock."""
        return sum(1 for c in self.clients if self.holds[c]) <= 1

    @eventually
    def all_are_served(self) -> bool:
        """Every client gets the lock in the end."""
        return all(self.served[c] for c in self.clients)
'''
RECORDED = Path(__file__).parents[1] / "recorded"
COMMANDS = {
    "violated": "check wide.py --engine native --save saved.json --itf trace.json",
    "levels": "check raft.bench -c max_msgs=2 --save saved.json",
    "python": "check turns.py --engine python",
    "symbolic": "check raft.election --engine symbolic --depth 2",
    "promise": "check turns.py --engine native",
    "prove": "prove turns.py",
    "simulate": "simulate raft.election --walks 10000 --seed 7 --save saved.json",
    "mutate": "mutate turns.py --engine native --json",
    "report": "report turns.py -o pages",
    "conform": f"conform primitives {RECORDED / 'primitives.jsonl.gz'}",
    "audit": f"audit {RECORDED / 'openim-cluster'} --sarif log.json",
    "vacuity": "vacuity turns.py",
}
DEFINITE = re.compile(r"\b(Holds|Proved|Violated|agrees|disagrees)\b")
INTERRUPTED = 130
UNFINISHED = {INTERRUPTED, 152}
OLD = "{}"
BEGIN = "import os; from planespec.reports.cli.start import main; os.close({}); main()"
"""Tells when the interpreter has started: a signal before that is answered by Python alone."""
PATIENCE = 60.0
"""Seconds after which a process that was told to end counts as one that does not."""


@dataclass(frozen=True)
class Run:
    """What one run gave; `late` is the seconds it lived after the signal."""

    code: int
    out: str
    err: str
    seconds: float
    late: float = 0.0
    orphans: tuple[int, ...] = ()


def run(folder: Path, command: str, sent: signal.Signals | None = None, after: float = 0.0) -> Run:
    """Run a command in a session of its own and send it a signal after some seconds."""
    for name in ("saved.json", "trace.json", "log.json"):
        (folder / name).write_text(OLD, encoding="utf-8")
    ready = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN.format(ready[1]), *command.split()],
        cwd=folder,
        pass_fds=[ready[1]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    os.close(ready[1])
    with open(ready[0], "rb") as begun:
        begun.read()
    at = started = time.monotonic()
    if sent is not None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(after)
        at = time.monotonic()
        process.send_signal(sent)
    try:
        out, err = process.communicate(timeout=None if sent is None else PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        err += f"\nalive {PATIENCE} s after the signal"
    ended = time.monotonic()
    late = ended - at if sent is not None else 0.0
    return Run(process.returncode, out, err, ended - started, late, _session(process.pid))


def _session(leader: int) -> tuple[int, ...]:
    """Processes that still belong to the session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(stat.parent.name))
    return tuple(found)


def faults(folder: Path, whole: Run, disturbed: Run, sent: signal.Signals) -> Iterator[str]:
    """What is wrong with a disturbed run."""
    allowed = {whole.code, -sent} | (UNFINISHED if sent is signal.SIGINT else set())
    if disturbed.code not in allowed:
        yield f"exit code {disturbed.code}, not one of {sorted(allowed)}"
    for word in set(DEFINITE.findall(disturbed.out)) - set(DEFINITE.findall(whole.out)):
        yield f"says {word}"
    if disturbed.code == whole.code and whole.code not in UNFINISHED:
        yield from _other_answer(whole, disturbed)
    for text in ("Traceback", "Exception ignored", "internal error", "alive "):
        if text in disturbed.err:
            yield f"prints {text!r}"
    if disturbed.orphans:
        yield f"leaves processes {disturbed.orphans}"
    yield from _spoilt_files(folder)


def _other_answer(whole: Run, disturbed: Run) -> Iterator[str]:
    if _settled(whole.out) != _settled(disturbed.out):
        yield "gives another answer with the same exit code"


def _settled(out: str) -> str:
    """What is printed without times, which differ."""
    return re.sub(r"\d+(\.\d+)? s\b|in \d+\.\d+|\"\w*seconds\": [\d.e-]+", "", out)


def _spoilt_files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.suffix in (".json", ".sarif") and "cache" not in path.parts:
            try:
                json.loads(path.read_text(encoding="utf-8"))
            except ValueError:
                yield f"{path.name} is not whole"
        if path.suffix == ".html" and "</html>" not in path.read_text(encoding="utf-8"):
            yield f"{path.name} is not whole"


def stress(
    count: int,
    seed: int,
    signals: Sequence[signal.Signals],
    names: Sequence[str],
    folder: Path,
    wide: str = WIDE,
) -> tuple[Counter[str], list[str], float]:
    """Disturb that many runs; what the exit codes were, what was wrong, the latest end."""
    (folder / "wide.py").write_text(wide, encoding="utf-8")
    (folder / "turns.py").write_text(TURNS, encoding="utf-8")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell
        signal.signal(signal.SIGINT, signal.default_int_handler)
    drawn, codes, wrong, latest = random.Random(seed), Counter[str](), list[str](), 0.0
    whole = {name: run(folder, COMMANDS[name]) for name in names}
    for number in range(count):
        name, sent = drawn.choice(names), drawn.choice(signals)
        after = drawn.uniform(0.0, 1.05) * whole[name].seconds
        disturbed = run(folder, COMMANDS[name], sent, after)
        codes[f"{name} {disturbed.code}"] += 1
        print(f"{number}: {name}, {sent.name} after {after:.3f} s: {disturbed.code}", flush=True)
        latest = max(latest, disturbed.late if disturbed.code == INTERRUPTED else 0.0)
        for fault in faults(folder, whole[name], disturbed, sent):
            text = f"{number}: {name}, {sent.name} after {after:.3f} s: {fault}"
            wrong.append(f"{text}\n{disturbed.out[-600:]}{disturbed.err[-1500:]}")
    return codes, wrong, latest


def main() -> None:
    """Disturb, print the figures, and exit with 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description="Send signals to planespec at random moments.")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--signals", default="INT")
    parser.add_argument("--commands", default=",".join(COMMANDS))
    options = parser.parse_args()
    signals = [signal.Signals[f"SIG{name}"] for name in options.signals.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("PLANESPEC_CACHE", str(Path(folder) / "cache"))
        names = options.commands.split(",")
        codes, wrong, latest = stress(options.count, options.seed, signals, names, Path(folder))
    for key, times in sorted(codes.items()):
        print(f"{key}: {times}")
    print(f"latest end after Ctrl-C {latest:.2f} s")
    print(f"{options.count} runs disturbed with {options.signals}, {len(wrong)} faults")
    print("\n".join(wrong))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
