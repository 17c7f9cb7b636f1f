"""The status of a pod is made as a recorded kubelet made it."""

from copy import deepcopy
from pathlib import Path

import pytest
from recordings import check_refusal, count_cases, get_recording, read_lines

from planespec.checker.errors import ExitCode
from planespec.reports.judge.judges import load_judge, recognise
from planespec.reports.judge.runner import run

NAME = "kubelet_podstatus"
RECORDING = get_recording(NAME)


@pytest.mark.slow
def test_all_recorded_steps_agree() -> None:
    tally = run(load_judge(NAME), [RECORDING])
    assert (tally.cases, tally.agree) == (9380, 9380)
    assert tally.exit_code == ExitCode.HOLDS


def test_a_sample_of_the_recording_agrees(tmp_path: Path) -> None:
    lines = read_lines(NAME, every=10)
    assert count_cases(NAME, tmp_path, *lines) == (sum(len(line["steps"]) for line in lines), 0)
    assert recognise(RECORDING) == NAME


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("status", "phase"), "Unknown"),
        (("status", "podIP"), "10.0.0.6"),
        (("status", "conditions", 2, "message"), "other"),
        (("status", "containerStatuses", 0, "ready"), None),
        (("status", "containerStatuses", 0, "restartCount"), 9),
        (("status", "containerStatuses", 1, "state"), {}),
        (("shouldBeRestarted", "c1"), False),
        (("anyRegularContainerStarted",), None),
        (("shouldAllContainersRestart",), True),
    ],
)
def test_another_answer_to_one_step_is_noticed(
    path: tuple[str | int, ...], value: object, tmp_path: Path
) -> None:
    line = deepcopy(read_lines(NAME, most=1)[0])
    place = line["steps"][1]
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    assert count_cases(NAME, tmp_path, line) == (len(line["steps"]), 1)


POD = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "c0"}]}}
GIVEN = {"runtime": [], "sandbox": "none", "oldFrom": "previous", "probes": {"c0": [True, True]}}


def make_line(**given: object) -> dict[str, object]:
    return {"case": "1-0", "pod": POD, "steps": [{"in": GIVEN | given, "status": {}}]}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"case": "1-0", "steps": []}, "pod: is missing"),
        (make_line() | {"pod": {"metadata": {}}}, "pod.spec: is missing"),
        (make_line() | {"steps": [{"in": {}}]}, "steps[0].status: is missing"),
        (make_line() | {"steps": [{"in": {}, "status": {}}]}, "steps[0].in.runtime: is missing"),
        (make_line(sandbox="wet"), "sandbox: must be one of none, notready"),
        (make_line(evict="Boredom"), "evict: must be one of DeadlineExceeded"),
        (make_line(runtime=[{"name": "c0"}]), "runtime[0].id: is missing"),
        (make_line(runtime=[{"name": "c0", "id": "1", "state": "up"}]), "state: must be one of"),
        (make_line(probes={"c0": [True]}), "probes.c0: must be two booleans: ready, started"),
        (make_line(reasonCache={"c0": ["x"]}), "reasonCache.c0: must be reason and message"),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: object, message: str, tmp_path: Path
) -> None:
    check_refusal(NAME, tmp_path, line, message)
