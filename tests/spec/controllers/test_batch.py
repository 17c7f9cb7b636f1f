"""Jobs and CronJobs: times, indexes, policies, back-off, and what one sync does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from planespec.spec.controllers.batch.cron_jobs import SCHEDULED, CronSync, sync_cron_job
from planespec.spec.controllers.batch.cron_schedule import read_schedule
from planespec.spec.controllers.batch.job_backoff import BackoffRecord, get_wait
from planespec.spec.controllers.batch.job_indexes import INDEX, make_set, read_indexes
from planespec.spec.controllers.batch.job_policies import find_success, judge_failure
from planespec.spec.controllers.batch.job_state import FAILURES, TRACKING, Job, count_failures
from planespec.spec.controllers.batch.job_sync import sync_job
from planespec.spec.controllers.pod_making import name_pods_of_index
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject, View

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "after", "then"),
    [
        ("*/15 * * * *", "2012-07-09T14:45:00Z", "2012-07-09T15:00:00Z"),
        ("20-35/15 * * * *", "2012-07-09T15:45:00Z", "2012-07-09T16:20:00Z"),
        ("0 0 29 2 *", "2012-07-09T23:35:00Z", "2016-02-29T00:00:00Z"),
        ("0 0 1 * mon", "2012-07-02T01:00:00Z", "2012-07-09T00:00:00Z"),
        ("TZ=America/New_York 30 2 11 3 ?", "2012-03-10T00:00:00Z", "2013-03-11T06:30:00Z"),
        ("TZ=America/New_York 0 * * * ?", "2012-03-11T06:00:00Z", "2012-03-11T07:00:00Z"),
        ("TZ=America/New_York 0 1 * * ?", "2012-11-04T05:00:00Z", "2012-11-04T06:00:00Z"),
        ("@every 90s", "2012-07-09T14:45:00Z", "2012-07-09T14:46:30Z"),
        ("@monthly", "2012-07-09T14:45:00Z", "2012-08-01T00:00:00Z"),
    ],
)
def test_the_next_time_of_a_schedule(line: str, after: str, then: str) -> None:
    """As TestNext of robfig/cron's spec_test.go, with zones by their offsets then."""
    found = read_schedule(line).find_next(datetime.fromisoformat(after))
    assert found == datetime.fromisoformat(then)


def test_a_day_that_never_comes_has_no_next_time() -> None:
    assert read_schedule("0 0 30 2 *").find_next(NOW) is None


def test_a_cron_job_that_missed_very_many_times_says_so_and_starts_the_last() -> None:
    """As TestMostRecentScheduleTime of cronjob's utils_test.go."""
    meta = {"name": "c", "namespace": "n", "creationTimestamp": "2026-01-01T00:00:00Z"}
    cron_job = ApiObject({"metadata": meta, "spec": {"schedule": "*/5 * * * *"}})
    sync = sync_cron_job(cron_job, [], NOW)
    assert sync.events[0].startswith("Warning TooManyMissedTimes")
    assert sync.created is not None
    assert sync.status["lastScheduleTime"] == "2026-01-02T03:00:00Z"
    assert sync.requeue_after == timedelta(seconds=55, milliseconds=100)
    again = ApiObject({"metadata": meta, "spec": cron_job.spec.data, "status": sync.status})
    assert sync_cron_job(again, [], NOW).created is None


def start_cron_job(**spec: Any) -> CronSync:
    meta = {"name": "c", "namespace": "n", "creationTimestamp": "2026-01-02T03:00:00Z"}
    return sync_cron_job(ApiObject({"metadata": meta, "spec": spec}), [], NOW)


