"""Amounts are remembered by the fields that decide about them; no rule of theirs reads others."""

from typing import Any

from planespec.spec.objects import Pod
from planespec.spec.pods.resources import (
    NON_ZERO_REQUESTS,
    compute_pod_requests,
    has_pod_level_requests,
)
from planespec.spec.scheduling import pod_amounts

RESOURCES = {"requests": {"cpu": "1"}, "limits": {"cpu": "2"}}
CONTAINER = {
    "name": "c",
    "image": "i",
    "restartPolicy": "Always",
    "resources": RESOURCES,
    "env": [],
}
STATUS = {"name": "c", "resources": RESOURCES, "allocatedResources": {"cpu": "1"}, "ready": True}
PENDING = {"type": "PodResizePending", "status": "True", "reason": "Infeasible", "message": "m"}
POD = {
    "metadata": {"name": "p", "annotations": {"a": "b"}},
    "spec": {
        "containers": [CONTAINER],
        "initContainers": [CONTAINER],
        "ephemeralContainers": [CONTAINER],
        "resources": RESOURCES,
        "overhead": {"cpu": "1m"},
        "hostPID": True,
        "nodeName": "n",
        "priority": 1,
    },
    "status": {
        "phase": "Running",
        "resize": "Proposed",
        "resources": RESOURCES,
        "containerStatuses": [STATUS],
        "initContainerStatuses": [STATUS],
        "conditions": [PENDING, {"type": "Ready", "status": "True"}],
    },
}


class Watched(dict[str, Any]):
    """An object that notes the paths of the fields that are asked for; indexes are left out."""

    def __init__(self, data: dict[str, Any], path: str, seen: set[str]) -> None:
        super().__init__(
            {name: watch(each, f"{path}.{name}", seen) for name, each in data.items()}
        )
        self.path, self.seen = path, seen

    def get(self, name: str, default: Any = None) -> Any:
        self.seen.add(f"{self.path}.{name}")
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self.seen.add(f"{self.path}.{name}")
        return super().__getitem__(name)


def watch(data: Any, path: str, seen: set[str]) -> Any:
    if isinstance(data, dict):
        return Watched(data, path, seen)
    return [watch(each, path, seen) for each in data] if isinstance(data, list) else data


def list_kept(data: Any, path: str) -> set[str]:
    """The paths of what is kept to remember amounts by."""
    if isinstance(data, list):
        return {each for item in data for each in list_kept(item, path)}
    if not isinstance(data, dict):
        return set()
    found = {f"{path}.{name}" for name in data}
    return found | {each for n, item in data.items() for each in list_kept(item, f"{path}.{n}")}


def test_requests_depend_on_nothing_but_the_fields_they_are_remembered_by() -> None:
    seen: set[str] = set()
    pod = Pod(watch(POD, "", seen))
    compute_pod_requests(pod, use_status=True)
    compute_pod_requests(pod, use_status=True, non_missing=NON_ZERO_REQUESTS)
    has_pod_level_requests(pod)
    kept = list_kept(pod_amounts.pick_fields(Pod(POD)), "")
    assert ".spec.containers.resources" in seen
    assert seen <= kept
    assert ".spec.hostPID" not in kept
