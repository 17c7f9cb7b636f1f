"""What an authorizer is asked, and what it answers.

Source: `apiserver/pkg/authorization/authorizer/interfaces.go`, `apiserver/pkg/authentication/user`
and `authentication/serviceaccount/util.go`, v1.36.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from planespec.spec.api.authorization.field_selectors import FieldRequirement
from planespec.spec.names import get_dns1123_label_errors, get_dns1123_subdomain_errors
from planespec.spec.objects.view import View

MASTERS = "system:masters"
NODES = "system:nodes"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
ADMINISTRATORS = (MASTERS, AUTHENTICATED)
"""The groups of who may do everything."""
ANONYMOUS = "system:anonymous"
SERVICE_ACCOUNTS = "system:serviceaccounts"
SERVICE_ACCOUNT_PREFIX = "system:serviceaccount:"
NODE_PREFIX = "system:node:"

_READ_ONLY = frozenset({"get", "list", "watch"})


@dataclass(frozen=True, slots=True)
class User:
    """Who asks, as authentication or impersonation left it."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Attributes:
    """One request, as authorizers see it."""

    user: User
    verb: str
    group: str = ""
    version: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""
    is_resource: bool = True
    """False for a request to a path that is no API resource."""
    fields: tuple[FieldRequirement, ...] = ()
    """What the field selector requires; empty, too, where it cannot be parsed."""

    @property
    def combined_resource(self) -> str:
        """`pods/log` for a subresource, else the resource."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    @property
    def is_read_only(self) -> bool:
        """Whether the verb only reads."""
        return self.verb in _READ_ONLY


class Decision(StrEnum):
    """What an authorizer says; the values are the words of recordings."""

    ALLOW = "allow"
    DENY = "deny"
    NO_OPINION = "noOpinion"


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision with its reason, and the error that came with it ("" for none)."""

    decision: Decision
    reason: str = ""
    error: str = ""

    @property
    def allows(self) -> bool:
        """Whether the request goes on."""
        return self.decision is Decision.ALLOW


def read_user(view: View) -> User:
    """Read `{name, groups, uid, extra}`; raises ObjectError."""
    extra = view.view("extra")
    values = {key: tuple(extra.texts(key)) for key in extra.data}
    return User(view.text("name"), tuple(view.texts("groups")), view.text("uid"), values)


def make_service_account_user(namespace: str, name: str) -> User:
    """The user of a service account, with the groups that its token gives."""
    return User(
        f"{SERVICE_ACCOUNT_PREFIX}{namespace}:{name}",
        (*make_service_account_groups(namespace), AUTHENTICATED),
    )


def make_service_account_groups(namespace: str) -> tuple[str, ...]:
    """The fixed groups of the service accounts of a namespace."""
    return (SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{namespace}")


def split_service_account(user_name: str) -> tuple[str, str] | None:
    """Namespace and name of the service account that a user name stands for; None for others."""
    if not user_name.startswith(SERVICE_ACCOUNT_PREFIX):
        return None
    parts = user_name[len(SERVICE_ACCOUNT_PREFIX) :].split(":")
    if len(parts) != 2:
        return None
    namespace, name = parts
    if get_dns1123_label_errors(namespace) or get_dns1123_subdomain_errors(name):
        return None
    return namespace, name


def get_node_name(user: User) -> str | None:
    """The node that a user is, "" for a node without a name; None for others.

    Source: `pkg/auth/nodeidentifier/default.go`.
    """
    if not user.name.startswith(NODE_PREFIX) or NODES not in user.groups:
        return None
    return user.name[len(NODE_PREFIX) :]
