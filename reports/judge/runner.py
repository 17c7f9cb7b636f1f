"""The judges by name, and running one over recordings: how often, by kind, does it agree."""

import importlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from planespec.checker.errors import ConfigurationError, ExitCode, InputError, did_you_mean
from planespec.reports.judge.comparison import Comparison

Judge = Callable[[Path], Iterator[Comparison]]
"""Yield one comparison for each case of a recording; raise InputError where it is malformed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a judge lives (`planespec.reports.judge.<module>`) and what it holds to what."""

    module: str
    summary: str


JUDGES = {
    "etcd": Entry("etcd", "put, range, delete, txn, compaction, leases, watch of the etcd store"),
    "etcd.history": Entry(
        "history.etcd_history",
        "concurrent histories: linearizability and the guarantees of watches",
    ),
    "history": Entry(
        "history.histories", "histories of Jepsen, Porcupine and etcd: are they linearizable"
    ),
    "primitives": Entry(
        "primitives", "quantities, effective requests, QoS, selectors, taints, names"
    ),
    "raft": Entry(
        "raft.raft_recordings", "an etcd-raft node, through recorded scenarios and traces"
    ),
    "raft.quorum": Entry(
        "raft.raft_quorum", "majority and joint commit index, vote result, membership changes"
    ),
    "raft.transcripts": Entry(
        "raft.raft_transcripts", "etcd-raft nodes driven by commands, with all that they print"
    ),
    "scheduling": Entry("scheduling", "filters, scores and preemption of kube-scheduler"),
}
"""NAME of the command line to its judge."""


def load_judge(name: str) -> Judge:
    """Import and return the judge called `name`; ConfigurationError when there is none."""
    if name not in JUDGES:
        known = ", ".join(sorted(JUDGES)) + did_you_mean(name, JUDGES)
        raise ConfigurationError(f"nothing is called {name!r} to conform; known: {known}")
    module = importlib.import_module(f"planespec.reports.judge.{JUDGES[name].module}")
    judge: Judge = module.judge
    return judge


Progress = Callable[["Tally"], None]
"""Called now and then with the counts so far."""


@dataclass(slots=True)
class Count:
    """Cases judged and cases that agree, of one kind."""

    cases: int = 0
    agree: int = 0


@dataclass(slots=True)
class Tally:
    """What was judged: counts by kind, the first disagreements, and whether it was cut short."""

    keep: int
    """How many disagreements are kept to be shown."""
    kinds: dict[str, Count] = field(default_factory=dict)
    disagreements: list[Comparison] = field(default_factory=list)
    files: int = 0
    """Recordings judged to the end."""
    interrupted: bool = False

    @property
    def cases(self) -> int:
        """All cases judged."""
        return sum(count.cases for count in self.kinds.values())

    @property
    def agree(self) -> int:
        """All cases that agree."""
        return sum(count.agree for count in self.kinds.values())

    @property
    def exit_code(self) -> ExitCode:
        """HOLDS only when something was judged to the end and everything agrees."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if self.agree < self.cases:
            return ExitCode.SAFETY
        return ExitCode.HOLDS if self.cases else ExitCode.PARSE

    def add(self, comparison: Comparison) -> None:
        """Count one comparison, and keep it if it is among the first that disagree."""
        count = self.kinds.setdefault(comparison.kind, Count())
        count.cases += 1
        if comparison.agrees:
            count.agree += 1
        elif len(self.disagreements) < self.keep:
            self.disagreements.append(comparison)


def run(
    judge: Judge,
    paths: Sequence[Path],
    *,
    keep: int = 5,
    progress: Progress | None = None,
    every: float = 0.2,
) -> Tally:
    """Judge every case of every recording in order; Ctrl-C ends with the counts so far.

    The first `keep` disagreements are kept; `progress` is called every so many seconds.
    Raises InputError where a recording is malformed or holds no case: an empty recording shows
    nothing, so it is never a success.
    """
    tally = Tally(keep)
    try:
        for path in paths:
            _judge_file(judge, path, tally, progress or _ignore, every)
            tally.files += 1
    except KeyboardInterrupt:
        tally.interrupted = True
    return tally


def _judge_file(judge: Judge, path: Path, tally: Tally, progress: Progress, every: float) -> None:
    before, reported = tally.cases, time.monotonic()
    for comparison in judge(path):
        tally.add(comparison)
        if time.monotonic() - reported >= every:
            progress(tally)
            reported = time.monotonic()
    if tally.cases == before:
        raise InputError("holds no case to judge", file=path)


def _ignore(tally: Tally) -> None:
    """Report nothing."""
