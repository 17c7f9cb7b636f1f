"""What holds of ReplicaSets and their pods: CTRL-1 to CTRL-8.

Source: Kubernetes v1.36, `pkg/controller/replicaset/replica_set.go` (called "ReplicaSet
controller") and `pkg/controller/controller_utils.go`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Sets(Protocol):
    """Sets, and the pods that controllers made and deleted for them."""

    @property
    def was_exceeded(self) -> bool:
        """Whether a pod was made for a set that had as many as its maker read it to want."""

    @property
    def was_depleted(self) -> bool:
        """Whether a pod was deleted of a set that had no more than who deleted it read."""

    @property
    def took_a_stranger(self) -> bool:
        """Whether a pod was deleted that its set, as it was read, did not own by uid."""

    def as_wanted(self) -> bool:
        """Whether every set has as many pods as it wants, and no other."""


class Victims(Protocol):
    """What controllers are about to delete."""

    @property
    def processes(self) -> Sequence[Any]:
        """Controllers."""

    @property
    def names(self) -> Sequence[Any]:
        """Names of pods."""

    @property
    def doomed(self) -> Mapping[Any, Mapping[Any, int]]:
        """The uid of the pod under a name that a controller is about to delete, or 0."""

    def sees_unready(self, p: Any, n: Any) -> bool:
        """Whether a controller takes the pod of a name not to be ready."""

    def is_kept(self, p: Any, n: Any) -> bool:
        """Whether a controller sees a pod of its set that it is not about to delete."""


class Batches(Protocol):
    """What came of the calls of a sync that makes pods."""

    @property
    def processes(self) -> Sequence[Any]:
        """Controllers."""

    @property
    def successes(self) -> Mapping[Any, int]:
        """How many calls of the sync under way succeeded."""

    @property
    def failures(self) -> Mapping[Any, int]:
        """How many failed."""


class Owned(Protocol):
    """Who owns pods."""

    @property
    def names(self) -> Sequence[Any]:
        """Names of pods."""

    @property
    def uid(self) -> Mapping[Any, int]:
        """The uid of the pod under a name, 0 for none."""

    @property
    def owner(self) -> Mapping[Any, Any]:
        """The set that owns a pod, or None."""

    @property
    def owner_uid(self) -> Mapping[Any, int]:
        """Its uid."""

    @property
    def let_go_from(self) -> Mapping[Any, Any]:
        """The set in whose deletion a pod was let go, or None."""

    @property
    def let_go_by(self) -> Mapping[Any, int]:
        """Its uid."""


@requirement("CTRL-1", source="ReplicaSet controller, manageReplicas; ControllerExpectations")
def none_made_beyond(state: Sets) -> bool:
    """A pod is made only while its set has fewer than its controller read it to want.

    Those that were made and not heard of count: who waits to hear of them makes none.
    """
    return not state.was_exceeded


@requirement("CTRL-2", source="ReplicaSet controller, manageReplicas; ControllerExpectations")
def none_deleted_beyond(state: Sets) -> bool:
    """A pod is deleted only while its set has more than its controller read it to want."""
    return not state.was_depleted


@requirement("CTRL-3", source="ReplicaSet controller", promise="eventually always")
def as_many_as_wanted(state: Sets) -> bool:
    """A set has as many pods as it wants when nobody changes anything any more."""
    return state.as_wanted()


@requirement("CTRL-4", source="controller_utils.go, ActivePodsWithRanks")
def unready_go_first(before: Victims, after: Victims) -> bool:
    """A pod that is ready is deleted only if all of its set go that are not, as it was seen."""
    return all(
        before.doomed[p][n] != 0
        or after.doomed[p][n] == 0
        or after.sees_unready(p, n)
        or not any(after.is_kept(p, m) and after.sees_unready(p, m) for m in after.names)
        for p in after.processes
        for n in after.names
    )


@requirement("CTRL-5", source="ReplicaSet controller, slowStartBatch")
def starts_slowly(state: Batches) -> bool:
    """Of the calls that make pods in a sync at most one more fails than succeeded."""
    return all(state.failures[p] <= state.successes[p] + 1 for p in state.processes)


@requirement("CTRL-6", source="controller_ref_manager.go, ClaimPods")
def taken_from_nobody(before: Owned, after: Owned) -> bool:
    """A pod gets an owner only while it has none."""
    return all(
        after.uid[n] != before.uid[n]
        or after.owner[n] is None
        or before.owner[n] is None
        or (after.owner[n], after.owner_uid[n]) == (before.owner[n], before.owner_uid[n])
        for n in after.names
    )


@requirement("CTRL-7", source="controller_ref_manager.go, RecheckDeletionTimestamp")
def not_taken_back(state: Owned) -> bool:
    """A pod that was let go when its set was deleted is not taken back by that set."""
    return all(
        state.owner[n] is None
        or (state.owner[n], state.owner_uid[n]) != (state.let_go_from[n], state.let_go_by[n])
        for n in state.names
    )


@requirement("CTRL-8", source="controller_ref_manager.go, ClaimObject")
def only_own_pods(state: Sets) -> bool:
    """A controller deletes only pods that name the set, by uid, that it acts for."""
    return not state.took_a_stranger
