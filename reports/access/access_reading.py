"""Read a question about access, and the cluster that it is about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planespec.checker.errors import ConfigurationError, InputError, did_you_mean
from planespec.reports.audit.sources import without_collection
from planespec.reports.fit.reading import read_objects
from planespec.spec.api.authorization.access_request import Attributes, User
from planespec.spec.api.authorization.reach.access_cluster import (
    RBAC_KINDS,
    AccessCluster,
    check_alone,
    read_access,
)
from planespec.spec.api.authorization.reach.identities import make_user
from planespec.spec.labels import SelectorError
from planespec.spec.objects.object_store import CLUSTER_SCOPED, GROUPS, Store
from planespec.spec.objects.resource_names import KINDS as RESOURCES
from planespec.spec.objects.resource_names import find_kind, plural_of
from planespec.spec.objects.view import ApiObject, ObjectError, View

_VIRTUAL = {
    **dict.fromkeys(("users", "groups"), ""),
    **dict.fromkeys(("userextras", "uids", "selfsubjectreviews"), "authentication.k8s.io"),
    "tokenreviews": "authentication.k8s.io",
    **dict.fromkeys(
        (
            *("subjectaccessreviews", "localsubjectaccessreviews"),
            *("selfsubjectaccessreviews", "selfsubjectrulesreviews"),
        ),
        "authorization.k8s.io",
    ),
    "signers": "certificates.k8s.io",
}
"""Resources without stored objects, and their groups."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A verb on a resource, or on a path that is none."""

    verb: str
    resource: str
    subresource: str = ""
    group: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    def make_request(self, user: User) -> Attributes:
        """The request of a user."""
        if self.path:
            return Attributes(user, self.verb, path=self.path, is_resource=False)
        return Attributes(
            user,
            self.verb,
            self.group,
            "",
            self.resource,
            self.subresource,
            self.namespace,
            self.name,
        )

    def describe(self) -> str:
        """The question in words."""
        if self.path:
            return f"{self.verb} path {self.path}"
        what = f"{self.resource}.{self.group}" if self.group else self.resource
        what = f"{what}/{self.subresource}" if self.subresource else what
        what = f"{what} {self.name}" if self.name else what
        where = f"in namespace {self.namespace}" if self.namespace else "in all of the cluster"
        return f"{self.verb} {what} {where}"


def read_cluster(names: Sequence[str]) -> AccessCluster:
    """Read the objects that decide about access; raises InputError."""
    with without_collection():
        store = read_objects(names)
    try:
        return read_access(lambda kind: _list_objects(store, kind), store.knows)
    except (ObjectError, SelectorError) as error:
        raise _blame(store, error) from error


def _list_objects(store: Store, kind: str) -> Iterator[ApiObject]:
    for stored in store.list(kind):
        data = dict(stored)
        meta = {**View(data.get("metadata")).data, "namespace": stored.key.namespace}
        yield ApiObject({**data, "kind": kind, "metadata": meta})


def _blame(store: Store, error: ValueError) -> InputError:
    """Name the object that cannot be read, by reading each alone."""
    for kind in RBAC_KINDS:
        for each in _list_objects(store, kind):
            try:
                check_alone(each)
            except (ObjectError, SelectorError) as found:
                where = f"{each.meta.namespace}/{each.name}".strip("/")
                return InputError(f"{kind} {where}: {found}")
    return InputError(str(error))


def read_subject(text: str, groups: Sequence[str] = ()) -> User:
    """Read `NAME`, `user:NAME`, `group:NAME` or `sa:NAMESPACE/NAME`; raises ConfigurationError."""
    kind, colon, name = text.partition(":")
    if colon and kind == "group" and name:
        return make_user(f"a member of {name}", (name, *groups))
    if colon and kind == "sa":
        namespace, slash, account = name.partition("/")
        if not (namespace and slash and account):
            raise ConfigurationError(f"{text!r} names no service account; write sa:NAMESPACE/NAME")
        return make_user(f"system:serviceaccount:{namespace}:{account}", tuple(groups))
    user = name if colon and kind == "user" else text
    if not user:
        raise ConfigurationError("the subject has no name")
    return make_user(user, tuple(groups))


def read_asked(verb: str, resource: str, namespace: str, name: str) -> Asked:
    """Read a verb and `RESOURCE[.GROUP][/SUBRESOURCE]` or a path; raises ConfigurationError."""
    if resource.startswith("/"):
        if namespace or name:
            raise ConfigurationError("a path has neither namespace nor name")
        return Asked(verb, "", path=resource)
    main, _, subresource = resource.partition("/")
    plain, dot, group = main.partition(".")
    kind = find_kind(plain)
    if not dot:
        plain, group = _find_group(plain, kind)
    if namespace and kind in CLUSTER_SCOPED and GROUPS[kind] == group and kind != "Namespace":
        raise ConfigurationError(f"{plain} have no namespace")
    return Asked(verb, plain, subresource, group, namespace, name)


def _find_group(plain: str, kind: str) -> tuple[str, str]:
    if plain == "*":
        return plain, "*"
    if plain in _VIRTUAL:
        return plain, _VIRTUAL[plain]
    if not kind:
        near = did_you_mean(plain, [*RESOURCES, *_VIRTUAL])
        raise ConfigurationError(
            f"{plain!r} is no resource of Kubernetes{near}; write others as RESOURCE.GROUP"
        )
    return plural_of(kind), GROUPS[kind]
