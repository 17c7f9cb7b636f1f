"""Judge of `watchlist`: lists and watches that a real API server answered, on two etcds.

A line is `{"kind": "watchlist", "in": {"etcd", "history", "firstListAfterHistory",
"compactedRevision", "resourceVersionBeforeRequests", "requests"}, "out": {"answers"}}` and one
case. What a line does not tell is what moment the server stood at, so every moment is tried that
it could have stood at, and an answer agrees when upstream gives it at one of them:

* the revision of a deletion, between those of the writes around it, the same for the whole line;
* the revision that the watch cache had reached: not below one it had reached before, nor below
  the one asked for if that exists, nor above the next write;
* the revision of etcd: not below the last write, nor above the next;
* before the line's first write: what was compacted, and how far the cache's events and states
  reach back (100 events of the resource at least, which is more than a line has);
* the bookmarks of the cache's timer, once a second, after the initial events.

Continue tokens are named in the order of the answers that have one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from planespec.reports.input.lines import at, read_records
from planespec.reports.judge.apiserver.watchlist_answers import (
    seen_current,
    seen_needed,
    seen_oldest,
    seen_revisions,
    seen_ticks,
    show_page,
    show_refusal,
    show_watch,
)
from planespec.reports.judge.apiserver.watchlist_line import (
    Line,
    Request,
    get_histories,
    read_line,
)
from planespec.reports.judge.runner import Comparison, are_alike, compare
from planespec.spec.api.watching.continue_token import ContinueToken, encode_token
from planespec.spec.api.watching.list_options import (
    ListOptions,
    parse_resource_version,
    read_list_options,
)
from planespec.spec.api.watching.list_serving import StorageView, serve_list
from planespec.spec.api.watching.object_history import ObjectHistory
from planespec.spec.api.watching.refusals_of_reads import ReadRefusedError
from planespec.spec.api.watching.watch_serving import serve_watch
from planespec.spec.objects import View

_FAR = 2**62
"""Above every revision of a line."""


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line. Raises InputError for a malformed one."""
    for number, record in read_records(path):
        with at(path, number):
            whole = View(record).needing("kind", "in", "out")
            line, out = read_line(whole.view("in")), whole.view("out").needing("answers")
            answers = out.items("answers")
            expected = [None if each is None else View(each).data for each in answers]
            actual, kind = _answer(line, expected), whole.text("kind")
        yield compare(kind, f"{path}:{number}", whole.view("in").data, expected, actual)


def _answer(line: Line, expected: Sequence[Any]) -> list[Any]:
    """Return the answers of the first history that gives all those recorded, or of the nearest."""
    best: tuple[int, list[Any]] = (-1, [])
    for history in get_histories(line, expected):
        actual = _Play(line, history).play(expected)
        agreeing = sum(map(are_alike, expected, actual))
        if agreeing > best[0]:
            best = agreeing, actual
        if agreeing == len(expected) == len(actual):
            break
    return best[1]


@dataclass(slots=True)
class _Play:
    """A line against one history. `reached` are the lowest revisions that can be current."""

    line: Line
    history: ObjectHistory
    cache_reached: int = 0
    storage_reached: int = 0
    tokens: dict[str, ContinueToken] = field(default_factory=dict)

    def play(self, expected: Sequence[Any]) -> list[Any]:
        self.cache_reached = self.line.first_list
        self.storage_reached = max(self.line.before, self.line.first_list)
        requests = self.line.requests
        recorded = [*expected, *([None] * (len(requests) - len(expected)))]
        return [
            None if request is None else self._answer(request, answer or {})
            for request, answer in zip(requests, recorded, strict=False)
        ]

    def _answer(self, request: Request, expected: dict[str, Any]) -> dict[str, Any]:
        """Try every moment the server can have stood at; the first stands for all that fail."""
        is_watch = request.kind == "watch"
        try:
            options = read_list_options(self._resolve(request.query), watch=is_watch)
        except ReadRefusedError as refusal:
            return show_refusal(refusal.status, is_watch=is_watch)
        answers: list[dict[str, Any]] = []
        for server in self._moments(request, options, expected):
            tokens = dict(self.tokens)
            actual = self._serve(request, options, server, expected, tokens)
            answers.append(actual)
            if are_alike(expected, actual):
                self.tokens = tokens
                self._learn(server, request, expected)
                return actual
        return answers[0]

    def _resolve(self, query: Mapping[str, str]) -> dict[str, str]:
        named = self.tokens.get(query.get("continue", ""))
        return {**query, "continue": encode_token(named)} if named else dict(query)

    def _serve(
        self,
        request: Request,
        options: ListOptions,
        server: StorageView,
        expected: dict[str, Any],
        tokens: dict[str, ContinueToken],
    ) -> dict[str, Any]:
        is_watch = request.kind == "watch"
        try:
            if is_watch:
                until = self._revision(request.written + request.during - 1)
                end = self._revision(request.written + request.during)
                ticks = [tick for tick in seen_ticks(expected) if tick < end]
                return show_watch(serve_watch(options, server, until, ticks))
            page = serve_list(options, server)
            name = f"token{len(tokens)}"
            if page.token:
                tokens[name] = page.token
            return show_page(page, name)
        except ReadRefusedError as refusal:
            return show_refusal(refusal.status, is_watch=is_watch)

    def _revision(self, index: int) -> int:
        """The revision of a write of the line; 0 before the first, far after the last."""
        changes = self.history.changes
        if index < 0:
            return 0
        return changes[index].revision if index < len(changes) else _FAR

    def _moments(
        self, request: Request, options: ListOptions, expected: dict[str, Any]
    ) -> Iterator[StorageView]:
        last, then = self._revision(request.written - 1), request.written + request.during
        end = self._revision(then) - 1
        storage = _choose(max(self.storage_reached, last), end, self._seen(request, expected))
        waited = max(self.cache_reached, min(_asked(options), last))
        cache = _choose(waited, end, self._seen(request, expected))
        first = self._revision(0)
        compacted = {self.line.compacted, max(self.line.compacted, first)}
        oldest = {0, *(each for each in seen_oldest(expected) if each <= first)}
        for reached, current, gone, event, state in product(
            cache, storage, sorted(compacted), sorted(oldest), (0, first)
        ):
            if reached <= current:
                yield StorageView(
                    self.history, current, reached, gone, state, event, self.line.tells_progress
                )

    def _seen(self, request: Request, expected: dict[str, Any]) -> list[int]:
        """Revisions at which something can be told apart: those answered, those written."""
        writes = [change.revision for change in self.history.changes]
        told = (seen_current, seen_needed, seen_revisions)
        shown = (each for seen in told for each in seen(expected))
        return [self.storage_reached, *shown, *writes]

    def _learn(self, server: StorageView, request: Request, expected: dict[str, Any]) -> None:
        """Keep that no revision which was seen to be reached is left again."""
        last = self._revision(request.written + request.during - 1)
        self.storage_reached = max(self.storage_reached, server.storage_revision, last)
        if request.kind == "list" and expected.get("code") == 200:
            self.cache_reached = max(self.cache_reached, server.cache_revision)


def _choose(low: int, end: int, seen: Sequence[int]) -> list[int]:
    """List the revisions from `low` to `end` that have to be tried, the lowest first."""
    return sorted({low, *(each for each in seen if low <= each <= end)})


def _asked(options: ListOptions) -> int:
    """The revision that the cache waits for: that of etcd where the latest is asked for."""
    if not options.resource_version:
        return _FAR
    try:
        return parse_resource_version(options.resource_version)
    except ValueError:
        return 0
