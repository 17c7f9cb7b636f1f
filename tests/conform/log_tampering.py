"""Recordings of a cluster that contradict themselves: one line says other than another."""

import random
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from cluster_tampering import list_audits, list_versions, pick

Json = dict[str, Any]
Records = list[Json]


def tell_a_request_twice(records: Records, rng: random.Random) -> bool:
    """A log tells each request once, also one that changes nothing the second time."""
    audit = pick(rng, list_audits(records, verb="patch"))
    records.append({"audit": deepcopy(audit)})
    return audit is not None


def tell_late(records: Records, rng: random.Random) -> bool:
    """Lines stand in the order of their times, and a watch is not that late."""
    pick(rng, list_versions(records))["t"] += rng.choice([5, 20])
    return True


def stand_out_of_order(records: Records, rng: random.Random) -> bool:
    """So a version is not told a moment after the one below it."""
    told = [each for each in records if "t" in each and each["type"] in ("ADDED", "MODIFIED")]
    place = rng.randrange(len(told) - 1)
    told[place]["t"] = told[place + 1]["t"] + 0.5
    return True


def tell_all_late(records: Records, rng: random.Random) -> bool:
    """A watch tells what was written within seconds."""
    for record in records[1:]:
        if "t" in record:
            record["t"] += 30
    return True


def call_it_another_kind(records: Records, rng: random.Random) -> bool:
    """A watch tells objects of its kind."""
    pick(rng, list_versions(records))["object"][rng.choice(["kind", "apiVersion"])] += "x"
    return True


def send_another_kind(records: Records, rng: random.Random) -> bool:
    """A resource takes objects of its kind."""
    audit = pick(rng, list_audits(records, verb=rng.choice(["create", "update"])))
    audit["requestObject"][rng.choice(["kind", "apiVersion"])] += "x"
    return True


def send_another_name(records: Records, rng: random.Random) -> bool:
    """The reference to an object is filled from what was sent."""
    audit = pick(rng, list_audits(records, verb="update"))
    audit["requestObject"]["metadata"][rng.choice(["name", "uid", "namespace"])] += "x"
    return True


def refer_to_another_version(records: Records, rng: random.Random) -> bool:
    """So is its revision."""
    pick(rng, list_audits(records, verb="update"))["objectRef"]["resourceVersion"] += "1"
    return True


def ask_elsewhere(records: Records, rng: random.Random) -> bool:
    """The URL names the same object."""
    audit = pick(rng, list_audits(records, verb=rng.choice(["patch", "delete"])))
    audit["uri"] = audit["uri"].replace(audit["objectRef"]["name"], "nobody")
    return True


def answer_with_another_code(records: Records, rng: random.Random) -> bool:
    """What is changed is no new object."""
    pick(rng, list_audits(records, verb="patch"))["responseStatus"]["code"] = 201
    return True


def be_another_user(records: Records, rng: random.Random) -> bool:
    """A script has one name."""
    own = [each for each in list_audits(records) if not each["agent"]]
    pick(rng, own)["user"] += "x"
    return True


def refuse_in_other_words(records: Records, rng: random.Random) -> bool:
    """A conflict is told in fixed words, and names the object."""
    refused = [
        each["audit"]["responseStatus"]
        for each in records
        if each.get("audit", {}).get("responseStatus", {}).get("reason") == "Conflict"
    ]
    status = pick(rng, refused)
    if status is None:
        return False
    if rng.random() < 0.5:
        status["details"]["name"] += "x"
    else:
        status["message"] += "!"
    return True


def order_an_unknown_condition(records: Records, rng: random.Random) -> bool:
    """The order of a patch names what the pod has."""
    found = [
        each["requestObject"]["status"]["$setElementOrder/conditions"]
        for each in list_audits(records, "hollow-kubelet", subresource="status")
        if "$setElementOrder/conditions" in each["requestObject"].get("status", {})
        if each["objectRef"]["resource"] == "pods"
    ]
    pick(rng, found)[0]["type"] += "x"
    return True


def list_requests(records: Records) -> Records:
    return [each for each in records[0]["actions"] if each.get("code", 0) in (200, 201)]


def answer_with_another_object(records: Records, rng: random.Random) -> bool:
    """An answer tells the object that was stored."""
    found = [each["answer"] for each in list_requests(records) if "uid" in each["answer"]]
    pick(rng, found)[rng.choice(["name", "uid"])] += "7"
    return True


def answer_with_another_version(records: Records, rng: random.Random) -> bool:
    """So it does the version that was stored."""
    found = [each["answer"] for each in list_requests(records) if "uid" in each["answer"]]
    pick(rng, found)["resourceVersion"] += "7"
    return True


def wait_for_an_answer(records: Records, rng: random.Random) -> bool:
    """An answer comes when it was given."""
    pick(rng, list_requests(records))["tDone"] += 7
    return True


def act_out_of_order(records: Records, rng: random.Random) -> bool:
    """Actions stand in the order of their times."""
    records[0]["actions"][0]["t"] += 1000
    return True


def shift_a_request(records: Records, rng: random.Random) -> bool:
    """A request comes between the versions that it was made from and that it made."""
    audit = pick(rng, list_audits(records, verb="update"))
    for name in ("requestReceivedTimestamp", "stageTimestamp"):
        moment = datetime.fromisoformat(audit[name]) + timedelta(seconds=rng.choice([-9, 9]))
        audit[name] = moment.isoformat().replace("+00:00", "Z")
    return True


WAYS = [
    *(tell_a_request_twice, tell_late, tell_all_late, call_it_another_kind),
    *(stand_out_of_order, send_another_kind, answer_with_another_version),
    *(send_another_name, refer_to_another_version, ask_elsewhere, answer_with_another_code),
    *(be_another_user, refuse_in_other_words, order_an_unknown_condition),
    *(answer_with_another_object, wait_for_an_answer, act_out_of_order, shift_a_request),
]
