"""A synthetic snapshot of a large cluster, written as `kubectl get -o json` prints one."""

import json
from collections.abc import Iterator
from pathlib import Path

Object = dict[str, object]

REPLICAS = 50
NAMESPACES = 100
ANTI_AFFINITY_EVERY = 10
"""One Deployment in so many keeps its pods on different hosts."""
FULL_NODES = 25
"""Nodes whose allocatable is set below what their pods request."""
LOST_PODS = 40
"""Pods bound to a node that is not there."""
PLANTED = {"SCHED-3": FULL_NODES, "SCHED-11": LOST_PODS}


def write_snapshot(path: Path, nodes: int, pods: int) -> None:
    """Write one List, indented as kubectl does."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{\n    "apiVersion": "v1",\n    "items": [\n')
        for number, item in enumerate(_make_objects(nodes, pods)):
            stream.write(",\n" if number else "")
            stream.write(json.dumps(item, indent=4))
        stream.write('\n    ],\n    "kind": "List",\n    "metadata": {"resourceVersion": ""}\n}\n')


def _make_objects(nodes: int, pods: int) -> Iterator[Object]:
    for number in range(nodes):
        yield _make_node(number, "2" if number < FULL_NODES else "32")
    for number in range(NAMESPACES):
        yield {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": f"team-{number}", "uid": f"ns-{number}"},
        }
    for number in range(pods // REPLICAS):
        yield from _make_application(number)
    for number in range(pods):
        yield _make_pod(number, nodes, pods)


def _make_node(number: int, cpu: str) -> Object:
    name = f"node-{number:05}"
    offered = {"cpu": cpu, "memory": "128Gi", "ephemeral-storage": "900Gi", "pods": "110"}
    times = {
        "lastHeartbeatTime": f"2026-01-01T00:0{number % 5}:07Z",
        "lastTransitionTime": "2025-12-31T23:59:00Z",
    }
    conditions = [
        {"type": "Ready", "status": "True", "reason": "KubeletReady", **times},
        {
            "type": "MemoryPressure",
            "status": "False",
            "reason": "KubeletHasSufficientMemory",
            **times,
        },
    ]
    labels = {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": f"z{number % 3}"}
    images = [
        {"names": [f"registry.example/app-{i}:v1"], "sizeBytes": 50_000_000} for i in range(20)
    ]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "uid": f"node-uid-{number}", "labels": labels},
        "spec": {"podCIDR": f"10.{number // 256}.{number % 256}.0/24"},
        "status": {
            "capacity": {**offered, "cpu": "32"},
            "allocatable": offered,
            "conditions": conditions,
            "images": images,
        },
    }


def _app(number: int) -> str:
    return f"app-{number:04}"


def _make_application(number: int) -> Iterator[Object]:
    app, namespace = _app(number), f"team-{number % NAMESPACES}"
    labels = {"app": app, "pod-template-hash": f"{number:08x}"}
    selector = {"matchLabels": {"app": app}}
    status = {"replicas": REPLICAS, "readyReplicas": REPLICAS, "availableReplicas": REPLICAS}
    for kind, name, owner in (
        ("Deployment", app, None),
        ("ReplicaSet", f"{app}-{number:08x}", _owner("Deployment", app)),
    ):
        meta: Object = {"name": name, "namespace": namespace, "uid": f"{kind}-{name}"}
        meta |= {"ownerReferences": [owner]} if owner else {}
        template = {"metadata": {"labels": labels}, "spec": _make_spec(number)}
        spec = {"replicas": REPLICAS, "selector": selector, "template": template}
        yield {
            "apiVersion": "apps/v1",
            "kind": kind,
            "metadata": meta,
            "spec": spec,
            "status": status,
        }
    ports = [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}]
    yield {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": app, "namespace": namespace, "uid": f"Service-{app}"},
        "spec": {"selector": {"app": app}, "ports": ports, "type": "ClusterIP"},
    }
    yield {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": app, "namespace": namespace, "uid": f"ConfigMap-{app}"},
        "data": {"config.yaml": "level: info\n"},
    }


def _owner(kind: str, name: str) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "name": name,
        "uid": f"{kind}-{name}",
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _make_spec(number: int) -> Object:
    app = _app(number)
    container = {
        "name": "main",
        "image": f"registry.example/{app}:v1",
        "imagePullPolicy": "IfNotPresent",
        "args": ["--config", "/etc/app/config.yaml", "--verbose"],
        "env": [
            {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "LEVEL", "value": "info"},
            {
                "name": "CONFIG",
                "valueFrom": {"configMapKeyRef": {"name": app, "key": "config.yaml"}},
            },
        ],
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "resources": {
            "requests": {"cpu": f"{100 + 50 * (number % 5)}m", "memory": "256Mi"},
            "limits": {"memory": "512Mi"},
        },
        "readinessProbe": {
            "httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"},
            "periodSeconds": 10,
            "timeoutSeconds": 1,
            "successThreshold": 1,
            "failureThreshold": 3,
        },
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }
    spec: Object = {
        "containers": [container],
        "dnsPolicy": "ClusterFirst",
        "enableServiceLinks": True,
        "priority": 0,
        "preemptionPolicy": "PreemptLowerPriority",
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "serviceAccountName": "default",
        "terminationGracePeriodSeconds": 30,
        "tolerations": [
            {
                "key": f"node.kubernetes.io/{state}",
                "operator": "Exists",
                "effect": "NoExecute",
                "tolerationSeconds": 300,
            }
            for state in ("not-ready", "unreachable")
        ],
    }
    if number % ANTI_AFFINITY_EVERY == 0:
        term = {
            "labelSelector": {"matchLabels": {"app": app}},
            "topologyKey": "kubernetes.io/hostname",
        }
        spec["affinity"] = {
            "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
        }
    return spec


def _make_pod(number: int, nodes: int, pods: int) -> Object:
    """Pods of one application are a stride apart, so no two are on one node."""
    application = number // REPLICAS
    app, hash_ = _app(application), f"{application:08x}"
    spec = _make_spec(application)
    suffix = f"{number:05x}"
    lost = pods - number <= LOST_PODS
    spec["nodeName"] = "node-gone" if lost else f"node-{number % nodes:05}"
    spec["volumes"] = [
        {
            "name": f"kube-api-access-{suffix}",
            "projected": {
                "defaultMode": 420,
                "sources": [{"serviceAccountToken": {"path": "token"}}],
            },
        }
    ]
    time = "2026-01-01T00:00:00Z"
    conditions = [
        {"type": type_, "status": "True", "lastProbeTime": None, "lastTransitionTime": time}
        for type_ in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
    ]
    container = {
        "name": "main",
        "image": f"registry.example/{app}:v1",
        "imageID": f"registry.example/{app}@sha256:{application:064x}",
        "containerID": f"containerd://{number:064x}",
        "ready": True,
        "started": True,
        "restartCount": 0,
        "state": {"running": {"startedAt": time}},
        "lastState": {},
        "resources": spec["containers"][0]["resources"],  # type: ignore[index]
        "allocatedResources": {"cpu": f"{100 + 50 * (application % 5)}m", "memory": "256Mi"},
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{app}-{hash_}-{suffix}",
            "generateName": f"{app}-{hash_}-",
            "namespace": f"team-{application % NAMESPACES}",
            "uid": f"00000000-0000-0000-0000-{number:012x}",
            "resourceVersion": str(1_000_000 + number),
            "creationTimestamp": time,
            "labels": {"app": app, "pod-template-hash": hash_},
            "ownerReferences": [_owner("ReplicaSet", f"{app}-{hash_}")],
        },
        "spec": spec,
        "status": {
            "phase": "Running",
            "startTime": time,
            "podIP": f"10.{number % 256}.{number // 256 % 256}.{7 + number // 65536}",
            "qosClass": "Burstable",
            "conditions": conditions,
            "containerStatuses": [container],
        },
    }
