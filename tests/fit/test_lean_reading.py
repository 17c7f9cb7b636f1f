"""Large files are read for less, and answered alike."""

import json
from pathlib import Path
from typing import Any

import pytest
from clusters import Object, make, make_node, make_pod

from planespec.reports.fit import lean_reading, reading
from planespec.reports.fit.workload_answers import explain

OWNER = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent", "controller": True}
AWAY = {
    "podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {
                "topologyKey": "kubernetes.io/hostname",
                "labelSelector": {"matchLabels": {"app": "a"}},
            }
        ]
    }
}


def token(number: int) -> Object:
    return {"name": f"kube-api-access-{number}", "projected": {"sources": []}}


def resized(*conditions: Object, **fields: Any) -> Object:
    held = {"name": "c", "allocatedResources": {"cpu": "1"}, "resources": {"requests": {}}}
    status = {"phase": "Running", "containerStatuses": [held], "conditions": [*conditions]}
    return make_pod(status=status, **fields)


def own(pod: Object) -> Object:
    pod["metadata"]["ownerReferences"] = [OWNER]
    return pod


INFEASIBLE = {"type": "PodResizePending", "reason": "Infeasible", "status": "True"}
PODS = [
    *(make_pod(f"w{n}", nodeName="n1", volumes=[token(n)], priority=-1) for n in range(3)),
    make_pod("port", nodeName="n1", container={"ports": [{"containerPort": 1, "hostPort": 80}]}),
    make_pod("alone", nodeName="n2", labels={"app": "a"}, affinity=AWAY),
    make_pod("done", nodeName="n2", requests={"cpu": "4"}, status={"phase": "Succeeded"}),
    resized(name="grown", nodeName="n1", requests={"cpu": "3"}),
    resized(INFEASIBLE, name="grows", nodeName="n3", requests={"cpu": "3"}),
    make_pod("other", "shop", nodeName="n3", volumes=[{"name": "d", "rbd": {"image": "i"}}]),
    own(make_pod("agent-x", nodeName="n2", requests={"cpu": "3900m"})),
    make_pod("pending", requests={"cpu": "3500m"}, priority=0),
]
NODES = [make_node(f"n{n}") for n in (1, 2, 3)]
CLAIMS = [make("ConfigMap", "c", data={"x": "1"}), make("Secret", "s", data={})]


def write(folder: Path, items: list[Object]) -> str:
    for number, each in enumerate(items):
        each["metadata"].setdefault("uid", f"uid-{number}")
    path = folder / "cluster.json"
    document = {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {}}
    path.write_text(json.dumps(document, indent=4))
    return str(path)


def ask_both(
    monkeypatch: pytest.MonkeyPatch, name: str, file: str
) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """Answer with the file read in full, and for less; say whether the latter was done."""
    full = explain(reading.read_question(name, [file])).to_json()
    monkeypatch.setattr(lean_reading, "SMALLEST", 0)
    question = reading.read_question(name, [file])
    return full, explain(question).to_json(), bool(question.pods)


QUESTIONS: dict[str, Object] = {
    "small": make_pod("new"),
    "port": make_pod("new", container={"ports": [{"containerPort": 1, "hostPort": 80}]}),
    "kept away": make_pod("new", labels={"app": "a"}, affinity=AWAY),
    "large": make_pod("new", requests={"cpu": "3600m"}),
    "beside a resize": make_pod("new", requests={"cpu": "2"}),
    "same disk": make_pod("new", volumes=[{"name": "d", "rbd": {"image": "i", "monitors": []}}]),
    "preempting": make_pod("new", requests={"cpu": "3800m"}, priority=5),
}


@pytest.mark.parametrize("case", QUESTIONS)
def test_an_answer_does_not_depend_on_how_the_file_is_read(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "pod.json"
    asked.write_text(json.dumps(QUESTIONS[case]))
    file = write(tmp_path, [*NODES, *PODS, *CLAIMS])
    full, lean, is_lean = ask_both(monkeypatch, str(asked), file)
    assert is_lean
    assert lean == full


def test_a_pod_of_the_file_can_be_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, [*NODES, *PODS])
    for name in ("default/pending", "default/w1", "shop/other"):
        full, lean, is_lean = ask_both(monkeypatch, name, file)
        assert is_lean
        assert lean == full


def test_pods_that_a_daemon_set_replaces_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = {"metadata": {}, "spec": make_pod(requests={"cpu": "3"})["spec"]}
    asked = make("DaemonSet", "agent", "apps/v1", "default", spec={"template": template})
    (tmp_path / "ds.json").write_text(json.dumps(asked))
    file = write(tmp_path, [*NODES, *PODS])
    full, lean, is_lean = ask_both(monkeypatch, str(tmp_path / "ds.json"), file)
    assert is_lean
    assert lean == full
    assert any("1 pods of it" in note for note in lean["notes"])


def test_a_list_that_goes_on_is_read_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lean_reading, "SMALLEST", 0)
    path = Path(write(tmp_path, [*NODES]))
    document = json.loads(path.read_text()) | {"metadata": {"continue": "token"}}
    path.write_text(json.dumps(document))
    assert not lean_reading.read_lean(str(path), reading.Store(), lean_reading.LeanPods())


@pytest.mark.parametrize(
    "broken",
    [
        make_pod("bad") | {"spec": {"containers": "none"}},
        make_pod("") | {"metadata": {"generateName": "x-"}},
        make_pod("bad", priority="high"),
    ],
)
def test_what_is_not_as_expected_is_read_in_full(
    broken: Object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lean_reading, "SMALLEST", 0)
    pods = lean_reading.LeanPods()
    store = reading.Store()
    assert not lean_reading.read_lean(write(tmp_path, [*NODES, broken]), store, pods)
    assert (len(store), bool(pods)) == (0, False)
