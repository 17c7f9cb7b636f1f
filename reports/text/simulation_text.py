"""The answer of `simulate` as text: the counterexample, the verdict, what the walks saw."""

from collections.abc import Iterator

from planespec.checker.engines.simulation.plan import End, Numbers, Simulated
from planespec.reports.text.outcome_text import (
    not_applicable,
    nothing_judged,
    verdict_line,
    violation_lines,
)
from planespec.reports.text.trace_text import render_trace
from planespec.reports.text.wording import Subject, counted, plural

_ENDS = {
    End.DEPTH: "went as far as they may",
    End.FINISHED: "ended in a state without successors",
    End.OUTSIDE: "ended at a constraint",
    End.ABANDONED: "cut short",
}


def render_simulation(
    subject: Subject, simulated: Simulated, reproduce: str, *, details: bool = False
) -> str:
    """Everything `simulate` prints; `details` adds the table of actions."""
    blocks: list[str] = []
    if simulated.outcome.violation is not None:
        blocks.append(render_trace(subject, simulated.outcome.violation.trace))
    blocks.append("\n".join(_summary(subject, simulated, reproduce)))
    if details:
        blocks.append(_action_table(simulated.numbers))
    return "\n\n".join(blocks)


def _summary(subject: Subject, simulated: Simulated, reproduce: str) -> Iterator[str]:
    outcome, numbers = simulated.outcome, simulated.numbers
    yield verdict_line(subject, outcome)
    if outcome.violation is not None:
        yield from violation_lines(subject, outcome.violation)
        yield f"  {found_line(simulated)}"
    if outcome.requirements:
        yield f"  judged {', '.join(outcome.requirements)}"
    elif not numbers.reached:
        yield f"  {nothing_judged(subject)}"
    if simulated.not_judged:
        names = ", ".join(simulated.not_judged)
        yield f"  not judged, as no finite walk breaks a promise: {names}"
    for name, walks in numbers.reached.items():
        yield f"  {name} {_how_often(numbers, name, walks)}"
    yield from not_applicable(subject)
    yield f"  {walks_line(numbers)}"
    yield f"  {states_line(numbers)}"
    yield f"  {', '.join(_circumstances(simulated))}"
    never = [name for name, count in numbers.offered.items() if not count]
    if never and numbers.walks:
        yield f"  not enabled so far: {', '.join(never)}"
    yield f"  reproduce with: {reproduce}"


def found_line(simulated: Simulated) -> str:
    """Which walk found the violation, and what was left out of it since."""
    violation = simulated.outcome.violation
    assert violation is not None
    length = len(violation.trace.steps) + bool(violation.action)
    line = f"found by walk {simulated.walk} after {plural(simulated.steps, 'step')}"
    if length < simulated.steps:
        line += f"; {counted(length)} are left of them, the others were not needed"
    return line


def walks_line(numbers: Numbers) -> str:
    """How many walks there were, how long, and why they ended."""
    ends = [f"{counted(n)} {_ENDS[end]}" for end, n in numbers.ended.items() if n and end in _ENDS]
    line = f"{plural(numbers.walks, 'walk')}, {plural(numbers.steps, 'step')}, "
    line += f"deepest {counted(numbers.deepest)}"
    return line + (f"; {', '.join(ends)}" if ends else "")


def states_line(numbers: Numbers) -> str:
    """How many states were judged, and how many of them differ."""
    line = f"{plural(numbers.judged, 'state')} judged"
    if numbers.distinct is None:
        return line
    about = "" if numbers.exact else "about "
    return f"{line}, {about}{counted(numbers.distinct)} of them distinct"


def _how_often(numbers: Numbers, name: str, walks: int) -> str:
    if not walks:
        return "not seen so far"
    return f"seen by {counted(walks)} of {plural(numbers.walks, 'walk')}, first by walk " + str(
        numbers.first[name]
    )


def _circumstances(simulated: Simulated) -> Iterator[str]:
    outcome, times = simulated.outcome, simulated.outcome.statistics
    yield f"seed {simulated.plan.seed}"
    if simulated.plan.swarm:
        yield "swarm"
    yield f"engine {outcome.engine}"
    yield plural(outcome.workers, "worker")
    yield f"{times.search_seconds:.2f} s"
    if times.compile_seconds:
        yield f"compiled in {times.compile_seconds:.2f} s"


def _action_table(numbers: Numbers) -> str:
    from tabulate import tabulate

    rows = [
        (name, counted(count), counted(numbers.taken[name]))
        for name, count in numbers.offered.items()
    ]
    header = ("action", "successors", "taken")
    align = ("left", "right", "right")
    return tabulate(rows, header, colalign=align, disable_numparse=True)
