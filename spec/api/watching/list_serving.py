"""How a list is served: from which of cache and etcd, at which revision, cut into which page.

Source: `apiserver/pkg/storage/cacher` (`delegator.go`, `delegator/interface.go`, `cacher.go`,
`watch_cache.go`), `apiserver/pkg/storage/etcd3/store.go` (`GetList`),
`apiserver/pkg/storage/interfaces.go` (`ValidateListOptions`), v1.36, with ConsistentListFromCache
and ListFromCacheSnapshot on, as they are by default. Left out: a cache that is not initialised,
sharded lists, and objects that cannot be decoded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from planespec.spec.api.watching.continue_token import (
    LATEST,
    ContinueToken,
    TokenError,
    decode_token,
)
from planespec.spec.api.watching.list_options import (
    EXACT,
    ListOptions,
    parse_resource_version,
)
from planespec.spec.api.watching.object_history import ObjectHistory, Stored
from planespec.spec.api.watching.refusals_of_reads import (
    CONTINUE_EXPIRED,
    LIST_EXPIRED,
    RETRY_SECONDS,
    ReadRefusedError,
    bad_request,
    expired,
    too_large,
)


@dataclass(frozen=True, slots=True)
class StorageView:
    """What the server that answers has before it, once it has waited for as long as it does."""

    history: ObjectHistory
    storage_revision: int
    """The revision of etcd."""
    cache_revision: int
    """The revision that the watch cache has reached; never above that of etcd."""
    compacted: int = 0
    """Below it etcd keeps no states; 0 for never compacted."""
    oldest_snapshot: int = 0
    """The oldest revision whose state the watch cache still has."""
    oldest_event: int = 0
    """The watch cache has all events from this revision on."""
    tells_progress: bool = True
    """Whether etcd tells its progress on request: 3.4.31, 3.5.13 and 3.6 on."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list. `remaining` is None where it is not known."""

    revision: int
    items: Sequence[Stored] = field(default_factory=tuple)
    remaining: int | None = None
    token: ContinueToken | None = None


class _Source(Enum):
    """Who answers, and of which moment."""

    CACHE_NOW = auto()
    """The cache, once it has reached the revision."""
    CACHE_THEN = auto()
    """The cache's state at exactly the revision."""
    STORAGE = auto()
    """Etcd: at the revision, or now for 0."""


@dataclass(frozen=True, slots=True)
class _Read:
    source: _Source
    revision: int
    start: str = ""
    """The first key that is wanted."""


def serve_list(options: ListOptions, server: StorageView) -> ListPage:
    """Answer a list whose options were read. Raises ReadRefusedError with 400, 410 or 504."""
    exact, start = _resolve(options)
    read = _choose(options, server, exact, start)
    if read.source is _Source.STORAGE:
        return _read_storage(options, server, read)
    if read.revision > server.cache_revision:
        status = too_large(read.revision, server.cache_revision, RETRY_SECONDS)
        if _is_consistent(options, exact):  # the cache lags: upstream falls back
            return _read_storage(options, server, _Read(_Source.STORAGE, 0, start))
        raise ReadRefusedError(status)
    is_exact = read.source is _Source.CACHE_THEN
    revision = read.revision if is_exact else server.cache_revision
    return _cut(options, server, revision, read.start, limited=options.resource_version != "0")


def _resolve(options: ListOptions) -> tuple[int, str]:
    """Return the revision the list has to be of (0: any, LATEST: now) and its first key."""
    if options.continue_token:
        return _resolve_token(options)
    try:
        asked = parse_resource_version(options.resource_version)
    except ValueError as error:
        raise ReadRefusedError(bad_request(f"invalid resource version: {error}")) from error
    is_range = options.single_name is None
    if options.match == EXACT or (_is_legacy_exact(options) and is_range and asked):
        return asked, ""
    return 0, ""


def _resolve_token(options: ListOptions) -> tuple[int, str]:
    try:
        token = decode_token(options.continue_token)
    except TokenError as error:
        raise ReadRefusedError(bad_request(f"invalid continue token: {error}")) from error
    if options.resource_version not in ("", "0"):
        message = "specifying resource version is not allowed when using continue"
        raise ReadRefusedError(bad_request(message))
    return (token.revision if token.revision > 0 else LATEST), token.start


def _is_legacy_exact(options: ListOptions) -> bool:
    """Whether a limit makes the revision exact, as it did before there was a match."""
    has_revision = options.resource_version not in ("", "0")
    return not options.match and options.limit > 0 and has_revision


def _is_consistent(options: ListOptions, exact: int) -> bool:
    """Whether everything written before has to be in the list."""
    return exact == LATEST or not (options.resource_version or options.continue_token)


def _choose(options: ListOptions, server: StorageView, exact: int, start: str) -> _Read:
    """Say whether the cache can answer, or etcd has to (`ShouldDelegateList`)."""
    if _is_consistent(options, exact):
        if server.tells_progress:
            return _Read(_Source.CACHE_NOW, server.storage_revision, start)
        return _Read(_Source.STORAGE, 0, start)
    if options.single_name is not None and (options.match == EXACT or _is_legacy_exact(options)):
        return _Read(_Source.STORAGE, exact)
    if exact == 0:
        return _Read(_Source.CACHE_NOW, parse_resource_version(options.resource_version))
    is_ahead = exact > server.cache_revision
    can_serve = server.tells_progress if is_ahead else exact >= server.oldest_snapshot
    return _Read(_Source.CACHE_THEN if can_serve else _Source.STORAGE, exact, start)


def _read_storage(options: ListOptions, server: StorageView, read: _Read) -> ListPage:
    revision = read.revision or server.storage_revision
    if read.revision > server.storage_revision:
        raise ReadRefusedError(too_large(read.revision, server.storage_revision))
    if 0 < read.revision < server.compacted:
        message = CONTINUE_EXPIRED if options.continue_token else LIST_EXPIRED
        raise ReadRefusedError(expired(message))
    asked = parse_resource_version(options.resource_version)
    if asked > revision:
        raise ReadRefusedError(too_large(asked, revision))
    return _cut(options, server, revision, read.start, limited=True)


def _cut(
    options: ListOptions, server: StorageView, revision: int, start: str, *, limited: bool
) -> ListPage:
    """Select from the state at a revision; a page ends where the limit is reached.

    A limit is ignored for resourceVersion "0". Whether more follows is told by keys, selected
    or not, and how many only where nothing is selected.
    """
    keys = [each for each in server.history.state_at(revision) if each.name >= start]
    if options.single_name is not None:
        keys = [each for each in keys if each.name == options.single_name]
    chosen: list[Stored] = []
    limit = options.limit if limited and options.limit > 0 else len(keys) + 1
    for position, each in enumerate(keys):
        if len(chosen) >= limit:
            token = ContinueToken(revision, f"{chosen[-1].name}\0")
            remaining = len(keys) - position if options.selects_all else None
            return ListPage(revision, chosen, remaining, token)
        if each.matches(options):
            chosen.append(each)
    return ListPage(revision, chosen)
