"""What `planespec fit` answers agrees with what a real scheduler answered."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clusters import Object, ask

from planespec.reports.judge.scheduling import KINDS
from planespec.spec.objects import Pod
from planespec.spec.pods.pod_admission import fill_in_defaults
from planespec.spec.scheduling.attempts.attempt import FitVerdict

RECORDED = Path(__file__).parents[1] / "recorded" / "scheduler.jsonl.gz"


def read_cases(step: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    with gzip.open(RECORDED, "rt") as lines:
        for number, line in enumerate(lines):
            if number % step == 0:
                record = json.loads(line)
                yield record["case"], record["verdict"]


def list_objects(case: dict[str, Any]) -> Iterator[Object]:
    """The cluster of a case, as an API server would hold it: with its defaults, and listed."""
    for name, kind in KINDS.items():
        for each in case.get(name, ()):
            data = {**each, "kind": kind}
            if kind == "Pod":
                data = {**fill_in_defaults(Pod(data)).data}
            yield data


def judge(case: dict[str, Any]) -> tuple[list[str], FitVerdict, list[str]]:
    pod = {**case["pod"], "kind": "Pod"}
    answer = ask(pod, *list_objects(case), is_new=False)
    nodes = [] if answer.rejection is not None else [each["node"] for each in answer.nodes]
    return sorted(nodes), answer.verdict, answer.unconsidered


def check(step: int) -> int:
    count = 0
    for case, verdict in read_cases(step):
        if case["pod"]["spec"].get("nodeName") or case.get("nominated"):
            continue  # the kubelet is asked, not the scheduler; the recording nominates apart
        nodes, said, opens = judge(case)
        expected = sorted(verdict["framework"].get("feasible", ()))
        if opens:
            continue  # the claims or classes of a case may be missing on purpose
        count += 1
        assert nodes == expected, case["id"]
        assert (said is FitVerdict.FITS) == bool(expected), case["id"]
    return count


def test_where_a_pod_fits_is_where_the_scheduler_put_it() -> None:
    assert check(12) > 200


@pytest.mark.slow
def test_every_recorded_pod_fits_where_the_scheduler_put_it() -> None:
    assert check(1) > 2_700
