"""The refusals of etcd, with gRPC code, HTTP status of the JSON gateway and exact message."""

from enum import Enum

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
