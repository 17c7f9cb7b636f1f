"""A trace as tables: every state in full, what each step changed marked place by place.

Variables that are maps over the same keys share a table, one column for each key: the reader
compares servers, not variables.
"""

from typing import Any

from planespec.checker import values
from planespec.checker.instance import Instance
from planespec.checker.ir import types as t
from planespec.checker.outcome import State, Trace
from planespec.reports.changes import changes, keys, sorted_set, surplus
from planespec.reports.dossier.sequence import sequence
from planespec.reports.text.trace import show_call

Document = dict[str, Any]
WIDEST = 8
"""Columns a table may have; a map over more keys is shown as a value."""


def view_of(instance: Instance, trace: Trace) -> Document:
    """The states of a trace with their changes, and who sent what to whom."""
    states, labels = trace.states, ["initial"]
    labels += [show_call(step.action, step.arguments) for step in trace.steps]
    return {
        "states": [
            _state(instance, label, states[max(n - 1, 0)], states[n])
            for n, label in enumerate(labels)
        ],
        "loop": trace.loop,
        "sequence": sequence(instance, trace),
    }


def _state(instance: Instance, label: str, before: State, after: State) -> Document:
    named = list(zip(instance.variables, before, after, strict=True))
    tabled = [n for n in instance.variables if _has_table(instance.types[n])]
    return {
        "label": label,
        "changes": [
            {"place": change.place, "text": change.text}
            for name, old, new in named
            for change in changes(instance.types[name], old, new, name)
        ],
        "tables": _tables(instance, [entry for entry in named if entry[0] in tabled]),
        "plain": [
            {"name": name, **_cell(instance.types[name], old, new)}
            for name, old, new in named
            if name not in tabled
        ],
    }


def _has_table(type_: t.Type) -> bool:
    return isinstance(type_, t.Array) and 1 < len(keys(type_.key)) <= WIDEST


def _tables(instance: Instance, named: list[tuple[str, Any, Any]]) -> list[Document]:
    tables: dict[str, Document] = {}
    for name, old, new in named:
        type_ = instance.types[name]
        assert isinstance(type_, t.Array)
        columns = [values.show(type_.key, k) for k in keys(type_.key)]
        title = str(type_.key)
        table = tables.setdefault(title, {"keys": title, "columns": columns, "rows": []})
        cells = [_cell(type_.value, a, b) for a, b in zip(old, new, strict=True)]
        table["rows"].append({"name": name, "cells": cells})
    return list(tables.values())


def _cell(type_: t.Type, old: Any, new: Any) -> Document:
    """A value in parts, each the same, gained, lost or changed, and the text it had before."""
    parts = _members(type_, old, new) if isinstance(type_, t.Set | t.Bag) else None
    if parts is None:
        fate = "same" if old == new else "changed"
        parts = [{"text": values.show(type_, new), "fate": fate}]
    was = "" if old == new else values.show(type_, old)
    return {"parts": parts, "changed": old != new, "was": was}


def _members(type_: t.Set | t.Bag, old: Any, new: Any) -> list[Document]:
    element = type_.element
    if isinstance(type_, t.Set):
        gained, lost = set(new - old), sorted_set(element, old - new)
        kept = [(m, "gained" if m in gained else "same") for m in sorted_set(element, new)]
    else:
        more, lost = surplus(new, old), surplus(old, new)
        kept = [(m, "same") for m in surplus(new, tuple(more))] + [(m, "gained") for m in more]
    marked = [*kept, *((m, "lost") for m in lost)]
    return [{"text": values.show(element, m), "fate": fate} for m, fate in marked]
