"""The refusals that need no state. Source: server/etcdserver/api/v3rpc/key.go."""

from collections.abc import Iterable

from planespec.spec.etcd.errors import EtcdError, RefusalError
from planespec.spec.etcd.requests import Compare, DeleteRange, Operation, Put, Range, Request, Txn

MAX_TXN_OPS = 128
"""The flag --max-txn-ops; a nested transaction may use what its parent leaves."""

Interval = tuple[str, str]
"""Start and range end of a deletion."""


def validate(request: Request) -> None:
    """Raise RefusalError for a request that is refused whatever the store holds."""
    if isinstance(request, Txn):
        check_txn(request, MAX_TXN_OPS)
        check_overlaps(request.success)
        check_overlaps(request.failure)
    elif isinstance(request, Put | Range | DeleteRange):
        check_operation(request, MAX_TXN_OPS)


def check_operation(request: Operation, max_ops: int) -> None:
    """Raise RefusalError for an operation without a key or with contradicting fields."""
    if isinstance(request, Txn):
        check_txn(request, max_ops)
        return
    if not request.key:
        raise RefusalError(EtcdError.EMPTY_KEY)
    if isinstance(request, Put) and request.ignore_value and request.value:
        raise RefusalError(EtcdError.VALUE_PROVIDED)
    if isinstance(request, Put) and request.ignore_lease and request.lease:
        raise RefusalError(EtcdError.LEASE_PROVIDED)


def check_txn(request: Txn, max_ops: int) -> None:
    """Raise RefusalError for too many operations, or for the first faulty one."""
    parts: tuple[tuple[Compare | Operation, ...], ...]
    parts = (request.compare, request.success, request.failure)
    size = max(len(part) for part in parts)
    if size > max_ops:
        raise RefusalError(EtcdError.TOO_MANY_OPERATIONS)
    if any(not guard.key for guard in request.compare):
        raise RefusalError(EtcdError.EMPTY_KEY)
    for operation in (*request.success, *request.failure):
        check_operation(operation, max_ops - size)


def check_overlaps(operations: tuple[Operation, ...]) -> tuple[set[str], list[Interval]]:
    """Raise RefusalError where a key is put twice or put and deleted; return puts and deletions.

    The order of the checks is etcd's, and with it what they miss: a put of one nested
    transaction is not compared with a deletion of a later one. The two branches of one
    transaction exclude each other and may put the same key.
    """
    deleted = [(op.key, op.range_end) for op in operations if isinstance(op, DeleteRange)]
    puts: set[str] = set()
    for nested in (op for op in operations if isinstance(op, Txn)):
        then_puts, then_deleted = check_overlaps(nested.success)
        else_puts, else_deleted = check_overlaps(nested.failure)
        _check_fresh(then_puts, puts, deleted)
        puts |= then_puts
        _check_fresh(else_puts, puts - then_puts, deleted)
        puts |= else_puts
        deleted += then_deleted + else_deleted
    for own in (op for op in operations if isinstance(op, Put)):
        _check_fresh((own.key,), puts, deleted)
        puts.add(own.key)
    return puts, deleted


def _check_fresh(keys: Iterable[str], puts: set[str], deleted: list[Interval]) -> None:
    for key in keys:
        if key in puts or any(_covers(interval, key) for interval in deleted):
            raise RefusalError(EtcdError.DUPLICATE_KEY)


def _covers(interval: Interval, key: str) -> bool:
    # A range end of one zero character is not read as "from key on" in this check: the
    # interval is then an empty one, and the overlap goes unnoticed (adt.NewStringAffineInterval).
    start, range_end = interval
    return key == start if not range_end else start <= key < range_end
