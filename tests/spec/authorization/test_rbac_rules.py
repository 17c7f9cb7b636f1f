"""Branches of RBAC and of its escalation checks that no recording reaches, held to the source."""

import pytest

from planespec.spec.api.authorization.access_request import (
    AUTHENTICATED,
    MASTERS,
    Answer,
    Attributes,
    Decision,
    User,
)
from planespec.spec.api.authorization.bootstrap_policy import add_bootstrap_policy
from planespec.spec.api.authorization.escalation import (
    RoleWrite,
    check_binding_write,
    check_role_write,
    compact_rules,
)
from planespec.spec.api.authorization.rbac_authorizer import authorize_by_rbac, is_possible_answer
from planespec.spec.api.authorization.rbac_objects import (
    aggregate_rules,
    make_policy,
    read_aggregation,
)
from planespec.spec.api.authorization.rbac_policy import Binding, RbacPolicy, RoleRef, Subject
from planespec.spec.api.authorization.rbac_rules import PolicyRule
from planespec.spec.objects.view import ApiObject

ALICE = User("alice", ("dev", AUTHENTICATED))
PODS = PolicyRule(("get", "create"), ("",), ("pods",))


def make_binding(
    role: str, *subjects: Subject, kind: str = "ClusterRole", namespace: str = "", name: str = "b"
) -> Binding:
    return Binding(name, RoleRef(kind, role), subjects, namespace)


def hold(*rules: PolicyRule, roles: dict[str, tuple[PolicyRule, ...]] | None = None) -> RbacPolicy:
    """A policy in which alice holds the rules in namespace `a`, beside ClusterRoles."""
    bound = make_binding("held", Subject("User", "alice"), kind="Role", namespace="a")
    cluster_roles = {("", name): found for name, found in (roles or {}).items()}
    return RbacPolicy({("a", "held"): rules, **cluster_roles}, (), {"a": (bound,)})


def ask(verb: str, resource: str, *, user: User = ALICE, **more: str) -> Attributes:
    return Attributes(user, verb, resource=resource, **more)


@pytest.mark.parametrize(
    ("rule", "request_", "allowed"),
    [
        (PolicyRule(("get",), ("",), ("*/log",)), ask("get", "pods", subresource="log"), True),
        (PolicyRule(("get",), ("",), ("*/log",)), ask("get", "pods", subresource="xlog"), False),
        (PolicyRule(("get",), ("",), ("pods",)), ask("get", "pods", subresource="log"), False),
        (PolicyRule(("get",), ("",), ("*",)), ask("get", "pods", subresource="log"), True),
        (PolicyRule(("create",), ("",), ("pods",), ("x",)), ask("create", "pods"), False),
        (PolicyRule(("list",), ("",), ("pods",), ("x",)), ask("list", "pods", name="x"), True),
        (PolicyRule(("*",), ("apps",), ("*",)), ask("get", "pods"), False),
    ],
)
def test_a_rule_allows_what_upstream_says(
    rule: PolicyRule, request_: Attributes, allowed: bool
) -> None:
    assert rule.allows(request_) is allowed


def test_a_path_is_covered_by_itself_or_by_a_beginning_with_a_star() -> None:
    def allows(url: str, path: str) -> bool:
        request = Attributes(ALICE, "get", path=path, is_resource=False)
        return PolicyRule(("get",), urls=(url,)).allows(request)

    assert allows("/a/*", "/a/b")
    assert allows("*", "/x")
    assert allows("/a**", "/ab")
    assert not allows("/a/*", "/a")
    assert not allows("/a", "/a/b")
    assert not allows("/a*b", "/aab")


def test_a_service_account_without_namespace_is_of_the_binding_and_never_cluster_wide() -> None:
    subject = Subject("ServiceAccount", "sa")
    user = User("system:serviceaccount:a:sa")
    assert subject.is_user(user, "a")
    assert not subject.is_user(user, "b")
    assert not subject.is_user(user, "")
    assert not Subject("Robot", user.name).is_user(user, "a")


