"""Chooses an engine and runs it: the one function behind `check`."""

import hashlib
import importlib
from collections.abc import Callable
from dataclasses import replace

from planespec.checker.budget import Budget, Options, Spent, bound_text
from planespec.checker.cache import cache_folder, keep, read_kept
from planespec.checker.engines.python.judging import with_values
from planespec.checker.errors import ConfigurationError, SystemRefusal
from planespec.checker.front import compile_system
from planespec.checker.front.order_dependence.orders import refuse_order_dependence
from planespec.checker.instance import LIVENESS, Instance
from planespec.checker.interrupts import attend
from planespec.checker.ir.show import show
from planespec.checker.ir.system import System
from planespec.checker.lang.properties import Claim
from planespec.checker.outcome import Outcome, Statistics, Verdict, ViolationKind
from planespec.checker.unbounded import refuse_endless, refuse_unbounded, unbounded_variables


def promised(instance: Instance, options: Options) -> tuple[Claim, ...]:
    """The promises to judge; raises ConfigurationError together with symmetry.

    One state stands for its whole orbit under symmetry. A cycle of such states need not be one of
    the model: going round may come back to another state of the orbit.
    """
    claims = tuple(c for c in instance.judged(options.requirements) if c.kind in LIVENESS)
    if claims and options.symmetry and instance.symmetric_sorts:
        raise ConfigurationError(
            f"{claims[0].id} cannot be judged under --symmetry, which is unsound for promises; "
            "leave --symmetry out, or name the requirements to judge with --requirement"
        )
    return claims


Engine = Callable[[Instance, Options], Outcome]

ENGINES = {
    "python": "planespec.checker.engines.python.python_engine",
    "native": "planespec.checker.engines.native.native_engine",
    "symbolic": "planespec.checker.engines.symbolic.symbolic_engine",
}
"""Engine to the module whose `run(instance, options)` it is; imported when it is used."""

AUTO = "auto"
SYMBOLIC = "symbolic"
PROBE_SECONDS = 0.3
PROBE_STATES = 5_000
"""What `auto` lets the reference engine try, because small models end before a compilation."""


def check(instance: Instance, engine: str, options: Options) -> Outcome:
    """Search an instance with an engine of `ENGINES`, or with the one `auto` picks.

    The model is compiled first in any case, so that every engine refuses the same models.
    Raises InputError for what is outside the language, ConfigurationError for an unknown engine
    or requirement and for a model without initial states, SystemRefusal when the native engine
    cannot be loaded.
    """
    claims = promised(instance, options)
    refuse_unbounded(instance, engine)
    if options.anywhere and engine != SYMBOLIC:
        raise ConfigurationError(f"engine {engine} begins in the initial states only")
    options = replace(options, budget=options.budget.begun())
    try:
        system = attend(lambda: compile_system(instance), options.budget.look_at_clock)
        options.budget.look_at_clock()
    except Spent as spent:
        return _unfinished(instance, engine, options, spent)
    if engine != SYMBOLIC:
        refuse_endless(system)
    notes = refuse_order_dependence(system) if options.symmetry else ()
    try:
        if engine == AUTO:
            outcome = _check_auto(instance, system, options)
        else:
            outcome = _engine(engine)(instance, options)
    except Spent as spent:
        return _unfinished(instance, engine, options, spent)
    outcome = replace(outcome, held=outcome.requirements if outcome.complete else ())
    outcome = with_values(instance, outcome)
    if engine == SYMBOLIC:
        return _of_something(instance, options, outcome)
    if _is_empty(outcome):
        raise instance.nowhere_to_begin()
    outcome = replace(outcome, notes=(*outcome.notes, *notes))
    if not claims:
        return _of_something(instance, options, outcome)
    from planespec.checker.engines.liveness.promise_judge import judge

    return judge(instance, options, claims, outcome)


def _unfinished(instance: Instance, engine: str, options: Options, spent: Spent) -> Outcome:
    """The answer where the budget was spent before the search began."""
    bound = bound_text(instance.constants, options.budget, {})
    reason = f"{spent}, before the search began"
    return Outcome(Verdict.UNKNOWN, engine, bound, Statistics(), reason=reason)


def _of_something(instance: Instance, options: Options, outcome: Outcome) -> Outcome:
    """Say so where neither a property nor deadlock was judged, only that no step goes wrong."""
    deadlock = options.check_deadlock and instance.check_deadlock
    judged = deadlock or outcome.requirements or outcome.reached
    if judged or outcome.verdict is not Verdict.HOLDS:
        return outcome
    return replace(outcome, reason=nothing_judged(instance, options))


def nothing_judged(instance: Instance, options: Options) -> str:
    """Why a search judged no property."""
    nothing = "nothing was judged but that no step goes wrong"
    if options.requirements is not None:
        return f"{nothing}: no requirement was asked for"
    if instance.not_applicable:
        return f"{nothing}: no property of {instance.name} is applicable"
    return f"{nothing}: {instance.name} claims no property"


def _is_empty(outcome: Outcome) -> bool:
    """Whether a search has ended that began nowhere; what it says holds of no state."""
    unreached = outcome.violation and outcome.violation.kind is ViolationKind.UNREACHED
    ended = outcome.verdict is Verdict.HOLDS or unreached
    return bool(ended) and not outcome.statistics.generated


def _engine(name: str) -> Engine:
    if name not in ENGINES:
        known = ", ".join((AUTO, *ENGINES))
        raise ConfigurationError(f"there is no engine {name!r}; the engines are {known}")
    try:
        run: Engine = importlib.import_module(ENGINES[name]).run
    except (ImportError, OSError) as error:
        raise SystemRefusal(f"engine {name} cannot be loaded: {error}") from error
    return run


def _check_auto(instance: Instance, system: System, options: Options) -> Outcome:
    """Try the reference engine shortly, unless that was in vain before; then compile and search.

    What was in vain is noted in the cache: whatever stands there, both engines give one answer.
    """
    python = _engine("python")
    large = cache_folder() / f"{hashlib.sha256(show(system).encode()).hexdigest()}.large"
    if read_kept(large)[0] is None:
        probe = replace(options, budget=_probe_budget(options.budget), on_progress=None)
        outcome = python(instance, probe)
        if outcome.verdict is not Verdict.UNKNOWN or outcome.interrupted:
            return outcome
        if unbounded_variables(instance):
            return python(instance, options)
        if probe.budget == options.budget:
            return outcome
        keep(large, b"")
    try:
        native = _engine("native")
    except SystemRefusal as refusal:
        slow = python(instance, options)
        return replace(slow, notes=(*slow.notes, f"{refusal}; searched without it, slowly"))
    return native(instance, options)


def _probe_budget(budget: Budget) -> Budget:
    states = min(PROBE_STATES, budget.states or PROBE_STATES)
    return replace(budget.within(PROBE_SECONDS), states=states)
