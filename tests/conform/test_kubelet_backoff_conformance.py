"""Containers are started again as a kubelet's back-off let them, to the key and the second."""

import json
from pathlib import Path
from typing import Any

import pytest
from recordings import get_recording, judge_lines, read_texts

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import load_judge, recognise
from planespec.reports.judge.runner import Tally, run

NAME = "kubelet_backoff"
RECORDING = get_recording(NAME)
LINE = {"case": "x", "baseSeconds": 10, "maxSeconds": 25}


def judge_steps(folder: Path, *steps: object) -> Tally:
    return judge_lines(NAME, folder, {**LINE, "steps": steps})


def test_a_sample_of_the_recorded_steps_agrees(tmp_path: Path) -> None:
    sample = read_texts(NAME)[::5]
    tally = judge_lines(NAME, tmp_path, *sample)
    steps = sum(len(json.loads(line)["steps"]) + 1 for line in sample)
    assert (tally.exit_code, tally.cases, steps) == (ExitCode.HOLDS, 6940, 6940)
    assert recognise(RECORDING) == NAME


@pytest.mark.slow
def test_all_recorded_steps_agree() -> None:
    tally = run(load_judge(NAME), [RECORDING])
    assert tally.exit_code == ExitCode.HOLDS
    counts = {kind: count.agree for kind, count in tally.kinds.items()}
    assert counts == {"base": 1250, "change": 1675, "exit": 10140, "gc": 1662, "start": 20228}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("backoffSeconds", 11),
        ("inBackOff", False),
        ("message", "back-off"),
        ("error", "ErrImagePull"),
        ("expiresInSeconds", 0),
        ("key", "0"),
        ("now", -1),
    ],
)
def test_another_answer_to_one_start_is_noticed(field: str, value: Any, tmp_path: Path) -> None:
    text = next(each for each in read_texts(NAME) if "CrashLoopBackOff" in each)
    line = json.loads(text)
    step = next(each for each in line["steps"] if each.get("inBackOff"))
    step[field] = value
    tally = judge_lines(NAME, tmp_path, line)
    assert tally.cases - tally.agree == 1
    assert [each.kind for each in tally.disagreements] == ["start"]


def test_another_first_wait_is_noticed(tmp_path: Path) -> None:
    line = json.loads(read_texts(NAME)[0])
    tally = judge_lines(NAME, tmp_path, {**line, "baseSeconds": 9})
    assert [each.kind for each in tally.disagreements] == ["base"]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"container": "a"}, "steps[0].op: is missing"),
        ({"op": "exit"}, "steps[0].container: is missing"),
        ({"op": "stop", "container": "a"}, "'stop' is none of change, exit, gc, start"),
        ({"op": "gc", "container": "a", "advance": -1}, "advance: must not be negative"),
        ({"op": "gc", "container": "a", "advance": "1"}, "advance: must be an integer"),
        ({"op": "change", "container": "a"}, "has none of image, cpuRequest, env, uid"),
        ({"op": "change", "container": "a", "cpuRequest": "x"}, "requests.cpu"),
    ],
)
def test_a_malformed_step_is_reported_with_its_place(
    step: object, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as error:
        judge_steps(tmp_path, step)
    assert message in error.value.message
    assert error.value.line == 1
