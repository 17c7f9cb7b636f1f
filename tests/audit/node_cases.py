"""Objects of nodes and what is on them: what breaks a requirement, and what only looks alike."""

from typing import Any

from snapshots import Object, make

OLD, BEFORE, RECENT, NOW = (
    f"2026-01-01T{time}Z" for time in ("01:00:00", "08:00:00", "11:40:00", "12:00:00")
)
"""Long ago; four hours ago; not long ago by any measure between kinds; the last report."""


def node(name: str = "n1", taints: tuple[Object, ...] = (), **conditions: Any) -> Object:
    """A node that has been Ready since OLD and reported NOW, but for what is said of it.

    A condition is a status, or a status, when it came to be so and a message.
    """
    listed = []
    for type_, said in ({"Ready": "True"} | conditions).items():
        status, since, message = said if isinstance(said, tuple) else (said, OLD, "")
        times = {"lastTransitionTime": since, "lastHeartbeatTime": conditions.get("at", NOW)}
        listed.append({"type": type_, "status": status, "message": message, **times})
    status = {
        "allocatable": {"cpu": "9", "memory": "4Gi", "pods": "10"},
        "conditions": [each for each in listed if each["type"] != "at"],
    }
    return make("Node", name, spec={"taints": list(taints)} if taints else {}, status=status)


def taint(key: str, effect: str = "NoExecute", added: str = OLD) -> Object:
    return {"key": f"node.kubernetes.io/{key}", "effect": effect, "timeAdded": added}


def tolerating(*keys: str, seconds: int | None = None) -> list[Object]:
    lasting = {} if seconds is None else {"tolerationSeconds": seconds}
    names = [{"key": f"node.kubernetes.io/{key}"} if key else {} for key in keys]
    return [{**name, "operator": "Exists", **lasting} for name in names]


RUNS = {"running": {"startedAt": OLD}}
WAITS = {"waiting": {"reason": "PodInitializing"}}


def ended(code: int = 0, **more: Any) -> Object:
    return {"terminated": {"exitCode": code, "startedAt": OLD, "finishedAt": OLD, **more}}


def shown(name: str, state: Object, *, ready: bool = True, **more: Any) -> Object:
    return {"name": name, "state": state, "ready": ready, "restartCount": 0, **more}


def pod(name: str = "a", *containers: Object, init: tuple[Any, ...] = (), **more: Any) -> Object:
    """A pod on n1 that runs since OLD; `init` has names, restart policies and statuses."""
    meta = {"name": name, "generation": 1, **more.pop("meta", {})}
    times = {"lastTransitionTime": OLD, "status": "True"}
    status = {
        "phase": "Running",
        "startTime": OLD,
        "conditions": [{"type": "PodScheduled", **times}, {"type": "Ready", **times}],
        "containerStatuses": list(containers) or [shown("c", RUNS)],
        **({"initContainerStatuses": [each[-1] for each in init]} if init else {}),
        **more.pop("status", {}),
    }
    spec: Object = {"nodeName": "n1", "containers": [{"name": "c", "image": "i"}], **more}
    if init:
        spec["initContainers"] = [
            {"name": each["name"], "image": "i", **({"restartPolicy": rule} if rule else {})}
            for rule, each in init
        ]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}


def failed(message: str, quality: str = "Burstable", priority: int = 0) -> Object:
    status = {"phase": "Failed", "reason": "Evicted", "message": message, "qosClass": quality}
    return pod(priority=priority, status=status | {"conditions": [], "containerStatuses": []})


def evicted(tolerations: list[Object], reason: str = "DeletionByTaintManager") -> Object:
    target = {"type": "DisruptionTarget", "status": "True", "reason": reason}
    return pod(tolerations=tolerations, status={"conditions": [target]})


def first(state: Object, **more: Any) -> tuple[str, Object]:
    return "", shown("first", state, **more)


def sidecar(state: Object, **more: Any) -> tuple[str, Object]:
    return "Always", shown("side", state, **more)


def deleted(until: str = BEFORE, **more: Any) -> Object:
    times = {"deletionTimestamp": until, "deletionGracePeriodSeconds": 30}
    return pod(meta={**times, "generation": 2, **more})


def waiting(scheduled: str) -> Object:
    """A pod that was given a node, of which no kubelet has said anything."""
    bound = {"type": "PodScheduled", "status": "True", "lastTransitionTime": scheduled}
    made = pod()
    return made | {"status": {"phase": "Pending", "conditions": [bound]}}


def at(name: str, address: str, started: str = OLD, **more: Any) -> Object:
    container = shown("c", {"running": {"startedAt": started}}, **more.pop("container", {}))
    return pod(name, container, status={"podIP": address}, **more)


