"""Each requirement on what is accepted and cannot work: objects that break it, and put right."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import Object, audit, ids, make, make_node, make_pod, make_workload

WEB = make_workload("Deployment", "web")
ROLES = "admissionregistration.k8s.io/v1"


def containers(*made: Object, **spec: Any) -> Object:
    named = [{"name": f"c{n}", "image": "i"} | each for n, each in enumerate(made)]
    return make_workload("Deployment", "web", pod={"containers": named, **spec})


def port(number: int, **fields: Any) -> Object:
    return {"containerPort": number, **fields}


def probe(**check: Any) -> Object:
    return {"readinessProbe": {"httpGet": {"port": 80, **check}}}


def service(**spec: Any) -> Object:
    return make(
        "Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]} | spec
    )


def scaler(**spec: Any) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    made = make("HorizontalPodAutoscaler", "web", spec={"scaleTargetRef": target} | spec)
    return made | {"apiVersion": "autoscaling/v2"}


def measuring(target: Object, kind: str = "Resource", **fields: Any) -> Object:
    name = kind[0].lower() + kind[1:]
    return {"metrics": [{"type": kind, name: {"name": "cpu", "target": target, **fields}}]}


SHARE = measuring({"type": "Utilization", "averageUtilization": 50})
ASKING = {"resources": {"requests": {"cpu": "1"}}}


def unscaled(*made: Object) -> Object:
    found = containers(*made)
    del found["spec"]["replicas"]
    return found


def webhook(resource: str = "pods", **fields: Any) -> Object:
    rule = {"apiGroups": [""], "operations": ["CREATE"], "resources": [resource]}
    client = {"service": {"name": "web", "namespace": "default"}}
    hook = {"name": "a.b.c", "clientConfig": client, "rules": [rule], **fields}
    made = make("ValidatingWebhookConfiguration", "policy", webhooks=[hook])
    return made | {"apiVersion": ROLES}


ELSEWHERE = {
    "namespaceSelector": {
        "matchExpressions": [
            {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["default"]}
        ]
    }
}


def deleted(kind: str, *finalizers: str, **fields: Any) -> Object:
    made = make(kind, "old", **fields)
    made["metadata"] |= {
        "deletionTimestamp": "2026-01-01T00:00:00Z",
        "finalizers": [*finalizers],
    }
    return made


def namespace_with(status: str) -> Object:
    condition = {"type": "NamespaceContentRemaining", "status": status, "message": "pods. has 1"}
    return deleted("Namespace", status={"phase": "Terminating", "conditions": [condition]})


def claim(node: str = "", **spec: Any) -> Object:
    wanted = {"accessModes": ["ReadWriteOnce"], "storageClassName": "late"} | spec
    marks = {"volume.kubernetes.io/selected-node": node} if node else {}
    return make("PersistentVolumeClaim", "data", spec=wanted, annotations=marks)


def storage_class(mode: str = "WaitForFirstConsumer", **fields: Any) -> Object:
    made = make("StorageClass", "late", provisioner="p", volumeBindingMode=mode, **fields)
    return made | {"apiVersion": "storage.k8s.io/v1"}


def zones(*values: str) -> Object:
    return {"allowedTopologies": [{"matchLabelExpressions": [{"key": "z", "values": [*values]}]}]}


def local_volume(node: str) -> Object:
    term = {"matchExpressions": [{"key": "z", "operator": "In", "values": [node]}]}
    required = {"required": {"nodeSelectorTerms": [term]}}
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"]}
    return make("PersistentVolume", "v", spec=spec | {"nodeAffinity": required})


MOUNT = [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]
NODE = make_node("n1", labels={"z": "a"})


def selecting(name: str, app: str) -> Object:
    found = make_workload("Deployment", name)
    found["spec"]["selector"] = {"matchLabels": {"app": app}}
    found["spec"]["template"]["metadata"]["labels"] = {"app": app, "is": name}
    return found


def budget(name: str) -> Object:
    spec = {"selector": {"matchLabels": {"app": "web"}}, "maxUnavailable": 1}
    return make("PodDisruptionBudget", name, spec=spec) | {"apiVersion": "policy/v1"}


def spread(**fields: Any) -> Object:
    made = {"topologyKey": "z", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", **fields}
    return containers({}, topologySpreadConstraints=[made])


TAINTED = make_node(
    "n2", labels={"z": "b"}, spec={"taints": [{"key": "k", "effect": "NoSchedule"}]}
)
LOCAL = service(type="NodePort", externalTrafficPolicy="Local")

SECURE = {"pod-security.kubernetes.io/enforce": "restricted"}
SAFE = {
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
}
AT_MOST_2 = {"maxSurge": 0, "maxUnavailable": 1}


def namespace(**labels: str) -> Object:
    return make("Namespace", "default", labels=labels)


def quota(**hard: str) -> Object:
    return make("ResourceQuota", "q", spec={"hard": hard})


def limits(**fields: Any) -> Object:
    return make("LimitRange", "l", spec={"limits": [{"type": "Container", **fields}]})


def asking(replicas: int, cpu: str = "1", **rolling: Any) -> Object:
    found = containers({"resources": {"requests": {"cpu": cpu}, "limits": {"cpu": cpu}}})
    found["spec"] |= {"replicas": replicas, "strategy": {"rollingUpdate": rolling}}
    return found


CASES: list[tuple[str, list[Object], list[Object]]] = [
    (
        "OPS-1",
        [containers({"ports": [port(80)]}, {"ports": [port(80)]})],
        [containers({"ports": [port(80)]}, {"ports": [port(80, protocol="UDP"), port(81)]})],
    ),
    (
        "OPS-2",
        [containers({"ports": [port(80, name="web")], **probe(port="http")})],
        [containers({"ports": [port(80, name="http")], **probe(port="http")})],
    ),
    (
        "OPS-3",
        [containers(probe(host="127.0.0.1"))],
        [containers(probe(host="127.0.0.1"), hostNetwork=True)],
    ),
    (
        "OPS-3",
        [containers({"ports": [port(80, protocol="UDP")], **probe()})],
        [containers({"ports": [port(80, protocol="UDP"), port(80)], **probe()})],
    ),
    (
        "OPS-4",
        [containers({"ports": [port(8080)]}), service(ports=[{"port": 80, "targetPort": 9999}])],
        [containers({"ports": [port(8080)]}), service(ports=[{"port": 80, "targetPort": 8080}])],
    ),
    ("OPS-4", [containers({"ports": [port(8080)]}), service()], [containers({}), service()]),
    ("OPS-5", [unscaled({}), scaler(**SHARE)], [unscaled(ASKING), scaler(**SHARE)]),
    (
        "OPS-5",
        [unscaled(ASKING, {}), scaler()],
        [unscaled({"resources": {"limits": {"cpu": "1"}}}), scaler()],
    ),
    (
        "OPS-5",
        [unscaled({}), scaler(**SHARE)],
        [unscaled({}), scaler(**measuring({"type": "AverageValue", "averageValue": "1"}))],
    ),
    (
        "OPS-5",
        [unscaled({}), scaler(**SHARE)],
        [
            unscaled({}),
            scaler(**SHARE),
            make(
                "LimitRange",
                "l",
                spec={"limits": [{"type": "Container", "defaultRequest": {"cpu": "1"}}]},
            ),
        ],
    ),
    (
        "OPS-5",
        [unscaled({}), scaler(**SHARE)],
        [unscaled({}), scaler(**SHARE), limits(min={"cpu": "1"})],
    ),
    ("OPS-6", [containers(ASKING), scaler()], [unscaled(ASKING), scaler()]),
    ("OPS-7", [webhook(), make("Service", "other", spec={"ports": [{"port": 1}]})], [webhook()]),
    ("OPS-7", [webhook(**ELSEWHERE), service(selector={"app": "x"}), WEB], [service(), WEB]),
    (
        "OPS-7",
        [webhook(), make("Service", "other", spec={"ports": [{"port": 1}]})],
        [
            webhook(failurePolicy="Ignore"),
            make("Service", "other", spec={"ports": [{"port": 1}]}),
        ],
    ),
    ("OPS-8", [webhook(), service(), WEB], [webhook(**ELSEWHERE), service(), WEB]),
    ("OPS-8", [webhook("pods/*"), service(), WEB], [webhook("services"), service(), WEB]),
    (
        "OPS-8",
        [webhook(), service(), WEB],
        [webhook(objectSelector={"matchLabels": {"app": "other"}}), service(), WEB],
    ),
    ("OPS-9", [deleted("ConfigMap", "a.b/c")], [deleted("ConfigMap", "foregroundDeletion")]),
    ("OPS-9", [namespace_with("True")], [namespace_with("False")]),
    ("OPS-10", [claim("n9"), NODE, storage_class()], [claim("n1"), NODE, storage_class()]),
    ("OPS-10", [NODE, storage_class(**zones("x"))], [NODE, storage_class(**zones("x", "a"))]),
    ("OPS-10", [NODE, local_volume("x")], [NODE, local_volume("a")]),
    ("OPS-10", [NODE, containers({}, nodeName="n9")], [NODE, containers({}, nodeName="n1")]),
    (
        "OPS-11",
        [containers({}, nodeName="n1", volumes=MOUNT), claim(), storage_class()],
        [containers({}, volumes=MOUNT), claim(), storage_class()],
    ),
    (
        "OPS-11",
        [make_pod("p", "n1", volumes=MOUNT), claim(), storage_class(), NODE],
        [make_pod("p", "n1", volumes=MOUNT), claim(), storage_class("Immediate"), NODE],
    ),
    (
        "OPS-12",
        [selecting("a", "web"), selecting("b", "web")],
        [selecting("a", "web"), selecting("b", "api")],
    ),
    ("OBJ-19", [WEB, budget("a"), budget("b")], [WEB, budget("a")]),
    ("OPS-13", [NODE, TAINTED, spread()], [NODE, TAINTED, spread(nodeTaintsPolicy="Honor")]),
    ("OPS-13", [NODE, TAINTED, spread()], [NODE, make_node("n2", labels={"z": "b"}), spread()]),
    ("OPS-15", [namespace(**SECURE), containers({})], [namespace(**SECURE), containers(SAFE)]),
    ("OPS-15", [namespace(**SECURE), containers({})], [namespace(), containers({})]),
    ("OPS-16", [limits(max={"cpu": "1"}), asking(1, "2")], [limits(max={"cpu": "2"}), asking(1)]),
    ("OPS-16", [quota(cpu="9"), containers({})], [quota(cpu="9"), asking(1)]),
    (
        "OPS-16",
        [quota(cpu="9"), containers({})],
        [quota(cpu="9"), limits(default={"cpu": "1"}), containers({})],
    ),
    ("OPS-17", [quota(cpu="2"), asking(3)], [quota(cpu="2"), asking(2)]),
    ("OPS-17", [quota(pods="2"), asking(3)], [quota(pods="3"), asking(3)]),
    ("OPS-18", [quota(cpu="2"), asking(2)], [quota(cpu="2"), asking(2, **AT_MOST_2)]),
    ("OPS-18", [quota(cpu="4"), asking(1), scaler(maxReplicas=4)], [quota(cpu="4"), asking(1)]),
    (
        "OPS-14",
        [LOCAL, NODE, make_node("n2"), make_pod("p", "n1", labels={"app": "web"})],
        [LOCAL, NODE, make_pod("p", "n1", labels={"app": "web"})],
    ),
]


@pytest.mark.parametrize(
    ("id_", "broken", "right"), CASES, ids=[f"{n} {case[0]}" for n, case in enumerate(CASES)]
)
def test_a_mistake_is_told_and_what_is_put_right_is_not(
    id_: str, broken: list[Object], right: list[Object]
) -> None:
    assert id_ in ids(audit(*broken))
    assert id_ not in ids(audit(*right))


def test_a_controlled_object_is_not_judged_beside_its_controller() -> None:
    clash = containers({"ports": [port(80)]}, {"ports": [port(80)]})
    child = make_workload("ReplicaSet", "web-1", pod=clash["spec"]["template"]["spec"])
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "controller": True}
    child["metadata"]["ownerReferences"] = [owner | {"uid": "u"}]
    found = [v for v in audit(clash, child).violations if v.requirement.id == "OPS-1"]
    assert [[str(each) for each in v.objects] for v in found] == [["Deployment default/web"]]


def test_labels_that_controllers_add_are_selected() -> None:
    sets = make_workload("StatefulSet", "db")
    one = {"app": "db", "statefulset.kubernetes.io/pod-name": "db-0"}
    other = {"app": "db", "statefulset.kubernetes.io/pod-name": "api-0"}
    assert "OBJ-13" not in ids(audit(sets, service(selector=one)))
    assert "OBJ-13" in ids(audit(sets, service(selector=other)))
    job = make_workload("Job", "mpi")
    assert "OBJ-13" not in ids(audit(job, service(selector={"job-name": "mpi"})))
    assert "OBJ-13" in ids(audit(job, service(selector={"job-name": "other"})))


def test_a_replication_controller_is_a_workload() -> None:
    old = make_workload("ReplicationController", "web") | {"apiVersion": "v1"}
    old["spec"]["selector"] = {"app": "web"}
    assert "OBJ-13" not in ids(audit(old, service()))
    assert "OBJ-13" in ids(audit(old, service(selector={"app": "new"})))


def test_pods_of_custom_resources_are_not_taken_to_be_missing() -> None:
    custom = make("Rollout", "web", spec=WEB["spec"]) | {"apiVersion": "argoproj.io/v1alpha1"}
    other = make("Kafka", "web", spec={}) | {"apiVersion": "kafka.strimzi.io/v1"}
    api = make_workload("Deployment", "api")
    assert "OBJ-13" in ids(audit(api, service()))
    assert "OBJ-13" not in ids(audit(api, service(), custom))
    assert "OBJ-13" not in ids(audit(api, service(), other))


def resizing(reason: str) -> Object:
    held = {"name": "c", "allocatedResources": {"cpu": "1"}, "state": {"running": {}}}
    status = {
        "phase": "Running",
        "conditions": [{"type": "PodResizePending", "status": "True", "reason": reason}],
        "containerStatuses": [held],
    }
    return make_pod("p", cpu="8", status=status)


@pytest.mark.parametrize("reason", ["Deferred", "Infeasible"])
def test_a_pending_resize_takes_what_is_allocated(reason: str) -> None:
    assert "SCHED-3" not in ids(audit(make_node(cpu="2"), resizing(reason)))
    assert "SCHED-3" in ids(audit(make_node(cpu="500m"), resizing(reason)))


def killed(*, ready: bool) -> Object:
    last = {"terminated": {"reason": "OOMKilled", "exitCode": 137}}
    container = {"name": "c", "ready": ready, "state": {"running": {}}, "lastState": last}
    return make_pod("p", status={"phase": "Running", "containerStatuses": [container]})


def test_a_container_that_is_ready_again_is_not_kept_from_running() -> None:
    assert "STAT-1" not in ids(audit(make_node(), killed(ready=True)))
    assert "STAT-1" in ids(audit(make_node(), killed(ready=False)))


def never_pulled(phase: str, images: int) -> list[Object]:
    pod = make_pod("p", container={"imagePullPolicy": "Never"}, status={"phase": phase})
    node = make_node()
    node["status"]["images"] = [{"names": [f"big{n}"]} for n in range(images)]
    return [node, pod]


def test_an_image_that_a_node_may_not_have_named_is_not_missing() -> None:
    assert "OBJ-17" in ids(audit(*never_pulled("Pending", 49)))
    assert "OBJ-17" not in ids(audit(*never_pulled("Pending", 50)))
    assert "OBJ-17" not in ids(audit(*never_pulled("Running", 49)))
