"""StatefulSets: order, revisions, partitions, claims, status."""

from datetime import UTC, datetime
from typing import Any

import pytest

from planespec.spec.controllers.apps.revision_history import (
    Revision,
    find_update,
    hash_template,
    list_surplus,
    read_revision_of,
)
from planespec.spec.controllers.apps.stateful_claims import Owner
from planespec.spec.controllers.apps.stateful_set_state import (
    StatefulSet,
    StatefulSync,
    get_ordinal,
)
from planespec.spec.controllers.apps.stateful_set_sync import sync_stateful_set
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject

NOW = datetime(2026, 1, 2, tzinfo=UTC)
READY = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
WELL = {"phase": "Running", "conditions": [READY]}
GOING = {"deletionTimestamp": "2026-01-02T00:00:00Z"}
CLAIMS = [{"metadata": {"name": "data"}}]


def make_template(image: str) -> Any:
    """A template of one container."""
    return {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"image": image}]}}


def make_set(replicas: int = 2, *, image: str = "v2", **more: Any) -> StatefulSet:
    """A StatefulSet; `rolling` is what it says of rollouts, `kind` the sort of update."""
    strategy: Any = {"type": more.pop("kind", "RollingUpdate")}
    strategy |= {"rollingUpdate": more.pop("rolling")} if "rolling" in more else {}
    meta = {"name": "s", "namespace": "default", "uid": "u"} | more.pop("metadata", {})
    status = {"currentRevision": "s-r1"} | more.pop("status", {})
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": "a"}},
        "serviceName": "svc",
        "template": make_template(image),
        "updateStrategy": strategy,
    }
    return StatefulSet({"metadata": meta, "spec": spec | more, "status": status})


def make_revision(number: int, image: str) -> ApiObject:
    """A revision of that number; r1 has the image v1, and so on."""
    template = make_template(image) | {"$patch": "replace"}
    data = {"spec": {"template": template}}
    return ApiObject({"metadata": {"name": f"s-r{number}"}, "data": data, "revision": number})


HISTORY = [make_revision(1, "v1"), make_revision(2, "v2")]


def make_pod(ordinal: int, revision: int = 2, status: Any = None, **more: Any) -> Pod:
    """A pod of the set and of that revision, available where nothing else is said."""
    name = f"s-{ordinal}"
    labels = {"controller-revision-hash": f"s-r{revision}"}
    labels |= {"statefulset.kubernetes.io/pod-name": name, "app": "a"}
    meta: Any = {"name": name, "namespace": "default", "uid": f"p{ordinal}", "labels": labels}
    meta |= more.pop("metadata", {})
    return Pod({"metadata": meta, "status": WELL if status is None else status} | more)


def make_claim(ordinal: int, *owners: Any, **meta: Any) -> ApiObject:
    """The claim `data` of a pod."""
    found = {"name": f"data-s-{ordinal}", "ownerReferences": list(owners)}
    return ApiObject({"metadata": found | meta})


def sync(
    stateful_set: StatefulSet, *pods: Pod, claims: Any = (), revisions: Any = HISTORY
) -> StatefulSync:
    """One sync."""
    return sync_stateful_set(stateful_set, pods, revisions, claims, NOW)


def list_writes(found: StatefulSync, *verbs: str) -> list[str]:
    """What was written but for the status, as `verb name`."""
    return [
        f"{action['verb']} {action['name']}"
        for stage in found.stages
        for sequence in stage
        for action in sequence
        if action["resource"] != "statefulsets" and (not verbs or action["verb"] in verbs)
    ]


@pytest.mark.parametrize(
    ("name", "ordinal"),
    [("s-0", 0), ("s-12", 12), ("a-b-7", 7), ("s", -1), ("s-", -1), ("s-x", -1)]
    + [("s-2147483647", 2147483647), ("s-2147483648", -1), ("s-007", 7)],
)
def test_the_ordinal_is_the_number_at_the_end(name: str, ordinal: int) -> None:
    assert get_ordinal(Pod({"metadata": {"name": name}})) == ordinal


# Order.


def test_an_ordered_set_makes_one_pod_at_a_time_and_another_all_of_them() -> None:
    assert list_writes(sync(make_set(3))) == ["create s-0"]
    parallel = sync(make_set(3, podManagementPolicy="Parallel"))
    assert list_writes(parallel) == ["create s-0", "create s-1", "create s-2"]
    assert [len(stage) for stage in parallel.stages[:2]] == [1, 2]


