"""The canonical order of values: by type, and without one where the type is not known."""

from enum import Enum
from itertools import pairwise
from typing import Any

import pytest

from planespec.checker.ir import types as t
from planespec.checker.lang.data.order import key_of, loose_key


class Colour(Enum):
    """Neither by name nor by value."""

    RED = "z"
    BLUE = "a"


BYTE = t.Int(0, 255)
ASCENDING: list[tuple[t.Type, list[Any]]] = [
    (BYTE, [0, 2, 10, 255]),
    (t.Option(BYTE), [None, 0, 1]),
    (t.Enum("Colour", ("RED", "BLUE"), Colour), [Colour.RED, Colour.BLUE]),
    (t.Option(t.Enum("Colour", ("RED", "BLUE"), Colour)), [None, Colour.RED, Colour.BLUE]),
    (t.Seq(BYTE, 3), [(), (9,), (0, 1), (0, 2), (1, 0), (0, 0, 0)]),
    (
        t.Set(BYTE),
        [frozenset(), frozenset({0}), frozenset({1}), frozenset({0, 1}), frozenset({2})],
    ),
    (t.Seq(t.Option(BYTE), 2), [(), (None,), (0,), (None, 7), (0, None)]),
]


@pytest.mark.parametrize(("type_", "values"), ASCENDING, ids=lambda part: str(part)[:30])
def test_values_stand_in_the_documented_order(type_: t.Type, values: list[Any]) -> None:
    for key in (key_of(type_), loose_key()):
        keys = [key(value) for value in values]
        assert all(a < b for a, b in pairwise(keys))
