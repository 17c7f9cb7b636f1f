"""A status to be changed: a copy whose parts have the shape that rules of controllers rely on."""

from typing import Any

from planespec.spec.objects.view import View

_TEXTS = ("reason", "message", "lastProbeTime", "lastTransitionTime", "lastUpdateTime")


def copy_status(status: View, *integers: str) -> dict[str, Any]:
    """Copy a status; each of its conditions says its type and status.

    Raises ObjectError where a condition is none, or a field of `integers` is no integer.
    """
    for each in status.views("conditions"):
        each.needing("type", "status")
        for name in ("type", "status", *_TEXTS):
            each.text(name)
    for name in integers:
        status.integer(name)
    return dict(status.data)
