"""The state graph of a native search, with a bit for each predicate in each state."""

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from planespec.checker.attending import attend
from planespec.checker.budget import Options
from planespec.checker.front import compile_system
from planespec.checker.front.literals import literal
from planespec.checker.instance import Instance
from planespec.checker.ir.nodes import Expr, For, Function, If, Let, Op, Return, Stmt
from planespec.checker.ir.system import Property, PropertyKind, System
from planespec.checker.ir.types import Bool
from planespec.checker.lang.requirements import Claim
from planespec.checker.liveness.graph import Array, Graph
from planespec.checker.liveness.instances import split
from planespec.checker.liveness.space import Case, NotJudged, Space, choices_of, units_of
from planespec.checker.native.build import Code, build
from planespec.checker.native.context import Worker
from planespec.checker.native.engine_text import ENTRIES, kernel_text
from planespec.checker.native.layout import Layout
from planespec.checker.native.lower import lower
from planespec.checker.native.search import Search
from planespec.checker.native.state_graph import StateGraph, state_graph, truths_of
from planespec.checker.outcome import State
from planespec.checker.python.events import Arguments

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
    search = _searched(system, layout, codes[0], 2 * len(batches[0]), options)
    graph = _graph_of(search)
    cut = bool(search.cut_at_depth or search.crew.total(Worker.CUT))
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
    return [attend(partial(_code, system, layout, batch), look) for batch in batches]


def _code(system: System, layout: Layout, predicates: list[Function]) -> Code:
    asked = [q for n, f in enumerate(predicates) for q in _questions(n, f)]
    constrained = bool(system.of_kind(PropertyKind.CONSTRAINT))
    kernel = kernel_text(layout.words, symmetry=False, constrained=constrained, checked=False)
    return build(kernel + lower(system, layout, tuple(asked), False), ENTRIES)


def _searched(system: System, layout: Layout, code: Code, asked: int, options: Options) -> Search:
    search = Search(
        functions=code.functions,
        width=layout.words,
        actions=len(system.actions),
        workers=options.workers,
        budget=options.budget,
        reachables=asked,
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
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    limit = free if options.budget.memory is None else min(free, options.budget.memory)
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
        wrong = min((int(bad[0]) for _, bad in mine if len(bad)), default=None)
        found[id_] = (*found.get(id_, ()), Case(values, truths, wrong))
    return found
