"""A counterexample as an ITF file that other tools read, and `planespec replay` as well.

ITF has no place for actions, so they follow Quint's convention: two more variables,
`mbt::actionTaken` and `mbt::nondetPicks`. What `replay` needs to find the model again stands as
text in `#meta`, where readers that accept only strings (itf-rs) accept it.
"""

import json
from typing import Any

from planespec.checker.outcome import Outcome, Trace, Violation
from planespec.reports.formats.itf_values import NONE, Json, encode, encode_plain, variant
from planespec.reports.text.wording import Subject, constants_as_json

ACTION = "mbt::actionTaken"
PICKS = "mbt::nondetPicks"
FORMAT_DESCRIPTION = "https://apalache-mc.org/docs/adr/015adr-trace.html"


def itf_document(subject: Subject, outcome: Outcome, violation: Violation) -> Json:
    """The trace of a violation; deterministic, so there is no time stamp."""
    loop = _loop(violation.trace)
    back = "" if loop is None else f"; the last state is followed by state {loop}"
    meta = {
        "status": "violation",
        "description": f"{violation.kind.value}: {violation.property}{back}",
    }
    if violation.action:
        arguments = {name: encode_plain(value) for name, value in violation.arguments}
        meta["failingStep"] = json.dumps({"action": violation.action, "arguments": arguments})
    return trace_in_itf(subject, violation.trace, outcome.requirements, meta)


def trace_in_itf(
    subject: Subject, trace: Trace, requirements: tuple[str, ...], more: dict[str, str]
) -> Json:
    """Any trace of a model; `more` are entries of `#meta`, such as its `status`."""
    document: dict[str, Json] = {
        "#meta": _meta(subject, requirements) | more,
        "vars": [*trace.variables, ACTION, PICKS],
        "states": _states(subject, trace),
    }
    loop = _loop(trace)
    if loop is not None:
        document["loop"] = loop
    return document


def _loop(trace: Trace) -> int | None:
    """Index of the state that follows the last one.

    The last state of a cycle is the state the cycle began in, so that its step keeps its name;
    it is followed by what followed that state.
    """
    if trace.loop is None or trace.loop == len(trace.steps):
        return trace.loop
    return trace.loop + 1


def _meta(subject: Subject, requirements: tuple[str, ...]) -> dict[str, str]:
    """What finds the model again; every value is a string: itf-rs refuses anything else here."""
    meta = {
        "format": "ITF",
        "format-description": FORMAT_DESCRIPTION,
        "source": subject.target,
        "constants": json.dumps(constants_as_json(subject.instance.constants)),
        "deadlockChecked": json.dumps(subject.check_deadlock),
        "requirements": json.dumps(list(requirements)),
    }
    if subject.instance.mutant:
        meta["mutant"] = subject.instance.mutant
    return meta


def _states(subject: Subject, trace: Trace) -> list[Json]:
    names = sorted({name for step in trace.steps for name, _ in step.arguments})
    calls: list[tuple[str, dict[str, Any]]] = [("init", {})]
    calls += [(step.action, dict(step.arguments)) for step in trace.steps]
    return [
        {
            "#meta": {"index": index},
            **{
                name: encode(subject.instance.types[name], value)
                for name, value in zip(trace.variables, state, strict=True)
            },
            ACTION: action,
            PICKS: _picks(names, arguments),
        }
        for index, (state, (action, arguments)) in enumerate(zip(trace.states, calls, strict=True))
    ]


def _picks(names: list[str], arguments: dict[str, Any]) -> Json:
    """Every state has every name, so that the record has one type; a map when there is none."""
    if not names:
        return {"#map": []}
    return {
        name: variant("Some", encode_plain(arguments[name])) if name in arguments else NONE
        for name in names
    }
