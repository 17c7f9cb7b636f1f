"""Each plugin of a pod's creation changes and refuses what upstream's does, in its order."""

from typing import Any

import pytest

from planespec.spec.admission.admission_steps import Course
from planespec.spec.admission.pod_chain import Circumstances, admit_pod
from planespec.spec.objects.object_store import Store
from planespec.spec.scheduling.attempts.known_cluster import KnownCluster

MIRROR = {"kubernetes.io/config.mirror": "x"}
ENFORCED = {"kubernetes.io/enforce-mountable-secrets": "true"}


def admit(
    *objects: dict[str, Any], annotations: dict[str, str] | None = None, **spec: Any
) -> Course:
    store = Store()
    for each in objects:
        store.add(each)
    meta = {"name": "p", "annotations": annotations or {}}
    spec = {"containers": [{"name": "c", "image": "i:1"}], **spec}
    return admit_pod(KnownCluster(store), {"metadata": meta, "spec": spec}, Circumstances("n"))


def make(kind: str, name: str, **more: Any) -> dict[str, Any]:
    groups = {"PriorityClass": "scheduling.k8s.io/v1", "RuntimeClass": "node.k8s.io/v1"}
    meta = {"name": name, "namespace": "n", **more.pop("metadata", {})}
    return {"apiVersion": groups.get(kind, "v1"), "kind": kind, "metadata": meta, **more}


def refusal(course: Course) -> tuple[int, str]:
    assert course.refusal is not None
    return course.refusal.code, course.refusal.message.removeprefix('pods "p" is forbidden: ')


def test_the_steps_are_in_upstreams_order() -> None:
    assert [step.plugin for step in admit().steps] == [
        "defaults",
        "NamespaceLifecycle",
        "LimitRanger",
        "ServiceAccount",
        "Priority",
        "DefaultTolerationSeconds",
        "RuntimeClass",
        "preparation",
        "validation",
        "LimitRanger",
        "ServiceAccount",
        "PodSecurity",
        "RuntimeClass",
        "ResourceQuota",
    ]


def test_a_namespace_that_ends_or_is_not_there_takes_nothing_in() -> None:
    ending = make("Namespace", "n", status={"phase": "Terminating"})
    words = "unable to create new content in namespace n because it is being terminated"
    assert refusal(admit(ending)) == (403, words)
    others = [make("Namespace", "a"), make("Namespace", "b")]
    assert refusal(admit(*others)) == (404, 'namespaces "n" not found')


def test_validation_comes_before_validating_plugins_and_after_mutating_ones() -> None:
    restricted = {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}
    namespace = make("Namespace", "n", metadata=restricted)
    bad = [{"name": "c", "image": ""}]
    words = 'Pod "p" is invalid: spec.containers[0].image: Required value'
    assert refusal(admit(namespace, containers=bad)) == (422, words)
    classes = make("PriorityClass", "known", value=1)
    assert refusal(admit(namespace, classes, containers=bad, priorityClassName="no"))[0] == 403


def test_overhead_without_its_class_is_refused_after_pod_security() -> None:
    words = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
    assert refusal(admit(overhead={"cpu": "1"})) == (403, words)
    baseline = {"labels": {"pod-security.kubernetes.io/enforce": "baseline"}}
    namespace = make("Namespace", "n", metadata=baseline)
    course = admit(namespace, overhead={"cpu": "1"}, hostPID=True)
    assert refusal(course)[1].startswith('violates PodSecurity "baseline:latest"')


def test_a_level_that_is_only_warned_of_lets_the_pod_pass() -> None:
    labels = {"pod-security.kubernetes.io/warn": "baseline"}
    course = admit(make("Namespace", "n", metadata={"labels": labels}), hostPID=True)
    assert course.refusal is None
    words = 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)'
    assert course.warnings == [words]


def test_an_account_gives_pull_secrets_and_a_token_where_it_is_not_mounted_yet() -> None:
    account = make("ServiceAccount", "default", imagePullSecrets=[{"name": "s", "x": 1}])
    path = "/var/run/secrets/kubernetes.io/serviceaccount"
    mounts = [{"name": "v", "mountPath": path}]
    containers = [
        {"name": "c", "image": "i:1"},
        {"name": "d", "image": "i:1", "volumeMounts": mounts},
    ]
    course = admit(account, containers=containers, volumes=[{"name": "v"}])
    spec: Any = course.object["spec"]
    assert spec["imagePullSecrets"] == [{"name": "s"}]
    assert [each["name"] for each in spec["volumes"]] == ["v", "kube-api-access-xxxxx"]
    assert [len(each["volumeMounts"]) for each in spec["containers"]] == [1, 1]


