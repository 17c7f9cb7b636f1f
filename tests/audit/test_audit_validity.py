"""What the API server refuses: each fault once, and nothing where nothing is known."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import audit, audit_bytes, ids, make, make_node, make_pod, make_workload

FAULTS = b"""
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: default}
spec:
  restartPolicy: Sometimes
  containers:
  - {name: c, image: "registry.example/a:1", volumeMounts: [{name: nowhere, mountPath: /x}]}
  - {name: c, image: "registry.example/a:1"}
  - {name: Bad_Name, image: ""}
---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: default}
spec:
  tolerations: [{key: a, operator: Exists, value: b}]
  topologySpreadConstraints: [{maxSkew: 0, topologyKey: "", whenUnsatisfiable: DoNotSchedule}]
  affinity:
    podAntiAffinity:
      requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {a: b}}}]
  containers:
  - name: c
    image: "registry.example/a:1"
    ports: [{name: averyveryverylongportname, containerPort: 80}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: default}
spec:
  template:
    metadata: {labels: {app: d}}
    spec:
      restartPolicy: Never
      containers:
      - name: c
        image: "registry.example/a:1"
        resources: {limits: {cpu: 1, example.com/gpu: 1}, requests: {example.com/gpu: 2}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: e, namespace: default}
spec:
  schedule: "61 * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Always
          containers: [{name: c, image: "registry.example/a:1"}]
"""


def test_every_fault_of_a_file_is_found() -> None:
    report = audit_bytes(FAULTS)
    anti = "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]"
    assert {(each.objects[0].name, each.field) for each in report.violations} == {
        ("a", "spec.restartPolicy"),
        ("a", "spec.containers[0].volumeMounts[0].name"),
        ("a", "spec.containers[1].name"),
        ("a", "spec.containers[2].name"),
        ("a", "spec.containers[2].image"),
        ("b", "spec.tolerations[0].operator"),
        ("b", "spec.topologySpreadConstraints[0].maxSkew"),
        ("b", "spec.topologySpreadConstraints[0].topologyKey"),
        ("b", f"{anti}.topologyKey"),
        ("b", "spec.containers[0].ports[0].name"),
        ("d", "spec.selector"),
        ("d", "spec.template.spec.restartPolicy"),
        ("d", "spec.template.spec.containers[0].resources.requests"),
        ("e", "spec.schedule"),
        ("e", "spec.jobTemplate.spec.template.spec.restartPolicy"),
    }
    assert set(ids(report)) == {"OBJ-5", "OBJ-24", "OBJ-27"}


def test_pods_of_one_spec_are_told_of_once_in_each_namespace() -> None:
    pods = [make_pod(name, container={"image": ""}) for name in "abc"]
    other = make_pod("d", container={"image": ""})
    other["metadata"]["namespace"] = "other"
    report = audit(*pods, other)
    assert [each.objects[0].name for each in report.violations] == ["a", "d"]


def test_a_pod_that_has_ended_is_not_judged() -> None:
    status = {"phase": "Succeeded"}
    assert ids(audit(make_node(), make_pod("a", container={"image": ""}, status=status))) == []


def test_a_token_volume_of_the_server_is_a_volume_like_any_other() -> None:
    pods = [
        make_pod(
            name,
            volumes=[
                {
                    "name": f"kube-api-access-{name}",
                    "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]},
                }
            ],
            container={"volumeMounts": [{"name": f"kube-api-access-{name}", "mountPath": "/t"}]},
        )
        for name in "ab"
    ]
    assert ids(audit(make_node(), *pods)) == []


def test_a_broken_template_is_told_of_once_for_all_that_have_it() -> None:
    broken = {"containers": [{"name": "c", "image": ""}]}
    workloads = [make_workload(kind, "w", pod=broken) for kind in ("Deployment", "ReplicaSet")]
    report = audit(*workloads)
    refused = [each for each in report.violations if each.requirement.id == "OBJ-5"]
    assert [(each.field, each.message) for each in refused] == [
        ("spec.template.spec.containers[0].image", "Required value")
    ]


def test_what_a_support_bundle_hides_is_not_judged() -> None:
    node = make_node(spec={"podCIDRs": ["***HIDDEN***/25"]})
    assert ids(audit(node)) == []


def test_an_object_that_is_refused_is_not_called_unreadable_besides() -> None:
    spec = {"minAvailable": "lots", "selector": {"matchLabels": {"app": "w"}}}
    report = audit(make("PodDisruptionBudget", "b", spec=spec))
    assert report.malformed == []
    assert [each.field for each in report.violations] == ["spec.minAvailable"]


def test_volumes_of_a_stateful_set_are_those_of_its_claims_too() -> None:
    mount = {"name": "c", "image": "i", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claims = [{"metadata": {"name": "data"}, "spec": spec}]
    pod = {"containers": [mount]}
    whole = make_workload("StatefulSet", "w", pod=pod, volumeClaimTemplates=claims)
    assert ids(audit(whole)) == []
    [violation] = audit(make_workload("StatefulSet", "w", pod=pod)).violations
    assert violation.field == "spec.template.spec.containers[0].volumeMounts[0].name"
