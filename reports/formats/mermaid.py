"""A trace as a Mermaid sequence diagram, from the drawing that the HTML pages have too.

Mermaid has no slanted arrows: a message stands where it is received, and says when it was sent.
"""

from collections.abc import Iterator

from planespec.checker.outcome import Trace, Violation
from planespec.reports.pages.dossier import Arrow, Diagram
from planespec.reports.pages.trace_views import sequence
from planespec.reports.text.outcome_text import violated
from planespec.reports.text.subject import Subject
from planespec.reports.text.trace_text import show_call

ARROWS = {"received": "->>", "lost": "--x", "pending": "--)"}


def mermaid_text(subject: Subject, trace: Trace, violation: Violation | None) -> str:
    """The diagram: a participant for each actor, a note for each step, what went wrong last.

    A model whose actions and messages name no sort with two members has one participant.
    """
    drawing = sequence(subject.instance, trace)
    lines = _alone(subject, trace) if drawing is None else _drawn(drawing)
    last = 1 if drawing is None else len(drawing.lifelines)
    made = ["sequenceDiagram", *(f"    {line}" for line in lines)]
    made += [f"    {line}" for line in _end(subject, trace, violation, last)]
    return "\n".join(made) + "\n"


def _drawn(drawing: Diagram) -> Iterator[str]:
    for number, name in enumerate(drawing.lifelines):
        yield f"participant p{number} as {_text(name)}"
    for row in drawing.rows:
        state = row.state
        for arrow in drawing.arrows:
            if arrow.received == state and arrow.fate != "pending":
                yield _arrow(arrow)
        yield f"Note over p{row.line}: {state} {_text(row.label)}"
        for message in row.sends:
            yield f"Note over p{row.line}: sends {_text(message)}"
    yield from (_arrow(a) for a in drawing.arrows if a.fate == "pending")


def _arrow(arrow: Arrow) -> str:
    ends = f"p{arrow.source}{ARROWS[arrow.fate]}p{arrow.target}"
    fate = {"received": "", "lost": ", lost", "pending": ", not received"}[arrow.fate]
    return f"{ends}: {_text(arrow.label)} (sent in {arrow.sent}{fate})"


def _alone(subject: Subject, trace: Trace) -> Iterator[str]:
    yield f"participant p0 as {_text(subject.instance.name)}"
    for number, step in enumerate(trace.steps, 1):
        yield f"Note over p0: {number} {_text(show_call(step.action, step.arguments))}"


def _end(subject: Subject, trace: Trace, violation: Violation | None, lines: int) -> Iterator[str]:
    over = "p0" if lines == 1 else f"p0,p{lines - 1}"
    if trace.loop is not None:
        yield f"Note over {over}: back to state {trace.loop}"
    if violation is None:
        return
    if violation.action:
        call = show_call(violation.action, violation.arguments)
        yield f"Note over {over}: {_text(f'{call} goes wrong: {violation.message}')}"
    yield f"Note over {over}: {_text(violated(subject, violation))}"


def _text(text: str) -> str:
    """Text that ends no statement: Mermaid takes `;` for the end of one, `#` for an entity.

    A line break or the word end by itself would end something as well.
    """
    escaped = "".join({"#": "#35;", ";": "#59;", "\n": " "}.get(c, c) for c in text)
    return f"({escaped})" if escaped.strip().lower() == "end" else escaped
