"""Each requirement on snapshots: objects that violate it, and the same objects put right."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import Object, audit, ids, make, make_node, make_pod, make_workload

SERVICE = make("Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
WEB = make_workload("Deployment", "web")
UNSCALED = make_workload("Deployment", "web", replicas=None)
MEASURED = {"resources": {"requests": {"cpu": "1"}}}
UNSCALED["spec"]["template"]["spec"]["containers"][0] |= MEASURED
CLASS = make(
    "StorageClass",
    "fast",
    annotations={"storageclass.kubernetes.io/is-default-class": "true"},
    provisioner="disk.example.com",
)
REPLICAS = make_workload("ReplicaSet", "r")


def claim(*modes: str, name: str = "data", **spec: Any) -> Object:
    wanted = {"accessModes": list(modes), "resources": {"requests": {"storage": "1Gi"}}}
    return make("PersistentVolumeClaim", name, spec=wanted | spec)


def mount(name: str = "data") -> list[Object]:
    return [{"name": "v", "persistentVolumeClaim": {"claimName": name}}]


def ports(number: int) -> Object:
    return {"ports": [{"containerPort": 80, "hostPort": number}]}


def reference(kind: str, name: str, uid: str) -> Object:
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid, "controller": True}


def service(**port: Any) -> Object:
    return make(
        "Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80} | port]}
    )


def ingress(name: str, port: int = 80) -> Object:
    backend = {"service": {"name": name, "port": {"number": port}}}
    rules = [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]
    return make("Ingress", "in", spec={"rules": rules})


def named(class_name: str) -> Object:
    backend = {"resource": {"kind": "Bucket", "name": "b"}}
    return make("Ingress", "in", spec={"ingressClassName": class_name, "defaultBackend": backend})


AVERAGE = {"type": "AverageValue", "averageValue": "1"}


def autoscaler(name: str) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    source = {"metric": {"name": "m"}, "target": {"type": "Value", "value": "1"}}
    metrics = [{"type": "External", "external": source}]
    spec = {"scaleTargetRef": target, "maxReplicas": 2, "metrics": metrics}
    return make("HorizontalPodAutoscaler", "h", spec=spec)


def budget(name: str = "b", app: str = "web", **numbers: Any) -> Object:
    spec = {"selector": {"matchLabels": {"app": app}}, **numbers}
    return make("PodDisruptionBudget", name, spec=spec)


def secret(name: str, key: str = "") -> list[Object]:
    return [{"name": "E", "valueFrom": {"secretKeyRef": {"name": name, "key": key or "k"}}}]


ANTI = {
    "podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {"labelSelector": {"matchLabels": {"app": "x"}}, "topologyKey": "zone"}
        ]
    }
}
ZONE = {"labels": {"zone": "z1"}}
TAINT = {"spec": {"taints": [{"key": "gone", "effect": "NoExecute"}]}}

CASES: dict[str, tuple[list[Object], list[Object]]] = {
    "SCHED-1": (
        [make_pod("a", "n1"), make_pod("a", "n2")],
        [make_pod("a", "n1"), make_pod("b", "n2")],
    ),
    "SCHED-3": (
        [make_node(cpu="2"), make_pod("a"), make_pod("b", cpu="1001m")],
        [make_node(cpu="2"), make_pod("a"), make_pod("b")],
    ),
    "SCHED-4": (
        [make_pod("a", container=ports(80)), make_pod("b", container=ports(80))],
        [make_pod("a", container=ports(80)), make_pod("b", "n2", container=ports(80))],
    ),
    "SCHED-5": (
        [make_node(**ZONE), *(make_pod(n, affinity=ANTI, labels={"app": "x"}) for n in "ab")],
        [make_node(**ZONE), make_pod("a", affinity=ANTI), make_pod("b", affinity=ANTI)],
    ),
    "SCHED-7": (
        [make_node(), make_pod("a", "", status={"phase": "Pending", "nominatedNodeName": "n9"})],
        [make_node(), make_pod("a", "", status={"phase": "Pending", "nominatedNodeName": "n1"})],
    ),
    "SCHED-11": ([make_node(), make_pod("a", "n9")], [make_node(), make_pod("a", "n1")]),
    "SCHED-12": ([make_node(), make_pod("a", "", cpu="3")], [make_node(), make_pod("a", "", "2")]),
    "SCHED-13": (
        [CLASS, claim("ReadWriteOncePod"), *(make_pod(n, volumes=mount()) for n in "ab")],
        [CLASS, claim("ReadWriteOnce"), *(make_pod(n, volumes=mount()) for n in "ab")],
    ),
    "OBJ-1": (
        [make_pod("a", uid="u"), make_pod("b", uid="u")],
        [make_pod("a", uid="u"), make_pod("b", uid="v")],
    ),
    "OBJ-2": ([make("ConfigMap", "Upper")], [make("ConfigMap", "lower")]),
    "OBJ-3": (
        [make("PodSecurityPolicy", "c") | {"apiVersion": "policy/v1beta1"}],
        [make("Role", "c") | {"apiVersion": "rbac.authorization.k8s.io/v1"}],
    ),
    "OBJ-4": ([WEB, service(name="Port_A")], [WEB, service(name="port-a")]),
    "OBJ-5": ([make_pod("a", cpu="-1")], [make_pod("a", cpu="0")]),
    "OBJ-6": (
        [make("Secret", "s", data={"x": ""}), make_pod("a", container={"env": secret("s")})],
        [make("Secret", "s", data={"k": ""}), make_pod("a", container={"env": secret("s")})],
    ),
    "OBJ-7": (
        [CLASS, claim("ReadWriteOnce"), make_pod("a", volumes=mount("other"))],
        [CLASS, claim("ReadWriteOnce"), make_pod("a", volumes=mount())],
    ),
    "OBJ-8": (
        [make("ServiceAccount", "one"), make_pod("a", serviceAccountName="two")],
        [make("ServiceAccount", "one"), make_pod("a", serviceAccountName="default")],
    ),
    "OBJ-9": ([WEB, SERVICE, ingress("web", 81)], [WEB, SERVICE, ingress("web")]),
    "OBJ-10": (
        [
            named("nginx"),
            make("IngressClass", "other", spec={"controller": "example.com/other"}),
            make_node(),
        ],
        [named("nginx"), make("IngressClass", "nginx", spec={"controller": "example.com/nginx"})],
    ),
    "OBJ-11": (
        [WEB, SERVICE, make_workload("StatefulSet", "db", serviceName="db")],
        [WEB, SERVICE, make_workload("StatefulSet", "db", serviceName="web")],
    ),
    "OBJ-12": (
        [make_workload("Deployment", "web", selector={"matchLabels": {"app": "other"}})],
        [make_workload("Deployment", "web")],
    ),
    "OBJ-13": ([SERVICE, make_workload("Deployment", "api")], [SERVICE, WEB]),
    "OBJ-14": ([WEB, service(targetPort="http")], [WEB, service(targetPort=8080)]),
    "OBJ-15": (
        [claim("ReadWriteOnce"), make("StorageClass", "slow", provisioner="p"), make_node()],
        [claim("ReadWriteOnce"), CLASS, make_node()],
    ),
    "OBJ-16": (
        [
            CLASS,
            claim("ReadWriteOnce"),
            make_workload("Deployment", "w", 2, pod={"volumes": mount()}),
        ],
        [
            CLASS,
            claim("ReadWriteMany"),
            make_workload("Deployment", "w", 2, pod={"volumes": mount()}),
        ],
    ),
    "OBJ-17": (
        [
            make_pod("a", container={"imagePullPolicy": "Never"}, status={"phase": "Pending"}),
        ],
        [make_pod("a", container={"imagePullPolicy": "IfNotPresent"})],
    ),
    "OBJ-18": ([WEB, budget(maxUnavailable=0)], [WEB, budget(maxUnavailable=1)]),
    "OBJ-19": (
        [
            make_pod("a", labels={"app": "web"}),
            budget(maxUnavailable=1),
            budget("c", maxUnavailable=1),
        ],
        [make_pod("a", labels={"app": "web"}), budget(maxUnavailable=1)],
    ),
    "OBJ-20": (
        [
            make("PriorityClass", "high", value=9),
            make_pod("a", priorityClassName="high", priority=8),
        ],
        [
            make("PriorityClass", "high", value=9),
            make_pod("a", priorityClassName="high", priority=9),
        ],
    ),
    "OBJ-21": ([WEB, autoscaler("x")], [UNSCALED, autoscaler("web")]),
    "OBJ-22": (
        [make("Role", "r"), make("RoleBinding", "b", roleRef={"kind": "Role", "name": "other"})],
        [make("Role", "r"), make("RoleBinding", "b", roleRef={"kind": "Role", "name": "r"})],
    ),
    "OBJ-23": (
        [
            REPLICAS | {"metadata": {"name": "r", "uid": "1"}},
            make_pod("a")
            | {"metadata": {"name": "a", "ownerReferences": [reference("ReplicaSet", "r", "2")]}},
        ],
        [
            REPLICAS | {"metadata": {"name": "r", "uid": "1"}},
            make_pod("a")
            | {"metadata": {"name": "a", "ownerReferences": [reference("ReplicaSet", "r", "1")]}},
        ],
    ),
    "OBJ-24": (
        [make_pod("a", restartPolicy="Sometimes")],
        [make_pod("a", restartPolicy="Never")],
    ),
    "OBJ-25": ([make_pod("a", restartpolicy="Never")], [make_pod("a", restartPolicy="Never")]),
    "OBJ-27": (
        [make("ConfigMap", "c", data={"a b": ""})],
        [make("ConfigMap", "c", data={"a.b": ""})],
    ),
    "STAT-1": (
        [
            make_pod(
                "a",
                status={
                    "phase": "Pending",
                    "containerStatuses": [
                        {"name": "c", "state": {"waiting": {"reason": "ErrImagePull"}}}
                    ],
                },
            )
        ],
        [
            make_pod(
                "a",
                status={
                    "phase": "Pending",
                    "containerStatuses": [
                        {"name": "c", "state": {"waiting": {"reason": "ContainerCreating"}}}
                    ],
                },
            )
        ],
    ),
    "STAT-2": (
        [
            make_pod(
                "a",
                "",
                status={
                    "phase": "Pending",
                    "conditions": [
                        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
                    ],
                },
            )
        ],
        [
            make_pod(
                "a",
                "",
                status={
                    "phase": "Pending",
                    "conditions": [
                        {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}
                    ],
                },
            )
        ],
    ),
    "STAT-3": (
        [make("Node", "n1", status={"conditions": [{"type": "Ready", "status": "Unknown"}]})],
        [make("Node", "n1", status={"conditions": [{"type": "Ready", "status": "True"}]})],
    ),
    "STAT-4": (
        [WEB | {"status": {"replicas": 1, "readyReplicas": 0}}],
        [WEB | {"status": {"replicas": 1, "readyReplicas": 1}}],
    ),
    "STAT-5": (
        [make_pod("a", status={"phase": "Failed", "reason": "Evicted"})],
        [make_pod("a", status={"phase": "Succeeded"})],
    ),
    "STAT-6": (
        [WEB | {"status": {"replicas": 1, "readyReplicas": 2}}],
        [WEB | {"status": {"replicas": 2, "readyReplicas": 2}}],
    ),
    "STAT-7": (
        [CLASS, claim("ReadWriteOnce") | {"status": {"phase": "Pending"}}],
        [CLASS, claim("ReadWriteOnce") | {"status": {"phase": "Bound"}}],
    ),
    "STAT-8": (
        [make("Node", "n1", status={"capacity": {"cpu": "1"}, "allocatable": {"cpu": "2"}})],
        [make("Node", "n1", status={"capacity": {"cpu": "2"}, "allocatable": {"cpu": "2"}})],
    ),
}


@pytest.mark.parametrize("id_", CASES)
def test_a_violation_is_found_and_nothing_else(id_: str) -> None:
    assert ids(audit(*CASES[id_][0])) == [id_]


@pytest.mark.parametrize("id_", CASES)
def test_objects_put_right_violate_nothing(id_: str) -> None:
    report = audit(*CASES[id_][1])
    assert [violation.message for violation in report.violations] == []
    assert report.malformed == []


def test_a_taint_that_evicts_is_judged_for_pods_the_kubelet_has_taken_in() -> None:
    assert ids(audit(make_node(**TAINT), make_pod("a"))) == ["SCHED-5"]
    tolerated = make_pod("a", tolerations=[{"operator": "Exists"}])
    assert ids(audit(make_node(**TAINT), tolerated)) == []


NEAR = {"podAffinity": ANTI["podAntiAffinity"]}
ZONES = [make_node("n1", labels={"zone": "z1"}), make_node("n2", labels={"zone": "z2"})]


@pytest.mark.parametrize(
    ("others", "is_met"),
    [
        ([make_pod("b", "n1", labels={"app": "x"})], True),
        ([make_pod("b", "n2", labels={"app": "x"})], False),
        ([make_pod("b", "n1"), make_pod("c", "n2", labels={"app": "x"})], False),
        ([make_pod("b", "", labels={"app": "x"})], True),
        ([], True),
    ],
)
def test_required_affinity_is_judged_while_pods_of_the_kind_are_there(
    others: list[Object], is_met: bool
) -> None:
    found = audit(*ZONES, make_pod("a", affinity=NEAR), *others)
    assert ids(found) == ([] if is_met else ["SCHED-5"])


@pytest.mark.parametrize(("phase", "wanted"), [("Running", ["SCHED-5"]), ("Succeeded", [])])
def test_a_pod_keeps_away_from_those_that_are_still_there(phase: str, wanted: list[str]) -> None:
    other = make_pod("b", "n1", labels={"app": "x"}, status={"phase": phase})
    assert ids(audit(*ZONES, make_pod("a", affinity=ANTI), other)) == wanted


def test_required_affinity_needs_a_node_with_the_topology_key() -> None:
    [violation] = audit(make_node(), make_pod("a", affinity=NEAR)).violations
    assert violation.message == "required affinity by zone, which node n1 does not have"


def test_a_label_that_no_selector_may_hold_leaves_the_other_pods_judged() -> None:
    term = {"topologyKey": "zone", "labelSelector": {}, "matchLabelKeys": ["app"]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    odd = make_pod("a", affinity={"podAntiAffinity": required}, labels={"app": "not a value"})
    assert ids(audit(*ZONES, odd, make_pod("b", "n9"))) == ["OBJ-2", "SCHED-11"]


def test_a_pod_that_has_ended_takes_no_room() -> None:
    ended = make_pod("b", cpu="8", status={"phase": "Succeeded"})
    assert ids(audit(make_node(), make_pod("a"), ended)) == []


def test_what_the_input_does_not_hold_is_not_missed() -> None:
    pod = make_pod("a", container={"env": secret("s")}, volumes=mount())
    report = audit(pod)
    assert report.violations == []
    assert report.unjudged == [
        "1 reference to a PersistentVolumeClaim, of which the input has none",
        "1 reference to a Secret, of which the input has none",
        "the placement of 1 pods, as the input has no nodes",
    ]


def test_an_object_listed_twice_is_one_object() -> None:
    pod = make_pod("a", uid="u")
    pod["metadata"]["resourceVersion"] = "7"
    assert ids(audit(make_node(), pod, pod)) == []


def test_a_node_may_be_filled_with_pods_to_the_last_and_not_beyond() -> None:
    node = make_node(pods="2")
    pods = [make_pod(name, cpu="1m") for name in "abc"]
    assert ids(audit(node, *pods[:2])) == []
    assert ids(audit(node, *pods)) == ["SCHED-3"]


def test_a_node_may_be_filled_to_the_last_of_every_resource_and_not_beyond() -> None:
    assert ids(audit(make_node(cpu="2"), make_pod("a", cpu="2"))) == []
    assert ids(audit(make_node(cpu="2"), make_pod("a", cpu="2001m"))) == ["SCHED-3"]


def test_containers_of_one_pod_do_not_clash_in_their_host_port() -> None:
    alone = make_pod("a", container=ports(80))
    alone["spec"]["containers"].append({"name": "d", "image": "i"} | ports(80))
    found = audit(make_node(), alone)
    assert "SCHED-4" not in ids(found)
    assert "SCHED-4" in ids(audit(make_node(), alone, make_pod("b", container=ports(80))))
