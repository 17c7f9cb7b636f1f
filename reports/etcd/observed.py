"""An answer of the gateway as a history records it."""

from http import HTTPStatus
from typing import Any

from planespec.spec.etcd.errors import EtcdError
from planespec.spec.etcd.history import Observation, SeenKeyValue, SeenResult, observe
from planespec.spec.etcd.requests import Range, Txn
from planespec.spec.etcd.watch_records import as_value_or_hash


def read_observation(
    request: Txn | Range, status: int, answer: dict[str, Any]
) -> Observation | None:
    """Return what an answer says; None where it leaves the outcome open.

    A refusal that the store itself would give is known; any other, such as a time-out or the
    loss of the leader, may follow a write that took effect.
    """
    if status != HTTPStatus.OK:
        if answer.get("error") == EtcdError.COMPACTED.message:
            return observe(request, EtcdError.COMPACTED)
        return None
    revision = int(answer["header"]["revision"])
    if isinstance(request, Range):
        return Observation(revision, results=(_read_range(answer),))
    results = tuple(_read_result(each) for each in answer.get("responses", ()))
    return Observation(revision, not answer.get("succeeded", False), results)


def _read_result(answer: dict[str, Any]) -> SeenResult:
    if "response_range" in answer:
        return _read_range(answer["response_range"])
    deleted = answer.get("response_delete_range", {}).get("deleted", 0)
    return SeenResult(deleted=int(deleted))


def _read_range(answer: dict[str, Any]) -> SeenResult:
    kvs = tuple(
        SeenKeyValue(
            kv["key"],
            as_value_or_hash(kv.get("value", "")),
            int(kv["mod_revision"]),
            int(kv["version"]),
        )
        for kv in answer.get("kvs", ())
    )
    return SeenResult(kvs, int(answer.get("count", 0)))
