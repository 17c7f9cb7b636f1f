"""What a trace came to, as text for people and as a JSON document."""

from collections.abc import Iterator, Sequence

from planespec.reports.formats.outcome_json import Record
from planespec.reports.judge.controller_traces.controller_judge import (
    Judged,
    exit_code_of_judged,
    passed_over,
)
from planespec.reports.judge.controller_traces.trace_lines import TraceLine
from planespec.reports.judge.controller_traces.trace_search import RunStep, Verdict
from planespec.reports.judge.controller_traces.unexplained import named
from planespec.reports.text.wording import plural

SCHEMA = "planespec/explained/1"
"""Changes only when a key changes its meaning or goes away."""


class Taken(Record, frozen=True):
    """A step of the run that explains a trace; `line` is `file:line`, null for a hidden step."""

    action: str
    arguments: str
    line: str | None
    breaks: str


class Rest(Record, frozen=True):
    """The first line that is not explained."""

    line: str
    what: str
    reasons: tuple[str, ...]
    allowed: tuple[str, ...]


class UnderView(Record, frozen=True):
    """What was found under one view, or without one."""

    view: str
    verdict: str
    bound: str
    lines: int
    explained: int
    states: int
    reason: str
    unexplained: Rest | None
    run: tuple[Taken, ...]


class TraceAnswer(Record, frozen=True):
    """The whole answer."""

    schema: str
    model: str
    files: tuple[str, ...]
    exit_code: int
    not_considered: dict[str, int]
    answers: tuple[UnderView, ...]


def trace_document(
    target: str, files: Sequence[str], lines: Sequence[TraceLine], judged: Sequence[Judged]
) -> TraceAnswer:
    """What `--json` prints."""
    return TraceAnswer(
        schema=SCHEMA,
        model=target,
        files=tuple(files),
        exit_code=int(exit_code_of_judged(judged)),
        not_considered=passed_over(lines, judged[0]),
        answers=tuple(map(_under_view, judged)),
    )


def _under_view(one: Judged) -> UnderView:
    line = one.line
    rest = None if line is None else Rest(line.where, line.describe(), one.reasons, one.allowed)
    return UnderView(
        view=one.view,
        verdict=one.found.verdict.value,
        bound=one.bound,
        lines=len(one.considered),
        explained=one.found.reached,
        states=one.found.entered,
        reason=one.found.reason,
        unexplained=rest,
        run=tuple(_taken(one, step) for step in one.found.run),
    )


def _taken(one: Judged, step: RunStep) -> Taken:
    line = None if step.line is None else one.considered[step.line].where
    return Taken(step.action, named(step.arguments, one.found.bound), line, step.breaks)


def render_trace(
    target: str, lines: Sequence[TraceLine], judged: Sequence[Judged], *, details: bool = False
) -> str:
    """The run that explains a trace or the line that none does, and the verdict."""
    blocks = []
    first = next((j for j in judged if j.found.verdict is not Verdict.EXPLAINED), None)
    best = next((j for j in judged if j.found.verdict is Verdict.EXPLAINED), None)
    if first is not None and (best is None or len(judged) > 1):
        blocks.append("\n".join(_render_rest(first)))
    if details and best is not None:
        blocks.append("\n".join(_render_run(best)))
    blocks.append("\n".join((*_render_passed_over(lines, judged[0]), *_render_broken(best))))
    verdicts = [_verdict(target, one) for one in judged]
    blocks.append("\n".join(verdicts))
    if len(judged) > 1:
        blocks.append(f"{target}: {_sum_up(judged)}")
    return "\n\n".join(filter(None, blocks))


def _render_rest(one: Judged) -> Iterator[str]:
    line = one.line
    assert line is not None
    under = f" under {one.view}" if one.view else ""
    what = "not explained" if one.found.verdict is Verdict.NOT_EXPLAINED else "not reached"
    yield f"{line.where}: {line.describe()} is {what}{under}"
    yield from (f"  {reason}" for reason in one.reasons)
    allowed = "; ".join(one.allowed) or "no call"
    yield f"  allowed there: {allowed}"


def _render_run(one: Judged) -> Iterator[str]:
    width = max((len(str(line.line)) for line in one.considered), default=1)
    for step in one.found.run:
        line = None if step.line is None else one.considered[step.line]
        number = "" if line is None else str(line.line)
        text = f"{step.action}({named(step.arguments, one.found.bound)})" if step.action else ""
        told = "" if line is None else line.describe()
        shown = " <- ".join(filter(None, (text, told))) if text else f"({told})"
        yield f"{number:>{width}}  {shown}"


def _render_passed_over(lines: Sequence[TraceLine], one: Judged) -> Iterator[str]:
    found = passed_over(lines, one)
    if found:
        yield "not considered: " + ", ".join(f"{name} ({n:,})" for name, n in found.items())


def _render_broken(one: Judged | None) -> Iterator[str]:
    """What the model says of the run: a trace may be explained and show a defect."""
    under = f" under {one.view}" if one is not None and one.view else ""
    for step in () if one is None else one.found.run:
        if step.breaks:
            assert one is not None
            at = None if step.line is None else one.considered[step.line].where
            where = f"at {at}" if at else "in a hidden step"
            yield f"this run{under} breaks {step.breaks} {where}"


def _verdict(target: str, one: Judged) -> str:
    model = f"{target} --view {one.view}" if one.view else target
    found, total = one.found, plural(len(one.considered), "line")
    if found.verdict is Verdict.EXPLAINED:
        return f"{model}: explained, {total} within {one.bound}"
    line = one.line
    assert line is not None
    where = f"line {line.line}, {found.reached:,} of {total} explained"
    if found.verdict is Verdict.UNKNOWN:
        return f"{model}: Unknown from {where}: {found.reason} within {one.bound}"
    return f"{model}: not explained at {where} within {one.bound}"


def _sum_up(judged: Sequence[Judged]) -> str:
    words = (
        ("explained under", Verdict.EXPLAINED),
        ("not explained under", Verdict.NOT_EXPLAINED),
        ("undecided under", Verdict.UNKNOWN),
    )
    parts = []
    for word, verdict in words:
        names = [_with_line(one) for one in judged if one.found.verdict is verdict]
        if names:
            parts.append(f"{word} {', '.join(names)}")
    return "; ".join(parts)


def _with_line(one: Judged) -> str:
    line = one.line
    return one.view if line is None else f"{one.view} (line {line.line})"
