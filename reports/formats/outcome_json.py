"""The JSON form of an outcome, printed by `--json` and written by `--save`.

The same search gives the same text, byte for byte, on every machine and with any number of
workers, but for the object under `timing`. Values have their ITF form; docs/json.md has the keys.
"""

import json
from typing import Any

from planespec.checker.outcome import Outcome, Statistics, Trace, Violation
from planespec.reports.formats.itf_values import encode, encode_plain
from planespec.reports.text.subject import Subject, exit_code_of
from planespec.reports.text.wording import constant_as_json, place_document

SCHEMA = "planespec/check/1"
"""Changes only when a key changes its meaning or goes away."""


def outcome_document(subject: Subject, outcome: Outcome) -> dict[str, Any]:
    """The outcome as JSON data."""
    return {
        "schema": SCHEMA,
        "model": subject.target,
        "constants": {name: constant_as_json(v) for name, v in subject.instance.constants.items()},
        "mutant": subject.instance.mutant,
        "deadlock_checked": subject.check_deadlock,
        "verdict": outcome.verdict.value,
        "bound": outcome.bound,
        "reason": outcome.reason,
        "interrupted": outcome.interrupted,
        "exit_code": int(exit_code_of(outcome)),
        "engine": outcome.engine,
        "symmetry": list(outcome.symmetry),
        "requirements": [_claim(subject, outcome, id_) for id_ in outcome.requirements],
        "reached": outcome.reached,
        "not_applicable": subject.not_applicable,
        "violation": violation_document(subject, outcome.violation),
        "violations": [violation_document(subject, each) for each in outcome.violations],
        "complete": outcome.complete,
        "statistics": _statistics(outcome.statistics),
        "timing": _timing(outcome),
    }


def dumps(document: dict[str, Any]) -> str:
    """The text of a document; keys stay in the order they are documented in."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def _claim(subject: Subject, outcome: Outcome, id_: str) -> dict[str, str]:
    claim = subject.claim(id_)
    assert claim is not None, f"an engine judged {id_}, which the model does not claim"
    return {
        "id": id_,
        "name": claim.name,
        "kind": claim.kind.name.lower(),
        "statement": claim.statement,
        "source": claim.source,
        "verdict": outcome.verdict_on(id_).value,
    }


def violation_document(subject: Subject, violation: Violation | None) -> dict[str, Any] | None:
    """What went wrong, with the trace that leads there; None for nothing."""
    if violation is None:
        return None
    return {
        "kind": violation.kind.value,
        "property": violation.property,
        "statement": subject.statement(violation.property),
        "message": violation.message,
        "at": place_document(violation.at),
        "action": violation.action,
        "arguments": {name: encode_plain(value) for name, value in violation.arguments},
        "trace": trace_document(subject, violation.trace),
    }


def trace_document(subject: Subject, trace: Trace) -> dict[str, Any]:
    """States as objects by variable, and between them the steps; state k follows step k."""
    return {
        "variables": list(trace.variables),
        "states": [
            {
                name: encode(subject.instance.types[name], value)
                for name, value in zip(trace.variables, state, strict=True)
            }
            for state in trace.states
            if state
        ],
        "steps": [
            {
                "action": step.action,
                "arguments": {name: encode_plain(value) for name, value in step.arguments},
            }
            for step in trace.steps
        ],
        "loop": trace.loop,
    }


def _statistics(numbers: Statistics) -> dict[str, Any]:
    return {
        "generated": numbers.generated,
        "distinct": numbers.distinct,
        "left": numbers.left,
        "depth": numbers.depth,
        "levels": list(numbers.levels),
        "actions": {
            name: {"generated": count.generated, "distinct": count.distinct}
            for name, count in numbers.actions.items()
        },
        "never_enabled": list(numbers.never_enabled),
        "unchanged": list(numbers.unchanged),
        "cut": numbers.cut,
        "bits_per_state": numbers.bits_per_state,
        "collision_probability": numbers.collision_probability,
    }


def _timing(outcome: Outcome) -> dict[str, Any]:
    numbers = outcome.statistics
    return {
        "workers": outcome.workers,
        "search_seconds": round(numbers.search_seconds, 6),
        "compile_seconds": round(numbers.compile_seconds, 6),
        "bytes_per_state": round(numbers.bytes_per_state, 3),
    }
