"""What decides and is not considered is named, and then nothing is said to fit."""

from typing import Any

import pytest
from clusters import Object, ask, make, make_node, make_pod, make_store

from planespec.reports.fit.reading import Question
from planespec.reports.fit.workload_answers import explain
from planespec.spec.scheduling.attempts.attempt import FitVerdict

HOOK = {
    "name": "inject.example.com",
    "rules": [
        {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    ],
}
REGISTRATION = "admissionregistration.k8s.io/v1"
SHOP = make("Namespace", "default", metadata={"labels": {"team": "shop"}})
CLAIMING = {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]}


def hook(**fields: Any) -> Object:
    return make("MutatingWebhookConfiguration", "hooks", REGISTRATION, webhooks=[HOOK | fields])


def policy(kind: str) -> Object:
    constraints = {"resourceRules": HOOK["rules"]}
    return make(kind, "limits", REGISTRATION, spec={"matchConstraints": constraints})


OPEN: dict[str, tuple[Object, list[Object], str]] = {
    "another scheduler": (make_pod(schedulerName="volcano"), [], "the scheduler volcano"),
    "a queue": (
        make_pod(labels={"kueue.x-k8s.io/queue-name": "team"}),
        [],
        "the Kueue queue team",
    ),
    "a workload of which nothing is known": (
        make_pod(workloadRef={"name": "job", "podGroup": "g"}),
        [],
        "Workload job/g/ is not in the input",
    ),
    "a claim where those of another namespace are known": (
        make_pod(**CLAIMING),
        [make("PersistentVolumeClaim", "data", namespace="other", spec={})],
        "no claims of its namespace",
    ),
    "a configuration of the scheduler": (
        make_pod(),
        [
            {
                "apiVersion": "kubescheduler.config.k8s.io/v1",
                "kind": "KubeSchedulerConfiguration",
                "profiles": [{"schedulerName": "default-scheduler", "plugins": {}}],
            }
        ],
        "KubeSchedulerConfiguration",
    ),
    "a mutating webhook": (make_pod(), [hook()], "the mutating webhook hooks/inject.example.com"),
    "a webhook for pods and all beneath them": (
        make_pod(),
        [hook(rules=[{**HOOK["rules"][0], "resources": ["pods/*"]}])],
        "mutating webhook",
    ),
    "a webhook that selects the namespace": (
        make_pod(),
        [SHOP, hook(namespaceSelector={"matchLabels": {"team": "shop"}})],
        "mutating webhook",
    ),
    "a mutating policy": (make_pod(), [policy("MutatingAdmissionPolicy")], "mutating admission"),
    "a validating policy": (
        make_pod(),
        [policy("ValidatingAdmissionPolicy")],
        "the validating admission policy limits",
    ),
    "an annotation of the namespace": (
        make_pod(),
        [
            make(
                "Namespace",
                "default",
                metadata={"annotations": {"scheduler.alpha.kubernetes.io/node-selector": "a=b"}},
            )
        ],
        "annotation scheduler.alpha.kubernetes.io/node-selector",
    ),
    "a claim of which nothing is known": (make_pod(**CLAIMING), [], "no claims of its namespace"),
    "a runtime class of which nothing is known": (
        make_pod(runtimeClassName="kata"),
        [],
        "RuntimeClass kata",
    ),
    "devices of which nothing is known": (
        make_pod(resourceClaims=[{"name": "gpu", "resourceClaimName": "mine"}]),
        [],
        "resource claims",
    ),
    "a pod group of which nothing is known": (
        make_pod(schedulingGroup={"podGroupName": "train"}),
        [],
        "PodGroup train",
    ),
}


@pytest.mark.parametrize("case", OPEN)
def test_what_is_open_is_named_and_the_verdict_is_unknown(case: str) -> None:
    pod, others, words = OPEN[case]
    answer = ask(pod, make_node(), *others)
    assert answer.verdict is FitVerdict.UNKNOWN
    assert any(words in what for what in answer.unconsidered)
    assert answer.to_json()["fits"] is False


