"""`planespec fit` explains for every node why a pod fits or not."""

import json
from typing import Any

import pytest
from commands import Commands

from planespec.checker.errors import ExitCode


def node(name: str, cpu: str, **spec: Any) -> dict[str, Any]:
    status = {"allocatable": {"cpu": cpu, "memory": "4Gi", "pods": "10"}}
    meta = {"name": name}
    return {"apiVersion": "v1", "kind": "Node", "metadata": meta, "spec": spec, "status": status}


def pod(name: str, cpu: str, **spec: Any) -> dict[str, Any]:
    container = {"name": "c", "resources": {"requests": {"cpu": cpu}}}
    spec = {"containers": [container], **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


TAINT = {"key": "gpu", "effect": "NoSchedule"}
CLUSTER = [
    node("n1", "2"),
    node("n2", "8", taints=[TAINT]),
    pod("old", "1500m", nodeName="n1"),
    pod("big", "1800m", priority=10),
]


@pytest.fixture
def cluster(planespec: Commands) -> str:
    planespec.write(json.dumps({"kind": "List", "items": CLUSTER}), "cluster.json")
    return "cluster.json"


def ask(planespec: Commands, cluster: str, name: str) -> tuple[int, dict[str, Any]]:
    answer = planespec("fit", name, "--cluster", cluster, "--json")
    return answer.code, json.loads(answer.out)


def test_a_pod_that_fits_has_the_scores_of_each_plugin(planespec: Commands, cluster: str) -> None:
    planespec.write(json.dumps(pod("new", "500m")), "pod.json")
    code, answer = ask(planespec, cluster, "pod.json")
    assert (code, answer["fits"], answer["best"]) == (ExitCode.HOLDS, True, ["n1"])
    scores = answer["nodes"][0]["scores"]
    assert answer["nodes"][0]["total"] == sum(each["weighted"] for each in scores.values())


def test_a_shortage_is_told_with_its_numbers(planespec: Commands, cluster: str) -> None:
    code, answer = ask(planespec, cluster, "default/big")
    assert code == ExitCode.SAFETY
    short: dict[str, Any] = {"resource": "cpu", "asked": 1800, "free": 500, "allocatable": 2000}
    short["text"] = "cpu: asked 1800m, free 500m of 2 allocatable"
    assert answer["rejected"]["n1"][0]["shortages"] == [short]
    assert answer["preemption"]["candidates"]["n1"]["victims"] == ["default/old"]


def test_a_taint_is_the_reason_and_a_toleration_cures_it(
    planespec: Commands, cluster: str
) -> None:
    _, answer = ask(planespec, cluster, "default/big")
    assert [each["plugin"] for each in answer["rejected"]["n2"]] == ["TaintToleration"]
    tolerant = pod("big", "1800m", tolerations=[{"operator": "Exists"}])
    planespec.write(json.dumps(tolerant), "pod.json")
    assert ask(planespec, cluster, "pod.json")[1]["best"] == ["n2"]


def test_a_bound_pod_does_not_count_on_its_own_node(planespec: Commands, cluster: str) -> None:
    code, answer = ask(planespec, cluster, "default/old")
    assert (code, answer["best"]) == (ExitCode.HOLDS, ["n1"])
    assert answer["notes"] == ["bound to n1, explained as if it were pending"]


def test_the_template_of_a_workload_is_a_pod(planespec: Commands, cluster: str) -> None:
    template = {"spec": pod("", "100m")["spec"]}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {"matchLabels": {}}, "template": template},
    }
    planespec.write(json.dumps(deployment), "web.json")
    assert ask(planespec, cluster, "web.json")[1]["pod"] == "shop/web-0"
    answer = planespec("fit", "web.json", "--cluster", cluster, "--replicas", "6", "--json")
    placed = json.loads(answer.out)
    assert (answer.code, placed["wanted"]) == (ExitCode.SAFETY, 6)
    assert [each["node"] for each in placed["placements"]] == ["n1"] * 5 + [None]


