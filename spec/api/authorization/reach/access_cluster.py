"""What questions about access need of a cluster: policy, service accounts, pods, nodes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from planespec.spec.api.authorization.bootstrap_policy import (
    BOOTSTRAP_BINDINGS,
    add_bootstrap_policy,
)
from planespec.spec.api.authorization.rbac_objects import (
    aggregate_rules,
    make_policy,
    read_aggregation,
)
from planespec.spec.api.authorization.rbac_policy import Binding, RbacPolicy, RoleKey
from planespec.spec.api.authorization.rbac_rules import PolicyRule
from planespec.spec.labels import Selector
from planespec.spec.objects.standing_objects import is_standing
from planespec.spec.objects.view import ApiObject

RBAC_KINDS = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
WORKLOADS = {
    "Deployment": ("apps", "deployments"),
    "DaemonSet": ("apps", "daemonsets"),
    "StatefulSet": ("apps", "statefulsets"),
    "ReplicaSet": ("apps", "replicasets"),
    "Job": ("batch", "jobs"),
    "CronJob": ("batch", "cronjobs"),
    "ReplicationController": ("", "replicationcontrollers"),
}
"""Group and resource of every kind with a pod template."""
TOKEN_TYPE = "kubernetes.io/service-account-token"
_TOKEN_OWNER = "kubernetes.io/service-account.name"
_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_ENFORCE = "pod-security.kubernetes.io/enforce"


@dataclass(frozen=True, slots=True)
class RunningPod:
    """A pod by namespace, name, service account and node."""

    namespace: str
    name: str
    account: str
    node: str


Objects = Callable[[str], Iterable[ApiObject]]
"""Finds the objects of a kind."""


def _nothing(_: str) -> Iterable[ApiObject]:
    return ()


@dataclass
class AccessCluster:
    """A cluster as far as access goes; `knows` says whether objects of a kind were listed."""

    policy: RbacPolicy
    knows: Callable[[str], bool]
    aggregations: Mapping[str, tuple[Selector, ...]] = field(default_factory=dict)
    """Selectors of aggregated ClusterRoles."""
    source: Objects = _nothing
    """The objects of a kind, read where they are asked for."""
    _read: dict[str, list[ApiObject]] = field(default_factory=dict)

    def get(self, kind: str) -> list[ApiObject]:
        """The objects of a kind."""
        found = self._read.get(kind)
        if found is None:
            found = self._read[kind] = list(self.source(kind))
        return found

    @cached_property
    def accounts(self) -> dict[str, list[str]]:
        """Service accounts that exist, by namespace; those of bindings where none is listed."""
        found: dict[str, dict[str, None]] = {}
        for each in self.get("ServiceAccount"):
            found.setdefault(each.meta.namespace, {})[each.name] = None
        listed = set(found)
        for namespace, accounts in self.pods.items():
            found.setdefault(namespace, {}).update(dict.fromkeys(accounts))
        for binding in self.list_bindings():
            for subject in binding.subjects:
                home = subject.namespace or binding.namespace
                if subject.kind == "ServiceAccount" and home and home not in listed:
                    found.setdefault(home, {})[subject.name] = None
        for names in found.values():
            names.setdefault("default")
        return {namespace: sorted(names) for namespace, names in found.items()}

    @cached_property
    def namespaces(self) -> list[str]:
        """The namespaces that something is known of."""
        named = {each.name for each in self.get("Namespace")}
        return sorted(named | self.accounts.keys() | self.policy.bindings.keys())

    @cached_property
    def pods(self) -> dict[str, dict[str, list[RunningPod]]]:
        """The pods that have not ended, by namespace and service account."""
        found: dict[str, dict[str, list[RunningPod]]] = {}
        for each in self.get("Pod"):
            if each.status.text("phase") in ("Succeeded", "Failed"):
                continue
            account = each.spec.text("serviceAccountName") or "default"
            pod = RunningPod(each.meta.namespace, each.name, account, each.spec.text("nodeName"))
            found.setdefault(pod.namespace, {}).setdefault(account, []).append(pod)
        return found

    @cached_property
    def workloads(self) -> set[tuple[str, str]]:
        """Namespace and resource of which there is at least one object with a pod template."""
        return {
            (each.meta.namespace, resource)
            for kind, (_, resource) in WORKLOADS.items()
            for each in self.get(kind)
        }

    @cached_property
    def token_secrets(self) -> list[tuple[str, str, str]]:
        """Namespace, name and service account of every secret that holds a token."""
        return [
            (each.meta.namespace, each.name, each.meta.annotations.get(_TOKEN_OWNER, ""))
            for each in self.get("Secret")
            if each.text("type") == TOKEN_TYPE
        ]

    @cached_property
    def control_plane(self) -> list[str]:
        """Nodes that say by a label that the control plane runs on them."""
        labelled = [(each.name, each.meta.labels) for each in self.get("Node")]
        return [name for name, labels in labelled if any(key in labels for key in _CONTROL_PLANE)]

    @cached_property
    def _levels(self) -> dict[str, str]:
        return {
            each.name: each.meta.labels.get(_ENFORCE, "privileged")
            for each in self.get("Namespace")
        }

    def get_level(self, namespace: str) -> str:
        """The Pod Security level that is enforced; without a label, privileged."""
        return self._levels.get(namespace, "privileged")

    def list_bindings(self) -> list[Binding]:
        """All bindings, those of the cluster first."""
        local = [each for found in self.policy.bindings.values() for each in found]
        return [*self.policy.cluster_bindings, *local]

    def find_gap(self, binding: Binding) -> str:
        """Say why it is not known what a binding gives; "" where it is."""
        role = binding.role
        home = binding.namespace if role.kind == "Role" else ""
        if (home, role.name) in self.policy.roles:
            return ""
        if self.knows(role.kind) and not is_standing(role.kind, home, role.name):
            return ""
        named = f"{binding.kind} {binding.full_name}"
        return f"{role.kind} {role.name}, which {named} names, is not in the input"

    def list_gaps(self, namespace: str = "") -> list[str]:
        """Kinds of RBAC that are not in the input though they could allow more."""
        kinds = RBAC_KINDS if namespace else RBAC_KINDS[:2]
        return [f"no {kind} is in the input" for kind in kinds[1::2] if not self.knows(kind)]


def read_access(objects: Objects, knows: Callable[[str], bool]) -> AccessCluster:
    """Make sense of the objects of a cluster; raises ObjectError and SelectorError.

    Aggregated roles have the rules that they have, and those that the controller would add. The
    default bindings of a cluster are added where none of them is there: then the input is no
    cluster but a set of manifests.
    """
    by_kind = {kind: list(objects(kind)) for kind in RBAC_KINDS}
    policy = make_policy(each for found in by_kind.values() for each in found)
    roles = by_kind["ClusterRole"]
    found = {each.name: read_aggregation(each) for each in roles}
    aggregations = {name: selectors for name, selectors in found.items() if selectors is not None}
    policy = replace(policy, roles=_aggregate(policy, roles, aggregations))
    defaults = {each.name for each in BOOTSTRAP_BINDINGS}
    if not any(each.name in defaults for each in policy.cluster_bindings):
        policy = add_bootstrap_policy(policy)
    return AccessCluster(policy, knows, aggregations, objects)


def check_alone(each: ApiObject) -> None:
    """Read one role or binding; raises ObjectError or SelectorError where it cannot be read."""
    read_access(lambda kind: [each] if kind == each.text("kind") else [], lambda _: True)


def _aggregate(
    policy: RbacPolicy,
    roles: list[ApiObject],
    aggregations: Mapping[str, tuple[Selector, ...]],
) -> dict[RoleKey, tuple[PolicyRule, ...]]:
    """Rules of all roles once nothing changes any more: aggregated roles may select each other."""
    rules = dict(policy.roles)
    changed = bool(aggregations)
    while changed:
        changed = False
        for role in roles:
            if role.name not in aggregations:
                continue
            added = aggregate_rules(role, aggregations[role.name], roles, rules)
            merged = tuple(dict.fromkeys((*rules["", role.name], *added)))
            changed = changed or merged != rules["", role.name]
            rules["", role.name] = merged
    return rules