@pytest.mark.parametrize(
    "pod",
    [
        make_pod(0, status={"phase": "Pending"}),
        make_pod(0, status={"phase": "Running"}),
        make_pod(0, status={"phase": "Unknown", "conditions": [READY]}),
        make_pod(0, metadata=GOING),
        make_pod(0, status={"phase": "Failed"}, metadata=GOING),
    ],
)
def test_an_ordered_set_waits_for_a_pod_that_is_not_available(pod: Pod) -> None:
    assert list_writes(sync(make_set(2), pod)) == []
    both = sync(make_set(2, podManagementPolicy="Parallel", kind="OnDelete"), pod)
    assert list_writes(both) == ["create s-1"]


def test_an_ordered_set_waits_until_a_pod_was_ready_for_long_enough() -> None:
    pod = make_pod(0)
    assert list_writes(sync(make_set(2, minReadySeconds=86399), pod)) == ["create s-1"]
    assert list_writes(sync(make_set(2, minReadySeconds=86400), pod)) == []


@pytest.mark.parametrize("phase", ["Failed", "Succeeded"])
def test_a_pod_that_has_ended_is_deleted_and_nothing_else_is_done(phase: str) -> None:
    assert list_writes(sync(make_set(2), make_pod(0, status={"phase": phase}))) == ["delete s-0"]


def test_pods_that_are_too_many_go_from_the_highest_on() -> None:
    pods = [make_pod(n) for n in (0, 2, 10)]
    assert list_writes(sync(make_set(1), *pods)) == ["delete s-10"]
    parallel = make_set(1, podManagementPolicy="Parallel", kind="OnDelete")
    assert list_writes(sync(parallel, *pods)) == ["delete s-10", "delete s-2"]
    going = [pods[0], make_pod(3), make_pod(4, metadata=GOING)]
    assert list_writes(sync(make_set(1), *going)) == []
    assert list_writes(sync(parallel, *going)) == ["delete s-3"]


def test_of_the_pods_that_are_too_many_only_the_first_sick_one_goes_at_once() -> None:
    sick = {"phase": "Running"}
    pods = [make_pod(0), make_pod(1, status=sick), make_pod(2, status=sick)]
    assert list_writes(sync(make_set(1), *pods)) == []
    assert list_writes(sync(make_set(1), pods[0], pods[2])) == ["delete s-2"]


def test_ordinals_begin_where_the_set_says() -> None:
    found = sync(make_set(2, ordinals={"start": 3}), make_pod(3), make_pod(2))
    assert list_writes(found) == ["create s-4"]
    done = sync(make_set(1, ordinals={"start": 3}), make_pod(3), make_pod(2))
    assert list_writes(done) == ["delete s-2"]


def test_a_set_that_is_being_deleted_only_gets_a_status() -> None:
    found = sync(make_set(3, metadata=GOING), make_pod(0))
    assert list_writes(found) == []
    assert found.status["replicas"] == 1


def test_a_pod_whose_name_is_taken_is_an_error_and_all_errors_are_told() -> None:
    nobody = {"phase": ""}
    found = sync(make_set(2), make_pod(0, status=nobody))
    assert found.errors == ['pods "s-0" already exists']
    parallel = make_set(4, podManagementPolicy="Parallel")
    found = sync(parallel, make_pod(0), *(make_pod(n, status=nobody) for n in (1, 2)))
    assert found.errors == ['pods "s-1" already exists', 'pods "s-2" already exists']
    assert "create s-3" not in list_writes(found)


# Revisions and updates.


def test_one_old_pod_is_replaced_at_a_time_from_the_highest_on() -> None:
    old = [make_pod(n, 1) for n in range(3)]
    found = sync(make_set(3), *old)
    assert list_writes(found) == ["delete s-2"]
    assert found.status["currentReplicas"] == 2
    assert list_writes(sync(make_set(3), *old[:2], make_pod(2))) == ["delete s-1"]
    assert list_writes(sync(make_set(3, kind="OnDelete"), *old)) == []


def test_a_new_pod_that_is_not_available_holds_up_the_next() -> None:
    parallel = make_set(2, podManagementPolicy="Parallel")
    sick = make_pod(1, status={"phase": "Running"})
    assert list_writes(sync(parallel, make_pod(0, 1), sick)) == []
    going = make_pod(1, 1, metadata=GOING)
    assert list_writes(sync(parallel, make_pod(0, 1), going)) == []


