"""One line of a `watchlist` recording: what was written when, and what could be known of it.

The answer to a delete does not tell its revision, so every history is followed that the
revisions around it leave open.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from planespec.reports.judge.apiserver.watchlist_answers import (
    seen_current,
    seen_needed,
    seen_ticks,
)
from planespec.reports.judge.runner import UndecidedError
from planespec.spec.api.watching.object_history import ObjectHistory, Stored
from planespec.spec.objects import ObjectError, View

MOST_HISTORIES = 20_000
"""More than a line of some twenty writes leaves open."""


NEAR = 50
"""A revision that is waited for and is further ahead was asked for by its number."""


@dataclass(frozen=True, slots=True)
class Write:
    """A write that changed something; `revision` 0 is a deletion's, which is not told."""

    operation: str
    name: str
    labels: Mapping[str, str]
    value: str
    revision: int


@dataclass(frozen=True, slots=True)
class Request:
    """A list or watch with its query, after so many writes, and with so many while it lasted."""

    kind: str
    query: Mapping[str, str]
    written: int
    during: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A recorded line: `requests` has None where something was written instead."""

    tells_progress: bool
    writes: Sequence[Write]
    requests: Sequence[Request | None]
    first_list: int
    """A revision that the cache had reached after the first writes."""
    before: int
    """A revision that etcd had reached before the first request."""
    compacted: int
    """What the line itself had compacted; 0 for nothing."""


def read_line(given: View) -> Line:
    """Read the `in` of a line. Raises ObjectError with the field that is wrong."""
    given.needing("etcd", "history", "requests", "firstListAfterHistory")
    given.needing("resourceVersionBeforeRequests")
    history = list(_read_writes(given.views("history")))
    requests = given.views("requests")
    asked = [each for request in requests for each in _writes_of(request)]
    later = list(_read_writes(asked))
    if later != history[len(history) - len(later) :]:
        raise ObjectError(given.path("history"), "must end with the writes among the requests")
    return Line(
        _tells_progress(given.text("etcd")),
        history,
        list(_read_requests(requests, len(history) - len(later))),
        given.int64("firstListAfterHistory"),
        given.int64("resourceVersionBeforeRequests"),
        given.integer("compactedRevision") or 0,
    )


def _tells_progress(version: str) -> bool:
    """From which releases on etcd tells its progress rightly (`feature_support_checker.go`)."""
    try:
        major, minor, patch = (int(part) for part in version.split(".")[:3])
    except ValueError as error:
        raise ObjectError(".in.etcd", f"must be a version, not {version!r}") from error
    least = {(3, 4): 31, (3, 5): 13}.get((major, minor), 0)
    return (major, minor) >= (3, 4) and patch >= least


def _writes_of(request: View) -> list[View]:
    if request.has("write"):
        return [request.view("write")]
    return request.views("writesDuring")


def _read_writes(views: Sequence[View]) -> Iterator[Write]:
    for view in views:
        view.needing("op", "name", "code")
        if (view.integer("code") or 0) >= 300:
            continue
        operation = view.text("op")
        if operation not in ("create", "update", "delete"):
            raise ObjectError(view.path("op"), f"must be create, update or delete: {operation!r}")
        revision = 0
        if operation != "delete":
            revision = _read_revision(view.needing("resourceVersion"))
        labels = view.text_map("labels")
        yield Write(operation, view.text("name"), labels, view.text("value"), revision)


def _read_revision(view: View) -> int:
    text = view.text("resourceVersion")
    if not text.isdecimal():
        raise ObjectError(view.path("resourceVersion"), f"must be a number, not {text!r}")
    return int(text)


def _read_requests(requests: Sequence[View], written: int) -> Iterator[Request | None]:
    for request in requests:
        inside = len(list(_read_writes(_writes_of(request))))
        if request.has("write"):
            yield None
        elif request.has("list"):
            yield Request("list", request.text_map("list"), written)
        elif request.has("watch"):
            yield Request("watch", request.text_map("watch"), written, inside)
        else:
            raise ObjectError(request.path(""), "must have a list, a watch or a write")
        written += inside


def get_histories(line: Line, answers: Sequence[object]) -> list[ObjectHistory]:
    """List the histories that the line leaves open. Raises UndecidedError when they are too many.

    Revisions that a watch told with a deletion are taken from there; the others lie between
    those around them.
    """
    told = dict(_told_deletions(answers))
    shown = [dict(View(answer or {}).data) for answer in answers]
    stood = [n for each in shown for n in (*seen_current(each), *seen_ticks(each))]
    reached = [line.before, *told.values(), *stood]
    needed = [n for each in shown for n in seen_needed(each) if n < max(reached) + NEAR]
    latest = max(reached + needed)
    found = list(islice(_assign(line, told, latest, ()), MOST_HISTORIES + 1))
    if len(found) > MOST_HISTORIES:
        raise UndecidedError("not decided: too many deletions whose revisions are not told")
    return [_build(line.writes, revisions) for revisions in found]


def _told_deletions(answers: Sequence[object]) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield name and value of a deleted object with the revision of its deletion.

    A deletion that only the selector of the watch saw is that of a write, whose value differs.
    """
    for answer in answers:
        for event in View(answer or {}).views("events"):
            shown = event.view("object")
            if event.text("type") == "DELETED":
                value = shown.view("data").text("v")
                yield (shown.text("name"), value), _read_revision(shown)


def _assign(
    line: Line, told: Mapping[tuple[str, str], int], latest: int, chosen: tuple[int, ...]
) -> Iterator[tuple[int, ...]]:
    """Yield every way to give the writes after those chosen their revisions, in order."""
    index = len(chosen)
    if index == len(line.writes):
        yield chosen
        return
    write = line.writes[index]
    last = chosen[-1] if chosen else 0
    for revision in [write.revision] if write.revision else _range(line, told, latest, chosen):
        if revision > last:
            yield from _assign(line, told, latest, (*chosen, revision))


def _range(
    line: Line, told: Mapping[tuple[str, str], int], latest: int, chosen: tuple[int, ...]
) -> Iterator[int]:
    """Yield the revisions that a deletion can have had; one more than any that was shown last."""
    index, last = len(chosen), chosen[-1] if chosen else 0
    known = told.get((line.writes[index].name, _last_value(line.writes, index)))
    later = list(enumerate(line.writes[index + 1 :], 1))
    end = next((each.revision - ahead + 1 for ahead, each in later if each.revision), 0)
    end = end or max(last, latest) + 2
    if known is not None and last < known < end:
        yield known
    else:
        yield from range(last + 1, end)


def _last_value(writes: Sequence[Write], index: int) -> str:
    earlier = (each for each in reversed(writes[:index]) if each.name == writes[index].name)
    found = next(earlier, None)
    if found is None:
        raise ValueError(f"in: {writes[index].name} is deleted before it is written")
    return found.value


def _build(writes: Sequence[Write], revisions: Sequence[int]) -> ObjectHistory:
    history = ObjectHistory()
    for write, revision in zip(writes, revisions, strict=True):
        if write.operation == "delete":
            history.delete(write.name, revision)
        else:
            history.write(Stored(write.name, revision, write.labels, write.value))
    return history
