"""Whole clusters, recorded, are explained write by write; those tampered with are rejected."""

import gzip
import json
import random
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from cluster_tampering import WAYS
from recordings import RECORDED, write_lines

from planespec.checker.errors import ExitCode
from planespec.reports.judge.cluster.cluster_exceptions import EXCEPTIONS, find_exception
from planespec.reports.judge.cluster.cluster_judge import judge, read_recording
from planespec.reports.judge.cluster.version_makers import Makers
from planespec.reports.judge.judges import load_judge
from planespec.reports.judge.runner import run

NAME = "cluster"
RECORDINGS = sorted((RECORDED / "cluster").glob("*.jsonl.gz"))
SMALL = [each for each in RECORDINGS if each.stat().st_size < 40_000]
KILLED = RECORDED / "cluster" / "09_component_restarts_02.jsonl.gz"


@pytest.mark.slow
def test_all_recorded_writes_are_explained() -> None:
    tally = run(load_judge(NAME), RECORDINGS)
    assert tally.files == len(RECORDINGS) == 51
    assert tally.cases > 30_000
    assert tally.exit_code == ExitCode.HOLDS


def test_a_sample_of_the_recordings_is_explained() -> None:
    assert run(load_judge(NAME), SMALL[::6]).exit_code == ExitCode.HOLDS


def read(path: Path) -> Any:
    with gzip.open(path, "rt") as lines:
        return [json.loads(line) for line in lines]


def is_explained(folder: Path, records: Any) -> bool:
    return all(each.agrees for each in judge(write_lines(folder, *records)))


def count_tampered(
    folder: Path, paths: list[Path], count: int
) -> tuple[Counter[str], Counter[str]]:
    """How many were tampered with in each way, and how many of them were explained."""
    rng = random.Random(11)
    kept = {path: read(path) for path in paths}
    done: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    turn = 0
    while sum(done.values()) < count:
        tamper = WAYS[turn % len(WAYS)]
        turn += 1
        for _ in range(30):
            records = deepcopy(kept[rng.choice(paths)])
            if tamper(records, rng):
                done[tamper.__name__] += 1
                missed[tamper.__name__] += is_explained(folder, records)
                break
    return done, missed


def test_recordings_tampered_with_are_rejected(tmp_path: Path) -> None:
    done, missed = count_tampered(tmp_path, SMALL[3:5], len(WAYS))
    assert not +missed
    assert len(done) > 15


@pytest.mark.slow
def test_five_hundred_recordings_tampered_with_are_rejected(tmp_path: Path) -> None:
    done, missed = count_tampered(tmp_path, RECORDINGS, 500)
    assert missed.total() <= 5, +missed
    assert len(done) == len(WAYS)


def test_every_exception_occurs() -> None:
    scene, _ = read_recording(KILLED)
    makers = Makers(scene.history, scene.writes, scene.end)
    found = {find_exception(each, scene) for each in (*makers.faults, *makers.idle)}
    assert found == set(EXCEPTIONS)
