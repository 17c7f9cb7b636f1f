"""Every recorded answer about quantities, pods, selectors, taints and names is ours too."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.primitives import judge
from planespec.reports.judge.runner import run

RECORDING = Path(__file__).parent.parent / "recorded" / "primitives.jsonl.gz"
CASES = {
    "cpu": 165,
    "names": 221,
    "nodeSelector": 1250,
    "pod": 1500,
    "quantity": 2011,
    "quantityCmp": 1000,
    "selector": 1250,
    "selectorString": 1250,
    "tolerates": 1250,
}

QUANTITY: dict[str, dict[str, object]] = {
    "in": {"op": "quantity", "s": "1"},
    "out": {"format": "DecimalSI", "milli": 1000, "sign": 1, "string": "1", "value": 1},
}


def test_all_recorded_cases_agree() -> None:
    tally = run(judge, [RECORDING])
    print({kind: (count.agree, count.cases) for kind, count in tally.kinds.items()})
    assert {kind: count.agree for kind, count in tally.kinds.items()} == CASES
    assert {kind: count.cases for kind, count in tally.kinds.items()} == CASES
    assert tally.exit_code == ExitCode.HOLDS


def change_first_leaf(value: object) -> object:
    """A JSON value that differs in one leaf."""
    if isinstance(value, dict) and value:
        first = min(value)
        return {**value, first: change_first_leaf(value[first])}
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}x"


def test_a_tampered_answer_of_any_kind_is_detected(tmp_path: Path) -> None:
    tampered = tmp_path / "tampered.jsonl"
    seen: set[str] = set()
    lines = []
    for text in gzip.decompress(RECORDING.read_bytes()).decode().splitlines():
        record = json.loads(text)
        operation = record["in"]["op"]
        if operation not in seen:
            record["out"] = change_first_leaf(record["out"])
            seen.add(operation)
        lines.append(json.dumps(record))
    tampered.write_text("\n".join(lines))
    tally = run(judge, [tampered], keep=100)
    assert {item.kind for item in tally.disagreements} == set(CASES)
    assert tally.cases - tally.agree == len(CASES)
    assert tally.exit_code == ExitCode.SAFETY


def test_a_renamed_or_added_field_of_an_answer_is_detected(tmp_path: Path) -> None:
    file = tmp_path / "fields.jsonl"
    out = QUANTITY["out"]
    renamed = {("units" if name == "milli" else name): value for name, value in out.items()}
    added = {**out, "extra": None}
    file.write_text("\n".join(json.dumps({**QUANTITY, "out": each}) for each in (renamed, added)))
    assert run(judge, [file]).agree == 0


def without(record: dict[str, dict[str, object]], part: str, name: str) -> dict[str, object]:
    """The record without one field."""
    return {**record, part: {key: value for key, value in record[part].items() if key != name}}


MALFORMED: list[tuple[str, object, str]] = [
    ("no operation", {"in": {}, "out": {}}, "in.op: '' is not an operation"),
    ("an unknown operation", {"in": {"op": "guess"}, "out": {}}, "'guess' is not an operation"),
    ("no question", {"out": {}}, "in.op: '' is not an operation"),
    ("no answer", {"in": {"op": "quantity", "s": "1"}}, "out: must be an object"),
    ("an answer that is a list", {**QUANTITY, "out": []}, "out: must be an object"),
    ("a question that is a list", {**QUANTITY, "in": []}, "in: must be an object, not a list"),
    ("no quantity", without(QUANTITY, "in", "s"), "in.s: is missing"),
    (
        "a number for a text",
        {"in": {"op": "quantity", "s": 5}, "out": {}},
        "in.s: must be a string, not an integer",
    ),
    (
        "a quantity that cannot be compared",
        {"in": {"op": "quantityCmp", "a": "1", "b": "x"}, "out": {}},
        "in.b: quantities must match the regular expression",
    ),
    (
        "a bad quantity in a pod",
        {
            "in": {
                "op": "pod",
                "memoryCapacity": 1,
                "pod": {"spec": {"containers": [{"resources": {"limits": {"cpu": "x"}}}]}},
            },
            "out": {},
        },
        "in.pod.spec.containers[0].resources.limits.cpu: quantities must match",
    ),
    (
        "a pod on a node without memory",
        {"in": {"op": "pod", "pod": {}, "memoryCapacity": 0}, "out": {}},
        "in.memoryCapacity: must be positive",
    ),
    (
        "containers that are no list",
        {"in": {"op": "pod", "memoryCapacity": 1, "pod": {"spec": {"containers": 3}}}, "out": {}},
        "in.pod.spec.containers: must be a list, not an integer",
    ),
    (
        "labels that are no object",
        {"in": {"op": "selector", "selector": None, "labels": "a=b"}, "out": {}},
        "in.labels: must be an object, not a string",
    ),
    (
        "a label that is no text",
        {"in": {"op": "selectorString", "s": "a", "labels": {"a": True}}, "out": {}},
        "in.labels.a: must be a string, not a boolean",
    ),
    (
        "a toleration that is no object",
        {"in": {"op": "tolerates", "tolerations": [1], "taint": {}}, "out": {}},
        "in.tolerations[0]: must be an object, not an integer",
    ),
    (
        "a fraction for an integer",
        {"in": {"op": "cpu", "milli": 1.5, "period": 1}, "out": {}},
        "in.milli: must be an integer, not a number",
    ),
]


@pytest.mark.parametrize(
    ("record", "message"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED]
)
def test_a_malformed_record_is_reported_with_file_line_and_field(
    tmp_path: Path, record: object, message: str
) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(f"{json.dumps(QUANTITY)}\n{json.dumps(record)}\n")
    with pytest.raises(InputError) as caught:
        run(judge, [file])
    assert str(caught.value).startswith(f"{file}:2: ")
    assert message in str(caught.value)


@pytest.mark.parametrize("write", [str, lambda text: text + "\n"], ids=["bare", "ended"])
def test_a_recording_may_end_without_a_newline(
    tmp_path: Path, write: Callable[[str], str]
) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(write(json.dumps(QUANTITY)))
    assert run(judge, [file]).exit_code == ExitCode.HOLDS
