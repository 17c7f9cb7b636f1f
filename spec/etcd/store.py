"""The state of the store and its multi-version primitives.

Source: server/mvcc/kvstore.go, kvstore_txn.go, index.go, kvstore_compaction.go. One departure
on purpose: compaction keeps a deletion made at the compacted revision itself, because a watch
may still start there; 3.5.1 drops it (issues 18089 and 19179).
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from planespec.spec.etcd.refusals import EtcdError, RefusalError

FROM_KEY = "\0"
"""The `range_end` that means every key from `key` on."""


@dataclass(frozen=True)
class KeyValue:
    """One version of one key; a `version` of 0 is a deletion (tombstone).

    `sub` orders the changes of one revision and is not visible to clients.
    """

    key: str
    value: str = ""
    create_revision: int = 0
    mod_revision: int = 0
    version: int = 0
    lease: int = 0
    sub: int = 0

    @property
    def is_deletion(self) -> bool:
        """Say whether this version ends the life of its key."""
        return self.version == 0


@dataclass(frozen=True)
class Lease:
    """A granted lease; `ttl` in seconds. Its keys are those whose latest version names it."""

    id: int
    ttl: int


@dataclass(frozen=True)
class Store:
    """Everything a member keeps. `histories` is sorted by key, each oldest version first.

    `changes` counts the writes of the transaction under way; they carry `revision + 1`.
    An empty store is at revision 1; nothing was compacted while `compact_revision` is -1.
    """

    revision: int = 1
    compact_revision: int = -1
    histories: tuple[tuple[KeyValue, ...], ...] = ()
    leases: tuple[Lease, ...] = ()
    changes: int = 0

    @property
    def visible_revision(self) -> int:
        """The newest revision a read sees, writes of the open transaction included."""
        return self.revision + (1 if self.changes else 0)


def commit(store: Store) -> Store:
    """Close the transaction under way; its writes, if any, become the next revision."""
    return replace(store, revision=store.visible_revision, changes=0)


def is_in_range(key: str, start: str, range_end: str) -> bool:
    """Say whether `key` is `start` itself or in [start, range_end)."""
    if not range_end:
        return key == start
    return key >= start and (range_end == FROM_KEY or key < range_end)


def get_at(store: Store, start: str, range_end: str, revision: int) -> Iterator[KeyValue]:
    """Yield the live version at `revision` of each key of the range, in order of keys."""
    for history in get_histories(store, start, range_end):
        latest = next((kv for kv in reversed(history) if kv.mod_revision <= revision), None)
        if latest is not None and not latest.is_deletion:
            yield latest


def get_histories(store: Store, start: str, range_end: str) -> Iterator[tuple[KeyValue, ...]]:
    """Yield the kept history of each key of the range, in order of keys."""
    first = bisect_left(store.histories, start, key=_key_of)
    for history in store.histories[first:]:
        if not is_in_range(history[0].key, start, range_end):
            return
        yield history


def get_latest(store: Store, key: str) -> KeyValue | None:
    """Return the version of `key` that a read sees now, or None where there is none."""
    return next(get_at(store, key, "", store.visible_revision), None)


def check_revision(store: Store, revision: int) -> int:
    """Return the revision a read answers from; 0 and below mean the latest.

    Raises RefusalError for a revision not yet reached or compacted away; the compacted revision
    itself can still be read.
    """
    if revision > store.visible_revision:
        raise RefusalError(EtcdError.FUTURE_REVISION)
    chosen = revision if revision > 0 else store.visible_revision
    if chosen < store.compact_revision:
        raise RefusalError(EtcdError.COMPACTED)
    return chosen


def write(store: Store, key: str, value: str, lease: int) -> Store:
    """Add a version of `key` to the open transaction; the version counts from its creation."""
    old = get_latest(store, key)
    revision = store.revision + 1
    created = revision if old is None else old.create_revision
    version = 1 if old is None else old.version + 1
    return _append(store, KeyValue(key, value, created, revision, version, lease, store.changes))


def erase(store: Store, start: str, range_end: str) -> tuple[Store, int]:
    """Delete the live keys of a range in the open transaction; also return how many."""
    doomed = [kv.key for kv in get_at(store, start, range_end, store.visible_revision)]
    for key in doomed:
        tombstone = KeyValue(key, mod_revision=store.revision + 1, sub=store.changes)
        store = _append(store, tombstone)
    return store, len(doomed)


def compact(store: Store, revision: int) -> Store:
    """Forget what neither a read nor a watch at or after `revision` can ask for.

    Raises RefusalError where the revision is compacted already or not yet reached.
    """
    if revision <= store.compact_revision:
        raise RefusalError(EtcdError.COMPACTED)
    if revision > store.revision:
        raise RefusalError(EtcdError.FUTURE_REVISION)
    kept = (_compact_history(history, revision) for history in store.histories)
    return replace(
        store, compact_revision=revision, histories=tuple(history for history in kept if history)
    )


def _compact_history(history: tuple[KeyValue, ...], revision: int) -> tuple[KeyValue, ...]:
    newer = tuple(kv for kv in history if kv.mod_revision >= revision)
    older = history[: len(history) - len(newer)]
    if not older or older[-1].is_deletion or any(kv.mod_revision == revision for kv in newer):
        return newer
    return (older[-1], *newer)


def _append(store: Store, kv: KeyValue) -> Store:
    at = bisect_left(store.histories, kv.key, key=_key_of)
    known = at < len(store.histories) and store.histories[at][0].key == kv.key
    history = (*store.histories[at], kv) if known else (kv,)
    rest = store.histories[at + 1 :] if known else store.histories[at:]
    histories = (*store.histories[:at], history, *rest)
    return replace(store, histories=histories, changes=store.changes + 1)


def _key_of(history: tuple[KeyValue, ...]) -> str:
    return history[0].key
