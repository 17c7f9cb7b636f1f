"""Jobs, CronJobs, autoscalers and budgets: controllers answer as recorded."""

from pathlib import Path
from typing import Any

import pytest
from recordings import (
    check_lines,
    check_refusal,
    check_whole,
    get_recording,
    judge_lines,
    pick_line,
    read_lines,
)

from planespec.checker.errors import ExitCode
from planespec.reports.judge.controllers.job_answers import answer_job
from planespec.reports.judge.judges import recognise
from planespec.spec.controllers.batch.job_indexes import INDEX
from planespec.spec.controllers.batch.job_state import FAILURES, TRACKING
from planespec.spec.objects.view import View

NAME = "controllers_batch_scaling"
RECORDING = get_recording(NAME)
LINES = read_lines(NAME, every=17)
COUNTS = {
    "cronjob_sync": 2000,
    "hpa_normalize": 2000,
    "hpa_replicas": 1500,
    "job_indexes": 400,
    "job_pod_failure_policy": 750,
    "job_sync": 3000,
    "pdb_sync": 2000,
}


def test_a_sample_of_the_recorded_lines_agrees(tmp_path: Path) -> None:
    check_lines(NAME, tmp_path, LINES)
    assert recognise(RECORDING) == NAME


@pytest.mark.slow
def test_all_recorded_lines_agree() -> None:
    check_whole(NAME, COUNTS)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("cronjob_sync", {"nextTimes": ["never"]}),
        ("cronjob_sync", {"updateStatus": "perhaps"}),
        ("cronjob_sync", {"deleted": ["cj-0"]}),
        ("hpa_normalize", {"replicas": -1}),
        ("hpa_normalize", {"recommendationsAfter": []}),
        ("hpa_replicas", {"objectValue": {"replicas": -1, "usage": 0}}),
        ("job_indexes", {"after": "77"}),
        ("job_pod_failure_policy", {"countFailed": None}),
        ("job_sync", {"finalizersRemoved": 77}),
        ("job_sync", {"events": ["Normal Completed Job done"]}),
        ("job_sync", {"created": [{"generateName": "other-"}]}),
        ("job_sync", {"statusWrites": []}),
        ("pdb_sync", {"status": {"disruptionsAllowed": 77}}),
    ],
)
def test_another_answer_is_noticed(kind: str, change: Any, tmp_path: Path) -> None:
    line = pick_line(LINES, kind)
    line["out"] |= change
    assert [each.kind for each in judge_lines(NAME, tmp_path, line).disagreements] == [kind]


def test_which_of_two_equal_pods_is_deleted_is_open_and_how_many_is_not(tmp_path: Path) -> None:
    pods = [
        {
            "metadata": {"name": name, "namespace": "default", "uid": name},
            "status": {"phase": "Running"},
        }
        for name in ("p0", "p1")
    ]
    line = pick_line(LINES, "job_sync")
    spec = {"parallelism": 1, "completions": 9, "backoffLimit": 1}
    meta = {"name": "j", "namespace": "default", "uid": "u"}
    line["in"] = {"job": {"metadata": meta, "spec": spec, "status": {}}, "pods": pods}
    line["in"]["now"] = "2026-01-02T03:04:05Z"
    status = {"active": 1, "ready": 0, "terminating": 1, "startTime": line["in"]["now"]}
    answer = {
        "backoffRecord": {"failuresAfterLastSuccess": 0},
        "created": [],
        "finalizersRemoved": 0,
        "statusWrites": [{"patchesBefore": 0, "status": status}],
    }
    codes = []
    for deleted in (["p0"], ["p1"], ["p0", "p1"], []):
        line["out"] = {**answer, "deleted": deleted}
        codes.append(judge_lines(NAME, tmp_path, line).exit_code)
    assert codes == [ExitCode.HOLDS, ExitCode.HOLDS, ExitCode.SAFETY, ExitCode.SAFETY]


