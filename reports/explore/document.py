"""An answer of `explore --json`: one JSON document on one line, for programs that steer it."""

import json
from collections.abc import Iterable
from typing import Any

from planespec.checker.python.events import Event
from planespec.reports.dossier.places import place_document
from planespec.reports.explore.session import Option, Session
from planespec.reports.explore.showing import Line
from planespec.reports.itf.encoding import encode, encode_plain
from planespec.reports.subject import Subject

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
        "enabled": [_option(subject, option) for option in session.options],
    }
    return json.dumps(document, ensure_ascii=False)


def _values(session: Session) -> dict[str, Any] | None:
    state, types = session.state, session.instance.types
    if state is None:
        return None
    named = zip(session.instance.variables, state, strict=True)
    return {name: encode(types[name], value) for name, value in named}


def _event(subject: Subject, event: Event) -> dict[str, Any]:
    return {
        "kind": event.kind.value,
        "property": event.property,
        "statement": subject.statement(event.property),
        "message": event.message,
        "at": place_document(event.at),
    }


def _option(subject: Subject, option: Option) -> dict[str, Any]:
    return {
        "number": option.number,
        "action": option.step.action,
        "arguments": {name: encode_plain(value) for name, value in option.step.arguments},
        "changes": [{"place": c.place, "text": c.text} for c in option.changes],
        "breaks": _event(subject, option.event) if option.event is not None else None,
    }
