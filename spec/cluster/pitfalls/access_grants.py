"""RBAC requirements: nobody gets rights by being anybody, and what is granted grants something.

That the role of a binding exists is OBJ-22. Default roles and bindings of a cluster are not
judged; neither is what kubeadm lets everybody read in namespace kube-public.
"""

from collections.abc import Iterator

from planespec.spec.api.authorization.access_request import (
    ANONYMOUS,
    AUTHENTICATED,
    SERVICE_ACCOUNTS,
    UNAUTHENTICATED,
    make_service_account_user,
)
from planespec.spec.api.authorization.rbac_objects import (
    BINDING_KINDS,
    ROLE_KINDS,
    read_aggregation,
    read_binding,
)
from planespec.spec.api.authorization.rbac_policy import Binding, Subject
from planespec.spec.api.authorization.rbac_rules import PolicyRule, read_rules
from planespec.spec.api.authorization.reach.access_cluster import (
    RBAC_KINDS,
    AccessCluster,
    check_alone,
    read_access,
)
from planespec.spec.api.authorization.reach.identities import FULL_CONTROL
from planespec.spec.api.authorization.reach.reaching import find_reach
from planespec.spec.cluster.cluster_requirements import Violation
from planespec.spec.cluster.evidence.repeated import refer_to
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.labels import SelectorError
from planespec.spec.objects.interning import Stored
from planespec.spec.objects.standing_objects import is_standing
from planespec.spec.objects.view import ApiObject, ObjectError, View
from planespec.spec.requirement import Level, declare, judges

_PRACTICES = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/"
NOT_EVERYBODY = declare(
    "RBAC-1",
    "Nobody may do everything only because everybody may.",
    f"{_PRACTICES}#hardening",
)
NOT_ANONYMOUS = declare(
    "RBAC-2",
    "Whoever is not authenticated reaches no objects.",
    f"{_PRACTICES}#hardening",
    "warning",
)
SUBJECT_EXISTS = declare(
    "RBAC-3",
    "The service account that a binding names exists.",
    "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects",
    "warning",
)
AGGREGATES = declare(
    "RBAC-4",
    "An aggregated role that is bound selects a role.",
    "pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go",
    "warning",
)
DEFAULT_ACCOUNT = declare(
    "RBAC-5",
    "The default service account of a namespace comes to no control of the cluster.",
    "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege",
    "warning",
)
RULE_MATCHES = declare(
    "RBAC-6",
    "A rule that names objects has a verb with which the API server knows the name.",
    "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources",
    "warning",
)
_STRANGERS = (ANONYMOUS, UNAUTHENTICATED)
_EVERYBODY = (*_STRANGERS, AUTHENTICATED, SERVICE_ACCOUNTS)
_NAMELESS = frozenset(("create", "deletecollection"))
_PUBLIC = "kube-public"


def _read(stored: Stored) -> ApiObject:
    meta = {**View(stored.get("metadata")).data, "namespace": stored.key.namespace}
    return ApiObject({**dict(stored), "kind": stored.key.kind, "metadata": meta})


def _list_own(cluster: Cluster, kinds: tuple[str, ...]) -> Iterator[tuple[Stored, ApiObject]]:
    """Yield the objects of the kinds that are not those of every cluster."""
    for kind in kinds:
        for stored in cluster.store.list(kind):
            if not is_standing(kind, stored.key.namespace, stored.key.name):
                yield stored, _read(stored)


def _is_public(subject: Subject) -> bool:
    return subject.kind in ("User", "Group") and subject.name in _EVERYBODY


def _find_rules(cluster: Cluster, binding: Binding) -> tuple[PolicyRule, ...]:
    namespace = binding.namespace if binding.role.kind == "Role" else ""
    found = cluster.store.find_named(binding.role.kind, namespace, binding.role.name)
    if found is not None:
        return read_rules(View(dict(found)))
    is_admin = (binding.role.kind, binding.role.name) == ("ClusterRole", "cluster-admin")
    return (PolicyRule(("*",), ("*",), ("*",)),) if is_admin else ()


@judges(Level.SNAPSHOT, NOT_EVERYBODY, NOT_ANONYMOUS)
def judge_grants_to_everybody(cluster: Cluster) -> Iterator[Violation]:
    """Look at bindings to the groups that everybody, or every stranger, is in."""
    for stored, each in _list_own(cluster, BINDING_KINDS):
        binding = read_binding(each)
        public = [subject for subject in binding.subjects if _is_public(subject)]
        if not public:
            continue
        rules = _find_rules(cluster, binding)
        where = f" in namespace {binding.namespace}" if binding.namespace else ""
        named = f"{binding.role.kind} {binding.role.name}"
        reference = refer_to(stored)
        everything = any(
            "*" in rule.verbs and "*" in rule.groups and "*" in rule.resources for rule in rules
        )
        strangers = [subject.name for subject in public if subject.name in _STRANGERS]
        reads = any(rule.resources for rule in rules) and binding.namespace != _PUBLIC
        if everything:
            who = ", ".join(subject.name for subject in public)
            message = f"{who} may do everything{where} by {named}"
            yield NOT_EVERYBODY.violated(reference, message=message, field="subjects")
        elif strangers and reads:
            message = f"{', '.join(strangers)} reaches objects{where} by {named}"
            yield NOT_ANONYMOUS.violated(reference, message=message, field="subjects")


