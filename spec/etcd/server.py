"""One request against one state: the sequential specification of a member.

Source: server/etcdserver/apply.go and api/v3rpc.
"""

from planespec.spec.etcd.errors import EtcdError, RefusalError
from planespec.spec.etcd.leases import grant, revoke
from planespec.spec.etcd.ranges import get_range
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
from planespec.spec.etcd.responses import Answer, CompactResponse, Response
from planespec.spec.etcd.store import Store, commit, compact
from planespec.spec.etcd.txn import txn
from planespec.spec.etcd.validation import validate
from planespec.spec.etcd.writes import delete_range, has_lease, put


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
