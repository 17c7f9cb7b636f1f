"""The symbolic engine of `check`: all behaviours of up to `--depth` steps, shortest first."""

from dataclasses import dataclass, field, replace
from time import perf_counter

import z3

from planespec.checker.budget import Options, bound_text
from planespec.checker.engines.symbolic.bounded import Bad, Unrolling, violation_of
from planespec.checker.engines.symbolic.solving import Clock, GaveUpError
from planespec.checker.errors import ConfigurationError
from planespec.checker.front import compile_system
from planespec.checker.instance import JUDGED, LIVENESS, Instance
from planespec.checker.interrupts import deferred
from planespec.checker.ir.operations import reduced
from planespec.checker.ir.system import Property, PropertyKind, System
from planespec.checker.outcome import (
    Outcome,
    Statistics,
    Trace,
    Verdict,
    Violation,
    ViolationKind,
)

NAME = "symbolic"


@dataclass(slots=True)
class Progressing:
    """How far an unrolling got."""

    depth: int = 0
    complete: bool = False
    empty: bool = False
    bad: Bad | None = None
    reached: dict[str, int | None] = field(default_factory=dict)
    reason: str = ""
    interrupted: bool = False


def run(instance: Instance, options: Options) -> Outcome:
    """Look for bad behaviours of up to `options.budget.depth` steps.

    Raises ConfigurationError without a depth, for what this engine does not judge and for a model
    without states to begin in.
    """
    _refuse(instance, options)
    started = perf_counter()
    system = reduced(compile_system(instance))
    ids = {c.id for c in instance.judged(options.requirements)}
    judged = [p for p in system.of_kind(*JUDGED) if p.id in ids]
    wanted = [p for p in system.of_kind(PropertyKind.REACHABLE) if p.id in ids]
    if not (options.check_deadlock and system.check_deadlock):
        system = replace(system, check_deadlock=False)
    with deferred():
        found = unroll(system, judged, wanted, options)
    if found.empty:
        raise instance.nowhere_to_begin()
    outcome = _outcome(instance, options, found)
    seconds = perf_counter() - started
    return replace(
        outcome,
        requirements=tuple(p.id for p in judged),
        statistics=Statistics(depth=found.depth, search_seconds=seconds),
        notes=_notes(instance, ids),
    )


def _refuse(instance: Instance, options: Options) -> None:
    if options.budget.depth is None:
        raise ConfigurationError("engine symbolic needs --depth: the longest behaviour to look at")
    if options.symmetry:
        raise ConfigurationError("engine symbolic does not use --symmetry")
    for name in ("states", "memory"):
        if getattr(options.budget, name) is not None:
            raise ConfigurationError(f"engine symbolic has no budget of {name}; use seconds=S")
    asked = set(options.requirements or ())
    promised = [c.id for c in instance.claims(*LIVENESS) if c.id in asked]
    if promised:
        raise ConfigurationError(
            f"engine symbolic does not judge {promised[0]}, a promise; use --engine native"
        )


def unroll(
    system: System, judged: list[Property], wanted: list[Property], options: Options
) -> Progressing:
    """Lengthen behaviours until something is bad, none is left or the depth is reached."""
    found = Progressing(reached={p.id: None for p in wanted})
    limit = options.budget.depth or 0
    try:
        unrolling = Unrolling(system, judged, Clock.of(options.budget), anywhere=options.anywhere)
        unrolling.sought = tuple(wanted)
        found.bad = unrolling.bad_start()
        found.empty = found.bad is None and not unrolling.goes_on()
        while found.bad is None and not found.empty:
            _note_reached(unrolling, wanted, found)
            if system.check_deadlock and found.depth < limit:
                found.bad = unrolling.deadlock()
            if found.bad is not None or found.depth == limit:
                break
            found.bad = unrolling.lengthen()
            if found.bad is None and not unrolling.goes_on():
                found.complete = True
                break
            found.depth += 1
    except GaveUpError as reason:
        found.reason = f"{reason}; nothing is wrong up to depth {found.depth}"
    except (KeyboardInterrupt, z3.Z3Exception) as stop:
        _stopped(found, stop)
    return found


def _stopped(found: Progressing, stop: BaseException) -> None:
    found.interrupted = isinstance(stop, KeyboardInterrupt) or "interrupt" in str(stop)
    if found.interrupted:
        found.reason = f"interrupted; nothing is wrong up to depth {found.depth}"
    else:
        found.reason = f"the solver failed: {stop}"


def _note_reached(unrolling: Unrolling, wanted: list[Property], found: Progressing) -> None:
    for property_ in wanted:
        if found.reached[property_.id] is None and unrolling.reaches(property_):
            found.reached[property_.id] = found.depth
    unrolling.sought = tuple(p for p in wanted if found.reached[p.id] is None)


def _outcome(instance: Instance, options: Options, found: Progressing) -> Outcome:
    verdict, reason, violation = Verdict.HOLDS, "", None
    missing = [name for name, depth in found.reached.items() if depth is None]
    if found.bad is not None:
        verdict, violation = Verdict.VIOLATED, violation_of(instance, found.bad)
    elif found.reason:
        verdict, reason = Verdict.UNKNOWN, found.reason
    elif missing and found.complete:
        verdict, violation = Verdict.VIOLATED, _unreached(instance, missing[0])
    elif missing:
        verdict = Verdict.UNKNOWN
        reason = f"{', '.join(missing)} not reached within depth {options.budget.depth}"
    bound = bound_text(instance.constants, replace(options.budget, depth=None), {})
    limit = f"depth {options.budget.depth}"
    limit += ", which cuts nothing" if found.complete else ""
    return Outcome(
        verdict=verdict,
        engine=NAME,
        bound="; ".join(part for part in (bound, limit) if part),
        statistics=Statistics(),
        violation=violation,
        reached=dict(found.reached),
        reason=reason,
        interrupted=found.interrupted,
        complete=found.bad is None and not found.reason,
    )


def _unreached(instance: Instance, name: str) -> Violation:
    claim = next(c for c in instance.requirements if c.id == name)
    trace = Trace(instance.variables, instance.binding.defaults, ())
    message = f"no reachable state has it: {claim.statement}"
    return Violation(ViolationKind.UNREACHED, name, trace, message, claim.at)


def _notes(instance: Instance, ids: set[str]) -> tuple[str, ...]:
    promised = [c.id for c in instance.claims(*LIVENESS) if c.id in ids]
    if not promised:
        return ()
    return (f"not judged by engine symbolic: {', '.join(promised)}",)
