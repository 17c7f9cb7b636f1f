"""The store as a sequential object of recorded histories.

What a client of etcd's robustness tests records of an answer is less than the answer: an
`Observation`. Values of 20 bytes and more are hashes, a refusal is one text, and some answers
carry no revision that says anything. Source: tests/robustness/model/deterministic.go, types.go.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from planespec.spec.etcd.member import respond
from planespec.spec.etcd.refusals import EtcdError
from planespec.spec.etcd.requests import Compact, DeleteRange, Put, Range, Request, Txn
from planespec.spec.etcd.responses import (
    Answer,
    DeleteRangeResponse,
    OperationResponse,
    PutResponse,
    RangeResponse,
    TxnResponse,
)
from planespec.spec.etcd.store import KeyValue, Store
from planespec.spec.etcd.watch import ValueOrHash, as_value_or_hash

NO_REVISION = -1
"""Recorded where the header's revision says nothing: compaction, defragmentation."""

_PREFIX = "etcdserver: "


@dataclass(frozen=True)
class Defragment:
    """Compact the file of the store; changes nothing a client sees."""


HistoryRequest = Request | Defragment
"""What a history contains."""


@dataclass(frozen=True)
class SeenKeyValue:
    """One key of a recorded range."""

    key: str
    value: ValueOrHash
    mod_revision: int
    version: int


@dataclass(frozen=True)
class SeenResult:
    """What one operation of a transaction, or a range, was seen to answer."""

    kvs: tuple[SeenKeyValue, ...] = ()
    count: int = 0
    deleted: int = 0


@dataclass(frozen=True)
class Observation:
    """What was recorded of an answer; a put, deletion or range on its own is a single result.

    `persisted` without `revision` says only that the request took effect.
    """

    revision: int = 0
    failure: bool = False
    results: tuple[SeenResult, ...] = ()
    client_error: str = ""
    persisted: bool = False


def step(store: Store, request: HistoryRequest) -> tuple[Store, Observation]:
    """Answer one request as a client would record it."""
    if isinstance(request, Defragment):
        return store, Observation(NO_REVISION)
    after, answer = respond(store, request)
    return after, observe(request, answer)


def observe(request: HistoryRequest, answer: Answer) -> Observation:
    """Return what is recorded of an answer."""
    if isinstance(answer, EtcdError):
        return Observation(client_error=answer.message.removeprefix(_PREFIX))
    revision = NO_REVISION if isinstance(request, Compact | Defragment) else answer.revision
    if isinstance(answer, TxnResponse):
        results = tuple(_observe_operation(each) for each in answer.responses)
        return Observation(revision, not answer.succeeded, results)
    if isinstance(answer, RangeResponse | PutResponse | DeleteRangeResponse):
        return Observation(revision, results=(_observe_operation(answer),))
    return Observation(revision)


def accepts(answer: Observation, seen: Observation) -> bool:
    """Say whether the recorded observation is one that the model's answer allows."""
    if seen.persisted:
        return not answer.client_error and seen.revision in (0, answer.revision)
    if seen.revision == NO_REVISION:
        return replace(answer, revision=NO_REVISION) == seen
    return answer == seen


def is_read(request: HistoryRequest) -> bool:
    """Say whether a request can never change the store."""
    match request:
        case Range() | Defragment():
            return True
        case Txn():
            return all(isinstance(op, Range) for op in (*request.success, *request.failure))
        case _:
            return False


def is_historic(request: HistoryRequest) -> bool:
    """Say whether a request reads the past, which linearizability does not speak of."""
    return isinstance(request, Range) and request.revision != 0


def get_keys(request: HistoryRequest) -> frozenset[str]:
    """Name the keys that a request without ranges touches; raises ValueError for others."""
    match request:
        case Put():
            return frozenset([request.key])
        case Range(range_end="") | DeleteRange(range_end=""):
            return frozenset([request.key])
        case Txn():
            inner = [get_keys(op) for op in (*request.success, *request.failure)]
            return frozenset(guard.key for guard in request.compare).union(*inner)
    raise ValueError(f"touches more than named keys: {request!r}")


def replay_without_compaction(requests: Iterable[HistoryRequest]) -> Store:
    """Run requests in order, leaving out compactions, so that all of the past can be read.

    A request that only compaction would have refused is then answered; it must be a read.
    """
    store = Store()
    for request in requests:
        if not isinstance(request, Compact):
            store, _ = step(store, request)
    return store


def _observe_operation(answer: OperationResponse) -> SeenResult:
    match answer:
        case RangeResponse():
            return SeenResult(tuple(_observe_key(kv) for kv in answer.kvs), answer.count)
        case DeleteRangeResponse():
            return SeenResult(deleted=answer.deleted)
        case _:
            return SeenResult()


def _observe_key(kv: KeyValue) -> SeenKeyValue:
    return SeenKeyValue(kv.key, as_value_or_hash(kv.value), kv.mod_revision, kv.version)