def test_a_token_that_is_there_is_mounted_under_its_name() -> None:
    volume = {"name": "kube-api-access-mine", "projected": {"sources": []}}
    spec: Any = admit(volumes=[volume]).object["spec"]
    assert [each["name"] for each in spec["volumes"]] == ["kube-api-access-mine"]
    assert spec["containers"][0]["volumeMounts"][0]["name"] == "kube-api-access-mine"


@pytest.mark.parametrize(("account", "is_mounted"), [({}, True), (None, False)])
def test_the_pod_decides_about_its_token_before_its_account(
    account: dict[str, Any] | None, is_mounted: bool
) -> None:
    given = make("ServiceAccount", "default", automountServiceAccountToken=False)
    spec: Any = admit(given, automountServiceAccountToken=is_mounted).object["spec"]
    assert ("volumes" in spec) == is_mounted


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"serviceAccountName": "a"}, "a mirror pod may not reference service accounts"),
        (
            {"volumes": [{"name": "v", "secret": {"secretName": "s"}}]},
            "a mirror pod may not reference secrets",
        ),
        (
            {
                "volumes": [
                    {
                        "name": "v",
                        "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]},
                    }
                ]
            },
            "a mirror pod may not use ServiceAccountToken volume projections",
        ),
    ],
)
def test_a_mirror_pod_names_neither_account_nor_secrets(spec: Any, words: str) -> None:
    assert refusal(admit(annotations=MIRROR, **spec)) == (403, words)


def test_a_mirror_pod_gets_no_account() -> None:
    spec: Any = admit(annotations=MIRROR).object["spec"]
    assert "serviceAccountName" not in spec
    assert "volumes" not in spec


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            {"volumes": [{"name": "v", "secret": {"secretName": "x"}}]},
            'volume with secret.secretName="x" is not allowed because service account default '
            "does not reference that secret",
        ),
        (
            {
                "initContainers": [
                    {"name": "i", "image": "i:1", "envFrom": [{"secretRef": {"name": "x"}}]}
                ]
            },
            'init container i with envFrom referencing secret.secretName="x" is not allowed '
            "because service account default does not reference that secret",
        ),
        (
            {"imagePullSecrets": [{"name": "x"}]},
            'imagePullSecrets[0].name="x" is not allowed because service account default does '
            "not reference that imagePullSecret",
        ),
    ],
)
def test_an_account_may_limit_the_secrets_of_its_pods(spec: Any, words: str) -> None:
    account = make("ServiceAccount", "default", metadata={"annotations": ENFORCED})
    account["secrets"] = [{"name": "s"}]
    assert refusal(admit(account, **spec)) == (403, words)
    known = [{"name": "v", "secret": {"secretName": "s"}}]
    assert admit(account, volumes=known).refusal is None


def test_an_account_that_may_be_there_leaves_the_answer_open() -> None:
    known = make("Namespace", "n")
    course = admit(known, serviceAccountName="a")
    assert course.open == ["ServiceAccount a is not in the input"]
    assert admit(make("ServiceAccount", "b"), serviceAccountName="a").refusal is not None


def test_a_quota_is_asked_last() -> None:
    quota = make("ResourceQuota", "q", spec={"hard": {"pods": "0"}})
    words = "exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0"
    assert refusal(admit(quota)) == (403, words)
    assert refusal(admit(quota, overhead={"cpu": "1"}))[1].startswith("pod rejected")


def test_a_runtime_class_adds_tolerations_and_drops_those_that_others_include() -> None:
    own = [
        {"key": "a", "operator": "Equal", "value": "1", "effect": "NoSchedule"},
        {"key": "b", "operator": "Exists", "effect": "NoSchedule"},
    ]
    wide = {"key": "a", "operator": "Exists", "effect": "NoSchedule"}
    scheduling = {"tolerations": [wide, dict(own[1])], "nodeSelector": {"kind": "vm"}}
    runtime = make("RuntimeClass", "vm", handler="h", scheduling=scheduling)
    runtime["overhead"] = {"podFixed": {"cpu": "250m"}}
    spec: Any = admit(runtime, runtimeClassName="vm", tolerations=own).object["spec"]
    assert [each for each in spec["tolerations"] if each["key"] in "ab"] == [own[1], wide]
    assert (spec["nodeSelector"], spec["overhead"]) == ({"kind": "vm"}, {"cpu": "250m"})


def test_a_runtime_class_selects_no_other_node_than_the_pod() -> None:
    runtime = make("RuntimeClass", "vm", handler="h", scheduling={"nodeSelector": {"kind": "vm"}})
    course = admit(runtime, runtimeClassName="vm", nodeSelector={"kind": "metal"})
    words = "conflict: runtimeClass.scheduling.nodeSelector[kind] = vm"
    assert refusal(course) == (403, f"{words}; pod.spec.nodeSelector[kind] = metal")
