"""Steps by the API itself: impersonation, bindings, escalation, tokens, certificates, webhooks."""

from collections.abc import Iterator

from planespec.spec.api.authorization.access_request import MASTERS, User
from planespec.spec.api.authorization.bootstrap_policy import BOOTSTRAP_ROLES
from planespec.spec.api.authorization.escalation import FULL_AUTHORITY, RBAC_GROUP, find_uncovered
from planespec.spec.api.authorization.rbac_policy import Grant, RoleKey
from planespec.spec.api.authorization.rbac_rules import PolicyRule
from planespec.spec.api.authorization.reach.access_cluster import AccessCluster
from planespec.spec.api.authorization.reach.identities import (
    FULL_CONTROL,
    Identity,
    Step,
    make_account,
    make_identity,
    make_member,
    make_user,
)
from planespec.spec.api.authorization.reach.rights import Rights, RightsIndex

_WRITE = ("patch", "update")
_CERTIFICATES = "certificates.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"
EVERY_RIGHT = "every right"
"""Stands for a role with all rules, which somebody could write."""
_CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client"


def list_grant_steps(
    cluster: AccessCluster, index: RightsIndex, source: Identity, rights: Rights
) -> Iterator[Step]:
    """Yield the steps that the API opens to an identity."""
    yield from _impersonate(cluster, index, source, rights)
    yield from _bind(cluster, source, rights)
    yield from _escalate(cluster, source, rights)
    yield from _take_tokens(cluster, source, rights)
    yield from _sign(index, source, rights)
    yield from _mutate(cluster, source, rights)


def _impersonate(
    cluster: AccessCluster, index: RightsIndex, source: Identity, rights: Rights
) -> Iterator[Step]:
    """By the verb `impersonate`; a group is only to be had together with some user."""
    users = index.list_subjects("User")
    anybody = rights.find("impersonate", "users")
    for name in users if rights.list_allowing("impersonate", "users") else ():
        grant = anybody or rights.find("impersonate", "users", name=name)
        target = make_identity(make_user(name))
        if grant is not None and target.name.startswith("User "):
            yield Step(source, target, f"impersonate user {name}", (grant,))
    some = anybody or _find_named(rights, "users")
    for group in [MASTERS, *index.list_subjects("Group")]:
        grant = rights.find("impersonate", "groups", name=group)
        if grant is not None and some is not None:
            how = f"impersonate a user of group {group}"
            yield Step(source, make_member(group), how, tuple(dict.fromkeys((grant, some))))
    for namespace, accounts in cluster.accounts.items():
        for account in accounts:
            grant = rights.find("impersonate", "serviceaccounts", "", namespace, account)
            if grant is not None:
                how = f"impersonate service account {namespace}/{account}"
                yield Step(source, make_account(namespace, account), how, (grant,))


def _find_named(rights: Rights, resource: str) -> Grant | None:
    """A grant to impersonate at least one user by name."""
    for grant in rights.wide:
        rule = grant.rule
        for name in rule.names if rule is not None else ():
            found = rights.find("impersonate", resource, name=name)
            if found is not None:
                return found
    return None


def _bind(cluster: AccessCluster, source: Identity, rights: Rights) -> Iterator[Step]:
    """By the verb `bind` on a role, and a binding to write."""
    if rights.wide:
        writer = rights.find("create", "clusterrolebindings", RBAC_GROUP)
        writer = writer or _find_change(cluster, rights, "")
        steps = list(_bind_in(cluster, source, rights, writer, ""))
        yield from steps
        if any(step.target == FULL_CONTROL for step in steps):
            return
    for namespace in cluster.namespaces if rights.wide else sorted(rights.local):
        writer = rights.find("create", "rolebindings", RBAC_GROUP, namespace)
        writer = writer or _find_change(cluster, rights, namespace)
        yield from _bind_in(cluster, source, rights, writer, namespace)


