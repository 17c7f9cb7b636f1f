"""Is a promise kept on every fair behaviour of a state graph?

A promise is broken by a fair behaviour that, from some point on, stays where what was promised is
not true. `begin` is where such a behaviour may start to owe, `allowed` where it still owes. That
something is true from some point on is broken by being where it is not again and again.
"""

from collections.abc import Sequence

import numpy as np

from planespec.checker.ir.system import PropertyKind
from planespec.checker.liveness.assumptions import Given, followed
from planespec.checker.liveness.fair import Unit
from planespec.checker.liveness.graph import Array, Graph
from planespec.checker.liveness.lasso import Lasso, lasso


def broken(
    graph: Graph,
    kind: PropertyKind,
    truths: tuple[Array, ...],
    units: tuple[Unit, ...],
    known: Array | None = None,
    given: Sequence[Given] = (),
) -> Lasso | None:
    """A fair behaviour that breaks the promise, or None.

    `truths` are those of `p`, or of `p` and `q` for a leads-to; every node must be reachable. A
    behaviour is sought among the nodes of `known` alone, of which all steps are edges, and it
    keeps what is `given`.
    """
    under = followed(graph, given)
    graph = under.graph
    truths = tuple(truth[under.base] for truth in truths)
    begin, allowed = _owing(graph, kind, truths)
    if known is not None:
        allowed = allowed & known[under.base]
    keep = graph.within(allowed).reachable_from(begin & allowed)
    traps = under.traps(keep, units)
    knots = np.ones(graph.nodes, bool)
    if kind in (PropertyKind.EVENTUALLY_ALWAYS, PropertyKind.LEADS_TO_ALWAYS):
        knots = ~truths[-1]
        traps = [trap for trap in traps if knots[trap].any()]
    if not traps:
        return None
    return lasso(graph, begin, allowed, traps, units, (knots, *under.marks)).on(under.base)


def is_empty(graph: Graph, units: tuple[Unit, ...], given: Sequence[Given]) -> bool:
    """Whether no fair behaviour keeps what is given: a promise under it says nothing."""
    under = followed(graph, given)
    return not under.traps(np.ones(under.graph.nodes, bool), units)


def is_open(graph: Graph, kind: PropertyKind, truths: tuple[Array, ...], known: Array) -> bool:
    """Whether a behaviour that leaves the nodes of `known` might break the promise elsewhere.

    What is promised once is kept by all that follows a state that has it.
    """
    if known.all():
        return False
    if kind is not PropertyKind.EVENTUALLY:
        return True
    begin, owing = _owing(graph, kind, truths)
    return bool((graph.within(owing).reachable_from(begin & owing) & ~known).any())


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
        case PropertyKind.EVENTUALLY_ALWAYS:
            return everywhere, everywhere
        case PropertyKind.LEADS_TO:
            return truths[0], ~truths[1]
        case PropertyKind.LEADS_TO_ALWAYS:
            return truths[0], everywhere
    raise ValueError(f"{kind} is no promise")
