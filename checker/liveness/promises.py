"""Is a promise kept on every fair behaviour of a state graph?

A promise is broken by a fair behaviour that, from some point on, stays where what was promised is
not true. `begin` is where such a behaviour may start to owe, `allowed` where it still owes.
"""

import numpy as np

from planespec.checker.ir.system import PropertyKind
from planespec.checker.liveness.fair import Unit, fair_traps
from planespec.checker.liveness.graph import Array, Graph
from planespec.checker.liveness.lasso import Lasso, lasso


def broken(
    graph: Graph, kind: PropertyKind, truths: tuple[Array, ...], units: tuple[Unit, ...]
) -> Lasso | None:
    """A fair behaviour that breaks the promise, or None.

    `truths` are those of `p`, or of `p` and `q` for a leads-to; every node must be reachable.
    """
    begin, allowed = _owing(graph, kind, truths)
    keep = graph.within(allowed).reachable_from(begin & allowed)
    traps = fair_traps(graph, keep, units)
    return lasso(graph, begin, allowed, traps, units) if traps else None


def _owing(graph: Graph, kind: PropertyKind, truths: tuple[Array, ...]) -> tuple[Array, Array]:
    """Where a behaviour may begin to owe, and where it owes."""
    everywhere = np.ones(graph.nodes, bool)
    match kind:
        case PropertyKind.EVENTUALLY:
            first = np.zeros(graph.nodes, bool)
            first[graph.initial] = True
            return first, ~truths[0]
        case PropertyKind.ALWAYS_EVENTUALLY:
            return everywhere, ~truths[0]
        case PropertyKind.LEADS_TO:
            return truths[0], ~truths[1]
    raise ValueError(f"{kind} is no promise")