def test_what_is_not_considered_has_an_exit_code_of_its_own(
    planespec: Commands, cluster: str
) -> None:
    planespec.write(json.dumps(pod("new", "500m", schedulerName="volcano")), "pod.json")
    code, answer = ask(planespec, cluster, "pod.json")
    assert (code, answer["verdict"], answer["fits"]) == (ExitCode.UNKNOWN, "Unknown", False)
    assert answer["unconsidered"] == ["the scheduler volcano (spec.schedulerName)"]
    shown = planespec("fit", "pod.json", "--cluster", cluster).out
    assert "unknown: fits 1 of 2 nodes, as far as is considered" in shown
    assert "  not considered: the scheduler volcano (spec.schedulerName)\n" in shown


def test_a_profile_of_its_own_is_named(planespec: Commands, cluster: str) -> None:
    profile = {"kind": "KubeSchedulerConfiguration", "profiles": [{"plugins": {}}]}
    profile["apiVersion"] = "kubescheduler.config.k8s.io/v1"
    planespec.write(json.dumps(profile), "profile.json")
    planespec.write(json.dumps(pod("new", "500m")), "pod.json")
    answer = planespec("fit", "pod.json", "--cluster", cluster, "profile.json", "--json")
    assert answer.code == ExitCode.UNKNOWN
    said = "the profile of a KubeSchedulerConfiguration"
    assert json.loads(answer.out)["unconsidered"] == [said]


def test_what_else_the_file_holds_joins_the_cluster(planespec: Commands, cluster: str) -> None:
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}}
    claim["spec"] = {"storageClassName": "local"}
    local = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "x"}
    local |= {"metadata": {"name": "local"}, "volumeBindingMode": "WaitForFirstConsumer"}
    volume = {"name": "d", "persistentVolumeClaim": {"claimName": "data"}}
    asked = pod("new", "500m", volumes=[volume])
    planespec.write(json.dumps({"kind": "List", "items": [asked, claim, local]}), "pod.json")
    assert ask(planespec, cluster, "pod.json")[1]["verdict"] == "Fits"
    planespec.write(json.dumps(asked), "pod.json")
    assert ask(planespec, cluster, "pod.json")[1]["verdict"] == "Unknown"


def test_a_pod_with_a_priority_has_been_admitted(planespec: Commands, cluster: str) -> None:
    planespec.write(json.dumps(pod("new", "1800m", priority=10)), "pod.json")
    _, answer = ask(planespec, cluster, "pod.json")
    assert answer["notes"] == ["it has a status or a priority, so it is taken as admitted already"]
    assert list(answer["preemption"]["candidates"]) == ["n1"]


@pytest.mark.parametrize("text", ["{", '{"kind": "Pod", "metadata": {"name": "x"}, "spec": 7}'])
def test_a_malformed_pod_is_reported(planespec: Commands, cluster: str, text: str) -> None:
    planespec.write(text, "pod.json")
    answer = planespec("fit", "pod.json", "--cluster", cluster)
    assert answer.code == ExitCode.PARSE
    assert "pod.json" in answer.err


def test_an_unknown_pod_is_a_usage_error(planespec: Commands, cluster: str) -> None:
    answer = planespec("fit", "default/nobody", "--cluster", cluster)
    assert answer.code == ExitCode.CONFIGURATION
    assert "default/nobody" in answer.err


def test_a_pod_that_is_listed_twice_counts_once(planespec: Commands) -> None:
    planespec.write(json.dumps({"kind": "List", "items": [*CLUSTER, CLUSTER[2]]}), "twice.json")
    planespec.write(json.dumps(pod("new", "500m")), "pod.json")
    assert ask(planespec, "twice.json", "pod.json")[1]["best"] == ["n1"]


def test_kinds_of_other_groups_are_no_part_of_the_cluster(planespec: Commands) -> None:
    other = node("n3", "64") | {"apiVersion": "config.openshift.io/v1"}
    planespec.write(json.dumps({"kind": "List", "items": [*CLUSTER, other]}), "cluster.json")
    _, answer = ask(planespec, "cluster.json", "default/big")
    assert list(answer["rejected"]) == ["n1", "n2"]


def test_what_cannot_be_read_is_named_with_its_place(planespec: Commands) -> None:
    broken = node("n3", "lots")
    text = '{"kind": "List", "items": [\n' + ",\n".join(map(json.dumps, [*CLUSTER, broken])) + "]}"
    planespec.write(text, "broken.json")
    answer = planespec("fit", "default/big", "--cluster", "broken.json")
    assert answer.code == ExitCode.PARSE
    assert "broken.json:6" in answer.err
    assert "Node n3: status.allocatable.cpu" in answer.err
