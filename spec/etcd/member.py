"""One request against one state: the sequential specification of a member; its leases."""

from dataclasses import replace
from typing import TypeVar

from planespec.spec.etcd.key_ranges import delete_range, get_range, has_lease, put
from planespec.spec.etcd.refusals import EtcdError, RefusalError, validate
from planespec.spec.etcd.requests import (
    Compact,
    Compare,
    CompareResult,
    CompareTarget,
    DeleteRange,
    LeaseGrant,
    LeaseRevoke,
    Operation,
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
    OperationResponse,
    Response,
    TxnResponse,
)
from planespec.spec.etcd.store import (
    KeyValue,
    Lease,
    Store,
    commit,
    compact,
    erase,
    get_at,
    get_latest,
)

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


# Transactions: guards, the checks made before anything is written, and the operations.
#
# Source: server/etcdserver/apply.go (compareToPath, checkRequests, applyTxn). Every guard, those
# of nested transactions included, is judged on the state before the first write. So are the
# checks, in two passes: first all puts, then all ranges. A refusal there writes nothing on every
# member (3.5.1 differs when the compaction is not yet known to all, issue 18667).


Ordered = TypeVar("Ordered", int, str)

_INTEGER_FIELD = {
    CompareTarget.VERSION: "version",
    CompareTarget.CREATE: "create_revision",
    CompareTarget.MOD: "mod_revision",
    CompareTarget.LEASE: "lease",
}


def txn(store: Store, request: Txn) -> tuple[Store, TxnResponse]:
    """Run a transaction; raises RefusalError, having written nothing, where a check fails."""
    chosen = resolve(store, request)
    for operation in get_operations(chosen):
        if isinstance(operation, Put):
            check_put(store, operation)
    for operation in get_operations(chosen):
        if isinstance(operation, Range):
            check_range(store, operation)
    after, answers = _apply_operation(store, chosen)
    return after, TxnResponse(after.visible_revision, chosen[0], answers)


Resolved = tuple[bool, tuple["Operation | Resolved", ...]]
"""A transaction with its guards judged: whether they hold, and the branch to run."""


def resolve(store: Store, request: Txn) -> Resolved:
    """Judge the guards of a transaction and of those nested in the branch taken."""
    holds = all(is_satisfied(store, guard) for guard in request.compare)
    branch = request.success if holds else request.failure
    return holds, tuple(resolve(store, op) if isinstance(op, Txn) else op for op in branch)


def get_operations(chosen: Resolved) -> list[Operation]:
    """List the operations of the branches taken, nested ones in their place."""
    flat: list[Operation] = []
    for operation in chosen[1]:
        if isinstance(operation, tuple):
            flat.extend(get_operations(operation))
        else:
            flat.append(operation)
    return flat


def is_satisfied(store: Store, guard: Compare) -> bool:
    """Judge one guard; a missing key compares as zeros, and never in its value."""
    found = list(get_at(store, guard.key, guard.range_end, store.visible_revision))
    if not found:
        return guard.target is not CompareTarget.VALUE and _compare(guard, KeyValue(guard.key))
    return all(_compare(guard, kv) for kv in found)


def _compare(guard: Compare, kv: KeyValue) -> bool:
    if guard.target is CompareTarget.VALUE:
        return _relate(guard.result, kv.value, str(guard.operand or ""))
    actual: int = getattr(kv, _INTEGER_FIELD[guard.target])
    return _relate(guard.result, actual, int(guard.operand))


def _relate(relation: CompareResult, left: Ordered, right: Ordered) -> bool:
    if relation is CompareResult.EQUAL:
        return left == right
    if relation is CompareResult.NOT_EQUAL:
        return left != right
    return left > right if relation is CompareResult.GREATER else left < right


def check_put(store: Store, request: Put) -> None:
    """Raise RefusalError for a put that needs a key or a lease that is not there."""
    needs_key = request.ignore_value or request.ignore_lease
    if needs_key and get_latest(store, request.key) is None:
        raise RefusalError(EtcdError.KEY_NOT_FOUND)
    if request.lease and not has_lease(store, request.lease):
        raise RefusalError(EtcdError.LEASE_NOT_FOUND)


def check_range(store: Store, request: Range) -> None:
    """Raise RefusalError for a read at a revision in the future or compacted away.

    Unlike a plain range, a negative revision is refused here as compacted.
    """
    if request.revision > store.visible_revision:
        raise RefusalError(EtcdError.FUTURE_REVISION)
    if request.revision and request.revision < store.compact_revision:
        raise RefusalError(EtcdError.COMPACTED)


def _apply_operation(
    store: Store, chosen: Resolved
) -> tuple[Store, tuple[OperationResponse, ...]]:
    answers: list[OperationResponse] = []
    for operation in chosen[1]:
        store, answer = _apply_one(store, operation)
        answers.append(answer)
    return store, tuple(answers)


def _apply_one(store: Store, operation: "Operation | Resolved") -> tuple[Store, OperationResponse]:
    match operation:
        case Put():
            return put(store, operation)
        case Range():
            return store, get_range(store, operation)
        case DeleteRange():
            return delete_range(store, operation)
        case (bool(succeeded), _):
            after, answers = _apply_operation(store, operation)
            return after, TxnResponse(0, succeeded, answers)
    raise ValueError(f"not an operation of a transaction: {operation!r}")