def volume(
    name: str = "pv",
    claim: str = "data",
    mode: str = "ReadWriteOnce",
    driver: str = "disk.example.com",
    uid: str = "",
    since: str = OLD,
) -> Object:
    spec = {
        "accessModes": [mode],
        "capacity": {"storage": "1Gi"},
        "csi": {"driver": driver, "volumeHandle": name},
        "claimRef": {"kind": "PersistentVolumeClaim", "namespace": "default", "name": claim},
    }
    spec["claimRef"] |= {"uid": uid} if uid else {}
    status = {"phase": "Bound", "lastPhaseTransitionTime": since}
    return make("PersistentVolume", name, spec=spec, status=status)


def claim(name: str = "data", to: str = "pv", phase: str = "Bound", **meta: Any) -> Object:
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    status = {"phase": phase}
    spec = {**wanted, "volumeName": to}
    return make("PersistentVolumeClaim", name, spec=spec, status=status, **meta)


def attachment(to: str, of: str = "pv", *, attached: bool = True, **meta: Any) -> Object:
    source = {"persistentVolumeName": of}
    spec = {"attacher": "disk.example.com", "nodeName": to, "source": source}
    made = make("VolumeAttachment", f"{of}-{to}", spec=spec, status={"attached": attached})
    made["metadata"] |= meta
    return made


DRIVER = make("CSIDriver", "disk.example.com", spec={"attachRequired": True})
NOT_ATTACHING = make("CSIDriver", "disk.example.com", spec={"attachRequired": False})
USER = {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}
STORED = [node(), node("n2"), volume(), claim(), DRIVER]
LOW = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 20Mi. "
PRESSED = "The node had condition: [MemoryPressure]. "
CRITICAL = 2_000_000_000
CLOSES = ("False", BEFORE, "node is shutting down")
AFTER = "2026-01-01T09:00:00Z"
PRESSURE = [taint("memory-pressure", "NoSchedule", BEFORE)]
SPARED = tolerating("not-ready", "unreachable", seconds=300)


def lease(name: str, renewed: str) -> Object:
    made = make("Lease", name, namespace="kube-node-lease", spec={"holderIdentity": name})
    made["spec"]["renewTime"] = renewed
    return made


def none(started: str, quality: str = "BestEffort", **more: Any) -> Object:
    return pod(status={"startTime": started, "qosClass": quality}, **more)


BROKEN: dict[str, list[list[Object]]] = {
    "KUB-5": [
        [pod("a", shown("c", WAITS), init=(first(WAITS), ("", shown("next", RUNS))))],
        [pod("a", shown("c", WAITS), init=(sidecar(WAITS), ("", shown("next", RUNS))))],
        [pod("a", shown("c", WAITS), init=(first(RUNS), ("Always", shown("side", RUNS))))],
    ],
    "KUB-6": [
        [pod(init=(first(RUNS),))],
        [pod(init=(first(ended(3)),))],
        [pod(init=(sidecar(WAITS), first(ended())))],
        [pod(init=(first({"waiting": {"reason": "x"}}, lastState=ended(1)),))],
    ],
    "KUB-8": [
        [pod("a", shown("c", RUNS, lastState=ended()), restartPolicy="Never")],
        [pod("a", shown("c", RUNS, lastState=ended(1)), restartPolicy="Never")],
    ],
    "KUB-11": [[pod("a", shown("c", ended(2)), status={"phase": "Succeeded"})]],
    "KUB-15": [
        [pod("a", shown("c", RUNS, ready=False))],
        [pod(init=(sidecar(RUNS, ready=False),))],
    ],
    "KUB-17": [[node(), deleted()]],
    "KUB-26": [[node(), waiting(BEFORE)]],
    "KUB-30": [[failed(LOW, priority=CRITICAL)]],
    "KUB-34": [[node(taints=(*PRESSURE,), MemoryPressure=("True", BEFORE, "")), none(AFTER)]],
    "KUB-35": [
        [failed(PRESSED)],
        [failed("The node had condition: [DiskPressure]. ", priority=CRITICAL)],
    ],
    "NODE-3": [
        [evicted(tolerating(""))],
        [evicted([{"operator": "Exists", "effect": "NoExecute"}])],
    ],
    "NODE-5": [
        [node(Ready=("Unknown", OLD, ""), taints=(taint("unreachable"),)), *map(node, "pqr")]
        + [pod(tolerations=SPARED)]
    ],
    "NODE-7": [
        [node(taints=(taint("unreachable"),)), pod(tolerations=tolerating(""))],
        [node(taints=(taint("not-ready", "NoSchedule"),))],
    ],
    "NODE-10": [
        [node(Ready=CLOSES, taints=(taint("not-ready", "NoSchedule", BEFORE),)), none(AFTER)]
    ],
    "NODE-13": [
        [node(at=BEFORE), node("n2"), node("n3"), lease("n1", BEFORE), lease("n2", NOW)],
    ],
    "NODE-14": [
        [node(DiskPressure=("True", BEFORE, ""))],
        [node(Ready=("Unknown", BEFORE, "")), node("n2")],
        [node(Ready=("False", BEFORE, ""))],
    ],
    "CNI-1": [[node(), at("a", "10.0.0.7"), at("b", "10.0.0.7")]],
    "CSI-3": [[*STORED, pod(**USER), attachment("n2")]],
    "CSI-12": [[volume(), claim(), claim("other")]],
    "CSI-13": [
        [node(), volume(claim="other"), claim()],
        [node(), volume(uid="1"), claim(uid="2")],
    ],
    "CSI-16": [[volume(), claim(), attachment("n1"), attachment("n2")]],
}
"""What breaks each requirement, in each way."""

