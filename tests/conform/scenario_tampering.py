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


SHOWN_OTHERWISE: list[Tamper] = [
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
]
