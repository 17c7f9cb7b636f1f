"""Small clusters in a line, for tests of one sentence each."""

from collections.abc import Mapping, Sequence

from planespec.spec.scheduling.framework import run_pre_filters, run_scores
from planespec.spec.scheduling.plugin import Status
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.snapshot_building import build_snapshot, read_pod

Object = dict[str, object]
HOSTNAME = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
REGION = "topology.kubernetes.io/region"


def node(
    name: str = "n0",
    labels: Mapping[str, str] | None = None,
    *,
    taints: Sequence[Mapping[str, str]] = (),
    images: Mapping[str, int] | None = None,
    unschedulable: bool = False,
    **allocatable: str,
) -> Object:
    """A node with 4 CPUs, 8 GiB and 110 pods unless told otherwise."""
    amounts = {"cpu": "4", "memory": "8Gi", "pods": "110"}
    amounts |= {key.replace("_", "-"): value for key, value in allocatable.items()}
    return {
        "metadata": {"name": name, "labels": {HOSTNAME: name, **(labels or {})}},
        "spec": {"taints": [dict(taint) for taint in taints], "unschedulable": unschedulable},
        "status": {
            "allocatable": amounts,
            "images": [{"names": [n], "sizeBytes": s} for n, s in (images or {}).items()],
        },
    }


def pod(
    name: str = "p",
    labels: Mapping[str, str] | None = None,
    *,
    on: str = "",
    namespace: str = "default",
    cpu: str = "",
    memory: str = "",
    ports: Sequence[Mapping[str, object]] = (),
    image: str = "nginx",
    start: str = "",
    deleting: bool = False,
    phase: str = "",
    nominated: str = "",
    **spec: object,
) -> Object:
    """A pod of one container; `on` is its node, other keywords are fields of its spec."""
    requests = {k: v for k, v in (("cpu", cpu), ("memory", memory)) if v}
    container = {"name": "c", "image": image, "resources": {"requests": requests}}
    container["ports"] = [dict(port) for port in ports]
    metadata: Object = {"name": name, "namespace": namespace, "labels": dict(labels or {})}
    if deleting:
        metadata["deletionTimestamp"] = "2026-01-05T00:00:00Z"
    status = {"phase": phase, "startTime": start, "nominatedNodeName": nominated}
    return {
        "metadata": metadata,
        "spec": {"containers": [container], "nodeName": on, **spec},
        "status": {key: value for key, value in status.items() if value},
    }


def world(nodes: Sequence[Object], pods: Sequence[Object] = (), **others: object) -> Snapshot:
    """A snapshot; other keywords are lists of objects by kind."""
    objects = {"Node": nodes, "Pod": pods, **others}
    return build_snapshot(objects)  # type: ignore[arg-type]  # tests pass lists only


def pre_filter(plugin: str, snapshot: Snapshot, incoming: Object) -> Status:
    """What a plugin says of the pod before any node."""
    return run_pre_filters(snapshot, read_pod(incoming)).statuses[plugin]


def filter_node(plugin: str, snapshot: Snapshot, incoming: Object, on: str = "n0") -> Status:
    """What a plugin alone says of the pod on a node."""
    return run_pre_filters(snapshot, read_pod(incoming)).filter(plugin, snapshot.nodes[on])


def passes(plugin: str, snapshot: Snapshot, incoming: Object, on: str = "n0") -> bool:
    """Whether a plugin alone lets the pod onto a node."""
    return filter_node(plugin, snapshot, incoming, on).is_success


def raw(plugin: str, snapshot: Snapshot, incoming: Object) -> Mapping[str, int]:
    """The plugin's own scores over all nodes."""
    return _scores(plugin, snapshot, incoming).raw


def normalized(plugin: str, snapshot: Snapshot, incoming: Object) -> Mapping[str, int]:
    """The plugin's scores over all nodes, spread over 0 to 100."""
    return _scores(plugin, snapshot, incoming).normalized


def _scores(plugin: str, snapshot: Snapshot, incoming: Object):  # type: ignore[no-untyped-def]
    candidates = list(snapshot.nodes.values())
    return run_scores(snapshot, read_pod(incoming), candidates).plugins[plugin]


def skips(plugin: str, snapshot: Snapshot, incoming: Object) -> bool:
    """Whether the plugin gives the pod no scores at all."""
    candidates = list(snapshot.nodes.values())
    return plugin not in run_scores(snapshot, read_pod(incoming), candidates).plugins


def affinity(kind: str, *terms: Mapping[str, object], weights: Sequence[int] = ()) -> Object:
    """A pod's `affinity` of one kind: required terms, or preferred ones with `weights`."""
    if not weights:
        return {
            "affinity": {
                kind: {"requiredDuringSchedulingIgnoredDuringExecution": terms and list(terms)}
            }
        }
    inner = "preference" if kind == "nodeAffinity" else "podAffinityTerm"
    preferred = [{"weight": w, inner: t} for w, t in zip(weights, terms, strict=True)]
    return {"affinity": {kind: {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}}


def term(key: str = HOSTNAME, **labels: str) -> Object:
    """A term of pod affinity for pods with these labels."""
    return {"topologyKey": key, "labelSelector": {"matchLabels": labels}}


def spread(
    key: str = ZONE, skew: int = 1, action: str = "DoNotSchedule", **other: object
) -> Object:
    """A spread constraint over pods with app=a."""
    selector = {"labelSelector": {"matchLabels": {"app": "a"}}}
    return {"topologyKey": key, "maxSkew": skew, "whenUnsatisfiable": action, **selector, **other}
