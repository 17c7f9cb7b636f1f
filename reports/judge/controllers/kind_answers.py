"""Judging lines of several kinds, each answered by a function of its own.

A line is `{"kind", "in", "out"}` and one comparison, counted by its kind.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines
from planespec.spec.objects.view import ObjectError, View

Answer = Callable[[View, View], object]
"""What is answered to `in`; where that is open, `out` says which of the answers to give."""
Reading = Callable[[View, View], object]
"""What `out` says, of which `in` may tell what has no order or no part in it."""


def judge_kinds(
    path: Path, answers: Mapping[str, Answer], readings: Mapping[str, Reading]
) -> Iterator[Comparison]:
    """Yield one comparison for each line; without a reading, `out` is compared as it stands.

    Raises InputError where the recording is malformed, or has a kind without an answer.
    """

    def judge_line(where: str, line: View) -> Iterator[Comparison]:
        kind = line.needing("kind", "in", "out").text("kind")
        if kind not in answers:
            raise ObjectError("kind", f"{kind!r} is none of {', '.join(sorted(answers))}")
        given, out = line.view("in"), line.view("out")
        actual = answers[kind](given, out)
        expected = readings[kind](given, out) if kind in readings else dict(out.data)
        yield compare(kind, where, given.data, expected, actual)

    return judge_lines(path, judge_line)
