"""Picking one of several values by a symbolic place."""

from typing import Any

from planespec.checker.symbolic import logic as l
from planespec.checker.symbolic import values as v
from planespec.checker.symbolic.conversion import Failing


def select(hits: list[l.Truth], values: tuple[Any, ...]) -> Any:
    """The value whose condition holds; the last where none does."""
    result = values[-1]
    for hit, value in zip(reversed(hits[:-1]), reversed(values[:-1]), strict=True):
        result = v.pick(hit, value, result)
    return result


def place_in(ev: Failing, row: v.Row, number: l.Number) -> l.Number:
    """Python's index into a sequence as a place from 0; one that does not exist is an error."""
    place = l.choose_number(l.less(number, 0), number + row.length, number)
    ev.fail_if(l.no(l.both(l.at_most(0, place), l.less(place, row.length))))
    return place
