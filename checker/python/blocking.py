"""Why an action is not enabled: the guard that is false, where it stands, and which part of it."""

import ast
import linecache
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType, TracebackType

from planespec.checker.instance import Instance
from planespec.checker.ir.nodes import Position
from planespec.checker.lang.choice import active_chooser
from planespec.checker.lang.errors import NotEnabled
from planespec.checker.lang.model import load, undo
from planespec.checker.lang.places import error_position
from planespec.checker.lang.records import field_faults
from planespec.checker.outcome import State
from planespec.checker.python.events import Arguments, fault_of
from planespec.checker.python.stepping import Stepper, arguments_of


@dataclass(frozen=True, slots=True)
class Attempt:
    """One instance of an action, tried from a state.

    `guard` is the text of the guard or `choose` that blocks it and empty where nothing does;
    `false` are the conjuncts of the guard that are false, where it is a conjunction. `fault` is
    the message of a model error.
    """

    arguments: Arguments
    guard: str = ""
    false: tuple[str, ...] = ()
    at: Position | None = None
    fault: str = ""

    @property
    def enabled(self) -> bool:
        """Whether the instance is a step."""
        return not self.guard and not self.fault

    @property
    def blocked(self) -> str:
        """The guard and what is wrong with it."""
        if self.guard.startswith("choose"):
            return f"{self.guard} has nothing to choose from"
        if self.guard.startswith("given("):
            return f"{self.guard.removeprefix('given(').removesuffix(')')} is None"
        return f"{self.guard} is false"


class Prober(Stepper):
    """Tries all instances of an action from a state and reads what stops them."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._numbers = {a.name: number for number, a in enumerate(instance.actions)}

    def attempts(self, state: State, name: str) -> Iterator[Attempt]:
        """Every instance of the action of that name, once for each of its choices."""
        action, instances = self._actions[self._numbers[name]]
        for values in instances(state):
            more = True
            while more:
                load(self.model, state)
                guard, false, at, fault = self._try(action.function, values)
                arguments = arguments_of(action, values, tuple(self.odometer.named))
                more = self.odometer.advance()
                yield Attempt(arguments, guard, false, at, fault)

    def _try(
        self, function: object, values: tuple[object, ...]
    ) -> tuple[str, tuple[str, ...], Position | None, str]:
        token = active_chooser.set(self.odometer)
        checked = field_faults.set(self.instance.binding.fault_of_record)
        try:
            assert callable(function)
            function(self.model, *values)
        except NotEnabled as blocked:
            at = error_position(blocked.__traceback__)
            guard, false = _read(blocked.__traceback__, at)
            return guard, false, at, ""
        except (MemoryError, KeyboardInterrupt):
            raise
        except Exception as error:
            fault = fault_of(error)
            return "", (), fault.at, fault.message
        else:
            return "", (), None, ""
        finally:
            field_faults.reset(checked)
            active_chooser.reset(token)
            undo(self.model)


def _read(traceback: TracebackType | None, at: Position | None) -> tuple[str, tuple[str, ...]]:
    """The text of the guard, and those of its conjuncts that are false in its frame."""
    frame = None
    while traceback is not None:
        if at is not None and traceback.tb_frame.f_code.co_filename == at.file:
            frame = traceback.tb_frame
        traceback = traceback.tb_next
    if at is None or frame is None:
        return "a guard", ()
    text = _source(at)
    return " ".join(text.split()) or "a guard", tuple(_false_parts(text, frame))


def _source(at: Position) -> str:
    lines = linecache.getlines(at.file)[at.line - 1 : at.end_line]
    if not lines:
        return ""
    # Columns count bytes of UTF-8, from 1.
    cut = [line.encode() for line in lines]
    cut[-1] = cut[-1][: at.end_column - 1]
    cut[0] = cut[0][at.column - 1 :]
    return b"".join(cut).decode()


def _false_parts(text: str, frame: FrameType) -> Iterator[str]:
    """Conjuncts of `require(a and b and ...)` that are false where the guard was judged."""
    try:
        call = ast.parse(textwrap.dedent(text).strip(), mode="eval").body
    except SyntaxError:
        return
    condition = call.args[0] if isinstance(call, ast.Call) and call.args else None
    if not isinstance(condition, ast.BoolOp) or not isinstance(condition.op, ast.And):
        return
    # Comprehensions see global names alone when an expression is evaluated by itself.
    names = {**frame.f_globals, **frame.f_locals}
    for part in condition.values:
        if _is_false(part, names):
            yield ast.unparse(part)
            return  # what follows may have relied on it


def _is_false(part: ast.expr, names: dict[str, object]) -> bool:
    try:
        return not eval(compile(ast.Expression(part), "<guard>", "eval"), names)
    except Exception:
        return False
