"""Probe workers do what a kubelet's did in every recorded step, and status follows them."""

import json
from pathlib import Path
from typing import Any

import pytest
from recordings import get_recording, judge_lines, read_texts

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import load_judge, recognise
from planespec.reports.judge.runner import Tally, run

NAME = "kubelet_probes"
RECORDING = get_recording(NAME)
WORKER = {"containerID": "", "lastResult": "Success", "onHold": False, "resultRun": 0}
MET = {"op": "newContainer", "containerID": "c://1", "state": "running", "ageSeconds": 1000}


def judge_steps(folder: Path, *steps: dict[str, Any]) -> Tally:
    """Judge these steps of a container with a readiness probe."""
    line = {"case": "x", "kubeletStartedSecondsAgo": 500, "restartPolicy": "Always"}
    container = {"name": "c", "readinessProbe": {"initialDelaySeconds": 9999}}
    return judge_lines(NAME, folder, {**line, "container": container, "steps": steps})


def test_a_sample_of_the_recorded_steps_agrees(tmp_path: Path) -> None:
    sample = read_texts(NAME)[::5]
    tally = judge_lines(NAME, tmp_path, *sample)
    steps = sum(len(json.loads(line)["steps"]) for line in sample)
    assert (tally.exit_code, tally.cases) == (ExitCode.HOLDS, steps)
    assert steps > 6000
    assert recognise(RECORDING) == NAME


@pytest.mark.slow
def test_all_recorded_steps_agree() -> None:
    tally = run(load_judge(NAME), [RECORDING])
    assert tally.exit_code == ExitCode.HOLDS
    assert {kind: count.agree for kind, count in tally.kinds.items()} == {
        **{"UpdatePodStatus": 8397, "age": 581, "apiPodReadyCondition": 1545, "delete": 562},
        **{"doProbe": 15551, "exit": 985, "newContainer": 4312, "phase": 498},
        "podStatusKnown": 1494,
    }


@pytest.mark.parametrize(
    ("name", "value"), [("keepGoing", False), ("probesRun", 7), ("events", ["x"])]
)
def test_another_answer_to_one_probe_is_noticed(name: str, value: Any, tmp_path: Path) -> None:
    text = next(each for each in read_texts(NAME) if '"probesRun":3' in each)
    line = json.loads(text)
    step = next(each for each in line["steps"] if each.get("probesRun") == 3)
    (step["after"] if name == "events" else step)[name] = value
    tally = judge_lines(NAME, tmp_path, line)
    assert [each.kind for each in tally.disagreements] == ["doProbe"]


@pytest.mark.parametrize("name", ["onHold", "lastResult", "resultRun", "containerID"])
def test_another_state_of_a_worker_is_noticed(name: str, tmp_path: Path) -> None:
    line = json.loads(read_texts(NAME)[0])
    line["steps"][-1]["after"]["Liveness"]["worker"][name] = "other"
    tally = judge_lines(NAME, tmp_path, line)
    assert tally.cases - tally.agree == 1


def make_updates(*, before: bool, after: bool) -> list[dict[str, Any]]:
    """A condition set while the pod is unknown, and what is ready before and after it is known."""

    def show(*, ready: bool, started: bool) -> dict[str, Any]:
        probes = {"Liveness": {}, "Readiness": {"worker": WORKER}, "Startup": {}}
        return {**probes, "status": {"ready": ready, "started": started}}

    first, known = show(ready=False, started=False), show(ready=before, started=True)
    update: dict[str, Any] = {"op": "UpdatePodStatus", "manualTrigger": ["Readiness"]}
    return [
        {**MET, "after": first},
        {"op": "podStatusKnown", "known": False, "after": first},
        {"op": "apiPodReadyCondition", "podReady": True, "after": first},
        {**update, "after": known},
        {"op": "podStatusKnown", "known": True, "after": known},
        {**update, "after": show(ready=after, started=True)},
    ]


@pytest.mark.parametrize("after", [True, False])
def test_a_condition_set_while_the_pod_is_unknown_may_or_may_not_be_there_later(
    after: bool, tmp_path: Path
) -> None:
    tally = judge_steps(tmp_path, *make_updates(before=False, after=after))
    assert (tally.cases, tally.agree) == (6, 6)


def test_a_condition_set_while_the_pod_is_unknown_is_not_there_at_once(tmp_path: Path) -> None:
    tally = judge_steps(tmp_path, *make_updates(before=True, after=True))
    assert tally.agree < tally.cases


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({}, "steps[0].op: is missing"),
        ({"op": "doProbe", "after": None}, "steps[0].after: is missing"),
        ({"op": "sleep"}, "'sleep' is none of UpdatePodStatus, age, apiPodReadyCondition"),
        ({"op": "exit", "exitCode": 1}, "comes before there is a container"),
        ({"op": "UpdatePodStatus"}, "comes before there is a container"),
        ({"op": "doProbe", "probe": "Startup"}, "'Startup' is no probe whose worker runs"),
        ({"op": "doProbe", "probe": "Readiness", "outcomes": ["x"]}, "must be one or more of"),
        ({**MET, "state": "lost"}, "is none of waiting, running, terminated"),
        ({**MET, "ageSeconds": "1"}, "ageSeconds: must be an integer"),
        ({"op": "podStatusKnown"}, "steps[0].known: is missing"),
    ],
)
def test_a_malformed_step_is_reported_with_its_place(
    step: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as error:
        judge_steps(tmp_path, {"after": {}, **step})
    assert message in error.value.message
    assert error.value.line == 1
