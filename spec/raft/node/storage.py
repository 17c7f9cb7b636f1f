"""What survives a crash: hard state, log entries, and the latest snapshot.

Source: MemoryStorage of go.etcd.io/raft v3.6 (storage.go).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from planespec.spec.raft.confchange import Configuration
from planespec.spec.raft.node.messages import (
    EMPTY_HARD_STATE,
    NO_ENTRY,
    NO_SNAPSHOT,
    Entry,
    HardState,
    Snapshot,
)


@dataclass(slots=True)
class Storage:
    """The durable state of one node; `entries` follow the compacted prefix without a gap."""

    hard_state: HardState = EMPTY_HARD_STATE
    snapshot: Snapshot = NO_SNAPSHOT
    compacted: Entry = NO_ENTRY
    """Index and term of the last entry that was compacted away; its data is gone."""
    entries: list[Entry] = field(default_factory=list)


def get_first_index(storage: Storage) -> int:
    """Return the index of the first entry that is still there, or would be the first."""
    return storage.compacted.index + 1


def get_last_index(storage: Storage) -> int:
    """Return the index of the last entry, or of the compacted prefix when there is none."""
    return storage.compacted.index + len(storage.entries)


def get_term(storage: Storage, index: int) -> int | None:
    """Return the term at `index`; None when it is compacted away or not there yet."""
    if index == storage.compacted.index:
        return storage.compacted.term
    if get_first_index(storage) <= index <= get_last_index(storage):
        return storage.entries[index - get_first_index(storage)].term
    return None


def append(storage: Storage, entries: Sequence[Entry]) -> None:
    """Write `entries`, replacing the tail from the first of them on.

    Entries that are compacted already are passed over. ValueError when there would be a gap.
    """
    fresh = [entry for entry in entries if entry.index >= get_first_index(storage)]
    if not fresh:
        return
    position = fresh[0].index - get_first_index(storage)
    if position > len(storage.entries):
        raise ValueError(f"missing log entry before {fresh[0].index}")
    storage.entries[position:] = fresh


def apply_snapshot(storage: Storage, snapshot: Snapshot) -> None:
    """Replace log and snapshot by `snapshot`; one that is not newer changes nothing."""
    if storage.snapshot.index >= snapshot.index:
        return
    storage.snapshot = snapshot
    storage.compacted = Entry(index=snapshot.index, term=snapshot.term)
    storage.entries.clear()


def create_snapshot(storage: Storage, index: int, configuration: Configuration) -> None:
    """Keep a snapshot of the state at `index`; one that is not newer changes nothing.

    ValueError when `index` lies beyond the log.
    """
    if index <= storage.snapshot.index:
        return
    term = get_term(storage, index)
    if term is None:
        raise ValueError(f"snapshot {index} is out of bound lastindex({get_last_index(storage)})")
    storage.snapshot = Snapshot(index=index, term=term, configuration=configuration)


def compact(storage: Storage, index: int) -> None:
    """Forget the entries up to and including `index`; what is compacted already stays so.

    ValueError when `index` lies beyond the log.
    """
    if index <= storage.compacted.index:
        return
    if index > get_last_index(storage):
        raise ValueError(f"compact {index} is out of bound lastindex({get_last_index(storage)})")
    position = index - get_first_index(storage)
    storage.compacted = replace(storage.entries[position], data="", change=None)
    del storage.entries[: position + 1]
