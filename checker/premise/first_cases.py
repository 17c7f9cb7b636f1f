"""Where predicates are first true, in the whole space: for premises, which no engine judges."""

from dataclasses import dataclass, replace
from time import perf_counter

from planespec.checker.budget import Options, Spent
from planespec.checker.engines.native.host.counterexamples import path_to
from planespec.checker.engines.native.host.native_search import Finding, Search
from planespec.checker.engines.native.native_engine import Compiled, compile_judging, with_memory
from planespec.checker.engines.python.stepping import Stepper
from planespec.checker.instance import Instance
from planespec.checker.interrupts import attend
from planespec.checker.ir.execute import EvaluationError, holds
from planespec.checker.ir.nodes import Expr, For, Function, If, Op, Return, Stmt
from planespec.checker.ir.system import Property, PropertyKind, System
from planespec.checker.ir.types import Bool
from planespec.checker.outcome import Trace


@dataclass(slots=True)
class Cases:
    """The steps to the first case of each predicate, None where there is none, and one shortest
    behaviour where it was made. `reason` says why not everything was seen; empty where it was."""

    first: dict[str, int | None]
    witnesses: dict[str, Trace]
    distinct: int = 0
    reason: str = ""
    interrupted: bool = False


def first_cases(
    instance: Instance, system: System, asked: list[Property], options: Options, *, traced: bool
) -> Cases:
    """Search all states for the first case of each predicate, kept in `predicates[0]`.

    A STEP predicate is looked for in steps, any other in states. With `traced` each first case
    comes with a behaviour that ends there, at the cost of a search for each.
    """
    found = Cases({p.id: None for p in asked}, {})
    try:
        _look(instance, system, asked, options, found, traced=traced)
    except (KeyboardInterrupt, Spent) as stop:
        found.interrupted = isinstance(stop, KeyboardInterrupt)
        found.reason = "interrupted" if found.interrupted else str(stop)
    return found


def _look(
    instance: Instance,
    system: System,
    asked: list[Property],
    options: Options,
    found: Cases,
    *,
    traced: bool,
) -> None:
    states = [p for p in asked if p.kind is not PropertyKind.STEP and not traced]
    if states:
        _reached(system, states, options, found)
    left = [p for p in asked if p not in states]
    while left and not found.reason:
        left = _one_less(instance, system, left, options, found)


def _reached(system: System, states: list[Property], options: Options, found: Cases) -> None:
    """All predicates on states in one search."""
    wanted = tuple(replace(p, kind=PropertyKind.REACHABLE) for p in states)
    _, search = _search(system, (), wanted, options, found)
    found.first.update({p.id: search.reached.get(n) for n, p in enumerate(wanted)})
    if search.finding is not None:
        found.reason = f"the model goes wrong after {len(search.levels) - 1} steps"


def _one_less(
    instance: Instance, system: System, left: list[Property], options: Options, found: Cases
) -> list[Property]:
    """Find the nearest case of any predicate; return those left, none when none has a case."""
    compiled, search = _search(system, tuple(map(_negated, left)), (), options, found)
    if search.finding is None:
        return []
    trace = _trace(instance, compiled, left, search)
    true = [p for p in left if trace is not None and _is_case(system, p, trace)]
    if trace is None or not true:
        found.reason = f"the model goes wrong after {len(search.levels) - 1} steps"
        return []
    for property_ in true:
        found.first[property_.id] = len(trace.steps)
        found.witnesses[property_.id] = trace
    return [p for p in left if p not in true]


def _search(
    system: System,
    judged: tuple[Property, ...],
    reachables: tuple[Property, ...],
    options: Options,
    found: Cases,
) -> tuple[Compiled, Search]:
    """The search with its code, which must live as long as anything is asked of it."""
    started = perf_counter()
    compiled = attend(
        lambda: compile_judging(system, judged, reachables, False, started),
        options.budget.look_at_clock,
    )
    search = Search(
        code=compiled.code,
        width=compiled.layout.words,
        actions=len(system.actions),
        workers=options.workers,
        budget=with_memory(options.budget),
        reachables=len(reachables),
        check_deadlock=False,
        on_progress=options.on_progress,
    )
    search.explore()
    found.distinct = max(found.distinct, search.progress().distinct)
    found.reason, found.interrupted = search.reason, search.interrupted
    return compiled, search


def _trace(
    instance: Instance, compiled: Compiled, left: list[Property], search: Search
) -> Trace | None:
    """A shortest behaviour to a case; None when the model itself goes wrong there."""
    path = path_to(instance, compiled.layout, search)
    before = Trace(instance.variables, path[0].state, tuple(path[1:]))
    if search.finding is Finding.INITIAL:
        return before
    stepper = Stepper(instance)
    stepper.tick = search.budget.look_at_clock
    for step in stepper.steps(path[-1].state):
        trace = replace(before, steps=(*before.steps, step))
        if any(_is_case(compiled.system, p, trace) for p in left):
            return trace
    return None


def _is_case(system: System, property_: Property, trace: Trace) -> bool:
    """Whether a predicate is true in the last state, or in the last step."""
    step = property_.kind is PropertyKind.STEP
    if step and not trace.steps:
        return False
    before = trace.states[-2] if step else None
    try:
        return holds(system, property_, trace.states[-1], before)
    except EvaluationError:
        return False


def _negated(property_: Property) -> Property:
    """A requirement that the predicate is never true."""
    step = property_.kind is PropertyKind.STEP
    kind = PropertyKind.STEP if step else PropertyKind.ALWAYS
    return replace(property_, kind=kind, predicates=(_negation(property_.predicates[0]),))


def _negation(predicate: Function) -> Function:
    return replace(predicate, body=_denied(predicate.body))


def _denied(body: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
    """The statements with the opposite of every answer."""
    made: list[Stmt] = []
    for statement in body:
        match statement:
            case Return(value=Expr() as value):
                opposite = Expr(Op.NOT, Bool(), (value,), statement.at)
                made.append(replace(statement, value=opposite))
            case If(then=then, orelse=orelse):
                made.append(replace(statement, then=_denied(then), orelse=_denied(orelse)))
            case For(body=inner):
                made.append(replace(statement, body=_denied(inner)))
            case _:
                made.append(statement)
    return tuple(made)
