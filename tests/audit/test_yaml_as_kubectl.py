"""YAML means what it means to kubectl: held to what kubectl v1.32.4 made of the same texts.

Recorded with `kubectl annotate --local -f - -o json`, which reads as every other command does.
"""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import audit_bytes

from planespec.reports.audit.reading.yaml_stream import YamlStream
from planespec.reports.audit.reading.yaml_values import YamlError, read_document

RECORDED = json.loads(
    (Path(__file__).resolve().parents[1] / "recorded" / "kubectl_yaml.json").read_text("utf-8")
)


def read(text: str) -> Any:
    """The value of a document, None where it is refused."""
    try:
        return read_document(text)[0]
    except YamlError:
        return None


@pytest.mark.parametrize("text", RECORDED["scalars"])
def test_a_plain_scalar_is_what_kubectl_makes_of_it(text: str) -> None:
    expected = RECORDED["scalars"][text]
    found = read(f"spec: {{v: {text} }}")
    if type(expected) is int and abs(expected) >= 2**63:
        expected = float(expected)  # which Go writes without an exponent
    if isinstance(expected, dict):
        assert found is None
    else:
        assert (found["spec"]["v"], type(found["spec"]["v"]) is bool) == (
            expected,
            type(expected) is bool,
        )


@pytest.mark.parametrize("name", RECORDED["documents"])
def test_keys_merges_and_tags_are_what_kubectl_makes_of_them(name: str) -> None:
    text, expected = RECORDED["documents"][name]
    assert read(text) == expected


@pytest.mark.parametrize("name", RECORDED["streams"])
def test_documents_are_told_apart_as_kubectl_tells_them(name: str) -> None:
    text, expected = RECORDED["streams"][name]
    stream = io.BufferedReader(io.BytesIO(text.encode()))  # type: ignore[arg-type]
    found = list(YamlStream("f", stream).read())
    is_refused = any(type(each).__name__ == "Unread" for each in found)
    names = [each.value["metadata"]["name"] for each in found if hasattr(each, "value")]
    assert (None if is_refused else names) == expected


TWICE = b"""# a comment
apiVersion: v1
kind: ConfigMap
metadata: {name: m}
data:
  a: "1"
  b: "2"
  a: "3"
"""


def test_a_key_that_stands_twice_is_told_with_its_line_and_the_last_value_counts() -> None:
    report = audit_bytes(TWICE)
    (found,) = report.violations
    assert (found.requirement.id, found.field) == ("OBJ-26", "data.a")
    assert found.objects[0].place is not None
    assert found.objects[0].place.line == 8
    assert (report.counts, report.malformed) == ({"ConfigMap": 1}, [])


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (b'{"kind": "ConfigMap", "metadata": {"name": "m"}, "data": {}, "data": {}}', ["data"]),
        (
            b'{"kind": "List", "items": [{"apiVersion": "v1", "kind": "ConfigMap",'
            b' "metadata": {"name": "m", "name": "n"}, "data": {"a": "1", "a": "2"}}]}',
            ["metadata.name", "data.a"],
        ),
        (b'{"kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"a": "", "b": ""}}', []),
    ],
)
def test_a_name_that_stands_twice_in_json_is_told(text: bytes, fields: list[str]) -> None:
    found = [each for each in audit_bytes(text).violations if each.requirement.id == "OBJ-26"]
    assert sorted(each.field for each in found) == sorted(fields)
