"""Choices that a trace leaves open: said in a rejection, and where a bound is reached."""

import gzip
import json
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode
from planespec.reports.judge.raft.traces import raft_replay
from planespec.reports.judge.raft.traces.raft_trace import judge_trace
from planespec.reports.judge.runner import UndecidedError

TRACES = Path(__file__).resolve().parents[2] / "tests/recorded/raft_traces"


def judge_lines(lines):
    return list(judge_trace(Path("trace"), enumerate(lines, 1)))


def read_trace(name):
    with gzip.open(TRACES / f"{name}.ndjson.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("bound", "size", "reason"),
    [
        ("STATES", 40, "the limit of 40 states was reached"),
        ("MEMORY", 4, "only the last 4 inputs of a leader are reconsidered"),
    ],
)
def test_where_a_bound_is_reached_a_trace_is_neither_accepted_nor_rejected(
    monkeypatch, bound, size, reason
):
    lines = read_trace("faulty-probe_any-1")
    rejected = judge_lines(lines)[-1]
    assert not rejected.agrees
    monkeypatch.setattr(raft_replay, bound, size)
    with pytest.raises(UndecidedError, match=reason) as undecided:
        judge_lines(lines)
    line = int(str(undecided.value).split(":")[1])
    assert line <= rejected.explanation.data["line"]
    assert undecided.value.exit_code is ExitCode.UNKNOWN


def test_a_rejection_says_which_choices_were_open():
    explanation = judge_lines(read_trace("faulty-probe_any-1"))[-1].explanation
    constants, told = explanation.data["open"]
    assert constants.startswith("PreVote and CheckQuorum on or off, maxInflight ")
    assert "what it was told unseen before each of its last" in told
    place = explanation.lines.index("choices that were open")
    assert [line.strip() for line in explanation.lines[place + 1 : place + 3]] == [constants, told]
