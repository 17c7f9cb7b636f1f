"""Running a judge over recordings, and one recorded answer beside ours."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from planespec.checker.errors import ExitCode, InputError, PlanespecError
from planespec.reports.input.lines import at, read_records
from planespec.spec.objects.view import View

Value = TypeVar("Value")

# One recorded answer beside ours, and how the two differ field by field.


class UndecidedError(PlanespecError):
    """A limit was reached, or what is not recorded leaves open what happened."""

    exit_code = ExitCode.UNKNOWN


class Absent:
    """Stands for a field that one side does not have."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which two JSON values differ; `field` is a path such as `.limits.cpu` or ``."""

    field: str
    expected: object
    actual: object


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an answer differs, where a judge can say more than the difference."""

    lines: tuple[str, ...]
    """For people."""
    more: tuple[str, ...]
    """For people who ask for everything."""
    data: dict[str, object]
    """All of it, as JSON."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One judged case: `where` is file:line, `given` the question, and the two answers."""

    kind: str
    where: str
    given: object
    expected: object
    actual: object
    agrees: bool
    explanation: Explanation | None = None


def compare(kind: str, where: str, given: object, expected: object, actual: object) -> Comparison:
    """Make a comparison that agrees when the two JSON values are the same in every field."""
    return Comparison(kind, where, given, expected, actual, are_alike(expected, actual))


def are_alike(expected: object, actual: object) -> bool:
    """Say whether two JSON values are the same in every field, types included."""
    return next(differences(expected, actual), None) is None


def differences(expected: object, actual: object, field: str = "") -> Iterator[Difference]:
    """Yield every field in which two JSON values differ, outermost name first.

    Types count: `1`, `1.0` and `true` are three values, as they are in a recording.
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name in sorted(expected.keys() | actual.keys(), key=str):
            inner = f"{field}.{name}"
            yield from differences(expected.get(name, ABSENT), actual.get(name, ABSENT), inner)
    elif isinstance(expected, list) and isinstance(actual, list):
        for index in range(max(len(expected), len(actual))):
            inner = f"{field}[{index}]"
            yield from differences(_item(expected, index), _item(actual, index), inner)
    elif type(expected) is not type(actual) or expected != actual:
        yield Difference(field, expected, actual)


def _item(values: list[object], index: int) -> object:
    return values[index] if index < len(values) else ABSENT


Judge = Callable[[Path], Iterator[Comparison]]
"""Yield one comparison for each case of a recording; raise InputError where it is malformed."""


def judge_lines(
    path: Path, judge_line: Callable[[str, View], Iterable[Comparison]]
) -> Iterator[Comparison]:
    """Yield what is compared of each line of a recording; `judge_line` takes file:line and it.

    A line is judged whole before any of it is told. Raises InputError, with its place, for one
    that is no JSON object or of which a ValueError is raised.
    """
    for number, record in read_records(path):
        with at(path, number):
            found = list(judge_line(f"{path}:{number}", View(record)))
        yield from found


def part_answers(
    record: Mapping[str, Value], names: Collection[str]
) -> tuple[dict[str, Value], dict[str, Value]]:
    """Return what a line or step gives, and those of its keys that are answers."""
    given = {name: value for name, value in record.items() if name not in names}
    return given, {name: record[name] for name in names if name in record}


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
    judge: Judge | Mapping[Path, Judge],
    paths: Sequence[Path],
    *,
    keep: int = 5,
    progress: Progress | None = None,
    every: float = 0.2,
) -> Tally:
    """Judge every case of every recording in order, by one judge or each by its own.

    Ctrl-C ends with the counts so far.

    The first `keep` disagreements are kept; `progress` is called every so many seconds.
    Raises InputError where a recording is malformed or holds no case: an empty recording shows
    nothing, so it is never a success.
    """
    tally = Tally(keep)
    try:
        for path in paths:
            chosen = judge[path] if isinstance(judge, Mapping) else judge
            _judge_file(chosen, path, tally, progress or _ignore, every)
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
