"""Objects in the shapes in which tools and people keep them, and what is no object at all."""

import io
import json
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import Object, make, make_node, make_pod, make_workload

from planespec.checker.errors import ExitCode
from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.sources import audit_files
from planespec.reports.cli.main import run

NODE, LOST = make_node(), make_pod("lost", "n9")
"""A pod that is on a node that is gone: SCHED-11."""


def bare(item: Object) -> Object:
    """An object as it stands in a typed list."""
    return {name: part for name, part in item.items() if name not in ("kind", "apiVersion")}


def listed(kind: str, *items: Object) -> Object:
    return {"kind": kind, "apiVersion": "v1", "metadata": {}, "items": [bare(i) for i in items]}


def put(folder: Path, files: dict[str, str | bytes]) -> list[str]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [str(folder)]


def audit(folder: Path, files: dict[str, str | bytes]) -> Report:
    return audit_files(put(folder / "in", files))


def ids(report: Report) -> list[str]:
    return [each.requirement.id for each in report.violations]


LISTS = [listed("NodeList", NODE), listed("PodList", LOST)]
EXPORT = {
    "pods": [bare(LOST)],
    "nodes": [bare(NODE)],
    "pvs": [],
    "pvcs": None,
    "storageClasses": [],
    "schedulerConfig": {"kind": "KubeSchedulerConfiguration"},
}
START = "==== START logs for container c of pod default/lost ====\n"
END = "==== END logs for container c of pod default/lost ====\n"
DUMP = (
    json.dumps(LISTS[0], indent=4)
    + "\n"
    + json.dumps({"kind": "EventList", "apiVersion": "v1", "items": []}, indent=4)
    + f'\n{START}starting {{"level": "info"}}\n{{"a": 1}}\n{END}'
    + json.dumps(LISTS[1], indent=4)
    + f"\n{START}{END}Cluster info dumped to standard output\n"
)
TABLE = {
    "kind": "Table",
    "apiVersion": "meta.k8s.io/v1",
    "columnDefinitions": [{"name": "Name"}],
    "rows": [{"cells": ["lost"], "object": LOST}, {"cells": ["n1"], "object": NODE}],
}
BOTH = json.dumps({"kind": "List", "apiVersion": "v1", "items": [NODE, LOST]})
SHAPES: dict[str, dict[str, str | bytes]] = {
    "typed lists": {"a.json": "".join(map(json.dumps, LISTS))},
    "typed lists in YAML": {"a.yaml": yaml.safe_dump_all(LISTS)},
    "a typed list in YAML, kind last": {
        "a.yaml": yaml.safe_dump(LISTS[0]),
        "b.yaml": "apiVersion: v1\n"
        + yaml.safe_dump({"items": LISTS[1]["items"]})
        + "kind: PodList\n",
    },
    "what jq took out of lists": {"a.json": "".join(json.dumps(bare(i)) for i in (NODE, LOST))},
    "an array": {"a.json": json.dumps([NODE, LOST])},
    "arrays named after resources": {
        "cluster-resources/nodes.json": json.dumps([bare(NODE)]),
        "cluster-resources/pods/default.json": json.dumps([bare(LOST)]),
    },
    "items without a kind": {"nodes.json": json.dumps({"items": [bare(NODE)]}), "p.json": BOTH},
    "the scheduler simulator": {"export.json": json.dumps(EXPORT)},
    "members with lists": {"all.json": json.dumps({"Nodes": LISTS[0], "Pods": LISTS[1]})},
    "a dump": {"dump.json": DUMP},
    "a table with objects": {"a.json": json.dumps(TABLE)},
    "a warning before": {"a.json": f"Warning: v1 ComponentStatus is deprecated in v1.19+\n{BOTH}"},
    "a refusal between": {
        "a.json": f"{json.dumps(NODE)}\nError from server (Forbidden): secrets is forbidden\n"
        f"W0101 00:00:00.000000    1 warnings.go:70] old\n{json.dumps(LOST)}\n"
    },
    "a warning before YAML": {"a.yaml": f"Warning: old\nW0101 00:00:00.1 x] y\n---\n{BOTH}"},
    "a must-gather": {
        "quay-io-x/cluster-scoped-resources/core/nodes/n1.yaml": "---\n" + yaml.safe_dump(NODE),
        "quay-io-x/namespaces/default/core/pods.yaml": "---\n" + yaml.safe_dump(LISTS[1]),
        "quay-io-x/namespaces/default/pods/lost/c/logs/current.log": "2026 started\n",
        "quay-io-x/.hidden/x.json": "{",
        "version": "x",
    },
}


