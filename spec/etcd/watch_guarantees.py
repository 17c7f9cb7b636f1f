"""The nine guarantees of a watch, as requirements on what a client saw.

The exact meaning is that of upstream's tests/robustness/validate/watch.go. The judge of each takes
a watch and the replay of all events, and yields at most the first breach. Its `message` is the
reason, its object the event, and `numbers` has the response, counted from 0.
"""

from collections.abc import Iterator

from planespec.spec.etcd.watch import Replay, SeenEvent, SeenResponse, SeenWatch
from planespec.spec.requirement import Breach, Level, Requirement, declare, judges, list_judges

SOURCE = "https://etcd.io/docs/v3.6/learning/api_guarantees/"
Broken = Breach[SeenEvent]
"""A guarantee that a watch breaks."""
GUARANTEES: dict[str, Requirement] = {}
"""Name to guarantee, WATCH-1 to WATCH-9, in the order upstream checks them."""


def _guarantee(number: int, name: str, words: str) -> Requirement:
    GUARANTEES[name] = declare(f"WATCH-{number}", f"{name}: {words}", SOURCE, name=name)
    return GUARANTEES[name]


FILTER = _guarantee(1, "Filter", "every event is of a key the watch asked for.")
ORDERED = _guarantee(2, "Ordered", "the revisions of the events of a watch never fall.")
UNIQUE = _guarantee(3, "Unique", "no event appears twice on a watch.")
ATOMIC = _guarantee(4, "Atomic", "the events of one revision are never split over two responses.")
BOOKMARKABLE = _guarantee(
    5, "Bookmarkable", "a progress notification says that no event up to its revision is to come."
)
RESUMABLE = _guarantee(
    6, "Resumable", "a watch from a revision begins with the first matching event from there on."
)
RELIABLE = _guarantee(
    7, "Reliable", "between the first and the last thing it saw, a watch misses no event."
)
IS_CREATE = _guarantee(
    8,
    "IsCreate",
    "an event is marked as a creation exactly if its key did not exist before.",
)
PREV_KV = _guarantee(
    9, "PrevKV", "a previous value that is given is the value one revision earlier."
)


def _broken(guarantee: Requirement, response: int, event: SeenEvent | None, reason: str) -> Broken:
    events = () if event is None else (event,)
    return guarantee.violated(*events, message=reason, response=response)


def describe(broken: Broken) -> str:
    """Say which guarantee is broken, by which response and event, and why."""
    what = "".join(f"{event}: " for event in broken.objects)
    name, response = broken.requirement.name, broken.numbers["response"]
    return f"{name} broken by response {response}: {what}{broken.message}"


@judges(Level.WATCH, FILTER)
def judge_filter(watch: SeenWatch, replay: Replay) -> Iterator[Broken]:
    """Compare the key of every event with the range that was asked for."""
    for number, event in _numbered(watch):
        if not watch.matches(event.key):
            yield _broken(FILTER, number, event, f"the watch is of {watch.key!r}")
            return


@judges(Level.WATCH, ORDERED)
def judge_order(watch: SeenWatch, replay: Replay) -> Iterator[Broken]:
    """Compare the revision of every event with the one before."""
    last = 0
    for number, event in _numbered(watch):
        if event.revision < last:
            yield _broken(ORDERED, number, event, f"revision {last} came before")
            return
        last = event.revision


@judges(Level.WATCH, UNIQUE)
def judge_uniqueness(watch: SeenWatch, replay: Replay) -> Iterator[Broken]:
    """Look for an event that came before.

    A nested transaction may put and delete a key in one revision; these are two events.
    """
    seen: set[tuple[int, str, bool]] = set()
    for number, event in _numbered(watch):
        identity = (event.revision, event.key, event.is_delete)
        if identity in seen:
            yield _broken(UNIQUE, number, event, "the event came before")
            return
        seen.add(identity)


