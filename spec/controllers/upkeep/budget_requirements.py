"""What holds when pods are evicted under a PodDisruptionBudget: CTRL-50 to CTRL-53.

Source: `pkg/controller/disruption/disruption.go`, `pkg/registry/core/pod/storage/eviction.go`,
v1.36; https://kubernetes.io/docs/concepts/workloads/pods/disruptions/ (called "disruptions");
KEP-3017.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class BudgetedPods(Protocol):
    """Pods under a budget, and requests that evict them."""

    @property
    def names(self) -> Iterable[Any]:
        """Names of pods."""

    @property
    def evictors(self) -> Iterable[Any]:
        """Requests that evict, each in an API server of its own."""

    @property
    def least(self) -> int:
        """How many pods have to be healthy: the most that a budget asks for which selects them."""

    @property
    def needed(self) -> int:
        """How many pods have to be healthy by the first budget."""

    @property
    def allowed(self) -> int:
        """`status.disruptionsAllowed` of the first budget."""

    @property
    def broken(self) -> Mapping[Any, bool]:
        """Whether a pod never becomes ready."""

    @property
    def evicted(self) -> Mapping[Any, bool]:
        """Whether a pod was deleted by an eviction."""

    def is_granted(self, n: Any, /) -> bool:
        """Whether an eviction of a pod is granted, and its deletion is still to come."""

    def is_healthy(self, n: Any, /) -> bool:
        """Whether a pod is ready and not marked for deletion."""


def count_healthy(s: BudgetedPods) -> int:
    """How many pods are healthy, and are not about to be evicted."""
    return sum(s.is_healthy(n) and not s.is_granted(n) for n in s.names)


@requirement("CTRL-50", source="disruptions; #82149, #34546")
def budgets_are_not_overdrawn(before: BudgetedPods, after: BudgetedPods) -> bool:
    """An eviction is granted only where as many pods as every budget asks for stay healthy."""
    return count_healthy(after) >= after.least or not any(
        after.is_granted(n) and not before.is_granted(n) for n in after.names
    )


@requirement("CTRL-51", source="disruption.go sync", promise="always eventually")
def budgets_tell_what_is_left(s: BudgetedPods) -> bool:
    """The status of a budget says at last how many disruptions there may be."""
    return s.allowed == max(sum(s.is_healthy(n) for n in s.names) - s.needed, 0)


@requirement("CTRL-52", source="KEP-3017; #72320", promise="always eventually")
def pods_that_never_get_ready_go(s: BudgetedPods) -> bool:
    """A pod that does not become ready is evicted at last, where that is always allowed."""
    return not any(s.broken[n] for n in s.names)


@requirement("CTRL-53", source="eviction.go; KEP-85; #64923")
def ready_pods_go_with_a_grant(before: BudgetedPods, after: BudgetedPods) -> bool:
    """A pod that is ready is evicted only after that was granted."""
    return all(
        before.evicted[n]
        or not after.evicted[n]
        or not before.is_healthy(n)
        or before.is_granted(n)
        for n in after.names
    )
