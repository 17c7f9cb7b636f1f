"""The nine guarantees of a watch, as requirements on what a client saw.

The exact meaning is that of upstream's tests/robustness/validate/watch.go. Each guarantee is a
function from a watch and the replay of all events to the first breach, or None. The first line
of its docstring is the statement.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from planespec.spec.etcd.watch_records import Replay, SeenEvent, SeenResponse, SeenWatch
from planespec.spec.requirement import Requirement, requirement

SOURCE = "https://etcd.io/docs/v3.6/learning/api_guarantees/"


@dataclass(frozen=True)
class Breach:
    """A broken guarantee: which, by what, and why; `response` counts from 0."""

    guarantee: str
    response: int
    event: SeenEvent | None
    reason: str

    def __str__(self) -> str:
        what = f"{self.event}: " if self.event else ""
        return f"{self.guarantee} broken by response {self.response}: {what}{self.reason}"


FindBreach = Callable[[SeenWatch, Replay], Breach | None]


@dataclass(frozen=True)
class WatchObservation:
    """What a guarantee is judged on: one watch, and the replay of all events."""

    watch: SeenWatch
    replay: Replay


@dataclass(frozen=True)
class Guarantee:
    """A requirement on a `WatchObservation`, and the function that names what breaks it."""

    requirement: Requirement
    find_breach: FindBreach


def is_filtered(watch: SeenWatch, replay: Replay) -> Breach | None:
    """Filter: every event is of a key the watch asked for."""
    for number, event in _numbered(watch):
        if not watch.matches(event.key):
            return Breach("Filter", number, event, f"the watch is of {watch.key!r}")
    return None


def is_ordered(watch: SeenWatch, replay: Replay) -> Breach | None:
    """Ordered: the revisions of the events of a watch never fall."""
    last = 0
    for number, event in _numbered(watch):
        if event.revision < last:
            return Breach("Ordered", number, event, f"revision {last} came before")
        last = event.revision
    return None


def is_unique(watch: SeenWatch, replay: Replay) -> Breach | None:
    """Unique: no event appears twice on a watch.

    A nested transaction may put and delete a key in one revision; these are two events.
    """
    seen: set[tuple[int, str, bool]] = set()
    for number, event in _numbered(watch):
        identity = (event.revision, event.key, event.is_delete)
        if identity in seen:
            return Breach("Unique", number, event, "the event came before")
        seen.add(identity)
    return None


def is_atomic(watch: SeenWatch, replay: Replay) -> Breach | None:
    """Atomic: the events of one revision are never split over two responses."""
    last = 0
    for number, response in enumerate(watch.responses):
        if not response.events:
            continue
        if response.events[0].revision == last:
            reason = f"an earlier response ended within revision {last}"
            return Breach("Atomic", number, response.events[0], reason)
        last = response.events[-1].revision
    return None


def is_bookmarkable(watch: SeenWatch, replay: Replay) -> Breach | None:
    """Bookmarkable: a progress notification says that no event up to its revision is to come.

    Notifications never fall, nor below the last event, nor below where the watch begins.
    """
    notified = seen = 0
    for number, response in enumerate(watch.responses):
        for event in response.events:
            if event.revision <= notified:
                reason = f"revision {notified} was notified as complete before"
                return Breach("Bookmarkable", number, event, reason)
            seen = event.revision
        if response.is_progress_notify:
            if reason := _judge_notification(watch, response, notified, seen):
                return Breach("Bookmarkable", number, None, reason)
            missing = _get_first_missing(watch, replay, number)
            if missing:
                reason = f"not delivered, yet revision {response.revision} was notified"
                return Breach("Bookmarkable", number, missing, reason)
            notified = response.revision
    return None


def _judge_notification(watch: SeenWatch, response: SeenResponse, notified: int, seen: int) -> str:
    """Say what is wrong with the revision of a notification; nothing is the empty string."""
    revision = response.revision
    if revision < notified:
        return f"progress at revision {revision} after one at {notified}"
    if revision < seen:
        return f"progress at revision {revision} after an event of {seen}"
    if revision < watch.revision - 1:
        return f"progress at revision {revision} on a watch that starts at {watch.revision}"
    return ""


def _get_first_missing(watch: SeenWatch, replay: Replay, number: int) -> SeenEvent | None:
    if not watch.revision:
        return None
    notification = watch.responses[number]
    delivered = {_identity(e) for r in watch.responses[:number] for e in r.events}
    due = replay.for_watch(watch, watch.revision, notification.revision)
    return next((event for event in due if _identity(event) not in delivered), None)


def is_resumable(watch: SeenWatch, replay: Replay) -> Breach | None:
    """Resumable: a watch from a revision begins with the first matching event from there on."""
    if not watch.revision or not watch.events:
        return None
    number, first = next(_numbered(watch))
    due = replay.for_watch(watch, watch.revision, first.revision)
    if due and _identity(due[0]) != _identity(first):
        return Breach("Resumable", number, first, f"the watch skipped: {due[0]}")
    return None


def is_reliable(watch: SeenWatch, replay: Replay) -> Breach | None:
    """Reliable: between the first and the last thing it saw, a watch misses no event."""
    first, last = _get_first_revision(watch), _get_last_revision(watch)
    if not first:
        return None
    due = replay.for_watch(watch, first, last)
    got = list(_numbered(watch))
    for expected, (number, event) in zip(due, got, strict=False):
        if _content(expected) != _content(event):
            return Breach("Reliable", number, event, f"expected: {expected}")
    if len(got) < len(due):
        return Breach("Reliable", len(watch.responses) - 1, due[len(got)], "never delivered")
    if len(got) > len(due):
        number, event = got[len(due)]
        return Breach("Reliable", number, event, "there was no such event")
    return None


def is_create_right(watch: SeenWatch, replay: Replay) -> Breach | None:
    """IsCreate: an event is marked as a creation exactly if its key did not exist before."""
    for number, event in _numbered(watch):
        existed = replay.before(event) is not None
        if not event.is_delete and event.is_create == existed:
            reason = "marked as creation" if existed else "not marked as creation"
            return Breach("IsCreate", number, event, reason)
    return None


def is_prev_value_right(watch: SeenWatch, replay: Replay) -> Breach | None:
    """PrevKV: a previous value that is given is the value one revision earlier.

    It may be missing: compaction takes it away.
    """
    for number, event in _numbered(watch):
        if event.prev_value is not None and event.prev_value != replay.before(event):
            reason = f"previous value {event.prev_value}, but it was {replay.before(event)}"
            return Breach("PrevKV", number, event, reason)
    return None


def _numbered(watch: SeenWatch) -> Iterator[tuple[int, SeenEvent]]:
    """Yield every event with the number of its response."""
    for number, response in enumerate(watch.responses):
        for event in response.events:
            yield number, event


def _identity(event: SeenEvent) -> tuple[int, str, bool]:
    return event.revision, event.key, event.is_delete


def _content(event: SeenEvent) -> tuple[int, str, bool, object]:
    return *_identity(event), event.value


def _get_first_revision(watch: SeenWatch) -> int:
    """Return the revision from which nothing may be missing; 0 when nothing is known."""
    if watch.revision or not watch.responses:
        return watch.revision
    first = watch.responses[0]
    if first.is_progress_notify:
        return first.revision + 1
    return first.events[0].revision if first.events else 0


def _get_last_revision(watch: SeenWatch) -> int:
    for response in reversed(watch.responses):
        if response.is_progress_notify:
            return response.revision
        if response.events:
            return response.events[-1].revision
    return 0


def _require(number: int, find: FindBreach) -> Guarantee:
    def predicate(seen: WatchObservation) -> bool:
        return find(seen.watch, seen.replay) is None

    predicate.__doc__, predicate.__name__ = find.__doc__, find.__name__
    return Guarantee(requirement(f"WATCH-{number}", source=SOURCE)(predicate), find)


_NAMED: dict[str, FindBreach] = {
    "Filter": is_filtered,
    "Ordered": is_ordered,
    "Unique": is_unique,
    "Atomic": is_atomic,
    "Bookmarkable": is_bookmarkable,
    "Resumable": is_resumable,
    "Reliable": is_reliable,
    "IsCreate": is_create_right,
    "PrevKV": is_prev_value_right,
}
GUARANTEES = {
    name: _require(number, find) for number, (name, find) in enumerate(_NAMED.items(), start=1)
}
"""Name to guarantee, WATCH-1 to WATCH-9, in the order upstream checks them."""


def get_breaches(watch: SeenWatch, replay: Replay) -> list[Breach]:
    """List the first breach of every guarantee that a watch breaks."""
    found = (guarantee.find_breach(watch, replay) for guarantee in GUARANTEES.values())
    return [breach for breach in found if breach]
