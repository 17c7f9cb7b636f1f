"""The refusals of etcd, with codes and exact messages, and those that need no state."""

from collections.abc import Iterable
from enum import Enum

from planespec.spec.etcd.requests import Compare, DeleteRange, Operation, Put, Range, Request, Txn

HTTP_STATUS = {3: 400, 5: 404, 9: 400, 11: 400}
"""gRPC code to HTTP status: InvalidArgument, NotFound, FailedPrecondition, OutOfRange."""


class EtcdError(Enum):
    """A refusal; the value is (gRPC code, message). Source: api/v3rpc/rpctypes/error.go."""

    EMPTY_KEY = (3, "etcdserver: key is not provided")
    KEY_NOT_FOUND = (3, "etcdserver: key not found")
    VALUE_PROVIDED = (3, "etcdserver: value is provided")
    LEASE_PROVIDED = (3, "etcdserver: lease is provided")
    TOO_MANY_OPERATIONS = (3, "etcdserver: too many operations in txn request")
    DUPLICATE_KEY = (3, "etcdserver: duplicate key given in txn request")
    COMPACTED = (11, "etcdserver: mvcc: required revision has been compacted")
    FUTURE_REVISION = (11, "etcdserver: mvcc: required revision is a future revision")
    LEASE_NOT_FOUND = (5, "etcdserver: requested lease not found")
    LEASE_EXISTS = (9, "etcdserver: lease already exists")
    LEASE_TTL_TOO_LARGE = (11, "etcdserver: too large lease TTL")

    @property
    def code(self) -> int:
        """The gRPC status code."""
        return self.value[0]

    @property
    def message(self) -> str:
        """The text a client sees, prefix included."""
        return self.value[1]

    @property
    def http_status(self) -> int:
        """The status of the JSON gateway's answer."""
        return HTTP_STATUS[self.code]


class RefusalError(Exception):
    """Raised inside the rules where etcd refuses; `respond` turns it into the answer."""

    def __init__(self, error: EtcdError) -> None:
        super().__init__(error.message)
        self.error = error


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
