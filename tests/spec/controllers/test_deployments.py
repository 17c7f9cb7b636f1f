"""Deployments: limits, the new ReplicaSet, changes of size, rollouts, history."""

from typing import Any

import pytest
from deployment_objects import AT, NOW, make_deployment, make_set, make_sync

from planespec.spec.controllers.apps.deployment_revisions import (
    ROLLBACK,
    annotate,
    clean_up,
    name_set,
)
from planespec.spec.controllers.apps.deployment_scaling import find_sizes, is_saturated
from planespec.spec.controllers.apps.deployment_state import (
    DESIRED,
    MOST,
    REVISION,
    Deployment,
    DeploymentSync,
    OwnedSet,
)
from planespec.spec.controllers.apps.deployment_sync import sync_deployment
from planespec.spec.controllers.disruption_budget import BudgetError
from planespec.spec.objects.core_views import Pod

HISTORY = "deployment.kubernetes.io/revision-history"


def sync(deployment: Deployment, *sets: OwnedSet, pods: Any = ()) -> DeploymentSync:
    """One sync; a new ReplicaSet gets the hash `h`."""
    return sync_deployment(deployment, sets, pods, NOW, "h")


def get_sizes(found: DeploymentSync) -> dict[str, int]:
    """The sizes that were written, by the name of the ReplicaSet."""
    writes = [each for each in found.actions if each["resource"] == "replicasets"]
    return {each["name"]: each["object"]["replicas"] for each in writes if "object" in each}


# Limits.


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "limits"),
    [
        (10, "25%", "25%", (3, 2)),
        (1, "1%", "99%", (1, 0)),
        (1, "0%", "99%", (0, 1)),
        (3, 0, 9, (0, 3)),
        (0, "50%", 1, (0, 0)),
    ],
)
def test_a_share_of_surge_is_rounded_up_and_that_of_missing_pods_down(
    replicas: int, surge: Any, unavailable: Any, limits: tuple[int, int]
) -> None:
    deployment = make_deployment(replicas, surge=surge, unavailable=unavailable)
    assert (deployment.max_surge, deployment.max_unavailable) == limits
    recreate = make_deployment(replicas, kind="Recreate", surge=surge, unavailable=unavailable)
    assert (recreate.max_surge, recreate.max_unavailable, recreate.min_available) == (0, 0, 0)


def test_a_limit_that_is_no_number_and_no_share_is_refused() -> None:
    with pytest.raises(BudgetError):
        _ = make_deployment(unavailable="some").max_unavailable


def test_a_number_in_an_annotation_is_digits_of_31_bits() -> None:
    """As TestGetNonNegativeInt32FromAnnotation of deployment_util_test.go."""
    texts = {"0": 0, "13": 13, "2147483647": 2147483647, "2147483648": None, "4294967296": None}
    texts |= dict.fromkeys(("-1", "+1", " 1", "1_0", "", "x"))
    sets = [make_set("a", 1, annotations={DESIRED: text}) for text in texts]
    assert [each.read_number(DESIRED) for each in sets] == list(texts.values())


# The new ReplicaSet.


def test_a_new_set_is_made_with_the_room_that_there_is_and_the_next_revision() -> None:
    found = sync(make_deployment(), make_set("old", 4, annotations={REVISION: "7"}))
    created = next(each for each in found.actions if each["verb"] == "create")
    assert (created["name"], created["object"]["replicas"]) == ("d-h", 1)
    assert created["object"]["annotations"] == {REVISION: "8", DESIRED: "4", MOST: "5"}
    assert found.events[0] == "Normal ScalingReplicaSet Scaled up replica set d-h from 0 to 1"


def test_a_name_that_is_taken_is_counted_as_a_collision() -> None:
    other = make_set("d-h", 0, metadata={"ownerReferences": [{"uid": "x", "controller": True}]})
    found = sync(make_deployment(), other)
    assert found.error == 'replicasets.apps "d-h" already exists'
    assert found.actions[-1]["object"]["status"]["collisionCount"] == 1
    assert len(found.actions) == 2
    recreated = sync(make_deployment(kind="Recreate"), other)
    assert recreated.error == found.error