KEPT: dict[str, list[list[Object]]] = {
    "KUB-5": [
        [pod("a", shown("c", WAITS), init=(first(ended()), ("", shown("next", RUNS))))],
        # A new sandbox: the first runs anew, and of the next the old end is shown.
        [pod("a", shown("c", WAITS), init=(first(RUNS), ("", shown("next", ended()))))],
        [pod("a", shown("c", WAITS), init=(sidecar(RUNS), first(RUNS)))],
    ],
    "KUB-6": [
        [pod(init=(sidecar(RUNS), first(ended())))],
        [pod(init=(sidecar({"waiting": {"reason": "x"}}, lastState=ended(1)),))],
        [pod("a", shown("c", ended(137)), init=(first(RUNS),))],
        [pod(init=(first(WAITS),), meta={"annotations": {"kubernetes.io/config.mirror": "h"}})],
        [pod(init=(first({}),))],
    ],
    "KUB-8": [
        [pod("a", shown("c", RUNS, lastState=ended()), restartPolicy="OnFailure")],
        [pod("a", shown("c", RUNS, lastState=ended(1)))],
        [
            pod(
                "a",
                shown("c", RUNS, lastState=ended()),
                restartPolicy="Never",
                meta={"generation": 2},
            )
        ],
        [pod("a", shown("c", RUNS, lastState=ended(128)), restartPolicy="Never")],
        [
            pod(
                "a",
                shown("c", RUNS, lastState=ended(137, reason="ContainerStatusUnknown")),
                restartPolicy="Never",
            )
        ],
        [
            pod("a", shown("c", RUNS, lastState=ended(1)), restartPolicy="Never")
            | {
                "spec": {
                    "nodeName": "n1",
                    "restartPolicy": "Never",
                    "containers": [{"name": "c", "image": "i", "restartPolicy": "Always"}],
                }
            }
        ],
    ],
    "KUB-11": [
        [pod("a", shown("c", ended()), init=(first(ended()), sidecar(ended(143))))]
        + [pod("b", shown("c", ended()), status={"phase": "Succeeded"})]
    ],
    "KUB-15": [
        [pod("a", shown("c", RUNS, ready=False), status={"conditions": []})],
        [pod(init=(first(ended(), ready=False),))],
        # Hollow kubelets show what waits as ready, and the pod with it.
        [pod("a", shown("c", WAITS, ready=False), status={"phase": "Pending"})],
    ],
    "KUB-17": [
        [node(), deleted(RECENT)],
        [node(Ready=("True", RECENT, "")), deleted()],
        [node(Ready=("False", OLD, ""), taints=(taint("not-ready"),)), deleted()],
        [node(), deleted(annotations={"kubernetes.io/config.mirror": "h"})],
        [make("Node", "n1"), deleted()],
    ],
    "KUB-26": [
        [node(), waiting(RECENT)],
        [node(Ready=("True", RECENT, "")), waiting(BEFORE)],
        [node(), pod("a", shown("c", WAITS, ready=False), status={"phase": "Pending"})],
    ],
    "KUB-30": [[failed("Pod ephemeral local storage usage exceeds", priority=CRITICAL)]],
    "KUB-34": [
        [node(taints=(*PRESSURE,), MemoryPressure=("True", BEFORE, "")), none(started, **more)]
        for started, more in (
            (OLD, {}),
            ("2026-01-01T12:00:09Z", {}),
            (AFTER, {"quality": "Burstable"}),
            (AFTER, {"priority": CRITICAL}),
            (AFTER, {"tolerations": tolerating("memory-pressure")}),
        )
    ],
    "KUB-35": [
        [failed(PRESSED, "BestEffort")],
        [failed("The node had condition: [DiskPressure]. ")],
        [failed("The node had condition: [DiskPressure MemoryPressure]. ")],
        [failed(LOW)],
    ],
    "NODE-3": [
        [evicted(tolerating("", seconds=300))],
        [evicted([*SPARED, *tolerating("")])],
        [evicted(tolerating("not-ready"))],
        [evicted([{"operator": "Exists", "effect": "NoSchedule"}])],
        [evicted(tolerating(""), "EvictionByEvictionAPI")],
    ],
    "NODE-5": [
        [node(Ready=("Unknown", since, ""), taints=(taint("unreachable", added=since),))]
        + [*map(node, "pqr"), pod(tolerations=tolerations, **more)]
        for since, tolerations, more in (
            (RECENT, SPARED, {}),
            (OLD, tolerating("unreachable", "not-ready"), {}),
            (OLD, tolerating("unreachable", seconds=36_000), {}),
            (OLD, SPARED, {"meta": {"deletionTimestamp": NOW, "generation": 2}}),
        )
    ],
    "NODE-7": [
        [node(taints=(taint("unreachable", added=late),)), pod(tolerations=tolerating(""))]
        for late in ("2026-01-01T11:58:00Z",)
    ]
    + [[node(taints=({"key": "dedicated", "effect": "NoSchedule"},))]],
    "NODE-10": [
        [node(Ready=CLOSES, taints=(taint("not-ready", "NoSchedule", BEFORE),)), none(started)]
        for started in (OLD, "2026-01-01T08:00:20Z", "2026-01-01T12:00:20Z")
    ],
    "NODE-13": [
        [node(at=BEFORE), node("n2"), node("n3"), lease("n1", NOW)],
        [node(), node("n2"), node("n3"), lease("n1", BEFORE)],
        [node(at=BEFORE), node("n2"), node("n3")],
        [node(at=BEFORE), lease("n1", BEFORE)],
    ],
    "NODE-14": [
        [node(DiskPressure=("True", BEFORE, ""), taints=(taint("disk-pressure", "NoSchedule"),))],
        [node(DiskPressure=("True", "2026-01-01T11:59:30Z", ""))],
        [node(Ready=("Unknown", BEFORE, "")), make("Node", "n2")],
    ],
    "CNI-1": [
        [node(), at("a", "10.0.0.7"), at("b", "10.0.0.8")],
        [node(), at("a", "10.0.0.7"), at("b", "10.0.0.7", RECENT)],
        [node(), *(at(name, "10.0.0.7", hostNetwork=True) for name in "ab")],
        [node(), at("a", "10.0.0.7"), at("b", "10.0.0.7", meta={"deletionTimestamp": NOW})],
        [node()]
        + [at(name, "10.0.0.7", container={"containerID": "fakeRuntime://x"}) for name in "ab"],
        [node(Ready=("False", OLD, ""), taints=(taint("not-ready"),))]
        + [at(name, "10.0.0.7") for name in "ab"],
    ],
    "CSI-3": [
        [*STORED, pod(**USER), attachment("n1")],
        [*STORED[:-1], NOT_ATTACHING, pod(**USER), attachment("n2")],
        # Of two drivers one attaches.
        [*STORED[:-1], NOT_ATTACHING, pod(**USER), attachment("n2", "pw")]
        + [volume("pw", "w", driver="net.example.com"), claim("w", "pw")]
        + [make("CSIDriver", "net.example.com", spec={})],
        [*STORED[:-1], pod(**USER), attachment("n2")],
        [*STORED, pod("a", shown("c", {"running": {"startedAt": RECENT}}), **USER)]
        + [attachment("n2")],
        [*STORED, pod(**USER)],
    ],
    "CSI-13": [
        [node(), volume(uid="1"), claim(uid="1")],
        [node(), volume(), claim(uid="1")],
        [node(), volume(claim="other", since=RECENT), claim()],
        [volume(claim="other"), claim()],
        [node(), volume(claim="other"), claim(phase="Pending")],
    ],
    "CSI-12": [
        [volume(), claim(), claim("other", phase="Pending")],
        [volume(), volume("pw", "other"), claim(), claim("other", "pw")],
    ],
    "CSI-16": [
        [volume(mode="ReadWriteMany"), claim(), attachment("n1"), attachment("n2")],
        [volume(), claim(), attachment("n1"), attachment("n2", attached=False)],
        [volume(), claim(), attachment("n1", deletionTimestamp=NOW), attachment("n2")],
    ],
}
"""What a healthy cluster may show, though it looks alike."""
