"""What a parameter ranges over: `among("network")`, or `among("inbox[n]")` after `n`.

The keys of an array are parameters that stand before in the same action. A set deeper inside, or
under a key that is computed, is named with `choose` in the action.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from planespec.checker.ir.types import Array, Collection, Type


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
