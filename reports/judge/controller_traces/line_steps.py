"""Which steps of a model explain a line of a trace, and what the step teaches."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from planespec.checker.engines.python.judging import Arguments, Fault
from planespec.checker.engines.python.stepping import Stepper, Taken, step_of
from planespec.checker.errors import ModelError
from planespec.checker.instance import Instance, ParameterInfo
from planespec.checker.ir import types
from planespec.checker.lang.enabling import values_of
from planespec.checker.lang.trace_rules import Stored
from planespec.checker.outcome import State
from planespec.reports.judge.controller_traces.state_likeness import Likeness
from planespec.reports.judge.controller_traces.trace_binding import Bound, Key
from planespec.reports.judge.controller_traces.trace_lines import Kind, TraceLine
from planespec.reports.judge.controller_traces.trace_map import Rule, StateReader, TraceMap

_MADE = ("create", "ADDED")
_GONE = ("delete", "DELETED")


@dataclass(frozen=True, slots=True)
class Explained:
    """A way to explain a line; no action where the model does nothing."""

    action: str
    arguments: Arguments
    state: State
    bound: Bound


def process_key(line: TraceLine) -> Key:
    """The process of a line; one without a name is one process."""
    return "process", line.process


class LineSteps:
    """Explains lines by steps of one instance."""

    def __init__(self, instance: Instance, trace: TraceMap) -> None:
        self.instance, self.map = instance, trace
        self.stepper = Stepper(instance)
        self._reader = StateReader(instance)
        self._likeness = Likeness(instance)

    def hidden(self, state: State, number: int) -> Iterator[tuple[str, Arguments, State]]:
        """The steps of an action that no line shows."""
        for taken in self.stepper.action_steps(state, number):
            yield self._settled(taken)

    def explain(self, line: TraceLine, state: State, bound: Bound) -> Iterator[Explained]:
        """Every way to explain a line from a state; raises ModelError where a step goes wrong."""
        if line.kind is Kind.HEARD:
            yield from self._hear(line, state, bound)
            return
        for rule in self.map.rules_of(line):
            if rule.action is None:
                if not line.is_success:
                    yield Explained("", (), state, bound)
            else:
                yield from self._take(rule, line, state, bound)

    def _settled(self, taken: Taken) -> tuple[str, Arguments, State]:
        after, step = taken[3], step_of(self.instance, taken)
        if isinstance(after, Fault):
            text = f"{step.action}: {after.message}"
            raise ModelError(f"{after.at}: {text}" if after.at else text)
        return step.action, step.arguments, after

    # What a process hears.

    def _hear(self, line: TraceLine, state: State, bound: Bound) -> Iterator[Explained]:
        rule, stored = self.map.heard_of(line.resource), self.map.stored_of(line.resource)
        if rule is None or stored is None:
            yield Explained("", (), state, bound)
            return
        names = self._domain(stored.names, line.key, state, bound)
        processes = self._domain(rule.processes, process_key(line), state, bound)
        for n, p in product(names, processes):
            known = self._bind_names(line, bound, {"n": (stored.names, n)})
            known = self._bind_names(line, known, {"p": (rule.processes, p)})
            uid, version = self._reader.read(rule, state, {"n": n, "p": p}, rule.uid, rule.version)
            learned = self._match_heard(line, known, uid, version)
            if learned is not None:
                yield Explained("", (), state, learned)

    def views(self, line: TraceLine, state: State, bound: Bound) -> Iterator[str]:
        """What the processes that a line may be about take its object to be."""
        rule, stored = self.map.heard_of(line.resource), self.map.stored_of(line.resource)
        if rule is None or stored is None:
            return
        shown = {value: str(key[1]) for key, value in bound.noticed.items()}
        shown |= {value: str(key[1]) for key, value in bound.written.items()}
        for n in self._domain(stored.names, line.key, state, bound):
            for p in self._domain(rule.processes, process_key(line), state, bound):
                names = {"n": n, "p": p}
                uid, version = self._reader.read(rule, state, names, rule.uid, rule.version)
                number = shown.get(version, "an unknown one")
                yield f"resourceVersion {number}" if uid else "not there"

    def _match_heard(
        self, line: TraceLine, bound: Bound, uid: int, version: int | None
    ) -> Bound | None:
        resource = line.key[0]
        if line.verb == "DELETED":
            meant = bound.uids.get((resource, line.uid))
            is_gone = uid == 0 or (meant is not None and uid != meant)
            return bound if is_gone else None
        if uid == 0:
            return None
        known = bound.with_uid(resource, line.uid, uid)
        if known is None or version is None:
            return known
        strict = self.map.is_strict(line.resource)
        return known.with_seen(resource, line.version, version, is_strict=strict)

    # What a call or a write does.

    def _take(
        self, rule: Rule, line: TraceLine, state: State, bound: Bound
    ) -> Iterator[Explained]:
        assert rule.action is not None
        assert rule.number is not None
        wanted = dict(rule.said.parameters)
        choices = [
            self._choices(p, wanted.get(p.name), line, state, bound)
            for p in rule.action.parameters
        ]
        for values in product(*choices):
            for taken in self.stepper.instance_steps(state, rule.number, values):
                action, arguments, after = self._settled(taken)
                learned = self._match(rule, line, dict(arguments), (state, after), bound)
                if learned is not None:
                    yield Explained(action, arguments, after, learned)

    def _choices(
        self, parameter: ParameterInfo, wanted: Any, line: TraceLine, state: State, bound: Bound
    ) -> list[Any]:
        every = list(values_of(parameter.type))
        if wanted is None and not isinstance(parameter.type, types.Option):
            return every
        if not isinstance(wanted, str):
            return [wanted]
        if isinstance(parameter.type, types.Sort):
            key = line.key if wanted == "name" else process_key(line)
            return self._individuals(parameter.type.name, every, key, state, bound)
        number = _number_of(wanted, line, bound)
        return every if number is None else [number]

    def _individuals(
        self, sort: str, every: list[Any], key: Key, state: State, bound: Bound
    ) -> list[Any]:
        if (sort, key) in bound.individuals:
            return [bound.individuals[sort, key]]
        used = bound.used(sort) if key[-1] or key[0] == "process" else set()
        return self._likeness.distinct(state, sort, (e for e in every if e not in used))

    def _domain(self, constant: str, key: Key, state: State, bound: Bound) -> list[Any]:
        if not constant:
            return [None]
        every = list(self.instance.constants[constant])
        return self._individuals(self._sort_of(constant), every, key, state, bound)

    def _sort_of(self, constant: str) -> str:
        return self.instance.binding.sort_classes[constant].__name__

    def _bind_names(
        self, line: TraceLine, bound: Bound, found: dict[str, tuple[str, Any]]
    ) -> Bound:
        for letter, (constant, value) in found.items():
            key = line.key if letter == "n" else process_key(line)
            if value is not None and (key[-1] or letter == "p"):
                bound = bound.with_individual(self._sort_of(constant), key, value)
        return bound

    def _match(
        self,
        rule: Rule,
        line: TraceLine,
        arguments: dict[str, Any],
        states: tuple[State, State],
        bound: Bound,
    ) -> Bound | None:
        """What a step teaches if it may be the one of the line; None if it may not."""
        assert rule.action is not None
        names = dict(arguments)
        kinds = {p.name: p.type for p in rule.action.parameters}
        known: Bound | None = bound
        for name, wanted in rule.said.parameters:
            kind, value = kinds[name], arguments[name]
            if wanted in ("name", "process") and isinstance(kind, types.Sort):
                key = line.key if wanted == "name" else process_key(line)
                names["n" if wanted == "name" else "p"] = value
                if key[-1] or wanted == "process":
                    bound = bound.with_individual(kind.name, key, value)
            elif isinstance(wanted, str):
                known = self._fit(wanted, value, line, bound)
                if known is None:
                    return None
                bound = known
        known = self._match_where(rule, line, names, states[0], bound)
        return None if known is None else self._match_store(line, names, states, known)

    def _match_where(
        self, rule: Rule, line: TraceLine, names: dict[str, Any], before: State, bound: Bound
    ) -> Bound | None:
        known: Bound | None = bound
        for text, wanted in rule.said.where:
            (value,) = self._reader.read(rule.said, before, names, text)
            known = None if known is None else self._fit(wanted, value, line, known)
        return known

    def _fit(self, wanted: str, value: Any, line: TraceLine, bound: Bound) -> Bound | None:
        resource = line.key[0]
        strict = self.map.is_strict(line.resource)
        if wanted == "uid":
            return bound.with_uid(resource, line.uid, value)
        number = line.seen if wanted == "seen" else line.version
        return bound.with_seen(resource, number, value, is_strict=strict)

    def _match_store(
        self, line: TraceLine, names: dict[str, Any], states: tuple[State, State], bound: Bound
    ) -> Bound | None:
        rule = self.map.stored_of(line.resource)
        if rule is None or line.kind is Kind.RESTART:
            return bound
        n = names.get("n")
        if n is None and rule.names:
            n = bound.individuals.get((self._sort_of(rule.names), line.key))
        texts = (rule.uid, rule.version, rule.revision) if n is not None else (rule.revision,)
        before, after = (self._reader.read(rule, s, names | {"n": n}, *texts) for s in states)
        if n is None:
            return bound if not line.is_refused or before == after else None
        return _match_write(line, tuple(before), tuple(after), bound, rule)


def _number_of(wanted: str, line: TraceLine, bound: Bound) -> int | None:
    resource = line.key[0]
    if wanted == "uid":
        return bound.uids.get((resource, line.uid))
    version = line.seen if wanted == "seen" else line.version
    key = (resource, version if version is not None else -1)
    return bound.written.get(key, bound.noticed.get(key))


_Row = tuple[Any, ...]
"""uid and version of an object, and the revision of the store."""


def _match_write(
    line: TraceLine, before: _Row, after: _Row, bound: Bound, rule: Stored
) -> Bound | None:
    is_same = before == after
    if line.is_refused:
        return bound if is_same else None
    if not line.is_success:
        return bound  # without an answer it may have taken effect or not
    resource, was, now = line.key[0], before[0], after[0]
    if line.kind is Kind.CALL and line.version is not None and line.version == line.seen:
        return bound if is_same else None
    if is_same or before[:2] == after[:2]:
        return None
    if line.verb in _MADE:
        is_fit, meant = was == 0 and now != 0, now
    else:
        is_fit, meant = was != 0 and now in (0, was), was
    known = bound.with_uid(resource, line.uid, meant) if is_fit else None
    written = after[1] if now else after[2]
    if known is None or written is None:
        return known
    return known.with_write(resource, line.version, written)
