"""From the events of a history to operations, and the objects these are held to."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.checker.linearizability import Operation, SequentialModel
from planespec.reports.judge.history.history_form import Event, Form

REGISTER = (":read", ":write", ":cas")
STORE = (":get", ":put", ":append")
READS = (":read", ":get")


@dataclass(frozen=True, slots=True)
class Request:
    """What a process asks for, and the line where it does."""

    line: int
    f: str
    key: Hashable
    value: Hashable

    def __str__(self) -> str:
        key = "" if self.key is None else f" {self.key!r}"
        value = "" if self.f in READS else f" {self.value!r}"
        return f"{self.f.removeprefix(':')}{key}{value}"


class Compared(Enum):
    """What became of a comparison."""

    EQUAL = "ok"
    DIFFERENT = "fail"


Answer = tuple[Hashable, ...]
Part = list[Operation[Request, Answer]]
Model = SequentialModel[Hashable, Request, Answer]


def step_register(state: Hashable, request: Request) -> tuple[Hashable, Answer]:
    """Read, write, or compare and set one register; the answer holds what was read."""
    if request.f == ":read":
        return state, (state,)
    if request.f == ":write":
        return request.value, ()
    assert isinstance(request.value, tuple)
    old, new = request.value
    return (new, (Compared.EQUAL,)) if state == old else (state, (Compared.DIFFERENT,))


def step_store(state: Hashable, request: Request) -> tuple[Hashable, Answer]:
    """Get, put, or append to the text of one key, which is empty at first."""
    if request.f == ":get":
        return state, (state,)
    return (request.value if request.f == ":put" else f"{state}{request.value}"), ()


def _is_read(request: Request) -> bool:
    return request.f in READS


_REGISTER: Model = SequentialModel(None, step_register, is_read=_is_read)


def make_model(kind: str, part: Part) -> Model:
    """Return the object of one key: a register that holds nil, or a text that is empty."""
    if kind == "register":
        return _REGISTER
    known = _Known(part)

    def step(state: Hashable, request: Request) -> tuple[Hashable, Answer]:
        after, answer = step_store(state, request)
        return (state, _DEAD_END) if known.excludes(str(after)) else (after, answer)

    return SequentialModel("", step if known.is_telling else step_store, is_read=_is_read)


_DEAD_END: Answer = ("what was read at other times cannot come of this",)


class _Known:
    """What the answers of a history tell of the order of its writes.

    Where all that is written differs and nothing begins another, each put begins one run of
    appends, and a text tells which. All texts of a run are beginnings of its last, so each
    agrees with the longest that was read, as far as both go.
    """

    def __init__(self, part: Part) -> None:
        written = sorted(str(each.input.value) for each in part if each.input.f != ":get")
        self.is_telling = all(
            earlier and not later.startswith(earlier) for earlier, later in pairwise(written)
        )
        self._put = [str(each.input.value) for each in part if each.input.f == ":put"]
        self._longest: dict[str, str] = {}
        for text in _list_read(part):
            run = self._find_run(text)
            self._longest[run] = max(self._longest.get(run, ""), text, key=len)

    def excludes(self, text: str) -> bool:
        """Whether a text cannot have been there."""
        longest = self._longest.get(self._find_run(text), "")
        return not (longest.startswith(text) or text.startswith(longest))

    def _find_run(self, text: str) -> str:
        return next((put for put in self._put if text.startswith(put)), "")


def _list_read(part: Part) -> Iterator[str]:
    for operation in part:
        if operation.input.f == ":get" and operation.output is not None:
            yield str(operation.output[0])


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
