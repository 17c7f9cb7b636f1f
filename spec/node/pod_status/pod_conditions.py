"""Conditions of a pod that follow from its containers and its sandbox.

Source: `pkg/kubelet/status/generate.go` and `pkg/kubelet/container/helpers.go` of Kubernetes
v1.36, whose gate RestartAllContainersOnContainerExits is on. Those of readiness are in
`status_parts`.
"""

from collections.abc import Mapping, Sequence

from planespec.spec.node.lifecycle.restart_policy import restarts_all
from planespec.spec.node.lifecycle.runtime_status import (
    ContainerState,
    RuntimeStatus,
    choose_sandbox,
)
from planespec.spec.node.status_parts import (
    Json,
    find_condition,
    get_generation,
    is_sidecar,
    make_condition,
)
from planespec.spec.objects.core_views import Container, Pod

RESTARTING = "AllContainersRestarting"


def make_initialized(pod: Json, old: Json, statuses: Mapping[str, Json], phase: str) -> Json:
    """`Initialized` of a pod; once true it stays so (`GeneratePodInitializedCondition`)."""
    generation = get_generation(pod)
    init: Sequence[Json] = pod["spec"].get("initContainers") or ()
    if not statuses and init:
        return make_condition("Initialized", "False", generation, "UnknownContainerStatuses")
    unknown = [each["name"] for each in init if each["name"] not in statuses]
    known = [each for each in init if each["name"] in statuses]
    incomplete = [each["name"] for each in known if not _is_done(each, statuses[each["name"]])]
    if phase == "Succeeded" and not unknown:
        return make_condition("Initialized", "True", generation, "PodCompleted")
    said = [("unknown", unknown), ("incomplete", incomplete)]
    message = ", ".join(
        f"containers with {what} status: [{' '.join(who)}]" for what, who in said if who
    )
    before = find_condition(old.get("conditions"), "Initialized")
    was_true = before is not None and before.get("status") == "True"
    if not message or was_true or _has_regular_started(pod, statuses):
        return make_condition("Initialized", "True", generation)
    return make_condition("Initialized", "False", generation, "ContainersNotInitialized", message)


def _is_done(container: Json, status: Json) -> bool:
    return bool(status.get("started" if is_sidecar(container) else "ready"))


def _has_regular_started(pod: Json, statuses: Mapping[str, Json]) -> bool:
    names = [each["name"] for each in pod["spec"].get("containers") or ()]
    states = [statuses[name].get("state") or {} for name in names if name in statuses]
    return any(state.keys() & {"running", "terminated"} for state in states)


def make_ready_to_start(pod: Json, runtime: RuntimeStatus) -> Json:
    """`PodReadyToStartContainers`: whether the pod has a sandbox with a network."""
    is_new = choose_sandbox(Pod(pod), runtime).is_new
    status = "False" if is_new else "True"
    return make_condition("PodReadyToStartContainers", status, get_generation(pod))


def should_all_restart(pod: Json, runtime: RuntimeStatus | None, old: Json | None) -> bool:
    """Whether all containers are to start again: a rule said so, and they have not all gone yet.

    What the runtime does not know (None) is taken from the last status, `old`, if there is one.
    """
    before = find_condition((old or {}).get("conditions"), RESTARTING)
    if before is not None and before.get("status") == "True":
        return True
    told = [*((old or {}).get("initContainerStatuses") or ())]
    told += (old or {}).get("containerStatuses") or ()
    states = {each["name"]: each.get("state") or {} for each in told}
    view = Pod(pod)
    return any(
        _asks_for_all(container, runtime, states.get(container.name, {}))
        for container in (*view.init_containers, *view.containers)
    )


def _asks_for_all(container: Container, runtime: RuntimeStatus | None, state: Json) -> bool:
    """Whether a container ended so that its rules have all of its pod started again."""
    if runtime is not None:
        found = runtime.find(container)
        if found is None or found.state is not ContainerState.EXITED:
            return False
        if restarts_all(container, found.exit_code):
            return True
    ended = state.get("terminated")
    return ended is not None and restarts_all(container, ended.get("exitCode") or 0)


def make_restarting(
    pod: Json, runtime: RuntimeStatus, old: Json, phase: str, *, has_volumes: bool
) -> Json:
    """`AllContainersRestarting`; it ends when the runtime knows no container of the pod any more.

    Nor may volumes of it be mounted (`has_volumes`). It says nothing of generations.
    """
    if phase in ("Succeeded", "Failed"):
        reason = "PodCompleted" if phase == "Succeeded" else "PodFailed"
        return make_condition(RESTARTING, "False", 0, reason)
    view = Pod(pod)
    both = (*view.init_containers, *view.containers)
    is_clean = not has_volumes and all(runtime.find(each) is None for each in both)
    if is_clean or not should_all_restart(pod, runtime, old):
        return make_condition(RESTARTING, "False", 0)
    message = "container exited with restart policy rule"
    return make_condition(RESTARTING, "True", 0, "RestartAllContainersStarted", message)
