"""The log of one node: its durable part and, behind it, what still has to be written.

The tail that is not yet durable (unstable) can replace entries that are, when a new leader
overwrites them. Entries may be committed and even applied before this node has made them
durable itself. Source: go.etcd.io/raft v3.6 (log.go, log_unstable.go).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from planespec.spec.raft.node import storage as durable
from planespec.spec.raft.node.messages import Entry, Level, Listener, Snapshot
from planespec.spec.raft.node.storage import Storage
from planespec.spec.raft.quorum import is_as_complete


class Panic(Exception):  # noqa: N818  (the library's own word for giving up)
    """The library gives up: going on would break what Raft promises."""


@dataclass(slots=True)
class Log:
    """Invariant: applied <= applying <= committed <= last index."""

    storage: Storage
    unstable: list[Entry] = field(default_factory=list)
    """The entries from index `offset` on that are not known to be durable."""
    offset: int = 1
    writing: int = 1
    """Index after the last unstable entry that was handed out to be written."""
    unstable_snapshot: Snapshot | None = None
    """A snapshot received and not yet installed."""
    snapshot_writing: bool = False
    committed: int = 0
    applying: int = 0
    """Last index handed out to be applied."""
    applied: int = 0
    listener: Listener | None = None
    """Told what the library writes to its log; it must not change anything."""


def note(log: Log, level: Level, form: str, *about: object) -> None:
    """Tell the listener a line, if there is one."""
    if log.listener is not None:
        log.listener(level, form, about)


def open_log(storage: Storage) -> Log:
    """Return the log as a node finds it when it starts: all that is durable, nothing applied."""
    compacted, end = storage.compacted.index, durable.get_last_index(storage) + 1
    return Log(
        storage,
        offset=end,
        writing=end,
        committed=compacted,
        applying=compacted,
        applied=compacted,
    )


def get_first_index(log: Log) -> int:
    """Return the index of the first entry that is still there."""
    if log.unstable_snapshot is not None:
        return log.unstable_snapshot.index + 1
    return durable.get_first_index(log.storage)


def get_last_index(log: Log) -> int:
    """Return the index of the last entry."""
    if log.unstable:
        return log.offset + len(log.unstable) - 1
    if log.unstable_snapshot is not None:
        return log.unstable_snapshot.index
    return durable.get_last_index(log.storage)


def get_term(log: Log, index: int) -> int | None:
    """Return the term at `index`; None when it is compacted away or not there yet.

    The term of the entry before the first is still known.
    """
    if not get_first_index(log) - 1 <= index <= get_last_index(log):
        return None
    if index >= log.offset:
        return log.unstable[index - log.offset].term
    if log.unstable_snapshot is not None and index == log.unstable_snapshot.index:
        return log.unstable_snapshot.term
    return durable.get_term(log.storage, index)


def get_last_term(log: Log) -> int:
    """Return the term of the last entry."""
    term = get_term(log, get_last_index(log))
    if term is None:
        raise Panic("unexpected error when getting the last term")
    return term


def get_entries(log: Log, first: int, end: int) -> tuple[Entry, ...] | None:
    """Return the entries from `first` up to, without, `end`; None when some are compacted."""
    if first < get_first_index(log):
        return None
    split = min(max(first, log.offset), end)
    base = durable.get_first_index(log.storage)
    stored = log.storage.entries[first - base : split - base] if first < split else []
    return (*stored, *log.unstable[split - log.offset : end - log.offset])


def get_snapshot(log: Log) -> Snapshot:
    """Return the latest snapshot."""
    return log.unstable_snapshot or log.storage.snapshot


def is_up_to_date(log: Log, last_index: int, last_term: int) -> bool:
    """Return whether a log that ends so is at least as complete as ours (Raft paper 5.4.1)."""
    return is_as_complete(last_term, last_index, get_last_term(log), get_last_index(log))


def find_conflict(log: Log, entries: Sequence[Entry]) -> int:
    """Return the index of the first entry that ours does not have in the same term; else 0."""
    for entry in entries:
        ours = get_term(log, entry.index)
        if ours != entry.term:
            if entry.index <= get_last_index(log):
                form = "found conflict at index %d [existing term: %d, conflicting term: %d]"
                note(log, Level.INFO, form, entry.index, ours or 0, entry.term)
            return entry.index
    return 0


def find_conflict_by_term(log: Log, index: int, term: int) -> tuple[int, int]:
    """Guess where our log agrees with one that has `term` at `index`: an index and its term.

    The guess is the last index up to `index` with a term of at most `term`. Where our term is
    unknown the guess is that index with a term of 0.
    """
    while index > 0:
        ours = get_term(log, index)
        if ours is None or ours <= term:
            return index, ours or 0
        index -= 1
    return 0, 0


def append(log: Log, entries: Sequence[Entry]) -> None:
    """Put `entries` at the end, or over the tail from the first of them on."""
    if not entries:
        return
    first = entries[0].index
    if first - 1 < log.committed:
        raise Panic(f"after({first - 1}) is out of range [committed({log.committed})]")
    end = log.offset + len(log.unstable)
    if first <= log.offset:
        if first < end:
            note(log, Level.INFO, "replace the unstable entries from index %d", first)
        log.unstable, log.offset, log.writing = list(entries), first, first
    else:
        if first < end:
            note(log, Level.INFO, "truncate the unstable entries before index %d", first)
        log.unstable[first - log.offset :] = entries
        log.writing = min(log.writing, first)


def try_append(
    log: Log, previous: int, previous_term: int, entries: Sequence[Entry], commit: int
) -> bool:
    """Append what a leader sent if it fits after `previous`, and commit as far as it says."""
    if get_term(log, previous) != previous_term:
        return False
    conflict = find_conflict(log, entries)
    if 0 < conflict <= log.committed:
        raise Panic(f"entry {conflict} conflict with committed entry [committed({log.committed})]")
    if conflict:
        append(log, entries[conflict - previous - 1 :])
    commit_to(log, min(commit, previous + len(entries)))
    return True


def commit_to(log: Log, index: int) -> None:
    """Move the commit index forward to `index`; it never moves back."""
    if index <= log.committed:
        return
    if index > get_last_index(log):
        raise Panic(
            f"tocommit({index}) is out of range [lastIndex({get_last_index(log)})]. "
            "Was the raft log corrupted, truncated, or lost?"
        )
    log.committed = index


def restore(log: Log, snapshot: Snapshot) -> None:
    """Replace everything by a snapshot that is still to be installed."""
    form = "log [%s] starts to restore snapshot [index: %d, term: %d]"
    note(log, Level.INFO, form, log, snapshot.index, snapshot.term)
    log.committed = snapshot.index
    log.unstable, log.offset, log.writing = [], snapshot.index + 1, snapshot.index + 1
    log.unstable_snapshot, log.snapshot_writing = snapshot, False


def applied_to(log: Log, index: int) -> None:
    """Take note that the application has applied everything up to `index`."""
    if not log.applied <= index <= log.committed:
        raise Panic(
            f"applied({index}) is out of range "
            f"[prevApplied({log.applied}), committed({log.committed})]"
        )
    log.applied = index
    log.applying = max(log.applying, index)


def get_entries_to_write(log: Log) -> tuple[Entry, ...]:
    """Return the unstable entries that nobody was asked to write yet."""
    return tuple(log.unstable[log.writing - log.offset :])


def get_entries_to_apply(log: Log, *, only_durable: bool = False) -> tuple[Entry, ...]:
    """Return the committed entries that nobody was asked to apply yet.

    None while a snapshot waits to be installed, which comes first.
    """
    last = min(log.committed, log.offset - 1) if only_durable else log.committed
    if log.unstable_snapshot is not None or log.applying >= last:
        return ()
    entries = get_entries(log, log.applying + 1, last + 1)
    if entries is None:
        raise Panic("unexpected error when getting unapplied entries")
    return entries


def get_snapshot_to_install(log: Log) -> Snapshot | None:
    """Return the snapshot that nobody was asked to install yet."""
    return None if log.snapshot_writing else log.unstable_snapshot


def mark_writing(log: Log) -> None:
    """Take note that everything unstable was handed out to be written."""
    log.writing = log.offset + len(log.unstable)
    log.snapshot_writing = log.unstable_snapshot is not None


def mark_stable(log: Log, index: int, term: int) -> None:
    """Take note that the log is durable up to `index`, unless its term was overwritten since."""
    position = index - log.offset
    if not 0 <= position < len(log.unstable):
        note(log, Level.INFO, "entry at index %d missing from unstable log; ignoring", index)
    elif log.unstable[position].term != term:
        form = (
            "entry at (index,term)=(%d,%d) mismatched with entry at (%d,%d) in unstable log; "
            "ignoring"
        )
        note(log, Level.INFO, form, index, term, index, log.unstable[position].term)
    else:
        del log.unstable[: position + 1]
        log.offset = index + 1
        log.writing = max(log.writing, log.offset)


def mark_installed(log: Log, index: int) -> None:
    """Take note that the snapshot of `index` is durable."""
    if log.unstable_snapshot is not None and log.unstable_snapshot.index == index:
        log.unstable_snapshot, log.snapshot_writing = None, False
