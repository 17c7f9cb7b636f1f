"""Explains states and traces by running the model: for the other engines and for `replay`."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from planespec.checker.instance import Instance
from planespec.checker.outcome import State, Trace, ViolationKind
from planespec.checker.python.events import Arguments, Event, Fault
from planespec.checker.python.judging import Judge
from planespec.checker.python.stepping import Stepper, Taken, arguments_of


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
    number, values, choices, after = taken
    actions = instance.actions if source is not None else instance.initial
    info = actions[number] if number >= 0 else None
    name, arguments = info.name if info else "", arguments_of(info, values, choices)
    if isinstance(after, Fault):
        yield Event(ViolationKind.ERROR, "", after.message, after.at, name, arguments)
        return
    broken = judge.step(source, after) if source is not None else None
    for event in (broken, judge.state(after), _other_error(judge, after)):
        if event is not None:
            yield _placed(event, name, arguments, after)


def _other_error(judge: Judge, state: State) -> Event | None:
    """A model error in a `reachable` property or a constraint."""
    answers: list[object] = [judge.reaches(claim, state) for claim in judge.reachable]
    answers.append(judge.cut(state))
    return next((a for a in answers if isinstance(a, Event)), None)


def _placed(event: Event, action: str, arguments: Arguments, state: State) -> Event:
    return Event(event.kind, event.property, event.message, event.at, action, arguments, state)


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
