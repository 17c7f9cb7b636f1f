"""Hunt a defect: run its scenario, judge, and cut the scenario down to what is needed."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import Enum
from itertools import count
from pathlib import Path
from typing import Any

from planespec.checker.errors import ExitCode, SystemRefusal
from planespec.reports.live.etcd.client import NoAnswerError, NotSentError
from planespec.reports.live.etcd.defects import Defect
from planespec.reports.live.etcd.lab import Lab, Step, endpoint_lab, member_lab
from planespec.reports.live.etcd.process import cluster

ATTEMPTS = 3
"""Runs of a whole scenario before a defect counts as absent."""

Steps = tuple[Step, ...]


class Status(Enum):
    """What a hunt says of one defect."""

    FOUND = "found"
    ABSENT = "not found"
    UNDECIDED = "not decided"


@dataclass(frozen=True)
class Finding:
    """The outcome for one defect; `breach` and `history` only where it was found.

    `runs` counts the sequences tried; `shortest` says whether no single step can be left out,
    or time ran out before that was known.
    """

    defect: Defect
    status: Status
    breach: str = ""
    history: tuple[str, ...] = ()
    runs: int = 0
    shortest: bool = False
    reason: str = ""


class Ground:
    """Where sequences run: fresh members for each, or an endpoint with a prefix for each."""

    def __init__(
        self, binary: Path | None = None, endpoint: tuple[str, int] | None = None
    ) -> None:
        self.binary, self.endpoint = binary, endpoint
        self.numbers = count(1)

    def refusal(self, defect: Defect) -> str:
        """Say why a defect cannot be hunted here; nothing is the empty string."""
        if self.binary is None and not defect.alone:
            return "needs members it can start, stop or add: give --binary instead of --endpoint"
        return ""

    def open(self, defect: Defect) -> AbstractContextManager[Lab]:
        """Prepare one run."""
        if self.endpoint is not None:
            prefix = f"planespec-hunt/{time.time_ns():x}/{next(self.numbers)}/"
            return endpoint_lab(*self.endpoint, prefix)
        assert self.binary is not None
        return _fresh_lab(self.binary, defect)


@contextmanager
def _fresh_lab(binary: Path, defect: Defect) -> Iterator[Lab]:
    with cluster(binary, defect.members, defect.flags) as members, member_lab(members) as lab:
        yield lab


def hunt(ground: Ground, defect: Defect, seconds: float) -> Finding:
    """Hunt one defect for at most about `seconds`, the run under way included.

    A run that the members do not survive, or in which they do not answer, leaves the defect
    undecided unless another run shows it.
    """
    if reason := ground.refusal(defect):
        return Finding(defect, Status.UNDECIDED, reason=reason)
    return _Hunt(ground, defect, time.monotonic() + seconds).run()


class _Hunt:
    def __init__(self, ground: Ground, defect: Defect, deadline: float) -> None:
        self.ground, self.defect, self.deadline = ground, defect, deadline
        self.runs = 0
        self.trouble = ""
        self.breach, self.history = "", tuple[str, ...]()

    def run(self) -> Finding:
        """Look for the defect, then for the shortest sequence that shows it."""
        for _ in range(ATTEMPTS):
            if self._shows(self.defect.steps):
                break
            if self._is_late():
                self.trouble = self.trouble or "time ran out"
                break
        else:
            if not self.trouble:
                return Finding(self.defect, Status.ABSENT, runs=self.runs)
        if not self.breach:
            return Finding(self.defect, Status.UNDECIDED, runs=self.runs, reason=self.trouble)
        _, shortest = shrink(self.defect.steps, self._shows, self._is_late)
        found = (self.defect, Status.FOUND, self.breach, self.history)
        return Finding(*found, self.runs, shortest)

    def _is_late(self) -> bool:
        return time.monotonic() >= self.deadline

    def _shows(self, steps: Steps) -> bool:
        """Run a sequence and keep its history if it shows the defect."""
        self.runs += 1
        try:
            with self.ground.open(self.defect) as lab:
                lab.run(steps)
                breach = self.defect.judge(lab)
        except (NoAnswerError, NotSentError, SystemRefusal, LookupError) as error:
            self.trouble = str(error) or type(error).__name__
            return False
        if breach:
            self.breach, self.history = breach, tuple(lab.history)
        return bool(breach)


def shrink(
    steps: Steps, shows: Callable[[Steps], bool], is_late: Callable[[], bool]
) -> tuple[Steps, bool]:
    """Leave out steps, half of them at a time and then fewer, as long as the rest still shows it.

    Returns the shortest sequence found, and whether it is known that no single step of it can
    be left out; `is_late` ends the search before. `steps` itself must show it.
    """
    size = max(len(steps) // 2, 1)
    while True:
        smaller = _drop_one_block(steps, size, shows, is_late)
        if is_late() and smaller is None:
            return steps, False
        if smaller is not None:
            steps = smaller
        elif size == 1:
            return steps, True
        else:
            size //= 2


def _drop_one_block(
    steps: Steps, size: int, shows: Callable[[Steps], bool], is_late: Callable[[], bool]
) -> Steps | None:
    for start in range(0, len(steps), size):
        rest = steps[:start] + steps[start + size :]
        if is_late():
            return None
        if rest and shows(rest):
            return rest
    return None


def get_exit_code(findings: list[Finding]) -> ExitCode:
    """SAFETY when a defect was found, else UNKNOWN when one was not decided, else HOLDS."""
    statuses = {finding.status for finding in findings}
    if Status.FOUND in statuses:
        return ExitCode.SAFETY
    return ExitCode.UNKNOWN if Status.UNDECIDED in statuses or not findings else ExitCode.HOLDS


def render_text(version: str, findings: list[Finding]) -> str:
    """Lay out each finding with its history, and the counts."""
    parts = [f"etcd {version}", *(_render(finding) for finding in findings)]
    found = sum(finding.status is Status.FOUND for finding in findings)
    undecided = sum(finding.status is Status.UNDECIDED for finding in findings)
    tail = f", {undecided} not decided" if undecided else ""
    return "\n\n".join([*parts, f"{found} of {len(findings)} known defects found{tail}"])


def render_json(version: str, findings: list[Finding], exit_code: ExitCode) -> str:
    """Return one JSON object with a list of findings."""
    body = {
        "schema": "planespec/hunt/1",
        "system": "etcd",
        "version": version,
        "exit_code": int(exit_code),
        "findings": [_as_json(finding) for finding in findings],
    }
    return json.dumps(body, indent=2)


def _render(finding: Finding) -> str:
    defect = finding.defect
    issues = " and ".join(f"#{issue}" for issue in defect.issues)
    lines = [f"{issues} {finding.status.value}: {defect.title}"]
    if finding.status is Status.FOUND:
        lines += [
            f"  guarantee  {defect.guarantee}",
            f"  broken     {finding.breach}",
            f"  fixed in   {defect.fixed}",
            f"  history    {_describe_length(finding)}",
        ]
        lines += [f"    {number}. {line}" for number, line in enumerate(finding.history, start=1)]
    elif finding.reason:
        lines.append(f"  because {finding.reason}")
    return "\n".join(lines)


def _describe_length(finding: Finding) -> str:
    if finding.shortest:
        return f"no step can be left out ({finding.runs} sequences run)"
    return f"perhaps not the shortest: time ran out ({finding.runs} sequences run)"


def _as_json(finding: Finding) -> dict[str, Any]:
    defect = finding.defect
    return {
        "defect": defect.name,
        "issues": list(defect.issues),
        "title": defect.title,
        "guarantee": defect.guarantee,
        "fixed": defect.fixed,
        "status": finding.status.value,
        "broken": finding.breach,
        "history": list(finding.history),
        "shortest": finding.shortest,
        "runs": finding.runs,
        "reason": finding.reason,
    }
