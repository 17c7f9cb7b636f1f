"""The status that a kubelet makes of a pod: phase, conditions, containers, addresses, resources.

Source: `pkg/kubelet/kubelet_pods.go` (generateAPIPodStatus, convertStatusToAPIStatus) of
Kubernetes v1.36, default feature gates. Left out are devices' health, and what the control groups
of a running pod say of its resources.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from planespec.spec.node.lifecycle.runtime_status import RuntimeStatus
from planespec.spec.node.pod_status.container_statuses import (
    ContainerKind,
    StartFailure,
    StatusSources,
    make_container_statuses,
)
from planespec.spec.node.pod_status.pod_conditions import (
    make_initialized,
    make_ready_to_start,
    make_restarting,
    should_all_restart,
)
from planespec.spec.node.pod_status.pod_phase import compute_phase
from planespec.spec.node.status_parts import (
    OWNED,
    Json,
    find_condition,
    get_generation,
    is_sidecar,
    is_terminal,
    make_condition,
    make_containers_ready,
    make_ready,
    put_condition,
)
from planespec.spec.node.status_transitions import could_restart_all
from planespec.spec.objects.core_views import Pod
from planespec.spec.pods.qos import get_qos_class
from planespec.spec.pods.resources import ResourceList, compute_pod_limits, compute_pod_requests

STATUS_LISTS = {
    ContainerKind.INIT: "initContainerStatuses",
    ContainerKind.REGULAR: "containerStatuses",
    ContainerKind.EPHEMERAL: "ephemeralContainerStatuses",
}


def report_unprobed(pod: Json, status: Json) -> None:
    """Say which containers of a pod without probes have started and are ready (in place)."""
    for entry in status.get("containerStatuses") or ():
        entry["started"] = entry["ready"] = "running" in entry["state"]
    init = {each["name"]: each for each in pod["spec"].get("initContainers") or ()}
    for entry in status.get("initContainerStatuses") or ():
        entry["started"] = "running" in entry["state"]
        ended = entry["state"].get("terminated")
        if is_sidecar(init[entry["name"]]):
            entry["ready"] = entry["started"]
        elif ended is not None and not ended["exitCode"]:
            entry["ready"] = True


@dataclass(slots=True)
class KubeletView:
    """What a kubelet knows of a pod when it makes its status."""

    pod: Json
    """The pod as the kubelet has it, with the status that the API server has."""
    runtime: RuntimeStatus
    held: Json | None = None
    """The status that was made last, None where none is held."""
    addresses: Sequence[str] = ()
    """Of the pod, as the runtime says."""
    host_addresses: Sequence[str] = ()
    """Of the node, one of each family; none where there is no API server."""
    is_over: bool = False
    """Whether the pod has come to its end: nothing of it is started again."""
    failures: Mapping[str, StartFailure] = field(default_factory=dict)
    """Why containers could not be started, by name."""
    eviction: StartFailure | None = None
    """Reason and message, where the pod is to fail: it was active for too long."""
    resize_conditions: Sequence[Json] = ()
    has_mounted_volumes: bool = False
    report_probes: Callable[[Json, Json], None] = report_unprobed
    """Says in the status which containers of the pod have started and are ready."""


def generate_pod_status(view: KubeletView) -> Json:
    """Make the status of a pod."""
    pod = view.pod
    api: Json = pod.get("status") or {}
    old = view.held if view.held is not None else api
    status = _convert(view, old)
    _set_phase(view, status, old, api)
    view.report_probes(pod, status)
    status["conditions"] = _make_conditions(view, status, old, api)
    _add_host_addresses(pod, status, view.host_addresses)
    return {name: value for name, value in status.items() if value not in ("", [], None)}


def _convert(view: KubeletView, old: Json) -> Json:
    """What is told of the containers and the sandbox (convertStatusToAPIStatus)."""
    pod = Pod(view.pod)
    all_restart = should_all_restart(view.pod, view.runtime, old)
    sources = StatusSources(view.pod, view.runtime, view.failures, all_restart)
    addresses = _sort_addresses(view.addresses)
    status: Json = {
        "podIP": addresses[0] if addresses else "",
        "podIPs": [{"ip": each} for each in addresses],
        "qosClass": get_qos_class(pod).value,
        "resources": _show_resources(pod, old),
        "allocatedResources": _show_amounts(compute_pod_requests(pod)),
    }
    for kind, name in STATUS_LISTS.items():
        status[name] = make_container_statuses(sources, kind, old.get(name) or [])
    return {name: value for name, value in status.items() if value or name == "resources"}


def _sort_addresses(addresses: Sequence[str]) -> list[str]:
    """The first address of each family, IPv4 first."""
    parsed = [ip_address(each) for each in addresses]
    firsts = (next((each for each in parsed if each.version == family), None) for family in (4, 6))
    return [str(each) for each in firsts if each is not None]


def _show_amounts(amounts: ResourceList) -> Json:
    return {name: str(quantity) for name, quantity in amounts.items()}


def _show_resources(pod: Pod, old: Json) -> Json:
    """Resources of the pod as a whole: what it asks for, once it runs what was told last."""
    if pod.status.text("phase") != "Running":
        limits = _show_amounts(compute_pod_limits(pod))
        shown = {"requests": _show_amounts(compute_pod_requests(pod)), "limits": limits}
        return {name: amounts for name, amounts in shown.items() if amounts}
    own = pod.resources
    requests = _show_amounts(own.requests) if own else {}
    limits = _show_amounts(own.limits) if own else {}
    total = _show_amounts(compute_pod_requests(pod))
    if "memory" in total:
        requests.setdefault("memory", total["memory"])
    told = old.get("resources") or {} if old.get("phase") == "Running" else {}
    for shown, part in ((requests, "requests"), (limits, "limits")):
        shown |= {k: v for k, v in (told.get(part) or {}).items() if k in ("cpu", "memory")}
    both = {"requests": requests, "limits": limits}
    return {name: amounts for name, amounts in both.items() if amounts}


def _set_phase(view: KubeletView, status: Json, old: Json, api: Json) -> None:
    """The phase, with the reason and message that belong to it; a terminal one is never left.

    Of a phase that the API server does not know yet only those of another kind are kept: Failed
    may still become Succeeded.
    """
    lists = ("containerStatuses", "initContainerStatuses")
    statuses = {each["name"]: each for name in lists for each in status.get(name) or ()}
    names = {each.name for each in view.runtime.containers if each.is_active}
    has_started = any(each["name"] in names for each in view.pod["spec"].get("containers") or ())
    phase = compute_phase(view.pod, statuses, is_over=view.is_over, has_started=has_started)
    if not is_terminal(phase):
        known = (old.get("phase"), api.get("phase"))
        phase = next((each for each in known if is_terminal(each) and each), phase)
    if phase == (old.get("phase") or ""):
        for name in ("reason", "message"):
            status[name] = old.get(name) or api.get(name) or ""
    if view.eviction is not None:
        phase = "Failed"
        status |= {"reason": view.eviction.reason, "message": view.eviction.message}
    status["phase"] = api["phase"] if is_terminal(api.get("phase")) else phase


def _make_conditions(view: KubeletView, status: Json, old: Json, api: Json) -> list[Json]:
    """Those of others, then those of the kubelet."""
    pod, phase = view.pod, status["phase"]
    conditions = [dict(each) for each in api.get("conditions") or () if each["type"] not in OWNED]
    if not view.is_over:
        conditions += view.resize_conditions
    disruption = find_condition(old.get("conditions"), "DisruptionTarget")
    if disruption is not None:
        put_condition(conditions, dict(disruption))
    entries = [*(status.get("initContainerStatuses") or ())]
    entries += status.get("containerStatuses") or ()
    statuses = {each["name"]: each for each in reversed(entries)}
    conditions.append(make_ready_to_start(pod, view.runtime))
    conditions.append(make_initialized(pod, old, statuses, phase))
    conditions.append(make_ready(pod, conditions, entries, phase))
    conditions.append(make_containers_ready(pod, entries, phase))
    conditions.append(make_condition("PodScheduled", "True", get_generation(pod)))
    if could_restart_all(pod["spec"]):
        mounted = view.has_mounted_volumes
        conditions.append(make_restarting(pod, view.runtime, old, phase, has_volumes=mounted))
    return conditions


def _add_host_addresses(pod: Json, status: Json, addresses: Sequence[str]) -> None:
    """The addresses of the node, which are those of a pod in its network too (in place)."""
    if not addresses:
        return
    status["hostIP"] = addresses[0]
    status["hostIPs"] = [{"ip": each} for each in addresses[:2]]
    if not pod["spec"].get("hostNetwork"):
        return
    if not status.get("podIP"):
        status |= {"podIP": addresses[0], "podIPs": [{"ip": addresses[0]}]}
    own = status["podIPs"]
    if len(addresses) == 2 and len(own) == 1:
        families = [ip_address(each).version for each in (own[0]["ip"], addresses[1])]
        if families[0] != families[1]:
            own.append({"ip": addresses[1]})
