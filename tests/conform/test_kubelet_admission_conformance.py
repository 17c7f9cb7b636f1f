"""A kubelet takes, turns away and kills pods as a recorded one did."""

from pathlib import Path

import pytest
from recordings import (
    check_refusal,
    check_whole,
    judge_lines,
    read_lines,
    write_lines,
)

from planespec.reports.judge.judges import load_judge, recognise
from planespec.reports.judge.runner import run

CASES = {
    "kubelet_admit": {"admission": 2000},
    "kubelet_preempt": {"preemption": 2000},
    "kubelet_sysctl": {"admission": 1045, "allowlist": 455},
}
SAMPLE = 7
"""Every so many lines are judged by default."""


def find_line(name: str, **wanted: object) -> dict[str, object]:
    """The first line that has these values."""
    lines: list[dict[str, object]] = read_lines(name)
    return next(each for each in lines if wanted.items() <= each.items())


@pytest.mark.parametrize("name", CASES)
def test_a_sample_of_the_recorded_cases_agrees(name: str, tmp_path: Path) -> None:
    path = write_lines(tmp_path, *read_lines(name, every=SAMPLE))
    assert recognise(path) == name
    tally = run(load_judge(name), [path])
    assert tally.agree == tally.cases == -(-sum(CASES[name].values()) // SAMPLE)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_all_recorded_cases_agree(name: str) -> None:
    check_whole(name, CASES[name])


@pytest.mark.parametrize(
    ("name", "kind", "change"),
    [
        ("kubelet_admit", {}, {"result": {"admit": False, "reason": "NodeName"}}),
        ("kubelet_preempt", {"critical": True}, {"critical": False}),
        ("kubelet_preempt", {"killed": []}, {"killed": [{"pod": "p0"}]}),
        ("kubelet_preempt", {"remaining": ["x"]}, {"remaining": []}),
        ("kubelet_preempt", {"remaining": ["x"]}, {"error": "no"}),
        ("kubelet_sysctl", {"admit": True}, {"admit": False}),
        ("kubelet_sysctl", {"reason": "SysctlForbidden"}, {"reason": ""}),
        ("kubelet_sysctl", {"patterns": ["vm.swappiness"]}, {"error": "no"}),
    ],
)
def test_another_answer_is_noticed(
    name: str, kind: dict[str, object], change: dict[str, object], tmp_path: Path
) -> None:
    line = find_line(name, **kind)
    tally = judge_lines(name, tmp_path, {**line, **change})
    assert (tally.cases, tally.agree) == (1, 0)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("kubelet_admit", {"result": None}, "result: is missing"),
        ("kubelet_admit", {"freshLabels": {"zone": 1}}, "freshLabels.zone: must be a string"),
        ("kubelet_admit", {"node": []}, "node: must be an object"),
        ("kubelet_preempt", {"pod": None}, "pod: is missing"),
        (
            "kubelet_preempt",
            {"reasons": [{"resource": "cpu"}]},
            "reasons[0].insufficient: is miss",
        ),
        ("kubelet_preempt", {"running": [1]}, "running[0]: must be an object"),
        ("kubelet_sysctl", {"admit": None}, "admit: is missing"),
        ("kubelet_sysctl", {"patterns": [1]}, "patterns[0]: must be a string"),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    name: str, change: dict[str, object], message: str, tmp_path: Path
) -> None:
    line = read_lines(name, most=1)[0]
    check_refusal(name, tmp_path, {**line, **change}, message)


def test_several_short_resources_agree_in_any_order_but_not_with_another_reason(
    tmp_path: Path,
) -> None:
    names = ("example.test/a", "example.test/b")
    room = {"cpu": "1", "pods": "9", **dict.fromkeys(names, "0")}
    container = {"name": "c", "resources": {"requests": dict.fromkeys(names, "1")}}
    line = {
        "node": {"metadata": {"name": "n"}, "status": {"allocatable": room}},
        "freshLabels": {},
        "otherPods": None,
        "pod": {"spec": {"containers": [container]}},
    }

    def agrees(first: str, *order: str) -> bool:
        amounts = "requested: 1, used: 0, capacity: 0"
        result = {
            "admit": False,
            "reason": f"OutOf{first}",
            "message": f"Node didn't have enough resource: {first}, {amounts}",
            "allReasons": [f"Insufficient {name}" for name in order],
            "freshNodeFetched": False,
        }
        tally = judge_lines("kubelet_admit", tmp_path, {**line, "result": result})
        return tally.agree == 1

    assert agrees(names[0], *names)
    assert agrees(names[1], *reversed(names))
    assert not agrees(names[1], *names)
    assert not agrees(names[0], names[0])
