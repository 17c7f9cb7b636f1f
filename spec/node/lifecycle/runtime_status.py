"""What a kubelet knows of a pod when it decides: its sandbox, its containers, its probes.

Source: `pkg/kubelet/container/runtime.go` (PodStatus, Status, State), `pkg/kubelet/prober/results`
and `pkg/kubelet/kuberuntime/util/util.go` (PodSandboxChanged) of Kubernetes v1.36.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from planespec.spec.objects.core_views import Container, Pod


class ContainerState(StrEnum):
    """What the container runtime says of a container."""

    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"
    UNKNOWN = "unknown"


class ProbeResult(StrEnum):
    """The last result that a probe manager holds of a container."""

    SUCCESS = "Success"
    FAILURE = "Failure"
    UNKNOWN = "UNKNOWN"


OOM_KILLED = "OOMKilled"
"""The reason of a container whose memory the kernel took back."""


@dataclass(frozen=True, slots=True)
class ContainerStatus:
    """One container that the runtime knows."""

    name: str
    container_id: str
    state: ContainerState
    exit_code: int = 0
    reason: str = ""
    is_changed: bool = False
    """Whether it was made from another definition than the pod has now (by the hash of it)."""
    message: str = ""
    """What the runtime says of its end."""
    restart_count: int = 0
    """How many containers of that name came before it, as far as was known when it was made."""
    created_at: int = 0
    """In seconds, as the two times that follow."""
    started_at: int | None = None
    finished_at: int | None = None
    image: str = ""
    image_id: str = ""
    is_active: bool = True
    """Whether it is in the sandbox that the pod has now."""

    @property
    def is_failed_init(self) -> bool:
        """Whether an init container in this state has failed (isInitContainerFailed)."""
        exited = self.state is ContainerState.EXITED and self.exit_code != 0
        return exited or self.state is ContainerState.UNKNOWN or self.reason == OOM_KILLED

    @property
    def is_success(self) -> bool:
        """Whether it has ended with code 0 (containerSucceeded)."""
        return self.state is ContainerState.EXITED and self.exit_code == 0


@dataclass(frozen=True, slots=True)
class SandboxStatus:
    """One sandbox of the pod."""

    sandbox_id: str
    is_ready: bool
    attempt: int
    """How many sandboxes of the pod came before it."""
    ip: str | None = None
    """Its address; empty where it should have one and does not, None where nothing is said."""
    is_host_network: bool = False
    """Whether it is in the network namespace of the node."""


@dataclass(frozen=True, slots=True)
class RuntimeStatus:
    """What the runtime says of a pod, the newest sandbox and container first."""

    sandboxes: tuple[SandboxStatus, ...] = ()
    containers: tuple[ContainerStatus, ...] = ()
    liveness: Mapping[str, ProbeResult] = field(default_factory=dict)
    """Results by the id of the container; none where the probe was not run."""
    startup: Mapping[str, ProbeResult] = field(default_factory=dict)
    """Results by the id of the container; none where the probe was not run."""

    def find(self, container: Container) -> ContainerStatus | None:
        """The newest container of that name, None where the runtime knows none."""
        return next((each for each in self.containers if each.name == container.name), None)

    def knows(self, pod: Pod, *states: ContainerState) -> bool:
        """Say whether a regular container of the pod is in one of the states."""
        found = (self.find(container) for container in pod.containers)
        return any(status is not None and status.state in states for status in found)


@dataclass(frozen=True, slots=True)
class SandboxChoice:
    """Whether a pod needs a new sandbox, the attempt it is or has, and the sandbox there is."""

    is_new: bool
    attempt: int
    sandbox_id: str
    """Empty where there is none, or where it is in another network namespace than the pod."""


def choose_sandbox(pod: Pod, status: RuntimeStatus) -> SandboxChoice:
    """Keep the newest sandbox if it alone is ready, of the right network and has an address."""
    if not status.sandboxes:
        return SandboxChoice(True, 0, "")
    newest = status.sandboxes[0]
    attempt = max(each.attempt for each in status.sandboxes)
    of_node = pod.spec.flag("hostNetwork")
    if sum(each.is_ready for each in status.sandboxes) > 1 or not newest.is_ready:
        return SandboxChoice(True, attempt + 1, newest.sandbox_id)
    if newest.is_host_network != of_node:
        return SandboxChoice(True, attempt + 1, "")
    if not of_node and newest.ip == "":
        return SandboxChoice(True, attempt + 1, newest.sandbox_id)
    return SandboxChoice(False, attempt, newest.sandbox_id)
