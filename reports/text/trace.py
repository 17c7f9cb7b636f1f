"""A counterexample as a reader sees it: states numbered from 0, each step with what it changed."""

from collections.abc import Iterator
from typing import Any

from planespec.checker.lang.order import show
from planespec.checker.outcome import Step, Trace
from planespec.reports.changes import changes
from planespec.reports.subject import Subject
from planespec.reports.text.layout import folded, value_lines


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
