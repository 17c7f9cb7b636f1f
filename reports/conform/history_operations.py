"""From the events of a history to operations.

A completion `:ok` tells what the operation answered, `:fail` that it took no effect, `:info` that
nobody knows; what never completes is as unknown. In a log, a failed `cas` that shows its values
tells that the comparison failed, as Porcupine reads it.
"""

from collections.abc import Hashable, Iterable
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.checker.linearizability import Operation
from planespec.reports.conform.edn import Form
from planespec.reports.conform.history_form import Event
from planespec.reports.conform.history_models import (
    READS,
    REGISTER,
    STORE,
    Answer,
    Compared,
    Part,
    Request,
)


def pair(
    path: Path, events: list[Event]
) -> tuple[str, list[tuple[Event, Event | None, int, int]]]:
    """Pair each call with its completion, and name the object.

    Returns events with their places in the history. Raises InputError for a completion without
    a call, a call while another is open, and functions that no object or not one object has.
    """
    kinds = {_get_kind(path, event) for event in events}
    if len(kinds) != 1:
        raise InputError("mixes registers and key-value stores", file=path)
    open_calls: dict[Form, tuple[Event, int]] = {}
    paired: list[tuple[Event, Event | None, int, int]] = []
    for place, event in enumerate(events):
        if event.type == ":invoke":
            if event.process in open_calls:
                raise _refuse(path, event, "calls again before its last call has completed")
            open_calls[event.process] = event, place
            continue
        if event.process not in open_calls:
            raise _refuse(path, event, "completes what it has not called")
        call, called = open_calls.pop(event.process)
        if (call.f, call.key) != (event.f, event.key):
            raise _refuse(path, event, f"completes {event.f} after it called {call.f}")
        paired.append((call, event, called, place))
    paired += [(call, None, called, 0) for call, called in open_calls.values()]
    return kinds.pop(), paired


def _get_kind(path: Path, event: Event) -> str:
    if event.f in REGISTER:
        return "register"
    if event.f in STORE:
        return "key-value"
    known = ", ".join((*REGISTER, *STORE))
    raise InputError(f"unknown function {event.f}; known: {known}", file=path, line=event.line)


def _refuse(path: Path, event: Event, what: str) -> InputError:
    return InputError(f"process {event.process} {what}", file=path, line=event.line)


def make_parts(
    path: Path, kind: str, paired: list[tuple[Event, Event | None, int, int]]
) -> dict[Hashable, Part]:
    """Make the operations, sorted by key."""
    is_independent = kind == "register" and _is_independent(call for call, *_ in paired)
    parts: dict[Hashable, Part] = {}
    for call, completion, called, returned in sorted(paired, key=lambda each: each[2]):
        request = _make_request(path, call, is_independent)
        part = parts.setdefault(request.key, [])
        result = completion.type if completion is not None else ":info"
        if result == ":ok":
            assert completion is not None
            answer = _make_answer(path, request, completion, is_independent)
            part.append(_make(call, request, answer, called, returned))
        elif result == ":fail" and _tells_comparison(completion):
            part.append(_make(call, request, (Compared.DIFFERENT,), called, returned))
        elif result == ":info" and request.f not in READS:
            part.append(_make(call, request, None, called, None))
    return parts


def _tells_comparison(completion: Event | None) -> bool:
    return (
        completion is not None
        and completion.is_log
        and completion.f == ":cas"
        and isinstance(completion.value, tuple)
    )


def _make(
    call: Event, request: Request, answer: Answer | None, called: int, returned: int | None
) -> Operation[Request, Answer]:
    assert isinstance(call.process, int)
    return Operation(call.process, request, answer, called, returned)


def _is_independent(calls: Iterable[Event]) -> bool:
    """Whether values are pairs of a key and a value, as in jepsen.independent."""
    calls = list(calls)
    return bool(calls) and all(_is_keyed(call) for call in calls)


def _is_keyed(call: Event) -> bool:
    value = call.value
    if not isinstance(value, tuple) or len(value) != 2:
        return False
    return call.f != ":cas" or (isinstance(value[1], tuple) and len(value[1]) == 2)


def _make_request(path: Path, call: Event, is_independent: bool) -> Request:
    key, value = call.key, call.value
    if is_independent:
        assert isinstance(value, tuple)
        key, value = value
    if call.f == ":cas" and not (isinstance(value, tuple) and len(value) == 2):
        raise InputError(":cas needs [OLD NEW] as its value", file=path, line=call.line)
    if call.f in STORE and not isinstance(key, str):
        raise InputError(f"{call.f} needs a string as its :key", file=path, line=call.line)
    if call.f in STORE[1:] and not isinstance(value, str):
        raise InputError(f"{call.f} needs a string as its :value", file=path, line=call.line)
    assert isinstance(key, Hashable)
    assert isinstance(value, Hashable)
    return Request(call.line, call.f, key, value)


def _make_answer(path: Path, request: Request, completion: Event, is_independent: bool) -> Answer:
    if request.f not in READS:
        return (Compared.EQUAL,) if request.f == ":cas" else ()
    value = completion.value
    if is_independent:
        if not (isinstance(value, tuple) and len(value) == 2 and value[0] == request.key):
            what = f"answers for another key than {request.key!r}"
            raise _refuse(path, completion, what)
        value = value[1]
    if request.f == ":get" and value is None:
        value = ""
    assert isinstance(value, Hashable)
    return (value,)
