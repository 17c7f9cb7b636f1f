"""An identity is group, kind, namespace and name; names have the rules of their kind."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import Object, audit, ids, make, make_node, make_pod, make_workload

from planespec.spec.cluster.accepted.metadata import list_name_errors


def foreign(version: str, kind: str, name: str = "x", **fields: object) -> Object:
    return make(kind, name, **fields) | {"apiVersion": version}


FOREIGN = {
    "Service of Knative": foreign("serving.knative.dev/v1", "Service", spec={"template": {}}),
    "Job of Volcano": foreign("batch.volcano.sh/v1alpha1", "Job", spec={"minAvailable": 3}),
    "Node of OpenShift": foreign("config.openshift.io/v1", "Node", "cluster", spec={}),
    "Ingress of OpenShift": foreign("config.openshift.io/v1", "Ingress", "cluster", spec={"a": 1}),
    "Pod of metrics": foreign("metrics.k8s.io/v1beta1", "PodMetrics", containers=[]),
    "Deployment of others": foreign("example.com/v1", "Deployment", spec={"replicas": "many"}),
    "Role of Vault": foreign("vault.example.com/v1", "Role", "Team:A", spec={"roleRef": 1}),
    "PodGroup of Volcano": foreign("scheduling.volcano.sh/v1beta1", "PodGroup", spec={"x": 1}),
    "Event of others": foreign("example.com/v1", "Event", involvedObject=3),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_kind_of_another_group_is_not_judged_by_rules_of_kubernetes(name: str) -> None:
    report = audit(FOREIGN[name])
    assert (report.violations, report.malformed) == ([], [])


def test_kinds_of_one_name_in_several_groups_are_no_duplicates() -> None:
    gateways = [
        foreign(f"{group}/v1", "Gateway", "gw")
        for group in ("networking.istio.io", "gateway.networking.k8s.io")
    ]
    nodes = [make_node("n1"), foreign("config.openshift.io/v1", "Node", "n1")]
    report = audit(*gateways, *nodes)
    assert ids(report) == []
    assert report.counts == {
        "Gateway.networking.istio.io": 1,
        "Gateway.gateway.networking.k8s.io": 1,
        "Node": 1,
        "Node.config.openshift.io": 1,
    }


def test_a_duplicate_of_another_group_is_named_with_its_group() -> None:
    (found,) = audit(foreign("example.com/v1", "Job"), foreign("example.com/v2", "Job")).violations
    assert found.requirement.id == "OBJ-1"
    assert str(found.objects[0]) == "Job.example.com default/x"


def test_a_node_of_another_group_holds_no_pods() -> None:
    node = foreign("config.openshift.io/v1", "Node", "n9")
    assert ids(audit(make_node("n1"), node, make_pod("a", "n9"))) == ["SCHED-11"]


RBAC = "rbac.authorization.k8s.io"
GOOD_NAMES = [
    ("", "Pod", "a.b-c"),
    (RBAC, "ClusterRole", "system:Foo bar"),
    (RBAC, "RoleBinding", "Team@A"),
    ("certificates.k8s.io", "CertificateSigningRequest", "CSR_1"),
    ("apiregistration.k8s.io", "APIService", "v1."),
    ("networking.k8s.io", "IPAddress", "2001:db8::1"),
    ("networking.k8s.io", "IPAddress", "10.0.0.1"),
    ("certificates.k8s.io", "ClusterTrustBundle", "example.com:my-signer:root"),
    ("certificates.k8s.io", "ClusterTrustBundle", "root"),
    ("image.openshift.io", "Image", "sha256:0123"),
    ("user.openshift.io", "Identity", "google:Some One"),
    ("example.com", "Namespace", "Upper.Case"),
]
BAD_NAMES = [
    ("", "Pod", "a_b"),
    ("", "Namespace", "a.b"),
    ("apps", "StatefulSet", "a.b"),
    (RBAC, "Role", "a/b"),
    (RBAC, "Role", "100%"),
    ("user.openshift.io", "Identity", ".."),
    ("networking.k8s.io", "IPAddress", "10.0.0.01"),
    ("networking.k8s.io", "IPAddress", "2001:DB8::1"),
    ("networking.k8s.io", "IPAddress", "web"),
    ("certificates.k8s.io", "ClusterTrustBundle", "example.com:my-signer:Root"),
]


@pytest.mark.parametrize(("group", "kind", "name"), GOOD_NAMES)
def test_a_name_that_its_kind_allows_is_accepted(group: str, kind: str, name: str) -> None:
    assert list(list_name_errors(group, kind, name)) == []


@pytest.mark.parametrize(("group", "kind", "name"), BAD_NAMES)
def test_a_name_that_its_kind_does_not_allow_is_told(group: str, kind: str, name: str) -> None:
    (message,) = list_name_errors(group, kind, name)
    assert message.startswith(f'Invalid value: "{name}": ')


def bind(kind: str, name: str, namespace: str = "default") -> list[Object]:
    """A binding in a namespace that has roles, so that the one it names must be there."""
    other = [make(each, "other", namespace=namespace) for each in ("Role", "ClusterRole")]
    roles = make("RoleBinding", "b", namespace=namespace, roleRef={"kind": kind, "name": name})
    return [*other, roles]


STANDING = {
    "a user-facing role": bind("ClusterRole", "cluster-admin"),
    "a role of the system": bind("ClusterRole", "system:auth-delegator"),
    "a role of kube-system": bind(
        "Role", "extension-apiserver-authentication-reader", "kube-system"
    ),
    "a priority class": [
        make("PriorityClass", "high", value=1),
        make_pod("a", priorityClassName="system-node-critical", priority=2000001000),
    ],
    "an account": [make("ServiceAccount", "one"), make_pod("a", serviceAccountName="default")],
    "the certificate of the cluster": [
        make("ConfigMap", "one"),
        make_pod("a", volumes=[{"name": "v", "configMap": {"name": "kube-root-ca.crt"}}]),
    ],
    "the service of the API server": [
        make_workload("Deployment", "web"),
        make("Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]}),
        make(
            "Ingress",
            "api",
            spec={
                "defaultBackend": {"service": {"name": "kubernetes", "port": {"name": "https"}}}
            },
        ),
    ],
}


@pytest.mark.parametrize("name", STANDING)
def test_what_every_cluster_has_is_not_missed(name: str) -> None:
    assert ids(audit(*STANDING[name])) == []


@pytest.mark.parametrize(
    "objects",
    [
        bind("ClusterRole", "cluster-administrator"),
        bind("Role", "system:foo"),
        bind("Role", "extension-apiserver-authentication-reader"),
    ],
)
def test_what_only_some_clusters_have_is_missed(objects: list[Object]) -> None:
    assert ids(audit(*objects)) == ["OBJ-22"]
