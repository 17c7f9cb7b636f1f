"""Live scenarios with a fault: each function changes a line in place, or returns False.

Among a function's lines are those only where the fault can be noticed: what is taken away or put
in must make a difference to what a watch shows or to what must follow.
"""

import random
from collections.abc import Callable
from typing import Any

Line = Any
Tamper = Callable[[Line, random.Random], bool]
SHOWN = ("ADDED", "MODIFIED", "DELETED")


def pick(rng: random.Random, found: list[Any]) -> Any:
    """One of them; None where there is none."""
    return rng.choice(found) if found else None


def list_versions(line: Line, *types: str) -> list[Any]:
    """Events of objects, but of nodes, some of whose writers were not recorded."""
    hidden = ("Event", "Node")
    wanted = types or SHOWN
    return [e for e in line["events"] if e["kind"] not in hidden and e["type"] in wanted]


def list_writes(line: Line, **wanted: object) -> list[Any]:
    """Writes of controllers that were accepted and changed something, within the recording."""
    return [
        w
        for w in line["controllerWrites"]
        if w["code"] < 300
        and w["verb"] != "deletecollection"
        and w["t"] < line["duration"]
        and all(w.get(name) == value for name, value in wanted.items())
        and _has_effect(w)
    ]


def _has_effect(write: Any) -> bool:
    request = write["request"]
    return write["verb"] != "patch" or len(request["metadata"]) > 1


def forget_a_version(line: Line, rng: random.Random) -> bool:
    """A change that no watch shows."""
    found = pick(rng, list_versions(line))
    return found is not None and line["events"].remove(found) is None


def forget_a_write(line: Line, rng: random.Random) -> bool:
    """A version that nobody made."""
    found = pick(rng, list_writes(line))
    same = (
        [] if found is None else [w for w in list_writes(line) if w["request"] == found["request"]]
    )
    if len(same) != 1:
        return False
    line["controllerWrites"].remove(found)
    return True


def forget_an_action(line: Line, rng: random.Random) -> bool:
    """A version that nobody asked for."""
    found = pick(rng, [a for a in line["actions"] if a["do"] == "POST" and a["code"] == 201])
    if found is None or "storage.k8s.io" in found["path"]:
        return False
    line["actions"].remove(found)
    return True


def show_another_finalizer(line: Line, rng: random.Random) -> bool:
    found = pick(rng, list_versions(line))
    if found is None:
        return False
    found["object"]["finalizers"] = [*(found["object"].get("finalizers") or ()), "x.io/other"]
    return True


def show_another_owner(line: Line, rng: random.Random) -> bool:
    found = pick(rng, [e for e in list_versions(line) if e["object"].get("ownerReferences")])
    if found is None:
        return False
    found["object"]["ownerReferences"][0]["uid"] = "0"
    return True


def show_another_phase(line: Line, rng: random.Random) -> bool:
    found = pick(
        rng, [e for e in list_versions(line) if (e["object"].get("status") or {}).get("phase")]
    )
    if found is None:
        return False
    found["object"]["status"]["phase"] = "Odd"
    return True


def show_another_uid(line: Line, rng: random.Random) -> bool:
    found = pick(rng, list_versions(line))
    if found is None:
        return False
    found["object"]["uid"] = "0"
    return True


def show_another_claim(line: Line, rng: random.Random) -> bool:
    found = [e for e in list_versions(line) if (e["object"].get("spec") or {}).get("claimRef")]
    version = pick(rng, found)
    if version is None:
        return False
    version["object"]["spec"]["claimRef"]["name"] = "other"
    return True


def delete_at_another_time(line: Line, rng: random.Random) -> bool:
    found = [e for e in list_versions(line) if e["object"].get("deletionTimestamp")]
    version = pick(rng, found)
    if version is None:
        return False
    version["object"]["deletionTimestamp"] = "2026-11-28T01:00:00Z"
    return True


def show_versions_in_another_order(line: Line, rng: random.Random) -> bool:
    """Two versions of an object have each other's revision."""
    found = pick(rng, list_versions(line, "MODIFIED"))
    if found is None:
        return False
    name = found["object"]["name"]
    others = [e for e in list_versions(line) if e["object"]["name"] == name and e is not found]
    other = pick(rng, [e for e in others if e["kind"] == found["kind"]])
    if other is None:
        return False
    one, two = found["object"], other["object"]
    one["resourceVersion"], two["resourceVersion"] = two["resourceVersion"], one["resourceVersion"]
    return True