def test_a_cluster_role_bound_in_a_namespace_gives_nothing_elsewhere_and_no_paths() -> None:
    rules = (PODS, PolicyRule(("get",), urls=("/metrics",)))
    bound = make_binding("r", Subject("User", "alice"), namespace="a")
    policy = RbacPolicy({("", "r"): rules}, (), {"a": (bound,)})
    assert authorize_by_rbac(policy, ask("get", "pods", namespace="a")).reason == (
        'RBAC: allowed by RoleBinding "b/a" of ClusterRole "r" to User "alice"'
    )
    assert not authorize_by_rbac(policy, ask("get", "pods", namespace="c")).allows
    assert not authorize_by_rbac(policy, ask("get", "pods")).allows
    path = Attributes(ALICE, "get", path="/metrics", is_resource=False)
    assert not authorize_by_rbac(policy, path).allows


def test_a_missing_role_hides_no_other_grant_and_is_told_once_where_nothing_allows() -> None:
    who = Subject("User", "alice")
    gone = make_binding("gone", who, name="gone")
    odd = make_binding("odd", who, kind="Group", name="odd")
    local = make_binding("gone", who, kind="Role", namespace="a", name="local")
    policy = RbacPolicy(
        {("", "r"): (PODS,)}, (gone, gone, odd, make_binding("r", who)), {"a": (local,)}
    )
    assert authorize_by_rbac(policy, ask("get", "pods", namespace="a")).allows
    refused = authorize_by_rbac(policy, ask("list", "pods", namespace="a"))
    assert refused.reason == (
        'RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, '
        'unsupported role reference kind: "Group", '
        'role.rbac.authorization.k8s.io "gone" not found]'
    )


def test_only_what_some_order_of_bindings_gives_is_a_possible_answer() -> None:
    who = Subject("User", "alice")
    wide = [make_binding("r", who, name=name) for name in ("one", "two")]
    local = make_binding("r", who, namespace="a", name="three")
    policy = RbacPolicy({("", "r"): (PODS,)}, tuple(wide), {"a": (local,)})
    request = ask("get", "pods", namespace="a")

    def possible(binding: Binding) -> bool:
        reason = f"RBAC: allowed by {binding.describe(who)}"
        return is_possible_answer(policy, request, Answer(Decision.ALLOW, reason))

    assert possible(wide[0])
    assert possible(wide[1])
    assert not possible(local)
    assert not is_possible_answer(policy, request, Answer(Decision.NO_OPINION))
    nothing = ask("list", "pods", namespace="a")
    assert is_possible_answer(policy, nothing, Answer(Decision.NO_OPINION))
    assert not is_possible_answer(policy, nothing, Answer(Decision.DENY))
    assert not is_possible_answer(policy, nothing, Answer(Decision.NO_OPINION, "RBAC: x"))


def test_errors_of_cluster_bindings_are_possible_in_any_order_but_before_the_others() -> None:
    who = Subject("User", "alice")
    wide = tuple(make_binding(name, who, name=name) for name in ("x", "y"))
    local = make_binding("z", who, kind="Role", namespace="a")
    policy = RbacPolicy({}, wide, {"a": (local,)})
    x, y = (f'clusterrole.rbac.authorization.k8s.io "{name}" not found' for name in "xy")
    z = 'role.rbac.authorization.k8s.io "z" not found'

    def possible(*errors: str) -> bool:
        answer = Answer(Decision.NO_OPINION, f"RBAC: [{', '.join(errors)}]")
        return is_possible_answer(policy, ask("get", "pods", namespace="a"), answer)

    assert possible(x, y, z)
    assert possible(y, x, z)
    assert not possible(x, z, y)
    assert not possible(x, y)


