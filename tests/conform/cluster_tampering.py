"""Recordings of a cluster with a fault in them that no component and no API server makes.

Each function changes the records of a recording in place, or returns False where it finds no place
for its fault. What no judge can see is not made: a refusal that is left out, or a request that
changes nothing; what was never read again, such as the last version of an object together with
the write that made it; a time that is off by a second; events, leases and priority classes; and
whatever came in after the watches had ended.
"""

import random
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

Json = dict[str, Any]
Records = list[Json]
KINDS = {"pods": "Pod", "replicasets": "ReplicaSet", "deployments": "Deployment"}
KINDS |= {"statefulsets": "StatefulSet", "jobs": "Job", "configmaps": "ConfigMap"}
COUNTED = ("Deployment", "ReplicaSet", "StatefulSet")
CONTROLLERS = ("replicaset", "deployment", "statefulset", "job")


def pick(rng: random.Random, found: list[Any]) -> Any:
    return rng.choice(found) if found else None


def list_audits(records: Records, agent: str = "", **wanted: Any) -> Records:
    """Accepted writes with such an agent, that came in while the watches were open."""
    end = records[0]["startUnix"] + records[0]["duration"]
    found = []
    for record in records:
        audit = record.get("audit")
        if audit is None or agent not in audit["agent"] or audit["verb"] == "get":
            continue
        about = audit["objectRef"] | {"verb": audit["verb"]}
        is_alike = all(about.get(name) == value for name, value in wanted.items())
        if is_alike and audit["responseStatus"]["code"] < 300 and read(audit, 0) < end:
            found.append(audit)
    return found


def read(audit: Json, late: float) -> float:
    return datetime.fromisoformat(audit["requestReceivedTimestamp"]).timestamp() + late


def list_versions(records: Records, *kinds: str, type_: str = "MODIFIED") -> Records:
    wanted = kinds or ("Pod", "ReplicaSet", "Deployment", "StatefulSet", "Job")
    return [each for each in records if each.get("kind") in wanted and each["type"] == type_]


def number(event: Json) -> int:
    """The revision of a version; 0 of what is none, as the end or the error of a watch."""
    meta = event.get("object", {}).get("metadata", {})
    return int(meta.get("resourceVersion", 0))


# Writes.


def say_it_was_another(records: Records, rng: random.Random) -> bool:
    """A write belongs to the component that makes such writes."""
    audit = pick(rng, list_audits(records, "controller"))
    if audit is None:
        return False
    own = next((each for each in CONTROLLERS if f"{each}-controller" in audit["user"]), "")
    other = rng.choice([each for each in (*CONTROLLERS, "disruption") if each != own])
    audit["user"] = f"system:serviceaccount:kube-system:{other}-controller"
    audit["agent"] = f"kube-controller-manager/{audit['user']}"
    return True


def say_it_was_the_user(records: Records, rng: random.Random) -> bool:
    """What the script did stands among its actions."""
    audit = pick(rng, list_audits(records, "controller"))
    if audit is None:
        return False
    audit["user"], audit["agent"] = "admin", ""
    return True


def leave_a_write_out(records: Records, rng: random.Random) -> bool:
    """Versions do not make themselves."""
    made = [
        each
        for each in list_audits(records, "controller")
        if each["verb"] in ("create", "update") and each["objectRef"]["resource"] in KINDS
    ]
    audit = pick(rng, made)
    if audit is None:
        return False
    records[:] = [each for each in records if each.get("audit") is not audit]
    return True


def write_twice(records: Records, rng: random.Random) -> bool:
    """One creation makes one object."""
    audit = pick(rng, list_audits(records, verb="create", resource="pods", subresource=None))
    if audit is None:
        return False
    records.append({"audit": deepcopy(audit)})
    return True


def count_wrongly(records: Records, rng: random.Random) -> bool:
    """A status is one that the controller could have counted."""
    audit = pick(rng, list_audits(records, subresource="status", verb="update"))
    if audit is None:
        return False
    status = audit["requestObject"]["status"]
    name = pick(rng, [key for key, value in status.items() if type(value) is int])
    if name is None:
        return False
    status[name] += rng.choice([1, 2])
    return True


def refuse_what_was_done(records: Records, rng: random.Random) -> bool:
    """What was refused made no version, and there was nothing in conflict with it."""
    audit = pick(rng, list_audits(records, "controller", verb="update"))
    if audit is None:
        return False
    audit["responseStatus"] = {"code": 409, "reason": "Conflict", "message": "it was modified"}
    return True