def as_tar(files: dict[str, str | bytes], mode: str = "w:gz") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:  # type: ignore[call-overload]
        for name, text in files.items():
            data = text if isinstance(text, bytes) else text.encode()
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return target.getvalue()


def as_zip(files: dict[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return target.getvalue()


PACKERS: dict[str, Callable[[dict[str, str | bytes]], bytes]] = {
    "a.tar.gz": as_tar,
    "a.tar": lambda files: as_tar(files, "w"),
    "a.zip": as_zip,
    "named like nothing": as_tar,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_objects_of_a_shape_are_read(shape: str, tmp_path: Path) -> None:
    report = audit(tmp_path, SHAPES[shape])
    if shape == "items without a kind":
        report.violations = [each for each in report.violations if each.requirement.id != "OBJ-1"]
    assert (report.malformed, ids(report)) == ([], ["SCHED-11"])
    assert report.mode == "cluster"


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("shape", ["a must-gather", "typed lists"])
def test_an_archive_is_read_like_its_folder(packer: str, shape: str, tmp_path: Path) -> None:
    path = tmp_path / packer
    path.write_bytes(PACKERS[packer](SHAPES[shape]))
    report = audit_files([str(path)])
    assert (report.malformed, ids(report)) == ([], ["SCHED-11"])
    place = report.violations[0].objects[0].place
    assert place is not None
    assert place.file.startswith(f"{path}/")


@pytest.mark.parametrize("packer", PACKERS)
def test_an_archive_through_a_pipe_is_read(packer: str) -> None:
    pipe = io.BufferedReader(Pipe(PACKERS[packer](SHAPES["typed lists"])))
    assert ids(audit_files(["-"], pipe)) == ["SCHED-11"]


class Pipe(io.RawIOBase):
    """Bytes that can be read once."""

    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._stream.readinto(buffer)


def test_an_archive_that_is_cut_off_is_told_and_read_so_far(tmp_path: Path) -> None:
    files = {"a.json": json.dumps(NODE), "b.json": json.dumps(make_pod("x" * 63)) * 50}
    for name, pack in PACKERS.items():
        data = pack(files)
        path = tmp_path / name
        path.write_bytes(data[: len(data) * 2 // 3])
        report = audit_files([str(path)])
        assert report.exit_code is ExitCode.PARSE
        assert "unpacked" in report.malformed[0].message


def test_a_log_in_an_archive_is_followed(tmp_path: Path) -> None:
    target = {"resource": "pods", "name": "p", "namespace": "d", "subresource": "binding"}
    events = [
        {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "auditID": node,
            "stage": "ResponseComplete",
            "verb": "create",
            "objectRef": target,
            "responseStatus": {"code": 201},
            "requestObject": {"target": {"name": node}},
        }
        for node in ("n1", "n2")
    ]
    text = "\n".join(map(json.dumps, events))
    path = tmp_path / "a.tar.gz"
    path.write_bytes(as_tar({"audit_logs/audit.log": text, "n.json": BOTH, "pod.log": "I am up"}))
    report = audit_files([str(path)])
    assert sorted(ids(report)) == ["SCHED-1", "SCHED-11"]
    assert report.malformed == []


TOOLS: dict[str, tuple[str, str]] = {
    "kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n",
        "files of kustomize",
    ),
    "sub/kustomization.yml": ("resources: [a.yaml]\n", "files of kustomize"),
    "component.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
        "files of kustomize",
    ),
    "Chart.yaml": ("apiVersion: v2\nname: web\nversion: 1.0.0\n", "files of a chart"),
    "values.yaml": ("image: {tag: 1}\nreplicas: 2\n", "values of a chart"),
    "values-prod.yaml": ("pods: [{metadata: {name: a}}]\n", "values of a chart"),
    "config.yaml": ("apiVersion: v1\nkind: Config\nclusters: []\n", "Config of v1"),
    "kind.yaml": ("apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodes: []\n", "other tools"),
    "policy.yaml": ("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n", "other tools"),
    "settings.json": ('{"a": 1}', "documents without an object"),
    "table.json": (
        json.dumps({**TABLE, "rows": [{"cells": ["a"]}]}),
        "answers of the API server without objects: Table",
    ),
    "status.json": (
        '{"kind": "Status", "status": "Failure", "message": "no pods for you"}',
        "without objects: no pods for you",
    ),
    "resources.json": ('{"kind": "APIResourceList", "resources": []}', "APIResourceList"),
    "metadata.json": (
        json.dumps({"kind": "PartialObjectMetadata", "metadata": {"name": "a"}}),
        "PartialObjectMetadata",
    ),
    "named.yaml": ("apiVersion: v1\nkind: Pod\nmetadata: {name: '${APP}-x'}\n", "placeholders"),
    "number.yaml": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: '${N}', "
        "selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, "
        "spec: {containers: [{name: c, image: i}]}}}\n",
        "placeholders",
    ),
}


@pytest.mark.parametrize("name", TOOLS)
def test_what_is_no_object_is_passed_over_with_one_line(name: str, tmp_path: Path) -> None:
    text, what = TOOLS[name]
    report = audit(tmp_path, {"a.json": BOTH, name: text})
    assert (report.malformed, ids(report)) == ([], ["SCHED-11"])
    [line] = [each for each in report.unjudged if name in each]
    assert what in line


def test_a_fault_beside_a_placeholder_is_a_fault(tmp_path: Path) -> None:
    bad = make_workload("Deployment", "a", replicas="3", pod={"nodeSelector": {"a": "${X}"}})  # type: ignore[arg-type]
    report = audit(tmp_path, {"a.json": json.dumps(bad)})
    assert [(each.requirement.id, each.field) for each in report.violations] == [
        ("OBJ-24", "spec.replicas")
    ]
    assert report.exit_code is ExitCode.SAFETY


def test_two_of_a_sort_are_one_line(tmp_path: Path) -> None:
    text = TOOLS["kustomization.yaml"][0]
    files = {f"{folder}/kustomization.yaml": text for folder in "abcdefgh"}
    report = audit(tmp_path, {"a.json": BOTH, **files})
    [line] = [each for each in report.unjudged if "kustomize" in each]
    assert line.endswith("and 3 more)")


def test_input_without_any_object_is_told(tmp_path: Path) -> None:
    for name, (text, _) in TOOLS.items():
        report = audit(tmp_path / name.replace("/", "-"), {name: text})
        if name == "number.yaml":
            assert report.exit_code is ExitCode.UNKNOWN
            continue
        assert report.exit_code is ExitCode.PARSE
        assert "holds no object of Kubernetes" in report.malformed[0].message


TEMPLATES = {
    "a directive": "{{- if .Values.web }}\napiVersion: v1\nkind: Pod\n{{- end }}\n",
    "a value": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-web\n",
    "an included block": (
        'apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    {{- include "l" . | nindent 4 }}\n'
    ),
    "quoted values": (
        'apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {x: "{{ .Values.x }}"}}\n'
    ),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_of_helm_are_refused_with_advice_once(name: str, tmp_path: Path) -> None:
    text = TEMPLATES[name] + "---\napiVersion: v1\nkind: Service\nmetadata: {name: x}\n"
    files = {f"web/templates/{each}.yaml": text for each in "abc"}
    report = audit(tmp_path, {"a.json": BOTH, **files})
    [refused] = report.malformed
    assert "helm template" in refused.message
    assert refused.place.file.endswith("web/templates/a.yaml")
    assert ids(report) == ["SCHED-11"]
    assert audit(tmp_path / "b", files).exit_code is ExitCode.PARSE


def test_text_in_an_object_that_looks_like_a_template_is_text(tmp_path: Path) -> None:
    data = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
        "data:\n  t: |\n    {{- if .Values.x }}\n"
    )
    rule = (
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: r}\n"
        "spec: {groups: [{rules: [{annotations: {summary: '{{ $labels.pod }} is down'}}]}]}\n"
    )
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: h}\n"
        "spec: {values: {a: '{{ .Values.x }}'}}\n"
    )
    report = audit(tmp_path, {"a.yaml": data, "b.yaml": rule, "c.yaml": release})
    assert (report.malformed, ids(report)) == ([], [])
    assert report.counts == {
        "ConfigMap": 1,
        "PrometheusRule.monitoring.coreos.com": 1,
        "HelmRelease.helm.toolkit.fluxcd.io": 1,
    }


