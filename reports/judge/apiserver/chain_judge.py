"""Judge of `apiserver_chain` recordings: what happens to a request before and around its handler.

A line is `{"kind": ..., "in": {...}, "out": {...}}`; each kind has a function that answers it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.reports.input.lines import at, read_records
from planespec.reports.judge.apiserver.flow_answers import (
    answer_allocation,
    answer_match,
    answer_sharding,
)
from planespec.reports.judge.runner import Comparison, compare
from planespec.spec.objects.view import ObjectError, View

Answer = Callable[[View, View], object]
"""From what was asked and what was answered, our answer; the second only where it is left open."""

ANSWERS: dict[str, Answer] = {
    "concurrency_allocation": answer_allocation,
    "flow_schema_match": answer_match,
    "shuffle_sharding": answer_sharding,
}


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line of a recording; InputError where it is malformed."""
    for number, record in read_records(path):
        with at(path, number):
            line = View(record)
            kind, expected = line.text("kind"), line.data.get("out")
            if kind not in ANSWERS:
                message = f"kind: {kind!r} is not a kind of this recording"
                raise InputError(message, file=path, line=number, allowed=", ".join(ANSWERS))
            if not isinstance(expected, dict):
                raise ObjectError("out", "must be an object")
            actual = ANSWERS[kind](line.needing("in").view("in"), line.view("out"))
        yield compare(kind, f"{path}:{number}", line.data.get("in"), expected, actual)