def test_pods_below_the_partition_stay_and_are_made_of_the_old_template() -> None:
    pods = [make_pod(n, 1) for n in range(3)]
    held = make_set(3, rolling={"partition": 2}, ordinals={"start": 1})
    moved = [make_pod(n, 1) for n in range(1, 4)]
    assert list_writes(sync(held, *moved)) == ["delete s-3"]
    assert list_writes(sync(make_set(3, rolling={"partition": 3}), *pods)) == []
    made = sync(make_set(2, rolling={"partition": 1})).stages[0][0][0]["object"]
    assert (made["image"], made["labels"]["controller-revision-hash"]) == ("v1", "s-r1")
    made = sync(make_set(2, rolling={"partition": 0})).stages[0][0][0]["object"]
    assert (made["image"], made["labels"]["controller-revision-hash"]) == ("v2", "s-r2")


def test_without_a_partition_as_many_are_made_of_the_old_template_as_there_were() -> None:
    status = {"currentRevision": "s-r1", "currentReplicas": 1}
    made = sync(make_set(2, status=status)).stages[0][0][0]["object"]
    assert made["image"] == "v1"
    made = sync(make_set(2, status=status, kind="OnDelete")).stages[0][0][0]["object"]
    assert made["image"] == "v2"


def test_a_template_that_was_there_before_gets_the_next_number_and_a_new_one_a_name() -> None:
    history = [read_revision_of(each) for each in HISTORY]
    last, changes, _ = find_update(history, "s", history[1].template)
    assert (last.name, changes) == ("s-r2", [])
    back, changes, _ = find_update(history, "s", history[0].template)
    assert (back.name, back.number, [each.verb for each in changes]) == ("s-r1", 3, ["update"])
    template = {"metadata": {"labels": {"app": "a"}}}
    template["spec"] = {"containers": [{"image": "v1", "name": "c"}]}
    new, changes, _ = find_update(history, "s" * 300, template)
    assert (new.name, new.number) == ("s" * 223 + "-67fd479774", 3)
    assert [each.verb for each in changes] == ["create"]
    assert find_update([], "s", {})[0].number == 1


def test_another_name_is_tried_where_one_is_taken() -> None:
    template = {"spec": {"containers": []}}
    first, second = (f"s-{hash_template(template, count)}" for count in (0, 1))
    taken = [Revision(first, 1, "", {"spec": {}})]
    new, changes, collisions = find_update(taken, "s", template)
    assert (new.name, collisions) == (second, 1)
    assert [each.revision.name for each in changes] == [first, second]
    status = {"collisionCount": 1}
    found = sync(make_set(0, image="v9", status=status))
    assert list_writes(found) == [f"create s-{hash_template(make_template('v9'), 1)}"]
    assert found.status["collisionCount"] == 1


def test_a_time_that_was_null_does_not_make_another_revision() -> None:
    template = make_template("v2")
    template["metadata"]["creationTimestamp"] = None
    data = {"spec": {"template": template | {"$patch": "replace"}}}
    old = ApiObject({"metadata": {"name": "s-r2"}, "data": data, "revision": 2})
    assert list_writes(sync(make_set(0), revisions=[old])) == []


def test_old_revisions_beyond_the_limit_go_unless_a_pod_is_of_one() -> None:
    history = [Revision(f"r{n}", n, "", {}) for n in range(5)]
    assert [each.name for each in list_surplus(history, ["r1", "r4"], 1)] == ["r0", "r2"]
    assert list_surplus(history, [], -1) == []
    assert list_surplus(history, [], 5) == []
    revisions = [make_revision(n, f"v{n}") for n in range(1, 4)]
    found = sync(make_set(0, image="v3", revisionHistoryLimit=0), revisions=revisions)
    assert list_writes(found) == ["delete s-r2"]


# Status.


def test_a_rollout_that_is_done_makes_the_new_revision_current() -> None:
    done = sync(make_set(2), make_pod(0), make_pod(1)).status
    assert (done["currentRevision"], done["currentReplicas"]) == ("s-r2", 2)
    waiting = sync(make_set(2), make_pod(0), make_pod(1), make_pod(2)).status
    assert (waiting["currentRevision"], waiting["currentReplicas"]) == ("s-r1", 0)
    on_delete = sync(make_set(2, kind="OnDelete"), make_pod(0), make_pod(1)).status
    assert on_delete["currentRevision"] == "s-r1"


