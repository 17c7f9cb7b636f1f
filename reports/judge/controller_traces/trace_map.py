"""What a model says of traces, made ready for one instance, and what of a trace it speaks of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from planespec.checker.errors import ConfigurationError
from planespec.checker.instance import ActionInfo, Instance
from planespec.checker.lang.declarations import Part
from planespec.checker.lang.model import load
from planespec.checker.lang.trace_rules import (
    ALLOWED,
    Heard,
    OnLine,
    Stored,
    TraceRule,
    compiled,
    refused,
    trace_rules,
)
from planespec.checker.outcome import State
from planespec.reports.judge.controller_traces.trace_lines import Kind, TraceLine

Entry = TypeVar("Entry", bound=TraceRule)

WRITES = ("update", "patch", "MODIFIED")
"""What gives an object another version."""


@dataclass(frozen=True, slots=True)
class Rule:
    """An entry of `trace` about lines, with the action that it names."""

    said: OnLine
    number: int | None
    """Of the action; None where nothing happens in the model."""
    action: ActionInfo | None

    def speaks_of(self, line: TraceLine) -> bool:
        """Whether a line has the verb and the resource, whatever its code."""
        said = self.said
        return said.verb == line.verb and said.resource in ("", line.resource)

    def allows_code(self, line: TraceLine) -> bool:
        """Whether a call has a code that the entry is about; without an answer any may be."""
        if line.kind is not Kind.CALL or not line.code:
            return True
        return line.code in self.said.codes or (not self.said.codes and line.is_success)


class TraceMap:
    """The entries of one instance; raises InputError for those that do not fit the model."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        said = trace_rules(instance.model)
        self.rules = [r for s in said if isinstance(s, OnLine) for r in self._rule(s)]
        self._stored = [s for s in said if isinstance(s, Stored)]
        self._heard = [s for s in said if isinstance(s, Heard) and self._is_on(s)]
        self.has_heard = any(isinstance(s, Heard) for s in said)
        if not any(rule.said.resource for rule in self.rules):
            raise ConfigurationError(
                f"{instance.name} does not say which action explains which call; {ALLOWED}"
            )
        self.resources = {rule.said.resource for rule in self.rules if rule.said.resource}
        self._check_expressions()

    def _rule(self, said: OnLine) -> Iterator[Rule]:
        if not said.action:
            yield Rule(said, None, None)
            return
        names = [a.name for a in self.instance.actions]
        if said.action not in names:
            declared = [m.name for m in self.instance.declared.of(Part.ACTION)]
            if said.action not in declared:
                raise refused(said, f"on: there is no action {said.action}", ", ".join(names))
            return
        action = self.instance.actions[names.index(said.action)]
        known = [p.name for p in action.parameters]
        for name, _ in said.parameters:
            if name not in known:
                text = f"on: action {action.name} has no parameter {name}"
                raise refused(said, text, ", ".join(known) or "none")
        yield Rule(said, names.index(said.action), action)

    def _is_on(self, said: Heard) -> bool:
        return self.instance.binding.is_on(said.when, self.instance.model, "trace")

    def _check_expressions(self) -> None:
        named = [(s, name) for s in self._stored for name in (s.names, s.writes)]
        for said, name in [*named, *((h, h.processes) for h in self._heard)]:
            if name and name not in self.instance.constants:
                known = ", ".join(self.instance.constants)
                raise refused(said, f"trace: there is no constant {name}", known)

    def stored_of(self, resource: str) -> Stored | None:
        """Where the state has what is stored of a resource."""
        return _nearest(self._stored, resource.partition("/")[0])

    def heard_of(self, resource: str) -> Heard | None:
        """Where it has what is heard of it; None where that does not matter."""
        return _nearest(self._heard, resource.partition("/")[0])

    def is_strict(self, resource: str) -> bool:
        """Whether every write of a resource is a step of the model, so that versions differ."""
        return any(r.said.resource == resource and r.said.verb in WRITES for r in self.rules)

    def is_considered(self, line: TraceLine) -> bool:
        """Whether the model speaks of a line; calls to its resources always count."""
        if line.kind is Kind.HEARD:
            return line.resource in self.resources and self.has_heard
        if line.kind is Kind.CALL and line.resource in self.resources:
            return True
        return any(rule.speaks_of(line) for rule in self.rules)

    def rules_of(self, line: TraceLine) -> list[Rule]:
        """The entries that may explain a line, in order."""
        return [r for r in self.rules if r.speaks_of(line) and r.allows_code(line)]

    def hidden(self, lines: Sequence[TraceLine]) -> list[int]:
        """The numbers of the actions that no line would show.

        Writes by others are shown only by a trace that has what was stored.
        """
        has_stored = any(line.kind is Kind.STORED for line in lines)
        shown = {
            rule.number
            for rule in self.rules
            if has_stored or rule.said.verb not in ("ADDED", "MODIFIED", "DELETED")
        }
        return [n for n in range(len(self.instance.actions)) if n not in shown]


def _nearest(entries: Sequence[Entry], resource: str) -> Entry | None:
    """The entry about a resource, else the first that is about every one."""
    own = [e for e in entries if e.resource == resource]
    rest = [e for e in entries if not e.resource]
    return next(iter((*own, *rest)), None)


class _Scope(dict[str, Any]):
    """Names of an expression: those of the line, then what the model has."""

    def __init__(self, model: Any, names: Mapping[str, Any]) -> None:
        super().__init__(names)
        self._model = model

    def __missing__(self, name: str) -> Any:
        try:
            return getattr(self._model, name)
        except AttributeError:
            raise KeyError(name) from None


class StateReader:
    """Evaluates expressions of `trace` in states of one instance."""

    def __init__(self, instance: Instance) -> None:
        self._model = instance.new()
        self._codes: dict[str, Any] = {}

    def read(
        self, rule: TraceRule, state: State, names: Mapping[str, Any], *texts: str
    ) -> list[Any]:
        """The values of texts, None for an empty one; raises LanguageError for what goes wrong."""
        load(self._model, state)
        scope = _Scope(self._model, names)
        found = []
        for text in texts:
            if text and text not in self._codes:
                self._codes[text] = compiled(text)
            try:
                found.append(eval(self._codes[text], _NOTHING, scope) if text else None)
            except Exception as error:
                allowed = "variables, constants and helpers of the model; n, p and parameters"
                raise refused(rule, f"trace: {text!r} cannot be read: {error}", allowed) from None
        return found


_NOTHING: dict[str, Any] = {"__builtins__": {}}
