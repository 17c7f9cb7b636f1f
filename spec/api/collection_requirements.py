"""What holds when the API server's objects are collected or end with their namespace: API-26 on.

Source: https://kubernetes.io/docs/concepts/architecture/garbage-collection/ (called "garbage
collection"), https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/,
`pkg/controller/garbagecollector`, `pkg/controller/namespace`.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Life(Enum):
    """Where an object is between its creation and its end."""

    NONE = "not made yet"
    LIVE = "live"
    FOREGROUND = "waits for its dependents to go"
    ORPHANING = "waits for its dependents to be released"
    GONE = "gone"
    """A dependent: collected."""
    ENDED = "a dependent that was deleted by somebody else"


class Phase(Enum):
    """Where a namespace is."""

    ACTIVE = "Active"
    TERMINATING = "Terminating"
    GONE = "gone"


class Owned(Protocol):
    """Objects, and the dependents that name them as owners."""

    @property
    def owners(self) -> Iterable[Any]:
        """Objects that others depend on."""

    @property
    def names(self) -> Iterable[Any]:
        """Objects that depend on them."""

    @property
    def owner(self) -> Mapping[Any, Life]:
        """Where an owner is."""

    @property
    def child(self) -> Mapping[Any, Life]:
        """Where a dependent is."""

    @property
    def refs(self) -> Mapping[Any, Collection[Any]]:
        """The owners that a dependent names, by uid."""

    @property
    def is_away(self) -> Mapping[Any, bool]:
        """Whether a dependent is in another namespace, where the uids it names are nobody's."""

    @property
    def orphaned(self) -> Collection[Any]:
        """Owners whose deletion was to leave their dependents alone."""


class Housed(Protocol):
    """A namespace and what is in it."""

    @property
    def names(self) -> Iterable[Any]:
        """Objects that may be made in it."""

    @property
    def phase(self) -> Phase:
        """Where the namespace is."""

    @property
    def is_stored(self) -> Mapping[Any, bool]:
        """Whether an object is stored in it."""


@requirement("API-26", source="garbage collection, Owners and dependents; #114603, #65200")
def no_child_of_a_live_owner_is_collected(before: Owned, after: Owned) -> bool:
    """An object with a live owner is never collected, nor one that names no owner."""
    return all(
        before.child[c] != Life.LIVE
        or after.child[c] != Life.GONE
        or (
            len(before.refs[c]) > 0
            and (
                before.is_away[c]
                or not any(before.owner[o] in (Life.LIVE, Life.ORPHANING) for o in before.refs[c])
            )
        )
        for c in after.names
    )


@requirement(
    "API-27", source="garbage collection, Orphaned dependents", promise="always eventually"
)
def abandoned_children_are_collected(s: Owned) -> bool:
    """An object whose owners are all gone is collected at last."""
    return not any(
        s.child[c] == Life.LIVE
        and len(s.refs[c]) > 0
        and (s.is_away[c] or all(s.owner[o] == Life.GONE for o in s.refs[c]))
        for c in s.names
    )


@requirement("API-28", source="garbage collection, Foreground cascading deletion")
def foreground_deletion_ends_after_its_dependents(before: Owned, after: Owned) -> bool:
    """A deletion in the foreground ends only after the dependents are gone or released."""
    return all(
        before.owner[o] != Life.FOREGROUND
        or after.owner[o] != Life.GONE
        or not any(before.child[c] == Life.LIVE and o in before.refs[c] for c in after.names)
        for o in after.owners
    )


@requirement("API-29", source="garbage collection, Orphaned dependents: Orphan")
def orphaned_dependents_stay(before: Owned, after: Owned) -> bool:
    """Dependents of what was deleted with the policy Orphan are not collected for it."""
    return all(
        before.child[c] != Life.LIVE
        or after.child[c] != Life.GONE
        or before.is_away[c]
        or not any(o in before.orphaned for o in before.refs[c])
        for c in after.names
    )


@requirement("API-30", source="Kubernetes docs, Namespaces; #36891, #131421")
def nothing_is_stored_after_the_end(s: Housed) -> bool:
    """Nothing is stored in a namespace after its end."""
    return s.phase != Phase.GONE or not any(s.is_stored[o] for o in s.names)


@requirement("API-31", source="pkg/controller/namespace, deletion: syncNamespaceFromKey")
def namespace_ends_empty(before: Housed, after: Housed) -> bool:
    """A namespace ends only when it is empty."""
    return (
        before.phase == Phase.GONE
        or after.phase != Phase.GONE
        or not any(before.is_stored[o] for o in after.names)
    )


@requirement("API-32", source="#60807, #75788", promise="always eventually")
def terminating_namespaces_end(s: Housed) -> bool:
    """A namespace that is terminating ends at last, whatever else is out of order."""
    return s.phase != Phase.TERMINATING
