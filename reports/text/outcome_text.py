"""The answers of a search as text: the verdict and its bound, the evidence, the numbers."""

from collections.abc import Iterator

from planespec.checker.instance import JUDGED, LIVENESS
from planespec.checker.ir.system import PropertyKind
from planespec.checker.lang.data.order import show
from planespec.checker.outcome import Outcome, Statistics, Verdict, Violation, ViolationKind
from planespec.reports.text.trace_text import render_trace, show_call
from planespec.reports.text.verdicts import VIOLATED, wrong_of
from planespec.reports.text.wording import (
    Subject,
    counted,
    plural,
    readable_position,
)


def render_outcome(
    subject: Subject, outcome: Outcome, *, details: bool = False, verdict_first: bool = False
) -> str:
    """Everything `check` prints; `details` adds the table of actions.

    With `verdict_first` the traces come last: where a message is cut, they may be.
    """
    blocks = list(_evidence(subject, outcome))
    summary = "\n".join(_summary(subject, outcome))
    blocks = [summary, *blocks] if verdict_first else [*blocks, summary]
    if details and outcome.statistics.actions:
        blocks.append(_action_table(outcome.statistics))
    return "\n\n".join(blocks)


def _evidence(subject: Subject, outcome: Outcome) -> Iterator[str]:
    """Every counterexample, with its own verdict where there are several."""
    for violation in outcome.violations:
        if wrong_of(subject, violation).has_trace:
            yield render_trace(subject, violation.trace)
        if outcome.others:
            yield "\n".join(_one_of_several(subject, violation))


def verdict_line(subject: Subject, outcome: Outcome) -> str:
    """The verdict with everything that limits it, in one line."""
    mutant = f" with mutant {subject.instance.mutant}" if subject.instance.mutant else ""
    answer = outcome.verdict.value
    if outcome.others:
        answer = f"{VIOLATED}, {plural(len(outcome.violations), 'counterexample')}"
    elif outcome.violation is not None:
        answer = violated(subject, outcome.violation)
    line = f"{subject.target}{mutant}: {answer}"
    line += f" within {outcome.bound}" if outcome.bound else ""
    return line + (f" ({outcome.reason})" if outcome.reason else "")


def violation_lines(subject: Subject, violation: Violation) -> Iterator[str]:
    """What went wrong beyond the trace: the failing step, the place of a model error or claim."""
    if violation.action:
        after = f"from state {len(violation.trace.steps)}"
        yield f"  {show_call(violation.action, violation.arguments)} {after} goes wrong"
    if violation.kind is ViolationKind.ERROR:
        place = f"{readable_position(violation.at)}: " if violation.at else ""
        yield f"  {place}{violation.message}"
        return
    if violation.kind in (ViolationKind.SAFETY, ViolationKind.STEP) and violation.arguments:
        yield f"  for {', '.join(f'{name} = {show(v)}' for name, v in violation.arguments)}"
    if advice := wrong_of(subject, violation).advice:
        yield f"  {advice}"
    elif violation.at is not None:
        yield f"  written at {readable_position(violation.at)}"


def violated(subject: Subject, violation: Violation) -> str:
    """`Violated RAFT-1 (its statement)`, or what else went wrong."""
    wrong = wrong_of(subject, violation)
    # What went wrong in the model has a line of its own, with its place.
    has_reason = wrong.has_trace and not wrong.is_error and wrong.reason
    return wrong.headline + (f" ({wrong.reason.rstrip('.')})" if has_reason else "")


def _one_of_several(subject: Subject, violation: Violation) -> Iterator[str]:
    """What a counterexample among several shows, and how long it is."""
    steps = plural(len(violation.trace.steps), "step")
    has_trace = wrong_of(subject, violation).has_trace
    yield violated(subject, violation) + (f" after {steps}" if has_trace else "")
    yield from violation_lines(subject, violation)


def _summary(subject: Subject, outcome: Outcome) -> Iterator[str]:
    yield verdict_line(subject, outcome)
    if outcome.others:
        yield f"  violated {', '.join(v.property or v.kind.value for v in outcome.violations)}"
    elif outcome.violation is not None:
        yield from violation_lines(subject, outcome.violation)
    yield from _judged(subject, outcome)
    for name, depth in outcome.reached.items():
        if depth is not None:
            yield f"  {name} reached after {plural(depth, 'step')}"
        elif outcome.complete:
            missed = outcome.verdict is Verdict.VIOLATED and outcome.reason == ""
            yield f"  {name} not reached{'' if missed else ' so far'}"
        elif outcome.violation is None:
            yield f"  {name} not reached so far"
    yield from not_applicable(subject)
    yield from _numbers(outcome)


