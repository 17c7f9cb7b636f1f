"""Steps by constrained impersonation: acting as another, for what `impersonate-on` names alone.

Source: KEP-5284, and `apiserver/pkg/endpoints/filters/impersonation`, v1.36. Whoever acts so needs
`impersonate:MODE` on the user and `impersonate-on:MODE:VERB` on what is requested, which the other
must be allowed as well. Verbs that the server asks for meanwhile, such as `bind`, it asks of the
other alone. Nobody acts as another who acts as a third, nor as a member of system:masters. Nodes
are left out: what a kubelet may do is not a matter of rules.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from planespec.spec.api.authorization.access_request import MASTERS, NODE_PREFIX
from planespec.spec.api.authorization.rbac_policy import Grant
from planespec.spec.api.authorization.rbac_rules import ALL, PolicyRule, covers_path
from planespec.spec.api.authorization.reach.access_cluster import AccessCluster
from planespec.spec.api.authorization.reach.identities import (
    Identity,
    Step,
    make_account,
    make_identity,
    make_member,
    make_user,
)
from planespec.spec.api.authorization.reach.rights import Rights, RightsIndex

_GROUP = "authentication.k8s.io"
_USER, _ACCOUNT = "user-info", "serviceaccount"
_ASKED_MEANWHILE = ("approve", "bind", "escalate", "sign")
"""Verbs of no request: the server asks for them while it handles one."""


def list_constrained_steps(
    cluster: AccessCluster, index: RightsIndex, source: Identity, rights: Rights
) -> Iterator[Step]:
    """Yield whom an identity can act as, for what it may act on."""
    for mode, targets in (
        (_USER, _list_users(index, rights)),
        (_ACCOUNT, _list_accounts(cluster, rights)),
    ):
        through = tuple(each for each in _list_grants(rights) if _list_verbs(each.rule, mode))
        for target, how, grants in targets if through else ():
            acting = replace(target, name=f"{target.name} by {mode}", mode=mode, through=through)
            held = constrain(index.find(target.user), mode, through)
            if any(_is_request(each) for each in _list_grants(held)):
                note = (f"only for what impersonate-on:{mode} names",)
                used = tuple(dict.fromkeys((*grants, *through)))
                yield Step(source, acting, f"act as {how} by impersonate:{mode}", used, note)


_Target = tuple[Identity, str, tuple[Grant, ...]]


def _list_users(index: RightsIndex, rights: Rights) -> Iterator[_Target]:
    verb = f"impersonate:{_USER}"
    found = None
    for name in index.list_subjects("User"):
        target = make_identity(make_user(name))
        grant = rights.find(verb, "users", _GROUP, name=name)
        is_user = target.name.startswith("User ") and not name.startswith(NODE_PREFIX)
        if grant is not None and is_user:
            found = found or grant
            yield target, f"user {name}", (grant,)
    # A group is only to be had together with a user, be it one that nobody has heard of.
    found = found or next(iter(rights.list_allowing(verb, "users", _GROUP)), None)
    for group in index.list_subjects("Group"):
        grant = rights.find(verb, "groups", _GROUP, name=group)
        if grant is not None and found is not None and group != MASTERS:
            grants = tuple(dict.fromkeys((grant, found)))
            yield make_member(group), f"a user of group {group}", grants


def _list_accounts(cluster: AccessCluster, rights: Rights) -> Iterator[_Target]:
    for namespace, accounts in cluster.accounts.items():
        for name in accounts:
            verb = f"impersonate:{_ACCOUNT}"
            grant = rights.find(verb, "serviceaccounts", _GROUP, namespace, name)
            if grant is not None:
                how = f"service account {namespace}/{name}"
                yield make_account(namespace, name), how, (grant,)


def constrain(rights: Rights, mode: str, through: Iterable[Grant]) -> Rights:
    """Return what of the rights of another is left to who acts as it through these grants."""
    wide: list[Grant] = []
    local: dict[str, list[Grant]] = {}
    for grant in _list_grants(rights):
        for held in through:
            homes = {grant.binding.namespace, held.binding.namespace} - {""}
            rule = _meet(grant.rule, held.rule, mode)
            if rule is not None and len(homes) < 2:
                kept = local.setdefault(homes.pop(), []) if homes else wide
                kept.append(replace(grant, rule=rule))
        meanwhile = _keep(grant.rule)
        if meanwhile is not None:
            home = grant.binding.namespace
            kept = local.setdefault(home, []) if home else wide
            kept.append(replace(grant, rule=meanwhile))
    return Rights(rights.user, wide, local, [*rights.bindings], [*rights.dangling])


def _list_grants(rights: Rights) -> list[Grant]:
    return [*rights.wide, *(each for found in rights.local.values() for each in found)]


def _is_request(grant: Grant) -> bool:
    return grant.rule is not None and not set(grant.rule.verbs) <= {*_ASKED_MEANWHILE}


def _list_verbs(rule: PolicyRule | None, mode: str) -> tuple[str, ...]:
    """Return the verbs that a rule lets act on; of a rule of all verbs, all.

    A star behind a prefix stands for itself, and there is no such verb.
    """
    prefix = f"impersonate-on:{mode}:"
    verbs = () if rule is None else rule.verbs
    if ALL in verbs:
        return (ALL,)
    named = (each.removeprefix(prefix) for each in verbs if each.startswith(prefix))
    return tuple(each for each in named if each != ALL)


def _meet(held: PolicyRule | None, on: PolicyRule | None, mode: str) -> PolicyRule | None:
    """Return what a rule of the other allows, as far as one may act on it; None for nothing."""
    if held is None or on is None:
        return None
    verbs = _meet_names(held.verbs, _list_verbs(on, mode))
    urls = (_meet_url(a, b) for a in held.urls for b in on.urls)
    paths = tuple(dict.fromkeys(each for each in urls if each))
    groups = _meet_names(held.groups, on.groups)
    resources = _meet_names(held.resources, on.resources)
    names = _meet_names(held.names or (ALL,), on.names or (ALL,))
    has_objects = bool(groups and resources and names)
    if not verbs or not (has_objects or paths):
        return None
    if not has_objects:
        return PolicyRule(verbs, urls=paths)
    return PolicyRule(verbs, groups, resources, () if names == (ALL,) else names, paths)


def _meet_names(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    """Return what two lists with stars have both, as the narrower of them writes it."""
    pairs = (_meet_name(a, b) for a in first for b in second)
    return tuple(dict.fromkeys(each for each in pairs if each is not None))


def _meet_name(first: str, second: str) -> str | None:
    if first == second or second == ALL:
        return first
    if first == ALL:
        return second
    for wide, narrow in ((first, second), (second, first)):
        if wide.startswith("*/") and narrow.partition("/")[2] == wide[2:]:
            return narrow
    return None


def _meet_url(first: str, second: str) -> str:
    if covers_path(first, second):
        return second
    return first if covers_path(second, first) else ""


def _keep(rule: PolicyRule | None) -> PolicyRule | None:
    """Return the part of a rule that the server asks for while it handles a request."""
    if rule is None:
        return None
    verbs = tuple(each for each in _ASKED_MEANWHILE if ALL in rule.verbs or each in rule.verbs)
    return replace(rule, verbs=verbs, urls=()) if verbs and rule.resources else None
