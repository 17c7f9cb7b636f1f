"""Manifests as public projects keep them: what others complete or fill in is no fault."""

import io
import json
import sys
import tarfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import Object, audit, ids, make, make_node, make_workload

from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.sources import audit_files
from planespec.reports.fit.reading import read_objects

MANAGER = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: manager, namespace: system}
spec:
  replicas: 1
  template:
    spec: {containers: [{name: manager, image: 'controller:latest'}]}
"""
PATCH = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: manager, namespace: system}
spec:
  template:
    spec: {containers: [{name: manager, args: [--leader-elect]}]}
"""
LABELS = "resources: [../manager]\nlabels: [{pairs: {a: b}, includeSelectors: true}]\n"
BASE = {
    "config/default/kustomization.yaml": LABELS,
    "config/manager/kustomization.yaml": "resources: [manager.yaml]\n",
    "config/manager/manager.yaml": MANAGER,
}


def put(folder: Path, files: dict[str, str]) -> Report:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return audit_files([str(folder)])


def make_placed(kind: str, name: str, namespace: str) -> Object:
    workload = make_workload(kind, name)
    workload["metadata"]["namespace"] = namespace
    return workload


def found(report: Report) -> list[tuple[str, str]]:
    return sorted((each.requirement.id, each.field) for each in report.violations)


def said(report: Report) -> str:
    return "\n".join(report.unjudged)


def test_what_a_base_lacks_is_not_judged_where_kustomize_completes_it(tmp_path: Path) -> None:
    report = put(tmp_path, BASE)
    assert found(report) == []
    line = "missing from bases of kustomize, to which overlays and labels may add it"
    assert f"{line}: Deployment system/manager" in said(report)


def test_a_base_without_kustomize_is_judged(tmp_path: Path) -> None:
    report = put(tmp_path, {"manager.yaml": MANAGER})
    assert found(report) == [("OBJ-24", "spec.selector")]


def test_what_is_wrong_in_a_base_stays_wrong(tmp_path: Path) -> None:
    text = MANAGER.replace("replicas: 1", "replicas: -1").replace("spec: {con", "spec: {x: 1, con")
    report = put(tmp_path, BASE | {"config/manager/manager.yaml": text})
    assert found(report) == [
        ("OBJ-25", "spec.template.spec.x"),
        ("OBJ-27", "spec.replicas"),
    ]


def test_a_resource_in_another_folder_is_a_base_too(tmp_path: Path) -> None:
    files = {"a/kustomization.yaml": "resources: [../b/manager.yaml]\n", "b/manager.yaml": MANAGER}
    assert found(put(tmp_path / "1", files)) == []
    other = {"a/kustomization.yaml": "resources: [../c/x.yaml]\n", "b/manager.yaml": MANAGER}
    assert found(put(tmp_path / "2", other)) == [("OBJ-24", "spec.selector")]


PARTS = {
    "patchesStrategicMerge": "patchesStrategicMerge: [../patches/x.yaml]\n",
    "patches": "patches: [{path: ../patches/x.yaml, target: {kind: Deployment}}]\n",
    "patchesJson6902": "patchesJson6902: [{path: ../patches/x.yaml, target: {kind: Job}}]\n",
    "a generator's file": "configMapGenerator: [{name: m, files: [k=../patches/x.yaml]}]\n",
    "a transformer": "transformers: [../patches/x.yaml]\n",
}


@pytest.mark.parametrize("name", PARTS)
def test_what_kustomize_puts_into_others_is_no_object(name: str, tmp_path: Path) -> None:
    whole = json.dumps(make_placed("Deployment", "manager", "system"))
    files = {"patches/x.yaml": PATCH, "z/kustomization.yaml": PARTS[name], "z/whole.json": whole}
    report = put(tmp_path, files)
    assert (found(report), report.counts) == ([], {"Deployment": 1})
    [line] = [each for each in report.unjudged if "puts into other objects" in each]
    assert "patches/x.yaml" in line


def test_an_inline_patch_names_no_file(tmp_path: Path) -> None:
    text = "patches:\n- patch: |-\n    kind: Deployment\npatchesStrategicMerge:\n- |-\n  a: b\n"
    report = put(tmp_path, {"kustomization.yaml": text, "b.yaml": MANAGER})
    assert report.counts == {"Deployment": 1}


