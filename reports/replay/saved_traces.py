"""Reads what `replay` is given: a file of `check --save`, or an ITF trace of any tool."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planespec.checker.errors import ConfigurationError, InputError
from planespec.checker.instance import Instance
from planespec.checker.outcome import State
from planespec.reports.formats.itf_values import Json, MismatchError, decode
from planespec.reports.formats.itf_writing import ACTION, PICKS
from planespec.reports.formats.outcome_json import SCHEMA
from planespec.reports.formats.simulation_json import SCHEMA as SIMULATED
from planespec.reports.input.json_text import JsonError, parse_json, read_json
from planespec.spec.objects import ObjectError, View

SAVED = (SCHEMA, SIMULATED)
"""Documents that hold a counterexample under the same keys."""


@dataclass(frozen=True, slots=True)
class Call:
    """An action with its arguments in ITF form; None where the file does not tell."""

    action: str | None
    arguments: dict[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A trace as it stands in a file, with what the file says about its model.

    `calls[k]` leads from state k to state k + 1; `failing` is a step from the last state that is
    a model error. `loop` is the state that follows the last one, where the file tells of one.
    """

    file: Path
    states: tuple[dict[str, Json], ...]
    calls: tuple[Call, ...]
    model: str | None = None
    constants: tuple[str, ...] = ()
    mutant: str | None = None
    requirements: tuple[str, ...] | None = None
    check_deadlock: bool = True
    failing: Call | None = None
    loop: int | None = None


def read_recorded(file: Path, requirement: str | None = None) -> Recorded:
    """The trace in a file, of several the one of a requirement or of `deadlock`.

    Raises InputError when the file has neither form, or holds no trace, and ConfigurationError
    where none is of the requirement.
    """
    document = read_json(file)
    try:
        return _recorded(file, _chosen(file, document, requirement))
    except ObjectError as error:
        raise InputError(
            f"damaged trace: {error}",
            file=file,
            allowed="a file written by `planespec check --save` or --itf, or an ITF trace",
        ) from None


def _chosen(file: Path, document: Any, requirement: str | None) -> Any:
    """The document as if nothing but the requirement had been judged."""
    if requirement is None:
        return document
    answer = View(document if isinstance(document, dict) else {})
    found = {violation.text("property"): violation for violation in answer.views("violations")}
    if requirement not in found:
        known = ", ".join(filter(None, found)) or "none that is named"
        raise ConfigurationError(
            f"{file} holds no counterexample to {requirement!r}; it holds {known}"
        )
    return {
        **document,
        "violation": found[requirement].data,
        "requirements": [
            c.data for c in answer.views("requirements") if c.text("id") == requirement
        ],
        "deadlock_checked": requirement == found[requirement].text("kind") == "deadlock",
    }


def decode_states(recorded: Recorded, instance: Instance) -> list[State]:
    """The frozen states; raises InputError with the state and variable that do not fit."""
    return [_decode_state(recorded, instance, n) for n in range(len(recorded.states))]


def _decode_state(recorded: Recorded, instance: Instance, number: int) -> State:
    data = recorded.states[number]
    values = []
    for name in instance.variables:
        if name not in data:
            raise InputError(f"state {number} has no variable {name}", file=recorded.file)
        try:
            values.append(decode(instance.types[name], data[name]))
        except MismatchError as error:
            raise InputError(f"state {number}, {name}: {error}", file=recorded.file) from None
    return tuple(values)


def _recorded(file: Path, document: Any) -> Recorded:
    if isinstance(document, dict) and document.get("schema") in SAVED:
        return _from_saved(file, View(document))
    if isinstance(document, dict) and isinstance(document.get("states"), list):
        return _from_itf(file, View(document))
    raise InputError(
        "neither an answer of `planespec check --save` nor an ITF trace",
        file=file,
        allowed="an object with `states`, or with `schema` " + SCHEMA,
    )


def _from_saved(file: Path, document: View) -> Recorded:
    violation = document.view("violation")
    if not violation.data or violation.text("kind") == "unreached":
        verdict = document.text("verdict")
        raise ConfigurationError(f"{file} holds no counterexample to replay: it says {verdict}")
    trace = violation.needing("trace").view("trace")
    states = _states(trace)
    steps = trace.views("steps")
    if len(steps) != len(states) - 1:
        raise ObjectError(trace.path("steps"), f"must be {len(states) - 1}, not {len(steps)}")
    return Recorded(
        file,
        states,
        tuple(map(_call, steps)),
        document.needing("model").text("model"),
        _pairs(document.view("constants")),
        document.text("mutant") or None,
        tuple(each.needing("id").text("id") for each in document.views("requirements")),
        document.needing("deadlock_checked").flag("deadlock_checked"),
        _call(violation) if violation.text("action") else None,
        _loop(trace, len(states)),
    )


def _states(trace: View) -> tuple[dict[str, Json], ...]:
    states = tuple(dict(state.data) for state in trace.views("states"))
    if not states:
        raise ObjectError(trace.path("states"), "a trace without states")
    return states


def _call(step: View) -> Call:
    action = step.needing("action", "arguments").text("action")
    return Call(action, dict(step.view("arguments").data))


def _loop(trace: View, states: int) -> int | None:
    loop = trace.integer("loop")
    if loop is not None and not 0 <= loop < states:
        raise ObjectError(trace.path("loop"), f"there is no state {loop}")
    return loop


def _from_itf(file: Path, document: View) -> Recorded:
    meta = document.view("#meta")
    states = _states(document)
    requirements = _within(meta, "requirements")
    failing = _within(meta, "failingStep")
    deadlock = _within(meta, "deadlockChecked")
    return Recorded(
        file,
        states,
        tuple(map(_itf_call, document.views("states")[1:])),
        meta.text("source") or None,
        _pairs(_within(meta, "constants").view("constants")),
        meta.text("mutant") or None,
        tuple(requirements.texts("requirements")) if requirements.has("requirements") else None,
        deadlock.flag("deadlockChecked") if deadlock.has("deadlockChecked") else True,
        _call(failing.view("failingStep")) if failing.has("failingStep") else None,
        _loop(document, len(states)),
    )


def _itf_call(state: View) -> Call:
    action = state.text(ACTION) or None
    picks = state.data.get(PICKS)
    if not isinstance(picks, dict) or "#map" in picks:
        return Call(action, None)
    chosen = {name: state.view(PICKS).view(name) for name in picks}
    taken = {name: pick for name, pick in chosen.items() if pick.text("tag") == "Some"}
    return Call(action, {name: pick.data.get("value") for name, pick in taken.items()})


def _within(meta: View, name: str) -> View:
    """A view of one field, whose value stands as JSON within a text; empty where it is absent."""
    if not meta.has(name):
        return View({}, meta.field)
    try:
        return View({name: parse_json(meta.text(name))}, meta.field)
    except JsonError as error:
        raise ObjectError(meta.path(name), str(error)) from None


def _pairs(constants: View) -> tuple[str, ...]:
    """Constants as on the command line, where a bool is `true` or `false`."""
    for name, value in constants.data.items():
        if not isinstance(value, str | int | list | dict):
            raise ObjectError(constants.path(name), "is no value of a constant")
    return tuple(f"{name}={_text(value)}" for name, value in constants.data.items())


def _text(value: Any) -> str:
    """A value of a constant as on the command line: JSON, but for texts."""
    return value if isinstance(value, str) else json.dumps(value)
