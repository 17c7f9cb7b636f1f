"""A trace as tables, changes marked, and as a message sequence diagram where it has one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from planespec.checker import values
from planespec.checker.instance import Instance
from planespec.checker.ir import types as t
from planespec.checker.lang.data.order import show
from planespec.checker.lang.data.records import is_record
from planespec.checker.outcome import State, Step, Trace
from planespec.reports.pages.dossier import (
    Arrow,
    Cell,
    Diagram,
    DiagramRow,
    NamedCell,
    Part,
    StateTable,
    StateView,
    TabledVariable,
    TraceView,
)
from planespec.reports.text.trace_text import changes, keys, show_call, sorted_set, surplus

SENDERS = ("source", "sender", "src", "from_", "frm", "origin")
RECEIVERS = ("target", "receiver", "dest", "destination", "dst", "to", "to_")
LOSSES = ("drop", "lose", "discard")
LEFT_OVER = "(others)"
"""The lifeline of steps that no member of the sort takes."""


@dataclass(slots=True)
class _Drawing:
    members: tuple[Any, ...]
    sort: t.Sort
    sent: dict[Any, tuple[int, int]] = field(default_factory=dict)
    rows: list[tuple[int, str]] = field(default_factory=list)
    sends: dict[int, list[str]] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    taken: set[Any] = field(default_factory=set)


def sequence(instance: Instance, trace: Trace) -> Diagram | None:
    """Lifelines, a row for each step, and arrows between rows; None without actors."""
    sort = actor_sort(instance)
    if sort is None or not trace.steps:
        return None
    drawing = _Drawing(tuple(keys(sort)), sort)
    before = _messages(instance, trace.initial)
    for number, step in enumerate(trace.steps, 1):
        after = _messages(instance, step.state)
        _add_step(drawing, number, step, before, after)
        before = after
    _add_pending(drawing)
    lines = [show(member) for member in drawing.members]
    others = [LEFT_OVER] if any(line == len(lines) for line, _ in drawing.rows) else []
    rows = (
        DiagramRow(number, line, label, tuple(drawing.sends.get(number, ())))
        for number, (line, label) in enumerate(drawing.rows, 1)
    )
    arrows = sorted(drawing.arrows, key=lambda a: (a.received, a.sent, a.label))
    return Diagram((*lines, *others), tuple(rows), tuple(arrows))


def actor_sort(instance: Instance) -> t.Sort | None:
    """The sort of at least two members that parameters and message fields name most often."""
    named: Counter[t.Sort] = Counter()
    for action in instance.actions:
        for parameter in action.parameters:
            named.update(_sorts(parameter.type))
    for type_ in instance.types.values():
        named.update(s for record in _records(type_) for s in _sorts(record))
    ranked = [(count, sort) for sort, count in named.items() if sort.size > 1]
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _sorts(type_: t.Type) -> Iterator[t.Sort]:
    match type_:
        case t.Sort():
            yield type_
        case t.Record(_, parts):
            yield from (part for _, part in parts if isinstance(part, t.Sort))
        case t.Union(variants):
            for variant in variants:
                yield from _sorts(variant)


def _records(type_: t.Type) -> Iterator[t.Type]:
    """The record types whose values lie in a collection, which is what a network is."""
    match type_:
        case t.Array(_, value):
            yield from _records(value)
        case t.Set(element, _) | t.Bag(element, _) | t.Seq(element, _):
            if isinstance(element, t.Record | t.Union):
                yield element


def _messages(instance: Instance, state: tuple[Any, ...]) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for name, value in zip(instance.variables, state, strict=True):
        if any(_records(instance.types[name])):
            found.update(_leaves(instance.types[name], value))
    return found


def _leaves(type_: t.Type, value: Any) -> Iterator[Any]:
    if isinstance(type_, t.Array):
        for item in value:
            yield from _leaves(type_.value, item)
    else:
        yield from value


def _add_step(
    drawing: _Drawing, number: int, step: Step, before: Counter[Any], after: Counter[Any]
) -> None:
    arguments = [value for _, value in step.arguments]
    taken = [m for m in arguments if is_record(type(m)) and m in before]
    taken += [m for m in before - after if m not in taken]
    line = _line_of_step(drawing, arguments, taken)
    sent = sorted(after - before, key=show)
    # A receiver may ignore a message as well, so that only the name tells a loss from a receipt.
    lost = not sent and any(word in step.action for word in LOSSES)
    drawing.rows.append((line, step.action))
    for message in taken:
        if message in drawing.sent:
            _add_arrow(drawing, message, line, number, "lost" if lost else "received")
    for message in sent:
        sender = _named(drawing, message, SENDERS)
        drawing.sent[message] = (line if sender is None else sender, number)
        drawing.taken.discard(message)


def _line_of_step(drawing: _Drawing, arguments: list[Any], taken: list[Any]) -> int:
    for value in arguments:
        if isinstance(value, drawing.sort.python):
            return drawing.members.index(value)
    for message in taken:
        receiver = _named(drawing, message, RECEIVERS)
        if receiver is None:
            receiver = _other_end(drawing, message)
        if receiver is not None:
            return receiver
    return len(drawing.members)


def _named(drawing: _Drawing, message: Any, names: tuple[str, ...]) -> int | None:
    for name in names:
        value = getattr(message, name, None)
        if isinstance(value, drawing.sort.python):
            return drawing.members.index(value)
    return None


def _other_end(drawing: _Drawing, message: Any) -> int | None:
    """The one member the message names that did not send it."""
    if message not in drawing.sent:
        return None
    named = [getattr(message, part.name) for part in fields(message)]
    lines = {drawing.members.index(v) for v in named if isinstance(v, drawing.sort.python)}
    others = sorted(lines - {drawing.sent[message][0]})
    return others[0] if len(others) == 1 else None


def _add_arrow(drawing: _Drawing, message: Any, line: int, row: int, fate: str) -> None:
    source, sent = drawing.sent[message]
    drawing.taken.add(message)
    drawing.arrows.append(Arrow(source, sent, line, row, _label(drawing, message), fate))


def _add_pending(drawing: _Drawing) -> None:
    """Messages nobody took by the end: to whom, where their fields say it, else that they are."""
    for message, (_, row) in sorted(
        drawing.sent.items(), key=lambda item: (item[1], show(item[0]))
    ):
        if message in drawing.taken:
            continue
        receiver = _named(drawing, message, RECEIVERS)
        if receiver is not None:
            _add_arrow(drawing, message, receiver, row + 1, "pending")
        else:
            drawing.sends.setdefault(row, []).append(_label(drawing, message))


def _label(drawing: _Drawing, message: Any) -> str:
    """The message without its ends, which the arrow shows."""
    parts = [
        f"{part.name}={show(value)}"
        for part in fields(message)
        if not isinstance(value := getattr(message, part.name), drawing.sort.python)
    ]
    return f"{type(message).__name__}({', '.join(parts)})"


WIDEST = 8
"""Columns a table may have; a map over more keys is shown as a value."""


def view_of(instance: Instance, trace: Trace) -> TraceView:
    """The states of a trace with their changes, and who sent what to whom."""
    states, labels = trace.states, ["initial"]
    labels += [show_call(step.action, step.arguments) for step in trace.steps]
    views = (
        _state(instance, label, states[max(n - 1, 0)], states[n]) for n, label in enumerate(labels)
    )
    return TraceView(tuple(views), trace.loop, sequence(instance, trace))


def _state(instance: Instance, label: str, before: State, after: State) -> StateView:
    named = list(zip(instance.variables, before, after, strict=True))
    types = instance.types
    tabled = [n for n in instance.variables if _has_table(types[n])]
    return StateView(
        label,
        tuple(c for name, old, new in named for c in changes(types[name], old, new, name)),
        _tables(instance, [entry for entry in named if entry[0] in tabled]),
        tuple(
            NamedCell(*_cell(types[name], old, new), name)
            for name, old, new in named
            if name not in tabled
        ),
    )


def _has_table(type_: t.Type) -> bool:
    return isinstance(type_, t.Array) and 1 < len(keys(type_.key)) <= WIDEST


def _tables(instance: Instance, named: list[tuple[str, Any, Any]]) -> tuple[StateTable, ...]:
    rows: dict[str, list[TabledVariable]] = {}
    columns: dict[str, tuple[str, ...]] = {}
    for name, old, new in named:
        type_ = instance.types[name]
        assert isinstance(type_, t.Array)
        title = str(type_.key)
        columns[title] = tuple(values.show(type_.key, k) for k in keys(type_.key))
        cells = (Cell(*_cell(type_.value, a, b)) for a, b in zip(old, new, strict=True))
        rows.setdefault(title, []).append(TabledVariable(name, tuple(cells)))
    return tuple(StateTable(title, columns[title], tuple(each)) for title, each in rows.items())


def _cell(type_: t.Type, old: Any, new: Any) -> tuple[tuple[Part, ...], bool, str]:
    """A value in parts, whether it changed, and the text it had before."""
    if isinstance(type_, t.Set | t.Bag):
        parts = tuple(_members(type_, old, new))
    else:
        parts = (Part(values.show(type_, new), "same" if old == new else "changed"),)
    return parts, old != new, "" if old == new else values.show(type_, old)


def _members(type_: t.Set | t.Bag, old: Any, new: Any) -> Iterator[Part]:
    element = type_.element
    if isinstance(type_, t.Set):
        gained, lost = set(new - old), sorted_set(element, old - new)
        kept = [(m, "gained" if m in gained else "same") for m in sorted_set(element, new)]
    else:
        more, lost = surplus(new, old), surplus(old, new)
        kept = [(m, "same") for m in surplus(new, tuple(more))] + [(m, "gained") for m in more]
    for member, fate in [*kept, *((m, "lost") for m in lost)]:
        yield Part(values.show(element, member), fate)
