"""Constraints between pods and nodes, at the moment of binding.

Source: `pkg/scheduler/framework/plugins`: tainttoleration, nodeaffinity, interpodaffinity,
podtopologyspread and volumerestrictions; `planespec.spec.scheduling` has the rules at full size.
What of this a snapshot still shows later is SCHED-5; SCHED-13 is about all claims of one user.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement
from planespec.spec.scheduling.requirements.observations import Stage


class Neighbours(Protocol):
    """Pods of one application with their constraints, and nodes in zones."""

    @property
    def pods(self) -> Iterable[Any]:
        """All pods."""

    @property
    def nodes(self) -> Iterable[Any]:
        """All nodes."""

    @property
    def zone(self) -> Mapping[Any, Any]:
        """The zone of a node."""

    @property
    def tainted(self) -> Mapping[Any, bool]:
        """Whether a node has a taint with the effect NoSchedule."""

    @property
    def tolerates(self) -> Mapping[Any, bool]:
        """Whether a pod tolerates that taint."""

    @property
    def labelled(self) -> Mapping[Any, bool]:
        """Whether a node carries the one label that pods may require."""

    @property
    def selects(self) -> Mapping[Any, bool]:
        """Whether a pod has required node affinity for that label."""

    @property
    def seeks(self) -> Mapping[Any, bool]:
        """Whether a pod has required affinity, zone by zone, to pods of the application."""

    @property
    def shuns(self) -> Mapping[Any, bool]:
        """Whether a pod has anti-affinity, zone by zone, to other pods of the application."""

    @property
    def claims(self) -> Mapping[Any, bool]:
        """Whether a pod mounts the one claim with the access mode ReadWriteOncePod."""

    @property
    def spread(self) -> bool:
        """Whether pods spread over zones: maxSkew 1, both inclusion policies Honor."""

    @property
    def stage(self) -> Mapping[Any, Stage]:
        """How far a pod's life has come."""

    @property
    def bound(self) -> Mapping[Any, Any]:
        """The node of a pod, or None."""

    @property
    def parked(self) -> Mapping[Any, bool]:
        """Whether every node was refused for a pod, and nothing changed since."""


def is_on(s: Neighbours, p: Any, n: Any) -> bool:
    """Tell whether a pod is on a node and has not gone."""
    return s.bound[p] == n and s.stage[p] != Stage.GONE


def is_tolerated(s: Neighbours, p: Any, n: Any) -> bool:
    """Tell whether a pod tolerates the taints of a node."""
    return not s.tainted[n] or s.tolerates[p]


def is_selected(s: Neighbours, p: Any, n: Any) -> bool:
    """Tell whether a node carries the label that a pod requires."""
    return s.labelled[n] or not s.selects[p]


def is_open(s: Neighbours, p: Any, n: Any) -> bool:
    """Tell whether a node is among those that spread counts for a pod."""
    return is_tolerated(s, p, n) and is_selected(s, p, n)


def is_near(s: Neighbours, p: Any, n: Any) -> bool:
    """Tell whether a pod that seeks others finds one in the zone of a node.

    The first of the application finds none anywhere, and may go to any zone.
    """
    return not s.seeks[p] or (
        any(q != p and s.zone[m] == s.zone[n] and is_on(s, q, m) for q in s.pods for m in s.nodes)
        or not any(q != p and is_on(s, q, m) for q in s.pods for m in s.nodes)
    )


def is_apart(s: Neighbours, p: Any, n: Any) -> bool:
    """Tell whether no anti-affinity, of the pod or of one in the zone, keeps it off a node."""
    return not any(
        q != p and (s.shuns[p] or s.shuns[q]) and s.zone[m] == s.zone[n] and is_on(s, q, m)
        for q in s.pods
        for m in s.nodes
    )


def count_zone(s: Neighbours, p: Any, n: Any) -> int:
    """Count the pods, none of them terminating, on the nodes open to p in the zone of n."""
    return sum(
        1
        for q in s.pods
        for m in s.nodes
        if q != p
        and s.zone[m] == s.zone[n]
        and is_open(s, p, m)
        and s.bound[q] == m
        and s.stage[q] == Stage.PRESENT
    )


def is_spread(s: Neighbours, p: Any, n: Any) -> bool:
    """Tell whether a pod on a node leaves no zone open to it more than one pod behind."""
    return not s.spread or all(
        count_zone(s, p, n) <= count_zone(s, p, m) for m in s.nodes if is_open(s, p, m)
    )


def is_claim_free(s: Neighbours, p: Any) -> bool:
    """Tell whether nobody uses the claim of a pod, on whatever node."""
    return not s.claims[p] or not any(
        q != p and s.claims[q] and is_on(s, q, m) for q in s.pods for m in s.nodes
    )


def is_suited(s: Neighbours, p: Any, n: Any) -> bool:
    """Tell whether a node meets what a pod says of nodes, and of pods in their zones."""
    return is_open(s, p, n) and is_near(s, p, n) and is_apart(s, p, n) and is_spread(s, p, n)


@requirement("SCHED-25", source="pkg/scheduler/framework/plugins: Filter of each plugin")
def constraints_hold(before: Neighbours, after: Neighbours) -> bool:
    """When a pod is bound, its node meets taints, node and pod affinity, anti-affinity, spread."""
    return not any(
        after.bound[p] == n and before.bound[p] != n and not is_suited(before, p, n)
        for p in after.pods
        for n in after.nodes
    )


@requirement("SCHED-26", source="plugins/volumerestrictions; KEP-2485; #103132, #103305")
def one_user(s: Neighbours) -> bool:
    """A ReadWriteOncePod claim is used by one pod."""
    return not any(
        p != q and s.claims[p] and s.claims[q] and is_on(s, p, n) and is_on(s, q, m)
        for p in s.pods
        for q in s.pods
        for n in s.nodes
        for m in s.nodes
    )


@requirement("SCHED-21", source="plugins/podtopologyspread/filtering.go; #106127, #107464")
def refused_for_a_reason(s: Neighbours) -> bool:
    """A pod is refused by every node only if every node breaks a constraint of it."""
    return not any(
        s.parked[p] and is_suited(s, p, n) and is_claim_free(s, p) for p in s.pods for n in s.nodes
    )
