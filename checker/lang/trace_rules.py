"""What a model says of traces of a real controller: which action explains which line.

A class says it once, `trace = [on("create", "pods", action="create_child", n="name"), ...]`; what
its parts say counts, too, after what it says itself. Expressions are texts over the state before
or after a line, in which `n` is the name and `p` the process of the line.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from planespec.checker.ir.nodes import Position
from planespec.checker.lang.locations import here, refusal_at, refusal_here, refusal_in

SETTING = "trace"
CALLS = ("create", "update", "patch", "delete")
"""Verbs of calls that a controller makes."""
EVENTS = ("ADDED", "MODIFIED", "DELETED")
"""Types of watch events: of writes by others, where a trace has what was stored."""
RESTART = "restart"
FIELDS = ("name", "process", "uid", "seen", "version")
"""What of a line may be a parameter: its resourceVersions are what the caller had seen, and what
the write was given."""
ALLOWED = 'trace = [on("create", "pods", action="create_child", p="process", n="name")]'


@dataclass(frozen=True, slots=True)
class TraceRule:
    """One entry of `trace`."""

    resource: str = ""
    """Of which resource it speaks; empty for every one that no other entry speaks of."""
    at: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class OnLine(TraceRule):
    """Lines of this verb and code are steps of this action; of none where nothing happens."""

    verb: str = ""
    action: str = ""
    codes: tuple[int, ...] = ()
    """Empty for every code from 200 to 299."""
    parameters: tuple[tuple[str, Any], ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Stored(TraceRule):
    """Where the state has the objects of a resource as they are stored."""

    uid: str = ""
    version: str = ""
    revision: str = ""
    names: str = ""
    writes: str = ""


@dataclass(frozen=True, slots=True)
class Heard(TraceRule):
    """Where the state has them as a process has heard of them."""

    uid: str = ""
    version: str = ""
    processes: str = ""
    when: str = ""


def on(
    verb: str,
    resource: str = "",
    *,
    action: str = "",
    code: int | Sequence[int] = (),
    where: dict[str, str] | None = None,
    limit: str = "",
    **parameters: Any,
) -> TraceRule:
    """Say which action explains a line: `on("delete", "pods", action="clean", n="name")`.

    `verb` is that of a call (`create`, `update`, `patch`, `delete`), the type of a watch event of
    somebody else's write (`ADDED`, `MODIFIED`, `DELETED`), or `restart`. A call counts with the
    codes given, by default when it succeeded. Parameters of the action are named with the field of
    the line that they are (`name`, `process`, `uid`, `seen`, `version`), or have a value of the
    model; those left out may be anything. `where={"sees(p, n)": "uid"}` says what must have been
    so before the step. Without `action` the call changes nothing in the model. `limit` names the
    constant that bounds how often it happens.
    """
    known = (*CALLS, *EVENTS, RESTART)
    if verb not in known:
        raise refusal_here(f"on: {verb!r} is no verb", ", ".join(known))
    codes = (code,) if isinstance(code, int) else tuple(code)
    if not all(type(each) is int and 100 <= each <= 599 for each in codes):
        raise refusal_here(f"on: code is {code!r}", "a code of HTTP, or several: code=(404, 409)")
    wanted = dict(where or {})
    texts = [v for v in parameters.values() if isinstance(v, str)]
    for each in (*texts, *wanted.values()):
        if each not in FIELDS:
            raise refusal_here(f"on: a line has no field {each!r}", ", ".join(FIELDS))
    for text in wanted:
        compiled(text, "on")
    return OnLine(
        resource=resource,
        at=here(),
        verb=verb,
        action=action,
        codes=codes,
        parameters=tuple(parameters.items()),
        where=tuple(wanted.items()),
        limit=limit,
    )


def stored(
    resource: str = "",
    *,
    uid: str,
    version: str,
    revision: str = "",
    names: str = "",
    writes: str = "",
) -> TraceRule:
    """Say where objects are stored: `stored(uid="uid[n]", version="version[n]")`.

    `uid` is 0 where there is no object. `revision` counts all writes. `names` and `writes` are the
    constants that bound how many names and writes there are; a run takes those of its trace.
    """
    for text in filter(None, (uid, version, revision)):
        compiled(text, "stored")
    return Stored(resource, here(), uid, version, revision, names, writes)


def heard(
    resource: str = "", *, uid: str, version: str = "", processes: str = "", when: str = ""
) -> TraceRule:
    """Say where a process has what it heard: `heard(uid="seen_uid[p][n]")`, 0 for no object.

    `processes` is the constant that bounds how many there are. Under constants that make `when`
    false, nothing that is heard matters.
    """
    for text in filter(None, (uid, version)):
        compiled(text, "heard")
    return Heard(resource, here(), uid, version, processes, when)


def compiled(text: str, of: str = "trace") -> CodeType:
    """The code of an expression; raises LanguageError for what is none."""
    try:
        return compile(ast.parse(text, mode="eval"), "<trace>", "eval")
    except (SyntaxError, ValueError, TypeError):
        raise refusal_here(
            f"{of}: {text!r} is no expression", 'such as "uid[n]" or "sees(p, n)"'
        ) from None


def trace_rules(model: type) -> tuple[TraceRule, ...]:
    """What a model class and its parts say of traces, its own first.

    Raises LanguageError for what is no list of entries.
    """
    return tuple(_rules(model))


def _rules(model: type) -> Iterator[TraceRule]:
    for cls in model.__mro__:
        said = vars(cls).get(SETTING, ())
        if not isinstance(said, list | tuple) or not all(isinstance(r, TraceRule) for r in said):
            text = f"{cls.__name__}: {SETTING} is no list of what explains lines"
            raise refusal_in(cls, SETTING, text, ALLOWED)
        yield from said


def refused(rule: TraceRule, text: str, allowed: str) -> Exception:
    """The error for an entry that does not fit its model, at the line that has it."""
    assert rule.at is not None
    return refusal_at(rule.at, text, allowed)