def test_a_set_that_is_let_go_is_still_the_new_one_in_that_sync() -> None:
    """getNewReplicaSet of pkg/controller/deployment/sync.go reads it from the cache."""
    strange = {"labels": {"app": "b"}}
    template = make_deployment().spec.view("template").data
    let_go = make_set("d-h", 2, metadata=strange, template=template)
    found = sync(make_deployment(), let_go)
    assert [each["verb"] for each in found.actions][:3] == ["patch", "create", "update"]
    assert not found.error
    assert "collisionCount" not in found.actions[2]["object"]["status"]
    assert get_sizes(found)["d-h"] == 4
    other = sync(make_deployment(), make_set("d-h", 2, metadata=strange))
    assert other.error == 'replicasets.apps "d-h" already exists'


# Rollbacks that an annotation asks for (pkg/controller/deployment/rollback.go).


def roll_back(revision: str, *sets: OwnedSet, **more: Any) -> DeploymentSync:
    """A sync of a Deployment that is to go back."""
    asked = {"annotations": {ROLLBACK: revision, "why": "new", REVISION: "9"}}
    return sync(make_deployment(metadata=asked, **more), *sets)


@pytest.mark.parametrize("revision", ["3", "0"])
def test_a_rollback_takes_template_and_annotations_of_the_revision(revision: str) -> None:
    older = make_set("older", 0, annotations={REVISION: "2"})
    old = make_set("old", 0, annotations={REVISION: "3", "how": "old"})
    found = roll_back(revision, older, old, make_set("new", 4))
    written = found.actions[-1]["object"]
    assert written["annotations"] == {"how": "old", REVISION: "9"}
    assert written["template"] == {
        "metadata": {"labels": {"app": "a"}},
        "spec": {"nodeName": "old"},
    }
    assert found.events == ['Normal DeploymentRollback Rolled back deployment "d" to revision 3']


@pytest.mark.parametrize(
    ("revision", "sets", "said"),
    [
        (
            "7",
            [make_set("old", 0)],
            "RevisionNotFound Unable to find the revision to rollback to.",
        ),
        ("0", [], "RevisionNotFound Unable to find last revision."),
        (
            "9",
            [make_set("old", 0)],
            "TemplateUnchanged The rollback revision contains the same template as current"
            ' deployment "d"',
        ),
    ],
)
def test_a_rollback_that_cannot_be_is_given_up(
    revision: str, sets: list[OwnedSet], said: str
) -> None:
    found = roll_back(revision, *sets, make_set("new", 4))
    assert found.events == [f"Warning DeploymentRollback{said}"]
    assert found.actions[-1]["object"] == {"annotations": {"why": "new", REVISION: "9"}}


def test_a_rollback_waits_for_a_pause_and_goes_before_a_change_of_size() -> None:
    sets = make_set("old", 0, annotations={REVISION: "3"}), make_set("new", 2)
    assert "ScalingReplicaSet" in roll_back("3", *sets, paused=True).events[-1]
    assert "Rolled back" in roll_back("3", *sets, replicas=5).events[-1]
    assert "ScalingReplicaSet" in roll_back("x", *sets, replicas=5).events[-1]


def test_a_long_name_keeps_its_hash() -> None:
    assert name_set("d" * 300, "abc") == "d" * 249 + "-abc"


def test_annotations_are_copied_but_for_those_of_the_controller() -> None:
    wanted = {"a": "b", DESIRED: "9", "kubectl.kubernetes.io/last-applied-configuration": "x"}
    assert annotate(wanted, {"c": "d"}, 3) == ({"a": "b", "c": "d", REVISION: "3"}, True)
    same = {"a": "b", REVISION: "3"}
    assert annotate(wanted, same, 3) == (same, False)
    assert annotate(wanted, same, 2) == (same, False)


def test_an_annotation_without_text_is_copied_once() -> None:
    """`copyDeploymentAnnotationsToReplicaSet` of deployment_util.go asks whether it is there."""
    copied, is_changed = annotate({"a": ""}, {REVISION: "3"}, 3)
    assert (copied, is_changed) == ({"a": "", REVISION: "3"}, True)
    assert annotate({"a": ""}, copied, 3) == (copied, False)


