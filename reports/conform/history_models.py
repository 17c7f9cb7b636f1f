"""The objects that histories are held to: one register, and one key of a store.

Source: github.com/anishathalye/porcupine (porcupine_test.go), knossos.model.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from planespec.checker.linearizability import Operation, SequentialModel

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
