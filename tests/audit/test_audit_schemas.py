"""Every object is judged by the schema of its kind: types, values, required and unknown fields."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import Object, audit, audit_bytes, ids, make, make_node, make_pod, make_workload

from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.field_lines import locate_field
from planespec.reports.audit.sources import audit_files
from planespec.reports.input.schema_files import load_published_kinds
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.schema.field_shapes import Shape, find_flaws
from planespec.spec.schema.published_kinds import Kind, get_unversioned
from planespec.spec.schema.schema_judge import SHAPE
from planespec.spec.schema.served_versions import REMOVED, list_served_errors

KINDS = load_published_kinds()
NEWEST = KINDS._open(KINDS.newest)
SERVED = sorted(
    kind for kind in NEWEST.names if not kind[2].endswith("List") and kind[2] != "WatchEvent"
)


def flaws(report: Report) -> dict[str, str]:
    """The findings by schema: by field what is said."""
    found = [each for each in report.violations if each.requirement.id in ("OBJ-24", "OBJ-25")]
    return {each.field: each.message for each in found}


WRONG_TYPES = b"""
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, annotations: {example.com/enabled: true}}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      containers:
      - name: c
        image: registry.example/a:1
        env:
        - {name: PORT, value: 8080}
        - {name: DEBUG, value: yes}
        args: ["--port", 8080]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cm}
data: {port: 8080, on: yes}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cm2}
data:
  nested: {a: b}
---
apiVersion: v1
kind: Secret
metadata: {name: s}
data: {password: "not base64!"}
---
apiVersion: v1
kind: Pod
metadata: {name: b, labels: {version: 1.0, beta: on}}
spec:
  containers: [{name: c, image: i, ports: [{containerPort: "8080"}]}]
  terminationGracePeriodSeconds: "30"
"""


def test_values_that_yaml_reads_as_another_type_are_named() -> None:
    report = audit_bytes(WRONG_TYPES)
    assert set(flaws(report)) == {
        "metadata.annotations[example.com/enabled]",
        "spec.template.spec.containers[0].env[0].value",
        "spec.template.spec.containers[0].env[1].value",
        "spec.template.spec.containers[0].args[1]",
        "data.port",
        "data.true",
        "data.nested",
        "data.password",
        "metadata.labels.version",
        "metadata.labels.beta",
        "spec.containers[0].ports[0].containerPort",
        "spec.terminationGracePeriodSeconds",
    }
    assert report.malformed == []
    assert flaws(report)["data.true"].endswith("not the boolean true; in YAML, quote it")


NUMBERS = b"""
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  terminationGracePeriodSeconds: 1:00
  containers:
  - name: c
    image: i
    ports: [{containerPort: 0o120}, {containerPort: 0x1F90}, {containerPort: 1_000}]
    resources: {requests: {cpu: 1e-1, memory: 1e9}}
  volumes:
  - {name: v, emptyDir: {sizeLimit: 1.5Gi}}
  - {name: w, configMap: {name: cm, defaultMode: 0644, optional: true}}
