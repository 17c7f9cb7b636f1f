"""Recordings of a cluster whose lines contradict each other are rejected."""

import gzip
import json
import random
from collections.abc import Callable
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from log_tampering import WAYS
from recordings import RECORDED, write_lines

from planespec.checker.errors import InputError
from planespec.reports.judge.control_plane.cluster_judge import judge
from planespec.reports.judge.control_plane.logged_form import find_form_fault
from planespec.spec.api.api_errors import OPTIMISTIC_LOCK
from planespec.spec.objects.view import View

TIMES = 2
ROLLED = RECORDED / "cluster" / "02_rolling_update_02.jsonl.gz"
SHORTENED = RECORDED / "cluster" / "10_bare_pods_04.jsonl.gz"


@lru_cache(maxsize=2)
def read(path: Path) -> Any:
    with gzip.open(path, "rt") as lines:
        return [json.loads(line) for line in lines]


def is_explained(folder: Path, records: Any) -> bool:
    try:
        return all(each.agrees for each in judge(write_lines(folder, *records)))
    except InputError:
        return False


@pytest.mark.parametrize("tamper", WAYS, ids=[each.__name__ for each in WAYS])
def test_what_contradicts_itself_is_rejected(
    tamper: Callable[[Any, random.Random], bool], tmp_path: Path
) -> None:
    rng, done = random.Random(tamper.__name__), 0
    for _ in range(TIMES):
        records = deepcopy(read(ROLLED))
        if tamper(records, rng):
            done += 1
            assert not is_explained(tmp_path, records), tamper.__doc__
    assert done, "the fault has a place"


def test_a_grace_that_is_cut_short_makes_a_version(tmp_path: Path) -> None:
    records = deepcopy(read(SHORTENED))
    for action in records[0]["actions"]:  # The answer tells of the version, too.
        action.pop("answer", None)
    assert is_explained(tmp_path, records)
    cut = next(each for each in records if is_cut_short(each))
    assert not is_explained(tmp_path, [each for each in records if each is not cut])


def is_cut_short(record: Any) -> bool:
    """Whether a pod that had a minute has a second left."""
    meta = record.get("object", {}).get("metadata", {})
    return meta.get("name") == "slow" and meta.get("deletionGracePeriodSeconds") == 1


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        (
            "create",
            {
                **{"code": 404, "reason": "NotFound", "message": 'namespaces "far" not found'},
                "details": {"kind": "namespaces", "name": "far"},
            },
        ),
        (
            "create",
            {
                **{"code": 409, "reason": "Conflict"},
                "message": 'Operation cannot be fulfilled on resourcequotas "q": '
                + OPTIMISTIC_LOCK,
                "details": {"kind": "resourcequotas", "name": "q"},
            },
        ),
        (
            "patch",
            {
                **{"code": 409, "reason": "Conflict"},
                "message": 'Apply failed with 1 conflict: conflict with "kubectl": .spec',
            },
        ),
    ],
    ids=["namespace", "quota", "apply"],
)
def test_an_answer_may_be_about_what_admission_looked_up(verb: str, answer: Any) -> None:
    about = {"resource": "pods", "namespace": "far", "name": "a"}
    event = {"verb": verb, "objectRef": about, "responseStatus": answer}
    assert find_form_fault(View(event)) == ""
    other = {**answer, "message": 'pods "b" not found', "details": {"kind": "pods", "name": "b"}}
    assert find_form_fault(View({**event, "responseStatus": other}))
