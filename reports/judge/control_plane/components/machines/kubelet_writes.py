"""Why a kubelet may tell this status of a pod, turn it away, remove it, or make a mirror of one.

A status follows from the version of the pod that it was patched into (`pod_versions`); a pod that
is turned away does not fit beside some of the others that the kubelet could know of its node.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import answer, find_cuts
from planespec.reports.judge.control_plane.scene import LAG, Scene
from planespec.reports.judge.control_plane.write_explainers import explains, list_lives
from planespec.reports.judge.versions.object_versions import Life, Version
from planespec.spec.node.pod_life.pod_versions import Happening, explain_version
from planespec.spec.node.predicate_admission import Admission, admit_pod
from planespec.spec.node.status_parts import OWNED, SHARED, Json, is_terminal
from planespec.spec.objects.core_views import Node, Pod
from planespec.spec.objects.view import View

MIRROR, HASH = "kubernetes.io/config.mirror", "kubernetes.io/config.hash"
REFUSED = "Pod was rejected: "
_ORDER = "$setElementOrder/"
MOST_STATES, MOST_DOUBTFUL = 5, 6
"""Of how many states, and of how many pods of each, it is tried which of them a kubelet has."""
_STATIC = "static pod"
"""What actions call manifests."""
TOLD = {
    *("conditions", "containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"),
    *("phase", "observedGeneration", "resources", "startTime", "allocatedResources", "hostIP"),
    *("hostIPs", "podIP", "podIPs", "message", "reason", "qosClass", "resize"),
}
"""What of a status a kubelet tells."""


@explains("hollow-kubelet patch pods/status", "kubelet patch pods/status")
def explain_status(write: Write, scene: Scene) -> str:
    """Why a kubelet has no reason to tell this status of a pod."""
    return answer(write, scene, _find_status_fault(write, scene))


def _find_status_fault(write: Write, scene: Scene) -> str:
    body = View(write.body)
    metadata, status = body.view("metadata"), body.view("status")
    if body.data.keys() - {"metadata", "status"} or metadata.data.keys() != {"uid"}:
        return "changes more than the status"
    foreign = {name.removeprefix(_ORDER) for name in status.data} - TOLD
    if foreign:
        return f"tells {', '.join(sorted(foreign))}, which no kubelet does"
    for each in status.views("conditions"):
        if each.text("type") not in OWNED | SHARED and not each.has("$patch"):
            return f"tells the condition {each.text('type')}, which no kubelet does"
    ordered = {each.text("type") for each in status.views(f"{_ORDER}conditions")}
    for version in write.made:
        told = View(version.data).view("status").views("conditions")
        if unknown := ordered - {each.text("type") for each in told}:
            return f"puts the condition {min(unknown)} in order, which the pod has not"
        fault = _find_version_fault(write, scene, version)
        if fault:
            return fault
    return ""


def _find_version_fault(write: Write, scene: Scene, version: Version) -> str:
    """Why the version of the pod that a status made does not follow from the one before it."""
    before = version.before
    if before is None or not version.data["spec"].get("nodeName"):
        return "the pod was on no node"
    fault = explain_version(before.data, version.data, Happening(may_forget=True))
    if fault:
        return fault
    told: Json = version.data.get("status") or {}
    if (told.get("message") or "").startswith(REFUSED) and not _is_refused(before):
        return find_refusal_fault(write, scene, version)
    return ""


def _is_refused(version: Version) -> bool:
    return is_terminal((version.data.get("status") or {}).get("phase"))


def find_refusal_fault(write: Write, scene: Scene, version: Version) -> str:
    """Why a kubelet does not turn a pod away so: beside no pods that it could know of."""
    status, pod = version.data["status"], Pod(version.data)
    if status.get("phase") != "Failed":
        return "a pod that is turned away has failed"
    told = (status.get("reason"), status.get("message"))
    found = Admission()
    for node, others in _list_neighbours(write, scene, pod):
        found = admit_pod(pod, node, others, lambda: None)
        if told == (found.reason, REFUSED + found.message):
            return ""
    return f"the pod is turned away as {told[0]}, and should be {found.reason or 'admitted'}"


def _list_neighbours(write: Write, scene: Scene, pod: Pod) -> Iterator[tuple[Node, list[Pod]]]:
    """States of the node that the kubelet could know, with the pods that it could have there.

    It admits pods one after the other, so that some that are bound are not there yet.
    """
    nodes = scene.list_named("Node", pod.node_name)
    lives = [
        life
        for life in scene.history.list_lives("Pod")
        if life.uid != pod.meta.uid
        and any(each.data["spec"].get("nodeName") == pod.node_name for each in life.versions)
    ]
    seen = [life.at(cut) for cut in reversed(find_cuts(write, scene, nodes)) for life in nodes]
    known = list(dict.fromkeys(each for each in seen if each is not None))
    cuts = reversed(find_cuts(write, scene, lives))
    states = (_list_bound(lives, cut, pod.node_name) for cut in cuts)
    for others in _list_admitted(states):
        for node in known[:4]:
            yield Node(node.data), others


def _list_bound(lives: list[Life], cut: int, node: str) -> list[Pod]:
    """The pods of a node that have not ended, as of a cut."""
    pods = [Pod(each.data) for life in lives if (each := life.at(cut)) is not None]
    return [each for each in pods if each.node_name == node and not each.is_terminal]


def _list_admitted(states: Iterable[list[Pod]]) -> Iterator[list[Pod]]:
    """Which of the pods of a node a kubelet may have: all, those it told of, then others.

    Of one that goes the kubelet knows earlier than others that it is at its end.
    """
    latest = list[list[Pod]]()
    for there in states:
        latest = latest if len(latest) == MOST_STATES else [*latest, there]
        yield there
        yield [each for each in there if each.status.has("startTime")]
    for there in latest:
        doubtful = [e for e in there if not e.status.has("startTime") or e.meta.is_deleting]
        last = doubtful[-MOST_DOUBTFUL:]
        sure = [each for each in there if each not in last]
        for size in reversed(range(len(last) + 1)):
            for some in combinations(last, size):
                yield [*sure, *some]


@explains("hollow-kubelet delete pods", "kubelet delete pods")
def explain_removal(write: Write, scene: Scene) -> str:
    """Why a kubelet may not remove a pod: it was not to go, or its containers run."""
    return answer(write, scene, _find_removal_fault(write, scene))


def _find_removal_fault(write: Write, scene: Scene) -> str:
    body = View(write.body)
    uid = body.view("preconditions").text("uid")
    if body.integer("gracePeriodSeconds") != 0 or not uid:
        return "does not remove one pod at once"
    fault = "the pod was never there"
    for life in list_lives(write, scene):
        for version in life.versions:
            if life.uid == uid and version.since <= write.received:
                fault = _find_stay(version, write, scene) if not version.is_gone else fault
                if not fault:
                    return ""
    return fault


def _find_stay(version: Version, write: Write, scene: Scene) -> str:
    """Why a pod stays as long as it is at this version."""
    if version.after is not None and version.after.until < write.received - LAG:
        return "" if not write.is_accepted and _is_going(version) else "the pod has changed since"
    if MIRROR in (version.meta.get("annotations") or {}):
        is_changed = any(_STATIC in each.do for each in scene.actions)
        return "" if _is_going(version) or is_changed else "the mirror is that of its pod"
    if not _is_going(version):
        return "the pod was not to be deleted"
    status = version.data.get("status") or {}
    runs = [
        str(each.get("name"))
        for name in ("initContainerStatuses", "containerStatuses")
        for each in status.get(name) or ()
        if "running" in (each.get("state") or {})
    ]
    return f"{', '.join(runs)} run on" if runs else ""


def _is_going(version: Version) -> bool:
    return bool(version.meta.get("deletionTimestamp"))


@explains("hollow-kubelet create pods", "kubelet create pods")
def explain_mirror(write: Write, scene: Scene) -> str:
    """Why a pod is no mirror of a static one of a node that is there."""
    return answer(write, scene, _find_mirror_fault(write, scene))


def _find_mirror_fault(write: Write, scene: Scene) -> str:
    body = View(write.body)
    metadata, spec = body.view("metadata"), body.view("spec")
    annotations, node = metadata.text_map("annotations"), spec.text("nodeName")
    if not annotations.get(MIRROR) or annotations[MIRROR] != annotations.get(HASH):
        return "is no mirror of a static pod"
    owners = metadata.views("ownerReferences")
    lives = scene.list_named("Node", node)
    uids = {each.uid for each in lives if each.versions[0].since <= write.received}
    named = [each.text("uid") for each in owners if each.text("kind") == "Node"]
    if len(named) != 1 or named[0] not in uids:
        return "its owner is not the node it is on"
    if not metadata.text("name").endswith(f"-{node}"):
        return "is not called after its node"
    if any(_STATIC in each.do for each in scene.actions):
        return _find_manifest_fault(write, scene)
    return ""


def _find_manifest_fault(write: Write, scene: Scene) -> str:
    """Why no manifest that was there is that of the pod, by its name.

    What else stands in a manifest is known of the last one that was written only.
    """
    for each in scene.actions:
        if _STATIC in each.do and each.begun <= write.received + LAG:
            name = View(each.data).view("body").view("metadata").text("name")
            if name and write.name.startswith(f"{name}-"):
                return ""
    return "no manifest of such a pod was there"
