"""One request against one state: the sequential specification of a member; its leases."""

from dataclasses import replace

from planespec.spec.etcd.key_ranges import delete_range, get_range, has_lease, put
from planespec.spec.etcd.refusals import EtcdError, RefusalError, validate
from planespec.spec.etcd.requests import (
    Compact,
    DeleteRange,
    LeaseGrant,
    LeaseRevoke,
    Put,
    Range,
    Request,
    Txn,
)
from planespec.spec.etcd.responses import (
    Answer,
    CompactResponse,
    LeaseGrantResponse,
    LeaseRevokeResponse,
    Response,
)
from planespec.spec.etcd.store import Lease, Store, commit, compact, erase
from planespec.spec.etcd.txn import txn

MAX_TTL = 9_000_000_000
"""Seconds; beyond it a grant is refused."""

MIN_TTL = 2
"""Seconds; a shorter one is raised to it (1.5 election timeouts of 1 s, rounded up)."""


def get_attached_keys(store: Store, lease: int) -> list[str]:
    """List the keys whose latest version names the lease, in order."""
    latest = (history[-1] for history in store.histories)
    return [kv.key for kv in latest if not kv.is_deletion and kv.lease == lease]


def grant(store: Store, request: LeaseGrant) -> tuple[Store, LeaseGrantResponse]:
    """Grant a lease; the revision does not move.

    An `id` of 0 gets the lowest free number here; etcd draws one at random. Raises RefusalError
    for a time to live beyond the limit and for an id in use.
    """
    if request.ttl > MAX_TTL:
        raise RefusalError(EtcdError.LEASE_TTL_TOO_LARGE)
    if has_lease(store, request.id):
        raise RefusalError(EtcdError.LEASE_EXISTS)
    taken = {lease.id for lease in store.leases}
    chosen = request.id or next(n for n in range(1, len(taken) + 2) if n not in taken)
    lease = Lease(chosen, max(request.ttl, MIN_TTL))
    leases = tuple(sorted((*store.leases, lease), key=lambda each: each.id))
    return replace(store, leases=leases), LeaseGrantResponse(store.revision, lease.id, lease.ttl)


def revoke(store: Store, request: LeaseRevoke) -> tuple[Store, LeaseRevokeResponse]:
    """End a lease at a client's wish; raises RefusalError for an unknown one."""
    if not has_lease(store, request.id):
        raise RefusalError(EtcdError.LEASE_NOT_FOUND)
    after = expire(store, request.id)
    return after, LeaseRevokeResponse(after.revision)


def expire(store: Store, lease: int) -> Store:
    """End a lease: its keys are deleted in one revision, or none is used where it had none."""
    for key in get_attached_keys(store, lease):
        store, _ = erase(store, key, "")
    leases = tuple(each for each in store.leases if each.id != lease)
    return commit(replace(store, leases=leases))


def respond(store: Store, request: Request) -> tuple[Store, Answer]:
    """Answer one request; a refusal leaves the store as it was."""
    try:
        validate(request)
        after, response = _apply(store, request)
    except RefusalError as refusal:
        return store, refusal.error
    return commit(after), response


def _apply(store: Store, request: Request) -> tuple[Store, Response]:
    match request:
        case Put():
            if request.lease and not has_lease(store, request.lease):
                raise RefusalError(EtcdError.LEASE_NOT_FOUND)
            return put(store, request)
        case Range():
            return store, get_range(store, request)
        case DeleteRange():
            return delete_range(store, request)
        case Txn():
            return txn(store, request)
        case Compact():
            return compact(store, request.revision), CompactResponse(store.revision)
        case LeaseGrant():
            return grant(store, request)
        case LeaseRevoke():
            return revoke(store, request)
