"""Writes of components of a cluster with a fault in them that no such component makes.

Each function changes a request in place, or returns False where it has no place for its fault. It
is given the scene, since what is wrong with a write is often that it is about another object.
"""

import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.versions.object_versions import Version

Json = dict[str, Any]
Tamper = Callable[[Write, Scene, random.Random], bool]


def copy_write(write: Write) -> Write:
    """A write that may be changed; it made what the first one made."""
    return replace(write, body=deepcopy(write.body))


def list_there(scene: Scene, write: Write, kind: str) -> list[Version]:
    """The objects of a kind as they were when a write came in."""
    found = []
    for life in scene.history.list_lives(kind):
        known = [each for each in life.versions if each.until < write.received]
        if known and not known[-1].is_gone:
            found.append(known[-1])
    return found


def get_status(write: Write) -> Json:
    found: Json = write.body.get("status") or {}
    return found


def add_to(*names: str) -> Tamper:
    """A number of the status is more than ever was: one more may be that of a moment before."""

    def tamper(write: Write, scene: Scene, rng: random.Random) -> bool:
        name = rng.choice(names)
        get_status(write)[name] = get_status(write).get(name, 0) + 7
        return bool(get_status(write))

    return tamper


def change_condition(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A condition says another reason."""
    conditions = get_status(write).get("conditions") or []
    told = [each for each in conditions if each.get("reason")]
    if not told:
        return False
    rng.choice(told)["reason"] += "Not"
    return True


def change_spec(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A write of a status changes the spec, too."""
    write.body.setdefault("spec", {})["paused"] = "perhaps"
    return True


def bind_elsewhere(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A pod goes to a node that is full, or not there."""
    write.body["target"]["name"] = "n9"
    return True


def bind_again(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A pod that is bound is bound, once its scheduler must know."""
    bound = [
        each
        for each in list_there(scene, write, "Pod")
        if each.data["spec"].get("nodeName") and each.until < write.received - 5
    ]
    if not bound:
        return False
    chosen = rng.choice(bound)
    write.name, write.uid = chosen.name, chosen.uid
    write.body["metadata"] = {"name": chosen.name, "uid": chosen.uid}
    return True


def miscount_nodes(write: Write, scene: Scene, rng: random.Random) -> bool:
    """The words of a pod that fits nowhere count another number of nodes."""
    for each in get_status(write).get("conditions") or ():
        if each.get("type") == "PodScheduled" and "0/3 nodes" in each.get("message", ""):
            each["message"] = each["message"].replace("0/3 nodes", "0/4 nodes")
            return True
    return False


def nominate_elsewhere(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A pod waits for a node on which no victim helps."""
    if "nominatedNodeName" not in get_status(write):
        return False
    get_status(write)["nominatedNodeName"] = "n9"
    return True


def choose_strong_victim(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A pod goes that nobody is more important than."""
    pods = list_there(scene, write, "Pod")
    most = max((each.data["spec"].get("priority") or 0 for each in pods), default=0)
    strong = [each for each in pods if (each.data["spec"].get("priority") or 0) == most]
    if not strong:
        return False
    write.name = rng.choice(strong).name
    return True


def disrupt_other(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A budget is charged for a pod that nobody evicts."""
    disrupted = get_status(write).get("disruptedPods")
    if not disrupted:
        return False
    disrupted["nobody"] = disrupted.pop(rng.choice(sorted(disrupted)))
    return True


def use_more(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A quota has more pods in use than anybody asked for."""
    used = get_status(write).get("used") or {}
    if "pods" not in used:
        return False
    used["pods"] = str(int(used["pods"]) + 7)
    return True


def add_taint(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A node has a taint of another controller."""
    taint = {"key": "example.com/odd", "effect": rng.choice(["NoSchedule", "NoExecute"])}
    write.body.setdefault("spec", {})["taints"] = [
        *(write.body["spec"].get("taints") or ()),
        taint,
    ]
    return True


def come_too_early(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A node is unknown long before it is."""
    write.received -= 12
    write.done -= 12
    return True


def evict_untainted(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A pod goes from a node that never had a NoExecute taint."""
    tainted = {
        life.name
        for life in scene.history.list_lives("Node")
        for each in life.versions
        if any(t["effect"] == "NoExecute" for t in each.data["spec"].get("taints") or ())
    }
    pods = list_there(scene, write, "Pod")
    free = [each for each in pods if each.data["spec"].get("nodeName") not in tainted]
    placed = [each for each in free if each.data["spec"].get("nodeName")]
    if not placed:
        return False
    write.name = rng.choice(placed).name
    return True


def remove_running(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A kubelet removes a pod that was never to be deleted."""
    pods = [
        each
        for each in list_there(scene, write, "Pod")
        if each.after is None
        and not each.meta.get("deletionTimestamp")
        and "kubernetes.io/config.mirror" not in (each.meta.get("annotations") or {})
    ]
    if not pods:
        return False
    chosen = rng.choice(pods)
    write.name, write.body["preconditions"] = chosen.name, {"uid": chosen.uid}
    return True


def tell_foreign(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A kubelet nominates a node."""
    get_status(write)["nominatedNodeName"] = "n1"
    return "status" in write.body


def own_other_node(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A mirror pod is of another node."""
    write.body["metadata"]["ownerReferences"][0]["uid"] = "00000000-0000-0000-0000-000000000000"
    return True


def take_more(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A patch takes another finalizer off."""
    metadata = write.body["metadata"]
    name = "$deleteFromPrimitiveList/finalizers"
    if name not in metadata:
        return False
    metadata[name] = ["example.com/odd"]
    return True


def collect_owned(write: Write, scene: Scene, rng: random.Random) -> bool:
    """The collector deletes an object whose owner stays for ever."""
    owners = {
        life.uid: life
        for kind in ("ReplicaSet", "StatefulSet", "Job")
        for life in scene.history.list_lives(kind)
    }
    held = []
    for each in list_there(scene, write, write.kind):
        for reference in each.meta.get("ownerReferences") or ():
            owner = owners.get(reference["uid"])
            stays = owner is not None and not any(
                v.is_gone or v.meta.get("deletionTimestamp") for v in owner.versions
            )
            held += [each] if stays else []
    if not held:
        return False
    chosen = rng.choice(held)
    seen = {"uid": chosen.uid, "resourceVersion": str(chosen.revision)}
    write.name, write.body["preconditions"] = chosen.name, seen
    return True


def make_other(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A Job makes a pod that is not of its template."""
    write.body["spec"]["containers"][0]["image"] = "registry.invalid/odd"
    return True


def make_of_nobody(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A pod is of a Job that there never was."""
    for each in write.body["metadata"]["ownerReferences"]:
        each["uid"] = "00000000-0000-0000-0000-000000000000"
    return True


def count_uid(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A Job counts a pod that it never had."""
    uncounted = get_status(write).setdefault("uncountedTerminatedPods", {})
    uncounted.setdefault(rng.choice(["succeeded", "failed"]), []).append("nobody")
    return True


def delete_other_pod(write: Write, scene: Scene, rng: random.Random) -> bool:
    """A Job deletes a pod that is not its own."""
    pods = [
        each
        for each in list_there(scene, write, "Pod")
        if all(o["kind"] != "Job" for o in each.meta.get("ownerReferences") or ())
    ]
    write.name = rng.choice(pods).name if pods else "nobody"
    return True


def spare_seconds(write: Write, scene: Scene, rng: random.Random) -> bool:
    """An annotation, or an expiry, is another than the rule's."""
    annotations = write.body.get("metadata", {}).get("annotations")
    if annotations:
        annotations.update(dict.fromkeys(annotations, "15"))
        return True
    write.received -= 3600
    write.done -= 3600
    return True


JOB, PODS = "job-controller", "pods/status"
KINDS: dict[str, list[Tamper]] = {
    "disruption-controller update poddisruptionbudgets/status": [
        add_to("currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"),
        change_condition,
        change_spec,
    ],
    "kube-apiserver update poddisruptionbudgets/status": [
        add_to("disruptionsAllowed", "currentHealthy"),
        disrupt_other,
        change_spec,
    ],
    "kube-apiserver update resourcequotas/status": [use_more, change_spec],
    "resourcequota-controller update resourcequotas/status": [use_more, change_spec],
    "kube-scheduler create pods/binding": [bind_elsewhere, bind_again],
    f"kube-scheduler patch {PODS}": [miscount_nodes, nominate_elsewhere, change_condition],
    "kube-scheduler delete pods": [choose_strong_victim],
    "node-controller patch nodes": [add_taint],
    "node-controller update nodes/status": [come_too_early, change_condition, change_spec],
    f"node-controller update {PODS}": [add_to("observedGeneration"), change_spec],
    f"node-controller patch {PODS}": [change_condition, evict_untainted],
    "node-controller delete pods": [evict_untainted],
    "hollow-kubelet delete pods": [remove_running],
    f"hollow-kubelet patch {PODS}": [tell_foreign, change_spec],
    "hollow-kubelet patch nodes/status": [tell_foreign, change_spec],
    "hollow-kubelet create pods": [own_other_node],
    f"{JOB} update jobs/status": [
        add_to("active", "succeeded", "failed", "ready", "terminating"),
        count_uid,
        change_condition,
        change_spec,
    ],
    f"{JOB} create pods": [make_other, make_of_nobody],
    f"{JOB} delete pods": [delete_other_pod],
    f"{JOB} patch pods": [take_more],
    "generic-garbage-collector delete pods": [collect_owned],
    "ttl-controller patch nodes": [spare_seconds],
    "ttl-after-finished-controller delete jobs": [spare_seconds],
}
"""Faults for each kind of write."""