def test_a_set_that_is_come_back_to_remembers_its_revisions() -> None:
    once, _ = annotate({}, {REVISION: "1"}, 3)
    assert once == {REVISION: "3", HISTORY: "1"}
    assert annotate({}, once, 5) == ({REVISION: "5", HISTORY: "1,3"}, True)
    full = {REVISION: "12", HISTORY: ",".join(["1234"] * 400)}
    cut = annotate({}, full, 13)[0][HISTORY]
    assert len(cut) <= 2000
    assert cut.endswith("1234,12")


def test_a_revision_that_is_no_number_stays_and_hides_every_change() -> None:
    assert annotate({"a": "b"}, {REVISION: "x"}, 3) == ({REVISION: "x", "a": "b"}, False)


# Changes of size.


def test_the_only_active_set_gets_the_size_and_with_none_the_latest() -> None:
    found = sync(make_deployment(6), make_set("new", 4))
    assert get_sizes(found) == {"new": 6}
    paused = make_deployment(6, paused=True)
    older = make_set("old1", 0, created="2025-01-01T00:00:00Z")
    assert get_sizes(sync(paused, older, make_set("old2", 0))) == {"old2": 6}


def test_a_new_set_that_has_all_its_pods_takes_those_of_the_others() -> None:
    deployment = make_deployment(4, paused=True)
    new = make_set("new", 4)
    assert is_saturated(deployment, new)
    assert not is_saturated(deployment, make_set("new", 4, 3))
    assert not is_saturated(deployment, make_set("new", 4, annotations={DESIRED: "x"}))
    assert get_sizes(sync(deployment, new, make_set("old", 2))) == {"old": 0}


def share(deployment: Deployment, *sets: OwnedSet) -> list[int]:
    """The sizes that these sets get."""
    found = DeploymentSync(deployment, list(sets), NOW, "", status=dict(deployment.status.data))
    return find_sizes(found, sets)


def test_what_is_added_is_shared_out_and_what_rounding_leaves_goes_to_the_first() -> None:
    sets = [make_set("old", 7, annotations={MOST: "11"}), make_set("new", 4)]
    assert share(make_deployment(10), *sets) == [7, 4]
    assert share(make_deployment(0), *sets) == [0, 0]
    sets = [each.change(annotations={MOST: "11"}) for each in sets]
    assert share(make_deployment(14), *sets) == [10, 5]
    sets = [make_set(f"old{n}", 1, annotations={MOST: "3"}) for n in range(3)]
    assert share(make_deployment(3), *sets) == [2, 1, 1]


def test_a_set_that_says_nothing_of_its_scale_is_compared_with_the_pods_there_are() -> None:
    silent = make_set("old", 4, annotations={MOST: "0"})
    assert share(make_deployment(7, status={"replicas": 4}), silent) == [8]
    other = make_set("new", 2, annotations={MOST: "x"})
    assert share(make_deployment(7), silent, other) == [6, 2]


def test_the_younger_of_two_equal_sets_grows_and_the_older_shrinks() -> None:
    old = make_set("old1", 2, created="2025-01-01T00:00:00Z")
    young = make_set("old2", 2)
    assert get_sizes(sync(make_deployment(5, paused=True), old, young)) == {"old1": 2, "old2": 4}
    assert get_sizes(sync(make_deployment(2, paused=True), old, young)) == {"old1": 1, "old2": 2}


def test_with_recreate_several_active_sets_are_left_alone() -> None:
    deployment = make_deployment(9, kind="Recreate", paused=True)
    assert get_sizes(sync(deployment, make_set("new", 2), make_set("old", 3))) == {}


# Rollouts.


def test_the_new_set_grows_before_an_old_one_shrinks() -> None:
    found = sync(make_deployment(), make_set("new", 0), make_set("old", 4))
    assert get_sizes(found) == {"new": 1}
    found = sync(make_deployment(), make_set("new", 1), make_set("old", 4))
    assert get_sizes(found) == {"old": 2}


def test_pods_that_are_not_available_go_first_and_new_ones_hold_up() -> None:
    sick, well = make_set("old1", 2, 0), make_set("old2", 2, created="2025-01-01T00:00:00Z")
    assert get_sizes(sync(make_deployment(), make_set("new", 1, 0), sick, well)) == {"old1": 1}
    full = make_set("new", 2, 0)
    tight = make_deployment(surge=0)
    assert get_sizes(sync(tight, full, sick, well)) == {"old1": 1}
    assert get_sizes(sync(tight, full, well.change(3))) == {}


