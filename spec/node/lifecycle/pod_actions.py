"""What a kubelet does next for a pod: the sandbox, what to kill and what to start.

Source: `pkg/kubelet/kuberuntime/kuberuntime_manager.go` (computePodActions) of Kubernetes v1.36.
Left out are the resources of a pod that is resized in place.
"""

from dataclasses import dataclass, field

from planespec.spec.node.lifecycle.init_actions import (
    REASON_LIVENESS,
    REASON_STARTUP,
    Kill,
    add_unknown_kill,
    plan_init_containers,
)
from planespec.spec.node.lifecycle.restart_policy import (
    NEVER,
    ON_FAILURE,
    RESTART_ALL,
    find_restart_action,
    get_pod_policy,
    should_be_started,
)
from planespec.spec.node.lifecycle.runtime_status import (
    ContainerState,
    ContainerStatus,
    ProbeResult,
    RuntimeStatus,
    choose_sandbox,
)
from planespec.spec.objects.core_views import Container, Pod


@dataclass(frozen=True, slots=True)
class Reset:
    """A container that is removed from the runtime so that the whole pod starts again."""

    container_id: str
    is_killed: bool
    """Whether it is killed first, since it has not exited."""


@dataclass(slots=True)
class PodActions:
    """What one pass of the kubelet does for a pod; containers to start are places in the spec."""

    kill_pod: bool
    create_sandbox: bool
    sandbox_id: str
    attempt: int
    containers_to_start: list[int] = field(default_factory=list)
    init_containers_to_start: list[int] = field(default_factory=list)
    ephemeral_containers_to_start: list[int] = field(default_factory=list)
    kills: dict[str, Kill] = field(default_factory=dict)
    """What is killed before anything is started, by the id of the container."""
    resets: list[Reset] = field(default_factory=list)
    """What is removed, in this order, while a pod restarts all its containers."""


def compute_pod_actions(pod: Pod, status: RuntimeStatus, restarts_all: bool = False) -> PodActions:
    """Compare the pod with what the runtime has of it, and decide.

    `restarts_all` says that a container ended in a way by which all of them are to restart: then
    they are removed, and nothing else is done in that pass.
    """
    choice = choose_sandbox(pod, status)
    actions = PodActions(choice.is_new, choice.is_new, choice.sandbox_id, choice.attempt)
    if restarts_all:
        actions.resets = _list_resets(pod, status)
        return actions
    if choice.is_new:
        _begin_again(pod, status, actions)
        return actions
    actions.ephemeral_containers_to_start = [
        place
        for place, each in enumerate(pod.spec.views("ephemeralContainers"))
        if status.find(Container(each.data, each.field)) is None
    ]
    plan = plan_init_containers(pod, status)
    actions.init_containers_to_start = plan.to_start
    actions.kills.update(plan.kills)
    if plan.has_failed:
        actions.kill_pod = True
    elif plan.is_initialized:
        _plan_regular_containers(pod, status, actions)
    return actions


def _list_resets(pod: Pod, status: RuntimeStatus) -> list[Reset]:
    """All that the runtime knows, the containers that asked for it last."""
    asking: list[Reset] = []
    others: list[Reset] = []
    for container in (*pod.containers, *pod.init_containers):
        for found in status.containers:
            if found.name == container.name:
                exited = found.state is ContainerState.EXITED
                action = find_restart_action(container, found.exit_code) if exited else ""
                chosen = asking if action == RESTART_ALL else others
                chosen.append(Reset(found.container_id, not exited))
    return others + asking


def _begin_again(pod: Pod, status: RuntimeStatus, actions: PodActions) -> None:
    """Start from the first init container in a new sandbox, unless the pod is done."""
    ran_once = actions.attempt != 0 and bool(status.containers)
    if get_pod_policy(pod) == NEVER and ran_once:
        actions.create_sandbox = False
        return
    to_start = [
        place
        for place, container in enumerate(pod.containers)
        if not _is_done(pod, container, status)
    ]
    made = (ContainerState.CREATED, ContainerState.RUNNING, ContainerState.EXITED)
    if not to_start and status.knows(pod, *made):
        actions.create_sandbox = False
    elif pod.init_containers:
        actions.init_containers_to_start = [0]
    else:
        actions.containers_to_start = to_start


def _is_done(pod: Pod, container: Container, status: RuntimeStatus) -> bool:
    """Whether a container is to succeed once, and has."""
    policy = container.text("restartPolicy") or get_pod_policy(pod)
    found = status.find(container)
    return policy == ON_FAILURE and found is not None and found.is_success


def _plan_regular_containers(pod: Pod, status: RuntimeStatus, actions: PodActions) -> None:
    kept = 0
    for place, container in enumerate(pod.containers):
        found = status.find(container)
        if found is None or found.state is not ContainerState.RUNNING:
            if should_be_started(pod, container, status):
                actions.containers_to_start.append(place)
                if found is not None and found.state is ContainerState.UNKNOWN:
                    add_unknown_kill(actions.kills, found, "Container")
        elif cause := _find_cause_to_kill(container, found, status):
            _kill(pod, place, found, cause, actions)
        else:
            kept += 1
    if not kept and not actions.containers_to_start:
        actions.kill_pod = True
        # Else sidecars would keep a pod alive that has nothing else to run.
        actions.init_containers_to_start = []


@dataclass(frozen=True, slots=True)
class _Cause:
    what: str
    reason: str = ""
    always_restarts: bool = False


def _find_cause_to_kill(
    container: Container, found: ContainerStatus, status: RuntimeStatus
) -> _Cause | None:
    if found.is_changed:
        return _Cause(f"Container {container.name} definition changed", always_restarts=True)
    if status.liveness.get(found.container_id) is ProbeResult.FAILURE:
        return _Cause(f"Container {container.name} failed liveness probe", REASON_LIVENESS)
    if status.startup.get(found.container_id) is ProbeResult.FAILURE:
        return _Cause(f"Container {container.name} failed startup probe", REASON_STARTUP)
    return None


def _kill(
    pod: Pod, place: int, found: ContainerStatus, cause: _Cause, actions: PodActions
) -> None:
    message = cause.what
    policy = pod.containers[place].text("restartPolicy") or get_pod_policy(pod)
    if cause.always_restarts or policy != NEVER:
        message += ", will be restarted"
        actions.containers_to_start.append(place)
    actions.kills[found.container_id] = Kill(found.name, message, cause.reason)
