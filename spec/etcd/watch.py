"""Watches: which events one delivers, when it is cancelled, what a client saw of it.

Source: server/mvcc/watchable_store.go, server/etcdserver/api/v3rpc/watch.go. The functions
give everything a watch can deliver at a state; how a server cuts it into responses is free as
long as one revision is never split.
"""

from dataclasses import dataclass, field

from planespec.spec.etcd.store import FROM_KEY, KeyValue, Store, get_at, is_in_range


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


# What a client saw of its watches, and the replay it is judged against.
#
# The shape is that of `watch.json` in etcd's robustness reports
# (tests/robustness/model/watch.go).


HASH_FROM = 20
"""Values of this many bytes and more are recorded as their hash."""

HASHED = "\0hash "
"""Begins the text that stands in a store for a value of which only the hash is known."""

ValueOrHash = str | int
"""A short value as it is, a long one as its 32-bit FNV-1a hash."""


@dataclass(frozen=True)
class PreviousValue:
    """What a key held before an event."""

    value: ValueOrHash
    mod_revision: int
    version: int


@dataclass(frozen=True)
class SeenEvent:
    """One event as the client saw it; `value` is empty for a deletion."""

    key: str
    value: ValueOrHash
    revision: int
    is_delete: bool = False
    is_create: bool = False
    prev_value: PreviousValue | None = None

    def __str__(self) -> str:
        change = "deleted" if self.is_delete else f"= {self.value!r}"
        return f"{self.key} {change} at revision {self.revision}"


@dataclass(frozen=True)
class SeenResponse:
    """One response: a list of events, or a progress notification; `time` in nanoseconds."""

    events: tuple[SeenEvent, ...] = ()
    is_progress_notify: bool = False
    revision: int = 0
    time: int = 0
    error: str = ""


@dataclass(frozen=True)
class SeenWatch:
    """One watch from its request to its end; a `revision` of 0 starts at the next event."""

    key: str
    revision: int = 0
    with_prefix: bool = False
    with_progress_notify: bool = False
    with_prev_kv: bool = False
    responses: tuple[SeenResponse, ...] = ()

    def matches(self, key: str) -> bool:
        """Say whether the watch is of this key."""
        return key.startswith(self.key) if self.with_prefix else key == self.key

    @property
    def last(self) -> int:
        """The revision of the last event, 0 before the first."""
        return self.events[-1].revision if self.events else 0

    @property
    def events(self) -> tuple[SeenEvent, ...]:
        """All events in the order they came."""
        return tuple(event for response in self.responses for event in response.events)


@dataclass(frozen=True)
class Replay:
    """Every event there was, in order, and what each key held at every revision."""

    events: tuple[SeenEvent, ...]
    store: Store = field(repr=False)

    def for_watch(self, watch: SeenWatch, first: int, last: int) -> list[SeenEvent]:
        """List the events a watch must deliver in the revisions `first` to `last`."""
        return [e for e in self.events if first <= e.revision <= last and watch.matches(e.key)]

    def before(self, event: SeenEvent) -> PreviousValue | None:
        """Return what the key of an event held one revision earlier."""
        found = next(get_at(self.store, event.key, "", event.revision - 1), None)
        return None if found is None else as_previous_value(found)


def build_replay(store: Store) -> Replay:
    """Take the replay from a store that was never compacted.

    Raises ValueError for a compacted one: its past is gone.
    """
    if store.compact_revision >= 0:
        raise ValueError("a replay needs a store that was never compacted")
    everything = get_events(store, WatchCreate(FROM_KEY, FROM_KEY), 0)
    events = (
        SeenEvent(
            event.kv.key,
            as_value_or_hash(event.kv.value),
            event.kv.mod_revision,
            event.is_delete,
            event.is_create,
        )
        for event in everything
    )
    return Replay(tuple(events), store)


def as_previous_value(kv: KeyValue) -> PreviousValue:
    """Return a version as the record of a previous value."""
    return PreviousValue(as_value_or_hash(kv.value), kv.mod_revision, kv.version)


def as_stored_value(value: ValueOrHash) -> str:
    """Return a text to keep in a store for a value of which only the hash was recorded."""
    return value if isinstance(value, str) else f"{HASHED}{value}"


def as_value_or_hash(value: str) -> ValueOrHash:
    """Return a value as reports keep it; one made by `as_stored_value` gives back its hash."""
    if value.startswith(HASHED):
        return int(value.removeprefix(HASHED))
    raw = value.encode()
    if len(raw) < HASH_FROM:
        return value
    digest = 0x811C9DC5
    for byte in raw:
        digest = (digest ^ byte) * 0x01000193 & 0xFFFFFFFF
    return digest
