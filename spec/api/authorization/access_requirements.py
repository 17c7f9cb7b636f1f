"""What access control promises, as predicates over who holds, asks for and gets what.

Sources: https://kubernetes.io/docs/reference/access-authn-authz/rbac/ ("Privilege escalation
prevention and bootstrapping"), .../node/ and .../admission-controllers/#noderestriction, and the
advisories of the bugs that broke one of them.
"""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement

_RBAC = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/"
_NODE = "https://kubernetes.io/docs/reference/access-authn-authz/node/"


class Holding(Protocol):
    """Permissions, who has them, and who was given them by somebody who could."""

    @property
    def held(self) -> Mapping[Any, Collection[Any]]:
        """What a subject may do, by its roles."""

    @property
    def given(self) -> Mapping[Any, Collection[Any]]:
        """What it had at first, or was given by one who had it or may give what he has not."""


class Posing(Protocol):
    """Who acts as whom."""

    @property
    def poses(self) -> Collection[tuple[Any, Any]]:
        """Pairs of a subject and another as which it acts."""

    @property
    def may_pose(self) -> Collection[tuple[Any, Any]]:
        """Pairs for which a permission was held: pods under it, its tokens, impersonation."""


class Served(Protocol):
    """Requests as they were authorized, and as they were carried out."""

    @property
    def authorized(self) -> Collection[Any]:
        """What was allowed, as the authorizers saw it."""

    @property
    def done(self) -> Collection[Any]:
        """What storage, or a backend behind the API server, carried out."""


class Trusted(Protocol):
    """Where credentials went."""

    @property
    def shown_to(self) -> Collection[Any]:
        """Servers that were shown a credential."""

    @property
    def meant_for(self) -> Collection[Any]:
        """Servers that the request was for."""


class OfNode(Protocol):
    """A node whose kubelet is in strange hands, and what it brought about."""

    @property
    def marks(self) -> Collection[Any]:
        """Labels and taints of its Node object."""

    @property
    def assigned(self) -> Collection[Any]:
        """Those that somebody gave it who may."""


class Reading(Protocol):
    """What a node has read."""

    @property
    def read(self) -> Collection[Any]:
        """Secrets, tokens and devices that it got."""

    @property
    def needed(self) -> Collection[Any]:
        """Those of pods that somebody else put on it."""


@requirement("ACC-1", source=f"{_RBAC}#privilege-escalation-prevention-and-bootstrapping")
def permissions_are_given_by_holders(observed: Holding) -> bool:
    """Nobody ends with a permission that no holder gave."""
    return all(
        permission in observed.given[subject]
        for subject, permissions in observed.held.items()
        for permission in permissions
    )


@requirement("ACC-2", source="https://kubernetes.io/docs/concepts/security/rbac-good-practices/")
def nobody_poses_without_permission(observed: Posing) -> bool:
    """Nobody acts as another without pods under it, a token for it, or impersonation."""
    return all(pair in observed.may_pose for pair in observed.poses)


@requirement(
    "ACC-3",
    source="https://kubernetes.io/docs/reference/access-authn-authz/authorization/; "
    "CVE-2018-1002105, CVE-2019-11247, CVE-2022-3162",
)
def what_is_done_was_authorized(observed: Served) -> bool:
    """What is carried out is what was authorized: same verb, resource, scope and stream."""
    return all(each in observed.authorized for each in observed.done)


@requirement("ACC-4", source="CVE-2020-8559, CVE-2022-3172")
def credentials_go_where_the_request_goes(observed: Trusted) -> bool:
    """A credential is shown to no server but the one that a request is for."""
    return all(each in observed.meant_for for each in observed.shown_to)


@requirement(
    "ACC-5",
    source="https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/",
)
def nodes_do_not_mark_themselves(observed: OfNode) -> bool:
    """A node has no restricted label and lacks no taint but by those who may say so."""
    return all(each in observed.assigned for each in observed.marks)


@requirement("ACC-6", source=_NODE)
def nodes_read_for_their_pods_alone(observed: Reading) -> bool:
    """A node reads nothing but what pods need that others put on it."""
    return all(each in observed.needed for each in observed.read)
