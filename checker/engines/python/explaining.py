"""Explains states and traces by running the model, and which guard stops an action."""

import ast
import linecache
import textwrap
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from types import FrameType, TracebackType

from planespec.checker.engines.python.judging import Arguments, Event, Fault, Judge, fault_of
from planespec.checker.engines.python.stepping import Stepper, Taken, arguments_of, step_of
from planespec.checker.errors import NotEnabled
from planespec.checker.instance import Instance
from planespec.checker.ir.nodes import Position
from planespec.checker.lang.choice import active_chooser
from planespec.checker.lang.data.records import field_faults
from planespec.checker.lang.locations import error_position
from planespec.checker.lang.model import load, undo
from planespec.checker.outcome import State, Step, Trace, ViolationKind


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of a trace: how many steps were steps of the model, and what broke.

    `steps` counts the steps that the model takes; `failed` says what is wrong with the next one
    and is empty when all are right. `events` are the events at the end of the trace, in canonical
    order: what the last state or step breaks, then what goes wrong in steps from there.
    """

    steps: int
    failed: str
    events: tuple[Event, ...]

    @property
    def is_behaviour(self) -> bool:
        """Whether the whole trace is a behaviour of the model."""
        return not self.failed


def explain(
    instance: Instance,
    state: State,
    requirements: tuple[str, ...] | None = None,
    reached: Collection[str] = (),
    tick: Callable[[], None] = lambda: None,
) -> Iterator[Event]:
    """What goes wrong at a state and in the steps from it, in canonical order.

    First a deadlock; then for each step a model error, the first step requirement it breaks, the
    first requirement its successor breaks. `reached` names `reachable` properties that a search
    has seen in an earlier level and judges no more. `tick` is called now and then and may raise.
    """
    stepper, judge = Stepper(instance), Judge(instance, requirements)
    stepper.tick = tick
    judge.reachable = [c for c in judge.reachable if c.id not in reached]
    taken = list(stepper.expand(state))
    if not taken and instance.check_deadlock:
        terminal = judge.is_terminal(state)
        if isinstance(terminal, Event):
            yield terminal
        elif not terminal:
            yield Event(ViolationKind.DEADLOCK, "deadlock", "no action is enabled", None)
    for one in taken:
        yield from _judged(instance, judge, state, one)


def judge_initial(
    instance: Instance,
    requirements: tuple[str, ...] | None = None,
    tick: Callable[[], None] = lambda: None,
) -> Iterator[Event]:
    """What goes wrong in the initial states, in canonical order; `tick` as in `explain`."""
    stepper, judge = Stepper(instance), Judge(instance, requirements)
    stepper.tick = tick
    for taken in stepper.start():
        yield from _judged(instance, judge, None, taken)


def _judged(
    instance: Instance, judge: Judge, source: State | None, taken: Taken
) -> Iterator[Event]:
    after, step = taken[3], step_of(instance, taken, initial=source is None)
    if isinstance(after, Fault):
        yield Event(ViolationKind.ERROR, "", after.message, after.at, step.action, step.arguments)
        return
    broken = judge.step(source, after) if source is not None else None
    outside = judge.cut_step(source, after) if source is not None else None
    fault = outside if isinstance(outside, Event) else None
    for event in (broken, fault, judge.state(after), _other_error(judge, after)):
        if event is not None:
            yield _placed(event, step)


def _other_error(judge: Judge, state: State) -> Event | None:
    """A model error in a `reachable` property or a constraint."""
    answers: list[object] = [judge.reaches(claim, state) for claim in judge.reachable]
    answers.append(judge.cut(state))
    return next((a for a in answers if isinstance(a, Event)), None)


def _placed(event: Event, step: Step) -> Event:
    return replace(event, action=step.action, arguments=step.arguments, state=step.state)


def replay(
    instance: Instance, trace: Trace, requirements: tuple[str, ...] | None = None
) -> Replay:
    """Run a trace again: is each step a step of the model, and what breaks at its end?"""
    starts = {step.state for step in instance.initial_states()}
    if trace.initial not in starts:
        return Replay(0, "the first state is no initial state of the model", ())
    stepper, judge = Stepper(instance), Judge(instance, requirements)
    before, last = trace.initial, None
    for number, step in enumerate(trace.steps):
        if not _is_step(instance, stepper, before, step.action, step.state):
            text = f"step {number + 1}, {step.action}, is no step of the model from there"
            return Replay(number, text, ())
        last, before = before, step.state
    ends = [judge.step(last, before) if last is not None else None, judge.state(before)]
    found = [event for event in ends if event is not None]
    return Replay(len(trace.steps), "", (*found, *explain(instance, before, requirements)))


def _is_step(
    instance: Instance, stepper: Stepper, before: State, action: str, after: State
) -> bool:
    return any(
        instance.actions[number].name == action and reached == after
        for number, _, _, reached in stepper.expand(before)
    )


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