def show_before_it_is_asked_for(line: Line, rng: random.Random) -> bool:
    found = pick(rng, [e for e in list_versions(line) if e["t"] > 0.5])
    if found is None:
        return False
    found["t"] = 0.05
    return True


def write_from_another_version(line: Line, rng: random.Random) -> bool:
    found = pick(rng, [w for w in list_writes(line) if _find_version(w)])
    if found is None:
        return False
    _find_version(found)["resourceVersion"] = "1"
    return True


def _find_version(write: Any) -> Any:
    request = write["request"]
    for part in (request.get("metadata"), request.get("preconditions")):
        if part and part.get("resourceVersion"):
            return part
    return None


def write_another_phase(line: Line, rng: random.Random) -> bool:
    """The write and the version that it makes are of another phase."""
    found = [w for w in list_writes(line) if (w["request"].get("status") or {}).get("phase")]
    write = pick(rng, [w for w in found if w["resource"] != "namespaces"])
    if write is None:
        return False
    was = write["request"]["status"]["phase"]
    phase = rng.choice(
        [p for p in ("Available", "Bound", "Released", "Failed", "Lost") if p != was]
    )
    base = write["request"]["metadata"]["resourceVersion"]
    made = _find_next(line, write["name"], base)
    if made is None:
        return False
    write["request"]["status"]["phase"] = made["object"]["status"]["phase"] = phase
    return True


def _find_next(line: Line, name: str, base: str) -> Any:
    """The version of an object after that of a revision."""
    later = [
        e
        for e in list_versions(line)
        if e["object"]["name"] == name and int(e["object"]["resourceVersion"]) > int(base)
    ]
    return min(later, key=lambda e: int(e["object"]["resourceVersion"]), default=None)


def write_long_before(line: Line, rng: random.Random) -> bool:
    """A controller knew what was to come."""
    found = pick(rng, [w for w in list_writes(line) if w["t"] > 1.5])
    if found is None:
        return False
    found["t"] = 0.05
    return True


def write_after_it_shows(line: Line, rng: random.Random) -> bool:
    found = pick(rng, list_writes(line))
    if found is None:
        return False
    found["t"] = line["duration"]
    return True


def write_as_somebody_unknown(line: Line, rng: random.Random) -> bool:
    found = pick(rng, line["controllerWrites"])
    if found is None:
        return False
    found["user"] = "system:serviceaccount:kube-system:odd-controller"
    return True


def write_as_another_controller(line: Line, rng: random.Random) -> bool:
    users = ("attachdetach-controller", "replicaset-controller", "namespace-controller")
    found = pick(rng, line["controllerWrites"])
    other = rng.choice(users)
    if found is None or found["user"].endswith(other):
        return False
    found["user"] = f"system:serviceaccount:kube-system:{other}"
    return True


def refuse_what_shows(line: Line, rng: random.Random) -> bool:
    found = pick(rng, list_writes(line))
    if found is None:
        return False
    found["code"] = 409
    return True


def accept_what_was_refused(line: Line, rng: random.Random) -> bool:
    both = [*line["actions"], *line["controllerWrites"]]
    found = pick(rng, [a for a in both if a["code"] > 400 and a["t"] < line["duration"]])
    if found is None or found.get("do") == "GET":
        return False
    found["code"] = 200
    return True


def refuse_for_another_reason(line: Line, rng: random.Random) -> bool:
    found = pick(rng, [a for a in line["actions"] if a["code"] == 404])
    if found is None:
        return False
    found["code"] = 403
    return True


def answer_with_another_version(line: Line, rng: random.Random) -> bool:
    found = pick(rng, [a for a in line["actions"] if (a["answer"] or {}).get("resourceVersion")])
    if (
        found is None
        or "storage.k8s.io/v1/storageclasses" in found["path"]
        or "csinodes" in found["path"]
    ):
        return False
    found["answer"]["resourceVersion"] = "1"
    return True


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


FAULTS: list[Tamper] = [
    forget_a_version,
    forget_a_write,
    forget_an_action,
    show_another_finalizer,
    show_another_owner,
    show_another_phase,
    show_another_uid,
    show_another_claim,
    delete_at_another_time,
    show_versions_in_another_order,
    show_before_it_is_asked_for,
    write_from_another_version,
    write_another_phase,
    write_long_before,
    write_after_it_shows,
    write_as_somebody_unknown,
    write_as_another_controller,
    refuse_what_shows,
    accept_what_was_refused,
    refuse_for_another_reason,
    answer_with_another_version,
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
