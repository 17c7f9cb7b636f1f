"""Was the premise of a requirement ever true? What holds for want of cases says nothing.

The premise of `all(... for ... if c)` is that some element passes c, of `not p or q` it is p, of
`p leads to q` it is p. Requirements of another shape have none, and are not reported.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from typing import Any

from planespec.checker.budget import Options
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.execute import EvaluationError, holds
from planespec.checker.ir.nodes import (
    Expr,
    Fold,
    Function,
    Generator,
    Op,
    Reduction,
    Return,
    Stmt,
)
from planespec.checker.ir.system import Property, PropertyKind, System
from planespec.checker.ir.types import Bool, Span
from planespec.checker.outcome import Trace
from planespec.checker.python.events import Fault
from planespec.checker.python.search import Search
from planespec.checker.python.stepping import Taken
from planespec.checker.unbounded import unbounded_variables

COUNTED = 2_000
"""Distinct states among which cases are counted, where compiled code can look at the rest."""
KINDS = (PropertyKind.ALWAYS, PropertyKind.LEMMA, PropertyKind.LEADS_TO, PropertyKind.STEP)


@dataclass(frozen=True, slots=True)
class Premise:
    """How often the premise of a requirement was true, and the first behaviour that shows it.

    `cases` counts states, for a step requirement steps; `of` is how many were counted. `first` is
    the steps to the first case, in whatever was searched beyond; `witness` a behaviour to it.
    """

    requirement: str
    cases: int
    of: int
    first: int | None
    witness: Trace | None

    @property
    def is_vacuous(self) -> bool:
        """Whether the requirement never had a case."""
        return self.first is None


@dataclass(frozen=True, slots=True)
class Premises:
    """All premises, and why not everything was seen, empty where it was.

    Cases were counted among the first `counted` states, 0 where among all. Compiled code looked
    for the rare ones in `searched` states, 0 where none was rare.
    """

    found: list[Premise]
    reason: str = ""
    counted: int = 0
    searched: int = 0
    interrupted: bool = False


def premises(instance: Instance, options: Options) -> Premises:
    """Premises of the judged requirements, counted among the first `COUNTED` states.

    What was not true there is looked for by compiled code in every state, within the budget. Each
    case comes with a behaviour where the options name requirements.
    """
    system = compile_system(instance)
    ids = {c.id for c in instance.judged(options.requirements)}
    asked = [
        replace(p, predicates=(q,))
        for p in system.of_kind(*KINDS)
        if p.id in ids and (q := premise_of(p)) is not None
    ]
    search = Search(instance, _counting(instance, options))
    try:
        search.explore()
    except KeyboardInterrupt:
        found = _counted(system, search, asked)
        return Premises(found, "interrupted", len(search.parents), interrupted=True)
    found = _counted(system, search, asked)
    rare = [p for p, counted in zip(asked, found, strict=True) if counted.is_vacuous]
    if not search.reason or not _is_searchable(instance, options):
        return Premises(found, search.reason, len(search.parents) if search.reason else 0)
    answer = Premises(found, counted=len(search.parents))
    return _searched(instance, system, rare, options, answer) if rare else answer


def _searched(
    instance: Instance,
    system: System,
    rare: list[Property],
    options: Options,
    answer: Premises,
) -> Premises:
    """Complete what was counted with the first cases that compiled code finds."""
    from planespec.checker.native.cases import first_cases  # loads the compiler

    traced = options.requirements is not None
    cases = first_cases(instance, system, rare, options, traced=traced)
    complete = [
        replace(p, first=cases.first[p.requirement], witness=cases.witnesses.get(p.requirement))
        if p.requirement in cases.first
        else p
        for p in answer.found
    ]
    return Premises(complete, cases.reason, answer.counted, cases.distinct, cases.interrupted)


def _counting(instance: Instance, options: Options) -> Options:
    """What the reference engine counts over: the budget, or less where compiled code goes on."""
    budget = options.budget
    if _is_searchable(instance, options):
        budget = replace(budget, states=COUNTED)
    return replace(options, budget=budget, requirements=(), check_deadlock=False, on_progress=None)


def _is_searchable(instance: Instance, options: Options) -> bool:
    """Whether compiled code can go on, and the budget is one that lets it."""
    states = options.budget.states
    bounded = not unbounded_variables(instance)
    more = states is None or states > COUNTED
    return bounded and more and find_spec("llvmlite") is not None


@dataclass(slots=True)
class _Count:
    """The cases of one premise so far."""

    premise: Property
    cases: int = 0
    of: int = 0
    witness: Trace | None = None

    def look(self, system: System, before: Any, state: Any, trace: Callable[[], Trace]) -> None:
        """Count a state or a step; a premise that cannot be evaluated there has no case."""
        self.of += 1
        try:
            true = holds(system, self.premise, state, before)
        except EvaluationError:
            return
        if true:
            self.cases += 1
            self.witness = self.witness or trace()

    def result(self) -> Premise:
        """The premise with its first case."""
        first = None if self.witness is None else len(self.witness.steps)
        return Premise(self.premise.id, self.cases, self.of, first, self.witness)


def _counted(system: System, search: Search, asked: list[Property]) -> list[Premise]:
    """Go once through the states found, in their order, and once through their steps."""
    counts = [_Count(p) for p in asked]
    of_steps = [c for c in counts if c.premise.kind is PropertyKind.STEP]
    for state in search.parents:
        for count in counts:
            if count.premise.kind is not PropertyKind.STEP:
                count.look(system, None, state, partial(search.trace, state, None))
        for taken in search.stepper.expand(state) if of_steps else ():
            if not isinstance(taken[3], Fault):
                for count in of_steps:
                    trace = partial(_with_step, search, state, taken)
                    count.look(system, state, taken[3], trace)
    return [count.result() for count in counts]


def _with_step(search: Search, state: Any, taken: Taken) -> Trace:
    return search.trace(state, search.step_of(state, taken))


def premise_of(property_: Property) -> Function | None:
    """The premise as a predicate; None where the requirement has none."""
    function = property_.predicates[0]
    if property_.kind is PropertyKind.LEADS_TO:
        return _for_some(function) if function.parameters else function
    *first, last = function.body or (None,)
    if not isinstance(last, Return) or last.value is None:
        return None
    premise = _premise(last.value)
    if premise is None:
        return None
    body: tuple[Stmt, ...] = (*(s for s in first if s is not None), replace(last, value=premise))
    return replace(function, body=body)


def _for_some(function: Function) -> Function | None:
    """Whether the predicate is true for some values of its parameters, where it is one line."""
    match function.body:
        case (Return(at, Expr() as value),):
            generators = tuple(
                Generator(p.name, p.type, Expr(Op.DOMAIN, Span(p.type), (), at))
                for p in function.parameters
            )
            some = Fold(Op.CALL, Bool(), (), at, None, Reduction.ANY, generators, value)
            return replace(function, parameters=(), body=(Return(at, some),))
    return None


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
