"""Judge of `etcd`: sequences of requests a real member answered, and the watch that closed each.

A line is `{"startRevision", "prefix", "ops": [{"op", "request", "code", "response"}], "watch"}`.
The keys of a line are its own; revisions are those of the whole store, on which other lines
worked before. What was compacted then is not recorded, so every possibility that the requests
of the line can tell apart is followed, as etcd's robustness model does with lost answers
(tests/robustness/model/non_deterministic.go). A line must agree with one of them throughout.
Kinds: one for each operation, and `watch`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from planespec.reports.input.lines import at, read_records
from planespec.reports.judge.runner import Comparison, compare
from planespec.spec.etcd.member import respond
from planespec.spec.etcd.responses import Answer
from planespec.spec.etcd.store import Store
from planespec.spec.etcd.watch import WatchCreate, watch
from planespec.spec.etcd.wire import read_request, write_answer, write_watch_response
from planespec.spec.objects import View

NEVER_COMPACTED = -1
_NUMBER = re.compile(r"-?[0-9]{1,19}$")


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each request and for the closing watch of each line.

    Raises InputError for a line without these fields or with an unknown operation.
    """
    for number, record in read_records(path):
        with at(path, number):
            line = _Line(record)
        where = f"{path}:{number}"
        for index, item in enumerate(line.ops):
            with at(path, number):
                yield line.judge_operation(f"{where} ops[{index}]", item)
        yield line.judge_watch(where)


class _Line:
    """One recorded sequence and the stores that can still be its state."""

    def __init__(self, record: dict[str, Any]) -> None:
        line = View(record).needing("startRevision", "prefix", "ops", "watch")
        self.start, self.prefix = line.integer("startRevision") or 0, line.text("prefix")
        self.ops = line.views("ops")
        self.expected_watch = line.items("watch")
        self.stores = [
            Store(revision=self.start, compact_revision=compacted)
            for compacted in get_compactions([each.data for each in self.ops], self.start)
        ]

    def judge_operation(self, where: str, item: View) -> Comparison:
        """Answer one request on every store left and keep those that agree, if any does."""
        item.needing("op", "request", "code", "response")
        operation, given = item.text("op"), item.view("request").data
        request = read_request(operation, given)
        expected = [item.integer("code"), item.view("response").data]
        results = [respond(store, request) for store in self.stores]
        agreeing = [result for result in results if _shown(result[1]) == expected]
        self.stores = [store for store, _ in agreeing or results]
        actual = _shown((agreeing or results)[0][1])
        return compare(operation, where, given, expected, actual)

    def judge_watch(self, where: str) -> Comparison:
        """Compare the watch of the line's keys, from its first write, with previous values."""
        request = WatchCreate(self.prefix, self.prefix + "~", self.start + 1, prev_kv=True)
        given = {"key": request.key, "start_revision": request.start_revision}
        actual = [{"result": write_watch_response(r)} for r in watch(self.stores[0], request)]
        return compare("watch", where, given, self.expected_watch, actual)


def get_compactions(ops: list[Any], start: int) -> list[int]:
    """List the revisions, up to `start`, that may have been compacted before the line began.

    Two revisions between which no request of the line lies cannot be told apart; one stands
    for all. None at all comes first.
    """
    named = {revision for revision in _get_revisions(ops) if 0 <= revision <= start}
    edges = {start} | named | {revision + 1 for revision in named if revision < start}
    return [NEVER_COMPACTED, *sorted(edges)]


def _get_revisions(value: object) -> Iterator[int]:
    if isinstance(value, dict):
        revision = value.get("revision")
        if isinstance(revision, int) or (isinstance(revision, str) and _NUMBER.match(revision)):
            yield int(revision)
        for inner in value.values():
            yield from _get_revisions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _get_revisions(inner)


def _shown(answer: Answer) -> list[Any]:
    return list(write_answer(answer))
