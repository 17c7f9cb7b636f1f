"""The audit never says of a pending pod what `planespec fit` would not say, on random clusters."""

from typing import Any

from clusters import Object, make, make_node, make_pod, make_store
from hypothesis import given
from hypothesis import strategies as st

from planespec.reports.audit.reading.item import Item
from planespec.reports.audit.sources import SnapshotAudit
from planespec.reports.fit.reading import Question
from planespec.reports.fit.workload_answers import explain
from planespec.spec.cluster.cluster_requirements import Place
from planespec.spec.cluster.pitfalls.waiting import LASTING
from planespec.spec.scheduling.attempts.attempt import FitVerdict

ZONES = st.sampled_from(["a", "b"])
MAYBE = st.booleans()
CPU = st.sampled_from(["100m", "1", "3", "9"])
TAINT = {"key": "gpu", "effect": "NoSchedule"}
TERM = {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "x"}}}
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


@st.composite
def draw_node(draw: st.DrawFn, number: int) -> Object:
    if draw(st.integers(0, 9)) == 0:
        return make("Node", f"n{number}")
    fields: dict[str, Any] = {"labels": {"zone": draw(ZONES)}}
    if draw(MAYBE):
        fields["taints"] = [TAINT]
    if draw(st.integers(0, 4)) == 0:
        fields["unschedulable"] = True
    features = ["RestartAllContainersOnContainerExits"] if draw(MAYBE) else []
    fields["status"] = {"declaredFeatures": features}
    return make_node(f"n{number}", {"cpu": draw(st.sampled_from(["1", "4"]))}, **fields)


def affine(draw: st.DrawFn, fields: dict[str, Any]) -> None:
    kind = draw(st.sampled_from(["podAffinity", "podAntiAffinity", "nodeAffinity"]))
    if kind == "nodeAffinity":
        zone = {"key": "zone", "operator": "In", "values": [draw(ZONES)]}
        terms = {"nodeSelectorTerms": [{"matchExpressions": [zone]}]}
        fields["affinity"] = {kind: {REQUIRED: terms}}
    else:
        fields["affinity"] = {kind: {REQUIRED: [TERM]}}


@st.composite
def draw_pod(draw: st.DrawFn, name: str) -> Object:
    fields: dict[str, Any] = {"requests": {"cpu": draw(CPU)}}
    if draw(MAYBE):
        fields["nodeSelector"] = {"zone": draw(ZONES)}
    if draw(MAYBE):
        fields["tolerations"] = [{"operator": "Exists"}]
    if draw(MAYBE):
        affine(draw, fields)
    if draw(MAYBE):
        claim = draw(st.sampled_from(["bound", "waiting", "gone"]))
        fields["volumes"] = [{"name": "d", "persistentVolumeClaim": {"claimName": claim}}]
    if draw(st.integers(0, 5)) == 0:
        fields["schedulingGates"] = [{"name": "wait"}]
    if draw(st.integers(0, 5)) == 0:
        fields["schedulerName"] = "other"
    if draw(st.integers(0, 3)) == 0:
        fields["container"] = {"restartPolicyRules": [{"action": "RestartAllContainers"}]}
    labels = {"app": draw(st.sampled_from(["x", "y"]))}
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    status = {"phase": "Pending", "conditions": [condition | {"message": "none"}]}
    return make_pod(name, labels=labels, status=status, **fields)


@st.composite
def draw_cluster(draw: st.DrawFn) -> list[Object]:
    nodes = [draw(draw_node(number)) for number in range(draw(st.integers(1, 3)))]
    pods = [draw(draw_pod(f"p{number}")) for number in range(draw(st.integers(1, 3)))]
    for number in range(draw(st.integers(0, 2))):
        bound = draw(draw_pod(f"old{number}"))
        bound["spec"]["nodeName"] = draw(st.sampled_from(nodes))["metadata"]["name"]
        bound["status"] = {"phase": "Running"}
        pods.append(bound)
    return [*nodes, *pods, *draw(draw_storage())]


@st.composite
def draw_storage(draw: st.DrawFn) -> list[Object]:
    if not draw(MAYBE):
        return []
    zone = {"key": "zone", "operator": "In", "values": [draw(ZONES)]}
    reach = {"required": {"nodeSelectorTerms": [{"matchExpressions": [zone]}]}}
    bind = {"annotations": {"pv.kubernetes.io/bind-completed": "yes"}}
    return [
        make("PersistentVolume", "v", spec={"nodeAffinity": reach}, status={"phase": "Bound"}),
        make(
            "PersistentVolumeClaim",
            "bound",
            namespace="default",
            metadata=bind,
            spec={"volumeName": "v"},
        ),
        make(
            "PersistentVolumeClaim",
            "waiting",
            namespace="default",
            spec={"storageClassName": "c"},
        ),
        make("StorageClass", "c", "storage.k8s.io/v1", provisioner="x")
        | {"volumeBindingMode": draw(st.sampled_from(["Immediate", "WaitForFirstConsumer"]))},
    ]


def audit(objects: list[Object]) -> dict[str, set[str]]:
    """Run the audit; return the ids found for each pod."""
    judged = SnapshotAudit()
    for number, each in enumerate(objects):
        judged.add(Item(each, Place("x.json", number), "", ""))
    found: dict[str, set[str]] = {}
    for violation in judged.judge().violations:
        reference = violation.objects[0]
        if reference.kind == "Pod":
            found.setdefault(reference.name, set()).add(violation.requirement.id)
    return found


def is_rejected_for_good(pod: Object, objects: list[Object]) -> bool:
    """Whether fit says it fits nowhere, and of every node a reason that no eviction cures."""
    store = make_store(each for each in objects if each is not pod)
    answer = explain(Question(pod, None, False, store, ()))
    return (
        answer.verdict is FitVerdict.DOES_NOT_FIT
        and answer.rejection is None
        and all(
            any(each.plugin in LASTING and "Unresolvable" in each.code for each in rejections)
            for rejections in answer.rejected.values()
        )
    )


@given(objects=draw_cluster())
def test_what_the_audit_calls_hopeless_fit_calls_so_and_the_other_way_round(
    objects: list[Object],
) -> None:
    found = audit(objects)
    for pod in objects:
        if pod["kind"] == "Pod" and "nodeName" not in pod["spec"]:
            said = "SCHED-12" in found.get(pod["metadata"]["name"], set())
            assert said == is_rejected_for_good(pod, objects), pod


@given(objects=draw_cluster())
def test_a_pod_that_fits_is_never_called_hopeless(objects: list[Object]) -> None:
    found = audit(objects)
    for pod in objects:
        if "SCHED-12" in found.get(pod["metadata"]["name"], set()):
            store = make_store(each for each in objects if each is not pod)
            answer = explain(Question(pod, None, False, store, ()))
            assert (answer.verdict, answer.nodes) == (FitVerdict.DOES_NOT_FIT, [])
