"""Graceful deletion: a pod that runs has time to end before its object goes.

Source: `apiserver/pkg/registry/rest/delete.go` (BeforeDelete), `pkg/registry/core/pod/strategy.go`
(CheckGracefulDelete), v1.36.
"""

from datetime import datetime, timedelta
from enum import Enum
from typing import Any

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
    held = meta.get("deletionGracePeriodSeconds")
    if held is None:
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
