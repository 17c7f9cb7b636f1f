"""The state graph of a native search, with a bit for each predicate in each state."""

import os
from dataclasses import replace

import numpy as np

from planespec.checker.attending import attend
from planespec.checker.budget import Options
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.nodes import Expr, For, Function, If, Op, Return, Stmt
from planespec.checker.ir.system import Fairness, Property, PropertyKind, System
from planespec.checker.ir.types import Bool
from planespec.checker.lang.requirements import Claim
from planespec.checker.liveness.fair import Unit
from planespec.checker.liveness.graph import Array, Graph
from planespec.checker.liveness.instances import split
from planespec.checker.liveness.space import NotJudged, Space
from planespec.checker.native.build import Code, build
from planespec.checker.native.context import Worker
from planespec.checker.native.engine_text import ENTRIES, kernel_text
from planespec.checker.native.layout import Layout
from planespec.checker.native.lower import lower
from planespec.checker.native.search import Search
from planespec.checker.native.state_graph import StateGraph, state_graph
from planespec.checker.outcome import State

BYTES_OF_EDGE = 160
"""Memory for one edge while the graph is built and judged, all copies counted."""


def native_space(instance: Instance, options: Options, claims: tuple[Claim, ...]) -> Space:
    """Search once more and list the graph; raises NotJudged where it would not fit."""
    system, origins = split(compile_system(instance))
    wanted = [p for p in system.properties if p.id in {c.id for c in claims}]
    asked = [q for p in wanted for q in _questions(p)]
    layout = Layout(system)
    look = options.budget.look_at_clock
    code = attend(lambda: _code(system, layout, asked), look)  # must live as long as it is called
    search = _searched(system, layout, code, len(asked), options)
    graph = search.attend(lambda: state_graph(search))
    truths, wrong = _truths(graph, wanted)
    fair = enumerate(a.fairness for a in system.actions)
    units = tuple(Unit(n, f) for n, f in fair if f is not Fairness.NONE)

    def state(node: int) -> State:
        return layout.decode(tuple(int(w) for w in graph.words[node]))

    edges = (graph.source, graph.target, graph.action)
    plain = Graph(len(graph.words), *edges, graph.initial)
    return Space(plain, truths, origins, units, state, wrong)


def _code(system: System, layout: Layout, asked: list[Property]) -> Code:
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


def _questions(promise: Property) -> list[Property]:
    """For each predicate whether it is true, and whether it is false: neither is an error."""
    found = []
    for number, predicate in enumerate(promise.predicates):
        for name, function in (("true", predicate), ("false", _negated(predicate))):
            question = replace(
                promise,
                id=f"{promise.id} {number} {name}",
                kind=PropertyKind.REACHABLE,
                predicates=(function,),
            )
            found.append(question)
    return found


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


def _truths(
    graph: StateGraph, wanted: list[Property]
) -> tuple[dict[str, tuple[Array, ...]], dict[str, int]]:
    found: dict[str, tuple[Array, ...]] = {}
    wrong: dict[str, int] = {}
    bit = 0
    for promise in wanted:
        arrays = []
        for _ in promise.predicates:
            true, false = (graph.truths >> np.uint64(bit + n) & np.uint64(1) for n in (0, 1))
            neither = np.flatnonzero((true | false) == 0)
            if len(neither):
                wrong.setdefault(promise.id, int(neither[0]))
            arrays.append(true.astype(bool))
            bit += 2
        found[promise.id] = tuple(arrays)
    return found, wrong
