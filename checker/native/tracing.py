"""From a finding to the canonical counterexample, by running the model along marked states.

The native search says on which states a shortest path to the finding can lie. CPython then walks
from the initial states, each time taking the first step in canonical order that stays on them,
and says in words what is wrong at the end. So every explicit engine reports the same trace.
"""

from collections.abc import Iterable
from typing import Any

from planespec.checker.budget import Options
from planespec.checker.instance import Instance
from planespec.checker.ir.system import PropertyKind
from planespec.checker.native.layout import Layout
from planespec.checker.native.marking import is_marked, marked_levels
from planespec.checker.native.search import Finding, Search
from planespec.checker.outcome import Step, Trace, Violation, ViolationKind
from planespec.checker.python import Event, explain, judge_initial
from planespec.checker.python.stepping import Stepper


def violation_of(
    instance: Instance, options: Options, layout: Layout, search: Search
) -> Violation:
    """The first violation in canonical order among those of the finding's level.

    Raises Spent and KeyboardInterrupt.
    """
    ids = options.requirements
    if search.finding is Finding.INITIAL:
        event = next(judge_initial(instance, ids, search.budget.look_at_clock))
        state = event.state if event.state is not None else instance.binding.defaults
        return _violation(event, Trace(instance.variables, state, ()))
    path = path_to(instance, layout, search)
    trace = Trace(instance.variables, path[0].state, tuple(path[1:]))
    reached, tick = _reached(instance, ids, search), search.budget.look_at_clock
    event = next(explain(instance, path[-1].state, ids, reached, tick))
    if event.state is not None:
        step = Step(event.action, event.arguments, event.state)
        trace = Trace(trace.variables, trace.initial, (*trace.steps, step))
    return _violation(event, trace)


def _reached(instance: Instance, ids: tuple[str, ...] | None, search: Search) -> list[str]:
    """The `reachable` properties that were seen before the level of the finding."""
    sought = [c.id for c in instance.judged(ids) if c.kind is PropertyKind.REACHABLE]
    return [name for k, name in enumerate(sought) if not search.sought >> k & 1]


def _violation(event: Event, trace: Trace) -> Violation:
    alone = event.state is None and event.kind is ViolationKind.ERROR
    return Violation(
        kind=event.kind,
        property=event.property,
        trace=trace,
        message=event.message,
        at=event.at,
        action=event.action if alone else "",
        arguments=event.arguments if alone else (),
    )


def path_to(instance: Instance, layout: Layout, search: Search) -> list[Step]:
    """The first shortest path to a state in which the finding shows, its initial state first."""
    marks = search.attend(lambda: marked_levels(search))
    stepper = Stepper(instance)
    stepper.tick = search.budget.look_at_clock
    path = [_first(stepper.steps(None), layout, search, marks[0])]
    for indices in marks[1:]:
        path.append(_first(stepper.steps(path[-1].state), layout, search, indices))
    return path


def _first(steps: Iterable[Step], layout: Layout, search: Search, indices: Any) -> Step:
    for step in steps:
        if is_marked(indices, search.lookup(layout.encode(step.state))):
            return step
    raise AssertionError("no step leads on along the marked states")
