"""What the calls of a kubelet have made of a pod, and all that the kubelet may see of it by now.

A container runs until something ends it: its program, a stop, a signal. When exactly is seldom
known, so at any moment a container is in one of several states; `list_views` has them all. Times
are seconds, exact to a tenth, and `SLACK` is what may lie between two clocks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product
from math import inf

from planespec.spec.node.lifecycle.runtime_status import (
    ContainerState,
    ContainerStatus,
    ProbeResult,
    RuntimeStatus,
    SandboxStatus,
)
from planespec.spec.objects.core_views import Container, Pod

SLACK = 0.3
KILLED, LOST = 137, 255
"""Exit codes of a container that was killed, and of one lost while its runtime was down."""
MOST_VIEWS = 4096
"""How many combinations of states are looked at."""


@dataclass(frozen=True, slots=True)
class Program:
    """How the program of a container ends."""

    after: float = inf
    """Seconds after its start, at the least, until it ends by itself."""
    code: int = 0
    """Its exit code then."""
    stopped: frozenset[int] = frozenset({137})
    """The exit codes that it may have when it is stopped."""


@dataclass(slots=True)
class ProbeLog:
    """What the probes of a container answered: failures in a row, and whether one succeeded."""

    failures: int = 0
    has_succeeded: bool = False
    has_failed: bool = False
    """Whether the threshold was reached once."""

    had_succeeded: bool = False
    """Whether that of a container before it did, whose status is kept for a while."""
    is_asked_again: bool = False
    """Whether a kubelet that was restarted asks what another had found."""
    begun_at: float = -inf
    """When it was asked last, where that was not in vain."""
    free_at: float = -inf
    """When that had its answer: a worker asks one at a time."""

    def follow(self) -> "ProbeLog":
        """The log of the next container: failures in a row go on unless they were acted upon."""
        had_succeeded = self.has_succeeded or self.had_succeeded
        return ProbeLog(0 if self.has_failed else self.failures, had_succeeded=had_succeeded)

    def add(self, succeeded: bool, threshold: int) -> None:
        """Count an answer."""
        self.is_asked_again &= not succeeded
        self.failures = 0 if succeeded else self.failures + 1
        self.has_succeeded |= succeeded
        self.has_failed |= self.failures >= threshold


@dataclass(slots=True)
class LifeContainer:
    """A container that a kubelet made."""

    container_id: str
    name: str
    sandbox: str
    attempt: int
    program: Program
    created_at: float
    started_at: float = inf
    ends: dict[int, float] = field(default_factory=dict)
    """Exit codes that it may have, and from when on."""
    may_be_unstarted: bool = False
    """Whether its start failed, so that it may not have been started at all."""
    gone_at: float = inf
    """From when on it certainly does not run."""
    removed_at: float = inf
    hooked: bool = False
    """Whether its postStart hook was run."""
    hook_failed: bool = False
    stops: int = 0
    stopped_at: float = -inf
    """When the runtime was last told to stop it, and did."""
    removals: int = 0
    probes: dict[str, ProbeLog] = field(default_factory=dict)
    """By the name of the field: livenessProbe, ..."""

    def start(self, now: float) -> None:
        """Run."""
        self.started_at = now
        if self.program.after < inf:
            self.may_end(self.program.code, now + self.program.after)

    def may_end(self, code: int, since: float) -> None:
        """Note that it may have ended so from then on."""
        self.ends[code] = min(since, self.ends.get(code, inf))

    def has_code(self, code: int, now: float) -> bool:
        """Whether it may have ended with a code by now."""
        return self.ends.get(code, inf) <= now + SLACK

    @property
    def earliest_end(self) -> float:
        """Before which it has not ended."""
        return min(self.ends.values(), default=inf)

    def may_run(self, now: float) -> bool:
        """Whether it may run."""
        return self.started_at <= now + SLACK and now <= self.gone_at + SLACK

    def list_views(self, now: float, has_restarted: bool) -> Iterator[ContainerStatus]:
        """Yield the states in which the runtime may tell it to be."""
        key, name = self.container_id, self.name
        if self.started_at == inf:
            yield ContainerStatus(name, key, ContainerState.CREATED)
            if has_restarted:
                yield ContainerStatus(name, key, ContainerState.EXITED, 128)
            return
        if self.may_be_unstarted:
            yield ContainerStatus(name, key, ContainerState.CREATED)
        if self.may_run(now) or self.stops:
            # One that was stopped is looked at as it was, while that pass of the kubelet goes on.
            yield ContainerStatus(name, key, ContainerState.RUNNING)
        for code, since in self.ends.items():
            if since <= now + SLACK:
                yield ContainerStatus(name, key, ContainerState.EXITED, code)
                if code == LOST:
                    yield ContainerStatus(name, key, ContainerState.UNKNOWN)


@dataclass(slots=True)
class LifeSandbox:
    """A sandbox that a kubelet made."""

    sandbox_id: str
    attempt: int
    made_at: float
    may_be_dead: bool = False
    stopped_at: float = inf
    removed_at: float = inf

    def list_views(self, of_node: bool) -> Iterator[SandboxStatus]:
        """Yield the states in which the runtime may tell it to be."""
        if self.stopped_at == inf:
            yield SandboxStatus(self.sandbox_id, True, self.attempt, is_host_network=of_node)
        if self.may_be_dead or self.stopped_at < inf:
            yield SandboxStatus(self.sandbox_id, False, self.attempt, is_host_network=of_node)


@dataclass(slots=True)
class PodLife:
    """One pod, by its uid, and all that was made for it."""

    pod: Pod
    programs: Mapping[str, Program]
    """By name of the container."""
    sandboxes: dict[str, LifeSandbox] = field(default_factory=dict)
    containers: dict[str, LifeContainer] = field(default_factory=dict)
    deleted_at: float = inf
    """When its source lost it."""
    began_at: float = 0
    """Before which it was not there."""
    seen_at: float = 0
    """When the kubelet had certainly seen it."""
    unseen: int = 0
    """Calls that failed and may have made a container all the same."""
    unseen_sandboxes: int = 0
    was_deleted: bool = False
    """Whether its source had lost it, and has it again."""
    first_stop_at: float = inf
    """When the kubelet began to end it."""
    unstarted: str = ""
    """The container that was made last, as long as it has not been started."""
    restarted_at: float = -inf
    """When the kubelet or the runtime was started again."""
    kubelet_restarted_at: float = -inf
    created: dict[str, int] = field(default_factory=dict)
    """How many containers of a name were ever made."""

    def get_container(self, name: str) -> Container | None:
        """The container of that name in the spec."""
        both = (*self.pod.init_containers, *self.pod.containers)
        return next((each for each in both if each.name == name), None)

    def add(self, container: LifeContainer) -> None:
        """Note that a container was made."""
        earlier = [each for each in self.containers.values() if each.name == container.name]
        for name in container.probes if earlier else ():
            container.probes[name] = earlier[-1].probes[name].follow()
        self.containers[container.container_id] = container
        self.unstarted = container.container_id
        self.created[container.name] = self.created.get(container.name, 0) + 1

    def start(self, container: LifeContainer, now: float) -> None:
        """Note that a container was started."""
        container.start(now)
        self.unstarted = ""

    def stop(self, container: LifeContainer, now: float, took: float, *, done: bool) -> None:
        """Note that a container is stopped; where that was not `done` it may run on."""
        for code in container.program.stopped:
            container.may_end(code, now)
        container.stops += 1
        container.stopped_at = now if done else container.stopped_at
        self.first_stop_at = min(self.first_stop_at, now)
        if done:
            container.gone_at = min(container.gone_at, now + took)

    def stop_sandbox(self, sandbox: LifeSandbox, now: float, took: float, *, done: bool) -> None:
        """Note that a sandbox is stopped, with all that is in it."""
        sandbox.may_be_dead = True
        if done:
            sandbox.stopped_at = min(sandbox.stopped_at, now)
        for each in self.containers.values():
            if each.sandbox == sandbox.sandbox_id and each.started_at < inf:
                each.may_end(KILLED, now)
                if done:
                    each.gone_at = min(each.gone_at, now + took)

    def restart(self, now: float, *, kubelet: bool) -> None:
        """Note that the kubelet or the runtime was killed and started again."""
        self.restarted_at = now
        if kubelet:
            self.kubelet_restarted_at = now
            for each in self.containers.values():
                for log in each.probes.values():
                    log.failures, log.has_failed, log.is_asked_again = 0, False, True
                    log.begun_at = log.free_at = -inf
            return
        for each in self.containers.values():
            if each.started_at < inf:
                each.may_end(LOST, now)
        for sandbox in self.sandboxes.values():
            sandbox.may_be_dead = True

    def bring_back(self) -> None:
        """Note that the source has the pod again: it is run again when it has come to its end."""
        self.deleted_at, self.was_deleted, self.unstarted = inf, True, ""

    def list_known(self, name: str | None = None) -> list[LifeContainer]:
        """The containers that are not removed, the newest first."""
        found = [each for each in self.containers.values() if each.removed_at == inf]
        return [each for each in reversed(found) if name in (None, each.name)]

    def list_sandboxes(self) -> list[LifeSandbox]:
        """The sandboxes that are not removed, the newest first."""
        return [each for each in reversed(self.sandboxes.values()) if each.removed_at == inf]

    def list_statuses(
        self, now: float, *, before_sandbox: bool = False
    ) -> Iterator[RuntimeStatus]:
        """Yield what the kubelet may know of the pod; `before_sandbox` leaves out the last one."""
        newest: dict[str, LifeContainer] = {}
        for container in self.list_known():
            newest.setdefault(container.name, container)
        sandboxes = self.list_sandboxes()
        if before_sandbox:
            made = sandboxes[0].sandbox_id
            sandboxes = sandboxes[1:]
            newest = {k: v for k, v in newest.items() if v.sandbox != made}
        restarted = self.restarted_at > -inf
        views = [[*each.list_views(now, restarted)] for each in newest.values()]
        states = (
            [[*sandboxes[0].list_views(self.pod.spec.flag("hostNetwork"))]] if sandboxes else []
        )
        if before_sandbox and states:
            states = [[SandboxStatus(sandboxes[0].sandbox_id, False, sandboxes[0].attempt)]]
        older = tuple(
            SandboxStatus(each.sandbox_id, False, each.attempt) for each in sandboxes[1:]
        )
        for choice in islice(product(*states, *views), MOST_VIEWS):
            first = tuple(each for each in choice if isinstance(each, SandboxStatus))
            found = tuple(each for each in choice if isinstance(each, ContainerStatus))
            for liveness, startup in self._list_results(found):
                yield RuntimeStatus((*first, *older), found, liveness, startup)

    def _list_results(
        self, found: tuple[ContainerStatus, ...]
    ) -> Iterator[tuple[dict[str, ProbeResult], dict[str, ProbeResult]]]:
        """Yield results of probes: with every failure that there was, and with none."""
        startup: dict[str, ProbeResult] = {}
        failing: dict[str, ProbeResult] = {}
        for each in found:
            probes = self.containers[each.container_id].probes
            if "startupProbe" in probes:
                startup[each.container_id] = _get_result(probes["startupProbe"])
            if "livenessProbe" in probes and probes["livenessProbe"].has_failed:
                failing[each.container_id] = ProbeResult.FAILURE
        yield {}, startup
        if failing:
            yield failing, startup


def _get_result(log: ProbeLog) -> ProbeResult:
    if log.has_failed:
        return ProbeResult.FAILURE
    return ProbeResult.SUCCESS if log.has_succeeded else ProbeResult.UNKNOWN
