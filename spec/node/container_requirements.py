"""What holds of the containers of a pod: order, restarts, probes: KUB-5 to KUB-15.

Source: `pkg/kubelet/kuberuntime` and `pkg/kubelet/prober` of Kubernetes v1.36, KEP-753 and
https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ (called "pod lifecycle").
Containers are ordered: init containers and sidecars as defined, then the others.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from planespec.spec.node.pod_states import EXITED, RUNS, Policy, Role, Run, Startup, Work
from planespec.spec.requirement import requirement


class Containers(Protocol):
    """The containers of pods on one node."""

    @property
    def pods(self) -> Sequence[Any]:
        """Pods, each by its uid."""

    @property
    def containers(self) -> Sequence[Any]:
        """The containers that each pod has, in their order."""

    @property
    def roles(self) -> Mapping[Any, Role]:
        """What a container is."""

    @property
    def policy(self) -> Policy:
        """The restart policy of all pods."""

    @property
    def run(self) -> Mapping[Any, Mapping[Any, Run]]:
        """Where a container is."""

    @property
    def work(self) -> Mapping[Any, Work]:
        """Where the worker of a pod is."""

    @property
    def is_late(self) -> Mapping[Any, bool]:
        """Whether a pod has no time left for ending."""

    @property
    def was_doubled(self) -> bool:
        """Whether a container was started that ran."""


class Waiting(Containers, Protocol):
    """The same, with back-off."""

    @property
    def due(self) -> Mapping[Any, Mapping[Any, int]]:
        """Ticks that a container has yet to wait since it ended."""


class Probed(Containers, Protocol):
    """The same, with what probes found and what was made of it."""

    @property
    def threshold(self) -> int:
        """How many answers in a row make a difference."""

    @property
    def answered(self) -> Mapping[Any, Mapping[Any, bool]]:
        """The last answer of the readiness probe."""

    @property
    def times(self) -> Mapping[Any, Mapping[Any, int]]:
        """How often it came in a row from this container, up to the threshold."""

    @property
    def ready(self) -> Mapping[Any, Mapping[Any, bool]]:
        """Whether the kubelet has the container ready."""

    @property
    def pod_ready(self) -> Mapping[Any, bool]:
        """Whether the kubelet has the pod ready."""

    @property
    def is_blamed(self) -> bool:
        """Whether a container was killed for its liveness before it had started."""

    @property
    def crashed(self) -> int:
        """How often the kubelet began anew."""


class Started(Containers, Protocol):
    """The same, with startup probes."""

    @property
    def started(self) -> Mapping[Any, Mapping[Any, Startup]]:
        """What is published of the startup probe."""


@requirement("KUB-5", source="pod lifecycle, Init containers; kuberuntime_container.go")
def init_containers_run_in_order(before: Containers, after: Containers) -> bool:
    """Init containers run one at a time, in order, and once for each sandbox."""
    return all(
        before.roles[c] != Role.INIT
        or before.run[p][c] in RUNS
        or after.run[p][c] != Run.RUNNING
        or (
            before.run[p][c] != Run.DONE
            and all(
                before.run[p][d] == Run.DONE
                if before.roles[d] == Role.INIT and d < c
                else before.run[p][d] != Run.NONE
                if d < c
                else before.roles[d] == Role.APP or before.run[p][d] == Run.NONE
                for d in before.containers
                if d != c
            )
        )
        for p in after.pods
        for c in after.containers
    )


@requirement("KUB-6", source="KEP-753; pod lifecycle, Sidecar containers")
def apps_start_after_the_others(before: Containers, after: Containers) -> bool:
    """An app container starts only after every init container is done and every sidecar began."""
    return all(
        before.roles[c] != Role.APP
        or before.run[p][c] in RUNS
        or after.run[p][c] != Run.RUNNING
        or all(
            before.run[p][d] == Run.DONE
            if before.roles[d] == Role.INIT
            else before.roles[d] == Role.APP or before.run[p][d] != Run.NONE
            for d in before.containers
        )
        for p in after.pods
        for c in after.containers
    )


@requirement("KUB-7", source="KEP-753; kuberuntime_termination_order.go")
def sidecars_stop_last(before: Containers, after: Containers) -> bool:
    """A pod that ends stops its apps, then its sidecars from the last on, while it has time."""
    return all(
        before.roles[c] != Role.SIDECAR
        or before.run[p][c] != Run.RUNNING
        or after.run[p][c] != Run.STOPPING
        or before.work[p] != Work.TERMINATING
        or before.is_late[p]
        or not any(
            before.run[p][d] in RUNS
            and (before.roles[d] == Role.APP or (before.roles[d] == Role.SIDECAR and d > c))
            for d in before.containers
        )
        for p in after.pods
        for c in after.containers
    )


@requirement("KUB-8", source="pod lifecycle, Container restarts")
def restarts_follow_the_policy(before: Containers, after: Containers) -> bool:
    """A container that exited runs again only as its restart policy allows."""
    return all(
        before.run[p][c] not in EXITED
        or after.run[p][c] != Run.RUNNING
        or before.roles[c] == Role.SIDECAR
        or before.policy == Policy.ALWAYS
        or (before.policy == Policy.ON_FAILURE and before.run[p][c] == Run.BROKEN)
        for p in after.pods
        for c in after.containers
    )


@requirement("KUB-9", source="pod lifecycle, How Pods handle problems with containers")
def restarts_wait(before: Waiting, after: Waiting) -> bool:
    """A container that exited is never started again before its back-off is over."""
    return all(
        before.run[p][c] not in EXITED or after.run[p][c] != Run.RUNNING or before.due[p][c] == 0
        for p in after.pods
        for c in after.containers
    )


@requirement("KUB-10", source="pkg/kubelet/pleg, GetNewerThan; #123087, #120941")
def one_instance_runs(s: Containers) -> bool:
    """Of each container of a pod at most one instance runs."""
    return not s.was_doubled


@requirement("KUB-12", source="pod lifecycle, Container probes; prober/worker.go")
def readiness_follows_the_probe(s: Probed) -> bool:
    """A container is ready, or is not, as soon as its probe said so often enough in a row."""
    return all(
        s.run[p][c] != Run.RUNNING
        or s.times[p][c] < s.threshold
        or s.ready[p][c] == s.answered[p][c]
        for p in s.pods
        for c in s.containers
    )


@requirement("KUB-13", source="KEP-950; prober/worker.go: no liveness probe before started")
def liveness_waits_for_the_start(s: Probed) -> bool:
    """No container is killed for its liveness before its startup probe succeeded."""
    return not s.is_blamed


@requirement("KUB-14", source="prober_manager.go; #100277, #78733, #59197")
def restarts_change_no_readiness(before: Probed, after: Probed) -> bool:
    """A restart of the kubelet by itself makes no container and no pod unready."""
    return before.crashed == after.crashed or all(
        (not before.pod_ready[p] or after.pod_ready[p])
        and all(not before.ready[p][c] or after.ready[p][c] for c in after.containers)
        for p in after.pods
    )


@requirement("KUB-15", source="KEP-753; status/generate.go; #122902")
def ready_pods_are_ready_throughout(before: Probed, after: Probed) -> bool:
    """A pod becomes ready only when all its apps and sidecars are."""
    return all(
        before.pod_ready[p]
        or not after.pod_ready[p]
        or all(before.roles[c] == Role.INIT or before.ready[p][c] for c in before.containers)
        for p in after.pods
    )


@requirement("KUB-26", source="pod lifecycle; #136910, #132826", promise="always eventually")
def apps_come_to_run(s: Containers) -> bool:
    """An app container that is to run, or to run again, does at last."""
    return not any(
        s.work[p] == Work.SYNC
        and s.roles[c] == Role.APP
        and s.run[p][c] not in RUNS
        and (
            s.run[p][c] == Run.NONE
            or s.policy == Policy.ALWAYS
            or (s.policy == Policy.ON_FAILURE and s.run[p][c] == Run.BROKEN)
        )
        for p in s.pods
        for c in s.containers
    )


@requirement("KUB-28", source="prober/worker.go: a new container id begins anew")
def what_begins_is_not_ready(before: Probed, after: Probed) -> bool:
    """A container that begins is not ready before its own probe has said so."""
    return all(
        before.run[p][c] in RUNS or after.run[p][c] != Run.RUNNING or not after.ready[p][c]
        for p in after.pods
        for c in after.containers
    )


@requirement("KUB-29", source="KEP-753: a sidecar has started when its startup probe succeeded")
def apps_wait_for_started_sidecars(before: Started, after: Started) -> bool:
    """The first app container starts only once the sidecar before it has started."""
    return all(
        before.roles[c] != Role.APP
        or before.run[p][c] != Run.NONE
        or after.run[p][c] != Run.RUNNING
        or any(before.roles[d] == Role.APP and before.run[p][d] in RUNS for d in before.containers)
        or all(
            before.roles[d] != Role.SIDECAR
            or before.started[p][d] == Startup.SUCCESS
            or any(e > d and before.roles[e] != Role.APP for e in before.containers)
            for d in before.containers
        )
        for p in after.pods
        for c in after.containers
    )
