"""Pods made of templates are stored as the recorded cluster of a real deployment stored them."""

import json
import re
from pathlib import Path
from typing import Any

from planespec.reports.fit.reading import read_objects
from planespec.reports.judge.runner import differences
from planespec.spec.admission.object_chain import admit_object
from planespec.spec.admission.pod_chain import Circumstances
from planespec.spec.objects.object_store import Store
from planespec.spec.scheduling.attempts.known_cluster import KnownCluster

CLUSTER = Path(__file__).parent.parent / "recorded" / "openim-cluster"
DOWNSTREAM = {
    "configMap": {
        "name": "openshift-service-ca.crt",
        "items": [{"key": "service-ca.crt", "path": "service-ca.crt"}],
    }
}
"""What the recorded server projects beside the token of every pod."""
GENERATED = re.compile(r"kube-api-access-\w{5}")


def find_template(store: Store, pod: dict[str, Any]) -> dict[str, Any] | None:
    """The template of the ReplicaSet that made a pod."""
    for owner in pod["metadata"].get("ownerReferences", []):
        namespace = pod["metadata"]["namespace"]
        found = store.find_named("ReplicaSet", namespace, owner["name"])
        if owner["kind"] == "ReplicaSet" and found is not None:
            return dict(found.to_json()["spec"]["template"])
    return None


def with_one_name(spec: Any) -> Any:
    return json.loads(GENERATED.sub("kube-api-access", json.dumps(spec)))


def test_pods_of_templates_are_stored_as_they_were() -> None:
    store = read_objects([str(CLUSTER / "objects.json.gz"), str(CLUSTER / "rbac.json.gz")])
    known, compared, wrong = KnownCluster(store), 0, list[Any]()
    for stored in list(store.list("Pod")):
        pod = stored.to_json()
        template = find_template(store, pod)
        if template is None:
            continue
        meta = {"name": "new", "labels": template["metadata"]["labels"]}
        made = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]}
        given = Circumstances(pod["metadata"]["namespace"], more_sources=(DOWNSTREAM,))
        course = admit_object(known, made, given)
        actual = with_one_name(course.object["spec"])
        expected = {k: v for k, v in with_one_name(pod["spec"]).items() if k != "nodeName"}
        wrong += list(differences(expected, actual))
        compared += course.refusal is None
    assert wrong == []
    assert compared > 20
