"""Values over several lines where one would be too long to read: part by part, then folded."""

from collections.abc import Iterator
from typing import Any

from planespec.checker import values
from planespec.checker.ir import types as t
from planespec.reports.changes import keys, sorted_set

WIDTH = 92
"""Characters up to which a value stays on one line, without the indentation of a trace."""
DEEPER = "    "


def value_lines(type_: t.Type, value: Any, place: str) -> Iterator[str]:
    """`place = value`, or a line for each part that has a place of its own, as in `log[n0].term`.

    An array of records has a line for each field, `log.term = {n0: 1, n1: 2}`. Members of sets,
    bags and sequences stand under their place, a line each. What has no parts and is too long is
    folded.
    """
    line = f"{place} = {values.show(type_, value)}"
    if len(line) <= WIDTH:
        yield line
        return
    match type_:
        case t.Array(_, t.Record()):
            yield from _by_field(type_, value, place)
        case t.Array(key, element):
            for k, part in zip(keys(key), value, strict=True):
                yield from value_lines(element, part, f"{place}[{values.show(key, k)}]")
        case t.Option(inner):
            yield from value_lines(inner, value, place)
        case t.Record(_, fields):
            for name, field in fields:
                yield from value_lines(field, getattr(value, name), f"{place}.{name}")
        case t.Set(element, _):
            yield from _members(element, sorted_set(element, value), place, "{}")
        case t.Seq(element, _) | t.Bag(element, _):
            yield from _members(element, value, place, "[]")
        case _:
            yield from folded(line)


def _by_field(type_: t.Array, value: Any, place: str) -> Iterator[str]:
    """A line for each field with what every record has there, or one for each record's."""
    assert isinstance(type_.value, t.Record)
    for name, field in type_.value.fields:
        column = tuple(getattr(record, name) for record in value)
        line = f"{place}.{name} = {values.show(t.Array(type_.key, field), column)}"
        if len(line) <= WIDTH:
            yield line
            continue
        for k, part in zip(keys(type_.key), column, strict=True):
            yield from value_lines(field, part, f"{place}[{values.show(type_.key, k)}].{name}")


def _members(element: t.Type, members: Any, place: str, brackets: str) -> Iterator[str]:
    yield f"{place} = {brackets[0]}"
    for member in members:
        yield from (DEEPER + line for line in folded(f"{values.show(element, member)},"))
    yield brackets[1]


def folded(line: str) -> Iterator[str]:
    """A line broken behind commas where it is too long; what goes on is indented."""
    shown = ""
    for part in _pieces(line):
        if shown.strip() and len(shown) + len(part.rstrip()) > WIDTH:
            yield shown.rstrip()
            shown = DEEPER
        shown += part
    yield shown


def _pieces(line: str) -> Iterator[str]:
    """The line cut behind each comma and before each arrow of a change."""
    yield from line.replace(", ", ", \0").replace(" -> ", " \0-> ").split("\0")