def test_a_zone_in_the_schedule_is_warned_of_and_does_not_come_into_annotations() -> None:
    """As formatSchedule and getJobFromTemplate2 of cronjob's utils.go."""
    sync = start_cron_job(schedule="TZ=Asia/Tokyo */2 * * * *")
    assert sync.events[0] == (
        'Warning UnsupportedSchedule CRON_TZ or TZ used in schedule "TZ=Asia/Tokyo */2 * * * *"'
        " is not officially supported, see https://kubernetes.io/docs/concepts/workloads/"
        "controllers/cron-jobs/ for more details"
    )
    assert sync.created is not None
    assert sync.created.annotations == {SCHEDULED: "2026-01-02T03:04:00Z"}
    zoned = start_cron_job(schedule="*/2 * * * *", timeZone="Asia/Tokyo").created
    assert zoned is not None
    assert zoned.annotations == {SCHEDULED: "2026-01-02T12:04:00+09:00"}


@pytest.mark.parametrize(
    ("zone", "reason"),
    [
        ("Moon", "unknown time zone Moon"),
        ("../UTC", "time: invalid location name"),
        ("/UTC", "time: invalid location name"),
    ],
)
def test_why_a_zone_is_none(zone: str, reason: str) -> None:
    """As LoadLocation of Go's time/zoneinfo.go."""
    events = start_cron_job(schedule="* * * * *", timeZone=zone).events
    assert events == [f'Warning UnknownTimeZone invalid timeZone: "{zone}": {reason}']


@pytest.mark.parametrize(
    ("text", "completions", "written"),
    [
        ("0,1,2", 5, "0-2"),
        ("0-2,4", 4, "0-2"),
        ("3,x,5", 9, "3,5"),
        ("0-", 9, ""),
        ("1,2", 9, "1,2"),
        ("7", 3, ""),
        ("9999999999999999999,1", 3, "1"),
    ],
)
def test_indexes_are_read_and_written(text: str, completions: int, written: str) -> None:
    """As TestCalculateSucceededIndexes of indexed_job_utils_test.go."""
    assert str(read_indexes(text, completions)) == written


def test_sets_of_indexes_are_merged_and_asked() -> None:
    merged = read_indexes("1-3,7", 99) | make_set([0, 4, 6, 9])
    assert (str(merged), merged.total) == ("0-4,6,7,9", 8)
    assert [index in merged for index in (0, 4, 5, 9, 10)] == [True, True, False, True, False]
    assert merged.overlap(read_indexes("3-8", 99)) == 4


def test_the_first_rule_that_matches_decides_about_a_failed_pod() -> None:
    rules = [
        {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
        {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}},
    ]
    ended = [{"name": "c", "state": {"terminated": {"exitCode": 42}}}]
    pod = {"metadata": {"name": "p", "namespace": "n"}, "status": {"containerStatuses": ended}}
    verdict = judge_failure(View({"rules": rules}), ApiObject(pod))
    said = "Container c for pod n/p failed with exit code 42 matching FailJob rule at index 1"
    assert (verdict.action, verdict.counts, verdict.message) == ("FailJob", True, said)
    assert judge_failure(None, ApiObject(pod)).counts


def test_a_rule_of_an_action_or_an_operator_that_is_none_is_passed_over() -> None:
    """As matchPodFailurePolicy and isOnExitCodesOperatorMatching of pod_failure_policy.go."""
    ended = [{"name": "c", "state": {"terminated": {"exitCode": 42}}}]
    pod = ApiObject({"metadata": {"name": "p"}, "status": {"containerStatuses": ended}})

    def judge(action: str, operator: str) -> str:
        rule = {"action": action, "onExitCodes": {"operator": operator, "values": [1]}}
        last = {"action": "FailIndex", "onExitCodes": {"operator": "In", "values": [42]}}
        return judge_failure(View({"rules": [rule, last]}), pod).action

    assert judge("Ignore", "NotIn") == "Ignore"
    assert judge("Restart", "NotIn") == judge("Ignore", "Out") == "FailIndex"


def test_success_needs_the_wanted_indexes_or_as_many_as_are_asked_for() -> None:
    rules = View({"rules": [{"succeededIndexes": "0,2", "succeededCount": 1}]})
    assert find_success(rules, 9, read_indexes("1", 9)) is None
    assert find_success(rules, 9, read_indexes("2", 9)) == "Matched rules at index 0"
    assert find_success(View({"rules": [{"succeededCount": 2}]}), 9, read_indexes("3,5", 9))


