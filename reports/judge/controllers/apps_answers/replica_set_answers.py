"""What our rules answer about ReplicaSets: a sync, and the order in which pods are deleted.

The controller finds its pods in the order of a map. Where several pods are equal for its order,
any of them may be deleted; where the order is none, because three pods precede each other in a
circle, orders of the pods are tried. It reads its own clock a moment after `now`: an age that
comes to another order of magnitude in that moment counts as either, and a condition that was
written in the next second as written now. Of several requests that fail at once any may be told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from planespec.reports.judge.runner import are_alike
from planespec.spec.controllers.apps.deletion_order import (
    Candidate,
    choose_for_deletion,
    order_for_deletion,
    rank_pods,
)
from planespec.spec.controllers.apps.replica_set_sync import ReplicaSetSync, sync_replica_set
from planespec.spec.controllers.batch.cron_jobs import read_time, write_time
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject, ObjectError, View

Answers = dict[str, Any]
_MOMENTS = tuple(timedelta(milliseconds=each) for each in (0, 5, 20, 100))
"""How much later than `now` the controller may have read its clock."""


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
    now = read_now(given)
    given.needing("replicaSets")
    sets = [ApiObject(each.data, each.field) for each in given.views("replicaSets")]
    if not sets:
        raise ObjectError(given.path("replicaSets"), "is empty")
    told = out.text("error")
    sync = sync_replica_set(
        sets[0],
        read_pods(given),
        now,
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
    answers |= {"error": sync.error} if sync.error else {}
    return arrange_replica_set(View(answers), now)


def arrange_times(value: Any, now: datetime) -> Any:
    """An answer with the second after `now` counted as `now`."""
    late, text = write_time(now + timedelta(seconds=1)), write_time(now)
    if isinstance(value, dict):
        return {name: arrange_times(each, now) for name, each in value.items()}
    if isinstance(value, list):
        return [arrange_times(each, now) for each in value]
    return text if value == late else value


def arrange_replica_set(answers: View, now: datetime) -> Answers:
    """An answer with its lists sorted that have no order, and its times as of `now`.

    Raises ObjectError where it is of another shape.
    """
    told: Answers = arrange_times(dict(answers.data), now)
    told["deleted"] = sorted(answers.texts("deleted"))
    patches = sorted(answers.views("patches"), key=lambda patch: str(patch.data))
    patches.sort(key=lambda patch: patch.view("metadata").text("uid"))
    told["patches"] = [dict(patch.data) for patch in patches]
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
    """The recorded names where the controller may delete those, else our own."""
    ours = [each.pod.name for each in sync.deleted]
    gone = [each for each in sync.candidates if each.pod.name in recorded]
    if len(gone) == len(ours) == len(recorded):
        kept = [each for each in sync.candidates if each.pod.name not in recorded]
        for order in _list_orders(sync.candidates, gone, kept):
            chosen = choose_for_deletion(order, len(gone))
            if {each.pod.name for each in chosen} == recorded:
                return [each.pod.name for each in gone]
    return ours


def _list_orders(
    given: Sequence[Candidate], gone: list[Candidate], kept: list[Candidate]
) -> Iterator[list[Candidate]]:
    """Orders in which pods may be found, now and a moment later.

    As given, the deleted ones first, and with each pod before these.
    """
    for moment in _MOMENTS:
        orders = [list(given), gone + kept]
        orders += [[first, *(c for c in gone + kept if c is not first)] for first in given]
        for order in orders:
            yield [replace(each, now=each.now + moment) for each in order]


def answer_deletion_order(given: View, out: View) -> Answers:
    """Answer in which order active pods are deleted, and which precedes which."""
    now, pods = read_now(given.needing("pods")), read_pods(given)
    candidates = rank_pods(pods, [*pods, *read_pods(given, "otherRelatedPods")], now)
    first = _tell_order(candidates)
    if are_alike(out.data, first):
        return first
    later = (
        _tell_order([replace(each, now=now + moment) for each in candidates])
        for moment in _MOMENTS
    )
    return next((each for each in later if are_alike(out.data, each)), first)


def _tell_order(candidates: Sequence[Candidate]) -> Answers:
    before = {
        one.pod.name: sorted(other.pod.name for other in candidates if one.precedes(other))
        for one in candidates
    }
    return {
        "before": {name: names for name, names in before.items() if names},
        "order": [each.pod.name for each in order_for_deletion(candidates)],
        "ranks": {each.pod.name: each.rank for each in candidates},
    }
