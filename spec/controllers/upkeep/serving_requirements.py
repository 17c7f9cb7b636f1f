"""What holds of the EndpointSlices of a service: CTRL-54 to CTRL-57.

Source: `pkg/controller/endpointslice`, `staging/src/k8s.io/endpointslice`, v1.36;
https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/ (called "slices").
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class ServedPods(Protocol):
    """Pods that a service selects, and slices that list them."""

    @property
    def names(self) -> Iterable[Any]:
        """Names of pods."""

    @property
    def slices(self) -> Iterable[Any]:
        """Names of slices."""

    @property
    def service(self) -> int:
        """The uid of the service; 0 where there is none."""

    @property
    def owner(self) -> Mapping[Any, int]:
        """The uid of the service for which a slice was made; 0 where there is no slice."""

    @property
    def lists(self) -> Mapping[Any, Mapping[Any, bool]]:
        """Whether a slice lists a pod as ready."""

    @property
    def wrote_same(self) -> bool:
        """Whether a slice was written as it was."""

    def is_wanted(self, n: Any, /) -> bool:
        """Whether a pod should receive traffic."""

    def is_seen_wanted(self, n: Any, /) -> bool:
        """Whether it should, as far as the controller knew when it decided on a write."""


def is_listed(s: ServedPods, n: Any) -> bool:
    """Whether a slice of the service lists a pod."""
    return any(s.owner[k] == s.service and s.lists[k][n] for k in s.slices)


@requirement("CTRL-54", source="slices; #127429, #94720, #141592", promise="always eventually")
def endpoints_follow_pods(s: ServedPods) -> bool:
    """The endpoints of a service are its ready pods at last."""
    return s.service == 0 or all(is_listed(s, n) == s.is_wanted(n) for n in s.names)


@requirement("CTRL-55", source="slices, duplicate endpoints; #100033, #93374")
def addresses_stand_once(s: ServedPods) -> bool:
    """A pod is listed in one slice of its service only."""
    return all(
        sum(s.owner[k] == s.service != 0 and s.lists[k][n] for k in s.slices) <= 1 for n in s.names
    )


@requirement("CTRL-56", source="slices, conditions; #54723")
def pods_that_go_receive_nothing(before: ServedPods, after: ServedPods) -> bool:
    """A pod becomes a ready endpoint only if it was seen ready, and not about to go."""
    return all(
        not after.lists[k][n] or before.lists[k][n] or before.is_seen_wanted(n)
        for k in after.slices
        for n in after.names
    )


@requirement("CTRL-57", source="slices; #129652, #87979")
def nothing_is_written_in_vain(s: ServedPods) -> bool:
    """A slice is written only where that changes it."""
    return not s.wrote_same
