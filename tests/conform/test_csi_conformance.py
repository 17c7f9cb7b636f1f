"""The rules of the CSI host path driver give every recorded answer, and no other passes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from recordings import check_refusal, get_recording, judge_lines, read_lines, read_texts

from planespec.checker.errors import ExitCode
from planespec.reports.judge.judges import load_judge, recognise
from planespec.reports.judge.runner import run

NAME = "csi"


def test_a_sample_of_the_recorded_calls_agrees(tmp_path: Path) -> None:
    sample = read_texts(NAME)[::5]
    tally = judge_lines(NAME, tmp_path, *sample)
    assert (tally.exit_code, tally.cases) == (ExitCode.HOLDS, 45 * len(sample))
    assert recognise(get_recording(NAME)) == NAME


@pytest.mark.slow
def test_all_recorded_calls_agree() -> None:
    tally = run(load_judge(NAME), [get_recording(NAME)])
    assert (tally.exit_code, tally.cases) == (ExitCode.HOLDS, 9450)
    assert (tally.kinds["NodePublishVolume"].agree, tally.kinds["Restart"].agree) == (2074, 57)


def read_case(call: str, **wanted: object) -> tuple[Any, Any]:
    """The first recorded line with such a step, and the step."""
    for line in read_lines(NAME, most=30):
        for step in line["steps"]:
            if step["call"] == call and wanted.items() <= step.items():
                return line, step
    raise LookupError(call)


@pytest.mark.parametrize(
    ("call", "name", "value"),
    [
        ("CreateVolume", "code", "INTERNAL"),
        ("NodeStageVolume", "message", "volume is staged"),
        ("GetCapacity", "response", {}),
        ("ListVolumes", "driverCrashed", "panic: another"),
        ("Restart", "code", "UNKNOWN"),
    ],
)
def test_another_answer_to_one_call_is_noticed(
    call: str, name: str, value: object, tmp_path: Path
) -> None:
    line, step = read_case(call)
    step[name] = value
    tally = judge_lines(NAME, tmp_path, line)
    assert [each.kind for each in tally.disagreements] == [call]


@pytest.mark.parametrize("part", ["driver", "mounts"])
def test_another_state_after_one_call_is_noticed(part: str, tmp_path: Path) -> None:
    line, step = read_case("NodePublishVolume", code="OK")
    step["state"] = {**step["state"], part: {} if part == "driver" else []}
    tally = judge_lines(NAME, tmp_path, line)
    assert [each.kind for each in tally.disagreements] == ["NodePublishVolume"]


def test_usage_may_be_any_numbers_but_must_be_there(tmp_path: Path) -> None:
    line, step = read_case("NodeGetVolumeStats", code="OK")
    usage = step["response"]["usage"]
    usage[0]["used"] = "5"
    assert judge_lines(NAME, tmp_path, line).exit_code == ExitCode.HOLDS
    usage[0]["used"] = "much"
    assert judge_lines(NAME, tmp_path, line).exit_code == ExitCode.SAFETY
    usage.pop()
    assert judge_lines(NAME, tmp_path, line).exit_code == ExitCode.SAFETY


def make_step(call: str, code: str = "OK", **parts: object) -> dict[str, Any]:
    """A step after which the driver still knows nothing."""
    return {"call": call, "code": code, "state": {"driver": {}, "mounts": []}, **parts}


def make_line(*steps: object, flags: Sequence[str] = ()) -> dict[str, object]:
    return {"flags": list(flags), "steps": list(steps)}


def test_bad_parameters_may_be_named_in_any_order(tmp_path: Path) -> None:
    flags = ("-enable-controller-modify-volume", "-accepted-mutable-parameter-names", "iops")
    request = {"volumeId": "v0", "mutableParameters": {"a": "", "b": "", "iops": ""}}
    for names, code in (("b a", ExitCode.HOLDS), ("a", ExitCode.SAFETY), ("a c", ExitCode.SAFETY)):
        parts = {"request": request, "message": f"invalid parameters: [{names}]"}
        step = make_step("ControllerModifyVolume", "INVALID_ARGUMENT", **parts)
        assert judge_lines(NAME, tmp_path, make_line(step, flags=flags)).exit_code == code


def test_ids_may_be_sorted_from_that_on_at_which_the_clock_began_anew(tmp_path: Path) -> None:
    for line in read_lines(NAME):
        lists = [step for step in line["steps"] if len(get_entries(step)) > 1]
        if len(lists) == 1 and len(get_entries(lists[0])) > 2:
            break
    first, *rest = get_entries(lists[0])
    lists[0]["response"]["entries"] = [*rest, first]
    assert judge_lines(NAME, tmp_path, line).exit_code == ExitCode.HOLDS
    lists[0]["response"]["entries"] = [rest[0], first, *rest[1:]]
    assert judge_lines(NAME, tmp_path, line).exit_code == ExitCode.SAFETY


def get_entries(step: Any) -> list[Any]:
    """The volumes that a step lists."""
    listed = step["call"] == "ListVolumes"
    entries: list[Any] = step.get("response", {}).get("entries", []) if listed else []
    return entries


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"steps": []}, "flags: is missing"),
        (
            make_line(make_step("GetVolume")),
            "steps[0].call: not a call that is judged: 'GetVolume'",
        ),
        (make_line({"call": "Restart"}), "steps[0].code: is missing"),
        (make_line(flags=["-none"]), "flags: flag provided but not defined: -none"),
        (make_line(make_step("ListVolumes", request=[])), "steps[0].request: must be an object"),
        (
            make_line(make_step("ListVolumes", request={"startingToken": 1})),
            "steps[0].request.startingToken: must be a string",
        ),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: object, message: str, tmp_path: Path
) -> None:
    check_refusal(NAME, tmp_path, json.dumps(line), message)
