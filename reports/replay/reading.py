"""Reads what `replay` is given: a file of `check --save`, or an ITF trace of any tool."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planespec.checker.errors import ConfigurationError, InputError
from planespec.checker.instance import Instance
from planespec.checker.outcome import State
from planespec.reports.document import SCHEMA
from planespec.reports.itf.decoding import MismatchError, decode
from planespec.reports.itf.encoding import Json
from planespec.reports.itf.writing import ACTION, PICKS
from planespec.reports.simulation import SCHEMA as SIMULATED

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
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {_reason(error)}", file=file) from None
    except json.JSONDecodeError as error:
        raise InputError(
            f"not JSON: {error.msg}", file=file, line=error.lineno, column=error.colno
        ) from None
    try:
        return _recorded(file, _chosen(file, document, requirement))
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(
            f"damaged trace: {type(error).__name__}: {error}",
            file=file,
            allowed="a file written by `planespec check --save` or --itf, or an ITF trace",
        ) from None


def _chosen(file: Path, document: Any, requirement: str | None) -> Any:
    """The document as if nothing but the requirement had been judged."""
    if requirement is None:
        return document
    several = document.get("violations") if isinstance(document, dict) else None
    found = {violation["property"]: violation for violation in several or ()}
    if requirement not in found:
        known = ", ".join(filter(None, found)) or "none that is named"
        raise ConfigurationError(
            f"{file} holds no counterexample to {requirement!r}; it holds {known}"
        )
    return {
        **document,
        "violation": found[requirement],
        "requirements": [c for c in document["requirements"] if c["id"] == requirement],
        "deadlock_checked": requirement == found[requirement]["kind"] == "deadlock",
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
        return _from_saved(file, document)
    if isinstance(document, dict) and isinstance(document.get("states"), list):
        return _from_itf(file, document)
    raise InputError(
        "neither an answer of `planespec check --save` nor an ITF trace",
        file=file,
        allowed="an object with `states`, or with `schema` " + SCHEMA,
    )


def _from_saved(file: Path, document: dict[str, Any]) -> Recorded:
    violation = document["violation"]
    if violation is None or violation["kind"] == "unreached":
        raise ConfigurationError(
            f"{file} holds no counterexample to replay: the verdict was {document['verdict']}"
        )
    trace = violation["trace"]
    failing = Call(violation["action"], violation["arguments"]) if violation["action"] else None
    return Recorded(
        file,
        tuple(trace["states"]),
        tuple(Call(step["action"], step["arguments"]) for step in trace["steps"]),
        document["model"],
        _pairs(document["constants"]),
        document["mutant"],
        tuple(claim["id"] for claim in document["requirements"]),
        document["deadlock_checked"],
        failing,
        trace.get("loop"),
    )


def _from_itf(file: Path, document: dict[str, Any]) -> Recorded:
    meta = document.get("#meta") or {}
    states = tuple(document["states"])
    if not states:
        raise InputError("a trace without states", file=file)
    requirements = _meta(meta, "requirements", None)
    failing = _meta(meta, "failingStep", None)
    return Recorded(
        file,
        states,
        tuple(_itf_call(state) for state in states[1:]),
        meta.get("source"),
        _pairs(_meta(meta, "constants", {})),
        meta.get("mutant"),
        None if requirements is None else tuple(requirements),
        bool(_meta(meta, "deadlockChecked", True)),
        Call(failing["action"], failing["arguments"]) if failing else None,
        document.get("loop"),
    )


def _itf_call(state: dict[str, Json]) -> Call:
    action, picks = state.get(ACTION), state.get(PICKS)
    if not isinstance(picks, dict) or "#map" in picks:
        return Call(action, None)
    taken = {n: pick["value"] for n, pick in picks.items() if pick.get("tag") == "Some"}
    return Call(action, taken)


def _meta(meta: dict[str, Any], key: str, default: Any) -> Any:
    return json.loads(meta[key]) if key in meta else default


def _pairs(constants: dict[str, Any]) -> tuple[str, ...]:
    """Constants as on the command line, where a bool is `true` or `false`."""
    return tuple(
        f"{name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in constants.items()
    )


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
