"""Containers and sandboxes are collected as a real kubelet did."""

from pathlib import Path
from typing import Any

import pytest
from recordings import get_recording, judge_lines

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import recognise
from planespec.reports.judge.node import container_gc_judge
from planespec.reports.judge.runner import run

RECORDING = get_recording("kubelet_containergc")


def make_container(name: str, age: int, **more: object) -> dict[str, Any]:
    where = {"pod": "p", "name": "n", "sandbox": "s", "state": "CONTAINER_EXITED"}
    return {"id": name, "ageSeconds": age, **where, **more}


def make_sandbox(name: str, age: int, state: str = "SANDBOX_NOTREADY") -> dict[str, Any]:
    return {"id": name, "ageSeconds": age, "pod": "p", "state": state}


def make_line(**more: object) -> dict[str, Any]:
    return {
        "containers": [],
        "sandboxes": [],
        "pods": {"p": {"contentBeRemoved": False, "runtimeBeRemoved": False}},
        "policy": {"maxContainers": -1, "maxPerPodContainer": 1, "minAgeSeconds": 0},
        "allSourcesReady": True,
        "evictNonDeletedPods": False,
        "error": "",
        "leftContainers": [],
        "leftSandboxes": [],
    } | more


def judge(folder: Path, line: dict[str, Any]) -> ExitCode:
    return judge_lines("kubelet_containergc", folder, line).exit_code


def test_all_recorded_collections_agree() -> None:
    assert recognise(RECORDING) == "kubelet_containergc"
    tally = run(container_gc_judge.judge, [RECORDING])
    assert (tally.exit_code, tally.cases, tally.agree) == (ExitCode.HOLDS, 1250, 1250)


def test_either_of_two_equally_old_containers_may_be_left_but_one_of_them(tmp_path: Path) -> None:
    pair = [make_container("a", 5), make_container("b", 5)]
    for left, code in (
        (["a"], ExitCode.HOLDS),
        (["b"], ExitCode.HOLDS),
        ([], ExitCode.SAFETY),
        (["a", "b"], ExitCode.SAFETY),
    ):
        assert judge(tmp_path, make_line(containers=pair, leftContainers=left)) == code


def test_the_older_of_two_containers_may_not_be_left(tmp_path: Path) -> None:
    pair = [make_container("a", 5), make_container("b", 6)]
    line = make_line(containers=pair, leftContainers=["b"])
    assert judge(tmp_path, line) == ExitCode.SAFETY


def test_of_equally_old_sandboxes_one_that_is_ready_need_not_be_the_newer(tmp_path: Path) -> None:
    pair = [make_sandbox("s1", 5, "SANDBOX_READY"), make_sandbox("s2", 5)]
    for left, code in (
        (["s1"], ExitCode.HOLDS),
        (["s1", "s2"], ExitCode.HOLDS),
        (["s2"], ExitCode.SAFETY),
    ):
        assert judge(tmp_path, make_line(sandboxes=pair, leftSandboxes=left)) == code


def test_an_error_is_told(tmp_path: Path) -> None:
    assert judge(tmp_path, make_line()) == ExitCode.HOLDS
    assert judge(tmp_path, make_line(error="gone")) == ExitCode.SAFETY


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"pods": {}, "sandboxes": [make_sandbox("s", 1)]}, "pods.p: is missing"),
        ({"containers": [make_container("a", -1)]}, "ageSeconds: must be 0 or more, not -1"),
        ({"containers": [{"id": "a"}]}, r"containers\[0\].pod: is missing"),
        ({"policy": {"maxContainers": 1}}, "policy.maxPerPodContainer: is missing"),
        ({"leftSandboxes": [1]}, r"leftSandboxes\[0\]: must be a string"),
    ],
)
def test_malformed_lines_are_told_with_their_field(
    tmp_path: Path, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        judge(tmp_path, make_line(**wrong))
