"""What a parameter ranges over: `among("network")`, or `among("inbox[n]")` after `n`.

The keys of an array are parameters that stand before in the same action. A set deeper inside, or
under a key that is computed, is named with `choose` in the action.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planespec.checker.ir.types import Array, Collection, Grid, Tuple, Type
from planespec.checker.lang.data.records import parts_of

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A variable, or a part of an array of them under the values of other parameters.

    Each of `keys` names one parameter, or one for each place of a key that is a tuple.
    """

    variable: str
    keys: tuple[tuple[str, ...], ...] = ()

    def __str__(self) -> str:
        return self.variable + "".join(f"[{', '.join(key)}]" for key in self.keys)


def place_of(text: str) -> Place | None:
    """The place that a text names; None where it is no variable with names as keys."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    keys: list[tuple[str, ...]] = []
    while isinstance(node, ast.Subscript):
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        names = tuple(part.id for part in parts if isinstance(part, ast.Name))
        if not names or len(names) < len(parts):
            return None
        keys.insert(0, names)
        node = node.value
    return Place(node.id, tuple(keys)) if isinstance(node, ast.Name) else None


def element_of(
    place: Place, variables: Mapping[str, Type], parameters: Mapping[str, Type]
) -> Type | None:
    """The type of the members there; None where there are none, or where a key does not fit."""
    found = variables.get(place.variable)
    for names in place.keys:
        given = [parameters.get(name) for name in names]
        if len(given) == 1 and isinstance(given[0], Tuple):
            given = list(parts_of(given[0]))
        wanted = found.keys if isinstance(found, Grid) else ()
        if isinstance(found, Array) and not isinstance(found, Grid):
            wanted = (found.key,)
        if not isinstance(found, Array) or tuple(given) != wanted:
            return None
        found = found.item if isinstance(found, Grid) else found.value
    return found.element if isinstance(found, Collection) else None


class Dependent:
    """All combinations of parameters whose values depend on those before."""

    __slots__ = ("_choices",)

    def __init__(self, choices: Sequence[Callable[[Values], Sequence[Any]]]) -> None:
        self._choices = choices

    def __iter__(self) -> Iterator[Values]:
        return self._after(())

    def _after(self, before: Values) -> Iterator[Values]:
        if len(before) == len(self._choices):
            yield before
            return
        for value in self._choices[len(before)](before):
            yield from self._after((*before, value))

    def __contains__(self, values: object) -> bool:
        return (
            isinstance(values, tuple)
            and len(values) == len(self._choices)
            and all(v in self._choices[n](values[:n]) for n, v in enumerate(values))
        )
