"""Creations that a quota refuses, held to the quotas that there were."""

import re

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.versions.object_versions import Version
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject
from planespec.spec.quantity import ZERO, Quantity, QuantityError, read_quantity

_MESSAGE = re.compile(
    r'pods "[^"]*" is forbidden: exceeded quota: (\S+), '
    r"requested: (\S+), used: (\S+), limited: (\S+)"
)
_ROOM = "pods"


def explain_quota(write: Write, scene: Scene) -> str:
    """Why a pod cannot have been refused so; empty where a quota had no room for it."""
    match = _MESSAGE.fullmatch(write.message)
    if (write.code, write.reason) != (403, "Forbidden") or match is None:
        return f"no rule explains {write.code}"
    try:
        requested, used, limited = (_read(match[place]) for place in (2, 3, 4))
    except (ValueError, QuantityError):
        return "the message cannot be read"
    if not all(
        used.get(name, ZERO) + each > limited.get(name, ZERO) for name, each in requested.items()
    ):
        return "the quota had room"
    if any(_count(write, name) != each for name, each in requested.items()):
        return "the message says that it requests other than it does"
    lives = scene.list_named("ResourceQuota", match[1])
    for life in lives:
        for version in life.versions:
            if version.since <= write.done and _agrees(version, used, limited):
                return ""
    return "the quota never said so"


def _read(text: str) -> dict[str, Quantity]:
    pairs = (each.partition("=") for each in text.split(","))
    return {name: read_quantity(value) for name, _, value in pairs}


def _count(write: Write, name: str) -> Quantity:
    """What a pod of one sort of container asks for of a resource that is limited."""
    if name == _ROOM:
        return read_quantity("1")
    pod, resource = Pod(write.body), name.removeprefix("requests.")
    found = ZERO
    for each in pod.containers:
        found = found + each.resources.requests.get(resource, ZERO)
    return found


def _agrees(version: Version, used: dict[str, Quantity], limited: dict[str, Quantity]) -> bool:
    """Whether a quota stood so, or did while several new objects were counted at once."""
    next_ = version.after or version
    status = ApiObject(version.data).status
    low, high = status.quantities("used"), ApiObject(next_.data).status.quantities("used")
    is_between = all(
        low.get(name, ZERO) <= each <= max(high.get(name, ZERO), low.get(name, ZERO))
        for name, each in used.items()
    )
    shown = status.quantities("hard")
    return is_between and all(shown.get(name) == each for name, each in limited.items())
