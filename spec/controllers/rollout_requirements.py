"""What holds of Deployments and their ReplicaSets: CTRL-9 to CTRL-15.

Source: Kubernetes v1.36, `pkg/controller/deployment/rolling.go`, `recreate.go`, `sync.go` and
https://kubernetes.io/docs/concepts/workloads/controllers/deployment/ (called "Deployments").
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Rollout(Protocol):
    """One Deployment and the ReplicaSets that own its pods."""

    @property
    def owners(self) -> Sequence[Any]:
        """Its ReplicaSets; each template has one."""

    @property
    def template(self) -> Any:
        """The ReplicaSet of the template that is wanted."""

    @property
    def replicas(self) -> int:
        """How many pods are wanted."""

    @property
    def surge(self) -> int:
        """How many more there may be (`maxSurge`)."""

    @property
    def unavailable(self) -> int:
        """How many may be missing (`maxUnavailable`)."""

    @property
    def size(self) -> Mapping[Any, int]:
        """How many pods a ReplicaSet wants; 0 where there is none."""

    @property
    def pending(self) -> Mapping[Any, int]:
        """How many of its pods are not ready."""

    @property
    def ready(self) -> Mapping[Any, int]:
        """How many are ready."""

    @property
    def ending(self) -> Mapping[Any, int]:
        """How many are marked for deletion, and still run."""

    def is_settled(self) -> bool:
        """Whether nothing is left to roll out, or nothing may be."""


class Planned(Rollout, Protocol):
    """The same, with what the syncs under way have read."""

    @property
    def processes(self) -> Sequence[Any]:
        """Controllers."""

    @property
    def at_template(self) -> Mapping[Any, Any]:
        """The ReplicaSet whose template the sync takes to be wanted, or None without a sync."""

    @property
    def at_paused(self) -> Mapping[Any, bool]:
        """Whether it has read that the Deployment is paused."""


@requirement("CTRL-9", source="rolling.go, reconcileNewReplicaSet; Deployments, max surge")
def surge_is_kept(state: Rollout) -> bool:
    """The ReplicaSets of a Deployment want together no more than its size and its surge."""
    return sum(state.size[o] for o in state.owners) <= state.replicas + state.surge


@requirement("CTRL-10", source="rolling.go, reconcileOldReplicaSets; Deployments, max unavailable")
def enough_are_available(state: Rollout) -> bool:
    """No more pods are unavailable than allowed, while no pod fails by itself."""
    return sum(state.ready[o] for o in state.owners) >= state.replicas - state.unavailable


@requirement("CTRL-11", source="Deployments, rolling back", promise="eventually always")
def rolled_out_at_last(state: Rollout) -> bool:
    """A Deployment that is left alone has all pods of its template ready, and no others."""
    return state.is_settled()


@requirement("CTRL-12", source="rolling.go, reconcileOldReplicaSets")
def old_sets_shrink(before: Planned, after: Planned) -> bool:
    """A rollout makes no ReplicaSet larger but the one of the template that it has read."""
    wanted = [before.at_template[p] for p in before.processes]
    return all(after.size[o] <= before.size[o] or o in wanted for o in after.owners)


@requirement("CTRL-13", source="recreate.go; Deployments, recreate")
def recreated_apart(state: Rollout) -> bool:
    """Pods of two templates are never there together, also while they end."""
    return sum(state.pending[o] + state.ready[o] + state.ending[o] > 0 for o in state.owners) <= 1


@requirement("CTRL-14", source="sync.go, sync; Deployments, pausing")
def paused_stands_still(before: Planned, after: Planned) -> bool:
    """A sync that has read that its Deployment is paused rolls nothing out."""
    is_paused = any(before.at_paused[p] for p in before.processes)
    return not is_paused or all(after.size[o] == before.size[o] for o in after.owners)


@requirement("CTRL-15", source="sync.go, scaleReplicaSet; API concepts, resourceVersion")
def sizes_from_the_newest(state: Any) -> bool:
    """The size of a ReplicaSet is written only from its newest version."""
    return not state.wrote_over
