"""Run a judge over recordings and count, by kind, where it agrees."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.checker.exit_codes import ExitCode
from planespec.reports.conform.comparison import Comparison
from planespec.reports.conform.registry import Judge

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
