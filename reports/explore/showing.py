"""What a session looks like: lines of text with styles, or one JSON document on one line."""

from collections.abc import Iterable, Iterator

from planespec.checker.engines.python.explaining import Attempt
from planespec.checker.engines.python.judging import Event
from planespec.checker.outcome import Step
from planespec.reports.explore.session import Option, Session
from planespec.reports.files import dumps
from planespec.reports.formats.itf_values import encode, encode_plain
from planespec.reports.text.trace_text import folded, show_call, value_lines
from planespec.reports.text.wording import (
    Subject,
    counted,
    plural,
    portable_place,
    readable_position,
)

Line = tuple[str, str]
"""Text and the style rich gives it; the style is empty for plain text."""

BAD, GOOD, HEAD, FAINT = "bold red", "green", "bold", "dim"
MOST_OPTIONS = 40
MOST_INSTANCES = 8


def where(subject: Subject, session: Session, *, whole: bool = False) -> Iterator[Line]:
    """The state: what the last step changed, or all of it; what it breaks; what is enabled."""
    yield from state_lines(subject, session, whole=whole)
    yield from option_lines(session)


def state_lines(subject: Subject, session: Session, *, whole: bool = False) -> Iterator[Line]:
    """The state alone, with what it breaks."""
    if session.state is None:
        yield "choose an initial state", HEAD
        return
    yield head(session.steps, session.taken[-1]), HEAD
    whole = whole or session.steps == 0
    lines = full(session) if whole else changed(session)
    yield from ((f"    {line}", "") for line in lines)
    for event in session.broken():
        yield f"  {event_text(subject, event)}", BAD
    if session.outside():
        yield f"  outside the constraint {session.outside()}", FAINT
    for id_ in session.reached():
        yield f"  {id_} holds here: {subject.statement(id_)}", GOOD


def head(number: int, step: Step) -> str:
    """`State 2: take(c=client0)`."""
    if number == 0:
        return f"State 0: {show_call(step.action, step.arguments) if step.action else 'initial'}"
    return f"State {number}: {show_call(step.action, step.arguments)}"


def full(session: Session) -> Iterator[str]:
    """Every variable of the state."""
    state = session.state
    assert state is not None
    for name, value in zip(session.instance.variables, state, strict=True):
        yield from value_lines(session.instance.types[name], value, name)


def changed(session: Session) -> Iterator[str]:
    """What the last step changed."""
    from planespec.reports.text.trace_text import changes

    state, before = session.state, session.before
    assert state is not None
    assert before is not None
    found = [
        line
        for name, old, new in zip(session.instance.variables, before, state, strict=True)
        for change in changes(session.instance.types[name], old, new, name)
        for line in folded(f"{change.place}: {change.text}")
    ]
    yield from found or ["(nothing changed)"]


def option_lines(session: Session, text: str = "") -> Iterator[Line]:
    """The numbered options, those alone that contain the text where one is given."""
    chosen = [o for o in session.options if text.lower() in option_text(o).lower()]
    if not session.options:
        yield "no action is enabled", HEAD
    elif not chosen:
        yield f"nothing that is enabled contains {text}", FAINT
    for option in chosen[:MOST_OPTIONS]:
        yield from _option(option)
    if len(chosen) > MOST_OPTIONS:
        more = counted(len(chosen) - MOST_OPTIONS)
        yield f"... {more} more; `actions TEXT` lists those that contain TEXT", FAINT


def option_text(option: Option) -> str:
    """Everything about an option, in one line to be searched."""
    call = show_call(option.step.action, option.step.arguments)
    return " ".join([call, *(f"{c.place}: {c.text}" for c in option.changes)])


def _option(option: Option) -> Iterator[Line]:
    call = show_call(option.step.action, option.step.arguments) if option.step.action else "init"
    event, after = option.event, ""
    if event is not None:
        word = f"breaks {event.property}" if event.property else f"goes wrong: {event.message}"
        after = f"  {word}"
    yield f"{option.number:4}  {call}{after}", BAD if event is not None else ""
    for change in option.changes:
        yield f"        {change.place}: {change.text}", FAINT