def test_waits_after_failures_double_up_to_ten_minutes() -> None:
    """As TestGetRemainingBackoffTime of backoff_utils_test.go."""
    waits = [get_wait(failures, NOW, NOW).total_seconds() for failures in (0, 1, 2, 3, 7, 99)]
    assert waits == [0, 10, 20, 40, 600, 600]
    assert get_wait(1, NOW - timedelta(seconds=11), NOW) == timedelta(0)


def make_pod(name: str, phase: str = "Running", **metadata: Any) -> Pod:
    fixed = {"name": name, "namespace": "n", "uid": name, "finalizers": [TRACKING]}
    fixed |= {"creationTimestamp": "2026-01-02T03:00:00Z"}
    return Pod({"metadata": {**fixed, **metadata}, "status": {"phase": phase}})


def make_job(status: Any = None, **spec: Any) -> Job:
    spec = {"parallelism": 2, "completions": 2, "backoffLimit": 1, **spec}
    return Job({"metadata": {"name": "j", "namespace": "n"}, "spec": spec, "status": status})


def test_a_new_job_makes_its_pods_and_starts_its_clock() -> None:
    sync = sync_job(make_job(), [], NOW)
    assert (len(sync.created), sync.status["startTime"]) == (2, "2026-01-02T03:04:05Z")
    waiting = sync_job(make_job(), [], NOW, expectations_are_met=False)
    assert waiting.created == []


def test_pods_are_noted_freed_and_counted_in_this_order() -> None:
    pods = [make_pod("a", "Succeeded"), make_pod("b", "Failed"), make_pod("c")]
    first, second = sync_job(make_job(backoffLimit=6), pods, NOW).writes
    assert first.patches_before == 0
    assert first.status["uncountedTerminatedPods"] == {"succeeded": ["a"], "failed": ["b"]}
    assert (second.patches_before, second.status["succeeded"], second.status["failed"]) == (
        2,
        1,
        1,
    )


def test_a_job_past_its_limit_deletes_its_pods_and_ends_once_they_are_gone() -> None:
    pods = [make_pod("a", "Failed"), make_pod("b", "Failed"), make_pod("c")]
    sync = sync_job(make_job(), pods, NOW)
    kinds = [[c["type"] for c in w.status["conditions"]] for w in sync.writes]
    assert (sync.deleted, kinds[0]) == (["c"], ["FailureTarget"])
    assert ["Failed" in each for each in kinds] == [False, False]
    status = sync.writes[-1].status
    ended = sync_job(make_job(status), [], NOW)
    assert [c["type"] for c in ended.writes[-1].status["conditions"]][-1] == "Failed"
    assert sync_job(make_job(ended.writes[-1].status), [], NOW).writes == []


def test_a_job_that_waits_makes_no_pods() -> None:
    failed = BackoffRecord(1, NOW - timedelta(seconds=3))
    assert sync_job(make_job(), [], NOW, backoff=failed).created == []
    assert len(sync_job(make_job(), [], NOW + timedelta(seconds=9), backoff=failed).created) == 2


def test_a_suspended_job_has_no_pods_and_no_start() -> None:
    job = make_job({"startTime": "2026-01-02T03:00:00Z"}, suspend=True)
    sync = sync_job(job, [make_pod("a")], NOW)
    assert (sync.deleted, "startTime" in sync.status) == (["a"], False)
    assert sync.events == ["Normal Suspended Job suspended"]


def test_the_pod_of_an_index_that_failed_stays_until_another_takes_over_its_count() -> None:
    indexed = {"completionMode": "Indexed", "backoffLimitPerIndex": 2, "backoffLimit": 99}
    failed = make_pod("a", "Failed", annotations={INDEX: "0", FAILURES: "1"})
    job = make_job(completions=1, **indexed)
    later = NOW + timedelta(minutes=9)
    sync = sync_job(job, [failed], later)
    assert [pod.annotations for pod in sync.created] == [{INDEX: "0", FAILURES: "2"}]
    assert sync.patches == 0
    replaced = make_pod("b", annotations={INDEX: "0", FAILURES: "2"})
    assert sync_job(job, [failed, replaced], later).patches == 1