def _find_change(cluster: AccessCluster, rights: Rights, namespace: str) -> Grant | None:
    """What allows to change a binding that is there."""
    resource = "rolebindings" if namespace else "clusterrolebindings"
    policy = cluster.policy
    if not any(rights.list_allowing(verb, resource, RBAC_GROUP, namespace) for verb in _WRITE):
        return None
    bindings = policy.bindings.get(namespace, ()) if namespace else policy.cluster_bindings
    for binding in bindings:
        found = rights.find_any(_WRITE, resource, RBAC_GROUP, namespace, binding.name)
        if found is not None:
            return found
    return None


def _bind_in(
    cluster: AccessCluster,
    source: Identity,
    rights: Rights,
    writer: Grant | None,
    namespace: str,
) -> Iterator[Step]:
    if writer is None:
        return
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    where = f" in namespace {namespace}" if namespace else ""
    for home, name in _order_roles(cluster, namespace):
        resource, role = (
            ("roles", f"Role {name}") if home else ("clusterroles", f"ClusterRole {name}")
        )
        grant = rights.find("bind", resource, RBAC_GROUP, namespace, name)
        if grant is not None:
            rules = cluster.policy.roles[home, name]
            target = _hold(source.user, role, rules, namespace)
            how = f"bind {role} by a {kind}{where}"
            yield Step(source, target, how, tuple(dict.fromkeys((grant, writer))))
            if not find_uncovered(rules, FULL_AUTHORITY[:1]):
                return  # no other role gives more


def _order_roles(cluster: AccessCluster, namespace: str) -> list[RoleKey]:
    """The roles that can be bound in a namespace, those that give everything first.

    Default roles for everybody are left out: nobody gains by them.
    """
    roles = cluster.policy.roles
    found = [
        key
        for key in roles
        if key[0] in ("", namespace)
        and (key[0] or key[1] == "cluster-admin" or key[1] not in BOOTSTRAP_ROLES)
    ]
    return sorted(found, key=lambda key: bool(find_uncovered(roles[key], FULL_AUTHORITY[:1])))


def _hold(user: User, role: str, rules: tuple[PolicyRule, ...], namespace: str) -> Identity:
    """Who holds a role by a new binding."""
    if not namespace and not find_uncovered(rules, FULL_AUTHORITY[:1]):
        return FULL_CONTROL
    where = f" in namespace {namespace}" if namespace else ""
    return Identity(f"holder of {role}{where}", user, role, namespace)


def _escalate(cluster: AccessCluster, source: Identity, rights: Rights) -> Iterator[Step]:
    """By the verb `escalate` on a role that is held, or is selected by one that is held."""
    done = set[str]()
    for binding in rights.bindings:
        namespace, role = binding.namespace, binding.role
        if role.kind == "ClusterRole":
            step = _widen(cluster, rights, role.name)
        else:
            step = _widen_role(rights, role.name, "roles", namespace)
        if step is not None and namespace not in done:
            done.add(namespace)
            target = _hold(source.user, EVERY_RIGHT, FULL_AUTHORITY, namespace)
            yield Step(source, target, *step)


Widening = tuple[str, tuple[Grant, ...]]
"""What is done, and what allows it."""


def _widen(cluster: AccessCluster, rights: Rights, name: str) -> Widening | None:
    """Write rules into a ClusterRole that is held, or into one that it selects by labels."""
    found = _widen_role(rights, name, "clusterroles", "")
    if found is not None or name not in cluster.aggregations:
        return found
    for home, other in cluster.policy.roles:
        step = None if home or other == name else _widen_role(rights, other, "clusterroles", "")
        if step is not None:
            how = f"{step[0]}, and label it so that ClusterRole {name} takes them up"
            return how, step[1]
    create = rights.find("create", "clusterroles", RBAC_GROUP)
    grant = rights.find("escalate", "clusterroles", RBAC_GROUP)
    if create is not None and grant is not None:
        how = (
            f"create a ClusterRole of all rules, labelled so that ClusterRole {name} takes them up"
        )
        return how, tuple(dict.fromkeys((grant, create)))
    return None


