"""Holding the trace of a controller to a model, under one view or several."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from planespec.checker.budget import Budget
from planespec.checker.errors import ConfigurationError, ExitCode
from planespec.checker.instance import Instance
from planespec.checker.lang.named import (
    NamedInstance,
    find_instance,
    named_instances,
    split_target,
)
from planespec.checker.lang.trace_rules import Heard, OnLine, Stored, trace_rules
from planespec.reports.input.catalogue import load_model
from planespec.reports.judge.controller_traces.line_steps import process_key
from planespec.reports.judge.controller_traces.trace_lines import Kind, TraceLine
from planespec.reports.judge.controller_traces.trace_map import TraceMap
from planespec.reports.judge.controller_traces.trace_search import (
    Explanation,
    TraceSearch,
    Verdict,
)
from planespec.reports.judge.controller_traces.unexplained import Unexplained
from planespec.reports.text.wording import readable_constants

NO_CONSTANTS = NamedInstance("none", {})
HIDDEN_WRITES = 2
"""Writes by others that a run may have where the trace does not say what was stored."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a trace under one view; `view` is empty where none was asked for."""

    view: str
    bound: str
    found: Explanation
    considered: tuple[TraceLine, ...]
    reasons: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()

    @property
    def line(self) -> TraceLine | None:
        """The first line that no run explains."""
        is_short = self.found.verdict is not Verdict.EXPLAINED
        return self.considered[self.found.reached] if is_short else None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a model as the command line names it, with constants and a mutant."""

    target: str
    given: NamedInstance
    """The constants of the command line, which go before all others."""
    mutant: str | None = None
    budget: Budget = field(default_factory=Budget)


def judge_trace(
    question: Question, lines: Sequence[TraceLine], view: NamedInstance | None = None
) -> Judged:
    """Hold a trace to a model, with the constants of a view; raises what `Instance` does.

    Constants that bound names, writes, processes and restarts are those of the trace, unless they
    are given.
    """
    model, name = split_target(question.target)
    found = load_model(model)
    of_instance = find_instance(model, name, named_instances(found)) if name else NO_CONSTANTS
    given = {**of_instance.constants, **(view or NO_CONSTANTS).constants}
    plain = Instance(found, {**given, **question.given.constants}, question.mutant)
    known = TraceMap(plain)
    considered = tuple(line for line in lines if known.is_considered(line))
    if not considered:
        spoken = ", ".join(sorted(known.resources))
        text = f"no line of the trace is about what the model is about: {spoken}"
        raise ConfigurationError(text)
    sizes = _sizes(known, considered)
    constants = {**given, **sizes, **question.given.constants}
    instance = Instance(found, constants, question.mutant, tuple(sizes))
    search = TraceSearch(instance, TraceMap(instance), considered)
    answer = search.run(question.budget)
    bound, named = readable_constants(instance.constants), view.name if view else ""
    if answer.verdict is Verdict.EXPLAINED:
        return Judged(named, bound, answer, considered)
    why = Unexplained(search.steps, answer.ends)
    reasons = tuple(why.reasons(considered[answer.reached]))
    return Judged(named, bound, answer, considered, reasons, tuple(why.allowed()))


def _sizes(known: TraceMap, lines: Sequence[TraceLine]) -> dict[str, int]:
    """The constants that a trace asks for, where it asks for more than the model has."""
    found = {
        name: len(value) if isinstance(value, tuple) else value
        for name, value in known.instance.constants.items()
    }
    before = dict(found)

    def at_least(constant: str, size: int) -> None:
        if constant:
            found[constant] = max(found[constant], size)

    for rule in trace_rules(known.instance.model):
        if isinstance(rule, Stored):
            told = [line for line in lines if line.kind is not Kind.RESTART]
            own = [line for line in told if known.stored_of(line.resource) is rule]
            has_stored = any(line.kind is Kind.STORED for line in own)
            at_least(rule.names, max(1, _count_names(own)))
            at_least(rule.writes, max(1, _count_writes(own) + HIDDEN_WRITES * (not has_stored)))
        elif isinstance(rule, Heard):
            who = [line for line in lines if line.kind is not Kind.STORED]
            at_least(rule.processes, max(1, len({process_key(line) for line in who})))
        elif isinstance(rule, OnLine):
            at_least(rule.limit, sum(line.verb == rule.verb for line in lines))
    return {name: size for name, size in found.items() if size != before[name]}


def _count_names(lines: Sequence[TraceLine]) -> int:
    nameless = sum(not line.name and not line.is_refused for line in lines)
    return len({line.key for line in lines if line.name}) + nameless


def _count_writes(lines: Sequence[TraceLine]) -> int:
    """How many writes there were at least: versions that are named, and objects that ended."""
    versions = {(line.resource, v) for line in lines for v in (line.version, line.seen) if v}
    uids = {(line.key, line.uid) for line in lines if line.uid}
    ends = {(line.key, line.uid) for line in lines if line.verb in ("delete", "DELETED")}
    ended = max(len(ends), len(uids) - len({key for key, _ in uids}))
    nameless = sum(
        line.version is None and line.verb not in ("delete", "DELETED") and not line.is_refused
        for line in lines
    )
    return len(versions) + ended + nameless


def exit_code_of_judged(judged: Sequence[Judged]) -> ExitCode:
    """0 where some view explains the trace, 152 where a bound left one open, else 12."""
    verdicts = {one.found.verdict for one in judged}
    if Verdict.EXPLAINED in verdicts:
        return ExitCode.HOLDS
    return ExitCode.UNKNOWN if Verdict.UNKNOWN in verdicts else ExitCode.SAFETY


def passed_over(lines: Sequence[TraceLine], judged: Judged) -> dict[str, int]:
    """Lines that the model does not speak of, counted by what they are about."""
    found: dict[str, int] = {}
    known = set(map(id, judged.considered))
    for line in lines:
        if id(line) not in known:
            name = " ".join(filter(None, (line.verb, line.resource)))
            name = name if line.kind is Kind.CALL else f"{line.kind.value} {name}"
            found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items()))
