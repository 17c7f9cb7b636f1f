"""Acting as another by constrained impersonation is a way to what is named, and to no more."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from reach_lab import ANN, FULL, RBAC, STRONG, Object, bind, hold, make, read, rule

from planespec.spec.api.authorization.reach.constrained_steps import constrain
from planespec.spec.api.authorization.reach.identities import make_user
from planespec.spec.api.authorization.reach.rights import RightsIndex

AUTHENTICATION = "authentication.k8s.io"
AS_ROOT = rule("impersonate:user-info", "users", AUTHENTICATION, "root")
AS_STRONG = rule("impersonate:serviceaccount", "serviceaccounts", AUTHENTICATION)
ON_BINDINGS = rule("impersonate-on:user-info:create", "clusterrolebindings", RBAC)
ON_PODS = rule("impersonate-on:serviceaccount:create", "pods")


def test_acting_as_another_where_it_may_bind_ends_in_full_control() -> None:
    ways = hold(AS_ROOT, ON_BINDINGS).list_ways()
    assert [step.action for step in ways[0]] == [
        "act as user root by impersonate:user-info",
        "bind ClusterRole cluster-admin by a ClusterRoleBinding",
    ]
    assert [step.source.name for step in ways[0]] == ["User ann", "User root by user-info"]
    assert ways[0][0].notes == ("only for what impersonate-on:user-info names",)
    assert {grant.binding.name for grant in ways[0][0].grants} == {"own"}


def test_acting_as_a_service_account_gains_what_one_may_act_on_and_no_more() -> None:
    wide = hold(AS_STRONG, ON_PODS, namespace="ci").list_ways()
    assert wide[0][-1].target.name == FULL
    assert wide[0][0].action == "act as service account ci/strong by impersonate:serviceaccount"
    reading = rule("impersonate-on:serviceaccount:get", "configmaps")
    [[step]] = hold(AS_STRONG, reading, namespace="ci").list_ways()
    assert step.target.name == "ServiceAccount ci/strong by serviceaccount"


@pytest.mark.parametrize(
    "rules",
    [
        (AS_ROOT,),
        (ON_BINDINGS,),
        (AS_ROOT, rule("impersonate-on:serviceaccount:create", "clusterrolebindings", RBAC)),
        (AS_STRONG, ON_BINDINGS),
        (rule("impersonate:user-info", "users", "", "root"), ON_BINDINGS),
        (rule("impersonate:user-info", "users", AUTHENTICATION, "nobody"), ON_BINDINGS),
        (AS_ROOT, rule("impersonate-on:user-info:*", "clusterrolebindings", RBAC)),
        (AS_ROOT, rule("impersonate-on:user-info:bind", "clusterroles", RBAC)),
    ],
)
def test_acting_as_another_needs_the_user_and_the_request_in_one_mode(
    rules: tuple[Object, ...],
) -> None:
    assert hold(*rules).list_ways() == []


def test_nobody_acts_as_a_member_of_the_masters() -> None:
    anybody = rule("impersonate:user-info", "users", AUTHENTICATION)
    masters = rule("impersonate:user-info", "groups", AUTHENTICATION, "system:masters")
    on = rule("impersonate-on:user-info:get", "nothing")
    [[step]] = hold(anybody, masters, on).list_ways()
    assert step.target.name == "User root by user-info"


def test_what_another_may_do_in_a_namespace_is_gained_where_both_are_named() -> None:
    more = (make("Role", "far", "shop", rules=[rule("get", "secrets")]),)
    more += (bind("far", "far", STRONG | {"name": "weak"}, "shop"),)
    on = rule("impersonate-on:serviceaccount:get", "secrets")
    weak = rule("impersonate:serviceaccount", "serviceaccounts", AUTHENTICATION, "weak")
    assert hold(weak, on, namespace="ci", more=more).list_ways() == []
    [[step]] = hold(weak, on, more=more).list_ways()
    assert step.target.name == "ServiceAccount ci/weak by serviceaccount"


def test_who_acts_as_another_does_not_act_as_a_third() -> None:
    bob = {"kind": "User", "name": "bob"}
    more = (make("ClusterRole", "bob", rules=[AS_ROOT, ON_BINDINGS]), bind("bob", "bob", bob))
    as_bob = rule("impersonate:user-info", "users", AUTHENTICATION, "bob")
    on_any = rule("impersonate-on:user-info:create", "*", "*")
    assert hold(as_bob, on_any, more=more).list_ways() == []


def test_a_member_of_a_group_is_acted_as_together_with_a_user() -> None:
    crew = {"kind": "Group", "name": "crew"}
    more = (make("ClusterRole", "crew", rules=[rule("get", "secrets")]), bind("c", "crew", crew))
    group = rule("impersonate:user-info", "groups", AUTHENTICATION, "crew")
    user = rule("impersonate:user-info", "users", AUTHENTICATION, "whoever")
    on = rule("impersonate-on:user-info:get", "secrets", "", "one")
    [[step]] = hold(group, user, on, more=more).list_ways()
    assert step.action == "act as a user of group crew by impersonate:user-info"
    assert hold(group, on, more=more).list_ways() == []


HELD: Object = {"verbs": ["get", "bind"], "apiGroups": ["*"], "resources": ["*/log", "pods"]}


@pytest.mark.parametrize(
    ("on", "left"),
    [
        (rule("impersonate-on:user-info:get", "*", "*"), ("*", ("*/log", "pods"), ())),
        (rule("impersonate-on:user-info:get", "pods/log"), ("", ("pods/log",), ())),
        (rule("impersonate-on:user-info:get", "pods", "", "a"), ("", ("pods",), ("a",))),
        (rule("impersonate-on:user-info:get", "nodes"), None),
        (rule("impersonate-on:user-info:list", "pods"), None),
    ],
)
def test_what_is_left_of_the_rights_of_another_is_what_both_name(
    on: Object, left: tuple[str, tuple[str, ...], tuple[str, ...]] | None
) -> None:
    bob = {"kind": "User", "name": "bob"}
    cluster = read(
        make("ClusterRole", "bob", rules=[HELD]),
        bind("bob", "bob", bob),
        make("ClusterRole", "own", rules=[on]),
        bind("own", "own", ANN),
    )
    index = RightsIndex(cluster.policy)
    through = index.find(make_user("ann")).wide
    rules = [
        each.rule for each in constrain(index.find(make_user("bob")), "user-info", through).wide
    ]
    asked = [each for each in rules if each is not None and each.verbs == ("get",)]
    assert [(each.groups[0], each.resources, each.names) for each in asked] == (
        [] if left is None else [left]
    )
    assert [each.verbs for each in rules if each is not None and each not in asked] == [("bind",)]