@pytest.mark.parametrize(
    ("held", "wanted", "refused"),
    [
        (PolicyRule(("*",), ("*",), ("*",)), PODS, False),
        (PolicyRule(("get",), ("",), ("pods",)), PODS, True),
        (PolicyRule(("get", "create"), ("",), ("pods",), ("x",)), PODS, True),
        (PODS, PolicyRule(("get",), ("",), ("pods",), ("x",)), False),
        (PolicyRule(("get",), ("",), ("*/log",)), PolicyRule(("get",), ("",), ("a/log",)), False),
        (PolicyRule(("get",), ("",), ("pods",)), PolicyRule(("get",), ("",), ("pods/log",)), True),
        (PolicyRule(("get",), urls=("/a/*",)), PolicyRule(("get",), urls=("/a/b",)), False),
        (PolicyRule(("get",), urls=("/a",)), PolicyRule(("get",), urls=("/a/*",)), True),
    ],
)
def test_a_role_may_be_written_only_with_rules_that_single_held_rules_cover(
    held: PolicyRule, wanted: PolicyRule, refused: bool
) -> None:
    message = check_role_write(hold(held), ALICE, RoleWrite("new", "a", (wanted,)))
    assert bool(message) is refused
    assert not check_role_write(
        hold(held), User("root", (MASTERS,)), RoleWrite("new", "a", (wanted,))
    )


def test_two_held_rules_together_cover_what_none_of_them_covers_alone() -> None:
    get, create = (PolicyRule((verb,), ("",), ("pods",)) for verb in ("get", "create"))
    assert not check_role_write(hold(get, create), ALICE, RoleWrite("new", "a", (PODS,)))


def test_the_verb_escalate_on_the_role_allows_and_names_count_on_update_only() -> None:
    named = PolicyRule(("escalate",), ("rbac.authorization.k8s.io",), ("roles",), ("new",))
    update = RoleWrite("new", "a", (PODS,), is_update=True)
    assert not check_role_write(hold(named), ALICE, update)
    assert check_role_write(hold(named), ALICE, RoleWrite("new", "a", (PODS,)))
    assert check_role_write(hold(named), ALICE, RoleWrite("new", "b", (PODS,), is_update=True))


def test_an_aggregation_rule_needs_everything() -> None:
    role = RoleWrite("agg", "", (), aggregates=True)
    everything = PolicyRule(("*",), ("*",), ("*",))
    who = make_binding("all", Subject("User", "alice"))
    some = RbacPolicy({("", "all"): (everything,)}, (who,))
    paths = PolicyRule(("*",), urls=("*",))
    every = RbacPolicy({("", "all"): (everything, paths)}, (who,))
    # Everything on resources includes `escalate`, so only a lesser right shows the second check.
    lesser = PolicyRule(("get",), ("*",), ("*",))
    assert check_role_write(RbacPolicy({("", "all"): (lesser,)}, (who,)), ALICE, role) == (
        'clusterroles.rbac.authorization.k8s.io "agg" is forbidden: must have cluster-admin '
        "privileges to use the aggregationRule"
    )
    assert not check_role_write(some, ALICE, role)
    assert not check_role_write(every, ALICE, role, lambda request: False)
    assert check_role_write(some, ALICE, role, lambda request: False)


def test_a_binding_needs_the_verb_bind_or_all_rules_of_the_role() -> None:
    ref = RoleRef("ClusterRole", "pods")
    roles = {"pods": (PODS,)}
    bind = PolicyRule(("bind",), ("rbac.authorization.k8s.io",), ("clusterroles",), ("pods",))
    assert not check_binding_write(hold(bind, roles=roles), ALICE, "b", ref, "a")
    assert not check_binding_write(hold(PODS, roles=roles), ALICE, "b", ref, "a")
    assert check_binding_write(hold(PODS, roles=roles), ALICE, "b", ref, "") == (
        'clusterrolebindings.rbac.authorization.k8s.io "b" is forbidden: user "alice" '
        '(groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not '
        'currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["get" "create"]}'
    )
    missing = RoleRef("ClusterRole", "gone")
    assert check_binding_write(hold(PODS), ALICE, "b", missing, "a") == (
        'clusterrole.rbac.authorization.k8s.io "gone" not found'
    )
    assert not check_binding_write(hold(), User("root", (MASTERS,)), "b", missing, "a")
    assert check_binding_write(hold(), ALICE, "b", RoleRef("Group", "x"), "a") == (
        'unsupported role reference kind: "Group"'
    )