def test_old_sets_with_more_available_pods_than_wanted_stop_the_step() -> None:
    odd = make_set("old1", 2, 3, created="2025-01-01T00:00:00Z")
    found = sync(make_deployment(), make_set("new", 1), odd, make_set("old2", 2, 0))
    assert get_sizes(found) == {}


def test_a_new_set_that_is_too_large_shrinks() -> None:
    deployment = make_deployment(4)
    assert get_sizes(sync(deployment, make_set("new", 6, annotations={MOST: "5"}))) == {"new": 4}


@pytest.mark.parametrize(
    ("phase", "sizes"),
    [("Running", {}), ("Unknown", {}), ("Failed", {"new": 4}), ("Succeeded", {"new": 4})],
)
def test_with_recreate_new_pods_wait_until_the_old_ones_have_ended(
    phase: str, sizes: dict[str, int]
) -> None:
    deployment = make_deployment(kind="Recreate")
    owner = {"uid": "old", "controller": True}
    meta = {"name": "p", "labels": {"app": "a"}, "ownerReferences": [owner]}
    pod = Pod({"metadata": meta, "status": {"phase": phase}})
    annotations = {MOST: "4"}
    sets = [make_set("new", 0, annotations=annotations), make_set("old", 0)]
    assert get_sizes(sync(deployment, *sets, pods=[pod])) == sizes


def test_with_recreate_all_old_sets_go_at_once() -> None:
    deployment = make_deployment(kind="Recreate")
    found = sync(deployment, make_set("old1", 2), make_set("old2", 1))
    assert get_sizes(found) == {"old1": 0, "old2": 0}
    assert not any(each["verb"] == "create" for each in found.actions)


# What is not brought on.


def test_a_deployment_that_is_being_deleted_only_gets_a_status() -> None:
    gone = {"deletionTimestamp": AT}
    found = sync(make_deployment(9, metadata=gone), make_set("old", 4))
    assert [each["resource"] for each in found.actions] == ["deployments"]


def test_a_deployment_that_selects_all_pods_is_only_observed() -> None:
    found = sync(make_deployment(selector={}, metadata={"generation": 2}), make_set("old", 4))
    assert found.events == [
        "Warning SelectingAll This deployment is selecting all pods. "
        "A non-empty selector is required."
    ]
    assert [each["object"]["status"] for each in found.actions] == [{"observedGeneration": 2}]


def test_a_strategy_that_is_none_is_an_error() -> None:
    """As syncDeployment of deployment_controller.go."""
    found = sync(make_deployment(kind="Sideways"), make_set("old", 4))
    assert found.error == "unexpected deployment strategy type: Sideways"


# History.


def test_old_sets_beyond_the_limit_go_and_those_with_pods_count_but_stay() -> None:
    def make_old(revision: str, **more: Any) -> OwnedSet:
        return make_set(f"r{revision}", more.pop("replicas", 0), annotations={REVISION: revision})

    sets = [make_old("3"), make_old("1", replicas=1), make_old("2"), make_old("10")]
    state = make_sync(make_deployment(revisionHistoryLimit=2))
    clean_up(state, sets)
    assert [each["name"] for each in state.actions] == ["r2"]
    state = make_sync(make_deployment(revisionHistoryLimit=2**31 - 1))
    clean_up(state, sets)
    assert state.actions == []


def test_old_sets_go_by_age_where_a_revision_is_no_number() -> None:
    odd = make_set("odd", 0, annotations={REVISION: "x"})
    old = make_set("old", 0, annotations={REVISION: "9"}, created="2025-01-01T00:00:00Z")
    unseen = make_set("unseen", 0, metadata={"generation": 2}, created="2024-01-01T00:00:00Z")
    gone = make_set("gone", 0, metadata={"deletionTimestamp": AT})
    state = make_sync(make_deployment(revisionHistoryLimit=1))
    clean_up(state, [odd, old, unseen, gone])
    assert [each["name"] for each in state.actions] == ["old"]
