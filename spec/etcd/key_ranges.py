"""Reading and writing: what a range answers; put and delete in an open transaction."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from planespec.spec.etcd.refusals import EtcdError, RefusalError
from planespec.spec.etcd.requests import DeleteRange, Put, Range, SortOrder, SortTarget
from planespec.spec.etcd.responses import DeleteRangeResponse, PutResponse, RangeResponse
from planespec.spec.etcd.store import (
    KeyValue,
    Store,
    check_revision,
    erase,
    get_at,
    get_latest,
    write,
)

SHELL_GAP = 6
SHELL_LIMIT = 12
"""Go's sort.Sort before 1.19 sorts up to 12 elements by one pass of gap 6, then insertion."""

_SORT_FIELD: dict[SortTarget, Callable[[KeyValue], Any]] = {
    SortTarget.KEY: lambda kv: kv.key,
    SortTarget.VERSION: lambda kv: kv.version,
    SortTarget.CREATE: lambda kv: kv.create_revision,
    SortTarget.MOD: lambda kv: kv.mod_revision,
    SortTarget.VALUE: lambda kv: kv.value,
}


def get_range(store: Store, request: Range) -> RangeResponse:
    """Answer a range request.

    `count` is taken before the filters and the limit. A count alone has no `kvs` and no `more`.
    Raises RefusalError for a revision that is compacted or in the future.
    """
    revision = check_revision(store, request.revision)
    found = list(get_at(store, request.key, request.range_end, revision))
    count = len(found)
    if request.count_only:
        return RangeResponse(store.visible_revision, count=count)
    kept = get_sorted(_filter(found, request), request)
    more = 0 < request.limit < len(kept)
    if more:
        kept = kept[: request.limit]
    if request.keys_only:
        kept = [replace(kv, value="") for kv in kept]
    return RangeResponse(store.visible_revision, tuple(kept), count, more)


def _filter(found: list[KeyValue], request: Range) -> list[KeyValue]:
    """Keep what the bounds let through.

    Without bounds and order only one more than `limit` keys are read, in the order of keys, and
    a target other than the key then sorts these alone.
    """
    bounds = (
        request.max_mod_revision,
        request.min_mod_revision,
        request.max_create_revision,
        request.min_create_revision,
    )
    if request.limit > 0 and request.sort_order is SortOrder.NONE and not any(bounds):
        return found[: request.limit + 1]
    return [kv for kv in found if is_wanted(request, kv)]


def is_wanted(request: Range, kv: KeyValue) -> bool:
    """Say whether a version passes the four revision bounds; a bound of 0 is absent."""
    return (
        (not request.max_mod_revision or kv.mod_revision <= request.max_mod_revision)
        and (not request.min_mod_revision or kv.mod_revision >= request.min_mod_revision)
        and (not request.max_create_revision or kv.create_revision <= request.max_create_revision)
        and (not request.min_create_revision or kv.create_revision >= request.min_create_revision)
    )


def get_sorted(kvs: list[KeyValue], request: Range) -> list[KeyValue]:
    """Order an answer; a target other than the key without an order means ascending.

    Which of several equal elements comes first follows Go's sort up to 12 elements; above
    that this keeps the order of keys, where etcd promises nothing.
    """
    order = request.sort_order
    if order is SortOrder.NONE and request.sort_target is SortTarget.KEY:
        return kvs
    field = _SORT_FIELD[request.sort_target]
    descending = order is SortOrder.DESCEND
    if len(kvs) > SHELL_LIMIT:
        return sorted(kvs, key=field, reverse=descending)
    return _sorted_as_go(kvs, field, descending)


def _sorted_as_go(
    kvs: Sequence[KeyValue], field: Callable[[KeyValue], Any], descending: bool
) -> list[KeyValue]:
    result = list(kvs)

    def is_before(one: int, other: int) -> bool:
        left, right = field(result[one]), field(result[other])
        return bool(right < left if descending else left < right)

    for i in range(SHELL_GAP, len(result)):
        if is_before(i, i - SHELL_GAP):
            result[i], result[i - SHELL_GAP] = result[i - SHELL_GAP], result[i]
    for i in range(1, len(result)):
        j = i
        while j > 0 and is_before(j, j - 1):
            result[j], result[j - 1] = result[j - 1], result[j]
            j -= 1
    return result


def has_lease(store: Store, lease: int) -> bool:
    """Say whether a lease was granted and is neither revoked nor expired; 0 is no lease."""
    return any(granted.id == lease for granted in store.leases)


def put(store: Store, request: Put) -> tuple[Store, PutResponse]:
    """Write one key; the header carries the revision the write will have.

    Raises RefusalError where `ignore_value` or `ignore_lease` finds no key to keep from.
    """
    old = get_latest(store, request.key)
    if (request.ignore_value or request.ignore_lease) and old is None:
        raise RefusalError(EtcdError.KEY_NOT_FOUND)
    value = old.value if old and request.ignore_value else request.value
    lease = old.lease if old and request.ignore_lease else request.lease
    after = write(store, request.key, value, lease)
    return after, PutResponse(after.visible_revision, old if request.prev_kv else None)


def delete_range(store: Store, request: DeleteRange) -> tuple[Store, DeleteRangeResponse]:
    """Delete a range; with nothing to delete the revision stays what it was."""
    before = get_at(store, request.key, request.range_end, store.visible_revision)
    previous = tuple(before) if request.prev_kv else ()
    after, deleted = erase(store, request.key, request.range_end)
    return after, DeleteRangeResponse(after.visible_revision, deleted, previous)
