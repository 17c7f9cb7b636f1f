"""The line of a finding is that of the field it names."""

import gzip
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import make_pod

from planespec.reports.audit.audit_result import render_json
from planespec.reports.audit.field_lines import locate_field
from planespec.reports.audit.sources import audit_files

YAML = """apiVersion: v1
kind: ConfigMap
metadata:
  name: a
---
# A comment.
apiVersion: v1
kind: Pod
metadata:
  name: b
spec:
  restartPolicy: Never
  containers:
  - name: c
    image: i:1
    resources:
      requests:
        cpu: 2
      limits: {cpu: 1}
  - {name: d,
     image: ""}
"""
LIST = """apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: a}
  data:
    "a b": x
- apiVersion: v1
  kind: Node
  metadata: {name: node1}
  spec:
    taints:
    - {key: a, effect: NoSchedule}
    - {key: b, effect: Never}
"""


def lines(path: Path) -> list[tuple[str, int]]:
    found = []
    for violation in audit_files([str(path)]).violations:
        place = locate_field(violation)
        assert place is not None
        found.append((violation.field, place.line))
    return sorted(found)


def write(folder: Path, text: str, name: str = "a.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_fields_of_a_document_are_found(tmp_path: Path) -> None:
    assert lines(write(tmp_path, YAML)) == [
        ("spec.containers[0].resources.requests", 17),
        ("spec.containers[1].image", 21),
    ]


def test_fields_of_the_items_of_a_list_are_found(tmp_path: Path) -> None:
    found = lines(write(tmp_path, LIST))
    assert ("data[a b]", 8) in found
    assert {line for field, line in found if field.endswith("taints[1].effect")} == {15}


def test_a_taint_is_found_though_upstream_names_it_in_the_metadata(tmp_path: Path) -> None:
    text = LIST.replace("{key: a, effect", "{key: a b, effect")
    assert ("metadata.taints[0].key", 14) in lines(write(tmp_path, text))


@pytest.mark.parametrize("indent", [None, 2])
def test_fields_of_json_are_found(indent: int | None, tmp_path: Path) -> None:
    pod = make_pod(
        "a", container={"env": [{"name": "A", "value": "}"}, {"name": "=", "value": ""}]}
    )
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [pod]}, indent=indent)
    [(_, line)] = lines(write(tmp_path, text, "a.json"))
    number = next(i for i, each in enumerate(text.split("\n"), 1) if '"="' in each)
    assert line == number


def test_a_field_that_is_missing_is_where_the_one_around_it_begins(tmp_path: Path) -> None:
    text = YAML.replace("    image: i:1\n", "")
    assert ("spec.containers[0].image", 14) in lines(write(tmp_path, text))


def test_a_packed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml.gz"
    path.write_bytes(gzip.compress(YAML.encode()))
    assert lines(path)[1] == ("spec.containers[1].image", 21)


def test_a_file_that_is_gone_leaves_the_line_of_the_object(tmp_path: Path) -> None:
    path = write(tmp_path, LIST)
    report = audit_files([str(path)])
    path.unlink()
    told = json.loads(render_json(report))["violations"]
    assert {each["line"] for each in told} == {4, 9}
