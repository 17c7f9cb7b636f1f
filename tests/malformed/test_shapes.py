"""Readers look at the shape of a file before they use it, and name the field that is wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import COUNTER, Commands

from planespec.checker.errors import ExitCode

BAGS = Path(__file__).resolve().parents[1] / "front/zoo/collections_zoo.py"
Change = Callable[[Any], object]


def put(*path: Any) -> Change:
    """Put the last of the names where the others lead."""
    *keys, last, value = path

    def change(document: Any) -> None:
        for key in keys:
            document = document[key]
        document[last] = value

    return change


SAVED: dict[str, tuple[Change, str]] = {
    "a model that is a number": (put("model", 0), "model: must be a string"),
    "a mutant that is a list": (put("mutant", []), "mutant: must be a string"),
    "constants that are a list": (put("constants", [1]), "constants: must be an object"),
    "a constant that is none": (put("constants", "limit", None), "constants.limit: is no value"),
    "a claim without a name": (put("requirements", 0, {}), "requirements[0].id: is missing"),
    "a state that is a number": (
        put("violation", "trace", "states", 1, 7),
        "violation.trace.states[1]: must be an object",
    ),
    "a step too few": (put("violation", "trace", "steps", []), "violation.trace.steps: must be"),
    "no states": (put("violation", "trace", "states", []), "a trace without states"),
    "a step that is a text": (
        put("violation", "trace", "steps", 0, "up"),
        "violation.trace.steps[0]: must be an object",
    ),
    "a loop to nowhere": (put("violation", "trace", "loop", 99), "there is no state 99"),
    "a trace that is a list": (
        put("violation", "trace", []),
        "violation.trace: must be an object",
    ),
}
ITF: dict[str, tuple[Change, str]] = {
    "a source that is true": (put("#meta", "source", True), "#meta.source: must be a string"),
    "meta that is a text": (put("#meta", "x"), "#meta: must be an object"),
    "constants that are no JSON": (put("#meta", "constants", "{"), "#meta.constants: is not JSON"),
    "a state that is null": (put("states", 0, 3), "states[0]: must be an object"),
    "an action that is a list": (
        put("states", 1, "mbt::actionTaken", []),
        "states[1].mbt::actionTaken: must be a string",
    ),
    "half a character": (put("states", 0, "count", "\ud800"), "half of a surrogate pair"),
}


def replayed(planespec: Commands, option: str, change: Change) -> tuple[int, str]:
    planespec("check", planespec.write(COUNTER), "--mutant", "runaway", option, "made.json")
    document = json.loads((planespec.folder / "made.json").read_text(encoding="utf-8"))
    change(document)
    planespec.write(json.dumps(document), "changed.json")
    answer = planespec("replay", "changed.json")
    assert "internal error" not in answer.err
    return answer.code, answer.err


@pytest.mark.parametrize("case", SAVED)
def test_the_wrong_field_of_a_saved_answer_is_named(planespec: Commands, case: str) -> None:
    change, message = SAVED[case]
    code, told = replayed(planespec, "--save", change)
    assert message in told
    assert code == ExitCode.PARSE


@pytest.mark.parametrize("case", ITF)
def test_the_wrong_field_of_an_itf_trace_is_named(planespec: Commands, case: str) -> None:
    change, message = ITF[case]
    code, told = replayed(planespec, "--itf", change)
    assert message in told
    assert code == ExitCode.PARSE


def test_a_bag_of_more_copies_than_it_holds_is_refused_at_once(planespec: Commands) -> None:
    planespec("check", f"{BAGS}:Bags", "--engine", "python", "--save", "made.json")
    text = (planespec.folder / "made.json").read_text(encoding="utf-8")
    document = json.loads(text)
    states = document["violation"]["trace"]["states"]
    name = next(n for state in states for n, v in state.items() if is_map(v) and v["#map"])
    held = next(state[name]["#map"] for state in states if state[name]["#map"])
    held[0][1] = {"#bigint": str(10**30)}
    planespec.write(json.dumps(document), "changed.json")
    answer = planespec("replay", "changed.json")
    assert answer.code == ExitCode.PARSE
    assert f"{name}: expected a value of type" in answer.err


def is_map(value: object) -> bool:
    return isinstance(value, dict) and "#map" in value


def test_what_a_stream_cannot_show_is_written_as_an_escape(planespec: Commands) -> None:
    answer = planespec("check", "no\udcff.py")
    assert "no\\udcff.py: there is no such file" in answer.err
    assert answer.code == ExitCode.PARSE


def test_a_key_that_is_no_text_is_named_in_a_sequence_of_etcd(planespec: Commands) -> None:
    put_ = {"op": "kv/put", "request": {"key": ["a"]}, "code": 200, "response": {}}
    txn = {"success": [{"request_range": {"key": "a", "sort_order": "UP"}}]}
    for operation, field in (
        (put_, "request.key: must be a string, not a list"),
        (put_ | {"op": "kv/txn", "request": txn}, "request.success[0].request_range.sort_order"),
        (put_ | {"request": {"key": "a", "lease": 2**63}}, "request.lease: does not fit"),
    ):
        line = {"startRevision": 1, "prefix": "", "ops": [operation], "watch": []}
        planespec.write(json.dumps(line), "etcd.jsonl")
        answer = planespec("conform", "etcd", "etcd.jsonl")
        assert f"etcd.jsonl:1: {field}" in answer.err
        assert answer.code == ExitCode.PARSE