def accept_what_was_refused(records: Records, rng: random.Random) -> bool:
    """What was accepted made a version."""
    refused = [
        each["audit"]
        for each in records
        if "audit" in each and each["audit"]["responseStatus"]["code"] in (403, 409)
        if each["audit"]["verb"] in ("create", "update", "patch")
    ]
    audit = pick(rng, refused)
    if audit is None:
        return False
    audit["responseStatus"] = {"code": 201 if audit["verb"] == "create" else 200}
    return True


def delete_another(records: Records, rng: random.Random) -> bool:
    """A deletion is of the pod that goes."""
    audit = pick(rng, list_audits(records, verb="delete", resource="pods"))
    names = {each["object"]["metadata"]["name"] for each in list_versions(records, "Pod")}
    if audit is None or len(names) < 2:
        return False
    audit["objectRef"]["name"] = rng.choice(sorted(names - {audit["objectRef"]["name"]}))
    return True


def make_of_another_template(records: Records, rng: random.Random) -> bool:
    """Pods are made of the template of their owner."""
    audit = pick(rng, list_audits(records, "set-controller", verb="create", resource="pods"))
    if audit is None:
        return False
    audit["requestObject"]["spec"]["containers"][0]["image"] = "registry.invalid/other:v1"
    return True


def make_for_another_owner(records: Records, rng: random.Random) -> bool:
    """Pods name the owner that made them."""
    audit = pick(rng, list_audits(records, "controller", verb="create", resource="pods"))
    if audit is None:
        return False
    audit["requestObject"]["metadata"]["ownerReferences"][0]["uid"] = "another"
    return True


def make_one_too_many(records: Records, rng: random.Random) -> bool:
    """A controller makes as many pods as are missing: this one comes with its version."""
    audit = pick(rng, list_audits(records, "replicaset", verb="create", resource="pods"))
    if audit is None:
        return False
    uid = audit["requestObject"]["metadata"]["ownerReferences"][0]["uid"]
    added = [
        (place, each)
        for place, each in enumerate(records)
        if each.get("kind") == "Pod" and each["type"] == "ADDED"
        if (each["object"]["metadata"].get("ownerReferences") or [{}])[0].get("uid") == uid
    ]
    place, event = pick(rng, added) or (0, {})
    again = deepcopy(event)
    used = {number(each) for each in records if "metadata" in each.get("object", {})}
    free = next(each for each in range(number(event) + 1, number(event) + 400) if each not in used)
    meta = again["object"]["metadata"]
    name = f"{meta['generateName']}xxxxx"
    meta |= {"name": name, "uid": "another", "resourceVersion": str(free)}
    after = [
        index
        for index, each in enumerate(records)
        if index > place and each.get("kind") == "Pod" and number(each) > free
    ]
    index = min(after, default=place + 1)
    again["t"] = records[index].get("t", event["t"])
    records.insert(index, again)
    records.append({"audit": deepcopy(audit)})
    return True


def scale_wrongly(records: Records, rng: random.Random) -> bool:
    """A rollout scales as its strategy says; the version says so, too."""
    audits = list_audits(records, "deployment", verb="update", resource="replicasets")
    audit = pick(rng, [each for each in audits if each.get("requestObject")])
    if audit is None:
        return False
    audit["requestObject"]["spec"]["replicas"] += 3
    base, name = audit["objectRef"].get("resourceVersion"), audit["objectRef"]["name"]
    base = base or audit["requestObject"]["metadata"]["resourceVersion"]
    lives = [
        e for e in list_versions(records, "ReplicaSet") if e["object"]["metadata"]["name"] == name
    ]
    for event in lives:
        if number(event) > int(base):
            event["object"]["spec"]["replicas"] += 3
            break
    return True


def make_from_another_version(records: Records, rng: random.Random) -> bool:
    """An update that was accepted was made from the version before."""
    audit = pick(rng, list_audits(records, "controller", verb="update", subresource="status"))
    if audit is None:
        return False
    meta = audit["requestObject"]["metadata"]
    meta["resourceVersion"] = str(int(meta["resourceVersion"]) - 1)
    return True


def come_late(records: Records, rng: random.Random) -> bool:
    """A write comes in before the version that it makes."""
    audit = pick(rng, list_audits(records, "controller", verb="update"))
    if audit is None:
        return False
    for name in ("requestReceivedTimestamp", "stageTimestamp"):
        moved = datetime.fromisoformat(audit[name]) + timedelta(seconds=8)
        audit[name] = moved.isoformat().replace("+00:00", "Z")
    end = records[0]["startUnix"] + records[0]["duration"]
    return read(audit, 0) < end


