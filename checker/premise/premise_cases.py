"""Was the premise of a requirement ever true? What holds for want of cases says nothing.

`premises` finds what a requirement hangs on in its compiled form; of `p leads to q` it is p. Where
it sees nothing the requirement is named: it claims something of every state, or is written in a
way that is not understood.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from typing import Any

from planespec.checker.budget import Options, Spent, alarmed
from planespec.checker.engines.python.judging import Fault
from planespec.checker.engines.python.reference_search import Search
from planespec.checker.engines.python.stepping import Taken, step_of
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.execute import EvaluationError, holds
from planespec.checker.ir.nodes import (
    Expr,
    Fold,
    Function,
    Generator,
    Op,
    Position,
    Reduction,
    Return,
)
from planespec.checker.ir.system import Property, PropertyKind, System
from planespec.checker.ir.types import Bool, Span
from planespec.checker.outcome import Trace
from planespec.checker.premise.premises import Found, premises_of
from planespec.checker.unbounded import unbounded_variables

COUNTED = 2_000
"""Distinct states among which cases are counted, where compiled code can look at the rest."""
INTERRUPTED = "interrupted"
LEADING = (PropertyKind.LEADS_TO, PropertyKind.LEADS_TO_ALWAYS)
KINDS = (PropertyKind.ALWAYS, PropertyKind.LEMMA, *LEADING, PropertyKind.STEP)


@dataclass(frozen=True, slots=True)
class Premise:
    """How often the premise of a requirement was true, and the first behaviour that shows it.

    `cases` counts states, for a step requirement steps; `of` is how many were counted. `first` is
    the steps to the first case, in whatever was searched beyond; `witness` a behaviour to it.
    A requirement may have several premises, whose `id`s then have a number behind its own.
    """

    id: str
    at: Position
    cases: int
    of: int
    first: int | None
    witness: Trace | None

    @property
    def requirement(self) -> str:
        """The id of the requirement."""
        return self.id.partition("#")[0]

    @property
    def is_vacuous(self) -> bool:
        """Whether the requirement never had a case."""
        return self.first is None


@dataclass(frozen=True, slots=True)
class Premises:
    """All premises, and why not everything was seen, empty where it was.

    `unseen` are the requirements without one. Cases were counted among the first `counted`
    states, 0 where among all. Compiled code looked for the rare ones in `searched` states, 0
    where none was rare.
    """

    found: list[Premise]
    reason: str = ""
    unseen: tuple[str, ...] = ()
    counted: int = 0
    searched: int = 0
    interrupted: bool = False


def premises(instance: Instance, options: Options) -> Premises:
    """Premises of the judged requirements, counted among the first `COUNTED` states.

    What was not true there is looked for by compiled code in every state, within the budget. Each
    case comes with a behaviour where the options name requirements.
    """
    options = replace(options, budget=options.budget.begun())
    ids = {c.id for c in instance.judged(options.requirements)}
    system, asked, unseen = _asked(compile_system(instance), ids)
    return replace(_answered(instance, system, asked, options), unseen=unseen)


def _asked(system: System, ids: set[str]) -> tuple[System, list[Property], tuple[str, ...]]:
    """The system with what premises need, those as properties, and the ids that have none.

    The id of a premise is that of its requirement with a number behind it.
    """
    asked: list[Property] = []
    unseen: list[str] = []
    helpers = dict(system.functions)
    for property_ in (p for p in system.of_kind(*KINDS) if p.id in ids):
        found = list(_premises_in(property_, system, len(asked)))
        for number, premise in enumerate(found):
            helpers |= premise.helpers
            id_ = property_.id if len(found) == 1 else f"{property_.id}#{number + 1}"
            asked.append(
                replace(property_, id=id_, predicates=(premise.predicate,), at=premise.at)
            )
        if not found:
            unseen.append(property_.id)
    return replace(system, functions=helpers), asked, tuple(unseen)


def _premises_in(property_: Property, system: System, number: int) -> Iterator[Found]:
    if property_.kind in LEADING:
        premise = _for_some(property_.predicates[0])
        if premise is not None:
            yield Found(premise, {}, property_.at)
        return
    for part, predicate in enumerate(property_.predicates):
        yield from premises_of(predicate, system.functions, f"case{number}_{part}_")


def _for_some(function: Function) -> Function | None:
    """Whether the predicate is true for some values of its parameters, where it is one line."""
    match function.body:
        case _ if not function.parameters:
            return function
        case (Return(at, Expr() as value),):
            generators = tuple(
                Generator(p.name, p.type, Expr(Op.DOMAIN, Span(p.type), (), at))
                for p in function.parameters
            )
            some = Fold(Op.FOLD, Bool(), (), at, None, Reduction.ANY, generators, value)
            return replace(function, parameters=(), body=(Return(at, some),))
    return None


def _answered(
    instance: Instance, system: System, asked: list[Property], options: Options
) -> Premises:
    search = Search(instance, _counting(instance, options))
    try:
        with alarmed(options.budget):
            search.explore()
            found = _counted(system, search, asked)
    except KeyboardInterrupt:
        search.reason = INTERRUPTED
        found = _counted(system, search, asked)
    except Spent as spent:
        found = [_Count(p).result() for p in asked]
        return Premises(found, str(spent), counted=len(search.parents))
    if search.reason == INTERRUPTED:
        return Premises(found, INTERRUPTED, counted=len(search.parents), interrupted=True)
    rare = [p for p, counted in zip(asked, found, strict=True) if counted.is_vacuous]
    if not search.reason or not _is_searchable(instance, options):
        counted = len(search.parents) if search.reason else 0
        return Premises(found, search.reason, counted=counted)
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
    from planespec.checker.premise.first_cases import first_cases  # loads the compiler

    traced = options.requirements is not None
    cases = first_cases(instance, system, rare, options, traced=traced)
    complete = [
        replace(p, first=cases.first[p.id], witness=cases.witnesses.get(p.id))
        if p.id in cases.first
        else p
        for p in answer.found
    ]
    return replace(
        answer,
        found=complete,
        reason=cases.reason,
        searched=cases.distinct,
        interrupted=cases.interrupted,
    )


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
        return Premise(self.premise.id, self.premise.at, self.cases, self.of, first, self.witness)


def _counted(system: System, search: Search, asked: list[Property]) -> list[Premise]:
    """Go once through the states found, in their order, and once through their steps.

    Where the budget or Ctrl-C ends that, the reason of the search says so.
    """
    counts = [_Count(p) for p in asked]
    try:
        _count(system, search, counts)
    except Spent as spent:
        search.reason = search.reason or str(spent)
    except KeyboardInterrupt:
        search.reason = INTERRUPTED
    return [count.result() for count in counts]


def _count(system: System, search: Search, counts: list[_Count]) -> None:
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
        search.stepper.tick()


def _with_step(search: Search, state: Any, taken: Taken) -> Trace:
    return search.trace(state, step_of(search.instance, taken))
