"""Simulates an instance with an engine: the one function behind `simulate`."""

from dataclasses import replace

from planespec.checker.budget import Budget, Spent, bound_text
from planespec.checker.engines.python.judging import Fault
from planespec.checker.engines.python.stepping import step_of
from planespec.checker.engines.simulation import walking
from planespec.checker.engines.simulation.plan import Plan, Simulated, Walked
from planespec.checker.engines.simulation.shortening import Behaviour, Shortener
from planespec.checker.errors import ConfigurationError, SystemRefusal
from planespec.checker.front import compile_system
from planespec.checker.instance import JUDGED, LIVENESS, Instance
from planespec.checker.outcome import (
    Outcome,
    Statistics,
    Trace,
    Verdict,
    Violation,
    ViolationKind,
)
from planespec.checker.unbounded import refuse_unbounded, unbounded_variables

ENGINES = ("auto", "python", "native")


def simulate(instance: Instance, engine: str, plan: Plan) -> Simulated:
    """Take the walks of a plan; the verdict is Violated or Unknown, and never Holds.

    `auto` compiles the model, unless it has numbers without a bound. Raises ConfigurationError for
    an unknown engine or requirement, for promises asked for by name and for a model without
    initial states, InputError for what is outside the language, SystemRefusal when the native
    engine is asked for and cannot be loaded.
    """
    promises = _promises(instance, plan)
    if plan.budget.memory is not None:
        raise ConfigurationError("a simulation stores no states: --budget memory limits nothing")
    refuse_unbounded(instance, "native" if engine == "native" else "python")
    plan = replace(plan, budget=plan.budget.begun())
    compile_system(instance)
    plan = replace(plan, check_deadlock=plan.check_deadlock and instance.check_deadlock)
    walked = _walk(instance, engine, plan)
    if _is_empty(walked):
        raise instance.nowhere_to_begin()
    behaviour, steps = None, 0
    if walked.violating is not None:
        try:
            behaviour, steps = _explain(instance, plan, walked.violating)
        except (KeyboardInterrupt, Spent) as stop:
            interrupted = isinstance(stop, KeyboardInterrupt)
            why = "interrupted" if interrupted else str(stop)
            reason = f"{why} while walk {walked.violating}, which goes wrong, was explained"
            walked = replace(walked, reason=reason, interrupted=interrupted)
    outcome = _outcome(instance, plan, walked, behaviour)
    return Simulated(outcome, plan, walked.numbers, walked.violating, steps, promises)


def _promises(instance: Instance, plan: Plan) -> tuple[str, ...]:
    """Ids of the promises that are left unjudged; raises when they were asked for."""
    promises = tuple(c.id for c in instance.judged(plan.requirements) if c.kind in LIVENESS)
    if promises and plan.requirements is not None:
        raise ConfigurationError(
            f"{', '.join(promises)}: no walk of finite length breaks a promise; "
            "`planespec check` judges promises"
        )
    return promises


def _walk(instance: Instance, engine: str, plan: Plan) -> Walked:
    if engine not in ENGINES:
        raise ConfigurationError(
            f"there is no engine {engine!r} for walks; the engines are {', '.join(ENGINES)}"
        )
    if engine == walking.NAME or unbounded_variables(instance):
        return walking.run(instance, plan)
    try:
        return _walk_natively(instance, plan)
    except SystemRefusal as refusal:
        if engine != "auto":
            raise
        slow = walking.run(instance, plan)
        return replace(slow, notes=(*slow.notes, f"{refusal}; walked without it, slowly"))


def _walk_natively(instance: Instance, plan: Plan) -> Walked:
    try:
        from planespec.checker.engines.native.host import random_walks
    except (ImportError, OSError) as error:
        raise SystemRefusal(f"engine native cannot be loaded: {error}") from error
    return random_walks.run(instance, plan)


def _explain(instance: Instance, plan: Plan, number: int) -> tuple[Behaviour, int]:
    """Take the walk again under CPython, and make what it found shorter."""
    budget = plan.budget.for_trace()
    alone = replace(plan, first=number, walks=1, budget=budget, on_progress=None)
    walk = walking.Walker(instance, alone).walk(number)
    if walk.event is None:
        raise AssertionError(f"native code found walk {number} wrong, CPython does not")
    behaviour = Behaviour(tuple(walk.steps), walk.event, walk.wrong)
    try:
        shortener = Shortener(instance, plan.requirements)
        shortener.stepper.tick = budget.look_at_clock
        return shortener.shorten(behaviour), behaviour.length
    except (KeyboardInterrupt, Spent):  # a behaviour that is longer than it need be will do
        return behaviour, behaviour.length


def _outcome(
    instance: Instance, plan: Plan, walked: Walked, behaviour: Behaviour | None
) -> Outcome:
    judged = instance.judged(plan.requirements)
    bound = bound_text(instance.constants, Budget(), {})
    length = f"walks of up to {plan.depth:,} steps"
    return Outcome(
        verdict=Verdict.UNKNOWN if behaviour is None else Verdict.VIOLATED,
        engine=walked.engine,
        bound=f"{bound}; {length}" if bound else length,
        statistics=Statistics(
            search_seconds=walked.search_seconds, compile_seconds=walked.compile_seconds
        ),
        requirements=tuple(c.id for c in judged if c.kind in JUDGED),
        violation=None if behaviour is None else _violation(instance, behaviour),
        reason="" if behaviour is not None else walked.reason or "random walks prove nothing",
        workers=plan.workers if walked.engine != walking.NAME else 1,
        interrupted=walked.interrupted,
        notes=walked.notes,
    )


def _is_empty(walked: Walked) -> bool:
    """Whether the walks began nowhere."""
    stopped = walked.violating is not None or walked.interrupted or walked.reason
    return not walked.numbers.judged and not stopped


def _violation(instance: Instance, behaviour: Behaviour) -> Violation:
    event, wrong = behaviour.event, behaviour.wrong
    inside = wrong is not None and not isinstance(wrong[3], Fault)
    steps = [step_of(instance, taken) for taken in behaviour.steps[1:]]
    first = behaviour.steps[0] if behaviour.steps else None
    if inside and wrong is not None:
        first, steps = (first, [*steps, step_of(instance, wrong)]) if first else (wrong, steps)
    start = first[3] if first else instance.binding.defaults
    assert not isinstance(start, Fault)
    failing = step_of(instance, wrong, initial=first is None) if wrong and not inside else None
    return Violation(
        kind=event.kind,
        property=event.property,
        trace=Trace(instance.variables, start, tuple(steps)),
        message=event.message,
        at=event.at,
        action=failing.action if failing and event.kind is ViolationKind.ERROR else "",
        arguments=failing.arguments if failing else (),
    )
