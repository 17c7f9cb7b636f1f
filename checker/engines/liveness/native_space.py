"""The state graph of a native search, with a bit for each predicate in each state."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np

from planespec.checker.budget import Options
from planespec.checker.engines.liveness.fair_graphs import Array, Graph
from planespec.checker.engines.liveness.space import (
    Case,
    NotJudged,
    Origin,
    Space,
    choices_of,
    told_apart,
    units_of,
)
from planespec.checker.engines.native.codegen.lower import lower
from planespec.checker.engines.native.host.build import Code, build_soon
from planespec.checker.engines.native.host.context import Worker, free_memory
from planespec.checker.engines.native.host.counterexamples import (
    StateGraph,
    state_graph,
    truths_of,
)
from planespec.checker.engines.native.host.native_search import Search
from planespec.checker.engines.native.kernels.engine_text import ENTRIES, kernel_text
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.engines.python.judging import Arguments
from planespec.checker.engines.symbolic.symbolic_values import every
from planespec.checker.engines.symbolic.unknowns import frozen_of
from planespec.checker.errors import SystemRefusal
from planespec.checker.front import compile_system
from planespec.checker.front.core.constants import literal
from planespec.checker.instance import Instance
from planespec.checker.interrupts import attend
from planespec.checker.ir.nodes import (
    Expr,
    For,
    Function,
    If,
    Let,
    Op,
    Parameter,
    Require,
    Return,
    Stmt,
)
from planespec.checker.ir.system import Action, Property, PropertyKind, System
from planespec.checker.ir.types import Bool, Span
from planespec.checker.lang.properties import Claim
from planespec.checker.outcome import State, Value

MOST_INSTANCES = 256
"""Instances of one action that are told apart."""


def split(system: System) -> tuple[System, tuple[Origin, ...]]:
    """The system with fair instances as actions, and what each of its actions stands for."""
    actions: list[Action] = []
    origins: list[Origin] = []
    for action in system.actions:
        names = told_apart(system.fair, action.name)
        apart = [p for p in action.parameters if p.name in names]
        for values in product(*(_values(action, p) for p in apart)):
            given = dict(zip((p.name for p in apart), values, strict=True))
            actions.append(_instance(action, given) if given else action)
            origins.append(Origin(action.name, tuple(given.items())))
    return replace(system, actions=tuple(actions)), tuple(origins)


def _values(action: Action, parameter: Parameter) -> list[Value]:
    """Every value the parameter may ever have."""
    made = [frozen_of(parameter.type, value) for value in every(parameter.type)]
    if len(made) > MOST_INSTANCES:
        raise SystemRefusal(
            f"{action.name} has {len(made)} values of {parameter.name}; fairness per instance "
            f"tells {MOST_INSTANCES} apart"
        )
    return made


def _instance(action: Action, given: dict[str, Value]) -> Action:
    apart = [p for p in action.parameters if p.name in given]
    others = tuple(p for p in action.parameters if p.name not in given)
    body = (*(s for p in apart for s in _bound(action, p, given[p.name])), *action.body)
    types = {p.name: p.type for p in apart}
    return replace(action, parameters=others, body=body, locals={**types, **action.locals})


def _bound(action: Action, parameter: Parameter, value: Value) -> Iterator[Stmt]:
    """The parameter as a local with that value, if the domain has it."""
    domain, at = parameter.domain, action.at
    assert domain is not None
    made = literal(value, parameter.type, at)
    if not isinstance(domain.type, Span):
        inside = Expr(Op.IN, Bool(), (made, domain), at)
        yield Require(at, inside)
    yield Let(at, parameter.name, made)


BYTES_OF_EDGE = 160
"""Memory for one edge while the graph is built and judged, all copies counted."""


MOST_ASKED = 31
"""Predicates that are asked of a state at once: two bits each of a word that has one spare."""


def native_space(instance: Instance, options: Options, claims: tuple[Claim, ...]) -> Space:
    """Search once more and list the graph; raises NotJudged where it would not fit."""
    system, origins = split(compile_system(instance))
    wanted = {p.id: p for p in system.properties if p.id in {c.id for c in claims}}
    cases = [(c.id, values) for c in claims for values in choices_of(c)]
    closed = [_closed(f, values) for id_, values in cases for f in wanted[id_].predicates]
    layout = Layout(system)
    batches = [closed[k : k + MOST_ASKED] for k in range(0, len(closed), MOST_ASKED)]
    codes = _codes(system, layout, batches, options)  # must live while functions are called
    search = _searched(system, layout, codes[0], options)
    codes[0] = search.code
    graph = _graph_of(search)
    counts = map(search.crew.total, (Worker.CUT, Worker.LEFT_OUT))
    cut = bool(search.cut_at_depth or any(counts))
    answers = [a for c, b in zip(codes, batches, strict=True) for a in _asked(search, graph, c, b)]
    known = np.arange(len(graph.words) + cut) < graph.expanded
    units = units_of(system.fair, origins)

    def state(node: int) -> State:
        return layout.decode(tuple(int(w) for w in graph.words[node]))

    edges = (graph.source, graph.target, graph.action)
    first = [*graph.initial, len(graph.words)] if search.cut_initially else graph.initial
    plain = Graph(len(known), *edges, np.array(first, np.int64))
    found = _cases(cases, wanted, iter(answers), len(known))
    return Space(plain, found, origins, units, state, known)


def _graph_of(search: Search) -> StateGraph:
    if not search.distinct:
        raise NotJudged("every initial state is cut off by a constraint")
    return search.attend(lambda: state_graph(search))


def _closed(predicate: Function, values: Arguments) -> Function:
    """The predicate with these values of its parameters."""
    given = dict(values)
    start = tuple(
        Let(predicate.at, p.name, literal(given[p.name], p.type, predicate.at))
        for p in predicate.parameters
    )
    locals_ = {**{p.name: p.type for p in predicate.parameters}, **predicate.locals}
    return replace(predicate, parameters=(), body=(*start, *predicate.body), locals=locals_)


def _codes(
    system: System, layout: Layout, batches: list[list[Function]], options: Options
) -> list[Code]:
    look = options.budget.look_at_clock
    expected = options.expected
    return [attend(partial(_code, system, layout, batch, expected), look) for batch in batches]


def _code(system: System, layout: Layout, predicates: list[Function], expected: float) -> Code:
    asked = [q for n, f in enumerate(predicates) for q in _questions(n, f)]
    constrained = bool(system.of_kind(PropertyKind.CONSTRAINT))
    kernel = kernel_text(layout.words, symmetry=False, constrained=constrained, checked=False)
    return build_soon(kernel + lower(system, layout, tuple(asked), False), ENTRIES, expected)


def _searched(system: System, layout: Layout, code: Code, options: Options) -> Search:
    """Every state; predicates are asked afterwards, since one that goes wrong ends a search."""
    search = Search(
        code=code,
        width=layout.words,
        actions=len(system.actions),
        workers=options.workers,
        budget=options.budget,
        reachables=0,
        check_deadlock=False,
        on_progress=options.on_progress,
    )
    search.explore()
    if search.interrupted:
        raise KeyboardInterrupt
    if search.reason:
        raise NotJudged(search.reason)
    _refuse_large(search, layout, options)
    return search


def _refuse_large(search: Search, layout: Layout, options: Options) -> None:
    edges = search.crew.total(Worker.GENERATED)
    needed = edges * BYTES_OF_EDGE + search.distinct * 8 * (4 * layout.words + 4)
    free = free_memory()
    limits = [options.budget.memory, None if free is None else free // 2]
    limit = min((bytes_ for bytes_ in limits if bytes_ is not None), default=needed)
    if needed > limit:
        raise NotJudged(
            f"the state graph of {edges:,} steps takes about {needed:,} bytes, more than {limit:,}"
        )


def _questions(number: int, predicate: Function) -> Iterator[Property]:
    """Whether the predicate is true, and whether it is false: neither is an error."""
    for name, function in (("true", predicate), ("false", _negated(predicate))):
        id_ = f"{number} {name}"
        yield Property(id_, id_, PropertyKind.REACHABLE, (function,), "", predicate.at)


def _negated(function: Function) -> Function:
    return replace(function, body=_negated_block(function.body))


def _negated_block(block: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
    made: list[Stmt] = []
    for s in block:
        match s:
            case Return(_, Expr() as value):
                made.append(replace(s, value=Expr(Op.NOT, Bool(), (value,), value.at)))
            case If():
                then, orelse = _negated_block(s.then), _negated_block(s.orelse)
                made.append(replace(s, then=then, orelse=orelse))
            case For():
                made.append(replace(s, body=_negated_block(s.body)))
            case _:
                made.append(s)
    return tuple(made)


def _asked(
    search: Search, graph: StateGraph, code: Code, predicates: list[Function]
) -> Iterator[tuple[Array, Array]]:
    """For each predicate where it is true, and where it goes wrong."""
    search.reachables = 2 * len(predicates)
    search.crew.use(code.functions)
    bits = search.attend(lambda: truths_of(search, graph))
    for number in range(len(predicates)):
        true, false = (bits >> np.uint64(2 * number + n) & np.uint64(1) for n in (0, 1))
        yield true.astype(bool), np.flatnonzero((true | false) == 0)


def _cases(
    asked: list[tuple[str, Arguments]],
    wanted: dict[str, Property],
    answers: Iterator[tuple[Array, Array]],
    nodes: int,
) -> dict[str, tuple[Case, ...]]:
    found: dict[str, tuple[Case, ...]] = {}
    for id_, values in asked:
        mine = [next(answers) for _ in wanted[id_].predicates]
        truths = tuple(np.pad(true, (0, nodes - len(true))) for true, _ in mine)
        wrong = tuple(sorted({int(node) for _, bad in mine for node in bad}))
        found[id_] = (*found.get(id_, ()), Case(values, truths, wrong))
    return found
