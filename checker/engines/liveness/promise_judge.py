"""Judges the promises of a model once its search has shown that nothing else is wrong."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np

from planespec.checker.budget import Options, Spent, alarmed
from planespec.checker.engines.liveness.lasso import (
    Edge,
    Lasso,
    Order,
    Walker,
    broken,
    is_empty,
    is_open,
)
from planespec.checker.engines.liveness.space import Case, NotJudged, Origin, Space, given_to
from planespec.checker.engines.python.stepping import Stepper
from planespec.checker.instance import Instance
from planespec.checker.interrupts import attend
from planespec.checker.lang.properties import Claim
from planespec.checker.outcome import (
    Outcome,
    State,
    Step,
    Trace,
    Verdict,
    Violation,
    ViolationKind,
)

MakeSpace = Callable[[Instance, Options, tuple[Claim, ...]], Space]


def judge(
    instance: Instance, options: Options, claims: tuple[Claim, ...], outcome: Outcome
) -> Outcome:
    """The outcome of a search with its promises judged; unchanged where it is not Holds."""
    if not claims or outcome.verdict is not Verdict.HOLDS:
        return outcome
    names = ", ".join(c.id for c in claims)
    outcome = replace(outcome, bound=_bound(instance, claims, outcome.bound))
    started = perf_counter()
    try:
        with alarmed(options.budget):
            asked = instance.with_assumed(claims)
            seconds = outcome.statistics.search_seconds
            further = replace(options, requirements=(), expected=seconds)
            space = _maker(outcome.engine)(instance, further, asked)
        look = options.budget.look_at_clock
        found, open_ = attend(lambda: _found_in(instance, space, claims), look)
        empty = tuple(_of_nothing(instance, space, claims))
    except (NotJudged, Spent) as reason:
        return _unknown(outcome, f"{names} not judged: {reason}")
    except KeyboardInterrupt:
        stopped = _unknown(outcome, f"{names} not judged: interrupted")
        return replace(stopped, interrupted=True)
    outcome = _judged(outcome, claims, found, open_)
    outcome = replace(outcome, notes=(*outcome.notes, *empty))
    return replace(
        outcome,
        statistics=replace(
            outcome.statistics,
            search_seconds=outcome.statistics.search_seconds + perf_counter() - started,
        ),
    )


def _bound(instance: Instance, claims: tuple[Claim, ...], bound: str) -> str:
    """The bound of a verdict, with what its promises assume."""
    names = ", ".join(c.id for c in instance.assumed_by(claims))
    return "; ".join(part for part in (bound, names and f"assuming {names}") if part)


def _judged(
    outcome: Outcome,
    claims: tuple[Claim, ...],
    found: tuple[Violation, ...],
    open_: tuple[str, ...],
) -> Outcome:
    """The outcome with what was found; what is open is not judged, or not to the end."""
    settled = tuple(c.id for c in claims if c.id not in open_)
    broken_ids = {violation.property for violation in found}
    outcome = replace(outcome, held=(*outcome.held, *(i for i in settled if i not in broken_ids)))
    if found:
        ids = (*outcome.requirements, *(c.id for c in claims))
        first, *others = found
        return replace(
            outcome,
            verdict=Verdict.VIOLATED,
            violation=first,
            others=tuple(others),
            requirements=ids,
        )
    outcome = replace(outcome, requirements=(*outcome.requirements, *settled))
    if not open_:
        return outcome
    cuts = " and ".join(outcome.statistics.cut)
    text = f"{', '.join(open_)} not judged beyond what {cuts} cut off"
    return _unknown(outcome, f"{text}; no behaviour this side of it breaks a promise")


def _open(space: Space, claims: tuple[Claim, ...]) -> tuple[str, ...]:
    """The promises that something cut off might break."""
    return tuple(
        claim.id
        for claim in claims
        if any(
            is_open(space.graph, claim.kind, case.truths, space.known)
            for case in space.cases[claim.id]
        )
    )


def _unknown(outcome: Outcome, reason: str) -> Outcome:
    return replace(outcome, verdict=Verdict.UNKNOWN, reason=reason)


def _maker(engine: str) -> MakeSpace:
    if engine == "python":
        from planespec.checker.engines.liveness.space import python_space

        return python_space
    from planespec.checker.engines.liveness.native_space import native_space

    return native_space


def _found_in(
    instance: Instance, space: Space, claims: tuple[Claim, ...]
) -> tuple[tuple[Violation, ...], tuple[str, ...]]:
    """What is broken, and the ids of those others that something cut off might break."""
    found = violations_in(instance, space, claims)
    broken_ids = {violation.property for violation in found}
    return found, _open(space, tuple(c for c in claims if c.id not in broken_ids))


def violations_in(
    instance: Instance, space: Space, claims: tuple[Claim, ...]
) -> tuple[Violation, ...]:
    """The promises whose judgement goes wrong, then those that are broken."""
    cases = [(claim, _wrong(space, claim)) for claim in instance.with_assumed(claims)]
    wrong = [_error(instance, space, claim, case) for claim, case in cases if case is not None]
    faulty = {claim.id for claim, case in cases if case is not None}
    right = [c for c in claims if not faulty & {c.id, *c.assuming}]
    return (*wrong, *_broken_in(instance, space, right))


def _wrong(space: Space, claim: Claim) -> Case | None:
    """The first case of a promise whose judgement goes wrong."""
    return next((case for case in space.cases[claim.id] if case.wrong), None)


def _broken_in(instance: Instance, space: Space, claims: list[Claim]) -> Iterator[Violation]:
    """Each promise that is broken, for the first values of its parameters that show it."""
    for claim in claims:
        for case in space.cases[claim.id]:
            found = _lasso(instance, space, claim, case)
            if found is not None:
                yield Violation(
                    ViolationKind.LIVENESS,
                    claim.id,
                    _trace(instance, space, found),
                    claim.statement,
                    claim.at,
                    arguments=case.values,
                )
                break


def _lasso(instance: Instance, space: Space, claim: Claim, case: Case) -> Lasso | None:
    given = given_to(instance, space, claim, case)
    order = _order(instance, space)
    return broken(
        space.graph, claim.kind, case.truths, space.units, space.known, given, order=order
    )


def _of_nothing(instance: Instance, space: Space, claims: tuple[Claim, ...]) -> Iterator[str]:
    """A note for each promise whose assumptions no fair behaviour keeps."""
    if not space.known.all():
        return
    for claim in (c for c in claims if c.assuming):
        cases = space.cases[claim.id]
        if all(
            is_empty(space.graph, space.units, given_to(instance, space, claim, case))
            for case in cases
        ):
            names = ", ".join(claim.assuming)
            yield f"{claim.id} says nothing: no fair behaviour keeps {names}, which it assumes"


def _error(instance: Instance, space: Space, claim: Claim, case: Case) -> Violation:
    from planespec.checker.engines.python.judging import fault_of
    from planespec.checker.lang.model import load

    values = [value for _, value in case.values]
    start, way = _way_to_wrong(instance, space, case)
    node = way[-1][1] if way else start
    trace = Trace(instance.variables, space.state(start), tuple(_steps(instance, space, way)))
    view = instance.new()
    load(view, space.state(node))
    for predicate in claim.predicates:
        try:
            predicate(view, *values)
        except Exception as error:
            fault = fault_of(error)
            message = f"in {claim.id}: {fault.message}"
            at = fault.at or claim.at
            return Violation(ViolationKind.ERROR, claim.id, trace, message, at)
    raise AssertionError(
        f"native code cannot judge {claim.id}, CPython can, at {trace.states[-1]}"
    )


def _way_to_wrong(instance: Instance, space: Space, case: Case) -> tuple[int, list[Edge]]:
    graph = space.graph
    everywhere, goal = np.ones(graph.nodes, bool), np.zeros(graph.nodes, bool)
    goal[list(case.wrong)] = True
    walker = Walker(graph, _order(instance, space))
    return walker.way([int(n) for n in graph.initial], goal, everywhere)


def _trace(instance: Instance, space: Space, found: Lasso) -> Trace:
    """The lasso as a trace: the last step returns to the state that `loop` counts."""
    steps = tuple(_steps(instance, space, (*found.stem, *found.cycle)))
    return Trace(instance.variables, space.state(found.start), steps, loop=len(found.stem))


def _steps(instance: Instance, space: Space, edges: Iterable[Edge]) -> Iterable[Step]:
    for source, target, number in edges:
        yield _step(instance, space.state(source), space.origins[number], space.state(target))


def _step(instance: Instance, before: State, origin: Origin, after: State) -> Step:
    """The first step in canonical order that the edge may stand for, as CPython takes it."""
    for step in instance.successors(before):
        if step.state == after and _is_of(step, origin):
            return step
    raise AssertionError(f"{origin.action} does not lead from {before} to {after}")


def _is_of(step: Step, origin: Origin) -> bool:
    """Whether a number on edges stands for this step."""
    given = dict(reversed(step.arguments))  # a parameter, where a choice has its name
    alone = all(given.get(name) == value for name, value in origin.values)
    return step.action == origin.action and alone


def _order(instance: Instance, space: Space) -> Order:
    """The canonical order of edges and initial nodes, as CPython takes steps."""

    def edge(edges: Sequence[Edge]) -> int:
        ends = [(space.state(target), space.origins[number]) for _, target, number in edges]
        for step in instance.successors(space.state(edges[0][0])):
            for place, (after, origin) in enumerate(ends):
                if step.state == after and _is_of(step, origin):
                    return place
        raise AssertionError(f"no step from {space.state(edges[0][0])} is one of the edges")

    def start(nodes: Sequence[int]) -> int:
        place = {space.state(node): n for n, node in enumerate(nodes)}
        states = (taken[3] for taken in Stepper(instance).start())
        return next(place[state] for state in states if state in place)

    return Order(edge, start)
