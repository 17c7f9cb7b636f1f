"""Was the premise of a requirement ever true? What holds for want of cases says nothing.

The premise of `all(... for ... if c)` is that some element passes c, of `not p or q` it is p, of
`p leads to q` it is p. Requirements of another shape have none, and are not reported.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from planespec.checker.budget import Options
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.execute import EvaluationError, holds
from planespec.checker.ir.nodes import Expr, Fold, Function, Op, Reduction, Return, Stmt
from planespec.checker.ir.system import Property, PropertyKind, System
from planespec.checker.ir.types import Bool
from planespec.checker.outcome import Trace
from planespec.checker.python.events import Fault
from planespec.checker.python.search import Search
from planespec.checker.python.stepping import Taken

KINDS = (PropertyKind.ALWAYS, PropertyKind.LEMMA, PropertyKind.LEADS_TO, PropertyKind.STEP)


@dataclass(frozen=True, slots=True)
class Premise:
    """How often the premise of a requirement was true, and the first behaviour that shows it.

    `cases` counts states, for a step requirement steps; `of` is how many were looked at.
    """

    requirement: str
    cases: int
    of: int
    witness: Trace | None

    @property
    def is_vacuous(self) -> bool:
        """Whether the requirement never had a case."""
        return self.cases == 0


def premises(instance: Instance, options: Options) -> tuple[list[Premise], str]:
    """Premises of the judged requirements over everything the reference engine finds.

    The text says why the search ended early, and is empty where it saw everything.
    """
    system = compile_system(instance)
    ids = {c.id for c in instance.judged(options.requirements)}
    asked = [(p, premise_of(p)) for p in system.of_kind(*KINDS) if p.id in ids]
    search = Search(instance, replace(options, requirements=(), check_deadlock=False))
    search.explore()
    found = [_counted(system, search, replace(p, predicates=(q,))) for p, q in asked if q]
    return found, search.reason


def _counted(system: System, search: Search, premise: Property) -> Premise:
    cases = of = 0
    witness: Trace | None = None
    for before, state, trace in _looked_at(search, premise.kind is PropertyKind.STEP):
        of += 1
        try:
            true = holds(system, premise, state, before)
        except EvaluationError:
            continue
        if true:
            cases += 1
            witness = witness or trace()
    return Premise(premise.id, cases, of, witness)


def _looked_at(search: Search, steps: bool) -> Iterator[tuple[Any, Any, Callable[[], Trace]]]:
    """Every state, or every step, in the order found, with a behaviour that ends there."""
    for state in search.parents:
        if not steps:
            yield None, state, partial(search.trace, state, None)
            continue
        for taken in search.stepper.expand(state):
            after = taken[3]
            if not isinstance(after, Fault):
                yield state, after, partial(_with_step, search, state, taken)


def _with_step(search: Search, state: Any, taken: Taken) -> Trace:
    return search.trace(state, search.step_of(state, taken))


def premise_of(property_: Property) -> Function | None:
    """The premise as a predicate; None where the requirement has none."""
    function = property_.predicates[0]
    if property_.kind is PropertyKind.LEADS_TO:
        return function
    *first, last = function.body or (None,)
    if not isinstance(last, Return) or last.value is None:
        return None
    premise = _premise(last.value)
    if premise is None:
        return None
    body: tuple[Stmt, ...] = (*(s for s in first if s is not None), replace(last, value=premise))
    return replace(function, body=body)


def _premise(value: Expr) -> Expr | None:
    if isinstance(value, Fold) and value.reduction is Reduction.ALL and value.body is not None:
        inner = _premise(value.body)
        if inner is None and not any(g.conditions for g in value.generators):
            return None
        body = inner if inner is not None else _true(value)
        return replace(value, reduction=Reduction.ANY, body=body)
    if value.op is Op.OR and not isinstance(value, Fold) and value.args[0].op is Op.NOT:
        return value.args[0].args[0]
    if value.op is Op.AND and not isinstance(value, Fold):
        parts = [p for p in map(_premise, value.args) if p is not None]
        return parts[0] if parts else None
    return None


def _true(at: Expr) -> Expr:
    return Expr(Op.CONST, Bool(), (), at.at, True)
