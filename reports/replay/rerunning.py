"""Takes every step of a trace again and judges what it passes through."""

from dataclasses import dataclass
from itertools import pairwise

from planespec.checker.engines.python.judging import Arguments, Event, Fault, Judge
from planespec.checker.engines.python.stepping import Stepper, step_of
from planespec.checker.errors import InputError
from planespec.checker.instance import Instance
from planespec.checker.outcome import State, Step, Trace, Violation, ViolationKind
from planespec.reports.formats.itf_values import encode_plain
from planespec.reports.replay.saved_traces import Call, Recorded, decode_states


@dataclass(frozen=True, slots=True)
class Rerun:
    """A trace that is a behaviour of the model, and the first thing that goes wrong on it."""

    trace: Trace
    violation: Violation | None


def rerun(recorded: Recorded, instance: Instance, check_deadlock: bool) -> Rerun:
    """Take all steps; raises InputError naming the step that is none of the model."""
    states = decode_states(recorded, instance)
    stepper, judge = Stepper(instance), Judge(instance, recorded.requirements)
    if states[0] not in [taken[3] for taken in stepper.start()]:
        return _never_begun(recorded, instance, stepper, states)
    steps: list[Step] = []
    event, at = _of_state(judge, states[0]), 0
    for number, (before, after) in enumerate(pairwise(states), 1):
        step = _take(recorded, instance, stepper, number, before, after)
        steps.append(step)
        if event is None:
            event, at = judge.step(before, after) or _of_state(judge, after), number
    if event is None:
        at = len(steps)
        event = _failing(recorded, stepper, states[-1])
        if event is None and check_deadlock:
            event = _deadlock(stepper, judge, states[-1])
    if event is None and recorded.loop is not None:
        # Imported late: few traces are lassos, and the graph of one needs numpy and scipy.
        from planespec.reports.replay.lasso_replay import broken_promise

        trace = Trace(instance.variables, states[0], tuple(steps))
        loop = _closing(recorded.loop, states)
        violation = broken_promise(instance, trace, loop, recorded.requirements)
        if violation is not None:
            return Rerun(violation.trace, violation)
    return _rerun(instance, states[0], steps, event, at)


def _of_state(judge: Judge, state: State) -> Event | None:
    """What a state breaks, or the model error in one of the constraints."""
    outside = judge.cut(state)
    return judge.state(state) or (outside if isinstance(outside, Event) else None)


def _never_begun(
    recorded: Recorded, instance: Instance, stepper: Stepper, states: list[State]
) -> Rerun:
    """The model error in an initial action, of which a file shows the values before it."""
    if recorded.failing is None or len(states) > 1 or states[0] != instance.binding.defaults:
        raise InputError("state 0 is no initial state of the model", file=recorded.file)
    event = _failing(recorded, stepper, None)
    return _rerun(instance, states[0], [], event, 0)


def _closing(loop: int, states: list[State]) -> int:
    """The state that the last one is again; an ITF trace names the one that follows it."""
    return loop - 1 if loop and states[loop] != states[-1] == states[loop - 1] else loop


def _rerun(
    instance: Instance, first: State, steps: list[Step], event: Event | None, at: int
) -> Rerun:
    trace = Trace(instance.variables, first, tuple(steps))
    if event is None:
        return Rerun(trace, None)
    upto = Trace(instance.variables, first, tuple(steps[:at]))
    violation = Violation(
        event.kind, event.property, upto, event.message, event.at, event.action, event.arguments
    )
    return Rerun(trace, violation)


def _take(
    recorded: Recorded,
    instance: Instance,
    stepper: Stepper,
    number: int,
    before: State,
    after: State,
) -> Step:
    call = recorded.calls[number - 1]
    for taken in stepper.expand(before):
        step = step_of(instance, taken)
        if taken[3] == after and _agrees(call, step):
            return step
    action = f" ({call.action})" if call.action else ""
    raise InputError(
        f"step {number}{action} is no step of the model: nothing leads from state {number - 1} "
        f"to state {number} {'that way' if call.action else 'in one step'}",
        file=recorded.file,
    )


def _agrees(call: Call, step: Step) -> bool:
    if call.action is not None and call.action != step.action:
        return False
    return call.arguments is None or _encoded(step.arguments) == call.arguments


def _encoded(arguments: Arguments) -> dict[str, object]:
    return {name: encode_plain(value) for name, value in arguments}


def _failing(recorded: Recorded, stepper: Stepper, state: State | None) -> Event | None:
    """The model error the file tells of; raises InputError when the model does not make it."""
    if recorded.failing is None:
        return None
    for taken in stepper.start() if state is None else stepper.expand(state):
        step, fault = step_of(stepper.instance, taken, initial=state is None), taken[3]
        if isinstance(fault, Fault) and _agrees(recorded.failing, step):
            kind, at = ViolationKind.ERROR, fault.at
            return Event(kind, "", fault.message, at, step.action, step.arguments)
    raise InputError(
        f"the last step ({recorded.failing.action}) does not go wrong", file=recorded.file
    )


def _deadlock(stepper: Stepper, judge: Judge, last: State) -> Event | None:
    if next(iter(stepper.expand(last)), None) is not None:
        return None
    terminal = judge.is_terminal(last)
    if isinstance(terminal, Event):
        return terminal
    if terminal:
        return None
    return Event(ViolationKind.DEADLOCK, "deadlock", "no action is enabled", None)
