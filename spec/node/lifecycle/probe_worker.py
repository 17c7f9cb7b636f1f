"""One probe of one container, tick by tick: what it runs, what it makes of it, when it stops.

A worker counts equal results in a row and publishes one when it has come often enough. It holds
after any startup result and after a liveness failure, until it sees another container. Where the
container had started more than ten seconds before the kubelet did, it publishes nothing at first,
so that a restart of the kubelet makes no ready container unready.

Source: Kubernetes v1.36, `pkg/kubelet/prober` (`worker.go`, `prober.go`, `results`), gates as they
are unless configured (ChangeContainerStatusOnKubeletRestart off). Left out: when ticks come
(`periodSeconds`, the first one's delay), and how an attempt is made. Times are whole seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from planespec.spec.node.lifecycle.restart_policy import restarts_all, should_restart
from planespec.spec.objects.core_views import Container
from planespec.spec.objects.view import View

ATTEMPTS = 3
"""How often an attempt that errs is made in one tick (`maxProbeRetries`)."""
GRACE_OF_RESTART = 10
"""Seconds before the kubelet's start from which a container counts as new to it."""


class ProbeType(StrEnum):
    """The three probes of a container."""

    LIVENESS = "Liveness"
    READINESS = "Readiness"
    STARTUP = "Startup"


class Result(StrEnum):
    """What is published of a container."""

    UNKNOWN = "UNKNOWN"
    SUCCESS = "Success"
    FAILURE = "Failure"


INITIAL = {
    ProbeType.LIVENESS: Result.SUCCESS,
    ProbeType.READINESS: Result.FAILURE,
    ProbeType.STARTUP: Result.UNKNOWN,
}
"""What is published of a container that has not been probed."""


class State(StrEnum):
    """What the status of a container says it is in."""

    WAITING = "waiting"
    RUNNING = "running"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class SeenContainer:
    """A container's status; `container_id` is empty until it was created."""

    container_id: str
    state: State
    age: int = 0
    """Seconds since it started, while it runs."""
    exit_code: int = 0
    started: bool = False
    ready: bool = False


@dataclass(frozen=True, slots=True)
class SeenPod:
    """What a worker and the status of probes know of the pod around a container."""

    phase: str = "Running"
    restart_policy: str = "Always"
    is_known: bool = True
    """Whether the status manager holds a status of the pod."""
    is_deleting: bool = False
    is_ready: bool = False
    """Whether its condition Ready is true at the API server."""
    restarts_all: bool = False
    """Whether it restarts all containers, because of a condition or of another container's end."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one attempt gave: success, failure, warning or unknown, and its output or its error."""

    result: str
    output: str = ""
    error: str = ""


