"""A kubelet takes, turns away and kills pods as a recorded one did."""

import gzip
import json
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.runner import load_judge, recognise, run

RECORDED = Path(__file__).parent.parent / "recorded"
CASES = {"kubelet_preempt": {"preemption": 2000}}
SAMPLE = 7
"""Every so many lines are judged by default."""


def read_lines(name: str) -> list[bytes]:
    return gzip.decompress((RECORDED / f"{name}.jsonl.gz").read_bytes()).splitlines()


def find_line(name: str, **wanted: object) -> dict[str, object]:
    """The first line that has these values."""
    lines: list[dict[str, object]] = [json.loads(line) for line in read_lines(name)]
    return next(each for each in lines if wanted.items() <= each.items())


def write(line: object, folder: Path) -> Path:
    path = folder / "line.jsonl"
    path.write_text(json.dumps(line), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", CASES)
def test_a_sample_of_the_recorded_cases_agrees(name: str, tmp_path: Path) -> None:
    path = tmp_path / "sample.jsonl"
    path.write_bytes(b"\n".join(read_lines(name)[::SAMPLE]))
    assert recognise(path) == name
    tally = run(load_judge(name), [path])
    assert tally.agree == tally.cases == -(-sum(CASES[name].values()) // SAMPLE)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_all_recorded_cases_agree(name: str) -> None:
    tally = run(load_judge(name), [RECORDED / f"{name}.jsonl.gz"])
    assert {kind: count.agree for kind, count in tally.kinds.items()} == CASES[name]
    assert tally.exit_code == ExitCode.HOLDS


@pytest.mark.parametrize(
    ("name", "kind", "change"),
    [
        ("kubelet_preempt", {"critical": True}, {"critical": False}),
        ("kubelet_preempt", {"killed": []}, {"killed": [{"pod": "p0"}]}),
        ("kubelet_preempt", {"remaining": ["x"]}, {"remaining": []}),
        ("kubelet_preempt", {"remaining": ["x"]}, {"error": "no"}),
    ],
)
def test_another_answer_is_noticed(
    name: str, kind: dict[str, object], change: dict[str, object], tmp_path: Path
) -> None:
    line = find_line(name, **kind)
    tally = run(load_judge(name), [write({**line, **change}, tmp_path)])
    assert (tally.cases, tally.agree) == (1, 0)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("kubelet_preempt", {"pod": None}, "pod: is missing"),
        (
            "kubelet_preempt",
            {"reasons": [{"resource": "cpu"}]},
            "reasons[0].insufficient: is miss",
        ),
        ("kubelet_preempt", {"running": [1]}, "running[0]: must be an object"),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    name: str, change: dict[str, object], message: str, tmp_path: Path
) -> None:
    line = json.loads(read_lines(name)[0])
    with pytest.raises(InputError) as error:
        run(load_judge(name), [write({**line, **change}, tmp_path)])
    assert message in error.value.message
    assert error.value.line == 1
