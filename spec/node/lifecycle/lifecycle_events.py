"""The pod lifecycle event generator: what a kubelet notices by listing containers.

Source: `pkg/kubelet/pleg/generic.go`, v1.36, without the evented generator (alpha). Left out: the
relist of a single pod on demand, addresses that the status cache keeps for pods whose sandboxes
have ended, and the channel, which drops events when it is full.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

RELIST_THRESHOLD = 180
"""Seconds after the last successful listing from which on the generator is unhealthy."""


class ContainerState(StrEnum):
    """What the runtime says of a container or of a sandbox."""

    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"
    UNKNOWN = "unknown"


class EventType(StrEnum):
    """What a kubelet is told of a pod."""

    STARTED = "ContainerStarted"
    DIED = "ContainerDied"
    REMOVED = "ContainerRemoved"
    SYNC = "PodSync"
    """The pod was inspected because somebody asked, and no container changed."""


@dataclass(frozen=True, slots=True)
class LifecycleEvent:
    """One event of a pod; `container` is the id of a container or sandbox, empty for SYNC."""

    pod: str
    type: EventType
    container: str = ""


ListedPod = Mapping[str, ContainerState]
"""Ids and states, in the order of the pod's containers and then of its sandboxes."""


@dataclass(frozen=True, slots=True)
class Relisted:
    """What one relist did: events, pod by pod, and the pods whose status was asked for."""

    events: tuple[LifecycleEvent, ...] = ()
    inspected: tuple[str, ...] = ()


@dataclass(slots=True)
class EventGenerator:
    """The state that a kubelet keeps between relists."""

    told: dict[str, ListedPod | None] = field(default_factory=dict)
    """By pod, what its last events told of; None where no inspection has succeeded yet."""
    to_inspect: set[str] = field(default_factory=set)
    """Pods to inspect at the next relist that knows them, whether they change or not."""
    relisted_at: int | None = None
    """When the last listing that succeeded began, in seconds; None before the first."""

    def request_inspection(self, pod: str) -> None:
        """Have a pod inspected at the next relist, changed or not (`RequestReinspect`)."""
        self.to_inspect.add(pod)

    def relist(
        self, now: int, pods: Mapping[str, ListedPod] | None, inspects: Callable[[str], bool]
    ) -> Relisted:
        """Compare a listing of the runtime with what was told; None is a listing that failed.

        `inspects` says whether the runtime gives the status of a pod. Where it does not, the
        pod's events are not told, and all that changed is found again at the next relist. Upstream
        goes through the pods in no order; here it is that in which they became known.
        """
        if pods is None:
            return Relisted()
        self.relisted_at = now
        for pod in pods:
            self.told.setdefault(pod, None)
        events: list[LifecycleEvent] = []
        inspected: list[str] = []
        for pod in list(self.told):
            found = list(_compare(self.told[pod] or {}, pods.get(pod, {})))
            if not found and pod not in self.to_inspect:
                continue
            self.to_inspect.discard(pod)
            if pod in pods:
                inspected.append(pod)
                if not inspects(pod):
                    self.to_inspect.add(pod)
                    continue
            events += _name_events(pod, found)
            self._settle(pod, pods.get(pod))
        return Relisted(tuple(events), tuple(inspected))

    def _settle(self, pod: str, current: ListedPod | None) -> None:
        if current is None:
            del self.told[pod]
        else:
            self.told[pod] = current

    def get_health_error(self, now: int) -> str:
        """Say why the generator is not healthy; empty when it is (`Healthy`)."""
        if self.relisted_at is None:
            return "pleg has yet to be successful"
        elapsed = now - self.relisted_at
        if elapsed <= RELIST_THRESHOLD:
            return ""
        ago, threshold = _write_duration(elapsed), _write_duration(RELIST_THRESHOLD)
        return f"pleg was last seen active {ago} ago; threshold is {threshold}"


_Change = tuple[EventType | None, str]
"""An event with its container; None for a change that is noticed and not told."""


def _compare(old: ListedPod, new: ListedPod) -> Iterator[_Change]:
    """Yield the changes of the containers of both, the old ones first."""
    for container in {**old, **new}:
        before, after = _seen(old.get(container)), _seen(new.get(container))
        if before == after:
            continue
        if after is None:
            # An exited container was told to have died before.
            if before is not ContainerState.EXITED:
                yield EventType.DIED, container
            yield EventType.REMOVED, container
        else:
            yield _TOLD.get(after), container


_TOLD = {ContainerState.RUNNING: EventType.STARTED, ContainerState.EXITED: EventType.DIED}


def _seen(state: ContainerState | None) -> ContainerState | None:
    """A container that was only created is as good as unknown to the generator."""
    return ContainerState.UNKNOWN if state is ContainerState.CREATED else state


def _name_events(pod: str, found: list[_Change]) -> Iterator[LifecycleEvent]:
    if not found:
        yield LifecycleEvent(pod, EventType.SYNC)
    for type_, container in found:
        if type_ is not None:
            yield LifecycleEvent(pod, type_, container)


def _write_duration(seconds: int) -> str:
    """Write whole seconds, a minute at least, as Go does: `3m20s`, `1h0m0s`."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes}m{seconds}s" if hours else f"{minutes}m{seconds}s"
