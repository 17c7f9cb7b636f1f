"""What a watch delivers: initial events, changes as its selector sees them, bookmarks.

Source: `apiserver/pkg/storage/cacher` (`cacher.go` `Watch`, `cache_watcher.go`,
`watch_cache.go` `getAllEventsSinceLocked`), v1.36. Left out: a cache that is not initialised,
and a client so slow that it is cut off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from planespec.spec.api.watching.list_options import ListOptions, parse_resource_version
from planespec.spec.api.watching.list_serving import StorageView
from planespec.spec.api.watching.object_history import Change, Stored
from planespec.spec.api.watching.refusals_of_reads import (
    NO_PROGRESS,
    RETRY_SECONDS,
    ReadRefusedError,
    Status,
    expired,
    internal,
    too_large,
)


class WatchType(StrEnum):
    """The type of a watch event."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    BOOKMARK = "BOOKMARK"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One event: of an object, of a revision that was passed (BOOKMARK), or of an error."""

    type: WatchType
    stored: Stored | None = None
    revision: int = 0
    ends_initial: bool = False
    """Whether it is the bookmark that ends the initial events."""
    status: Status | None = None


class _BrokenOffError(Exception):
    """The watch was accepted, and ends with an error event."""

    def __init__(self, status: Status) -> None:
        super().__init__(status["message"])
        self.status = status


def serve_watch(
    options: ListOptions, server: StorageView, until: int, ticks: Sequence[int] = ()
) -> list[WatchEvent]:
    """Return what a watch delivers that begins with `server` and sees the changes `until` then.

    `ticks` are the revisions that the cache had passed whenever its timer sent bookmarks. A
    fault after the revision was understood is an event, not a refusal: raises ReadRefusedError
    (500) for a malformed revision alone.
    """
    try:
        asked = parse_resource_version(options.resource_version)
    except ValueError as error:
        raise ReadRefusedError(internal(str(error))) from error
    try:
        return list(_deliver(options, server, asked, until, ticks))
    except _BrokenOffError as error:
        return [WatchEvent(WatchType.ERROR, status=error.status)]


def _deliver(
    options: ListOptions, server: StorageView, asked: int, until: int, ticks: Sequence[int]
) -> Iterator[WatchEvent]:
    start = _find_start(options, server, asked)
    if options.send_initial_events:
        for stored in server.history.state_at(start):
            if stored.matches(options):
                yield WatchEvent(WatchType.ADDED, stored, stored.revision)
        if options.bookmarks:
            yield WatchEvent(WatchType.BOOKMARK, revision=start, ends_initial=True)
    due = [tick for tick in ticks if tick > start] if options.is_watch_list else []
    for change in server.history.since(start, until):
        while due and due[0] < change.revision:
            yield WatchEvent(WatchType.BOOKMARK, revision=due.pop(0))
        if event := see_change(options, change):
            yield event
    for tick in due:
        yield WatchEvent(WatchType.BOOKMARK, revision=tick)


def _find_start(options: ListOptions, server: StorageView, asked: int) -> int:
    """Return the revision after which changes are delivered, or break the watch off."""
    if options.is_watch_list and not server.tells_progress:
        raise _BrokenOffError(internal(NO_PROGRESS, "InternalError"))
    if options.send_initial_events:
        needed = asked if options.resource_version else server.storage_revision
        if needed > server.cache_revision:
            raise _BrokenOffError(too_large(needed, server.cache_revision, RETRY_SECONDS))
        return server.cache_revision
    if not options.resource_version:
        return server.storage_revision
    start = asked or server.cache_revision
    if start < server.oldest_event - 1:
        message = f"too old resource version: {start} ({server.oldest_event - 1})"
        raise _BrokenOffError(expired(message))
    return start


def see_change(options: ListOptions, change: Change) -> WatchEvent | None:
    """Return how the selectors of a watch see a change; None where it does not concern them.

    An object that no longer matches is deleted for the watch: the event has the last object that
    matched, with the revision of the change.
    """
    was = change.before is not None and change.before.matches(options)
    if change.after is not None and change.after.matches(options):
        kind = WatchType.MODIFIED if was else WatchType.ADDED
        return WatchEvent(kind, change.after, change.revision)
    if was and change.before is not None:
        gone = replace(change.before, revision=change.revision)
        return WatchEvent(WatchType.DELETED, gone, change.revision)
    return None
