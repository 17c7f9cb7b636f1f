"""Input that cannot be read is reported with file, object and field; the rest is still judged."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import audit, audit_bytes, ids, make, make_node, make_pod

from planespec.checker.errors import ExitCode
from planespec.spec.cluster import snapshot_judge
from planespec.spec.cluster.cluster_requirements import Violation, place_of
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.objects import ObjectError
from planespec.spec.requirement import Judge, Level, list_judges
from planespec.spec.schema.schema_judge import SHAPE

LOST = make_pod("lost", "n9")
"""A violation that every audit of this page must still find."""
GOOD = [make_node(), LOST]


def container(**fields: Any) -> dict[str, Any]:
    return {"container": fields}


def requests(cpu: object) -> dict[str, Any]:
    return container(resources={"requests": {"cpu": cpu}})


WRONG = {
    "metadata": make_pod("bad") | {"metadata": "x"},
    "metadata.name": make_pod("bad") | {"metadata": {"name": 5}},
    "metadata.labels.a": make_pod("bad", labels={"a": 1}),
    "metadata.ownerReferences[0]": make("Pod", "bad", ownerReferences=[3]),
    "kind": make_pod("bad") | {"kind": 7},
    "spec": make_pod("bad") | {"spec": [1]},
    "spec.containers": make_pod("bad", containers="x"),
    "spec.nodeName": make_pod("bad", nodeName=True, node=""),
    "spec.tolerations[0]": make_pod("bad", tolerations=[1]),
    "spec.priority": make_pod("bad", priority="high"),
    "spec.topologySpreadConstraints": make_pod("bad", topologySpreadConstraints=5),
    "spec.affinity.podAntiAffinity": make_pod("bad", affinity={"podAntiAffinity": "x"}),
    "spec.volumes[0].persistentVolumeClaim.claimName": make_pod(
        "bad", volumes=[{"persistentVolumeClaim": {"claimName": 4}}]
    ),
    "spec.containers[0].ports[0].hostPort": make_pod(
        "bad", **container(ports=[{"hostPort": "x"}])
    ),
    "spec.containers[0].env[1]": make_pod("bad", **container(env=[{"name": "A"}, 5])),
    "spec.containers[0].resources.requests.cpu": make_pod("bad", **requests("many")),
    "status": make_pod("bad", status=[]),
    "status.phase": make_pod("bad", status={"phase": 3}),
    "status.conditions[0]": make_pod("bad", status={"conditions": ["x"]}),
    "status.containerStatuses": make_pod("bad", status={"containerStatuses": {"a": 1}}),
    "status.allocatable.cpu": make("Node", "bad", status={"allocatable": {"cpu": "zz"}}),
    "spec.taints[0].timeAdded": make(
        "Node",
        "bad",
        spec={"taints": [{"key": "k", "effect": "NoSchedule", "timeAdded": {"a": {}}}]},
    ),
    "spec.taints": make("Node", "bad", spec={"taints": "x"}),
    "spec.selector": make("Service", "bad", spec={"selector": [1]}),
    "spec.ports[0].port": make("Service", "bad", spec={"ports": [{"port": "x"}]}),
    "spec.minAvailable": make("PodDisruptionBudget", "bad", spec={"minAvailable": [1]}),
    "spec.template.spec.containers": make(
        "Deployment", "bad", spec={"template": {"spec": {"containers": 3}}}
    ),
    "spec.claimRef.uid": make("PersistentVolume", "bad", spec={"claimRef": {"uid": 5}}),
    "data": make("ConfigMap", "bad", data=[1]),
}


UNREADABLE = ("metadata", "metadata.name", "kind")
"""Fields of which no schema speaks: without them an object is none."""


@pytest.mark.parametrize("field", WRONG)
def test_a_field_of_the_wrong_type_is_named_once(field: str) -> None:
    report = audit(GOOD[0], WRONG[field], LOST)
    breaches = [each.field for each in report.violations if each.requirement is SHAPE]
    unread = [each.field for each in report.malformed]
    if field in UNREADABLE:
        assert unread == [field]
        assert report.malformed[0].subject
    else:
        assert (breaches.count(field), unread) == (1, [])
    assert "SCHED-11" in ids(report)


def test_a_field_that_is_judged_late_is_read_early() -> None:
    claim = make("PersistentVolumeClaim", "bad", status={"phase": ["Bound"]})
    report = audit(GOOD[0], claim, LOST)
    found = [each for each in report.violations if each.requirement is SHAPE]
    assert [(str(each.objects[0]), each.field) for each in found] == [
        ("PersistentVolumeClaim default/bad", "status.phase")
    ]
    assert (ids(report), report.malformed) == (["OBJ-24", "SCHED-11"], [])


def test_a_field_that_is_read_only_when_judging_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(_: Cluster) -> Iterator[Violation]:
        raise ObjectError("spec.late", "must be a string, not an object")
        yield

    broken = Judge(Level.SNAPSHOT, judge, ())
    monkeypatch.setattr(snapshot_judge, "list_judges", lambda level: [broken, *list_judges(level)])
    report = audit(*GOOD)
    assert [each.field for each in report.malformed] == ["spec.late"]
    assert ids(report) == ["SCHED-11"]


ABSURD = ["9" * 100_000, [1], {}, True, "", "1e", "0x10"]


@pytest.mark.parametrize("cpu", ABSURD, ids=lambda cpu: str(cpu)[:8])
def test_an_absurd_quantity_is_named(cpu: object) -> None:
    report = audit(*GOOD, make_pod("bad", **requests(cpu)))
    assert [each.field for each in report.violations if each.requirement is SHAPE] == [
        "spec.containers[0].resources.requests.cpu"
    ]
    assert (ids(report), report.malformed) == (["OBJ-24", "SCHED-11"], [])


@pytest.mark.parametrize("cpu", ["1e999", "9223372036854775808", "-1"])
def test_a_quantity_no_machine_has_is_a_violation(cpu: str) -> None:
    assert "OBJ-5" in ids(audit(*GOOD, make_pod("bad", **requests(cpu))))


def as_list(broken: bytes) -> bytes:
    """A list with a broken item between two good ones."""
    node, pod = (json.dumps(each).encode() for each in GOOD)
    return b'{"kind": "List", "items": [%s,\n%s,\n%s]}' % (node, broken, pod)


BROKEN_JSON = {
    "nonsense": (b'{"kind": "Pod", nonsense}', "cannot be read from 'nonsense}"),
    "trailing comma": (b'{"kind": "Pod", "a": [1,]}', "is not JSON: it cannot be read from"),
    "not a number": (b'{"kind": "Pod", "metadata": {"name": "z"}, "x": NaN}', "NaN is not a JSON"),
    "bytes": (b'{"kind": "Pod", "metadata": {"name": "z\xff"}}', "is not UTF-8 text"),
    "nested": (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    "a number": (b"5", "must be an object, not an integer"),
    "a list": (b"[1]", "must be an object, not a list"),
    "a bare word": (b"nonsense", "cannot be read from 'nonsense,"),
    "a list as items": (b'{"kind": "PodList", "items": {"a": 1}}', "must be a list"),
    "a brace too many": (
        b'{"kind": "Secret", "metadata": {"name": "s"}}}',
        "cannot be read from '}",
    ),
    "a brace": (b"}", "cannot be read from '}"),
    "no kind": (b'{"metadata": {"name": "q"}}', "is missing"),
}


@pytest.mark.parametrize("name", BROKEN_JSON)
def test_the_items_around_a_broken_one_are_judged(name: str) -> None:
    item, message = BROKEN_JSON[name]
    report = audit_bytes(as_list(item))
    assert ids(report) == ["SCHED-11"]
    assert [each.place.line for each in report.malformed] == [2]
    assert message in report.malformed[0].message


@pytest.mark.parametrize("items", [b"null", b"[]"])
def test_a_list_may_be_empty(items: bytes) -> None:
    report = audit_bytes(b'{"kind": "PodList", "apiVersion": "v1", "items": %s}' % items)
    assert (report.malformed, report.exit_code) == ([], ExitCode.HOLDS)


def test_a_list_that_is_cut_off_is_judged_as_far_as_it_goes() -> None:
    report = audit_bytes(as_list(b"{}")[:-30])
    assert report.counts["Node"] == 1
    assert report.malformed
    assert report.exit_code is ExitCode.PARSE


def test_an_object_larger_than_an_api_server_takes_is_left_out() -> None:
    huge = make_pod("bad", containers=[{"name": "c", "image": "i"}] * 200_000)
    report = audit(GOOD[0], huge, LOST)
    assert "larger than an API server accepts" in report.malformed[0].message
    assert ids(report) == ["SCHED-11"]


@pytest.mark.slow
def test_a_list_of_100_megabytes_is_read() -> None:
    pods = b",".join(
        json.dumps(make_pod(f"p{number}", "", container={"args": ["x" * 5_000]})).encode()
        for number in range(20_000)
    )
    report = audit_bytes(as_list(pods))
    assert report.counts["Pod"] == 20_001
    assert ids(report) == ["SCHED-11"]


GOOD_YAML = b"".join(json.dumps(each).encode() + b"\n---\n" for each in GOOD)
BOMB = b'a: &a ["x", "x", "x", "x", "x", "x", "x", "x", "x"]\n' + b"".join(
    b"%c: &%c [%s]\n" % (name, name, b", ".join([b"*%c" % (name - 1)] * 9))
    for name in range(98, 110)
)
BROKEN_YAML = {
    "a cycle of anchors": (
        b"kind: Pod\nmetadata: &m\n  name: x\n  labels: *m\n",
        "the alias *m stands inside its own anchor",
    ),
    "a merge cycle": (b"a: &a\n  <<: *a\n", "stands inside its own anchor"),
    "aliases that multiply": (BOMB, "aliases make more than"),
    "brackets": (b"a: " + b"[" * 100_000, "nested more than"),
    "dashes": (b"- " * 50_000 + b"x\n", "nested more than"),
    "bytes": (b"kind: Pod\nmetadata:\n  name: \xff\xfe\n", "is not UTF-8 text"),
    "a tab": (b"kind: Pod\n\tmetadata: x\n", "is not YAML"),
    "infinity": (b"kind: Pod\nx: .inf\n", "JSON has no such number"),
    "a huge number": (b"kind: Pod\nx: " + b"9" * 5_000 + b"\n", "is no value of"),
    "a control character": (b"kind: Pod\x00\n", "is not YAML"),
    "a key that is a list": (b"? [a]\n: b\n", "a key is a list"),
    "a Python object": (
        b"kind: Pod\nmetadata: !!python/object/apply:os.getcwd []\n",
        "not a list",
    ),
}


@pytest.mark.parametrize("name", BROKEN_YAML)
def test_the_documents_around_a_broken_one_are_judged(name: str) -> None:
    text, message = BROKEN_YAML[name]
    # The space keeps the first bracket from telling that it is JSON.
    report = audit_bytes(b"# YAML\n" + GOOD_YAML + text)
    assert ids(report) == ["SCHED-11"]
    assert len(report.malformed) == 1
    assert message in report.malformed[0].message
    assert report.malformed[0].place.line > 4


def test_documents_may_be_ended_and_may_be_empty() -> None:
    text = b"---\n# nothing\n...\n" + GOOD_YAML.replace(b"---", b"...\n---") + b"...\n"
    report = audit_bytes(text)
    assert (ids(report), report.malformed) == (["SCHED-11"], [])
    assert [place.line for v in report.violations if (place := place_of(v))] == [7]


def test_the_items_of_a_printed_yaml_list_are_read_one_by_one() -> None:
    text = (
        b"apiVersion: v1\nitems:\n"
        b"- apiVersion: v1\n  kind: Node\n  metadata:\n    name: n1\n"
        b"- kind: Pod\n  metadata: {name: a\n"
        b"- kind: Pod\n  metadata:\n    name: b\n  spec:\n    nodeName: n9\n    containers:\n"
        b"    - name: c\n      image: i\n"
        b"kind: List\n"
    )
    report = audit_bytes(text)
    assert report.counts == {"Node": 1, "Pod": 1}
    assert [place.line for v in report.violations if (place := place_of(v))] == [9]
    assert [each.subject for each in report.malformed] == ["Pod a"]


def test_a_pod_that_is_told_apart_only_by_its_name_is_printed_safely() -> None:
    report = audit_bytes(
        b'kind: Pod\nmetadata: {name: "a\\e[31m"}\nspec: {containers: [{name: c, image: i}]}'
    )
    assert ids(report) == ["OBJ-2"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b"# nothing\n", b'{"a": 1}'])
def test_input_without_an_object_is_no_cluster_in_order(content: bytes) -> None:
    report = audit_bytes(content)
    assert [m.message for m in report.malformed] == ["holds no object of Kubernetes"]
    assert report.exit_code is ExitCode.PARSE


def test_a_list_that_lists_nothing_is_in_order() -> None:
    assert not audit_bytes(b'{"items": [], "kind": "PodList"}').malformed
    assert not audit_bytes(b"kind: PodList\nitems: []\n").malformed