def test_which_failed_pod_of_an_index_stays_is_open_for_each_index(tmp_path: Path) -> None:
    def fail(name: str, index: str, failures: str, at: str) -> Any:
        annotations = {INDEX: index, FAILURES: failures}
        meta = {"name": name, "namespace": "n", "uid": name, "creationTimestamp": at}
        meta |= {"annotations": annotations, "finalizers": [TRACKING]}
        return {"metadata": meta, "status": {"phase": "Failed"}}

    early, late = "2026-01-02T00:00:00Z", "2026-01-02T00:00:10Z"
    pods = {
        f"{index}{name}": fail(f"{index}{name}", index, failures, at)
        for index in "01"
        for name, failures, at in (("a", "1", late), ("b", "2", early))
    }
    spec = {"completions": 2, "parallelism": 2, "backoffLimit": 99, "backoffLimitPerIndex": 9}
    job = {"metadata": {"name": "j", "uid": "u"}, "spec": spec | {"completionMode": "Indexed"}}
    line: Any = {"kind": "job_sync", "in": {"job": job, "now": "2026-01-02T03:04:05Z"}}
    for first in (("0a", "1a"), ("0b", "1b"), ("0a", "1b")):
        order = [*first, *(name for name in pods if name not in first)]
        line["in"]["pods"] = [pods[name] for name in order]
        line["out"] = answer_job(View(line["in"]), View({}))
        made = [pod["annotations"][FAILURES] for pod in line["out"]["created"]]
        assert made == [{"a": "2", "b": "3"}[name[1]] for name in first]
        line["in"]["pods"] = list(pods.values())
        check_lines(NAME, tmp_path, [line])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"kind": "x", "in": {}, "out": {"a": 1}}, "kind: 'x' is none of cronjob_sync"),
        ({"kind": "job_sync", "in": {"x": 1}, "out": {"a": 1}}, "in.job: is missing"),
        ({"kind": "cronjob_sync", "in": {"x": 1}, "out": {"a": 1}}, "in.cronJob: is missing"),
        ({"kind": "pdb_sync", "in": {"pdb": {"a": 1}}, "out": {"a": 1}}, "in.now: is missing"),
        (
            {"kind": "hpa_replicas", "in": {"tolerances": {}}, "out": {"a": 1}},
            "in.tolerances.scaleDown: must be a number",
        ),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: Any, message: str, tmp_path: Path
) -> None:
    check_refusal(NAME, tmp_path, line, message)


CONDITION = {"type": "Failed", "status": "False"}


@pytest.mark.parametrize(
    ("kind", "path", "value", "message"),
    [
        ("job_sync", "in job status conditions", [{"status": "True"}], "conditions[0].type: is"),
        ("job_sync", "in job status conditions", [CONDITION | {"reason": 1}], "reason: must be"),
        ("job_sync", "out deleted", [1], "out.deleted[0]: must be a string"),
        ("job_sync", "out created", ["x"], "out.created[0]: must be an object"),
        ("job_sync", "out statusWrites", [{"status": "x"}], "statusWrites[0].status: must be"),
        ("cronjob_sync", "in cronJob status", {"active": None}, ""),
        ("cronjob_sync", "in cronJob status", {"active": [{"uid": []}]}, "active[0].name: is"),
        ("cronjob_sync", "in cronJob status", {"lastScheduleTime": 7}, "must be a string"),
        ("cronjob_sync", "in cronJob spec startingDeadlineSeconds", 10**30, "beyond all bounds"),
        ("hpa_replicas", "in targetRaw", 0, "in.targetRaw: must be positive"),
        ("hpa_replicas", "in targetUtilization", -1, "in.targetUtilization: must be positive"),
    ],
)
def test_a_part_of_another_shape_is_named(
    kind: str, path: str, value: Any, message: str, tmp_path: Path
) -> None:
    line = place = pick_line(LINES, kind)
    *above, last = path.split()
    for name in above:
        place = place.setdefault(name, {})
    place[last] = value
    if message:
        check_refusal(NAME, tmp_path, line, message)
    else:
        assert judge_lines(NAME, tmp_path, line).cases == 1