def seen(revision: str, node: str = "n1", uid: str = "u", phase: str = "Running") -> Object:
    pod = make_pod("a", node, uid=uid, status={"phase": phase})
    pod["metadata"]["resourceVersion"] = revision
    return pod


@pytest.mark.parametrize("turn", [1, -1])
def test_of_one_object_at_two_times_the_newer_counts(turn: int, tmp_path: Path) -> None:
    times = [seen("100", phase="Failed"), seen("20", phase="Pending")][::turn]
    files = {f"{n}.json": json.dumps(each) for n, each in enumerate(times)}
    report = audit(tmp_path, {**files, "n.json": json.dumps(NODE)})
    assert (ids(report), report.counts["Pod"]) == (["STAT-5"], 1)
    assert any("two times" in each for each in report.unjudged)


def test_many_objects_may_be_seen_at_two_times(tmp_path: Path) -> None:
    first = [seen("1", uid=f"u{n}") | {"metadata": {**seen("1")["metadata"], "name": f"p{n}",
             "uid": f"u{n}"}} for n in range(6)]  # fmt: skip
    second = [json.loads(json.dumps(each).replace('"1"', '"2"')) for each in first[::2]]
    report = audit(tmp_path, {"a.json": json.dumps(first), "b.json": json.dumps(second)})
    assert (ids(report), report.counts["Pod"]) == ([], 6)


