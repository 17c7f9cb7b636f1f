"""A node under pressure behaves as a kubelet's own eviction manager did."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recordings import check_refusal, get_recording, judge_lines, read_lines

from planespec.checker.errors import ExitCode
from planespec.reports.judge.judges import load_judge
from planespec.reports.judge.runner import run

RECORDING = get_recording("eviction")
LINES, PASSES = 300, 14
SAMPLE = 60


def count_cases(lines: list[object], folder: Path) -> dict[str, tuple[int, int]]:
    """Cases of each kind, and how many of them agree."""
    tally = judge_lines("eviction", folder, *lines)
    return {kind: (count.cases, count.agree) for kind, count in tally.kinds.items()}


def test_the_first_recorded_kubelets_agree(tmp_path: Path) -> None:
    found = count_cases(read_lines("eviction", most=SAMPLE), tmp_path)
    assert found == {"qos": (SAMPLE, SAMPLE), "pass": (SAMPLE * PASSES, SAMPLE * PASSES)}


@pytest.mark.slow
def test_all_recorded_kubelets_agree() -> None:
    tally = run(load_judge("eviction"), [RECORDING])
    agree = {kind: count.agree for kind, count in tally.kinds.items()}
    assert agree == {"qos": LINES, "pass": LINES * PASSES}
    assert tally.exit_code == ExitCode.HOLDS


def first_kill(line: Any) -> Any:
    return next(each for step in line["steps"] for each in step["result"]["killCalls"] or [])


def set_grace(line: Any) -> None:
    first_kill(line)["grace"] = 7


def set_message(line: Any) -> None:
    first_kill(line)["message"] += "x"


def drop_threshold(line: Any) -> None:
    line["steps"][0]["result"]["thresholdsMet"].pop()


def add_condition(line: Any) -> None:
    line["steps"][0]["result"]["conditions"].append("PIDPressure")


def refuse(line: Any) -> None:
    line["steps"][0]["result"]["admit"]["p100"] = False


def claim_garbage(line: Any) -> None:
    line["steps"][0]["result"]["gc"] = ["images"]


@pytest.mark.parametrize(
    "tamper", [set_grace, set_message, drop_threshold, add_condition, refuse, claim_garbage]
)
def test_another_recorded_result_is_noticed(tamper: Callable[[Any], None], tmp_path: Path) -> None:
    (line,) = read_lines("eviction", most=1)
    tamper(line)
    assert count_cases([line], tmp_path)["pass"] == (PASSES, PASSES - 1)


def is_of_two_choices(line: Any, result: Any) -> bool:
    """Whether images or the inodes of the node could be relieved, with garbage or without."""
    met = {"imagefs.available", "nodefs.inodesFree"}
    kills = result["killCalls"] or [{}]
    relieves = set(result["thresholdsMet"]) == met and "conditions" in kills[0]
    return relieves and line["dedicatedImageFs"]


def test_an_answer_mixed_from_two_thresholds_is_noticed(tmp_path: Path) -> None:
    """Each part could be right, but no single choice leads to both."""
    found = (
        (line, step["result"])
        for line in read_lines("eviction", most=LINES)
        for step in line["steps"]
        if is_of_two_choices(line, step["result"])
    )
    line, result = next(found)
    result["gc"] = None if result["gc"] else ["containers", "images"]
    assert count_cases([line], tmp_path)["pass"] == (PASSES, PASSES - 1)


NODE = {
    **{f"{fs}Fs{what}": 1 for fs in ("Node", "Image") for what in ("Available", "Capacity")},
    **{f"{fs}Fs{what}": 1 for fs in ("Node", "Image") for what in ("InodesFree", "Inodes")},
    **{f"{kind}{what}": 1 for kind in ("Mem", "Alloc") for what in ("Available", "WorkingSet")},
    **{"MaxPID": 1, "Running": 1},
}
STEP = {"dt": 1, "active": [], "node": NODE, "usage": {}, "result": {}}
STEP |= {"gcContainerBytes": 0, "gcImageBytes": 0}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"steps": []}, "pods: is missing"),
        ({"pods": [], "steps": [{"dt": 1}]}, "steps[0].node: is missing"),
        ({"pods": [], "steps": [STEP | {"active": ["x"]}]}, "there is no pod x"),
        (
            {"pods": [], "steps": [STEP | {"node": {}}]},
            "steps[0].node.NodeFsAvailable: is missing",
        ),
        ({"pods": [], "steps": [STEP | {"node": NODE | {"MaxPID": -1}}]}, "does not fit"),
        (
            {"pods": [], "steps": [], "evictionHard": {"cpu": "1"}},
            "unsupported eviction signal cpu",
        ),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: object, message: str, tmp_path: Path
) -> None:
    check_refusal("eviction", tmp_path, line, message)
