"""An audit keeps every field of every object, and tells objects of different groups apart."""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import audit, audit_bytes, ids, make, make_node, make_pod, make_workload

from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.references import list_templates
from planespec.spec.objects import View

FIELDS: dict[str, Any] = {
    "hostPID": True,
    "securityContext": {"runAsNonRoot": True},
    "ephemeralContainers": [{"name": "debug"}],
    "activeDeadlineSeconds": 7,
}
"""Fields of a pod spec that no requirement of today asks for."""


def read(*objects: dict[str, Any]) -> Cluster:
    cluster = Cluster()
    for each in objects:
        cluster.add(each, None)
    return cluster


def test_a_new_requirement_can_read_any_field_of_a_pod_and_of_a_template() -> None:
    cluster = read(make_pod("a", **FIELDS), make_workload("Deployment", "web", pod=FIELDS))
    for _, template, _ in list_templates(cluster):
        spec = template.pod.spec
        assert spec.flag("hostPID")
        assert spec.view("securityContext").flag("runAsNonRoot")
        assert spec.views("ephemeralContainers")[0].text("name") == "debug"
        assert spec.integer("activeDeadlineSeconds") == 7
    assert cluster.pods[0].pod.data == make_pod("a", **FIELDS)


def test_pods_of_one_spec_share_a_template_and_others_do_not() -> None:
    first, second, third = read(
        make_pod("a", "n1"), make_pod("b", "n2"), make_pod("c", "n1", hostPID=True)
    ).pods
    assert first.template is second.template
    assert first.template is not third.template
    assert first.requests is second.requests
    assert [each.pod.node_name for each in (first, second)] == ["n1", "n2"]


def test_everything_of_any_object_is_kept() -> None:
    config = make("ConfigMap", "c", data={"key": "value"}) | {"immutable": True}
    stored = read(config).store.find_named("ConfigMap", "default", "c")
    assert stored is not None
    assert stored.to_json() == config
    assert View(stored).flag("immutable")


def test_a_token_volume_is_the_business_of_the_api_server() -> None:
    source = {"configMap": {"name": "openshift-service-ca.crt"}}
    volume = {"name": "kube-api-access-x1", "projected": {"sources": [source]}}
    other = make("ConfigMap", "other")
    assert ids(audit(other, make_node(), make_pod("a", volumes=[volume]))) == []
    named = {**volume, "name": "mine"}
    assert ids(audit(other, make_node(), make_pod("a", volumes=[named]))) == ["OBJ-6"]


def test_kinds_of_other_groups_are_other_objects_and_not_judged_by_rules_of_kubernetes() -> None:
    service = make("Service", "web", spec={"ports": [{"port": 80}]})
    knative = make("Service", "web", spec={"template": {}})
    knative["apiVersion"] = "serving.knative.dev/v1"
    report = audit(service, knative)
    assert (ids(report), report.counts) == (
        [],
        {"Service": 1, "Service.serving.knative.dev": 1},
    )
    assert ids(audit(service, service)) == ["OBJ-1"]


def test_a_moved_group_is_the_same_object() -> None:
    ingress = make("Ingress", "web", spec={})
    old, new = ({**ingress, "apiVersion": f"{group}/v1"} for group in ("extensions", "n"))
    new["apiVersion"] = "networking.k8s.io/v1"
    assert "OBJ-1" in ids(audit(old, new))


def test_an_empty_list_tells_that_there_is_none() -> None:
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = make("PersistentVolumeClaim", "c", spec={"storageClassName": "fast", **wanted})
    empty = {"apiVersion": "v1", "kind": "StorageClassList", "items": []}
    assert ids(audit(claim)) == []
    text = json.dumps(empty) + json.dumps(claim)
    assert ids(audit_bytes(text.encode())) == ["OBJ-15"]
