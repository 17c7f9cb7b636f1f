"""Rules of single writes: words of the scheduler, taints, evictions, quotas, expiry."""

from datetime import UTC, datetime, timedelta

from planespec.spec.admission.quota_recount import recount
from planespec.spec.admission.resource_quota import read_quota
from planespec.spec.controllers.batch.job_expiry import find_expiry
from planespec.spec.controllers.batch.job_state import Job
from planespec.spec.controllers.eviction_charges import charge_budget, is_free, needs_no_budget
from planespec.spec.objects import Pod, View
from planespec.spec.objects.view import ApiObject
from planespec.spec.scheduling.framework import find_feasible_nodes
from planespec.spec.scheduling.pending_pods import list_failures, tell_nodes
from planespec.spec.scheduling.plugin import unresolvable
from planespec.spec.scheduling.snapshot_building import build_snapshot, read_pod

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def make_pod(name: str, cpu: str = "1", priority: int = 0, node: str = "") -> dict[str, object]:
    container = {"name": "c", "resources": {"requests": {"cpu": cpu}}}
    spec = {"containers": [container], "priority": priority} | ({"nodeName": node} if node else {})
    return {"metadata": {"name": name, "namespace": "a", "uid": name}, "spec": spec}


def fail(pod: dict[str, object], *others: dict[str, object]) -> list[tuple[str, str | None]]:
    node = {"metadata": {"name": "n1"}, "status": {"allocatable": {"cpu": "1", "pods": "9"}}}
    snapshot = build_snapshot({"Node": [node], "Pod": [*others, pod]})
    failures = list_failures(find_feasible_nodes(snapshot, read_pod(pod)))
    return [(each.message, each.nominated) for each in failures]


def test_a_pod_that_fits_nowhere_is_told_why_and_waits_for_no_node() -> None:
    said = "0/1 nodes are available: 1 No preemption victims found for incoming pod."
    message = "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preempt"
    assert fail(make_pod("p"), make_pod("q", node="n1")) == [(f"{message}ion: {said}", "")]


def test_a_pod_of_higher_priority_waits_for_the_node_of_its_victims() -> None:
    found = fail(make_pod("p", priority=9), make_pod("q", node="n1"))
    assert found == [("0/1 nodes are available: 1 Insufficient cpu.", "n1")]


def test_nodes_without_a_status_are_those_where_preemption_does_not_help() -> None:
    told = tell_nodes(3, [unresolvable("no room")], "not helpful")
    assert told == "0/3 nodes are available: 1 no room, 2 not helpful."
    assert tell_nodes(0, []) == "0/0 nodes are available:"


def make_budget(allowed: int, policy: str = "", observed: int = 1) -> ApiObject:
    status = {"disruptionsAllowed": allowed, "currentHealthy": 2, "desiredHealthy": 2}
    spec = {"unhealthyPodEvictionPolicy": policy} if policy else {}
    meta = {"generation": 1}
    status["observedGeneration"] = observed
    return ApiObject({"metadata": meta, "spec": spec, "status": status})


def test_an_eviction_is_taken_off_the_budget() -> None:
    status = charge_budget(make_budget(1), "p", "2026-01-01T00:00:00Z")
    assert status is not None
    assert status["disruptionsAllowed"] == 0
    assert status["disruptedPods"] == {"p": "2026-01-01T00:00:00Z"}
    assert status["conditions"][0]["status"] == "False"
    assert charge_budget(make_budget(0), "p", "") is None
    assert charge_budget(make_budget(1, observed=0), "p", "") is None, "not looked at yet"


def test_pods_that_are_not_ready_may_go_without_being_counted() -> None:
    running = Pod({"status": {"phase": "Running"}})
    assert not needs_no_budget(running)
    assert needs_no_budget(Pod({"status": {"phase": "Pending"}}))
    assert is_free(make_budget(0), running), "enough are healthy"
    short = make_budget(0)
    lacking = ApiObject({**short.data, "status": {"currentHealthy": 1, "desiredHealthy": 2}})
    assert not is_free(lacking, running)
    always = {**lacking.data, "spec": {"unhealthyPodEvictionPolicy": "AlwaysAllow"}}
    assert is_free(ApiObject(always), running)


def test_a_quota_counts_pods_that_have_not_ended() -> None:
    hard = {"pods": "9", "count/pods": "9", "requests.cpu": "9"}
    quota = read_quota({"metadata": {"name": "q"}, "spec": {"hard": hard}})
    ended = {**make_pod("e"), "status": {"phase": "Succeeded"}}
    pods = [View(make_pod("p", cpu="2")), View(ended)]
    used = {name: str(each) for name, each in recount(quota, {"pods": pods}, NOW).items()}
    assert used == {"pods": "1", "count/pods": "2", "requests.cpu": "2"}


def test_a_pod_whose_time_is_up_counts_no_more() -> None:
    quota = read_quota({"metadata": {"name": "q"}, "spec": {"hard": {"pods": "9"}}})
    pod = make_pod("p")
    meta = {"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": 30}
    going = [View({**pod, "metadata": meta})]
    for seconds, count in ((29, "1"), (31, "0")):
        found = recount(quota, {"pods": going}, NOW + timedelta(seconds=seconds))
        assert str(found["pods"]) == count


def test_a_job_expires_once_it_is_over() -> None:
    over = {"type": "Failed", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    job = {"spec": {"ttlSecondsAfterFinished": 5}, "status": {"conditions": [over]}}
    assert find_expiry(Job(job)) == NOW + timedelta(seconds=5)
    assert find_expiry(Job({**job, "status": {}})) is None
    assert find_expiry(Job({**job, "spec": {}})) is None
