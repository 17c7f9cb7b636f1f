"""What our rules answer about ReplicaSets: a sync, and the order in which pods are deleted.

The controller finds its pods in the order of a map. Where several pods are equal for its order,
any of them may be deleted; where the order is none, because three pods precede each other in a
circle, orders of the pods are tried. Of several requests that fail at once any may be reported.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from planespec.reports.judge.controllers.scaling_answers import Answers
from planespec.spec.controllers.apps.deletion_order import (
    Candidate,
    choose_for_deletion,
    order_for_deletion,
    rank_pods,
)
from planespec.spec.controllers.apps.replica_set_sync import ReplicaSetSync, sync_replica_set
from planespec.spec.controllers.batch.cron_jobs import read_time
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject, ObjectError, View


class _LimitedClient:
    """The recorder's client: after so many pods it refuses to make more; 0 is no limit."""

    def __init__(self, limit: int) -> None:
        self.limit, self.calls = limit, 0

    def create(self) -> str:
        """Make a pod."""
        self.calls += 1
        if not self.limit or self.calls <= self.limit:
            return ""
        return f"not creating pod, limit {self.limit} already reached (create call {self.calls})"


def read_now(given: View) -> datetime:
    """The clock of the controller; raises ObjectError where it is absent or no time."""
    text = given.needing("now").text("now")
    try:
        return read_time(text)
    except ValueError as error:
        message = "must be a time such as 2026-01-02T03:04:05Z"
        raise ObjectError(given.path("now"), message) from error


def read_pods(given: View, name: str = "pods") -> list[Pod]:
    """The pods of a line."""
    return [Pod(each.data, each.field) for each in given.views(name)]


def answer_replica_set(given: View, out: View) -> Answers:
    """Answer what a sync of the first ReplicaSet does."""
    given.needing("replicaSets")
    sets = [ApiObject(each.data, each.field) for each in given.views("replicaSets")]
    if not sets:
        raise ObjectError(given.path("replicaSets"), "is empty")
    told = out.text("error")
    sync = sync_replica_set(
        sets[0],
        read_pods(given),
        read_now(given),
        replica_sets=sets,
        create=_LimitedClient(given.integer("createsThatSucceed") or 0).create,
        choose_error=lambda errors: told if told in errors else errors[0],
    )
    answers: Answers = {
        "createCalls": sync.calls,
        "created": sync.created,
        "deleted": _tell_deleted(sync, set(out.texts("deleted"))),
        "patches": sync.patches,
        "writes": [] if sync.status is None else [_tell_write(sets[0].name, sync.status)],
    }
    return arrange_replica_set(answers | ({"error": sync.error} if sync.error else {}))


def arrange_replica_set(answers: Any) -> Answers:
    """An answer with its lists sorted that have no order."""
    told = dict(answers)
    told["deleted"] = sorted(told.get("deleted") or ())
    told["patches"] = sorted(told.get("patches") or (), key=str)
    told["patches"] = sorted(told["patches"], key=lambda patch: str(patch["metadata"]["uid"]))
    return told


def _tell_write(name: str, status: Answers) -> Answers:
    kept = {
        key: value
        for key, value in status.items()
        if value or key in ("replicas", "terminatingReplicas")
    }
    write: Answers = {"verb": "update", "resource": "replicasets", "subresource": "status"}
    return write | {"name": name, "object": {"status": kept}}


def _tell_deleted(sync: ReplicaSetSync, recorded: set[str]) -> list[str]:
    """The recorded names where the controller may delete just those, else our own."""
    ours = [each.pod.name for each in sync.deleted]
    gone = [each for each in sync.candidates if each.pod.name in recorded]
    if len(gone) == len(ours) == len(recorded):
        kept = [each for each in sync.candidates if each.pod.name not in recorded]
        for order in _list_orders(sync.candidates, gone, kept):
            if set(choose_for_deletion(order, len(gone))) == set(gone):
                return [each.pod.name for each in gone]
    return ours


def _list_orders(
    given: Sequence[Candidate], gone: list[Candidate], kept: list[Candidate]
) -> Iterator[list[Candidate]]:
    """Orders in which pods may be found: as given, the deleted ones first, and in between."""
    yield list(given)
    yield gone + kept
    for first in given:
        yield [first, *(each for each in gone + kept if each is not first)]


def answer_deletion_order(given: View, _out: View) -> Answers:
    """Answer in which order active pods are deleted, and which precedes which."""
    now, pods = read_now(given.needing("pods")), read_pods(given)
    candidates = rank_pods(pods, [*pods, *read_pods(given, "otherRelatedPods")], now)
    before = {
        one.pod.name: sorted(other.pod.name for other in candidates if one.precedes(other))
        for one in candidates
    }
    return {
        "before": {name: names for name, names in before.items() if names},
        "order": [each.pod.name for each in order_for_deletion(candidates)],
        "ranks": {each.pod.name: each.rank for each in candidates},
    }
