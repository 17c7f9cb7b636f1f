"""Objects of a pod with a fault in what is not told of its containers: deletion, node, spec.

Like the faults of `version_tampering`: each changes a stream in place, or returns False.
"""

import random
from itertools import pairwise

from version_tampering import Stream, append, list_alive, pick


def list_deleting(stream: Stream) -> list[int]:
    """Places of versions that are being deleted, and were before."""
    return [
        place
        for place in range(2, len(stream))
        if "deletionTimestamp" in stream[place - 1]["object"]["metadata"]
    ]


def take_a_deletion_back(stream: Stream, rng: random.Random) -> bool:
    """A deletion is for good."""
    place = pick(rng, list_deleting(stream))
    if place is None:
        return False
    for name in ("deletionTimestamp", "deletionGracePeriodSeconds"):
        stream[place]["object"]["metadata"].pop(name, None)
    return True


def lengthen_the_grace(stream: Stream, rng: random.Random) -> bool:
    """It only ever gets shorter."""
    place = pick(rng, list_deleting(stream))
    if place is None:
        return False
    stream[place]["object"]["metadata"]["deletionGracePeriodSeconds"] = 3600
    return True


def go_with_grace_left(stream: Stream, rng: random.Random) -> bool:
    """The last version has none."""
    if stream[-1]["type"] != "DELETED":
        return False
    stream[-1]["object"]["metadata"]["deletionGracePeriodSeconds"] = 5
    return True


def go_while_containers_run(stream: Stream, rng: random.Random) -> bool:
    """Nobody had it removed at once, and its kubelet does not."""
    alive = list_alive(stream)
    event = pick(rng, alive)
    if event is None or not event["object"]["spec"].get("terminationGracePeriodSeconds"):
        return False
    meta = event["object"]["metadata"]
    if any(meta["name"] in str(each.get("path")) for each in stream[0]["actions"]):
        return False
    if "kubernetes.io/config.mirror" in meta.get("annotations", {}):
        return False
    del stream[stream.index(event) + 1 :]
    append(stream, event, type="DELETED")
    stream[-1]["object"]["metadata"] |= {
        "deletionTimestamp": "2026-11-22T13:30:00Z",
        "deletionGracePeriodSeconds": 0,
    }
    return True


def move_to_another_node(stream: Stream, rng: random.Random) -> bool:
    """A pod stays on its node."""
    bound = [
        after for before, after in pairwise(stream[1:]) if before["object"]["spec"].get("nodeName")
    ]
    event = pick(rng, bound)
    if event is None:
        return False
    event["object"]["spec"]["nodeName"] = "n9"
    return True


def change_what_is_set_once(stream: Stream, rng: random.Random) -> bool:
    """It is of the pod for good."""
    name = rng.choice(("startTime", "hostIP", "qosClass"))
    found = [
        after for before, after in pairwise(stream[1:]) if before["object"]["status"].get(name)
    ]
    event = pick(rng, found)
    if event is None:
        return False
    event["object"]["status"][name] = "other"
    return True


def change_the_spec(stream: Stream, rng: random.Random) -> bool:
    """No update may change it."""
    if len(stream) < 3:
        return False
    event = stream[rng.randrange(2, len(stream))]
    event["object"]["spec"]["restartPolicy"] = "Sometimes"
    return True


def be_ahead_of_the_spec(stream: Stream, rng: random.Random) -> bool:
    """No kubelet has seen a generation that is to come."""
    found = [e for e in stream[1:] if e["object"]["status"].get("observedGeneration")]
    event = pick(rng, found)
    if event is None:
        return False
    event["object"]["status"]["observedGeneration"] += 5
    return True


OBJECTS = (
    *(take_a_deletion_back, lengthen_the_grace, go_with_grace_left, go_while_containers_run),
    *(move_to_another_node, change_what_is_set_once, change_the_spec, be_ahead_of_the_spec),
)
