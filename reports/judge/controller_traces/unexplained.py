"""Why no run of a model explains a line, and what the model allowed in its place."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from planespec.checker.engines.python.explaining import Prober
from planespec.checker.engines.python.judging import Arguments
from planespec.checker.instance import Instance
from planespec.checker.ir import types
from planespec.checker.lang.data.order import show
from planespec.checker.lang.data.records import Sort
from planespec.reports.judge.controller_traces.line_steps import LineSteps, process_key
from planespec.reports.judge.controller_traces.trace_binding import Bound
from planespec.reports.judge.controller_traces.trace_lines import Kind, TraceLine
from planespec.reports.judge.controller_traces.trace_map import Rule, TraceMap
from planespec.reports.judge.controller_traces.trace_search import Node

_ENDS = 16
"""States that are looked at: the last that the search came to, and the first."""
_SHOWN = 4
"""Reasons, and things allowed, that are told."""


def named(arguments: Arguments, bound: Bound) -> str:
    """Arguments with the names of the trace for the individuals that stand for them."""
    # Individuals of two sorts may be equal: they are numbers inside.
    items = bound.individuals.items()
    names = {(type(value), value): key[-1] for (_, key), value in items if key[-1]}

    def shown(value: Any) -> str:
        is_one = isinstance(value, Sort) and (type(value), value) in names
        return names[type(value), value] if is_one else show(value)

    return ", ".join(f"{name}={shown(value)}" for name, value in arguments)


def _sample(ends: Sequence[Node]) -> list[Node]:
    half = _ENDS // 2
    return list(ends) if len(ends) <= _ENDS else [*ends[:half], *ends[-half:]]


class Unexplained:
    """Looks at the states from which a line could not be explained."""

    def __init__(self, steps: LineSteps, ends: Sequence[Node]) -> None:
        self._steps, self._map, self._ends = steps, steps.map, _sample(ends)
        self._instance: Instance = steps.instance
        self._prober = Prober(steps.instance)

    def reasons(self, line: TraceLine) -> list[str]:
        """What stands against each action that could explain a line, the most frequent first."""
        if line.kind is Kind.HEARD:
            return [f"what is known there of {line.name}: {self._views(line)}"]
        rules = self._map.rules_of(line)
        if not rules:
            return [_no_entry(line, self._map)]
        found: Counter[str] = Counter()
        for node in self._ends:
            for rule in rules:
                found.update(set(self._against(rule, line, node)))
        return [text for text, _ in found.most_common(_SHOWN)]

    def _against(self, rule: Rule, line: TraceLine, node: Node) -> Iterator[str]:
        if rule.action is None:
            return
        for attempt in self._prober.attempts(node.state, rule.action.name):
            if not self._may_be(rule, line, attempt.arguments, node.bound):
                continue
            what = f"{rule.action.name}({named(attempt.arguments, node.bound)})"
            if not attempt.enabled:
                false = " and ".join(attempt.false) + " is false" if attempt.false else ""
                yield f"{what}: {false or attempt.blocked or attempt.fault}"
            else:
                yield f"{what}: {_other_outcome(line)}"

    def _may_be(self, rule: Rule, line: TraceLine, given: Arguments, bound: Bound) -> bool:
        """Whether arguments are those of a line, as far as its individuals are known."""
        assert rule.action is not None
        wanted, values = dict(rule.said.parameters), dict(given)
        for parameter in rule.action.parameters:
            field, kind = wanted.get(parameter.name), parameter.type
            if field not in ("name", "process") or not isinstance(kind, types.Sort):
                continue
            key = line.key if field == "name" else process_key(line)
            known = bound.individuals.get((kind.name, key))
            is_taken = known is None and values[parameter.name] in bound.used(kind.name)
            if is_taken or (known is not None and known != values[parameter.name]):
                return False
        return True

    def _views(self, line: TraceLine) -> str:
        found: dict[str, None] = {}
        for node in self._ends:
            for text in self._steps.views(line, node.state, node.bound):
                found.setdefault(text)
        return ", or ".join(list(found)[:_SHOWN]) or "nothing"

    def allowed(self) -> list[str]:
        """Calls that the model could have made there, each as it would stand in a trace."""
        found: dict[str, None] = {}
        for node in self._ends:
            for rule in self._map.rules:
                if rule.action is None or rule.said.verb == "restart":
                    continue
                for attempt in self._prober.attempts(node.state, rule.action.name):
                    if attempt.enabled:
                        found.setdefault(_as_call(rule, attempt.arguments, node.bound))
        return list(found)[: 2 * _SHOWN]


def _as_call(rule: Rule, given: Arguments, bound: Bound) -> str:
    names = {
        value: key[-1] for (_, key), value in bound.individuals.items() if key[0] != "process"
    }
    values = dict(given)
    params = [p for p, field in rule.said.parameters if field == "name"]
    name = names.get(values[params[0]], "under another name") if params else ""
    code = f"({', '.join(map(str, rule.said.codes))})" if rule.said.codes else ""
    return " ".join(filter(None, (rule.said.verb, rule.said.resource, name, code)))


def _no_entry(line: TraceLine, trace: TraceMap) -> str:
    other = [r for r in trace.rules if r.speaks_of(line)]
    code = f" with code {line.code}" if other and line.code else ""
    return f"no entry of the model's `trace` is about {line.verb} {line.resource}{code}"


def _other_outcome(line: TraceLine) -> str:
    if line.is_refused:
        return "it takes effect there, and the call was refused"
    parts = [
        f"{word} {value}"
        for word, value in (
            ("uid", line.uid),
            ("resourceVersion", line.version),
            ("seen", line.seen),
        )
        if value
    ]
    return f"it changes nothing there, or does not fit {', '.join(parts) or 'the line'}"