def test_an_object_that_moves_between_two_times_is_bound_twice(tmp_path: Path) -> None:
    files = {"a.json": json.dumps(seen("1")), "b.json": json.dumps(seen("2", "n2"))}
    assert ids(audit(tmp_path, files)) == ["SCHED-1"]


def test_a_name_under_two_uids_is_a_fault_in_one_dump_only(tmp_path: Path) -> None:
    old, new = seen("1", uid="u"), seen("2", uid="v", phase="Failed")
    report = audit(tmp_path / "two", {"a.json": json.dumps(old), "b.json": json.dumps(new)})
    assert ids(report) == ["STAT-5"]
    assert ids(audit(tmp_path / "one", {"a.json": json.dumps([old, new])})) == ["OBJ-1"]


def test_variants_of_a_manifest_are_no_duplicates(tmp_path: Path) -> None:
    web = json.dumps(make_workload("Deployment", "web"))
    apart = audit(tmp_path / "1", {"dev/a.json": web, "prod/a.json": web})
    assert ids(apart) == []
    assert any("variants" in each for each in apart.unjudged)
    assert ids(audit(tmp_path / "2", {"a.json": web, "b.json": web})) == ["OBJ-1"]
    assert ids(audit(tmp_path / "3", {"a.json": web + web, "b/kustomization.yaml": "{}"})) == [
        "OBJ-1"
    ]
    overlaid = {"a.json": web, "b.json": web, "kustomization.yaml": "resources: [a.json]\n"}
    assert ids(audit(tmp_path / "4", overlaid)) == []


def test_the_simulator_export_is_read_by_fit_as_well(tmp_path: Path) -> None:
    free = json.dumps({**EXPORT, "pods": [bare(make_pod("free", ""))]})
    put(tmp_path, {"e.json": free})
    assert run(["fit", "default/free", "--cluster", str(tmp_path / "e.json")]) == ExitCode.HOLDS


def test_an_empty_list_of_the_export_says_that_there_is_none(tmp_path: Path) -> None:
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = bare(make("PersistentVolumeClaim", "c", spec=wanted | {"storageClassName": "fast"}))
    report = audit(tmp_path, {"e.json": json.dumps({**EXPORT, "pvcs": [claim]})})
    assert sorted(ids(report)) == ["OBJ-15", "SCHED-11"]
