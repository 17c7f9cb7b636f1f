"""Absence is not a fact: what is not in the input may be in the cluster, and is not judged."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import Object, audit, audit_bytes, ids, make, make_node, make_pod, make_workload

from planespec.checker.errors import ExitCode
from planespec.reports.audit.audit_result import Report, render_text
from planespec.reports.cli.main import run


def said(report: Report) -> str:
    return "\n".join(report.unjudged)


def custom(kind: str, name: str, version: str = "example.com/v1", **spec: Any) -> Object:
    return make(kind, name, spec=spec) | {"apiVersion": version}


WANTED = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
CLAIM = make("PersistentVolumeClaim", "c", spec=WANTED)
OF_CLASS = make("PersistentVolumeClaim", "c", spec=WANTED | {"storageClassName": "fast"})
BACKEND = {"service": {"name": "s", "port": {"number": 80}}}
INGRESS = make("Ingress", "in", spec={"ingressClassName": "nginx", "defaultBackend": BACKEND})
PRIORITY = make_workload("Deployment", "web", pod={"priorityClassName": "high"})
CLASSES = {
    "a StorageClass": (OF_CLASS, make("StorageClass", "slow", provisioner="p"), "OBJ-15"),
    "a default StorageClass": (CLAIM, make("StorageClass", "slow", provisioner="p"), "OBJ-15"),
    "an IngressClass": (
        INGRESS,
        make("IngressClass", "other", spec={"controller": "example.com/other"}),
        "OBJ-10",
    ),
    "a PriorityClass": (PRIORITY, make("PriorityClass", "low", value=1), "OBJ-20"),
}


@pytest.mark.parametrize("name", CLASSES)
def test_classes_are_judged_where_a_cluster_listed_them(name: str) -> None:
    item, other, id_ = CLASSES[name]
    for manifests in ([item], [item, other]):
        report = audit(*manifests)
        assert (ids(report), report.mode) == ([], "manifests")
    assert ids(audit(make_node(), item)) == []
    assert ids(audit(make_node(), item, other)) == [id_]


def test_what_is_not_judged_names_the_objects() -> None:
    assert "StorageClass for a claim: PersistentVolumeClaim default/c" in said(audit(CLAIM))
    assert "IngressClass of an Ingress exists: Ingress default/in" in said(audit(INGRESS))
    assert "PriorityClass of a pod exists: Deployment default/web" in said(
        audit(PRIORITY, CLASSES["a PriorityClass"][1])
    )


@pytest.mark.parametrize(
    "sign",
    [
        make_node(),
        make("ConfigMap", "a", uid="u"),
        make("ConfigMap", "a", resourceVersion="5"),
        make_workload("Deployment", "a") | {"status": {"replicas": 1}},
    ],
)
def test_a_cluster_shows_itself(sign: Object, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(sign).mode == "cluster"
    assert "(a cluster)" in render_text(audit(sign), 1)


@pytest.mark.parametrize(
    "item",
    [
        make_workload("Deployment", "a") | {"status": {}},
        make("CustomResourceDefinition", "a.b", status={"storedVersions": []}),
    ],
)
def test_manifests_are_told_from_a_cluster(item: Object) -> None:
    assert audit(item).mode == "manifests"
    assert "(manifests, no cluster)" in render_text(audit(item), 1)


def uses_secret(name: str) -> Object:
    source = [{"secretRef": {"name": name}}]
    containers = [{"name": "c", "image": "i", "envFrom": source}]
    return make_workload("Deployment", "web", pod={"containers": containers})


OTHER = make("Secret", "other", data={})
RULES = [{"resources": ["secrets"], "verbs": ["create"], "resourceNames": ["web-tls"]}]
ARGS = [{"name": "c", "image": "i", "args": ["create", "--secret-name=web-tls"]}]
MAKERS = {
    "cert-manager": custom("Certificate", "w", "cert-manager.io/v1", secretName="web-tls"),
    "SealedSecret": custom("SealedSecret", "web-tls", "bitnami.com/v1alpha1"),
    "ExternalSecret by its target": custom("ExternalSecret", "x", target={"name": "web-tls"}),
    "ExternalSecret by its name": custom("ExternalSecret", "web-tls"),
    "an operator": custom("Postgres", "web"),
    "deep in a custom resource": custom("Vault", "x", a=[{"b": {"c": "web-tls"}}]),
    "an Ingress with an issuer": make(
        "Ingress",
        "in",
        annotations={"cert-manager.io/cluster-issuer": "le"},
        spec={"tls": [{"secretName": "web-tls"}]},
    ),
    "an annotation": make(
        "Service",
        "web",
        annotations={"service.beta.openshift.io/serving-cert-secret-name": "web-tls"},
        spec={"ports": [{"port": 1}], "selector": {"app": "web"}},
    ),
    "a job": make_workload("Job", "j", pod={"containers": ARGS, "restartPolicy": "Never"}),
    "a role": make("Role", "r", rules=RULES),
}
KUSTOMIZATION = (
    b"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    b"secretGenerator: [{name: web-tls}]\n---\n"
)


@pytest.mark.parametrize("name", MAKERS)
def test_a_secret_that_something_in_the_manifests_makes_is_not_missing(name: str) -> None:
    assert ids(audit(OTHER, uses_secret("web-tls"))) == ["OBJ-6"]
    report = audit(OTHER, uses_secret("web-tls"), MAKERS[name])
    assert "OBJ-6" not in ids(report)
    assert "Secrets that other objects of the input may make: Deployment" in said(report)
    assert "OBJ-6" in ids(audit(OTHER, uses_secret("nothing-like-it"), MAKERS[name]))
    in_cluster = [make_node(), OTHER, uses_secret("web-tls"), MAKERS[name]]
    assert "OBJ-6" in ids(audit(*in_cluster))


def test_a_generator_of_kustomize_makes_a_secret() -> None:
    text = b"\n---\n".join(json.dumps(each).encode() for each in (OTHER, uses_secret("web-tls")))
    assert ids(audit_bytes(b"---\n" + text)) == ["OBJ-6"]
    assert ids(audit_bytes(KUSTOMIZATION + text)) == []


def test_a_service_may_select_the_pods_of_an_operator() -> None:
    spec = {"selector": {"prometheus": "k8s"}, "ports": [{"port": 9090}]}
    service, web = make("Service", "p", spec=spec), make_workload("Deployment", "web")
    assert ids(audit(service, web)) == ["OBJ-13"]
    report = audit(service, web, custom("Prometheus", "k8s"))
    assert ids(report) == []
    assert "an operator makes: Service default/p" in said(report)


def test_nodes_of_a_partial_list_are_not_all_nodes() -> None:
    pods = [make_pod("a", "n2"), make_pod("b", "n3")]
    daemons = make("DaemonSet", "d", spec=make_workload("DaemonSet", "d")["spec"])
    wanted = daemons | {"status": {"desiredNumberScheduled": 2, "numberReady": 2}}
    pending = make_pod("c", "", nodeSelector={"zone": "b"})
    lost = make_pod("lost", "n9")
    assert ids(audit(make_node(), lost, pending)) == ["SCHED-11", "SCHED-12"]
    for partial in (pods, [wanted], [make("CSINode", "n9")]):
        report = audit(make_node(), lost, pending, *partial)
        assert ids(report) == []
        assert "what other nodes than these there are for a pod" in said(report)
    cut = {"kind": "NodeList", "metadata": {"continue": "x"}, "items": [make_node()]}
    rest = {"kind": "List", "items": [lost, pending]}
    assert ids(audit_bytes((json.dumps(cut) + json.dumps(rest)).encode())) == []


def test_a_list_that_goes_on_elsewhere_tells_of_no_absence() -> None:
    cut = {"kind": "SecretList", "metadata": {"remainingItemCount": 5}, "items": [OTHER]}
    text = json.dumps(cut) + json.dumps(uses_secret("gone"))
    assert ids(audit_bytes(text.encode())) == []


def test_a_status_that_was_cut_says_nothing() -> None:
    node = make("Node", "n1", spec={})
    report = audit(node, make_pod("a", cpu="9"), make_pod("p", "", cpu="9"))
    assert ids(report) == []
    assert "its status does not say: Node n1" in said(report)
    capacity = {"cpu": "4", "memory": "8Gi", "pods": "1"}
    whole = make("Node", "n1", status={"capacity": capacity})
    assert ids(audit(whole, make_pod("a", cpu="3"))) == []
    assert ids(audit(whole, make_pod("a", cpu="9"))) == ["SCHED-3"]
    assert ids(audit(whole, make_pod("p", "", cpu="9"))) == ["SCHED-12"]


SCALED = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
BROKEN = {
    "a node": (
        make("Node", "n9", status={"allocatable": {"cpu": "zz"}}),
        [make_node(), make_pod("a", "n9")],
        "SCHED-11",
    ),
    "a node that may take a pod": (
        make("Node", "n9", spec={"taints": "x"}),
        [make_node(), make_pod("a", "", nodeSelector={"z": "a"})],
        "SCHED-12",
    ),
    "a Secret": (make("Secret", "gone", data=[1]), [OTHER, uses_secret("gone")], "OBJ-6"),
    "a Service behind an Ingress": (
        make("Service", "s", spec={"selector": [1]}),
        [
            make("Service", "o", spec={"ports": [{"port": 1}]}),
            make("Ingress", "i", spec={"defaultBackend": BACKEND}),
        ],
        "OBJ-9",
    ),
    "a Service of a StatefulSet": (
        make("Service", "db", spec={"ports": "x"}),
        [
            make("Service", "o", spec={"ports": [{"port": 1}]}),
            make_workload("StatefulSet", "s", serviceName="db"),
        ],
        "OBJ-11",
    ),
    "a pod that a Service selects": (
        make_pod("web", labels={"app": "web"}, containers=3),
        [
            make("Service", "w", spec={"selector": {"app": "web"}, "ports": [{"port": 1}]}),
            make_pod("other", labels={"app": "other"}),
        ],
        "OBJ-13",
    ),
    "a default class": (
        make("StorageClass", "fast", annotations={"a": 5}, provisioner="p"),
        [make_node(), make("StorageClass", "slow", provisioner="p"), CLAIM],
        "OBJ-15",
    ),
    "an autoscaler's target": (
        make_workload("Deployment", "web", replicas="x"),  # type: ignore[arg-type]
        [
            make_workload("Deployment", "o"),
            make(
                "HorizontalPodAutoscaler",
                "h",
                spec={"scaleTargetRef": SCALED, "maxReplicas": 2},
            ),
        ],
        "OBJ-21",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_object_that_cannot_be_read_makes_no_other_guilty(name: str) -> None:
    broken, others, id_ = BROKEN[name]
    assert ids(audit(*others)) == [id_]
    report = audit(broken, *others)
    assert ids(report) == ["OBJ-24"]
    assert len(report.said) == 1


def test_what_is_cut_off_makes_nobody_guilty() -> None:
    items = [OTHER, uses_secret("gone")]
    text = json.dumps({"kind": "List", "items": items})
    assert ids(audit_bytes(text.encode())) == ["OBJ-6"]
    report = audit_bytes(text[:-2].encode())
    assert ids(report) == []
    assert report.malformed


def test_what_is_judged_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "in.json"
    broken = make("Node", "n9", spec={"taints": "x"})
    items = [make_node(), make_pod("a"), make_pod("c"), broken]
    path.write_text(json.dumps({"kind": "List", "items": items}))
    run(["audit", "--select", "SCHED-3,STAT-5", str(path)])
    assert "judged: 1 node, 2 pods by 2 requirements" in capsys.readouterr().out
    assert run(["audit", "--select", "API-1", str(path)]) == ExitCode.PARSE
    path.write_text(json.dumps({"kind": "List", "items": items[:3]}))
    assert run(["audit", "--select", "API-1", str(path)]) == ExitCode.UNKNOWN
    assert "unknown: nothing could be judged" in capsys.readouterr().out
