"""A container runtime answers as recorded ones did, call by call, with all it knows and tells."""

import copy
from pathlib import Path
from typing import Any

import pytest
from recordings import check_refusal, get_recording, judge_lines, read_lines

from planespec.checker.errors import ExitCode
from planespec.reports.judge.judges import load_judge, recognise
from planespec.reports.judge.runner import run

CASES = {"cri": 8525, "cri_1_6": 2850}
EVERY = 4


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_all_recorded_calls_agree(name: str) -> None:
    tally = run(load_judge(name), [get_recording(name)])
    assert (tally.cases, tally.agree) == (CASES[name], CASES[name])
    assert tally.exit_code == ExitCode.HOLDS


@pytest.mark.parametrize("name", CASES)
def test_sampled_calls_agree(name: str, tmp_path: Path) -> None:
    tally = judge_lines(name, tmp_path, *read_lines(name, every=EVERY))
    assert tally.agree == tally.cases > CASES[name] // (EVERY + 1)


@pytest.mark.parametrize("name", CASES)
def test_a_recording_is_known_by_its_looks(name: str) -> None:
    assert recognise(get_recording(name)) == name


POD = {"op": "RunPodSandbox", "pod": "0", "attempt": 0, "net": "node", "pid": "CONTAINER"}
APP = {
    "op": "CreateContainer",
    "sandbox": "s0",
    "name": "a",
    "attempt": 0,
    "image": "example.test/app:1",
    "args": ["pause"],
}


@pytest.fixture(scope="module")
def lines() -> list[Any]:
    return read_lines("cri")


def find_step(lines: list[Any], op: str, code: str = "OK") -> tuple[Any, Any]:
    """A copy of the first line with such a step, and the step."""
    for line in lines:
        for index, step in enumerate(line["steps"]):
            if step["step"]["op"] == op and step["code"] == code:
                found = copy.deepcopy(line)
                return found, found["steps"][index]
    raise AssertionError(op)


def count_disagreements(folder: Path, line: Any) -> int:
    tally = judge_lines("cri", folder, line)
    return tally.cases - tally.agree


@pytest.mark.parametrize(
    ("op", "code", "field", "value"),
    [
        ("RunPodSandbox", "OK", "code", "UNKNOWN"),
        ("RunPodSandbox", "FAILED_PRECONDITION", "code", "UNKNOWN"),
        ("CreateContainer", "OK", "result", {"id": "c9"}),
        ("CreateContainer", "FAILED_PRECONDITION", "message", "taken"),
        ("StopContainer", "OK", "result", {"waitedTimeout": 1}),
        ("ListPodSandbox", "OK", "result", {"items": ["s9"]}),
        ("ListImages", "OK", "result", {"tags": []}),
        ("ContainerStatus", "OK", "result", {}),
        ("ExecSync", "DEADLINE_EXCEEDED", "code", "UNKNOWN"),
        ("StartContainer", "OK", "state", {"sandboxes": {}, "containers": {}}),
        ("RestartRuntime", "OK", "state", {"sandboxes": {}, "containers": {"c0": {}}}),
    ],
)
def test_another_answer_is_noticed(
    op: str, code: str, field: str, value: object, lines: list[Any], tmp_path: Path
) -> None:
    line, step = find_step(lines, op, code)
    step[field] = value
    assert count_disagreements(tmp_path, line) == 1


def list_events(line: Any) -> list[Any]:
    return [event for step in line["steps"] for event in step["events"]]


@pytest.mark.parametrize("field", [0, 1, 2, 3])
def test_another_event_is_noticed(field: int, lines: list[Any], tmp_path: Path) -> None:
    line, _ = find_step(lines, "RemoveContainer")
    event = next(each for each in list_events(line) if each[3])
    event[field] = [["c9", "RUNNING"]] if field == 3 else "c9"
    assert count_disagreements(tmp_path, line) == 1


def test_an_event_too_few_or_too_many_is_noticed(lines: list[Any], tmp_path: Path) -> None:
    line, step = find_step(lines, "RunPodSandbox")
    step["events"].append(step["events"][-1])
    assert count_disagreements(tmp_path, line) == 1
    del step["events"][1:]
    assert count_disagreements(tmp_path, line) == 1