CLOSED: dict[str, tuple[Object, list[Object]]] = {
    "the default scheduler by name": (make_pod(schedulerName="default-scheduler"), []),
    "a webhook for other objects": (
        make_pod(),
        [hook(rules=[{"apiGroups": ["apps"], "operations": ["*"], "resources": ["*"]}])],
    ),
    "a webhook for other operations": (
        make_pod(),
        [hook(rules=[{"apiGroups": [""], "operations": ["DELETE"], "resources": ["pods"]}])],
    ),
    "a webhook for other namespaces": (
        make_pod(),
        [SHOP, hook(namespaceSelector={"matchLabels": {"team": "bank"}})],
    ),
    "a webhook for other pods": (
        make_pod(labels={"app": "a"}),
        [hook(objectSelector={"matchLabels": {"app": "b"}})],
    ),
    "a privileged namespace": (
        make_pod(),
        [
            make(
                "Namespace",
                "default",
                metadata={"labels": {"pod-security.kubernetes.io/enforce": "privileged"}},
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CLOSED)
def test_what_does_not_concern_the_pod_is_not_named(case: str) -> None:
    pod, others = CLOSED[case]
    answer = ask(pod, make_node(), *others)
    assert (answer.verdict, answer.unconsidered) == (FitVerdict.FITS, [])


def test_admission_does_not_matter_to_a_pod_of_the_cluster() -> None:
    answer = ask(make_pod(), make_node(), hook(), is_new=False)
    assert answer.verdict is FitVerdict.FITS


def test_what_only_takes_away_leaves_a_pod_that_fits_nowhere_there() -> None:
    cordoned = make_node(unschedulable=True)
    assert ask(make_pod(**CLAIMING), cordoned).verdict is FitVerdict.DOES_NOT_FIT
    assert ask(make_pod(), cordoned, hook()).verdict is FitVerdict.UNKNOWN


def test_an_empty_list_of_claims_says_that_there_is_none() -> None:
    store = make_store([make_node()])
    store.note_kind("PersistentVolumeClaim")
    answer = explain(Question(make_pod(**CLAIMING), None, True, store, ()))
    assert answer.verdict is FitVerdict.DOES_NOT_FIT


@pytest.mark.parametrize(
    ("kind", "cpu", "verdict"),
    [
        ("Node", "1", FitVerdict.UNKNOWN),
        ("Node", "9", FitVerdict.UNKNOWN),
        ("Pod", "1", FitVerdict.UNKNOWN),
        ("Pod", "9", FitVerdict.DOES_NOT_FIT),
    ],
)
def test_a_list_that_goes_on_leaves_open_what_it_hides(
    kind: str, cpu: str, verdict: FitVerdict
) -> None:
    store = make_store([make_node()])
    store.note_partial(kind)
    pod = make_pod(requests={"cpu": cpu})
    assert explain(Question(pod, None, True, store, ())).verdict is verdict


def test_a_node_that_does_not_say_what_it_has_is_not_judged() -> None:
    silent = make("Node", "n1")
    full = make_node("n2", {"cpu": "50m"})
    answer = ask(make_pod(), silent, full)
    assert (answer.verdict, list(answer.open_nodes)) == (FitVerdict.UNKNOWN, ["n1"])
    assert ask(make_pod(), silent, make_node("n2")).verdict is FitVerdict.FITS


def test_a_node_without_allocatable_has_its_capacity() -> None:
    node = make("Node", "n1", status={"capacity": {"cpu": "1", "memory": "1Gi", "pods": "5"}})
    assert ask(make_pod(requests={"cpu": "1"}), node).verdict is FitVerdict.FITS
    assert ask(make_pod(requests={"cpu": "2"}), node).verdict is FitVerdict.DOES_NOT_FIT


NEAR = {
    "affinity": {
        "podAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {
                    "topologyKey": "kubernetes.io/hostname",
                    "labelSelector": {"matchLabels": {"app": "db"}},
                    "namespaceSelector": {"matchLabels": {"team": "data"}},
                }
            ]
        }
    }
}
DATABASE = make_pod("db", "data", labels={"app": "db"}, nodeName="n1")