def test_errors_of_the_resolution_stand_behind_the_missing_rules() -> None:
    who = Subject("User", "alice")
    wide = tuple(make_binding(name, who, name=name) for name in ("x", "y"))
    message = check_role_write(RbacPolicy({}, wide[:1]), ALICE, RoleWrite("r", "a", (PODS,)))
    one = 'clusterrole.rbac.authorization.k8s.io "x" not found'
    assert message.endswith(f"; resolution errors: [{one}]")
    message = check_role_write(RbacPolicy({}, wide), ALICE, RoleWrite("r", "a", (PODS,)))
    two = 'clusterrole.rbac.authorization.k8s.io "y" not found'
    assert message.endswith(f"; resolution errors: [[{one}, {two}]]")


def test_missing_rules_are_joined_by_group_resource_and_name() -> None:
    parts = [
        PolicyRule(("get",), ("",), ("pods",)),
        PolicyRule(("get",), ("",), ("pods",), ("x",)),
        PolicyRule(("list",), ("",), ("pods",)),
        PolicyRule(("list",), ("",), ("pods",), ("x", "y")),
        PolicyRule(("get",), urls=("/a",)),
        PolicyRule(("put",), urls=("/a",)),
    ]
    assert {str(rule) for rule in compact_rules(parts)} == {
        '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}',
        '{APIGroups:[""], Resources:["pods"], ResourceNames:["x"], Verbs:["get"]}',
        '{APIGroups:[""], Resources:["pods"], ResourceNames:["x" "y"], Verbs:["list"]}',
        '{NonResourceURLs:["/a"], Verbs:["get"]}',
        '{NonResourceURLs:["/a"], Verbs:["put"]}',
    }


def make_role(name: str, verb: str, labels: dict[str, str], **more: object) -> ApiObject:
    rules = [{"verbs": [verb], "apiGroups": [""], "resources": ["pods"]}]
    meta = {"name": name, "labels": labels}
    return ApiObject({"kind": "ClusterRole", "metadata": meta, "rules": rules, **more})


def test_aggregated_rules_come_by_selector_and_name_each_once_without_the_role_itself() -> None:
    selectors = [{"matchLabels": {"x": "1"}}, {}]
    rule = {"clusterRoleSelectors": selectors}
    own = make_role("m", "own", {"x": "1"}, aggregationRule=rule)
    others = [
        make_role("z", "get", {}),
        make_role("b", "list", {"x": "1"}),
        make_role("a", "get", {"x": "1"}),
        make_role("c", "watch", {"x": "2"}),
    ]
    found = read_aggregation(own)
    assert found is not None
    rules = aggregate_rules(own, found, [own, *others])
    assert [rule.verbs for rule in rules] == [("get",), ("list",), ("watch",)]
    assert read_aggregation(others[0]) is None


def test_a_policy_is_read_from_objects_and_default_roles_stand_beside_it() -> None:
    binding = {
        "kind": "RoleBinding",
        "metadata": {"name": "b", "namespace": "a"},
        "roleRef": {"kind": "Role", "name": "r"},
        "subjects": [{"kind": "ServiceAccount", "name": "sa"}],
    }
    role = {
        "kind": "Role",
        "metadata": {"name": "r", "namespace": "a"},
        "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}],
    }
    policy = add_bootstrap_policy(make_policy([ApiObject(binding), ApiObject(role)]))
    user = User("system:serviceaccount:a:sa", (AUTHENTICATED,))
    assert authorize_by_rbac(policy, ask("get", "pods", user=user, namespace="a")).reason == (
        'RBAC: allowed by RoleBinding "b/a" of Role "r" to ServiceAccount "sa/a"'
    )
    path = Attributes(user, "get", path="/apis/apps", is_resource=False)
    assert authorize_by_rbac(policy, path).reason == (
        'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole '
        '"system:discovery" to Group "system:authenticated"'
    )
