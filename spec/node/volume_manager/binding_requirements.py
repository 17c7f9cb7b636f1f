"""What holds of claims and volumes that are bound to each other: CSI-12 to CSI-15.

Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/ (called "PV docs"),
`pkg/controller/volume/persistentvolume/pv_controller.go`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Bindings(Protocol):
    """Claims, volumes, and which is for which."""

    @property
    def claims(self) -> Iterable[Any]:
        """Claims, by name."""

    @property
    def volumes(self) -> Iterable[Any]:
        """Volumes, by name."""

    @property
    def uid(self) -> Mapping[Any, int]:
        """The uid of the claim under a name, 0 where there is none."""

    @property
    def named(self) -> Mapping[Any, Any]:
        """The volume that a claim names, or None."""

    @property
    def is_complete(self) -> Mapping[Any, bool]:
        """Whether a claim is bound to the volume that it names."""

    @property
    def reserved(self) -> Mapping[Any, Any]:
        """The claim for which a volume is reserved, or None."""

    @property
    def reserved_uid(self) -> Mapping[Any, int]:
        """The uid of that claim."""


@requirement("CSI-12", source="PV docs, Binding: one-to-one mapping")
def volume_of_one_claim(s: Bindings) -> bool:
    """No volume is bound to two claims."""
    return not any(
        c != d and s.is_complete[c] and s.is_complete[d] and s.named[c] == s.named[d]
        for c in s.claims
        for d in s.claims
    )


@requirement("CSI-13", source="PV docs, Binding: a bi-directional binding (ClaimRef)")
def bound_to_each_other(s: Bindings) -> bool:
    """The volume of a claim that is bound is reserved for that claim, by its uid."""
    return all(
        not s.is_complete[c]
        or s.named[c] != v
        or (s.reserved[v] == c and s.reserved_uid[v] == s.uid[c])
        for c in s.claims
        for v in s.volumes
    )


@requirement("CSI-14", source="pv_controller.go, syncVolume", promise="always eventually")
def reserved_for_none_at_last(s: Bindings) -> bool:
    """A volume does not stay reserved for a claim that has another one."""
    return not any(
        s.reserved[v] == c and s.is_complete[c] and s.named[c] != v
        for c in s.claims
        for v in s.volumes
    )


@requirement("CSI-15", source="PV docs, Binding: a control loop", promise="always eventually")
def served_at_last(s: Bindings) -> bool:
    """A claim that names no volume is bound at last, or others have all volumes."""
    return not any(
        s.uid[c] != 0
        and s.named[c] is None
        and not any(
            d != c and s.reserved[v] == d and s.reserved_uid[v] == s.uid[d] for d in s.claims
        )
        for c in s.claims
        for v in s.volumes
    )