"""


def test_forms_of_numbers_are_taken_and_base_60_is_a_text() -> None:
    assert list(flaws(audit_bytes(NUMBERS))) == ["spec.terminationGracePeriodSeconds"]


def list_paths(shape: Shape, depth: int = 0) -> Iterator[tuple[str, Shape, Any]]:
    """Yield every field that can be reached without a circle: path, shape, and how to wrap it."""
    for name, below in shape.fields.items():
        yield name, below, lambda value, name=name: {name: value}
        if depth < 6:
            for path, inner, wrap in list_paths(below, depth + 1):
                yield f"{name}.{path}", inner, lambda v, n=name, w=wrap: {n: w(v)}
    if shape.items is not None and depth < 6:
        for path, inner, wrap in list_paths(shape.items, depth + 1):
            yield f"[0].{path}", inner, lambda v, w=wrap: [w(v)]


WRONG_VALUES = {
    "string": 7,
    "base64": "no base64",
    "time": "yesterday",
    "integer": "7",
    "number": "x",
    "boolean": "true",
    "object": [],
    "list": {},
    "int-or-string": 1.5,
    "quantity": "many",
}


@pytest.mark.parametrize("kind", SERVED, ids="/".join)
def test_a_value_of_the_wrong_type_is_found_in_every_field_of_every_kind(kind: Kind) -> None:
    shape = KINDS.find(kind)
    assert shape is not None
    for path, below, wrap in list_paths(shape, 3):
        if below.kind == "any":
            continue
        field = path.replace(".[0]", "[0]")
        found = [each.field for each in find_flaws(shape, wrap(WRONG_VALUES[below.kind]))]
        assert field in found, field


@pytest.mark.parametrize("kind", SERVED, ids="/".join)
def test_a_field_that_is_misspelt_is_found_in_every_kind(kind: Kind) -> None:
    shape = KINDS.find(kind)
    assert shape is not None
    for name, below in shape.fields.items():
        if below.kind != "object" or not below.fields:
            continue
        found = list(find_flaws(shape, {name: {"specc": 1}}))
        assert [each.field for each in found if each.is_unknown] == [f"{name}.specc"]


def test_the_values_of_every_enumeration_are_of_a_field_there_is() -> None:
    definitions = KINDS._load(KINDS.newest)
    fields = {
        (get_unversioned(name), field)
        for name, each in definitions.items()
        for field in each.get("properties", {})
    }
    named = {(name, field) for name, each in ENUMERATIONS.items() for field in each}
    assert named <= fields


ENUMERATED = {
    "spec.restartPolicy": make_pod("a", restartPolicy="Sometimes"),
    "spec.dnsPolicy": make_pod("a", dnsPolicy="clusterFirst"),
    "spec.containers[0].imagePullPolicy": make_pod("a", container={"imagePullPolicy": "always"}),
    "spec.tolerations[0].operator": make_pod("a", tolerations=[{"operator": "exists"}]),
    "spec.type": make("Service", "s", spec={"type": "Nodeport", "ports": [{"port": 1}]}),
    "spec.ports[0].protocol": make("Service", "s", spec={"ports": [{"port": 1, "protocol": "t"}]}),
    "spec.strategy.type": make_workload("Deployment", "d", strategy={"type": "Rolling"}),
    "spec.accessModes[0]": make("PersistentVolumeClaim", "c", spec={"accessModes": ["RWO"]}),
    "roleRef.kind": make("RoleBinding", "b", roleRef={"kind": "role", "name": "r"}),
    "spec.policyTypes[0]": make("NetworkPolicy", "n", spec={"policyTypes": ["ingress"]}),
    "volumeBindingMode": make("StorageClass", "c", provisioner="p", volumeBindingMode="Later"),
}


@pytest.mark.parametrize("field", ENUMERATED)
def test_a_value_that_is_none_of_the_supported_ones_is_named_with_them(field: str) -> None:
    found = flaws(audit(ENUMERATED[field]))
    assert list(found) == [field]
    assert "supported values: " in found[field]


def test_a_boolean_is_no_number_and_a_fraction_of_zero_is_none() -> None:
    assert list(flaws(audit(make_pod("a", priority=True)))) == ["spec.priority"]
    assert list(flaws(audit(make_pod("a", priority=1.5)))) == ["spec.priority"]
    assert list(flaws(audit(make_pod("a", priority=2**31)))) == ["spec.priority"]
    assert flaws(audit(make_pod("a", priority=3.0))) == {}


def test_an_empty_text_gets_the_default() -> None:
    assert flaws(audit(make_pod("a", restartPolicy=""))) == {}


@pytest.mark.parametrize(
    ("thing", "field"),
    [
        (make("Deployment", "d", spec={"selector": {}}), "spec.template"),
        (make("Deployment", "d"), "spec"),
        (make_pod("a", container={"env": [{"value": "x"}]}), "spec.containers[0].env[0].name"),
        (make("StorageClass", "c"), "provisioner"),
        (make("RoleBinding", "b", subjects=[{"kind": "User"}]), "subjects[0].name"),
        (make("PersistentVolume", "v", spec={"csi": {"driver": "d"}}), "spec.csi.volumeHandle"),
    ],
)
def test_a_required_field_that_is_missing_is_named(thing: Object, field: str) -> None:
    assert flaws(audit(thing))[field] == "Required value"


def test_what_the_server_fills_in_or_does_without_is_not_required() -> None:
    node = make("Node", "n", status={"conditions": [{"type": "Ready"}], "nodeInfo": {}})
    limits = make("LimitRange", "l", spec={})
    null = make_pod("a", nodeSelector=None, tolerations=[None], container={"command": None})
    assert flaws(audit(node, limits, null)) == {}


def test_a_field_that_is_misspelt_is_told_with_the_one_that_is_meant() -> None:
    found = flaws(audit(make_pod("a", container={"imagePullpolicy": "Always"})))
    expected = "unknown field; is imagePullPolicy meant?"
    assert found == {"spec.containers[0].imagePullpolicy": expected}


def test_a_field_of_an_earlier_release_is_no_mistake() -> None:
    resizing = make("PersistentVolumeClaim", "c", spec={}, status={"resizeStatus": "x"})
    service = make("Service", "s", spec={"ports": [{"port": 1}], "topologyKeys": ["*"]})
    assert flaws(audit(resizing, service)) == {}


def test_what_many_objects_have_wrong_is_told_once_with_all_of_them() -> None:
    pods = [make_pod(name, f"n{name}", restartPolicy="Sometimes") for name in "abc"]
    found = [each for each in audit(*pods).violations if each.requirement.id == "OBJ-24"]
    assert [[each.name for each in found.objects] for found in found] == [["a", "b", "c"]]


def test_a_value_of_another_type_where_objects_differ_is_found() -> None:
    same = {"status": {"phase": "Running"}}
    pods = [make_pod("a", **same), make_pod("b", nodeName=[7], node="", **same)]
    found = [each for each in audit(*pods).violations if each.requirement.id == "OBJ-24"]
    assert [(each.field, each.objects[0].name) for each in found] == [("spec.nodeName", "b")]


def test_a_fault_is_said_once_whoever_else_finds_it() -> None:
    report = audit(make("Deployment", "d", spec={"selector": {}, "template": {"spec": {}}}))
    fields = [each.field for each in report.violations]
    assert fields.count("spec.template.spec.containers") == 1
    assert report.malformed == []


def test_findings_name_the_line_of_the_field(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n"
        "    name: a\n  data:\n    x: 1\nkind: List\n---\napiVersion: v1\nkind: ConfigMap\n"
        "metadata: {name: b}\ndata:\n  z: yes\n"
    )
    (tmp_path / "b.json").write_text(
        '{"kind": "List", "items": [\n{"apiVersion": "v1", "kind": "ConfigMap",\n'
        '"metadata": {"name": "c"},\n"data": {"y": "{",\n"x": 1}}]}'
    )
    report = audit_files([str(tmp_path)])
    places = [locate_field(each) for each in report.violations if each.requirement is SHAPE]
    assert [place and place.line for place in places] == [8, 15, 5]


def test_every_version_that_is_gone_is_known_with_the_release_and_what_is_served() -> None:
    last = {kind: name for name in KINDS._names for kind in KINDS._open(name).names}
    gone = {
        (f"{group}/{version}", kind): f"1.{int(name[2:]) + 1}"
        for (group, version, kind), name in last.items()
        if name != KINDS.newest and not kind.endswith("List")
    }
    left_out = ("DeleteOptions", "Status", "WatchEvent")
    for (version, kind), release in gone.items():
        if kind not in left_out:
            assert REMOVED[version, kind].release == release, (version, kind)
    for (_, kind), removal in REMOVED.items():
        group, _, version = removal.replacement.rpartition("/")
        assert not version or (group, version, kind) in NEWEST.names, (kind, removal)


@pytest.mark.parametrize(
    ("version", "kind", "release"),
    [
        ("apps/v1beta1", "Deployment", "1.16"),
        ("extensions/v1beta1", "NetworkPolicy", "1.16"),
        ("extensions/v1beta1", "Ingress", "1.22"),
        ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "1.22"),
        ("storage.k8s.io/v1beta1", "CSIDriver", "1.22"),
        ("apps/v1beta1", "ReplicaSet", "1.16"),
        ("rbac.authorization.k8s.io/v1alpha1", "Role", "1.23"),
        ("scheduling.k8s.io/v1alpha1", "PriorityClass", "1.23"),
        ("batch/v1beta1", "CronJob", "1.25"),
        ("policy/v1beta1", "PodSecurityPolicy", "1.25"),
        ("autoscaling/v2beta1", "HorizontalPodAutoscaler", "1.25"),
    ],
)
def test_what_was_gone_before_the_releases_described_is_known_from_the_guide(
    version: str, kind: str, release: str
) -> None:
    assert REMOVED[version, kind].release == release


def test_what_a_later_release_removes_is_served_by_the_one_objects_are_held_to() -> None:
    assert REMOVED["certificates.k8s.io/v1alpha1", "ClusterTrustBundle"].release == "1.37"
    assert list_served_errors("ClusterTrustBundle", "certificates.k8s.io/v1alpha1") == []
    assert REMOVED["scheduling.k8s.io/v1alpha1", "Workload"].release == "1.36"
    assert list_served_errors("Workload", "scheduling.k8s.io/v1alpha1") != []


def test_a_version_that_is_gone_is_told_with_its_replacement_and_not_judged_further() -> None:
    old = make("Deployment", "d") | {"apiVersion": "extensions/v1beta1"}
    report = audit(old)
    served = [each.message for each in report.violations if each.requirement.id == "OBJ-3"]
    assert served == [
        "extensions/v1beta1 Deployment is not served since Kubernetes 1.16: "
        "write apps/v1, served since 1.9"
    ]
    assert flaws(report) == {}
    assert list_served_errors("PodSecurityPolicy", "policy/v1beta1")[0].endswith(
        "1.25: nothing replaces it"
    )
    assert list_served_errors("ValidatingAdmissionPolicy", "admissionregistration.k8s.io/v1") == []


@pytest.mark.parametrize(
    ("version", "kind", "advice"),
    [
        ("v1", "Deployment", "write apps/v1"),
        ("apps/v1", "Pod", "write v1"),
        ("apps/v1", "Deploymnet", "is Deployment meant?"),
        ("v1", "pod", "is Pod meant?"),
        ("batch/v1beta1", "Job", "write batch/v1"),
    ],
)
def test_a_kind_at_a_version_that_never_had_it_is_told(
    version: str, kind: str, advice: str
) -> None:
    report = audit(make(kind, "x", spec={}) | {"apiVersion": version})
    (found,) = [each for each in report.violations if each.requirement.id == "OBJ-3"]
    assert found.message.endswith(f"serves {version} {kind}; {advice}")


@pytest.mark.parametrize("version", ["v1", "cert-manager.io/v1", "route.openshift.io/v1"])
def test_a_kind_without_a_schema_is_not_judged_and_that_is_said(version: str) -> None:
    report = audit(make("Route", "x", spec={"anything": 1}) | {"apiVersion": version})
    assert report.violations == []
    expected = f"the fields of 1 object of kind Route of {version}: the input has no definition"
    assert [each.startswith(expected) for each in report.unjudged] == [True]


def test_a_snapshot_in_order_has_no_finding() -> None:
    assert ids(audit(make_node(), make_pod("a"))) == []