def _widen_role(rights: Rights, name: str, resource: str, namespace: str) -> Widening | None:
    grant = rights.find("escalate", resource, RBAC_GROUP, namespace, name)
    write = rights.find_any(_WRITE, resource, RBAC_GROUP, namespace, name)
    if grant is None or write is None:
        return None
    kind = "Role" if namespace else "ClusterRole"
    return f"write any rules into {kind} {name}", tuple(dict.fromkeys((grant, write)))


def _take_tokens(cluster: AccessCluster, source: Identity, rights: Rights) -> Iterator[Step]:
    """Ask for tokens, or read them out of secrets."""
    for namespace, accounts in cluster.accounts.items():
        if not rights.wide and namespace not in rights.local:
            continue
        make = rights.find("create", "secrets", "", namespace)
        read = rights.find_any(("get", "list", "watch"), "secrets", "", namespace)
        for account in accounts:
            grant = rights.find("create", "serviceaccounts/token", "", namespace, account)
            if grant is not None:
                how = f"ask for a token of service account {namespace}/{account}"
                yield Step(source, make_account(namespace, account), how, (grant,))
            if make is not None and read is not None:
                how = f"create a secret for a token of {namespace}/{account}, and read it"
                grants = tuple(dict.fromkeys((make, read)))
                yield Step(source, make_account(namespace, account), how, grants)
    for namespace, name, account in cluster.token_secrets:
        grant = rights.find("get", "secrets", "", namespace, name)
        grant = grant or rights.find_any(("list", "watch"), "secrets", "", namespace)
        if grant is not None and account:
            how = f"read secret {namespace}/{name}, which holds a token"
            yield Step(source, make_account(namespace, account), how, (grant,))


def _sign(index: RightsIndex, source: Identity, rights: Rights) -> Iterator[Step]:
    """Request a certificate for another user, and approve it.

    Admission lets nobody have one of group system:masters by this signer.
    """
    request = rights.find("create", "certificatesigningrequests", _CERTIFICATES)
    approve = rights.find_any(_WRITE, "certificatesigningrequests/approval", _CERTIFICATES)
    signer = rights.find("approve", "signers", _CERTIFICATES, name=_CLIENT_SIGNER)
    signer = signer or rights.find("approve", "signers", _CERTIFICATES, name="kubernetes.io/*")
    if request is None or approve is None or signer is None:
        return
    grants = tuple(dict.fromkeys((request, approve, signer)))
    note = ("CertificateSubjectRestriction: no certificate of group system:masters",)
    for name in index.list_subjects("User"):
        target = make_identity(make_user(name))
        if target.name.startswith("User "):
            how = f"request and approve a certificate of user {name}"
            yield Step(source, target, how, grants, note)
    for group in index.list_subjects("Group"):
        if group != MASTERS:
            how = f"request and approve a certificate of group {group}"
            yield Step(source, make_member(group), how, grants, note)


def _mutate(cluster: AccessCluster, source: Identity, rights: Rights) -> Iterator[Step]:
    """Change what others write, such as the service account of their pods."""
    hook = rights.find("create", "mutatingwebhookconfigurations", _ADMISSION)
    for each in cluster.get("MutatingWebhookConfiguration"):
        resource = "mutatingwebhookconfigurations"
        hook = hook or rights.find_any(_WRITE, resource, _ADMISSION, name=each.name)
    if hook is not None:
        how = "write a mutating webhook, which changes every object that anybody writes"
        yield Step(source, FULL_CONTROL, how, (hook,))
    policy = rights.find("create", "mutatingadmissionpolicies", _ADMISSION)
    binding = rights.find("create", "mutatingadmissionpolicybindings", _ADMISSION)
    if policy is not None and binding is not None:
        how = "write a mutating policy, which changes every object that anybody writes"
        yield Step(source, FULL_CONTROL, how, tuple(dict.fromkeys((policy, binding))))
