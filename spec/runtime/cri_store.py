"""What a container runtime knows: sandboxes, containers, images and the names that are taken.

Source: containerd v2.3.4, `internal/cri/store`, `internal/registrar`, `internal/truncindex`, and
v1.6.20, `pkg/cri/store`. Left out: labels of SELinux, checkpoints, user namespaces.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from planespec.spec.quantity.amount import quote
from planespec.spec.runtime.cri_events import (
    NOT_LISTED,
    Change,
    CriEvent,
    Sight,
    describe_changes,
)


class Version(Enum):
    """The releases of containerd whose answers are known."""

    V1_6 = "1.6"
    V2_3 = "2.3"

    @classmethod
    def of(cls, release: str) -> "Version":
        """Return the one whose answers come nearest: of the same major version, or the newest.

        >>> Version.of("1.6.20~ds1").value, Version.of("v2.3.4").value, Version.of("2.0.1").value
        ('1.6', '2.3', '2.3')
        """
        return cls.V1_6 if release.removeprefix("v").startswith("1.") else cls.V2_3


class Code(StrEnum):
    """Codes of gRPC that a runtime answers with."""

    UNKNOWN = "UNKNOWN"
    NOT_FOUND = "NOT_FOUND"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"


class CriError(Exception):
    """A call is refused, with a code and a message."""

    def __init__(self, code: Code, message: str) -> None:
        """Keep both."""
        super().__init__(message)
        self.code, self.message = code, message

    def within(self, told: str) -> "CriError":
        """Return it as the cause of something larger that has failed."""
        return CriError(self.code, f"{told}: {self.message}")


class ContainerState(StrEnum):
    """States of a container; UNKNOWN only while what became of it cannot be read."""

    CREATED = "CREATED"
    RUNNING = "RUNNING"
    EXITED = "EXITED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class PodIdentity:
    """The metadata of a sandbox but for its attempt."""

    name: str
    namespace: str
    uid: str


@dataclass(frozen=True, slots=True)
class Program:
    """The process of a container, as far as a runtime sees it."""

    ends_with: int | None = None
    """Exit code with which it ends soon and by itself; None where it goes on."""
    handles: Mapping[int, int | None] = field(default_factory=dict)
    """Signals it handles to the exit code that follows, None where it goes on."""


SIGINT, SIGKILL, SIGTERM = 2, 9, 15
_SIGNAL_BASE = 128


def react(program: Program, signal: int, *, is_init: bool) -> int | None:
    """Return the exit code of a program that gets a signal, None where it goes on.

    A signal whose default would end it is nothing to the first process of a PID namespace.

    >>> react(Program(), SIGINT, is_init=True), react(Program(), SIGINT, is_init=False)
    (None, 130)
    """
    if signal != SIGKILL and signal in program.handles:
        return program.handles[signal]
    if signal != SIGKILL and is_init:
        return None
    return _SIGNAL_BASE + signal


@dataclass(frozen=True, slots=True)
class Limits:
    """Resources of a container; zero and "" ask for nothing."""

    memory: int = 0
    """Bytes."""
    cpus: str = ""
    """A list of CPUs, such as `0-2,4`."""
    quota: int = 0
    """Microseconds of each period."""
    period: int = 0
    """Microseconds."""
    shares: int = 0

    def merge(self, other: "Limits") -> "Limits":
        """Return these with what another one asks for."""
        return Limits(
            other.memory or self.memory,
            other.cpus or self.cpus,
            other.quota or self.quota,
            other.period or self.period,
            other.shares or self.shares,
        )


@dataclass(slots=True)
class Sandbox:
    """A pod sandbox."""

    id: str
    pod: PodIdentity
    attempt: int
    handler: str = ""
    """As asked for; "" is the default."""
    has_network: bool = False
    """Whether it has a network namespace of its own that is still there."""
    shares_pids: bool = False
    """Whether its containers have its PID namespace."""
    is_ready: bool = True

    @property
    def name(self) -> str:
        """The name that it holds."""
        pod = self.pod
        return f"{pod.name}_{pod.namespace}_{pod.uid}_{self.attempt}"

    @property
    def state(self) -> str:
        """READY or NOTREADY."""
        return "READY" if self.is_ready else "NOTREADY"


@dataclass(slots=True)
class Container:
    """A container in a sandbox."""

    id: str
    sandbox_id: str
    name: str
    attempt: int
    pod: PodIdentity
    image: str
    program: Program
    stop_signal: int = SIGTERM
    state: ContainerState = ContainerState.CREATED
    limits: Limits = Limits()
    exit_code: int = 0
    reason: str = ""
    """As told; where it exited with none, its exit code says which is shown."""
    message: str = ""
    has_started: bool = False

    @property
    def full_name(self) -> str:
        """The name that it holds: of the pod, whatever sandbox it is in."""
        pod = self.pod
        return f"{self.name}_{pod.name}_{pod.namespace}_{pod.uid}_{self.attempt}"

    @property
    def shown_reason(self) -> str:
        """The reason that its status shows (`toCRIContainerStatus`)."""
        if self.state != ContainerState.EXITED or self.reason:
            return self.reason
        return "Error" if self.exit_code else "Completed"

    def end(self, code: int, reason: str = "", message: str = "") -> None:
        """Note that it has ended."""
        self.state = ContainerState.EXITED
        self.exit_code, self.reason, self.message = code, reason, message


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is there."""

    tag: str
    stop_signal: int = SIGTERM