@dataclass(slots=True)
class ProbeResults:
    """Published results of one probe by container id, and the changes that were sent on."""

    by_container: dict[str, Result] = field(default_factory=dict)
    updates: list[tuple[str, Result]] = field(default_factory=list)
    """Changes in order, for whoever takes them away; removals are not sent."""

    def publish(self, container_id: str, result: Result) -> None:
        """Keep a result, and send it on when it is another than before."""
        if self.by_container.get(container_id) is not result:
            self.by_container[container_id] = result
            self.updates.append((container_id, result))


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick did: whether the worker goes on, its events, how many attempts it made."""

    keeps_going: bool
    events: tuple[str, ...] = ()
    attempts: int = 0


@dataclass(slots=True)
class ProbeWorker:
    """The state of one probe of one container."""

    probe: ProbeType
    container: Container
    results: ProbeResults
    is_sidecar: bool = False
    """Whether it is an init container that restarts always."""
    container_id: str = ""
    last_result: Result = Result.SUCCESS
    result_run: int = 0
    """How often `last_result` came in a row; a new container does not begin it anew."""
    on_hold: bool = False

    @property
    def spec(self) -> View:
        """The probe as it is configured."""
        return self.container.view(f"{self.probe.lower()}Probe")

    def tick(
        self,
        pod: SeenPod,
        seen: SeenContainer | None,
        kubelet_age: int,
        attempt: Callable[[], Attempt],
    ) -> Tick:
        """Probe once if it is time for it (`doProbe`); `kubelet_age` is since the kubelet started.

        A worker that does not keep going has to be ended (`end`). Raises ObjectError.
        """
        if not pod.is_known:
            return Tick(keeps_going=True)
        if pod.phase in ("Failed", "Succeeded"):
            return Tick(keeps_going=False)
        if seen is None or not seen.container_id:
            return Tick(keeps_going=True)
        if seen.container_id != self.container_id:
            self._meet(seen, kubelet_age)
        if self.on_hold:
            return Tick(keeps_going=True)
        return self._watch(pod, seen, attempt)

    def end(self) -> None:
        """Take what was published of the container away (the end of `run`)."""
        self.results.by_container.pop(self.container_id, None)

    def _meet(self, seen: SeenContainer, kubelet_age: int) -> None:
        """Begin with another container.

        A sidecar that had started is published as such at once, so that a restarted kubelet finds
        the pod initialized (kubernetes/kubernetes#136910); a new one then as what it is.
        """
        self.end()
        self.container_id, self.on_hold = seen.container_id, False
        if self.is_sidecar and self.probe is ProbeType.STARTUP and seen.started:
            self.results.publish(self.container_id, Result.SUCCESS)
        if not is_older_than_kubelet(seen, kubelet_age):
            self.results.publish(self.container_id, INITIAL[self.probe])

    def _watch(self, pod: SeenPod, seen: SeenContainer, attempt: Callable[[], Attempt]) -> Tick:
        if seen.state is not State.RUNNING:
            self.results.publish(self.container_id, Result.FAILURE)
            return Tick(seen.state is not State.TERMINATED or self._comes_again(pod, seen))
        if pod.is_deleting and self.probe is not ProbeType.READINESS:
            self.results.publish(self.container_id, Result.SUCCESS)
            return Tick(keeps_going=False)
        is_early = seen.age < (self.spec.integer("initialDelaySeconds") or 0)
        if is_early or seen.started == (self.probe is ProbeType.STARTUP):
            return Tick(keeps_going=True)
        return self._probe(attempt)

    def _comes_again(self, pod: SeenPod, seen: SeenContainer) -> bool:
        return (
            pod.restarts_all
            or restarts_all(self.container, seen.exit_code)
            or should_restart(self.container, pod.restart_policy, seen.exit_code)
        )

    def _probe(self, attempt: Callable[[], Attempt]) -> Tick:
        """Attempt, again only after an error; an error that stays changes nothing."""
        made, got = 1, attempt()
        while got.error and made < ATTEMPTS:
            made, got = made + 1, attempt()
        if not got.error:
            is_well = got.result in ("success", "warning")
            self._count(Result.SUCCESS if is_well else Result.FAILURE)
        return Tick(True, self._tell(got), made)

    def _tell(self, got: Attempt) -> tuple[str, ...]:
        """The event of an attempt, with type and reason before its message."""
        if got.error:
            told = f"errored and resulted in {got.result} state: {got.error}"
            return (f"Warning Unhealthy {self.probe} probe {told}",)
        if got.result == "failure":
            return (f"Warning Unhealthy {self.probe} probe failed: {got.output}",)
        if got.result == "warning":
            return (f"Warning ProbeWarning {self.probe} probe warning: {got.output}",)
        return ()

    def _count(self, result: Result) -> None:
        """Count a result, and publish it when its threshold is reached."""
        self.result_run = self.result_run + 1 if result is self.last_result else 1
        self.last_result = result
        if self.result_run < self._get_threshold(result):
            return
        self.results.publish(self.container_id, result)
        is_bad = self.probe is ProbeType.LIVENESS and result is Result.FAILURE
        if is_bad or self.probe is ProbeType.STARTUP:
            self.on_hold, self.result_run = True, 0

    def _get_threshold(self, result: Result) -> int:
        name = "successThreshold" if result is Result.SUCCESS else "failureThreshold"
        return self.spec.integer(name) or 0


def is_older_than_kubelet(seen: SeenContainer, kubelet_age: int) -> bool:
    """Whether a running container started so long before the kubelet that another one saw it."""
    return seen.state is State.RUNNING and seen.age > kubelet_age + GRACE_OF_RESTART
