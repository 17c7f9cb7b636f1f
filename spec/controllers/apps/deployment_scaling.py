"""How a change of size is shared out among the ReplicaSets of a Deployment.

Each gets its share of what is added or taken away, in proportion to its size and to the most pods
that there might have been when it was last scaled; what rounding leaves goes to the largest.

Source: Kubernetes v1.36, `pkg/controller/deployment/sync.go` (scale),
`util/deployment_util.go` (GetReplicaSetProportion, getReplicaSetFraction, IsSaturated).
"""

from collections.abc import Sequence

from planespec.spec.controllers.apps.deployment_state import (
    DESIRED,
    MOST,
    Deployment,
    DeploymentSync,
    OwnedSet,
    sum_replicas,
)


def is_saturated(deployment: Deployment, new: OwnedSet | None) -> bool:
    """Whether a ReplicaSet has all pods that are wanted, available, and knows of it."""
    if new is None:
        return False
    found = (new.replicas, new.read_number(DESIRED), new.available)
    return all(number == deployment.replicas for number in found)


def count_missing(deployment: Deployment, sets: Sequence[OwnedSet]) -> int:
    """How many pods there may be more than these sets want; below 0 where they want too many."""
    most = deployment.replicas + deployment.max_surge if deployment.replicas > 0 else 0
    return most - sum_replicas(sets)


def list_by_size(deployment: Deployment, sets: Sequence[OwnedSet]) -> list[OwnedSet]:
    """The largest first; of equal ones the youngest to grow, the oldest to shrink."""
    missing = count_missing(deployment, sets)
    if missing == 0:
        return list(sets)
    by_age = sorted(sets, key=lambda each: each.age, reverse=missing > 0)
    return sorted(by_age, key=lambda each: -each.replicas)


def find_sizes(sync: DeploymentSync, sets: Sequence[OwnedSet]) -> list[int]:
    """The sizes that these sets get, in their order."""
    missing = count_missing(sync.deployment, sets)
    sizes, added = [], 0
    for each in sets:
        share = find_share(sync, each, missing, added)
        sizes.append(each.replicas + share)
        added += share
    if sets and missing:
        sizes[0] = max(sizes[0] + missing - added, 0)
    return sizes


def find_share(sync: DeploymentSync, owned: OwnedSet, missing: int, added: int) -> int:
    """What of `missing` pods is for one set, where others got `added` of them before."""
    if owned.replicas == 0 or missing in (0, added):
        return 0
    fraction, left = _find_fraction(sync, owned), missing - added
    return min(fraction, left) if missing > 0 else max(fraction, left)


def _find_fraction(sync: DeploymentSync, owned: OwnedSet) -> int:
    """By how much a set grows in proportion.

    Where it does not say for how many pods it was scaled, those that there are count; where there
    are none, it stays.
    """
    deployment = sync.deployment
    if deployment.replicas == 0:
        return -owned.replicas
    before = owned.read_number(MOST) or sync.status.get("replicas") or 0
    if before == 0:
        return 0
    size = owned.replicas * (deployment.replicas + deployment.max_surge) / before
    return int(size + 0.5 if size >= 0 else size - 0.5) - owned.replicas
