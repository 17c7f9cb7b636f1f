"""Times in a snapshot: how long something has stood, by the clocks of those who would change it.

No object says when it was read. A node that is Ready says when it was last heard of, so what began
long before that has stood that long. Lists of several kinds may be read minutes apart.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from planespec.spec.cluster.evidence.repeated import refer_to
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.snapshot_records import NodeCondition, NodeRecord, PodRecord
from planespec.spec.objects import View

PATIENCE = 3600.0
"""Seconds after which a state of several kinds of objects is no matter of a moment: more than a
dump takes, and more than a kubelet, a controller or a driver needs."""
NODE_PATIENCE = 600.0
"""Seconds within one list of nodes: two reports of a kubelet that has nothing to say."""


def read_moment(text: str) -> float | None:
    """Read a time of RFC 3339 as seconds; None where there is none, or it cannot be read."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def latest(*moments: float | None) -> float | None:
    """The latest of several; None where one of them is not known."""
    known = [each for each in moments if each is not None]
    return max(known) if len(known) == len(moments) else None


def get_ready(node: NodeRecord) -> NodeCondition | None:
    """The condition Ready of a node."""
    return next((each for each in node.conditions if each.type == "Ready"), None)


def get_heard(node: NodeRecord) -> float | None:
    """When a kubelet last reported its node."""
    ready = get_ready(node)
    return None if ready is None else read_moment(ready.heard)


class Clock:
    """What the nodes of a snapshot say of the time: `cluster.derive(Clock)`."""

    def __init__(self, cluster: Cluster) -> None:
        """Read when each node was heard of, and since when it is Ready."""
        self._working: dict[str, tuple[float, float]] = {}
        for name, node in cluster.nodes.items():
            ready = get_ready(node)
            if ready is None or ready.status != "True":
                continue
            since, heard = read_moment(ready.since), read_moment(ready.heard)
            if since is not None and heard is not None:
                self._working[name] = (since, heard)
        heard_of = sorted(heard for _, heard in self._working.values())
        self.now = heard_of[(len(heard_of) - 1) // 2] if heard_of else None
        """Half of the Ready nodes were heard of then, or later; None where none says so."""

    def is_overdue(self, node: str, since: float | None) -> bool:
        """Whether a Ready node has had ample time to act on what began at a moment."""
        known = self._working.get(node)
        if known is None or since is None:
            return False
        return max(since, known[0]) + PATIENCE < known[1]


def read_start(pod: PodRecord) -> float | None:
    """When a kubelet took the pod in."""
    return read_moment(View(pod.stored.get("status"), "status").text("startTime"))


def read_running(pod: PodRecord) -> float | None:
    """Since when a container of the pod runs, and with it its sandbox; None where none does."""
    containers = View(pod.stored.get("status"), "status").views("containerStatuses")
    times = [each.view("state").view("running").text("startedAt") for each in containers]
    return min((each for each in map(read_moment, times) if each is not None), default=None)


def list_leases(cluster: Cluster) -> Iterator[tuple[str, float]]:
    """Yield the nodes that renew a lease, each with when it last did."""
    for stored in cluster.store.list("Lease"):
        if stored.key.namespace == "kube-node-lease":
            renewed = read_moment(View(stored.get("spec"), "spec").text("renewTime"))
            if renewed is not None:
                yield refer_to(stored).name, renewed
