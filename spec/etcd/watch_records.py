"""What a client saw of its watches, and the replay it is judged against.

The shape is that of `watch.json` in etcd's robustness reports (tests/robustness/model/watch.go).
"""

from dataclasses import dataclass, field

from planespec.spec.etcd.store import FROM_KEY, KeyValue, Store, get_at
from planespec.spec.etcd.watch import WatchCreate, get_events

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
