"""Whom a subject can become, and by which step."""

from dataclasses import dataclass, field

from planespec.spec.api.authorization.access_request import (
    ANONYMOUS,
    AUTHENTICATED,
    MASTERS,
    NODE_PREFIX,
    NODES,
    UNAUTHENTICATED,
    User,
    make_service_account_user,
    split_service_account,
)
from planespec.spec.api.authorization.rbac_policy import Grant


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody with rights of its own: a user, a member of a group, a service account.

    Beside those there are FULL_CONTROL and NODE_ROOT, and what a role would give to its holder.
    """

    name: str
    user: User
    role: str = ""
    """The role that the user would hold by a new binding; "" for an identity that is there."""
    namespace: str = ""
    """Where the role would be held; "" for all of the cluster."""
    mode: str = ""
    """The mode of constrained impersonation by which somebody acts as it; "" for itself."""
    through: tuple[Grant, ...] = ()
    """What such a request must be allowed by as well."""


FULL_CONTROL = Identity("full control of the cluster", User("", (MASTERS,)))
NODE_ROOT = Identity("root on nodes", User("root on nodes"))
"""Not a user of the API: who has a node has the tokens of the pods on it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One way from an identity to another, with the rules that back it."""

    source: Identity
    target: Identity
    action: str
    """What is done, in words."""
    grants: tuple[Grant, ...] = ()
    notes: tuple[str, ...] = ()
    """What was looked at beside the rules."""


@dataclass(slots=True)
class Doubts:
    """What would decide and is not in the input, each once and in order."""

    found: dict[str, None] = field(default_factory=dict)

    def add(self, what: str) -> None:
        """Take note of something that is not known."""
        self.found.setdefault(what)


def make_identity(user: User) -> Identity:
    """An identity that is there, named as people write it."""
    account = split_service_account(user.name)
    if account is not None:
        return Identity(f"ServiceAccount {account[0]}/{account[1]}", user)
    return Identity(f"User {user.name}", user)


def make_account(namespace: str, name: str) -> Identity:
    """A service account."""
    return make_identity(make_service_account_user(namespace, name))


def make_member(group: str) -> Identity:
    """Any member of a group; where the group is of masters, that is full control."""
    if group == MASTERS:
        return FULL_CONTROL
    return Identity(f"Group {group}", User(f"a member of {group}", (group, AUTHENTICATED)))


def make_user(name: str, groups: tuple[str, ...] = ()) -> User:
    """A user with the groups that the name gives, and those named."""
    account = split_service_account(name)
    if account is not None:
        given = make_service_account_user(*account)
        return User(name, tuple(dict.fromkeys((*given.groups, *groups))))
    if name == ANONYMOUS:
        return User(name, (*groups, UNAUTHENTICATED))
    fixed = (NODES,) if name.startswith(NODE_PREFIX) else ()
    return User(name, tuple(dict.fromkeys((*groups, *fixed, AUTHENTICATED))))
