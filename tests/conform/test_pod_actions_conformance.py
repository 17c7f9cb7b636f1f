"""A kubelet's next actions, and the order in which a pod stops, as a real kubelet decided them."""

import json
from pathlib import Path
from typing import Any

import pytest
from recordings import check_refusal, check_whole, get_recording, judge_lines, read_texts

from planespec.reports.judge.judges import recognise

KINDS = {
    "podactions": {"actions": 3000},
    "kubelet_terminationorder": {"termination": 2000},
}


@pytest.mark.parametrize("name", KINDS)
def test_all_recorded_cases_agree(name: str) -> None:
    check_whole(name, KINDS[name])
    assert recognise(get_recording(name)) == name


def read_line(name: str, part: str) -> dict[str, Any]:
    """The first line in whose text the part stands."""
    lines = read_texts(name)
    line: dict[str, Any] = json.loads(next(text for text in lines if part in text))
    return line


def judge_line(name: str, line: object, folder: Path) -> int:
    """How many cases of one line agree."""
    return judge_lines(name, folder, line).agree


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("attempt", 7),
        ("containersToKill", {}),
        ("containersToStart", [2]),
        ("createSandbox", True),
        ("initContainersToStart", [0]),
        ("killPod", True),
        ("sandboxID", ""),
    ],
)
def test_another_action_is_noticed(field: str, value: object, tmp_path: Path) -> None:
    line = read_line("podactions", "failed liveness probe")
    assert judge_line("podactions", line, tmp_path) == 1
    line["actions"][field] = value
    assert judge_line("podactions", line, tmp_path) == 0


@pytest.mark.parametrize("field", ["message", "name", "reason"])
def test_another_word_about_a_kill_is_noticed(field: str, tmp_path: Path) -> None:
    line = read_line("podactions", "failed startup probe")
    next(iter(line["actions"]["containersToKill"].values()))[field] = "another"
    assert judge_line("podactions", line, tmp_path) == 0


def test_a_list_that_is_null_is_empty(tmp_path: Path) -> None:
    line = read_line("podactions", '"initContainersToStart":null')
    line["actions"]["initContainersToStart"] = []
    assert judge_line("podactions", line, tmp_path) == 1


@pytest.mark.parametrize(("field", "value"), [("waves", [["i0", "c0"]]), ("waitsFor", {"i0": []})])
def test_another_order_of_termination_is_noticed(
    field: str, value: object, tmp_path: Path
) -> None:
    line = read_line("kubelet_terminationorder", '"waves":[["c0"],["i0"]]')
    assert judge_line("kubelet_terminationorder", line, tmp_path) == 1
    line[field] = value
    assert judge_line("kubelet_terminationorder", line, tmp_path) == 0


ACTIONS = {"createSandbox": False, "killPod": False, "containersToKill": {}}
POD = {"spec": {"containers": [{"name": "c0"}]}}
READY = {"state": "ready"}


def make_line(**changes: object) -> dict[str, object]:
    """A line about a pod with a sandbox and no container yet."""
    return {"actions": ACTIONS, "containers": [], "pod": POD, "sandbox": READY, **changes}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"actions": ACTIONS}, "containers: is missing"),
        (make_line(actions={"killPod": True}), "actions.createSandbox: is missing"),
        (make_line(pod={"metadata": {}}), "pod.spec: is missing"),
        (make_line(sandbox={"attempt": 1}), "sandbox.state: is missing"),
        (make_line(sandbox={"state": "broken"}), "must be none, ready or notready"),
        (make_line(containers=[{"name": "c0", "id": "x"}]), "containers[0].state: is missing"),
        (
            make_line(containers=[{"name": "c0", "id": "x", "state": "gone"}]),
            "containers[0].state: must be one of created, running, exited, unknown, not 'gone'",
        ),
        (
            make_line(
                containers=[{"name": "c0", "id": "x", "state": "running"}], liveness={"c0": "OK"}
            ),
            "liveness.c0: must be one of Success, Failure, UNKNOWN, not 'OK'",
        ),
        (make_line(liveness={"c1": "Success"}), "liveness.c1: no container has that name"),
    ],
)
def test_a_malformed_line_of_actions_is_reported(
    line: object, message: str, tmp_path: Path
) -> None:
    check_refusal("podactions", tmp_path, line, message)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"containers": [], "waves": []}, "waitsFor: is missing"),
        ({"containers": [{}], "waitsFor": {}, "waves": []}, "containers[0].name: is missing"),
        (
            {"containers": [{"name": "a", "running": 1}], "waitsFor": {}, "waves": []},
            "containers[0].running: must be a boolean",
        ),
        (
            {
                "containers": [{"name": "a", "init": True, "sidecar": True, "running": True}] * 2,
                "waitsFor": {},
                "waves": [],
            },
            "containers: two of them are called 'a'",
        ),
    ],
)
def test_a_malformed_line_of_termination_is_reported(
    line: object, message: str, tmp_path: Path
) -> None:
    check_refusal("kubelet_terminationorder", tmp_path, line, message)