def _judged(subject: Subject, outcome: Outcome) -> Iterator[str]:
    """What was judged, and of that, where something is broken, what is known to hold."""
    if outcome.requirements:
        yield f"  judged {', '.join(outcome.requirements)}"
    elif not outcome.reached and _looked_for_deadlock(subject, outcome):
        yield f"  {judged_deadlock_only(subject)}"
    if outcome.others or outcome.held:
        yield from _besides(outcome)


def not_applicable(subject: Subject) -> Iterator[str]:
    """The properties that the instance leaves out, with their conditions."""
    claims = subject.instance.not_applicable.values()
    found = [f"{claim.id} (only when {claim.when})" for claim in claims]
    if found:
        yield f"  not applicable: {', '.join(found)}"


def judged_deadlock_only(subject: Subject) -> str:
    """What to say where no property was judged."""
    instance = subject.instance
    claims = instance.claims(*JUDGED, *LIVENESS, PropertyKind.REACHABLE)
    claimed = claims or instance.not_applicable
    return "judged nothing but deadlock" + ("" if claimed else ": the model claims no property")


def nothing_judged(subject: Subject) -> str:
    """What to say of walks that judged no property."""
    said = judged_deadlock_only(subject)
    return said if subject.check_deadlock else said.replace(" but deadlock", "")


def _looked_for_deadlock(subject: Subject, outcome: Outcome) -> bool:
    return subject.check_deadlock and outcome.verdict is Verdict.HOLDS


def _besides(outcome: Outcome) -> Iterator[str]:
    """What is known of the other requirements, where something is broken."""
    if outcome.verdict is not Verdict.VIOLATED:
        return
    for verdict, words in ((Verdict.HOLDS, "hold"), (Verdict.UNKNOWN, "not judged to the end")):
        ids = [id_ for id_ in outcome.requirements if outcome.verdict_on(id_) is verdict]
        if ids:
            yield f"  {words}: {', '.join(ids)}"


def _numbers(outcome: Outcome) -> Iterator[str]:
    numbers = outcome.statistics
    if outcome.engine == "symbolic":  # it looks at behaviours and stores no state
        yield f"  behaviours of up to {plural(numbers.depth, 'step')}, {_work(numbers)}"
        return
    yield (
        f"  {counted(numbers.generated)} states generated, "
        f"{counted(numbers.distinct)} distinct states found, "
        f"{counted(numbers.left)} states left on queue"
    )
    yield f"  depth {numbers.depth}, {', '.join(_circumstances(outcome))}"
    for bound, count in numbers.cut.items():
        what = "state" if bound == "depth" else "step"
        yield f"  {bound} cut off {plural(count, what)}"
    # A search that stopped early has not shown that something cannot happen.
    if outcome.verdict is Verdict.HOLDS:
        if numbers.never_enabled:
            yield f"  never enabled: {', '.join(numbers.never_enabled)}"
        if numbers.unchanged:
            yield f"  never changed: {', '.join(numbers.unchanged)}"


def _work(numbers: Statistics) -> str:
    return f"engine symbolic, {numbers.search_seconds:.2f} s"


def _circumstances(outcome: Outcome) -> Iterator[str]:
    numbers = outcome.statistics
    yield f"engine {outcome.engine}"
    yield plural(outcome.workers, "worker")
    if outcome.symmetry:
        yield f"symmetry of {', '.join(outcome.symmetry)}"
    yield f"{numbers.search_seconds:.2f} s"
    if numbers.compile_seconds:
        yield f"compiled in {numbers.compile_seconds:.2f} s"
    if numbers.bits_per_state:
        yield f"{numbers.bits_per_state} bits a state"
    if numbers.collision_probability:
        yield f"collision probability {numbers.collision_probability:.1e}"


def _action_table(numbers: Statistics) -> str:
    from tabulate import tabulate

    rows = [
        (name, counted(count.generated), counted(count.distinct))
        for name, count in numbers.actions.items()
    ]
    header = ("action", "generated", "distinct")
    align = ("left", "right", "right")
    return tabulate(rows, header, colalign=align, disable_numparse=True)