@judges(Level.WATCH, ATOMIC)
def judge_atomicity(watch: SeenWatch, replay: Replay) -> Iterator[Broken]:
    """Compare the first event of every response with the last of the one before."""
    last = 0
    for number, response in enumerate(watch.responses):
        if not response.events:
            continue
        if response.events[0].revision == last:
            reason = f"an earlier response ended within revision {last}"
            yield _broken(ATOMIC, number, response.events[0], reason)
            return
        last = response.events[-1].revision


@judges(Level.WATCH, BOOKMARKABLE)
def judge_bookmarks(watch: SeenWatch, replay: Replay) -> Iterator[Broken]:
    """Compare every notification with what was delivered before and after it.

    Notifications never fall, nor below the last event, nor below where the watch begins.
    """
    notified = seen = 0
    for number, response in enumerate(watch.responses):
        for event in response.events:
            if event.revision <= notified:
                reason = f"revision {notified} was notified as complete before"
                yield _broken(BOOKMARKABLE, number, event, reason)
                return
            seen = event.revision
        if response.is_progress_notify:
            if reason := _judge_notification(watch, response, notified, seen):
                yield _broken(BOOKMARKABLE, number, None, reason)
                return
            missing = _get_first_missing(watch, replay, number)
            if missing:
                reason = f"not delivered, yet revision {response.revision} was notified"
                yield _broken(BOOKMARKABLE, number, missing, reason)
                return
            notified = response.revision


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


@judges(Level.WATCH, RESUMABLE)
def judge_resumption(watch: SeenWatch, replay: Replay) -> Iterator[Broken]:
    """Compare the first event with the first that was due."""
    if not watch.revision or not watch.events:
        return
    number, first = next(_numbered(watch))
    due = replay.for_watch(watch, watch.revision, first.revision)
    if due and _identity(due[0]) != _identity(first):
        yield _broken(RESUMABLE, number, first, f"the watch skipped: {due[0]}")


@judges(Level.WATCH, RELIABLE)
def judge_completeness(watch: SeenWatch, replay: Replay) -> Iterator[Broken]:
    """Compare what was delivered with what was due, event by event."""
    first, last = _get_first_revision(watch), _get_last_revision(watch)
    if not first:
        return
    due = replay.for_watch(watch, first, last)
    got = list(_numbered(watch))
    for expected, (number, event) in zip(due, got, strict=False):
        if _content(expected) != _content(event):
            yield _broken(RELIABLE, number, event, f"expected: {expected}")
            return
    if len(got) < len(due):
        yield _broken(RELIABLE, len(watch.responses) - 1, due[len(got)], "never delivered")
        return
    if len(got) > len(due):
        number, event = got[len(due)]
        yield _broken(RELIABLE, number, event, "there was no such event")


@judges(Level.WATCH, IS_CREATE)
def judge_creations(watch: SeenWatch, replay: Replay) -> Iterator[Broken]:
    """Look up in the replay whether the key of every event existed."""
    for number, event in _numbered(watch):
        existed = replay.before(event) is not None
        if not event.is_delete and event.is_create == existed:
            reason = "marked as creation" if existed else "not marked as creation"
            yield _broken(IS_CREATE, number, event, reason)
            return


@judges(Level.WATCH, PREV_KV)
def judge_previous_values(watch: SeenWatch, replay: Replay) -> Iterator[Broken]:
    """Look up in the replay the previous value of every event that gives one.

    It may be missing: compaction takes it away.
    """
    for number, event in _numbered(watch):
        if event.prev_value is not None and event.prev_value != replay.before(event):
            reason = f"previous value {event.prev_value}, but it was {replay.before(event)}"
            yield _broken(PREV_KV, number, event, reason)
            return


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


def get_breaches(watch: SeenWatch, replay: Replay) -> list[Broken]:
    """List the first breach of every guarantee that a watch breaks."""
    return [each for judge in list_judges(Level.WATCH) for each in judge.find(watch, replay)]
