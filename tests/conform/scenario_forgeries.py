"""Live scenarios in which a controller does what it must not, or leaves what it must do.

Like the faults of `scenario_tampering`: each changes a line in place, or returns False.
"""

import random
from typing import Any

from scenario_tampering import Line, Tamper, list_versions, list_writes, pick


def collect_by_another_policy(line: Line, rng: random.Random) -> bool:
    found = pick(
        rng, [w for w in line["controllerWrites"] if w["request"].get("propagationPolicy")]
    )
    if found is None:
        return False
    was = found["request"]["propagationPolicy"]
    found["request"]["propagationPolicy"] = "Orphan" if was != "Orphan" else "Foreground"
    return True


def collect_a_stranger(line: Line, rng: random.Random) -> bool:
    """The collector deletes an object that nobody owns, at the end."""
    alive = _list_alive(line, ("ConfigMap", "Secret"))
    found = pick(rng, [e for e in alive if not e["object"].get("ownerReferences")])
    if found is None or found["object"].get("finalizers"):
        return False
    thing, end = found["object"], line["duration"]
    seen = {"uid": thing["uid"], "resourceVersion": thing["resourceVersion"]}
    request = {"preconditions": seen, "propagationPolicy": "Background"}
    _forge(line, found, request, "generic-garbage-collector", "delete", end - 0.02)
    return True


def unprotect_what_is_bound(line: Line, rng: random.Random) -> bool:
    """A volume that is bound loses its protection."""
    alive = _list_alive(line, ("PersistentVolume",))
    found = pick(rng, [e for e in alive if e["object"]["status"]["phase"] == "Bound"])
    if found is None or found["object"].get("finalizers") != ["kubernetes.io/pv-protection"]:
        return False
    thing = found["object"]
    request: Any = {
        "metadata": {"resourceVersion": thing["resourceVersion"]},
        "spec": {"claimRef": thing["spec"].get("claimRef")},
    }
    if thing.get("annotations"):
        request["metadata"]["annotations"] = thing["annotations"]
    made = _forge(
        line, found, request, "pv-protection-controller", "update", line["duration"] - 0.1
    )
    made["type"] = "MODIFIED"
    del made["object"]["finalizers"]
    return True


def _list_alive(line: Line, kinds: tuple[str, ...]) -> list[Any]:
    """The last versions of the objects of some kinds that are there at the end."""
    last = {(e["kind"], e["object"]["uid"]): e for e in list_versions(line)}
    return [e for e in last.values() if e["type"] != "DELETED" and e["kind"] in kinds]


def _forge(line: Line, version: Any, request: Any, user: str, verb: str, at: float) -> Any:
    """Add a write, and a version after it; returns the version."""
    thing = version["object"]
    newest = max(int(e["object"].get("resourceVersion") or 0) for e in line["events"])
    made = {
        "t": at + 0.01,
        "kind": version["kind"],
        "type": "DELETED",
        "object": thing | {"resourceVersion": str(newest + 1)},
    }
    line["events"].append(made)
    resources = {"ConfigMap": "configmaps", "Secret": "secrets"}
    write = {"t": at, "user": f"system:serviceaccount:kube-system:{user}", "verb": verb}
    write |= {"resource": resources.get(version["kind"], "persistentvolumes"), "code": 200}
    write |= {"name": thing["name"], "request": request}
    if "namespace" in thing:
        write["namespace"] = thing["namespace"]
    line["controllerWrites"].append(write)
    return made


def stop_a_controller(line: Line, rng: random.Random) -> bool:
    """A controller does not do the last it did, though there was time; nobody minds."""
    writes = list_writes(line)
    last = writes[-1] if writes else None
    if last is None or last["verb"] == "create" or last["t"] > line["duration"] - 1.2:
        return False
    shown = [
        e
        for e in list_versions(line)
        if e["object"]["name"] == last["name"] and e["t"] >= last["t"] - 0.01
    ]
    told = [e for e in line["events"] if e["t"] >= last["t"] - 0.01 and e not in shown]
    later = [a for a in line["actions"] if a["tDone"] > last["t"] and last["name"] in a["path"]]
    is_last = line["controllerWrites"][-1] is last
    if (
        len(shown) != 1
        or told
        or later
        or not is_last
        or shown[0]["kind"] in ("ReplicaSet", "Deployment")
    ):
        return False
    line["controllerWrites"].remove(last)
    line["events"].remove(shown[0])
    return True


def end_too_early(line: Line, rng: random.Random) -> bool:
    """The content of a namespace goes before every server has heard of its end."""
    found = [w for w in line["controllerWrites"] if w["verb"] == "deletecollection"]
    write = pick(rng, found)
    if write is None:
        return False
    write["t"] -= 2.0
    return True


def leave_content(line: Line, rng: random.Random) -> bool:
    """The content of a kind is not deleted, and yet it goes."""
    gone = {e["kind"].lower() + "s" for e in list_versions(line, "DELETED")}
    found = [
        w
        for w in line["controllerWrites"]
        if w["verb"] == "deletecollection" and w["resource"] in gone & {"configmaps"}
    ]
    write = pick(rng, found)
    return write is not None and line["controllerWrites"].remove(write) is None


def tell_something_else(line: Line, rng: random.Random) -> bool:
    found = pick(rng, [e for e in line["events"] if e["kind"] == "Event"])
    if found is None:
        return False
    found["object"]["message"] += " or not"
    return True


def attach_to_another_node(line: Line, rng: random.Random) -> bool:
    found = pick(rng, list_writes(line, verb="create", resource="volumeattachments"))
    if found is None:
        return False
    node = found["request"]["spec"]["nodeName"]
    for event in line["events"]:
        spec = event["object"].get("spec") or {}
        if event["kind"] == "VolumeAttachment" and event["object"]["name"] == found["name"]:
            spec["nodeName"] = f"{node}x"
    found["request"]["spec"]["nodeName"] = f"{node}x"
    return True


def detach_while_in_use(line: Line, rng: random.Random) -> bool:
    """The pods that want a volume stay until the end, and it is detached."""
    if not list_writes(line, verb="delete", resource="volumeattachments"):
        return False
    gone = [a for a in line["actions"] if a["do"] == "DELETE" and "/pods/" in a["path"]]
    for action in gone:
        line["actions"].remove(action)
    line["events"] = [
        e
        for e in line["events"]
        if e["kind"] != "Pod"
        or not (e["type"] == "DELETED" or e["object"].get("deletionTimestamp"))
    ]
    return bool(gone)


DONE_OTHERWISE: list[Tamper] = [
    collect_by_another_policy,
    collect_a_stranger,
    unprotect_what_is_bound,
    stop_a_controller,
    end_too_early,
    leave_content,
    tell_something_else,
    attach_to_another_node,
    detach_while_in_use,
]
