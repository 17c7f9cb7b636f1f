"""The status of a Deployment: counters, conditions, progress and its deadline."""

from typing import Any

import pytest
from deployment_objects import AT, make_deployment, make_set, make_sync

from planespec.spec.controllers.apps.deployment_state import (
    Deployment,
    OwnedSet,
    set_condition,
)
from planespec.spec.controllers.apps.deployment_status import (
    compute_status,
    has_timed_out,
    is_progressing,
    sync_rollout_status,
)


def test_terminating_pods_are_counted_once_every_set_that_was_synced_tells_them() -> None:
    told = make_set("a", 1, status={"terminatingReplicas": 2, "observedGeneration": 1})
    fresh, silent = make_set("b", 1), make_set("c", 1, status={"observedGeneration": 1})
    state = make_sync(make_deployment())
    assert compute_status(state, [told, fresh, None], None)["terminatingReplicas"] == 2
    assert compute_status(state, [told, silent], None)["terminatingReplicas"] is None


def test_more_available_pods_than_wanted_are_not_fewer_than_none_unavailable() -> None:
    status = compute_status(make_sync(make_deployment()), [make_set("a", 1, 3)], None)
    assert status["unavailableReplicas"] == 0


def test_a_condition_of_the_same_status_and_reason_stays_as_it_is() -> None:
    old = {"type": "T", "status": "True", "reason": "R", "message": "m"}
    old |= {"lastTransitionTime": "then", "lastUpdateTime": "then"}
    status: Any = {"conditions": [old]}
    set_condition(status, old | {"message": "new", "lastUpdateTime": "now"})
    assert status["conditions"] == [old]
    set_condition(status, old | {"reason": "S", "lastTransitionTime": "now"})
    assert status["conditions"] == [old | {"reason": "S"}]
    set_condition(status, old | {"status": "False", "lastTransitionTime": "now"})
    assert status["conditions"] == [old | {"status": "False", "lastTransitionTime": "now"}]


def make_progress(reason: str, updated: str = "2026-01-01T00:00:00Z", status: str = "True") -> Any:
    """A condition Progressing."""
    times = {"lastUpdateTime": updated, "lastTransitionTime": updated}
    return {"type": "Progressing", "status": status, "reason": reason, "message": "m"} | times


@pytest.mark.parametrize(
    ("conditions", "deadline", "expected"),
    [
        ([], 600, False),
        ([make_progress("ReplicaSetUpdated")], 600, True),
        ([make_progress("ReplicaSetUpdated")], 86400, False),
        ([make_progress("ReplicaSetUpdated")], 86399, True),
        ([make_progress("ReplicaSetUpdated")], 2**31 - 1, False),
        ([make_progress("ReplicaSetUpdated")], None, False),
        ([make_progress("NewReplicaSetAvailable")], 1, False),
        ([make_progress("ProgressDeadlineExceeded", AT)], 600, True),
    ],
)
def test_a_rollout_times_out_after_its_deadline_and_stays_so(
    conditions: list[Any], deadline: int | None, expected: bool
) -> None:
    deployment = make_deployment(progressDeadlineSeconds=deadline)
    assert has_timed_out(make_sync(deployment), {"conditions": conditions}) is expected


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ({"replicas": 4, "updatedReplicas": 1}, False),
        ({"replicas": 5, "updatedReplicas": 2}, True),
        ({"replicas": 3, "updatedReplicas": 1}, True),
        ({"replicas": 4, "updatedReplicas": 1, "readyReplicas": 1}, True),
        ({"replicas": 4, "updatedReplicas": 1, "availableReplicas": 1}, True),
    ],
)
def test_more_new_ready_or_available_pods_or_fewer_old_ones_are_progress(
    new: dict[str, int], expected: bool
) -> None:
    assert is_progressing({"replicas": 4, "updatedReplicas": 1}, new) is expected


def get_progress(deployment: Deployment, *sets: OwnedSet) -> tuple[str, str] | None:
    """Reason and time of the last change of the condition Progressing after a rollout step."""
    state = make_sync(deployment, *sets)
    sync_rollout_status(state, sets, state.find_new())
    found = state.find_condition("Progressing")
    return None if found is None else (found["reason"], found["lastTransitionTime"])


def test_progress_changes_the_time_of_the_update_and_not_of_the_transition() -> None:
    before = make_progress("ReplicaSetUpdated")
    deployment = make_deployment(progressDeadlineSeconds=600, status={"conditions": [before]})
    state = make_sync(deployment)
    sync_rollout_status(state, [make_set("new", 2)], make_set("new", 2))
    found = state.find_condition("Progressing")
    assert found
    assert (found["lastUpdateTime"], found["lastTransitionTime"]) == (AT, before["lastUpdateTime"])
    late: Any = {**deployment.status.data} | {
        "replicas": 2,
        "updatedReplicas": 2,
        "availableReplicas": 2,
    }
    stuck = make_deployment(progressDeadlineSeconds=600, status=late)
    assert get_progress(stuck, make_set("new", 2)) == ("ProgressDeadlineExceeded", AT)


def test_a_rollout_that_is_over_is_not_judged_again_and_without_deadline_nothing_is_said() -> None:
    done = make_progress("NewReplicaSetAvailable")
    deployment = make_deployment(progressDeadlineSeconds=600, status={"conditions": [done]})
    assert get_progress(deployment, make_set("new", 9, 0)) == (
        "NewReplicaSetAvailable",
        done["lastTransitionTime"],
    )
    assert get_progress(make_deployment(status={"conditions": [done]})) is None


def test_the_failure_of_the_new_set_is_told_before_those_of_older_ones() -> None:
    def fail(message: str) -> Any:
        condition = {"type": "ReplicaFailure", "status": "True", "reason": "R"}
        return {"conditions": [condition | {"message": message, "lastTransitionTime": "then"}]}

    old, new = make_set("old", 1, status=fail("old")), make_set("new", 1, status=fail("new"))
    for sets, message in (((old, new), "new"), ((old,), "old")):
        state = make_sync(make_deployment(), *sets)
        sync_rollout_status(state, sets, state.find_new())
        failure = state.find_condition("ReplicaFailure")
        assert failure
        assert (failure["message"], failure["lastUpdateTime"]) == (message, "then")
    cured = make_deployment(status=fail("gone"))
    state = make_sync(cured)
    sync_rollout_status(state, [], None)
    assert state.find_condition("ReplicaFailure") is None
