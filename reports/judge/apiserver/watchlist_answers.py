"""Answers of a `watchlist` recording: ours in its form, and what a recorded one tells."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from planespec.spec.api.watching.list_serving import ListPage
from planespec.spec.api.watching.object_history import Stored
from planespec.spec.api.watching.refusals_of_reads import Status
from planespec.spec.api.watching.watch_serving import WatchEvent, WatchType
from planespec.spec.objects import View

INITIAL_EVENTS_END = {"k8s.io/initial-events-end": "true"}
_CURRENT = re.compile(r"current: ([0-9]+)$")
_NEEDED = re.compile(r"Too large resource version: ([0-9]+), ")
_OLDEST = re.compile(r"too old resource version: [0-9]+ \(([0-9]+)\)$")


def show_page(page: ListPage, name: str) -> dict[str, Any]:
    """Write a list that was answered; `name` is that of its token, if it has one."""
    shown: dict[str, Any] = {
        "code": 200,
        "resourceVersion": str(page.revision),
        "items": [_show_object(each) for each in page.items],
        "remainingItemCount": page.remaining,
    }
    return shown | ({"continue": name} if page.token else {})


def show_refusal(status: Status, *, is_watch: bool) -> dict[str, Any]:
    """Write a request that was refused."""
    return {"code": status["code"], "body" if is_watch else "status": status}


def show_watch(events: Sequence[WatchEvent]) -> dict[str, Any]:
    """Write a watch that was accepted."""
    return {"code": 200, "events": [_show_event(each) for each in events]}


def _show_event(event: WatchEvent) -> dict[str, Any]:
    if event.stored is not None:
        return {"type": str(event.type), "object": _show_object(event.stored)}
    if event.status is not None:
        return {"type": str(event.type), "object": event.status}
    shown: dict[str, Any] = {"name": None, "resourceVersion": str(event.revision)}
    if event.ends_initial:
        shown["annotations"] = INITIAL_EVENTS_END
    return {"type": str(event.type), "object": shown}


def _show_object(stored: Stored) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": stored.name, "resourceVersion": str(stored.revision)}
    if stored.labels:
        shown["labels"] = dict(stored.labels)
    return shown | {"data": {"v": stored.content}}


def seen_current(answer: dict[str, Any]) -> Iterator[int]:
    """Yield the revisions at which the answer says that the server stood."""
    yield from _numbers(View(answer))
    for event in View(answer).views("events"):
        shown = event.view("object")
        if event.text("type") == WatchType.BOOKMARK and "annotations" in shown.data:
            yield from _numbers(shown)
        yield from map(int, _CURRENT.findall(shown.text("message")))
    for status in (View(answer).view("status"), View(answer).view("body")):
        yield from map(int, _CURRENT.findall(status.text("message")))


def seen_revisions(answer: dict[str, Any]) -> Iterator[int]:
    """Yield the revisions of the objects in a watch, and the ones before them."""
    for event in View(answer).views("events"):
        for number in _numbers(event.view("object")):
            yield from (number - 1, number)


def seen_needed(answer: dict[str, Any]) -> Iterator[int]:
    """Yield the revision that a watch waited for in vain; etcd's, if it asked for the latest."""
    for event in View(answer).views("events"):
        yield from map(int, _NEEDED.findall(event.view("object").text("message")))


def seen_oldest(answer: dict[str, Any]) -> Iterator[int]:
    """Yield the revision from which on a watch that was too old says the cache has events."""
    for event in View(answer).views("events"):
        for number in _OLDEST.findall(event.view("object").text("message")):
            yield int(number) + 1


def seen_ticks(answer: dict[str, Any]) -> list[int]:
    """List the revisions of the plain bookmarks of a watch."""
    return [
        number
        for event in View(answer).views("events")
        if event.text("type") == WatchType.BOOKMARK
        and "annotations" not in event.view("object").data
        for number in _numbers(event.view("object"))
    ]


def _numbers(shown: View) -> Iterator[int]:
    if (text := shown.text("resourceVersion")).isdecimal():
        yield int(text)
