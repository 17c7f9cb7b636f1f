"""Watches: which events a watch delivers, and when it is cancelled.

Source: server/mvcc/watchable_store.go, server/etcdserver/api/v3rpc/watch.go. The functions
give everything a watch can deliver at a state; how a server cuts it into responses is free as
long as one revision is never split.
"""

from dataclasses import dataclass

from planespec.spec.etcd.store import KeyValue, Store, get_at, is_in_range


@dataclass(frozen=True)
class WatchCreate:
    """Ask for the events of a range from `start_revision` on; 0 means those still to come."""

    key: str
    range_end: str = ""
    start_revision: int = 0
    prev_kv: bool = False
    progress_notify: bool = False
    no_put: bool = False
    no_delete: bool = False


@dataclass(frozen=True)
class Event:
    """One change; a deletion's `kv` has only key and revision."""

    kv: KeyValue
    prev_kv: KeyValue | None = None

    @property
    def is_delete(self) -> bool:
        """Say whether the event is of type DELETE."""
        return self.kv.is_deletion

    @property
    def is_create(self) -> bool:
        """Say whether the event is the birth of its key."""
        return not self.is_delete and self.kv.create_revision == self.kv.mod_revision


@dataclass(frozen=True)
class WatchResponse:
    """One message of a watch; `compact_revision` is set where it cancels.

    `revision` is that of the header: 0 in a cancellation, where etcd leaves it out.
    """

    revision: int
    created: bool = False
    canceled: bool = False
    compact_revision: int = 0
    events: tuple[Event, ...] = ()


def watch(store: Store, request: WatchCreate) -> tuple[WatchResponse, ...]:
    """Return what a new watch delivers at once: created, then a cancellation or the past."""
    created = WatchResponse(store.revision, created=True)
    if request.start_revision and request.start_revision < store.compact_revision:
        cancel = WatchResponse(0, canceled=True, compact_revision=store.compact_revision)
        return created, cancel
    events = get_events(store, request, request.start_revision or store.revision + 1)
    return (created, WatchResponse(store.revision, events=events)) if events else (created,)


def get_events(
    store: Store, request: WatchCreate, first: int, last: int | None = None
) -> tuple[Event, ...]:
    """List the events of the revisions `first` to `last` (default: the latest) that match.

    Raises ValueError where the history from `first` on is compacted.
    """
    if first < store.compact_revision:
        raise ValueError(f"revision {first} is compacted at {store.compact_revision}")
    until = store.revision if last is None else last
    matching = [
        kv
        for history in store.histories
        if is_in_range(history[0].key, request.key, request.range_end)
        for kv in history
        if first <= kv.mod_revision <= until and is_watched(request, kv)
    ]
    ordered = sorted(matching, key=lambda kv: (kv.mod_revision, kv.sub))
    return tuple(_to_event(store, request, kv) for kv in ordered)


def is_watched(request: WatchCreate, kv: KeyValue) -> bool:
    """Say whether the filters NOPUT and NODELETE let a change through."""
    return not (request.no_delete if kv.is_deletion else request.no_put)


def can_notify_progress(store: Store, request: WatchCreate, delivered: int) -> bool:
    """Say whether a progress notification at the store's revision keeps its promise.

    It promises that nothing at or below it is still to come. `delivered` is the revision up
    to which events were sent. Not so before the past is delivered (issue 15220), nor for a
    watch that starts in the future (issue 20221).
    """
    return request.start_revision <= store.revision + 1 and not get_events(
        store, request, max(delivered + 1, request.start_revision, store.compact_revision)
    )


def _to_event(store: Store, request: WatchCreate, kv: KeyValue) -> Event:
    event = Event(kv)
    before = kv.mod_revision - 1
    if not request.prev_kv or event.is_create or before < store.compact_revision:
        return event
    return Event(kv, next(get_at(store, kv.key, "", before), None))
