"""What our queues and expectations answer to the operations of a line, step by step."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from planespec.reports.judge.recorded_fields import read_number
from planespec.spec.controllers.machinery.creation_expectations import CreationExpectations
from planespec.spec.controllers.machinery.delta_fifo import Delta, DeltaFifo
from planespec.spec.controllers.machinery.retry_queue import (
    ExponentialLimiter,
    FastSlowLimiter,
    RetryQueue,
)
from planespec.spec.objects.view import ObjectError, View

NAMESPACE = "x/"
"""All objects of these recordings are in one namespace, which no line names."""
KEYS = ("x", "y")
"""The keys of controllers' objects of which `expectations` tells after each step."""
_NANOSECONDS = 10**9


def answer_work_queue(given: View, _after: list[View]) -> Iterator[dict[str, Any]]:
    """Answer `add`, `get`, `done` and `shutDown` of one queue."""
    queue = RetryQueue()
    for op in given.views("ops"):
        answer: dict[str, Any] = {}
        match _name_operation(op, "add", "done", "get", "shutDown"):
            case "add":
                queue.add(op.text("add"))
            case "done":
                queue.done(op.text("done"))
            case "get":
                key = _taking(op, queue.get)
                answer = {"item": key or "", "shutdown": key is None}
            case _:
                queue.shut_down()
        answer |= {"dirty": sorted(queue.dirty), "processing": sorted(queue.processing)}
        yield answer | {"len": len(queue.queue)}


def answer_rate_limiter(given: View, _after: list[View]) -> Iterator[dict[str, Any]]:
    """Answer `when` and `forget` of both limiters of failures."""
    given.needing("fastAttempts")
    base, most = (
        round(read_number(given, name) * _NANOSECONDS) for name in ("baseSeconds", "maxSeconds")
    )
    exponential = ExponentialLimiter(base, most)
    fast_slow = FastSlowLimiter(base, most, given.integer("fastAttempts") or 0)
    for op in given.views("ops"):
        name = _name_operation(op, "when", "forget")
        key, answer = op.text(name), {}
        if name == "when":
            answer["exponentialSeconds"] = shorten(exponential.when(key) / _NANOSECONDS)
            answer["fastSlowSeconds"] = shorten(fast_slow.when(key) / _NANOSECONDS)
        else:
            exponential.forget(key)
            fast_slow.forget(key)
        yield answer | {"requeues": exponential.count_requeues(key)}


def answer_expectations(given: View, _after: list[View]) -> Iterator[dict[str, Any]]:
    """Answer what is expected of both keys after each step."""
    expectations = CreationExpectations()
    for op in given.views("ops"):
        _expect(expectations, op)
        yield {key: _tell_expected(expectations, key) for key in KEYS}


def _expect(expectations: CreationExpectations, op: View) -> None:
    key = op.needing("key").text("key")
    match _name_operation(
        op,
        *("creationObserved", "deletionObserved", "delete"),
        *("expectCreations", "expectDeletions", "raise"),
    ):
        case "creationObserved":
            expectations.see_creation(key)
        case "deletionObserved":
            expectations.see_deletion(key)
        case "delete":
            expectations.forget(key)
        case "expectCreations":
            expectations.expect(key, op.integer("expectCreations") or 0, 0)
        case "expectDeletions":
            expectations.expect(key, 0, op.integer("expectDeletions") or 0)
        case _:
            expectations.raise_by(key, *_read_pair(op, "raise"))


def _tell_expected(expectations: CreationExpectations, key: str) -> dict[str, Any]:
    told: dict[str, Any] = {"satisfied": expectations.is_satisfied(key)}
    expected = expectations.by_key.get(key)
    if expected is not None:
        told |= {"add": expected.creations, "del": expected.deletions}
    return told


def answer_delta_fifo(given: View, after: list[View]) -> Iterator[dict[str, Any]]:
    """Answer what a queue of changes holds, and the cache that is filled from it.

    Where upstream goes through a map, the order of the recorded queue is followed.
    """
    queue, cache = DeltaFifo(), dict[str, Mapping[str, object]]()
    for number, op in enumerate(given.views("ops")):
        order = after[number].texts("queue") if number < len(after) else []
        answer: dict[str, Any] = {}
        match _name_operation(op, "add", "delete", "pop", "replace", "resync", "update"):
            case "add":
                queue.add(*_read_item(op, "add"))
            case "update":
                queue.update(*_read_item(op, "update"))
            case "delete":
                queue.delete(*_read_item(op, "delete"), cache)
            case "replace":
                listed = [_read_item(item, "name") for item in op.views("replace")]
                queue.replace(listed, cache, order)
            case "resync":
                queue.resync(cache, order)
            case _:
                answer = _pop(op, queue, cache)
        answer |= {"hasSynced": queue.has_synced, "queue": list(queue.queue)}
        yield answer | {"store": sorted(cache)}


def _pop(op: View, queue: DeltaFifo, cache: dict[str, Mapping[str, object]]) -> dict[str, Any]:
    """Take the first key; what it is told goes into the cache, but no deletion unseen."""
    popped = _taking(op, queue.pop)
    for delta in popped.deltas:
        if delta.type != "Deleted":
            cache[popped.key] = delta.item
        elif not delta.is_state_unknown:
            cache.pop(popped.key, None)
    deltas = [_tell_delta(popped.key, delta) for delta in popped.deltas]
    return {"deltas": deltas, "isInInitialList": popped.is_in_initial_list}


def _tell_delta(key: str, delta: Delta) -> dict[str, Any]:
    if delta.is_state_unknown:
        return {"type": delta.type, "finalStateUnknown": key}
    return {"type": delta.type, **delta.item}


def _read_item(op: View, name: str) -> tuple[str, dict[str, object]]:
    item: dict[str, object] = {"name": op.text(name), "version": op.text("version")}
    return NAMESPACE + op.text(name), item


def _name_operation(op: View, *names: str) -> str:
    """Return which of these a step does; a value of null counts, as in a list of nothing."""
    found = next((name for name in names if name in op.data), None)
    if found is None:
        raise ObjectError(op.field, f"has none of {', '.join(sorted(names))}")
    return found


def _taking(op: View, take: Callable[[], Any]) -> Any:
    try:
        return take()
    except IndexError:
        raise ObjectError(op.field, "would wait for ever: nothing is queued") from None


def _read_pair(op: View, name: str) -> tuple[int, int]:
    match op.items(name):
        case [int(first), int(second)]:
            return first, second
    raise ObjectError(op.path(name), "must be two integers")


def shorten(number: float) -> float:
    """A whole number as an integer, as JSON from Go has it."""
    return int(number) if number == int(number) else number
