"""A pod whose fields are of other types than the API's is refused where rules read it as JSON."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from recordings import check_refusal, count_cases, read_lines

Place = tuple[str | int, ...]

MALFORMED: list[tuple[str, Place, object, str]] = [
    ("kubelet_statusmanager", ("pod", "metadata", "uid"), [], "uid: must be of the type string"),
    ("kubelet_statusmanager", ("pod", "spec", "containers", 0), 1.5, "type object"),
    ("kubelet_statusmanager", ("pod", "metadata", "generation"), 10**30, "fit into 64 bits"),
    ("kubelet_statusmanager", ("pod", "spec", "containers", 0, "name"), None, "name: is missing"),
    ("kubelet_podstatus", ("pod", "spec", "readinessGates"), [{}], "conditionType: is missing"),
    ("kubelet_podstatus", ("pod", "spec", "initContainers"), ["x"], "initContainers[0]: must be"),
    ("kubelet_podstatus", ("pod", "spec", "restartPolicy"), True, "must be of the type string"),
    ("kubelet_podstatus", ("steps", 0, "in", "apiConditions"), [[]], "conditions[0]: must be of"),
    ("kubelet_podstatus", ("steps", 0, "in", "apiConditions"), [{}], "conditions[0].type: is"),
    (
        "kubelet_podstatus",
        ("steps", 0, "in", "runtime"),
        [{"name": "c0", "id": "1", "state": "running", "startedAt": 10**12}],
        "startedAt: must be of the years 1970 to 9999",
    ),
    ("kubelet_resize", ("steps", 0, "spec", "containers"), [None], "containers[0]: must be of"),
    ("kubelet_containerd", ("pod", "spec", "initContainers"), [7], "initContainers[0]: must be"),
    (
        "kubelet_containerd",
        ("pod", "spec", "containers", 0, "restartPolicy"),
        {},
        "restartPolicy: must be of the type string",
    ),
]


def put(line: Any, place: Place, value: object) -> Any:
    line = deepcopy(line)
    holder = line
    for name in place[:-1]:
        holder = holder[name]
    holder[place[-1]] = value
    return line


@pytest.mark.parametrize(("name", "place", "value", "message"), MALFORMED)
def test_a_field_of_another_type_is_refused(
    name: str, place: Place, value: object, message: str, tmp_path: Path
) -> None:
    (line,) = read_lines(name, most=1)
    check_refusal(name, tmp_path, put(line, place, value), message)


def test_a_status_of_another_type_is_refused(tmp_path: Path) -> None:
    lines = read_lines("kubelet_statusmanager", most=1)
    number = next(i for i, step in enumerate(lines[0]["steps"]) if "status" in step)
    line = put(lines[0], ("steps", number, "status", "podIPs"), [{"ip": ["::1"]}])
    message = f"steps[{number}].status.podIPs[0].ip: must be of the type string"
    check_refusal("kubelet_statusmanager", tmp_path, line, message)


def test_a_condition_without_a_status_is_refused(tmp_path: Path) -> None:
    lines = read_lines("kubelet_statusmanager", most=1)
    number = next(i for i, step in enumerate(lines[0]["steps"]) if "status" in step)
    line = put(lines[0], ("steps", number, "status", "conditions"), [{"type": "Ready"}])
    message = f"steps[{number}].status.conditions[0].status: is missing"
    check_refusal("kubelet_statusmanager", tmp_path, line, message)


def test_told_states_of_a_container_are_read_by_type(tmp_path: Path) -> None:
    (line,) = read_lines("kubelet_containerd", most=1)
    told = (number for number, each in enumerate(line["status"]) if each["pod"] is not None)
    pod = ("status", next(told), "pod")
    check_refusal(
        "kubelet_containerd", tmp_path, put(line, (*pod, "conditions"), {"Ready": {}}), "Ready"
    )
    state = {"c": {"state": {"is": "terminated", "exitCode": []}}}
    place = (*pod, "containerStatuses")
    check_refusal("kubelet_containerd", tmp_path, put(line, place, state), "exitCode: must be an")


def test_unknown_fields_and_null_are_as_good_as_absent(tmp_path: Path) -> None:
    (line,) = read_lines("kubelet_podstatus", most=1)
    steps = len(line["steps"])
    line = put(line, ("pod", "spec", "told"), {"by": ["others"]})
    assert count_cases("kubelet_podstatus", tmp_path, line) == (steps, 0)
    line = put(line, ("pod", "spec", "readinessGates"), None)
    assert count_cases("kubelet_podstatus", tmp_path, line)[0] == steps