@pytest.mark.parametrize(
    ("namespaces", "verdict"),
    [
        ([], FitVerdict.UNKNOWN),
        ([make("Namespace", "data", metadata={"labels": {"team": "data"}})], FitVerdict.FITS),
        (
            [make("Namespace", "data", metadata={"labels": {"team": "web"}})],
            FitVerdict.DOES_NOT_FIT,
        ),
    ],
)
def test_labels_of_namespaces_decide_where_they_are_asked_for(
    namespaces: list[Object], verdict: FitVerdict
) -> None:
    assert ask(make_pod(**NEAR), make_node(), DATABASE, *namespaces).verdict is verdict


def test_the_name_of_a_namespace_is_known_without_it() -> None:
    term = NEAR["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][0]
    by_name = {
        **term,
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "data"}},
    }
    required = {"requiredDuringSchedulingIgnoredDuringExecution": [by_name]}
    pod = make_pod(affinity={"podAffinity": required})
    assert ask(pod, make_node(), DATABASE).verdict is FitVerdict.FITS


@pytest.mark.parametrize(
    ("name", "verdict"), [("data", FitVerdict.UNKNOWN), ("other", FitVerdict.DOES_NOT_FIT)]
)
def test_a_name_that_differs_decides_beside_other_labels(name: str, verdict: FitVerdict) -> None:
    term = NEAR["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][0]
    labels = {"kubernetes.io/metadata.name": name, "team": "data"}
    both = {**term, "namespaceSelector": {"matchLabels": labels}}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": [both]}
    pod = make_pod(affinity={"podAffinity": required})
    assert ask(pod, make_node(), DATABASE).verdict is verdict


def test_existing_pods_that_keep_a_namespace_away_ask_for_its_labels() -> None:
    term = {
        "topologyKey": "kubernetes.io/hostname",
        "labelSelector": {"matchLabels": {"app": "a"}},
        "namespaceSelector": {"matchLabels": {"team": "noisy"}},
    }
    required = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    keeper = make_pod("keeper", nodeName="n1", affinity={"podAntiAffinity": required})
    pod = make_pod("p", "shop", labels={"app": "a"})
    assert ask(pod, make_node(), keeper).verdict is FitVerdict.UNKNOWN
    quiet = make("Namespace", "shop", metadata={"labels": {"team": "quiet"}})
    assert ask(pod, make_node(), keeper, quiet).verdict is FitVerdict.FITS


def bind(kind: str, name: str = "limits", **spec: Any) -> Object:
    return make(f"{kind}Binding", "b", REGISTRATION, spec={"policyName": name, **spec})


ELSEWHERE = {"namespaceSelector": {"matchLabels": {"team": "bank"}}}
HERE = {"namespaceSelector": {"matchLabels": {"team": "shop"}}}


@pytest.mark.parametrize(
    ("kind", "binding", "verdict"),
    [
        ("ValidatingAdmissionPolicy", {"validationActions": ["Deny"]}, FitVerdict.UNKNOWN),
        ("ValidatingAdmissionPolicy", {"validationActions": ["Warn"]}, FitVerdict.FITS),
        ("ValidatingAdmissionPolicy", {"name": "other"}, FitVerdict.FITS),
        ("MutatingAdmissionPolicy", {}, FitVerdict.UNKNOWN),
        ("MutatingAdmissionPolicy", {"matchResources": ELSEWHERE}, FitVerdict.FITS),
        ("MutatingAdmissionPolicy", {"matchResources": HERE}, FitVerdict.UNKNOWN),
    ],
)
def test_a_policy_is_in_force_by_its_bindings(
    kind: str, binding: Object, verdict: FitVerdict
) -> None:
    assert (
        ask(make_pod(), make_node(), SHOP, policy(kind), bind(kind, **binding)).verdict is verdict
    )
