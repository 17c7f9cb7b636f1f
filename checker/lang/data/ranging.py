"""What a parameter ranges over: `among("network")`, or `among("inbox[n]")` after `n`.

The keys of an array are parameters that stand before in the same action. A set deeper inside, or
under a key that is computed, is named with `choose` in the action.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planespec.checker.ir.types import Array, Collection, Type

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A variable, or a part of an array of them under the values of other parameters."""

    variable: str
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.variable + "".join(f"[{key}]" for key in self.keys)


def place_of(text: str) -> Place | None:
    """The place that a text names; None where it is no variable with names as keys."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    keys: list[str] = []
    while isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name):
        keys.insert(0, node.slice.id)
        node = node.value
    return Place(node.id, tuple(keys)) if isinstance(node, ast.Name) else None


def element_of(
    place: Place, variables: Mapping[str, Type], parameters: Mapping[str, Type]
) -> Type | None:
    """The type of the members there; None where there are none, or where a key does not fit."""
    found = variables.get(place.variable)
    for key in place.keys:
        if not isinstance(found, Array) or parameters.get(key) != found.key:
            return None
        found = found.value
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