def test_a_status_is_written_only_where_it_is_new() -> None:
    known = {"currentRevision": "s-r2", "updateRevision": "s-r2", "observedGeneration": 3}
    assert sync(make_set(0, status=known)).stages == []
    newer = make_set(0, status=known, metadata={"generation": 4})
    assert sync(newer).stages[-1][0][0]["resource"] == "statefulsets"
    older = make_set(0, status=known, metadata={"generation": 2})
    assert sync(older).stages == []


def test_a_pod_is_counted_by_how_it_is() -> None:
    pods = [make_pod(0), make_pod(1, 1), make_pod(2, metadata=GOING)]
    pods += [make_pod(3, status={"phase": "Pending", "conditions": [READY]})]
    pods += [make_pod(4, status={"phase": ""})]
    found = sync(make_set(5, metadata=GOING), *pods).status
    counted = {name: count for name, count in found.items() if name.endswith("Replicas")}
    assert found["replicas"] == 4
    assert counted == {
        **{"readyReplicas": 3, "availableReplicas": 3},
        **{"currentReplicas": 1, "updatedReplicas": 2},
    }


# Identity and storage.


def test_a_pod_without_its_name_in_its_label_gets_it() -> None:
    nameless = make_pod(0, metadata={"labels": {"controller-revision-hash": "s-r2"}})
    found = sync(make_set(1), nameless)
    assert list_writes(found) == ["update s-0"]
    assert found.stages[0][0][0]["object"]["labels"] == {
        "controller-revision-hash": "s-r2",
        "statefulset.kubernetes.io/pod-name": "s-0",
        "apps.kubernetes.io/pod-index": "0",
    }


def test_claims_are_made_before_a_pod_and_for_one_that_waits_and_for_one_without() -> None:
    claimed = make_set(1, volumeClaimTemplates=CLAIMS)
    assert list_writes(sync(claimed)) == ["create data-s-0", "create s-0"]
    pending = make_pod(0, status={"phase": "Pending"})
    assert list_writes(sync(claimed, pending)) == ["create data-s-0"]
    assert list_writes(sync(claimed, make_pod(0))) == ["create data-s-0", "update s-0"]
    mounted = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-s-0"}}]}
    assert list_writes(sync(claimed, make_pod(0, spec=mounted))) == []


def test_a_claim_that_is_being_deleted_is_in_the_way() -> None:
    claimed = make_set(2, volumeClaimTemplates=CLAIMS)
    found = sync(claimed, claims=[make_claim(0, **GOING)])
    assert found.errors == ["pvc data-s-0 is being deleted"]
    assert list_writes(found) == []


def test_a_claim_is_made_twice_where_a_pod_waits_and_mounts_another() -> None:
    claimed = make_set(1, volumeClaimTemplates=CLAIMS, podManagementPolicy="Parallel")
    found = sync(claimed, make_pod(0, status={"phase": "Pending"}))
    already = 'persistentvolumeclaims "data-s-0" already exists'
    assert found.errors == [f"failed to create PVC data-s-0: {already}"]


SET, POD = Owner("apps/v1", "StatefulSet", "s", "u"), Owner("v1", "Pod", "s-0", "p0")
OWN, PODS = SET.make_reference(), POD.make_reference()


def test_a_pod_waits_for_the_claim_of_an_earlier_one_to_go() -> None:
    policy = {"whenScaled": "Delete", "whenDeleted": "Retain"}
    claim = make_claim(0, PODS | {"uid": "old"})
    waiting = make_set(1, volumeClaimTemplates=CLAIMS, persistentVolumeClaimRetentionPolicy=policy)
    assert list_writes(sync(waiting, claims=[claim])) == []
    keeping = make_set(1, volumeClaimTemplates=CLAIMS)
    assert list_writes(sync(keeping, claims=[claim])) == ["create s-0"]


def test_the_claims_of_pods_that_are_too_many_get_their_owners_before_these_go() -> None:
    policy = {"whenScaled": "Delete", "whenDeleted": "Delete"}
    shrinking = make_set(
        0, volumeClaimTemplates=CLAIMS, persistentVolumeClaimRetentionPolicy=policy
    )
    found = sync(shrinking, make_pod(0), claims=[make_claim(0, OWN)])
    assert list_writes(found) == ["update data-s-0", "delete s-0"]
    assert found.stages[0][0][0]["object"]["ownerReferences"] == [PODS]
