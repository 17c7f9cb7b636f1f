"""Traces of the library itself, driven at random, and of builds of it with one fault planted.

go.etcd.io/raft, main of 2026, built with its tracing; a file's name tells the fault or the hosts.
"""

from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode
from planespec.reports.judge.judges import load_judge
from planespec.reports.judge.runner import run

TRACES = Path(__file__).resolve().parents[2] / "tests/recorded/raft_traces"


def list_traces(kind):
    found = sorted(TRACES.glob(f"{kind}-*.ndjson.gz"))
    return [pytest.param(path, id=path.name.split(".")[0]) for path in found]


@pytest.mark.sample(2)
@pytest.mark.parametrize("path", list_traces("genuine"))
def test_what_the_library_did_is_accepted_to_the_last_event(path):
    tally = run(load_judge("raft"), [path])
    assert tally.disagreements == []
    assert tally.exit_code is ExitCode.HOLDS


@pytest.mark.sample(2)
@pytest.mark.parametrize("path", list_traces("faulty"))
def test_what_a_faulty_library_did_is_rejected(path):
    tally = run(load_judge("raft"), [path])
    assert tally.exit_code is ExitCode.SAFETY
    assert len(tally.disagreements) == 1


def test_there_are_traces_of_both_kinds():
    assert (len(list_traces("genuine")), len(list_traces("faulty"))) == (9, 8)