def test_an_event_may_come_later(lines: list[Any], tmp_path: Path) -> None:
    line, step = find_step(lines, "RunPodSandbox")
    index = line["steps"].index(step)
    following = line["steps"][index + 1]
    following["events"] = step["events"] + following["events"]
    step["events"] = []
    assert count_disagreements(tmp_path, line) == 0


def make_line(*steps: dict[str, object], runtime: str = "containerd v2.3.4") -> dict[str, object]:
    answers = {"code": "OK", "state": {"sandboxes": {}, "containers": {}}}
    return {"runtime": runtime, "net": "node", "steps": [{"step": s, **answers} for s in steps]}


STATUS = {"op": "PodSandboxStatus", "ref": "s0"}


def make_status(address: str, number: int = 0) -> dict[str, Any]:
    symbol = f"s{number}"
    sandboxes = {
        f"s{each}": {"state": "READY", "pod": str(each), "attempt": 0}
        for each in range(number + 1)
    }
    result = {"id": symbol, "state": "SANDBOX_READY", "name": ("web", "db")[number]}
    result |= {"attempt": 0, "ip": address, "handler": ""}
    run_step = {**POD, "net": "pod", "pod": str(number)}
    state = {"sandboxes": sandboxes, "containers": {}}
    return {
        "run": {"step": run_step, "code": "OK", "result": {"id": symbol}, "state": state},
        "status": {
            "step": {**STATUS, "ref": symbol},
            "code": "OK",
            "result": result,
            "state": state,
        },
    }


@pytest.mark.parametrize(
    ("addresses", "disagreements"),
    [
        (("10.0.0.1", "10.0.0.1"), 0),
        (("10.0.0.1", "10.0.0.2"), 1),
        (("", ""), 2),
        (("x", "x"), 2),
    ],
)
def test_an_address_is_any_but_always_the_same(
    addresses: tuple[str, str], disagreements: int, tmp_path: Path
) -> None:
    first, second = (make_status(each) for each in addresses)
    steps = [first["run"], first["status"], second["status"]]
    line = {"runtime": "containerd v2.3.4", "net": "pod", "steps": steps}
    assert count_disagreements(tmp_path, line) == disagreements


def test_two_sandboxes_do_not_have_one_address(tmp_path: Path) -> None:
    first, second = make_status("10.0.0.1"), make_status("10.0.0.1", 1)
    steps = [first["run"], first["status"], second["run"], second["status"]]
    line = {"runtime": "containerd v2.3.4", "net": "pod", "steps": steps}
    assert count_disagreements(tmp_path, line) == 1


def test_a_shim_of_another_release_stays(tmp_path: Path) -> None:
    line = next(
        copy.deepcopy(each)
        for each in read_lines("cri_1_6")
        if sum("failed to start shim" in step.get("message", "") for step in each["steps"]) > 1
    )
    runs = [each for each in line["steps"] if "failed to start shim" in each.get("message", "")]
    assert judge_lines("cri_1_6", tmp_path, line).exit_code == ExitCode.HOLDS
    del runs[-1]["message"]
    runs[-1].update(code="OK", result={"id": "s0"})
    tally = judge_lines("cri_1_6", tmp_path, line)
    assert tally.cases - tally.agree == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (make_line(POD, runtime="cri-o"), "runtime: must be one of containerd v2.3.4"),
        ({"runtime": "containerd v2.3.4"}, "steps: is missing"),
        (make_line({"op": "Checkpoint"}), "steps[0].step.op: 'Checkpoint' is none of"),
        (make_line({**POD, "pod": "9"}), "steps[0].step.pod: must be one of 0, 1, 2"),
        (make_line({"op": "StopPodSandbox"}), "steps[0].step.ref: is missing"),
        (make_line({"op": "StopPodSandbox", "ref": "?"}), "'?' is no symbol"),
        (make_line({"op": "StopContainer", "ref": "c0"}), "steps[0].step.timeout: is missing"),
        (
            make_line({"op": "KillProcess", "ref": "c0", "signal": 9}),
            "steps[0].step.ref: has no process",
        ),
        (make_line(POD, {**APP, "args": ["exit"]}), "steps[1].step.args[1]: must be a number"),
        (make_line({"op": "ListPodSandbox", "state": "X"}), "step.state: must be one of"),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: object, message: str, tmp_path: Path
) -> None:
    check_refusal("cri", tmp_path, line, message)
