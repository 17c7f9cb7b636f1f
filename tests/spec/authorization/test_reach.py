"""The ways to more of a published lab: each is found, and none once a rule of it is gone.

The ways are those of the public descriptions of escalation in clusters (KubeHound, rbac-police,
the list of kubescape's graph): escalate, bind, impersonate, pods under a strong account, exec,
tokens, secrets, webhooks, certificates, nodes/proxy, the node below a pod.
"""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from reach_lab import (
    ADMISSION,
    ANN,
    CERTIFICATES,
    CLUSTER,
    FULL,
    RBAC,
    Object,
    bind,
    hold,
    list_first,
    make,
    read,
    rule,
)

from planespec.spec.api.authorization.reach.identities import make_user
from planespec.spec.api.authorization.reach.reaching import find_reach

WAYS: dict[str, tuple[str, tuple[Object, ...], str]] = {
    "bind": (
        "bind ClusterRole cluster-admin by a ClusterRoleBinding",
        (rule("bind", "clusterroles", RBAC), rule("create", "clusterrolebindings", RBAC)),
        "",
    ),
    "bind by a binding that is there": (
        "bind ClusterRole cluster-admin by a ClusterRoleBinding",
        (
            rule("bind", "clusterroles", RBAC, "cluster-admin"),
            rule("patch", "clusterrolebindings", RBAC, "own"),
        ),
        "",
    ),
    "escalate": (
        "write any rules into ClusterRole own",
        (rule("escalate", "clusterroles", RBAC), rule("patch", "clusterroles", RBAC)),
        "",
    ),
    "impersonate a group": (
        "impersonate a user of group system:masters",
        (rule("impersonate", "groups"), rule("impersonate", "users", "", "anybody")),
        "",
    ),
    "impersonate a user": (
        "impersonate user root",
        (rule("impersonate", "users", "", "root"),),
        "",
    ),
    "impersonate an account": (
        "impersonate service account ci/strong",
        (rule("impersonate", "serviceaccounts"),),
        "ci",
    ),
    "create pods": (
        "create pods in namespace ci, to run as service account strong",
        (rule("create", "pods"),),
        "ci",
    ),
    "create a workload": (
        "create cronjobs in namespace ci, to run as service account strong",
        (rule("create", "cronjobs", "batch"),),
        "ci",
    ),
    "change a pod": ("change the image of pod ci/runner", (rule("patch", "pods"),), "ci"),
    "exec": ("run a command in pod ci/runner", (rule("create", "pods/exec"),), "ci"),
    "debug": (
        "add a container to pod ci/runner",
        (rule("patch", "pods/ephemeralcontainers"),),
        "ci",
    ),
    "token": (
        "ask for a token of service account ci/strong",
        (rule("create", "serviceaccounts/token", "", "strong"),),
        "ci",
    ),
    "secret": ("read secret ci/old, which holds a token", (rule("get", "secrets"),), "ci"),
    "secret made": (
        "create a secret for a token of ci/strong, and read it",
        (rule("create", "secrets"), rule("list", "secrets")),
        "ci",
    ),
    "webhook": (
        "write a mutating webhook, which changes every object that anybody writes",
        (rule("create", "mutatingwebhookconfigurations", ADMISSION),),
        "",
    ),
    "policy": (
        "write a mutating policy, which changes every object that anybody writes",
        (
            rule("create", "mutatingadmissionpolicies", ADMISSION),
            rule("create", "mutatingadmissionpolicybindings", ADMISSION),
        ),
        "",
    ),
    "certificate": (
        "request and approve a certificate of user root",
        (
            rule("create", "certificatesigningrequests", CERTIFICATES),
            rule("update", "certificatesigningrequests/approval", CERTIFICATES),
            rule("approve", "signers", CERTIFICATES, "kubernetes.io/kube-apiserver-client"),
        ),
        "",
    ),
    "nodes/proxy": (
        "run a command in pod ci/runner by nodes/proxy of n1",
        (rule("get", "nodes/proxy"),),
        "",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_the_lab_is_found_and_ends_in_full_control(way: str) -> None:
    action, rules, namespace = WAYS[way]
    reach = hold(*rules, namespace=namespace)
    first = reach.list_ways()[0]
    assert first[-1].target.name == FULL
    assert action in list_first(reach)
    step = next(steps[0] for steps in reach.list_ways() if steps[0].action == action)
    assert {grant.binding.name for grant in step.grants} == {"own"}


@pytest.mark.parametrize("way", WAYS)
def test_a_way_is_closed_once_any_rule_of_it_is_gone(way: str) -> None:
    action, rules, namespace = WAYS[way]
    for gone in range(len(rules)):
        left = (*rules[:gone], *rules[gone + 1 :], rule("get", "configmaps"))
        assert action not in list_first(hold(*left, namespace=namespace))


def test_a_least_privileged_set_reaches_nothing() -> None:
    reads = [rule(verb, "pods") for verb in ("get", "list", "watch")]
    harmless = (
        *reads,
        rule("get", "pods/log"),
        rule("update", "leases", "coordination.k8s.io", "own"),
        rule("create", "events"),
        rule("get", "secrets", "", "own"),
        rule("create", "rolebindings", RBAC),
        rule("create", "roles", RBAC),
        rule("create", "certificatesigningrequests", CERTIFICATES),
        rule("delete", "pods"),
    )
    for namespace in ("ci", ""):
        reach = hold(*harmless, namespace=namespace)
        assert reach.list_ways() == []
        assert reach.doubts.found == {}


def test_the_shortest_way_is_told_and_leads_over_others() -> None:
    builder = {"kind": "ServiceAccount", "name": "builder", "namespace": "shop"}
    more = (
        make("ServiceAccount", "builder", "shop"),
        make("Role", "ci", "ci", rules=[rule("create", "serviceaccounts/token")]),
        bind("builder", "ci", builder, "ci"),
    )
    reach = hold(rule("create", "pods"), namespace="shop", more=more)
    ways = reach.list_ways()
    assert [step.target.name for step in ways[0]] == [
        "ServiceAccount shop/builder",
        "ServiceAccount ci/strong",
        FULL,
    ]
    assert [
        len(steps) for steps in ways if steps[-1].target.name == "ServiceAccount ci/strong"
    ] == [2]


def test_an_account_that_may_no_more_than_the_subject_is_no_way() -> None:
    weak = {"kind": "ServiceAccount", "name": "weak", "namespace": "ci"}
    tokens = rule("create", "serviceaccounts/token", "", "weak")
    more = (
        make("Role", "weak", "ci", rules=[rule("get", "pods")]),
        bind("weak", "weak", weak, "ci"),
    )
    assert hold(tokens, rule("get", "pods"), namespace="ci", more=more).list_ways() == []
    assert len(hold(tokens, namespace="ci", more=more).list_ways()) == 1


def test_who_holds_everything_reaches_nothing_more() -> None:
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    reach = hold(everything)
    assert reach.holds_everything
    assert reach.list_ways() == []


def label(**labels: str) -> Object:
    return make("Namespace", "web", meta={"labels": labels})


def test_the_node_below_a_pod_is_reached_only_where_pod_security_lets_it_in() -> None:
    enforce = {"pod-security.kubernetes.io/enforce": "restricted"}
    pods = rule("create", "pods")

    def ways(*rules: Object, namespace: Object, **more: Any) -> list[str]:
        own = (
            make("Role", "own", "web", rules=[*rules]),
            bind("own", "own", ANN, "web"),
            make("ClusterRole", "wide", rules=more.get("wide", [])),
            bind("wide", "wide", ANN),
        )
        reach = find_reach(read(*CLUSTER, namespace, *own), make_user("ann"))
        return [steps[0].action for steps in reach.list_ways()]

    assert ways(pods, namespace=label(**enforce)) == []
    opened = ways(pods, namespace=label())
    assert "create pods in namespace web, privileged" in opened
    relabel = ways(pods, namespace=label(**enforce), wide=[rule("patch", "namespaces", "", "web")])
    assert "label namespace web privileged; create pods in namespace web, privileged" in relabel
    claims = (pods, rule("create", "persistentvolumeclaims"))
    volumes = ways(*claims, namespace=label(**enforce), wide=[rule("create", "persistentvolumes")])
    assert volumes[0].startswith("create a PersistentVolume of type hostPath and a claim to it")


def test_root_on_a_node_has_the_tokens_of_its_pods_and_the_keys_of_a_control_plane() -> None:
    own = (
        label(),
        make("Role", "own", "web", rules=[rule("create", "pods")]),
        bind("own", "own", ANN, "web"),
    )
    ways = find_reach(read(*CLUSTER, *own), make_user("ann")).list_ways()
    assert [step.action for step in ways[0]][1:] == [
        "read the token of pod ci/runner on node n1",
        "use the rights of ServiceAccount ci/strong",
    ]
    labels = {"node-role.kubernetes.io/control-plane": ""}
    control = make("Node", "cp", meta={"labels": labels})
    ways = find_reach(read(*CLUSTER, *own, control), make_user("ann")).list_ways()
    assert ways[0][-1].action == "read the keys of the control plane on node cp"


def test_an_aggregated_role_that_is_held_takes_up_rules_of_another() -> None:
    selector = {"clusterRoleSelectors": [{"matchLabels": {"x": "1"}}]}
    more = (
        make("ClusterRole", "agg", aggregationRule=selector, rules=[]),
        make("ClusterRole", "part", rules=[rule("get", "pods")]),
        bind("agg", "agg", ANN),
    )
    escalate = rule("escalate", "clusterroles", RBAC, "part")
    patch = rule("patch", "clusterroles", RBAC, "part")
    actions = list_first(hold(escalate, patch, more=more))
    assert actions == [
        "write any rules into ClusterRole part, and label it so that ClusterRole agg takes them up"
    ]
    assert list_first(hold(patch, more=more)) == []
    assert list_first(hold(escalate, patch)) == []


def test_rules_that_an_aggregated_role_would_take_up_count_through_several_roles() -> None:
    selectors = [{"clusterRoleSelectors": [{"matchLabels": {"to": name}}]} for name in ("a", "b")]
    cluster = read(
        make("ClusterRole", "a", aggregationRule=selectors[0], rules=[]),
        make("ClusterRole", "b", meta={"labels": {"to": "a"}}, aggregationRule=selectors[1]),
        make("ClusterRole", "c", meta={"labels": {"to": "b"}}, rules=[rule("get", "pods")]),
    )
    assert [each.verbs for each in cluster.policy.roles["", "a"]] == [("get",)]


def test_bind_in_a_namespace_gives_the_rules_of_the_role_there() -> None:
    rules = (
        rule("bind", "clusterroles", RBAC, "cluster-admin"),
        rule("create", "rolebindings", RBAC),
    )
    ways = hold(*rules, namespace="ci").list_ways()
    names = {steps[-1].target.name for steps in ways}
    assert "holder of ClusterRole cluster-admin in namespace ci" in names
    # There it may create pods under the strong account.
    assert FULL in names


def test_escalate_on_a_role_of_a_namespace_gives_every_right_there() -> None:
    rules = (rule("escalate", "roles", RBAC, "own"), rule("update", "roles", RBAC, "own"))
    ways = hold(*rules, namespace="web").list_ways()
    assert ways[0][0].target.name == "holder of every right in namespace web"


def test_what_is_not_in_the_input_is_told_where_it_would_decide() -> None:
    own = (make("ClusterRole", "own", rules=[rule("get", "nodes/proxy")]), bind("own", "own", ANN))
    reach = find_reach(read(*CLUSTER, *own, without=["Pod"]), make_user("ann"))
    assert list(reach.doubts.found) == [
        "no Pod is in the input: what nodes/proxy opens is not known"
    ]
    dangling = bind("view", "view", ANN, "ci", kind="ClusterRole")
    reach = find_reach(read(*CLUSTER, dangling), make_user("ann"))
    assert list(reach.doubts.found) == [
        "ClusterRole view, which RoleBinding view/ci names, is not in the input"
    ]
    gone = bind("gone", "gone", ANN, "ci", kind="ClusterRole")
    assert find_reach(read(*CLUSTER, gone), make_user("ann")).doubts.found == {}


def test_default_bindings_are_added_to_manifests_and_not_to_a_cluster() -> None:
    assert any(each.name == "cluster-admin" for each in read().policy.cluster_bindings)
    whole = read(bind("system:discovery", "system:discovery", ANN))
    assert [each.name for each in whole.policy.cluster_bindings] == ["system:discovery"]
