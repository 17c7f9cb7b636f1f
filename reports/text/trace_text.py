"""A counterexample as a reader sees it: states numbered from 0, each step with what it changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from planespec.checker import values
from planespec.checker.ir import types as t
from planespec.checker.lang.data.grids import grid_items, grid_keys
from planespec.checker.lang.data.order import show, show_key
from planespec.checker.lang.data.shapes import decode
from planespec.checker.outcome import Step, Trace
from planespec.reports.text.wording import Subject


@dataclass(frozen=True, slots=True)
class Change:
    """One changed place of the state, such as `term[server0]`, and what happened there."""

    place: str
    text: str


def changes(type_: t.Type, before: Any, after: Any, place: str) -> Iterator[Change]:
    """Every smallest changed part of a value, in the order of its type."""
    if before == after:
        return
    match type_:
        case t.Grid(item=item):
            pairs = zip(grid_items(type_, before), grid_items(type_, after), strict=True)
            for k, (old, new) in zip(grid_keys(type_), pairs, strict=True):
                yield from changes(item, old, new, f"{place}[{show_key(k)}]")
        case t.Array(key, value):
            for k, old, new in zip(keys(key), before, after, strict=True):
                yield from changes(value, old, new, f"{place}[{values.show(key, k)}]")
        case t.Record(_, fields):
            for name, field in fields:
                old, new = getattr(before, name), getattr(after, name)
                yield from changes(field, old, new, f"{place}.{name}")
        case t.Set(element, _):
            yield from _members(element, sorted_set(element, before - after), place, "loses")
            yield from _members(element, sorted_set(element, after - before), place, "gains")
        case t.Bag(element, _):
            yield from _members(element, surplus(before, after), place, "loses")
            yield from _members(element, surplus(after, before), place, "gains")
        case _:
            yield Change(place, f"{values.show(type_, before)} -> {values.show(type_, after)}")


def keys(type_: t.Type) -> list[Any]:
    """The frozen values of a finite scalar type, in order."""
    return [decode(type_, number) for number in t.members(type_)]


def sorted_set(element: t.Type, members: frozenset[Any]) -> list[Any]:
    """Members in canonical order."""
    return sorted(members, key=lambda member: values.canonical_key(element, member))


def _members(element: t.Type, members: list[Any], place: str, verb: str) -> Iterator[Change]:
    for member in members:
        yield Change(place, f"{verb} {values.show(element, member)}")


def surplus(many: tuple[Any, ...], few: tuple[Any, ...]) -> list[Any]:
    """Return the copies in `many` that `few` has no partner for, in order."""
    left = list(few)
    surplus = []
    for member in many:
        if member in left:
            left.remove(member)
        else:
            surplus.append(member)
    return surplus


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
        case t.Grid(item=item):
            for k, part in zip(grid_keys(type_), grid_items(type_, value), strict=True):
                yield from value_lines(item, part, f"{place}[{show_key(k)}]")
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
            yield from _layout_members(element, sorted_set(element, value), place, "{}")
        case t.Seq(element, _) | t.Bag(element, _):
            yield from _layout_members(element, value, place, "[]")
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


def _layout_members(element: t.Type, members: Any, place: str, brackets: str) -> Iterator[str]:
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


def render_trace(subject: Subject, trace: Trace) -> str:
    """The whole first state, then for every step its action and the places it changed."""
    lines = ["State 0: initial", *_full(subject, trace)]
    before = trace.initial
    for number, step in enumerate(trace.steps, 1):
        lines.append(f"State {number}: {show_call(step.action, step.arguments)}")
        lines.extend(_changed(subject, trace.variables, before, step))
        before = step.state
    if trace.loop == len(trace.steps):
        lines.append(f"Stuttering in state {trace.loop} for ever")
    elif trace.loop is not None:
        lines.append(f"Back to state {trace.loop}")
    return "\n".join(lines)


def show_call(action: str, arguments: tuple[tuple[str, Any], ...]) -> str:
    """`request_vote(candidate=server0, voter=server1)`."""
    return f"{action}({', '.join(f'{name}={show(value)}' for name, value in arguments)})"


def _full(subject: Subject, trace: Trace) -> Iterator[str]:
    for name, value in zip(trace.variables, trace.initial, strict=True):
        for line in value_lines(subject.instance.types[name], value, name):
            yield f"    {line}"


def _changed(
    subject: Subject, variables: tuple[str, ...], before: tuple[Any, ...], step: Step
) -> Iterator[str]:
    different = False
    for name, old, new in zip(variables, before, step.state, strict=True):
        for change in changes(subject.instance.types[name], old, new, name):
            different = True
            yield from (f"    {line}" for line in folded(f"{change.place}: {change.text}"))
    if not different:
        yield "    (nothing changed)"
