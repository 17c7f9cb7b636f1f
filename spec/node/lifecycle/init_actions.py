"""Init containers and sidecars: which to start, restart or kill, and whether the pod is past them.

Source: `pkg/kubelet/kuberuntime/kuberuntime_container.go` (computeInitContainerActions) of
Kubernetes v1.36. They are looked at from the last to the first, since the runtime may have
forgotten those that ended: the last one that it knows tells how far the pod has come.
"""

from dataclasses import dataclass, field

from planespec.spec.node.lifecycle.restart_policy import (
    NEVER,
    get_pod_policy,
    should_be_started,
)
from planespec.spec.node.lifecycle.runtime_status import (
    ContainerState,
    ContainerStatus,
    ProbeResult,
    RuntimeStatus,
)
from planespec.spec.objects.core_views import Container, Pod

REASON_LIVENESS = "LivenessProbe"
REASON_STARTUP = "StartupProbe"
REASON_UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Kill:
    """Why a container is killed, as the event and the call of the runtime say it."""

    name: str
    message: str
    reason: str
    """LivenessProbe, StartupProbe or Unknown; empty where its definition has changed."""


def add_unknown_kill(kills: dict[str, Kill], found: ContainerStatus, sort: str) -> None:
    """Kill what may be running before it is started again, so that it does not run twice."""
    message = f'{sort} is in "{found.state}" state, try killing it before restart'
    kills[found.container_id] = Kill(found.name, message, REASON_UNKNOWN)


@dataclass(slots=True)
class InitPlan:
    """What is done about the init containers of a pod."""

    is_initialized: bool
    """Whether regular containers may be looked at."""
    to_start: list[int] = field(default_factory=list)
    """Places in `initContainers`, in their order."""
    kills: dict[str, Kill] = field(default_factory=dict)
    """By the id of the container."""
    has_failed: bool = False
    """Whether one failed that is not started again: the pod is killed."""


def plan_init_containers(pod: Pod, status: RuntimeStatus) -> InitPlan:
    """Decide about the init containers of a pod in a sandbox that is kept.

    A regular container that has exited does not show that the pod was initialized: it may be of
    the sandbox before.
    """
    if not pod.init_containers:
        return InitPlan(True)
    begun = status.knows(pod, ContainerState.CREATED, ContainerState.RUNNING)
    return _Scan(pod, status, InitPlan(begun), begun).run()


@dataclass(slots=True)
class _Scan:
    pod: Pod
    status: RuntimeStatus
    plan: InitPlan
    is_past: bool
    """Whether the container that is looked at was initialized before."""

    def run(self) -> InitPlan:
        for place in reversed(range(len(self.pod.init_containers))):
            container = self.pod.init_containers[place]
            found = self.status.find(container)
            if found is None:
                if self.is_past and container.restarts_always:
                    self.plan.to_start.append(place)
                continue
            if self.is_past and not container.restarts_always:
                continue
            self._look_at(place, container, found)
            if self.plan.has_failed:
                self.plan.to_start, self.plan.is_initialized = [], False
                return self.plan
            self.is_past = True
        if not self.is_past:
            self.plan.to_start.append(0)
        self.plan.to_start.reverse()
        return self.plan

    def _look_at(self, place: int, container: Container, found: ContainerStatus) -> None:
        if found.state is ContainerState.CREATED:
            # It was made and could not be started, or it would be running.
            self.plan.to_start.append(place)
        elif found.state is ContainerState.RUNNING:
            if container.restarts_always:
                self._look_at_running_sidecar(place, container, found)
        elif found.state is ContainerState.EXITED:
            self._look_at_exited(place, container, found)
        else:
            self._look_at_unknown(place, container, found)

    def _look_at_running_sidecar(
        self, place: int, container: Container, found: ContainerStatus
    ) -> None:
        name, key = container.name, found.container_id
        if "startupProbe" in container.data:
            started = self.status.startup.get(key)
            if started is ProbeResult.FAILURE:
                failed = f"Init container {name} failed startup probe"
                self._restart(place, found, failed, REASON_STARTUP)
            if started is not ProbeResult.SUCCESS:
                return
        self._go_on(place)
        if found.is_changed:
            self._restart(place, found, f"Init container {name} definition changed", "")
        elif (
            "livenessProbe" in container.data
            and self.status.liveness.get(key) is ProbeResult.FAILURE
        ):
            failed = f"Init container {name} failed liveness probe"
            self._restart(place, found, failed, REASON_LIVENESS)

    def _go_on(self, place: int) -> None:
        """Let what comes after an initialized container begin."""
        if place == len(self.pod.init_containers) - 1:
            self.plan.is_initialized = True
        elif not self.is_past:
            self.plan.to_start.append(place + 1)

    def _restart(self, place: int, found: ContainerStatus, message: str, reason: str) -> None:
        self.plan.kills[found.container_id] = Kill(found.name, message, reason)
        self.plan.to_start.append(place)

    def _look_at_exited(self, place: int, container: Container, found: ContainerStatus) -> None:
        if container.restarts_always:
            self.plan.to_start.append(place)
        elif not found.is_failed_init:
            self._go_on(place)
        elif should_be_started(self.pod, container, self.status):
            self.plan.to_start.append(place)
        else:
            self.plan.has_failed = True

    def _look_at_unknown(self, place: int, container: Container, found: ContainerStatus) -> None:
        # Rules are not asked: it may not have ended, so there is no code that they could meet.
        # Nor is it asked whether the pod is being deleted.
        policy = container.text("restartPolicy") or get_pod_policy(self.pod)
        if policy != NEVER:
            add_unknown_kill(self.plan.kills, found, "Init container")
            self.plan.to_start.append(place)
        else:
            self.plan.has_failed = True