def event_text(subject: Subject, event: Event) -> str:
    """What is broken, with its statement and place."""
    statement = subject.statement(event.property).rstrip(".")
    place = f", {readable_position(event.at)}" if event.at else ""
    if event.property and event.kind.value != "model error":
        return f"breaks {event.property}" + (f" ({statement})" if statement else "") + place
    return f"goes wrong: {event.message}{place}"


def find_lines(session: Session, text: str) -> Iterator[Line]:
    """The lines of the state and of the options that contain a text, in any case."""
    found = False
    if session.state is not None:
        for line in full(session):
            if text.lower() in line.lower():
                found = True
                yield f"    {line}", ""
    for option in session.options:
        if text.lower() in option_text(option).lower():
            found = True
            yield from _option(option)
    if not found:
        yield f"nothing here contains {text}", FAINT


def trace_lines(session: Session) -> Iterator[Line]:
    """The steps so far, one line each."""
    for number, step in enumerate(session.taken):
        yield head(number, step), ""


def why_lines(action: str, among: str, attempts: Iterable[Attempt]) -> Iterator[Line]:
    """What blocks an action, guard by guard, and the instances that are enabled."""
    tried = list(attempts)
    if not tried:
        yield f"{action} has no instance: {among or 'a parameter'} has no members", ""
    enabled = [a for a in tried if a.enabled]
    if enabled:
        yield f"{action} is enabled for {plural(len(enabled), 'instance')}", GOOD
        yield from _instances(action, enabled)
    groups: dict[str, list[Attempt]] = {}
    for attempt in tried:
        if not attempt.enabled:
            groups.setdefault(_reason(attempt), []).append(attempt)
    for reason, blocked in groups.items():
        yield reason, "yellow"
        yield from _instances(action, blocked)


def _reason(attempt: Attempt) -> str:
    place = f"{readable_position(attempt.at)}: " if attempt.at else ""
    if attempt.fault:
        return f"{place}goes wrong: {attempt.fault}"
    return f"{place}{attempt.blocked}"


def _instances(action: str, attempts: list[Attempt]) -> Iterator[Line]:
    for attempt in attempts[:MOST_INSTANCES]:
        part = f": {' and '.join(attempt.false)} is false" if attempt.false else ""
        yield f"    for {show_call(action, attempt.arguments)}{part}", FAINT
    if len(attempts) > MOST_INSTANCES:
        yield f"    and for {plural(len(attempts) - MOST_INSTANCES, 'more instance')}", FAINT


SCHEMA = "planespec/explore/1"


def answer_document(
    subject: Subject, session: Session, command: str, lines: Iterable[Line], refused: str = ""
) -> str:
    """What a command answered, and where the session is after it."""
    document = {
        "schema": SCHEMA,
        "command": command,
        "refused": refused,
        "lines": [text for text, _ in lines],
        "state": session.steps if session.taken else None,
        "values": _values(session),
        "breaks": [_event(subject, event) for event in session.broken()],
        "outside": session.outside(),
        "reached": session.reached(),
        "enabled": [_document_option(subject, option) for option in session.options],
    }
    return dumps(document, None)


def _values(session: Session) -> dict[str, object] | None:
    state, types = session.state, session.instance.types
    if state is None:
        return None
    named = zip(session.instance.variables, state, strict=True)
    return {name: encode(types[name], value) for name, value in named}


def _event(subject: Subject, event: Event) -> dict[str, object]:
    return {
        "kind": event.kind.value,
        "property": event.property,
        "statement": subject.statement(event.property),
        "message": event.message,
        "at": portable_place(event.at),
    }


def _document_option(subject: Subject, option: Option) -> dict[str, object]:
    return {
        "number": option.number,
        "action": option.step.action,
        "arguments": {name: encode_plain(value) for name, value in option.step.arguments},
        "changes": option.changes,
        "breaks": _event(subject, option.event) if option.event is not None else None,
    }
