"""Server-side apply mixed with other writes is answered as a real API server did."""

import copy
from pathlib import Path
from typing import Any

import pytest
from recordings import get_recording, judge_lines, read_lines

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import load_judge
from planespec.reports.judge.runner import run


def test_answers_of_a_sample_agree(tmp_path: Path) -> None:
    tally = judge_lines("ssa", tmp_path, *read_lines("ssa", every=10))
    assert (tally.exit_code, tally.cases) == (ExitCode.HOLDS, 144)


@pytest.mark.slow
def test_all_recorded_answers_agree() -> None:
    tally = run(load_judge("ssa"), [get_recording("ssa")])
    assert (tally.agree, tally.cases) == (1438, 1438)
    assert tally.exit_code == ExitCode.HOLDS


def test_an_owner_that_is_missing_is_told(tmp_path: Path) -> None:
    record = copy.deepcopy(read_lines("ssa", every=10)[0])
    answer = next(each for each in record["out"]["answers"] if each.get("managedFields"))
    answer["managedFields"].pop()
    tally = judge_lines("ssa", tmp_path, record)
    assert tally.cases - tally.agree == 1


def test_causes_of_several_managers_come_in_any_order_and_of_one_in_its_own(
    tmp_path: Path,
) -> None:
    def is_of_two(answer: Any) -> bool:
        causes = answer.get("causes") or ()
        return answer["code"] == 409 and len({each["message"] for each in causes}) == 2

    records = [each for each in read_lines("ssa") if any(map(is_of_two, each["out"]["answers"]))]
    record = copy.deepcopy(records[0])
    answer = next(filter(is_of_two, record["out"]["answers"]))
    answer["causes"].sort(key=lambda each: each["message"], reverse=True)
    assert judge_lines("ssa", tmp_path, record).exit_code == ExitCode.HOLDS
    answer["causes"].sort(key=lambda each: each["message"])
    assert judge_lines("ssa", tmp_path, record).exit_code == ExitCode.HOLDS
    answer["causes"].pop()
    assert judge_lines("ssa", tmp_path, record).exit_code == ExitCode.SAFETY


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"in": {"object": "Pod", "ops": []}, "out": {"answers": []}}, "in.object"),
        ({"in": {"object": "Service", "ops": [{}]}, "out": {"answers": [{}]}}, "method"),
        ({"in": {"object": "Service", "ops": []}, "out": {"answers": [{}]}}, "one for each"),
        ({"in": {}}, "out: is missing"),
        (
            {
                "in": {"object": "Service", "ops": [{"method": "DELETE"}]},
                "out": {"answers": [{"code": 409, "causes": [{}]}]},
            },
            "causes.*message: is missing",
        ),
    ],
)
def test_a_malformed_line_is_told(line: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        judge_lines("ssa", tmp_path, line)
