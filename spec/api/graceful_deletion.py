"""What a deletion makes of an object; a pod that runs has time to end before its object goes.

Source: `apiserver/pkg/registry/rest/delete.go` (BeforeDelete), `pkg/registry/core/pod/strategy.go`
(CheckGracefulDelete), `apiserver/pkg/registry/generic/registry/store.go` (Delete), v1.36.
"""

import copy
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

from planespec.spec.api.deletion import DeleteOptions, list_finalizers, mark_as_deleting

Json = dict[str, Any]
_FORM = "%Y-%m-%dT%H:%M:%SZ"
_FINISHED = ("Failed", "Succeeded")


class Grace(Enum):
    """What graceful deletion makes of a request to delete."""

    NONE = "none"
    """The object is deleted as any other."""
    MARKED = "marked"
    """The object says when it is to be gone."""
    PENDING = "pending"
    """It is being deleted already, and the request changes nothing."""


def mark_gracefully(data: Json, period: int | None, now: str) -> Grace:
    """Set by when a pod is to be gone; `period` is what the request says, in seconds.

    Once it is set, the time can only become shorter: what is over is over now, with a second left
    unless none is asked for.
    """
    meta = data["metadata"]
    if period is not None and period < 0:
        period = 1
    if meta.get("deletionTimestamp"):
        return _shorten(meta, period, now)
    period = _choose_period(data, period)
    meta["deletionTimestamp"] = _add(now, period)
    meta["deletionGracePeriodSeconds"] = period
    if meta.get("generation"):
        meta["generation"] += 1
    return Grace.MARKED


def _choose_period(data: Json, period: int | None) -> int:
    """Source: CheckGracefulDelete of pods."""
    spec, status = data.get("spec") or {}, data.get("status") or {}
    if not spec.get("nodeName") or status.get("phase") in _FINISHED:
        return 0
    if period is None:
        period = spec.get("terminationGracePeriodSeconds") or 0
    return 1 if period < 0 else period


def _shorten(meta: Json, period: int | None, now: str) -> Grace:
    """Shorten what is left; what has none left should be gone, had its removal not failed."""
    held = meta.get("deletionGracePeriodSeconds")
    if not held:
        return Grace.NONE
    if period is None or period >= held:
        return Grace.PENDING
    due = _add(meta["deletionTimestamp"], period - held)
    if due <= now:  # the clock has passed the whole second that `now` is
        due, period = now, 1 if period else 0
    meta["deletionTimestamp"], meta["deletionGracePeriodSeconds"] = due, period
    return Grace.MARKED


def _add(time: str, seconds: int) -> str:
    return (datetime.strptime(time, _FORM) + timedelta(seconds=seconds)).strftime(_FORM)


class Deletion(NamedTuple):
    """What a deletion makes of an object."""

    data: Json
    """The object as the deletion makes it."""
    is_stored: bool
    """Whether that is stored, as a version of its own, before the object may go."""
    is_gone: bool


def delete_object(old: Json, options: DeleteOptions, now: str, *, is_graceful: bool) -> Deletion:
    """Find what is left of an object whose deletion meets its preconditions.

    A graceful one has time to end. Where it is being deleted already, nothing may change.
    """
    made, grace = copy.deepcopy(old), Grace.NONE
    if is_graceful:
        grace = mark_gracefully(made, options.grace, now)
    if grace is Grace.PENDING:
        return Deletion(made, is_stored=False, is_gone=False)
    finalizers = list_finalizers(old, options)
    if finalizers:
        made["metadata"]["finalizers"] = finalizers
    else:
        made["metadata"].pop("finalizers", None)
    if grace is Grace.NONE and finalizers:
        mark_as_deleting(made, now)
    has_time = grace is Grace.MARKED and bool(made["metadata"].get("deletionGracePeriodSeconds"))
    is_changed = bool(finalizers or grace is Grace.MARKED) and made != old
    return Deletion(made, is_changed, not finalizers and not has_time)