def test_of_two_failed_pods_of_an_index_the_later_stays_only_with_as_many_failures() -> None:
    """As getPodsWithDelayedDeletionPerIndex of indexed_job_utils.go: in the order of the pods."""
    job = make_job(
        completions=1, completionMode="Indexed", backoffLimitPerIndex=9, backoffLimit=99
    )

    def fail(name: str, failures: str, at: str) -> Pod:
        annotations = {INDEX: "0", FAILURES: failures}
        return make_pod(name, "Failed", annotations=annotations, creationTimestamp=at)

    early, late = "2026-01-02T03:00:00Z", "2026-01-02T03:01:00Z"
    for second, made in ((("2", early), "2"), (("2", late), "3"), (("0", late), "2")):
        pods = [fail("a", "1", late), fail("b", *second)]
        sync = sync_job(job, pods, NOW + timedelta(hours=1))
        assert [pod.annotations[FAILURES] for pod in sync.created] == [made]


def test_a_count_of_failures_that_is_no_number_is_none() -> None:
    """As parseInt32 of indexed_job_utils.go."""
    texts = {"3": 3, "+3": 3, "-3": 0, "2147483648": 0, "³": 0, "3.0": 0, "": 0}
    pods = [make_pod("a", annotations={FAILURES: text}) for text in texts]
    assert [count_failures(pod) for pod in pods] == list(texts.values())


def test_a_long_name_is_cut_and_keeps_its_index() -> None:
    """As podGenerateNameWithIndex of indexed_job_utils.go."""
    assert name_pods_of_index("j" * 55, 12) == "j" * 54 + "-12-"
    assert name_pods_of_index("j", 12) == "j-12-"


def test_of_active_pods_that_with_more_restarts_goes_be_they_of_a_sidecar() -> None:
    """As ActivePods of controller_utils.go, which compares maxContainerRestarts."""
    sidecar = {"initContainers": [{"name": "s", "restartPolicy": "Always"}]}
    statuses = {
        "a": {},
        "b": {"initContainerStatuses": [{"name": "s", "restartCount": 2}]},
        "c": {"initContainerStatuses": [{"name": "s", "restartCount": 1}]},
    }
    pods = [
        Pod({**make_pod(n).data, "spec": sidecar, "status": {"phase": "Running", **status}})
        for n, status in statuses.items()
    ]
    assert sync_job(make_job(parallelism=1, completions=9), pods, NOW).deleted == ["b", "c"]


def test_a_job_of_a_mode_that_is_none_is_left_alone() -> None:
    sync = sync_job(make_job(completionMode="Sorted"), [make_pod("a", "Succeeded")], NOW)
    said = "Skipped Job sync because completion mode is unknown"
    assert (sync.events, sync.writes) == ([f"Warning UnknownCompletionMode {said}"], [])


def test_a_job_of_another_controller_is_left_alone() -> None:
    """As syncJob of job_controller.go."""
    assert len(sync_job(make_job(managedBy="kubernetes.io/job-controller"), [], NOW).created) == 2
    sync = sync_job(make_job(managedBy="example.com/jobs"), [], NOW)
    assert (sync.created, sync.writes) == ([], [])


def test_success_that_was_said_not_to_be_is_said_anew() -> None:
    """As hasSuccessCriteriaMetCondition of success_policy.go."""
    denied = {"conditions": [{"type": "SuccessCriteriaMet", "status": "False"}]}
    pods = [make_pod("a", "Succeeded"), make_pod("b", "Succeeded")]
    first = sync_job(make_job(denied), pods, NOW).writes[0].status["conditions"]
    assert [(each["type"], each["status"]) for each in first] == [
        ("SuccessCriteriaMet", "False"),
        ("SuccessCriteriaMet", "True"),
    ]


def test_of_two_pods_of_one_index_one_goes() -> None:
    job = make_job(completionMode="Indexed")
    pods = [make_pod(name, annotations={INDEX: "1"}) for name in ("a", "b")]
    assert len(sync_job(job, pods, NOW).deleted) == 1
