"""CNI-1 on a snapshot: no two pods that run have one address.

An address that is free is given again at once, before the API shows that the pod before it has
ended. So both must have run in their sandboxes for long, on nodes that are Ready. Hollow nodes
(kubemark) give all their pods one address.
"""

from collections.abc import Iterator, Sequence

from planespec.spec.cluster.cluster_requirements import Violation
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.node_life.moments import Clock, read_running
from planespec.spec.cluster.snapshot_records import PodRecord
from planespec.spec.network.network_requirements import no_address_is_used_twice
from planespec.spec.objects import View
from planespec.spec.requirement import Level, judges

TWICE = "whether pods had an address at one time, or one after the other"
_HOLLOW = "fakeRuntime://"


@judges(Level.SNAPSHOT, no_address_is_used_twice)
def judge_addresses(cluster: Cluster) -> Iterator[Violation]:
    """Compare the addresses of pods that run in a network of their own."""
    clock = cluster.derive(Clock)
    for address, pods in _list_shared(cluster) if clock.now is not None else ():
        lasting = [pod for pod in pods if clock.is_overdue(pod.node, read_running(pod))]
        if _is_hollow(pods):
            continue
        if len(lasting) < 2:
            cluster.doubt(TWICE, *(pod.reference for pod in pods))
            continue
        first, *others = lasting
        for pod in others:
            message = f"runs with the address {address} of {first.reference}"
            yield no_address_is_used_twice.violated(
                pod.reference, first.reference, message=message, field="status.podIP"
            )


def _list_shared(cluster: Cluster) -> Iterator[tuple[str, Sequence[PodRecord]]]:
    first: dict[str, PodRecord] = {}
    shared: dict[str, list[PodRecord]] = {}
    of_host: dict[int, bool] = {}
    for pod in cluster.pods:
        if not pod.address or pod.phase != "Running" or pod.is_deleting:
            continue
        template = pod.template
        is_host = of_host.get(id(template))
        if is_host is None:
            is_host = of_host[id(template)] = template.pod.spec.flag("hostNetwork")
        if not is_host:
            one = first.setdefault(pod.address, pod)
            if one is not pod:
                shared.setdefault(pod.address, [one]).append(pod)
    yield from shared.items()


def _is_hollow(pods: Sequence[PodRecord]) -> bool:
    status = View(pods[0].stored.get("status"), "status")
    return any(
        c.text("containerID").startswith(_HOLLOW) for c in status.views("containerStatuses")
    )