def test_a_patch_in_an_archive_is_no_object(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    files = {"d/kustomization.yaml": PARTS["patches"], "patches/x.yaml": PATCH, "m.yaml": MANAGER}
    with tarfile.open(path, "w") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    report = audit_files([str(path)])
    assert report.counts == {"Deployment": 1}


def test_fit_reads_no_patch_for_an_object(tmp_path: Path) -> None:
    files = {
        "a/patch.yaml": PATCH,
        "b/kustomization.yaml": "patches: [{path: ../a/patch.yaml}]\n",
        "b/node.json": json.dumps(make_node()),
    }
    put(tmp_path, files)
    assert [each.key.kind for each in read_objects([str(tmp_path)])] == ["Node"]


TEMPLATE = {
    "metadata": {"labels": {"a": "b"}},
    "spec": {"containers": [{"name": "c", "image": "i"}]},
}
OLD = {
    "a selector from the labels": ("extensions/v1beta1", "Deployment", {"template": TEMPLATE}),
    "a selector of a StatefulSet": (
        "apps/v1beta1",
        "StatefulSet",
        {"serviceName": "s", "template": TEMPLATE},
    ),
    "paths without a type": (
        "networking.k8s.io/v1beta1",
        "Ingress",
        {"rules": [{"http": {"paths": [{"backend": {"serviceName": "s", "servicePort": 1}}]}}]},
    ),
    "a target in the metric": (
        "autoscaling/v2beta1",
        "HorizontalPodAutoscaler",
        {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"},
            "maxReplicas": 3,
            "metrics": [
                {"type": "Resource", "resource": {"name": "cpu", "targetAverageUtilization": 5}}
            ],
        },
    ),
    "a version that no table has": (
        "node.k8s.io/v1alpha1",
        "RuntimeClass",
        {"runtimeHandler": "runc"},
    ),
}


@pytest.mark.parametrize("name", OLD)
def test_an_object_at_a_version_that_is_gone_is_told_of_the_version_only(name: str) -> None:
    version, kind, spec = OLD[name]
    assert ids(audit(make(kind, "a", spec=spec) | {"apiVersion": version})) == ["OBJ-3"]


def test_a_webhook_of_v1beta1_has_the_defaults_of_its_version() -> None:
    client = {"url": "https://example.com/x"}
    hooks = make(
        "ValidatingWebhookConfiguration", "a", webhooks=[{"name": "a.b.c", "clientConfig": client}]
    )
    gone = hooks | {"apiVersion": "admissionregistration.k8s.io/v1beta1"}
    assert ids(audit(gone)) == ["OBJ-3"]
    assert ids(audit(hooks)) == ["OBJ-24"]


def test_the_pods_of_a_workload_at_a_version_that_is_gone_are_judged() -> None:
    pod = {"containers": [{"name": "C_", "image": "i"}]}
    old = make_workload("Deployment", "a", pod=pod) | {"apiVersion": "apps/v1beta2"}
    assert ids(audit(old)) == ["OBJ-3", "OBJ-5"]


def test_manifests_do_not_have_the_pods_of_the_control_plane() -> None:
    dns = {"selector": {"k8s-app": "kube-dns"}, "ports": [{"port": 53}]}
    cache = make_placed("DaemonSet", "cache", "kube-system")
    service = make("Service", "upstream", namespace="kube-system", spec=dns)
    budget = make(
        "PodDisruptionBudget",
        "dns",
        namespace="kube-system",
        spec={"maxUnavailable": 1, "selector": {"matchLabels": {"k8s-app": "kube-dns"}}},
    )
    report = audit(cache, service, budget)
    assert ids(report) == []
    assert "Service kube-system/upstream, PodDisruptionBudget kube-system/dns" in said(report)
    assert ids(audit(make_node(), cache, service)) == ["OBJ-13"]


def test_in_other_namespaces_a_service_has_its_pods_beside_it() -> None:
    service = make("Service", "s", spec={"selector": {"a": "b"}, "ports": [{"port": 53}]})
    assert ids(audit(make_workload("DaemonSet", "cache"), service)) == ["OBJ-13"]


def test_one_reference_is_one() -> None:
    mounted = {"volumes": [{"name": "v", "secret": {"secretName": "s"}}]}
    one = make_workload("Deployment", "a", pod=mounted)
    assert "1 reference to a Secret, of which" in said(audit(one))
    assert "2 references to Secrets, of which" in said(
        audit(one, make_workload("Deployment", "b", pod=mounted))
    )


def test_the_keys_of_one_thing_are_one_reference() -> None:
    items = [{"key": "a", "path": "a"}, {"key": "b", "path": "b"}]
    mounted = {"volumes": [{"name": "v", "configMap": {"name": "c", "items": items}}]}
    report = audit(make_workload("Deployment", "a", pod=mounted))
    assert "1 reference to a ConfigMap, of which" in said(report)


def make_set(volume: str, claim: str) -> Object:
    """Return a StatefulSet with a claim template `data` and a volume with a claim."""
    pod = {"volumes": [{"name": volume, "persistentVolumeClaim": {"claimName": claim}}]}
    template = {"metadata": {"name": "data"}, "spec": CLAIM}
    return make_workload("StatefulSet", "db", pod=pod, volumeClaimTemplates=[template])


CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}


@pytest.mark.parametrize("claim", ["data", "mine"])
def test_a_volume_that_a_claim_template_replaces_names_no_claim(claim: str) -> None:
    alone = audit(make_set("data", claim))
    assert (ids(alone), said(alone)) == ([], "")
    cluster = make_node(), make("PersistentVolumeClaim", "c", spec=CLAIM)
    assert "OBJ-7" not in ids(audit(*cluster, make_set("data", claim)))
    assert "OBJ-7" in ids(audit(*cluster, make_set("other", claim)))


def test_the_first_runtime_classes_are_told_when_they_went() -> None:
    old = make("RuntimeClass", "a", spec={}) | {"apiVersion": "node.k8s.io/v1alpha1"}
    [each] = audit(old).violations
    assert "not served since Kubernetes 1.24: write node.k8s.io/v1" in each.message
