"""Where can a behaviour stay for ever and be fair?

A set of nodes is a *fair trap* when a behaviour can visit all of them again and again and every
fairness condition is kept (Streett's condition; Clarke, Grumberg and Peled, Model Checking, 6.3).
Weak fairness of an action: it is taken, or not enabled somewhere in the set. Strong fairness: it
is taken, or enabled nowhere in the set. Taking means a step that changes the state. Staying in
one node is always possible (stuttering) and takes no action.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planespec.checker.ir.system import Fairness
from planespec.checker.liveness.graph import Array, Graph


@dataclass(frozen=True, slots=True)
class Unit:
    """A fairness condition: the numbers of the edges that keep it, and how fair they are."""

    numbers: tuple[int, ...]
    fairness: Fairness


def fair_traps(graph: Graph, keep: Array, units: Sequence[Unit]) -> list[Array]:
    """Maximal fair traps inside the nodes of `keep`, as sorted arrays of nodes.

    Only one trap need be found for a counterexample, but all are given, in the order of their
    least node, so that the answer does not depend on the numbering of components.
    """
    weak = [u for u in units if u.fairness is Fairness.WEAK]
    strong = [u for u in units if u.fairness is Fairness.STRONG]
    enabled = {u.numbers: graph.enabled(u.numbers) for u in (*weak, *strong)}
    waiting, found = [keep], []
    while waiting:
        inside = waiting.pop()
        sub = graph.within(inside)
        label = sub.components()
        count = int(label.max()) + 1 if len(label) else 0
        alive = np.zeros(count, bool)
        alive[label[inside]] = True
        taken = {u.numbers: _taken(sub, label, u.numbers, count) for u in (*weak, *strong)}
        for unit in weak:
            everywhere = _everywhere(label, inside, enabled[unit.numbers], count)
            alive &= taken[unit.numbers] | ~everywhere
        spoiled, again = _spoiled(label, inside, strong, enabled, taken, alive)
        if again.any():
            waiting.append(again)
        alive &= ~spoiled
        found += _members(label, inside, alive)
    return sorted(found, key=lambda nodes: int(nodes[0]))


def _taken(graph: Graph, label: Array, numbers: tuple[int, ...], count: int) -> Array:
    """For each component whether a changing step with one of the numbers stays inside it."""
    answer = np.zeros(count, bool)
    inside = label[graph.source] == label[graph.target]
    chosen = inside & graph.carrying(numbers) & graph.changing()
    answer[label[graph.source[chosen]]] = True
    return answer


def _everywhere(label: Array, inside: Array, enabled: Array, count: int) -> Array:
    """For each component whether the unit is enabled in all of its nodes."""
    answer = np.ones(count, bool)
    answer[label[inside & ~enabled]] = False
    return answer


def _spoiled(
    label: Array,
    inside: Array,
    strong: Sequence[Unit],
    enabled: dict[tuple[int, ...], Array],
    taken: dict[tuple[int, ...], Array],
    alive: Array,
) -> tuple[Array, Array]:
    """Components that break strong fairness, and their nodes where no broken unit is enabled."""
    spoiled = np.zeros(len(alive), bool)
    again = np.zeros(len(label), bool)
    blamed = np.zeros(len(label), bool)
    for unit in strong:
        bad = alive & ~taken[unit.numbers]
        somewhere = np.zeros(len(alive), bool)
        somewhere[label[inside & enabled[unit.numbers]]] = True
        bad &= somewhere
        spoiled |= bad
        blamed |= bad[label] & inside & enabled[unit.numbers]
    again |= spoiled[label] & inside & ~blamed
    return spoiled, again


def _members(label: Array, inside: Array, alive: Array) -> list[Array]:
    nodes = np.flatnonzero(inside & alive[label])
    order = np.argsort(label[nodes], kind="stable")
    nodes = nodes[order]
    cuts = np.flatnonzero(np.diff(label[nodes])) + 1
    return [part for part in np.split(nodes, cuts) if len(part)]