@judges(Level.SNAPSHOT, SUBJECT_EXISTS)
def judge_subjects(cluster: Cluster) -> Iterator[Violation]:
    """Look up the service accounts of bindings; only a cluster tells that there is none."""
    if not cluster.is_live:
        return
    for stored, each in _list_own(cluster, BINDING_KINDS):
        for index, subject in enumerate(read_binding(each).subjects):
            home = subject.namespace or each.meta.namespace
            if subject.kind != "ServiceAccount" or not home:
                continue
            listed = cluster.store.lists("ServiceAccount", home)
            if listed and not cluster.has("ServiceAccount", home, subject.name):
                message = f"ServiceAccount {home}/{subject.name} does not exist"
                field = f"subjects[{index}].name"
                yield SUBJECT_EXISTS.violated(refer_to(stored), message=message, field=field)


@judges(Level.SNAPSHOT, AGGREGATES)
def judge_aggregations(cluster: Cluster) -> Iterator[Violation]:
    """Look for roles that aggregated roles select, where all of a cluster are read."""
    if not cluster.is_live or not cluster.store.is_read("ClusterRole"):
        return
    roles = [(stored, _read(stored)) for stored in cluster.store.list("ClusterRole")]
    bound = {
        each.view("roleRef").text("name")
        for _, each in _list_own(cluster, BINDING_KINDS)
        if each.view("roleRef").text("kind") == "ClusterRole"
    }
    for stored, role in roles:
        try:
            selectors = read_aggregation(role)
        except SelectorError:
            continue  # told as an object that the API server refuses
        if selectors is None or role.name not in bound:
            continue
        others = [each.meta.labels for _, each in roles if each.name != role.name]
        if not any(selector.matches(labels) for selector in selectors for labels in others):
            message = "it is bound, and its selectors find no ClusterRole: it grants nothing"
            field = "aggregationRule.clusterRoleSelectors"
            yield AGGREGATES.violated(refer_to(stored), message=message, field=field)


@judges(Level.SNAPSHOT, DEFAULT_ACCOUNT)
def judge_default_accounts(cluster: Cluster) -> Iterator[Violation]:
    """Ask what the account comes to that pods run as which name none."""
    named = {
        (subject.namespace or each.meta.namespace, stored.key)
        for stored, each in _list_own(cluster, BINDING_KINDS)
        for subject in read_binding(each).subjects
        if (subject.kind, subject.name) == ("ServiceAccount", "default")
    }
    if not named:
        return
    access = _read_access(cluster)
    for namespace in sorted({namespace for namespace, _ in named if namespace}):
        reach = find_reach(access, make_service_account_user(namespace, "default"))
        targets = [steps[-1].target for steps in reach.list_ways()]
        if reach.holds_everything or FULL_CONTROL in targets:
            how = "holds every right"
            if not reach.holds_everything:
                steps = reach.list_ways()[0]
                how = "comes to full control: " + "; then ".join(step.action for step in steps)
            message = f"every pod of namespace {namespace} that names no other account {how}"
            keys = sorted(key for home, key in named if home == namespace)
            found = [stored for key in keys if (stored := cluster.store.get(key)) is not None]
            objects = [refer_to(stored) for stored in found]
            yield DEFAULT_ACCOUNT.violated(*objects, message=message, field="subjects")


def _read_access(cluster: Cluster) -> AccessCluster:
    """What decides about access; a role or binding that cannot be read was told before."""

    def list_objects(kind: str) -> Iterator[ApiObject]:
        for stored in cluster.store.list(kind):
            each = _read(stored)
            if kind not in RBAC_KINDS or _is_readable(each):
                yield each

    return read_access(list_objects, cluster.store.knows)


def _is_readable(each: ApiObject) -> bool:
    try:
        check_alone(each)
    except (ObjectError, SelectorError):
        return False
    return True


@judges(Level.SNAPSHOT, RULE_MATCHES)
def judge_rules(cluster: Cluster) -> Iterator[Violation]:
    """Look for rules with names of which all verbs are asked for without one."""
    for stored, role in _list_own(cluster, ROLE_KINDS):
        for index, rule in enumerate(read_rules(role)):
            whole = all("/" not in resource and resource != "*" for resource in rule.resources)
            if rule.names and rule.verbs and whole and _NAMELESS.issuperset(rule.verbs):
                verbs = " and ".join(rule.verbs)
                message = f"{verbs} is asked for without a name, so the rule allows nothing"
                field = f"rules[{index}].resourceNames"
                yield RULE_MATCHES.violated(refer_to(stored), message=message, field=field)
