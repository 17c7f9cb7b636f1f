"""What our rules answer about StatefulSets: one sync.

A set without order brings several pods on at once: only what is written for one pod has an order
then, and of several errors any may come first.
"""

from collections.abc import Sequence
from typing import Any

from planespec.reports.judge.controllers.apps_answers.replica_set_answers import (
    Answers,
    read_now,
    read_pods,
)
from planespec.reports.judge.runner import are_alike
from planespec.spec.controllers.apps.stateful_set_state import Json, Stage, StatefulSet
from planespec.spec.controllers.apps.stateful_set_sync import sync_stateful_set
from planespec.spec.objects.view import ApiObject, View

_SHOWN = ("replicas", "availableReplicas", "collisionCount")
"""Fields of the status that are told even where they are 0."""


def answer_stateful_set(given: View, out: View) -> Answers:
    """Answer what a sync writes, and the status that it returns if it ends well."""
    view = given.needing("statefulSet").view("statefulSet")
    stateful_set = StatefulSet(view.data, view.field)
    sync = sync_stateful_set(
        stateful_set,
        read_pods(given),
        [ApiObject(each.data, each.field) for each in given.views("revisions")],
        [ApiObject(each.data, each.field) for each in given.views("claims")],
        read_now(given),
    )
    stages = [[[_tell(each) for each in sequence] for sequence in stage] for stage in sync.stages]
    answers: Answers = {"actions": merge(stages, out.items("actions"))}
    if sync.errors:
        return answers | {"error": _join(sync.errors, out.text("error"))}
    return answers | {"status": _tell_status(sync.status)}


def _join(errors: Sequence[str], recorded: str) -> str:
    """Several errors as Go joins them, in the order recorded where they are the same."""
    if len(errors) == 1:
        return errors[0]
    if sorted(recorded[1:-1].split(", ")) == sorted(errors):
        return recorded
    return f"[{', '.join(errors)}]"


def merge(stages: Sequence[Stage], recorded: Sequence[object]) -> list[Json]:
    """All writes in the order recorded, as far as they may come in that order."""
    merged: list[Json] = []
    for stage in stages:
        left = [list(sequence) for sequence in stage if sequence]
        while left:
            wanted = recorded[len(merged)] if len(merged) < len(recorded) else None
            chosen = next((each for each in left if are_alike(wanted, each[0])), left[0])
            merged.append(chosen.pop(0))
            left = [each for each in left if each]
    return merged


def _tell(action: Json) -> Json:
    if "object" not in action:
        return action
    told: dict[str, Any] = {name: each for name, each in action["object"].items() if each}
    if "status" in told:
        told["status"] = _tell_status(told["status"])
        action = action | {"subresource": "status"}
    return action | {"object": told}


def _tell_status(status: Json) -> Json:
    return {name: value for name, value in status.items() if value or name in _SHOWN}
