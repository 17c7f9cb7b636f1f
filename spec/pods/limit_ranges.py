"""The resources that the LimitRanges of a namespace give to containers that state none.

Source: `plugin/pkg/admission/limitranger/admission.go`, mergePodResourceRequirements, and
`pkg/apis/core/v1/defaults.go`, SetDefaults_LimitRangeItem, v1.36.
"""

from collections.abc import Iterable, Mapping

from planespec.spec.objects import Pod, View
from planespec.spec.pods.pod_admission import default_pod_resources
from planespec.spec.pods.resources import ResourceList


def fill_in_limits(pod: Pod, ranges: Iterable[View]) -> Pod:
    """Return the pod with what the ranges give its containers, the first range first."""
    pod = default_pod_resources(pod)
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    for item in (item for each in ranges for item in each.view("spec").views("limits")):
        if item.text("type") == "Container":
            _add(requests, get_default_requests(item))
            _add(limits, get_default_limits(item))
    spec = dict(pod.spec.data)
    for name in ("containers", "initContainers"):
        if pod.spec.has(name):
            spec[name] = [_fill(each, requests, limits) for each in pod.spec.views(name)]
    return Pod({**pod.data, "spec": spec}, pod.field)


def get_default_limits(item: View) -> ResourceList:
    """Return the limits that an item for containers gives; its maximum where it names none."""
    return {**item.quantities("max"), **item.quantities("default")}


def get_default_requests(item: View) -> ResourceList:
    """Return the requests that an item for containers gives: default limits, or its minimum."""
    limits = get_default_limits(item)
    return {**item.quantities("min"), **limits, **item.quantities("defaultRequest")}


def _add(values: dict[str, str], more: ResourceList) -> None:
    for name, amount in more.items():
        values.setdefault(name, str(amount))


def _fill(
    container: View, requests: Mapping[str, str], limits: Mapping[str, str]
) -> dict[str, object]:
    resources = container.view("resources")
    filled = dict(resources.data)
    for name, values in (("requests", requests), ("limits", limits)):
        merged = {**values, **{k: str(v) for k, v in resources.quantities(name).items()}}
        if merged:
            filled[name] = merged
    return {**container.data, "resources": filled}
