"""ReplicaSets: which pods go first, whose a pod is, and how many are made at once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from planespec.spec.controllers.apps.deletion_order import (
    Candidate,
    choose_for_deletion,
    order_for_deletion,
    rank_pods,
    read_cost,
)
from planespec.spec.controllers.apps.pod_ownership import claim, is_available
from planespec.spec.controllers.apps.replica_set_sync import (
    list_related,
    start_slowly,
    sync_replica_set,
)
from planespec.spec.labels import read_label_selector
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SELECTOR = read_label_selector({"matchLabels": {"app": "a"}})
READY = [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T12:00:00Z"}]


def make_pod(name: str, *, owner: str = "u", labels: Any = None, **more: Any) -> Pod:
    """A running pod; `owner` is the uid of its controller, "" for none."""
    meta: Any = {"name": name, "uid": name, "namespace": "default"}
    meta["labels"] = {"app": "a"} if labels is None else labels
    meta["ownerReferences"] = [{"uid": owner, "controller": True}] if owner else []
    meta |= more.pop("metadata", {})
    return Pod(
        {"metadata": meta, "status": {"phase": "Running"}, "spec": {"nodeName": "n"}} | more
    )


def make_set(replicas: int = 1, **more: Any) -> ApiObject:
    """A ReplicaSet of the uid `u`."""
    meta = {"name": "r", "namespace": "default", "uid": "u"} | more.pop("metadata", {})
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "a"}}, "template": {}}
    return ApiObject({"metadata": meta, "spec": spec} | more)


@pytest.mark.parametrize(
    ("text", "cost"),
    [("5", 5), ("-10", -10), ("0", 0), ("", 0), ("+3", 0), ("03", 0), ("-03", -3), ("x", 0)]
    + [("2147483647", 2147483647), ("2147483648", 0), ("-2147483649", 0), ("1.5", 0), ("-", 0)],
)
def test_a_cost_that_is_no_number_of_32_bits_is_none(text: str, cost: int) -> None:
    assert read_cost(text) == cost


def get_names(pods: list[Pod], *related: Pod) -> list[str]:
    """In which order the pods are deleted."""
    return [each.pod.name for each in order_for_deletion(rank_pods(pods, related, NOW))]


def test_pods_that_never_ran_go_first_and_ready_ones_last() -> None:
    ready = make_pod("ready", status={"phase": "Running", "conditions": READY})
    unknown = make_pod("unknown", status={"phase": "Unknown"})
    pending = make_pod("pending", status={"phase": "Pending"})
    pods = [ready, make_pod("running"), unknown, pending, make_pod("homeless", spec={})]
    assert get_names(pods) == ["homeless", "pending", "unknown", "running", "ready"]


def test_a_sidecar_that_restarts_counts_after_the_containers() -> None:
    sidecar = {"initContainers": [{"name": "s", "restartPolicy": "Always"}], "nodeName": "n"}
    restarted = {"initContainerStatuses": [{"name": "s", "restartCount": 9}], "phase": "Running"}
    pods = [
        make_pod("calm"),
        make_pod("sidecar", spec=sidecar, status=restarted),
        make_pod("init", status=restarted),
        make_pod("main", status={"phase": "Running", "containerStatuses": [{"restartCount": 1}]}),
    ]
    assert get_names(pods)[:2] == ["main", "sidecar"]


def test_pods_of_about_one_age_are_told_apart_by_uid_and_a_time_of_none_goes_first() -> None:
    ages = {"b": "2026-01-01T00:00:00Z", "a": "2026-01-01T01:00:00Z"}
    pods = [make_pod(n, metadata={"creationTimestamp": t}) for n, t in ages.items()]
    assert get_names(pods) == ["a", "b"]
    pods = [make_pod("z"), *pods, make_pod("y", metadata={"creationTimestamp": ages["a"]})]
    assert get_names(pods)[0] == "z"
    young = make_pod("w", metadata={"creationTimestamp": "2026-01-01T23:59:59Z"})
    assert get_names([*pods[1:], young])[0] == "w"


def test_pods_that_share_their_node_with_active_relatives_go_first() -> None:
    crowded = [make_pod("x", spec={"nodeName": "m"}), make_pod("y", spec={"nodeName": "m"})]
    ended = [make_pod(f"e{n}", status={"phase": "Failed"}) for n in range(3)]
    assert get_names([make_pod("alone"), crowded[0]], *crowded, *ended) == ["x", "alone"]


def test_nothing_is_compared_where_all_pods_go() -> None:
    pods = [make_pod("ready", status={"phase": "Running", "conditions": READY}), make_pod("b")]
    chosen = choose_for_deletion(rank_pods(pods, (), NOW), 2)
    assert [each.pod.name for each in chosen] == ["ready", "b"]
    assert isinstance(chosen[0], Candidate)


def test_an_orphan_is_adopted_and_what_no_longer_matches_is_released() -> None:
    orphan = make_pod("orphan", owner="")
    stray = make_pod("stray", labels={"app": "b"})
    far = make_pod("far", owner="", metadata={"namespace": "other"})
    going = make_pod("going", owner="", metadata={"deletionTimestamp": "2026-01-02T00:00:00Z"})
    pods = [orphan, stray, far, going, make_pod("foreign", owner="v")]
    claimed = claim(make_set(), SELECTOR, pods)
    assert (claimed.kept, claimed.adopted, claimed.released) == ([orphan], [orphan], [stray])
    patches = claimed.list_patches(make_set())
    assert [patch["metadata"]["ownerReferences"][0].get("$patch") for patch in patches] == [
        None,
        "delete",
    ]
    deleted = make_set(metadata={"deletionTimestamp": "2026-01-02T00:00:00Z"})
    claimed = claim(deleted, SELECTOR, pods)
    assert (claimed.kept, claimed.adopted, claimed.released) == ([], [], [])


def test_a_pod_is_available_only_after_it_has_been_ready_for_longer() -> None:
    pod = make_pod("p", status={"conditions": READY})
    assert is_available(pod, 43199, NOW)
    assert not is_available(pod, 43200, NOW)
    timeless = make_pod("p", status={"conditions": [{"type": "Ready", "status": "True"}]})
    assert is_available(timeless, 0, NOW)
    assert not is_available(timeless, 1, NOW)
    assert not is_available(make_pod("p"), 0, NOW)


def test_batches_double_until_one_has_errors() -> None:
    def fail_from(number: int) -> Iterator[str]:
        yield from [""] * (number - 1)
        while True:
            yield f"call {number}"
            number += 1

    calls = fail_from(4)
    assert start_slowly(20, lambda: next(calls)) == (7, 3, [f"call {n}" for n in range(4, 8)])
    assert start_slowly(0, lambda: "never called") == (0, 0, [])
    assert start_slowly(5, lambda: "") == (5, 5, [])


def test_at_most_500_pods_are_made_or_deleted_at_once() -> None:
    assert sync_replica_set(make_set(600), [], NOW).created == 500
    pods = [make_pod(f"p{n}") for n in range(502)]
    assert len(sync_replica_set(make_set(1), pods, NOW).deleted) == 500


def test_pods_of_all_replica_sets_of_a_deployment_are_related_and_none_without_one() -> None:
    owners = {"ownerReferences": [{"uid": "d", "controller": True}]}
    one, other = make_set(metadata=owners), make_set(metadata=owners | {"uid": "v"})
    pods = [make_pod("p"), make_pod("q", owner="v"), make_pod("r", labels={})]
    assert list_related(one, [one, other], pods) == pods[:2]
    assert list_related(make_set(), [make_set()], pods) == []


def test_a_status_is_written_only_where_it_is_new() -> None:
    first = sync_replica_set(make_set(0), [], NOW).status
    assert first == {
        **{"replicas": 0, "fullyLabeledReplicas": 0, "readyReplicas": 0},
        **{"availableReplicas": 0, "terminatingReplicas": 0, "conditions": []},
        "observedGeneration": 0,
    }
    known = {"replicas": 0, "terminatingReplicas": 0}
    assert sync_replica_set(make_set(0, status=known), [], NOW).status is None
    seen = make_set(0, status=known, metadata={"generation": 1})
    assert sync_replica_set(seen, [], NOW).status is not None


def test_the_failure_that_was_told_first_stays_until_pods_can_be_made() -> None:
    told = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "m"}
    other = {"type": "Other", "status": "True"}
    status = {"replicas": 0, "conditions": [told, other]}
    failing = sync_replica_set(make_set(1, status=status), [], NOW, create=lambda: "new")
    assert failing.error == "new"
    assert failing.status
    assert failing.status["conditions"] == [told, other]
    passed = sync_replica_set(make_set(1, status=status), [], NOW).status
    assert passed
    assert passed["conditions"] == [other]
