"""What holds of a pod's life on a node, from its sources to its end: KUB-1 to KUB-4, KUB-16 on.

Source: `pkg/kubelet/pod_workers.go`, `pkg/kubelet/status/status_manager.go`,
`pkg/kubelet/allocation` of Kubernetes v1.36,
https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ (called "pod lifecycle") and
KEP-1287. What containers do is in `container_requirements`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.node.container_requirements import Containers
from planespec.spec.node.pod_states import ENDED, HELD, RUNS, PodPhase, Role, Run, Stage, Work
from planespec.spec.requirement import requirement


class Pods(Protocol):
    """Pods of one node: what the API shows, what the kubelet does, what runs."""

    @property
    def pods(self) -> Iterable[Any]:
        """Pods, each by its uid."""

    @property
    def containers(self) -> Iterable[Any]:
        """The containers that each pod has."""

    @property
    def stored(self) -> Mapping[Any, Stage]:
        """Where the object is."""

    @property
    def shown(self) -> Mapping[Any, PodPhase]:
        """The phase in the API."""

    @property
    def known(self) -> Mapping[Any, PodPhase]:
        """The phase that the kubelet holds."""

    @property
    def work(self) -> Mapping[Any, Work]:
        """Where the worker is."""

    @property
    def run(self) -> Mapping[Any, Mapping[Any, Run]]:
        """Where a container is in truth."""

    @property
    def has_sandbox(self) -> Mapping[Any, bool]:
        """Whether the runtime has a sandbox of the pod, be it stopped."""

    @property
    def has_ended(self) -> Mapping[Any, bool]:
        """Whether a kubelet found the pod terminated, and it was not made again since."""


class Phases(Containers, Protocol):
    """The containers of pods, and the phase that the kubelet makes of them."""

    @property
    def known(self) -> Mapping[Any, PodPhase]:
        """The phase that the kubelet holds."""


class Placed(Protocol):
    """What pods ask for of a node with so much room."""

    @property
    def pods(self) -> Iterable[Any]:
        """Pods, each by its uid."""

    @property
    def room(self) -> int:
        """What the node has."""

    @property
    def work(self) -> Mapping[Any, Work]:
        """Where the worker is."""

    @property
    def desired(self) -> Mapping[Any, int]:
        """What the spec asks for now."""

    @property
    def allocated(self) -> Mapping[Any, int]:
        """What the kubelet admitted, and keeps on disk."""

    @property
    def has_sandbox(self) -> Mapping[Any, bool]:
        """Whether the runtime has a sandbox of the pod."""

    @property
    def actual(self) -> Mapping[Any, int]:
        """What the runtime gives the containers."""

    @property
    def crashed(self) -> int:
        """How often the kubelet began anew."""


class Graces(Protocol):
    """The seconds that pods have for ending."""

    @property
    def pods(self) -> Iterable[Any]:
        """Pods, each by its uid."""

    @property
    def grace(self) -> Mapping[Any, int | None]:
        """What is left; None before the pod is to end."""


class StaticPods(Protocol):
    """Static pods of one full name, and the mirror in the API."""

    @property
    def pods(self) -> Iterable[Any]:
        """Pods, each by its uid."""

    @property
    def file(self) -> Any:
        """The pod whose manifest is in the file, or None."""

    @property
    def mirror(self) -> Any:
        """The pod that the mirror shows, or None."""

    @property
    def work(self) -> Mapping[Any, Work]:
        """Where the worker is."""


@requirement("KUB-1", source="status_manager.go canBeDeleted; #29033, pull 50350")
def objects_go_after_their_containers(before: Pods, after: Pods) -> bool:
    """The object of a pod goes only after its containers have stopped, unless it is forced."""
    return all(
        after.stored[p] != Stage.GONE
        or before.stored[p] == Stage.GONE
        or not any(after.run[p][c] in RUNS for c in after.containers)
        for p in after.pods
    )


@requirement("KUB-2", source="pod lifecycle, Pod phase; #58711, #125410")
def terminal_phases_stay(before: Pods, after: Pods) -> bool:
    """A phase Succeeded or Failed in the API is never left."""
    return all(
        before.shown[p] not in ENDED or after.shown[p] == before.shown[p] for p in after.pods
    )


@requirement("KUB-3", source="pod_workers.go; #104648")
def what_ended_stays_ended(s: Pods) -> bool:
    """A pod that has terminated never runs again, unless it is made again."""
    return all(
        not s.has_ended[p] or not any(s.run[p][c] in RUNS for c in s.containers) for p in s.pods
    )


@requirement("KUB-4", source="pod_workers.go allowStaticPodStart; #97722, pull 104743")
def one_static_pod_runs(s: Pods) -> bool:
    """At most one static pod of a full name has running containers, while the kubelet stays up."""
    return sum(any(s.run[p][c] in RUNS for c in s.containers) for p in s.pods) <= 1


@requirement("KUB-16", source="pod_workers.go; #113145, #113091", promise="always eventually")
def everything_is_released(s: Pods) -> bool:
    """Containers and sandbox of a pod whose object is gone are released at last."""
    return not any(s.stored[p] in (Stage.GONE, Stage.FORCED) and s.has_sandbox[p] for p in s.pods)


@requirement("KUB-17", source="pod lifecycle, Termination of Pods", promise="always eventually")
def deleted_objects_go(s: Pods) -> bool:
    """The object of a pod that is marked for deletion goes at last."""
    return not any(s.stored[p] == Stage.MARKED for p in s.pods)


@requirement("KUB-18", source="status_manager.go syncBatch", promise="always eventually")
def statuses_arrive(s: Pods) -> bool:
    """The phase that the kubelet holds is shown at last."""
    return not any(
        s.stored[p] in (Stage.PRESENT, Stage.MARKED)
        and s.known[p] in ENDED
        and s.shown[p] != s.known[p]
        for p in s.pods
    )


@requirement("KUB-19", source="pod_workers.go: the grace never grows")
def grace_never_grows(before: Graces, after: Graces) -> bool:
    """The time that a pod has for ending never becomes more."""
    for p in after.pods:
        was, now = before.grace[p], after.grace[p]
        if was is not None and now is not None and now > was:
            return False
    return True


@requirement("KUB-20", source="kubelet.go HandlePodAdditions, canAdmitPod; #104824")
def admitted_pods_fit(s: Placed) -> bool:
    """What the admitted pods of a node hold fits there, until they have stopped."""
    return (
        sum(
            s.allocated[p]
            for p in s.pods
            if s.work[p] == Work.SYNC or (s.work[p] == Work.TERMINATING and s.has_sandbox[p])
        )
        <= s.room
    )


@requirement("KUB-21", source="KEP-1287; pkg/kubelet/allocation")
def nothing_grows_unadmitted(before: Placed, after: Placed) -> bool:
    """What a pod is given grows only to what was allocated to it."""
    return all(
        after.actual[p] <= before.actual[p] or after.actual[p] <= after.allocated[p]
        for p in after.pods
    )


@requirement("KUB-22", source="KEP-1287, the checkpoint of allocated resources")
def restarts_keep_allocations(before: Placed, after: Placed) -> bool:
    """What was allocated to a pod survives a restart of the kubelet."""
    return before.crashed == after.crashed or all(
        before.allocated[p] == after.allocated[p] for p in after.pods
    )


@requirement("KUB-23", source="KEP-1287, Deferred", promise="always eventually")
def resizes_that_fit_are_made(s: Placed) -> bool:
    """A resize that fits is made at last."""
    held = [p for p in s.pods if s.work[p] in HELD]
    return not any(
        s.work[p] == Work.SYNC
        and s.actual[p] != s.desired[p]
        and s.desired[p] + sum(max(s.allocated[q], s.desired[q]) for q in held if q != p) <= s.room
        for p in s.pods
    )


@requirement("KUB-24", source="kubelet.go tryReconcileMirrorPods")
def mirrors_end_no_static_pod(before: StaticPods, after: StaticPods) -> bool:
    """Deleting the mirror of a static pod does not end it."""
    return (
        before.mirror is None
        or after.mirror is not None
        or before.file is None
        or all(before.work[p] != Work.SYNC or after.work[p] == Work.SYNC for p in after.pods)
    )


@requirement(
    "KUB-25", source="pod_workers.go, UID reuse; #104648, #112814", promise="always eventually"
)
def static_pods_run(s: StaticPods) -> bool:
    """The static pod that is in the file is run at last, whether or not the API answers."""
    return s.file is None or s.work[s.file] == Work.SYNC


@requirement("KUB-11", source="kubelet_pods.go getPhase; pull 88440")
def success_is_seen(before: Phases, after: Phases) -> bool:
    """A pod becomes Succeeded only where each app container is known to have succeeded."""
    return all(
        before.known[p] == PodPhase.SUCCEEDED
        or after.known[p] != PodPhase.SUCCEEDED
        or all(after.roles[c] != Role.APP or after.run[p][c] == Run.DONE for c in after.containers)
        for p in after.pods
    )


@requirement("KUB-27", source="kubelet_pods.go getPhase; pull 131317")
def running_pods_are_not_pending(before: Phases, after: Phases) -> bool:
    """While an app container runs, no pod goes back to Pending."""
    return all(
        before.known[p] == PodPhase.PENDING
        or after.known[p] != PodPhase.PENDING
        or before.work[p] != Work.SYNC
        or after.work[p] != Work.SYNC
        or not any(
            after.roles[c] == Role.APP and after.run[p][c] in RUNS for c in after.containers
        )
        for p in after.pods
    )


@requirement("KUB-38", source="status_manager.go syncPod: the status goes before the deletion")
def ends_are_shown(before: Pods, after: Pods) -> bool:
    """A pod that a kubelet deletes shows its last phase before."""
    return all(
        before.stored[p] == Stage.GONE or after.stored[p] != Stage.GONE or before.shown[p] in ENDED
        for p in after.pods
    )