# Versions.


def leave_a_version_out(records: Records, rng: random.Random) -> bool:
    """What was accepted is seen."""
    event = pick(rng, list_versions(records))
    if event is None:
        return False
    records.remove(event)
    return True


def tell_a_version_again(records: Records, rng: random.Random) -> bool:
    """A version was written once."""
    event = pick(rng, list_versions(records))
    if event is None:
        return False
    records.insert(records.index(event) + 1, deepcopy(event))
    return True


def swap_versions(records: Records, rng: random.Random) -> bool:
    """Versions of a kind come in the order of their revisions."""
    kind = rng.choice(["Pod", "ReplicaSet", "Deployment"])
    events = list_versions(records, kind)
    if len(events) < 2:
        return False
    place = rng.randrange(len(events) - 1)
    one, other = (records.index(each) for each in events[place : place + 2])
    if number(records[one]) == number(records[other]):
        return False
    records[one], records[other] = records[other], records[one]
    return True


def change_a_count(records: Records, rng: random.Random) -> bool:
    """A version has the status that was written."""
    event = pick(rng, list_versions(records, *COUNTED))
    if event is None:
        return False
    event["object"]["status"]["replicas"] = event["object"]["status"].get("replicas", 0) + 1
    return True


def change_size(records: Records, rng: random.Random) -> bool:
    """A version has the spec that was asked for."""
    event = pick(rng, list_versions(records, *COUNTED))
    if event is None:
        return False
    event["object"]["spec"]["replicas"] += 1
    return True


def change_a_label(records: Records, rng: random.Random) -> bool:
    """Labels do not change by themselves."""
    event = pick(rng, list_versions(records, "Pod"))
    if event is None:
        return False
    event["object"]["metadata"].setdefault("labels", {})["app"] = "other"
    return True


def move_to_another_node(records: Records, rng: random.Random) -> bool:
    """A pod is on the node that it was bound to."""
    bound = [e for e in list_versions(records, "Pod") if e["object"]["spec"].get("nodeName")]
    event = pick(rng, bound)
    if event is None:
        return False
    event["object"]["spec"]["nodeName"] += "0"
    return True


def change_identity(records: Records, rng: random.Random) -> bool:
    """An object keeps its uid."""
    event = pick(rng, list_versions(records))
    if event is None:
        return False
    event["object"]["metadata"]["uid"] = "another"
    return True


def count_alike(records: Records, rng: random.Random) -> bool:
    """A write and its version agree about a status that is wrong."""
    audits = list_audits(records, "set-controller", verb="update", subresource="status")
    audit = pick(rng, audits)
    if audit is None:
        return False
    body = audit["requestObject"]
    uid, base = body["metadata"]["uid"], int(body["metadata"]["resourceVersion"])
    own = [e for e in list_versions(records, *COUNTED) if e["object"]["metadata"]["uid"] == uid]
    event = min((e for e in own if number(e) > base), key=number, default=None)
    if event is None or "replicas" not in event["object"]["status"]:
        return False
    event["object"]["status"]["replicas"] += 7
    body["status"]["replicas"] += 7
    return True


# Actions.


def leave_an_action_out(records: Records, rng: random.Random) -> bool:
    """What the script asked for stands among its actions."""
    actions = records[0]["actions"]
    action = pick(rng, [e for e in actions if e["do"] in ("POST", "PATCH", "PUT") and e["code"]])
    if action is None:
        return False
    actions.remove(action)
    return True


def change_an_answer(records: Records, rng: random.Random) -> bool:
    """The script was told what the log says."""
    done = [e for e in records[0]["actions"] if e["do"] in ("POST", "PATCH") and e["code"]]
    action = pick(rng, done)
    if action is None:
        return False
    action["code"] = 418
    return True


WAYS: list[Callable[[Records, random.Random], bool]] = [
    *(say_it_was_another, say_it_was_the_user, leave_a_write_out, write_twice, count_wrongly),
    *(refuse_what_was_done, accept_what_was_refused, delete_another, make_of_another_template),
    *(make_for_another_owner, make_one_too_many, scale_wrongly, make_from_another_version),
    *(come_late, leave_a_version_out, tell_a_version_again, swap_versions, change_a_count),
    *(change_size, change_a_label, move_to_another_node, change_identity, count_alike),
    *(leave_an_action_out, change_an_answer),
]
