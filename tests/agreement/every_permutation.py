"""Symmetry by brute force: the least of all permutations of a state, under the canonical order."""

from collections.abc import Callable, Iterator
from itertools import permutations, product
from typing import Any

from planespec.checker.instance import Instance
from planespec.checker.ir import types
from planespec.checker.lang.data.order import key_of
from planespec.checker.outcome import State

Permutation = dict[str, tuple[int, ...]]
"""For each symmetric sort the number each element is sent to."""


def representative_of(instance: Instance) -> Callable[[State], State]:
    """A function from states to the least state of their orbit; itself without symmetric sorts."""
    sorts = instance.symmetric_sorts
    all_types = list(instance.types.values())
    keys = [key_of(t) for t in all_types]
    movers = [[_mover(t, p) for t in all_types] for p in _permutations(sorts)]
    if len(movers) == 1:
        return lambda state: state

    def key(state: State) -> tuple[Any, ...]:
        return tuple([k(v) for k, v in zip(keys, state, strict=True)])

    def least(state: State) -> State:
        images = [tuple([m(v) for m, v in zip(row, state, strict=True)]) for row in movers]
        return min(images, key=key)

    return least


def _permutations(sorts: tuple[types.Sort, ...]) -> Iterator[Permutation]:
    names = [s.name for s in sorts]
    for chosen in product(*[list(permutations(range(s.size))) for s in sorts]):
        yield dict(zip(names, chosen, strict=True))


def _mover(type_: types.Type, moved: Permutation) -> Callable[[Any], Any]:
    """The function that applies a permutation to frozen values of a type."""
    match type_:
        case types.Sort(name=name) if name in moved:
            python, to = type_.python, moved[name]
            return lambda v: python(to[v])
        case types.Option(inner):
            move = _mover(inner, moved)
            return lambda v: None if v is None else move(v)
        case types.Record():
            return _record_mover(type_, moved)
        case types.Union(variants):
            moves = {v.python: _record_mover(v, moved) for v in variants}
            return lambda v: moves[type(v)](v)
        case types.Array():
            return _array_mover(type_, moved)
        case types.Set(element, _):
            move = _mover(element, moved)
            return lambda v: frozenset(map(move, v))
        case types.Seq(element, _):
            move = _mover(element, moved)
            return lambda v: tuple(map(move, v))
        case types.Bag(element, _):
            move, key = _mover(element, moved), key_of(element)
            return lambda v: tuple(sorted(map(move, v), key=key))
    return lambda v: v


def _record_mover(type_: types.Record, moved: Permutation) -> Callable[[Any], Any]:
    moves = [(name, _mover(t, moved)) for name, t in type_.fields]
    python = type_.python
    return lambda v: python(*[move(getattr(v, name)) for name, move in moves])


def _array_mover(type_: types.Array, moved: Permutation) -> Callable[[Any], Any]:
    move = _mover(type_.value, moved)
    if not isinstance(type_.key, types.Sort) or type_.key.name not in moved:
        return lambda v: tuple(map(move, v))
    to = moved[type_.key.name]
    source = [to.index(n) for n in range(len(to))]
    return lambda v: tuple([move(v[n]) for n in source])
