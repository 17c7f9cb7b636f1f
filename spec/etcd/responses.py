"""The answers of the key-value and lease services. Source: api/etcdserverpb/rpc.proto.

`revision` is the header's. It is 0 in the header of a nested transaction, which etcd leaves
empty (server/etcdserver/apply.go, newTxnResp).
"""

from dataclasses import dataclass

from planespec.spec.etcd.refusals import EtcdError
from planespec.spec.etcd.store import KeyValue


@dataclass(frozen=True)
class PutResponse:
    """The write was done; `prev_kv` only where it was asked for and there was one."""

    revision: int
    prev_kv: KeyValue | None = None


@dataclass(frozen=True)
class RangeResponse:
    """`count` is of all keys of the range, before filters and limit."""

    revision: int
    kvs: tuple[KeyValue, ...] = ()
    count: int = 0
    more: bool = False


@dataclass(frozen=True)
class DeleteRangeResponse:
    """How many keys were deleted, and what they held where that was asked for."""

    revision: int
    deleted: int = 0
    prev_kvs: tuple[KeyValue, ...] = ()


@dataclass(frozen=True)
class TxnResponse:
    """Which branch was taken and what each of its operations answered."""

    revision: int
    succeeded: bool = False
    responses: tuple["OperationResponse", ...] = ()


@dataclass(frozen=True)
class CompactResponse:
    """The compaction was accepted."""

    revision: int


@dataclass(frozen=True)
class LeaseGrantResponse:
    """The lease and the time to live the server chose, in seconds."""

    revision: int
    id: int
    ttl: int


@dataclass(frozen=True)
class LeaseRevokeResponse:
    """The lease is gone."""

    revision: int


OperationResponse = PutResponse | RangeResponse | DeleteRangeResponse | TxnResponse
"""The answer of one operation of a transaction."""

Response = OperationResponse | CompactResponse | LeaseGrantResponse | LeaseRevokeResponse
"""The answer of a request that was not refused."""

Answer = Response | EtcdError
"""What `respond` gives back."""
