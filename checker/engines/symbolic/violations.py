"""From what the solver found to a violation as every engine reports it."""

from planespec.checker.engines.python import Event, explain, judge_initial
from planespec.checker.engines.symbolic.bounded import Bad
from planespec.checker.instance import Instance
from planespec.checker.outcome import Trace, Violation, ViolationKind
from planespec.checker.unbounded import unbounded_parameters


def violation_of(instance: Instance, bad: Bad) -> Violation:
    """The violation, with the message and place that CPython gives for it where it can."""
    message, at = "", None
    claim = next((c for c in instance.requirements if c.id == bad.property), None)
    if claim is not None:
        message, at = claim.statement, claim.at
    if bad.kind is ViolationKind.DEADLOCK:
        message = "no action is enabled"
    event = _event(instance, bad) if bad.kind is ViolationKind.ERROR else None
    action, arguments = bad.action, bad.arguments
    if event is not None:
        message, at = event.message, event.at
        arguments = event.arguments if action else ()
    elif bad.kind is ViolationKind.ERROR:
        message = "the model goes wrong here"
    return Violation(
        kind=bad.kind,
        property=bad.property,
        trace=bad.trace,
        message=message,
        at=at,
        action=action,
        arguments=arguments,
    )


def _event(instance: Instance, bad: Bad) -> Event | None:
    """The same model error found by running the model; None where it has unbounded parameters."""
    if unbounded_parameters(instance):
        return None
    at_start = bad.action in {a.name for a in instance.initial}
    events = _events(instance, bad.trace, in_step=bool(bad.action), at_start=at_start)
    for event in events:
        if (
            event.kind is ViolationKind.ERROR
            and event.property == bad.property
            and (event.action == bad.action or not bad.action)
        ):
            return event
    return None


def _events(instance: Instance, trace: Trace, *, in_step: bool, at_start: bool) -> list[Event]:
    if not trace.steps and (not in_step or at_start):
        return [e for e in judge_initial(instance) if (e.state is None) == in_step]
    if not in_step:
        before = trace.states[-2]
        return [e for e in explain(instance, before) if e.state == trace.states[-1]]
    return [e for e in explain(instance, trace.states[-1]) if e.state is None]