@dataclass(frozen=True, slots=True)
class Host:
    """What the machine and the configuration of the runtime are like."""

    cpus: int = 1
    memory_in_use: int = 1 << 16
    """Bytes that the process of a container needs at least."""
    cgroup_parent: str = "pods"
    handlers: frozenset[str] = frozenset(("", "runc"))
    """Names of runtime handlers; "" is the default."""


@dataclass(slots=True)
class CriStore:
    """All that the runtime knows; the calls change it in place."""

    version: Version
    host: Host = field(default_factory=Host)
    sandboxes: dict[str, Sandbox] = field(default_factory=dict)
    containers: dict[str, Container] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=dict)
    """By their tags."""
    told: list[list[CriEvent]] = field(default_factory=list)
    """Events so far. Those of one group come at one time: in any order."""

    def find_sandbox(self, ref: str) -> Sandbox:
        """Return the sandbox whose id begins so; CriError where it is none or several."""
        return self.sandboxes[find_id(self.version, self.sandboxes, ref)]

    def find_container(self, ref: str) -> Container:
        """Return the container whose id begins so; CriError where it is none or several."""
        return self.containers[find_id(self.version, self.containers, ref)]

    def list_containers_of(self, sandbox_id: str) -> list[Container]:
        """Return the containers in a sandbox."""
        return [each for each in self.containers.values() if each.sandbox_id == sandbox_id]

    def happen(self, *changes: Change) -> None:
        """Let changes of one sandbox happen at one time, and note their events as one group."""
        if not changes:
            return
        seen = [self._look(changes[0].sandbox_id)]
        for change in changes:
            change.apply()
            seen.append(self._look(change.sandbox_id))
        self.told.append(describe_changes(changes, seen))

    def _look(self, sandbox_id: str) -> Sight:
        sandbox = self.sandboxes.get(sandbox_id)
        within = self.list_containers_of(sandbox_id)
        state = sandbox.state if sandbox else NOT_LISTED
        return Sight(state, {each.id: each.state.value for each in within})

    @property
    def sandbox_names(self) -> dict[str, str]:
        """Names that sandboxes hold, to their ids."""
        return {each.name: each.id for each in self.sandboxes.values()}

    @property
    def container_names(self) -> dict[str, str]:
        """Names that containers hold, to their ids."""
        return {each.full_name: each.id for each in self.containers.values()}


def find_id(version: Version, ids: Iterable[str], ref: str) -> str:
    """Return the one id that begins with `ref` (`truncindex`). Raises CriError.

    >>> find_id(Version.V2_3, ["ab", "cd"], "a")
    'ab'
    """
    if not ref:
        prefix = "Prefix" if version is Version.V1_6 else "prefix"
        raise CriError(Code.UNKNOWN, f"{prefix} can't be empty")
    found = [each for each in ids if each.startswith(ref)]
    if len(found) > 1:
        raise CriError(Code.UNKNOWN, f"Multiple IDs found with provided prefix: {ref}")
    if not found:
        raise CriError(Code.NOT_FOUND, "not found")
    return found[0]


def reserve(version: Version, names: Mapping[str, str], name: str) -> None:
    """Raise CriError where a name is taken (`registrar`): a precondition since 2.x."""
    if name in names:
        code = Code.UNKNOWN if version is Version.V1_6 else Code.FAILED_PRECONDITION
        raise CriError(code, f"name {quote(name)} is reserved for {quote(names[name])}")
