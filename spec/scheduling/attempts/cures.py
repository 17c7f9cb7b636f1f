"""Why not, and what would: the single changes after which a pod fits somewhere.

Each change is made to a copy of the pod, or thought of the node, and all filters are run again; a
change is listed with the nodes that then take the pod. Preemption is no change and not listed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from planespec.spec.objects import Pod, Taint
from planespec.spec.pods.resources import compute_pod_requests
from planespec.spec.scheduling.amounts import CPU, EPHEMERAL_STORAGE, MEMORY, Amounts
from planespec.spec.scheduling.attempts.attempt import Attempt
from planespec.spec.scheduling.attempts.culprits import list_untolerated, write_taint
from planespec.spec.scheduling.attempts.measures import write_amount
from planespec.spec.scheduling.framework import find_feasible_nodes
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugins.node_affinity import REQUIRED
from planespec.spec.scheduling.plugins.node_unschedulable import CORDON_TAINT
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

MOST_TRIED = 24
"""Changes that are tried; on a large cluster each takes as long as the question itself."""
_FIELDS = {CPU: "milli_cpu", MEMORY: "memory", EPHEMERAL_STORAGE: "ephemeral_storage"}


@dataclass(frozen=True)
class Cure:
    """One change, and the nodes on which the pod then fits."""

    change: str
    nodes: Sequence[str]


def list_cures(attempt: Attempt) -> list[Cure]:
    """Return the changes that make room for a pod that fits nowhere, in the order of plugins."""
    found = []
    pod, snapshot = attempt.pod, attempt.snapshot
    for number, (change, changed, only) in enumerate(_list_changes(pod, snapshot)):
        if number >= MOST_TRIED:
            break
        nodes = [node.name for node in find_feasible_nodes(snapshot, changed).feasible]
        nodes = [name for name in nodes if name not in attempt.open_nodes]
        if only is not None:
            nodes = [name for name in nodes if name in only]
        if nodes:
            found.append(Cure(change, nodes))
    return [*found, *_list_smaller(attempt)]


Change = tuple[str, PodInfo, frozenset[str] | None]
"""What it is, the pod as it would be, and the only nodes it is about."""


def _list_changes(pod: PodInfo, snapshot: Snapshot) -> Iterator[Change]:
    yield from _list_tolerations(pod, snapshot)
    if pod.node_name:
        yield "leave out nodeName", _without(pod, "nodeName"), None
    for key, value in pod.pod.node_selector.items():
        kept = {other: each for other, each in pod.pod.node_selector.items() if other != key}
        yield f"leave out nodeSelector {key}={value}", _with(pod, nodeSelector=kept), None
    affinity = dict(pod.affinity.data)
    if pod.affinity.view("nodeAffinity").has(REQUIRED):
        changed = {**affinity, "nodeAffinity": {}}
        yield "leave out the required node affinity", _with(pod, affinity=changed), None
    for wanted in pod.host_ports:
        name = f"leave out host port {wanted.port}/{wanted.protocol}"
        yield name, _without_port(pod, wanted.port), None
    for number, view in enumerate(pod.spread_constraint_views):
        if view.text("whenUnsatisfiable") == "DoNotSchedule":
            rest = [each for i, each in enumerate(pod.spread_constraint_views) if i != number]
            listed = [each.data for each in rest]
            key = view.text("topologyKey")
            name = f"let the spread over {key} be ScheduleAnyway"
            yield name, _with(pod, topologySpreadConstraints=listed), None
    yield from _list_terms(pod, affinity)


def _list_tolerations(pod: PodInfo, snapshot: Snapshot) -> Iterator[Change]:
    taints: dict[Taint, None] = {}
    cordoned = []
    for node in snapshot.nodes.values():
        taints |= dict.fromkeys(list_untolerated(pod, node))
        if node.is_unschedulable:
            cordoned.append(node.name)
    for taint in taints:
        if taint.key != CORDON_TAINT.key:
            yield f"tolerate {write_taint(taint)}", _tolerating(pod, taint), None
    uncordoned = _tolerating(pod, CORDON_TAINT)
    for name in cordoned:
        yield f"uncordon node {name}", uncordoned, frozenset({name})


def _list_terms(pod: PodInfo, affinity: Mapping[str, object]) -> Iterator[Change]:
    for field, word in (("podAffinity", "affinity"), ("podAntiAffinity", "anti-affinity")):
        side = pod.affinity.view(field)
        terms = side.views(REQUIRED)
        for number, term in enumerate(terms):
            rest = [each.data for i, each in enumerate(terms) if i != number]
            inner = {**side.data, REQUIRED: rest}
            name = f"leave out {word} term {number + 1} ({term.text('topologyKey')})"
            yield name, _with(pod, affinity={**affinity, field: inner}), None


def _with(pod: PodInfo, **fields: object) -> PodInfo:
    return PodInfo(Pod({**pod.pod.data, "spec": {**pod.pod.spec.data, **fields}}, pod.pod.field))


def _without(pod: PodInfo, field: str) -> PodInfo:
    spec = {name: value for name, value in pod.pod.spec.data.items() if name != field}
    return PodInfo(Pod({**pod.pod.data, "spec": spec}, pod.pod.field))


def _tolerating(pod: PodInfo, taint: Taint) -> PodInfo:
    added = {"key": taint.key, "operator": "Exists", "effect": taint.effect}
    return _with(pod, tolerations=[*pod.pod.spec.items("tolerations"), added])


def _without_port(pod: PodInfo, number: int) -> PodInfo:
    fields: dict[str, object] = {}
    for name in ("containers", "initContainers"):
        if pod.pod.spec.has(name):
            fields[name] = [
                {**each.data, "ports": _drop(each.data.get("ports"), number)}
                for each in pod.pod.spec.views(name)
            ]
    return _with(pod, **fields)


def _drop(ports: object, number: int) -> object:
    listed = ports if isinstance(ports, list) else []
    return [each for each in listed if each.get("hostPort") != number]


# Asking for less.


def _list_smaller(attempt: Attempt) -> Iterator[Cure]:
    """Yield for each resource how much of it a node could give, if nothing else is wrong there."""
    pod = attempt.pod
    written = compute_pod_requests(pod.pod, use_status=True)
    names = [*_FIELDS, *pod.requests.scalars]
    for name in names:
        asked = _get(pod.requests, name)
        if asked <= 0:
            continue
        changed = pod.asking_for(_set(pod.requests, name, 0))
        nodes = find_feasible_nodes(attempt.snapshot, changed).feasible
        free = {node.name: _get_free(node, name) for node in nodes}
        most = max((free[each] for each in free if each not in attempt.open_nodes), default=0)
        if 0 < most < asked:
            texts = [write_amount(name, amount, written.get(name)) for amount in (most, asked)]
            change = f"request {texts[0]} of {name} instead of {texts[1]}"
            yield Cure(change, [each for each, amount in free.items() if amount == most])


def _get(amounts: Amounts, name: str) -> int:
    if name in _FIELDS:
        amount: int = getattr(amounts, _FIELDS[name])
        return amount
    return amounts.scalars.get(name, 0)


def _set(amounts: Amounts, name: str, amount: int) -> Amounts:
    if name == CPU:
        return replace(amounts, milli_cpu=amount)
    if name == MEMORY:
        return replace(amounts, memory=amount)
    if name == EPHEMERAL_STORAGE:
        return replace(amounts, ephemeral_storage=amount)
    return replace(amounts, scalars={**amounts.scalars, name: amount})


def _get_free(node: NodeInfo, name: str) -> int:
    return _get(node.allocatable, name) - _get(node.requested, name)
