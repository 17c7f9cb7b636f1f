"""Put and delete inside an open transaction. Source: server/etcdserver/apply.go."""

from planespec.spec.etcd.errors import EtcdError, RefusalError
from planespec.spec.etcd.requests import DeleteRange, Put
from planespec.spec.etcd.responses import DeleteRangeResponse, PutResponse
from planespec.spec.etcd.store import Store, erase, get_at, get_latest, write


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
