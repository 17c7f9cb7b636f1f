"""Endpoints of a Service follow its pods, in slices that are not larger than they may be."""

from typing import Any

from planespec.spec.controllers.endpoint_slices import (
    EndpointSlice,
    SliceOutcome,
    SliceReconciler,
)
from planespec.spec.controllers.service_endpoints import Hints, Service, find_port, list_ports
from planespec.spec.objects.core_views import Node, Pod
from planespec.spec.objects.view import View

NODES = {"n": Node({"metadata": {"name": "n", "labels": {"topology.kubernetes.io/zone": "z"}}})}


def service(**spec: Any) -> Service:
    metadata = {"name": "web", "namespace": "shop", **spec.pop("metadata", {})}
    ports = [{"name": "http", "protocol": "TCP", "targetPort": 80}]
    spec = {"clusterIP": "10.0.0.1", "ipFamilies": ["IPv4"], "ports": ports, **spec}
    return Service({"metadata": metadata, "spec": spec})


def pod(number: int, *, ready: bool = True, node: str = "n", **more: Any) -> Pod:
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    address = f"10.1.0.{number}"
    metadata = {"name": f"p{number}", "namespace": "shop", "uid": f"u{number}"}
    return Pod(
        {
            "metadata": {**metadata, **more.pop("metadata", {})},
            "spec": {"nodeName": node, **more},
            "status": {
                "phase": "Running",
                "podIP": address,
                "podIPs": [{"ip": address}],
                "conditions": conditions,
            },
        }
    )


def sync(
    wanted: Service, pods: list[Pod], slices: tuple[EndpointSlice, ...] = (), most: int = 100
) -> list[SliceOutcome]:
    return list(SliceReconciler(NODES, most).reconcile(wanted, pods, slices))


def test_a_service_without_pods_has_a_slice_without_endpoints_and_keeps_it() -> None:
    [made] = sync(service(), [])
    assert (made.writes, [len(each.endpoints) for each in made.slices]) == (("create",), [0])
    [kept] = sync(service(), [], made.slices)
    assert kept.writes == ()


def test_slices_are_filled_up_before_new_ones_are_made() -> None:
    """As TestReconcileEndpointSlicesSomePreexisting of reconciler_test.go."""
    [first] = sync(service(), [pod(1)], most=2)
    outcomes = sync(service(), [pod(1), pod(2), pod(3)], first.slices, most=2)
    sizes = {tuple(sorted(len(each.endpoints) for each in o.slices)) for o in outcomes}
    assert sizes == {(1, 2)}
    assert {o.writes for o in outcomes} == {("create",)}
    [filled] = sync(service(), [pod(1), pod(2)], first.slices, most=3)
    assert (filled.writes, len(filled.slices[0].endpoints)) == (("update",), 2)


def test_a_new_slice_takes_the_name_of_one_that_would_go() -> None:
    [first] = sync(service(), [pod(1)])
    ports = [{"name": "http", "protocol": "TCP", "targetPort": 8080}]
    [moved] = sync(service(ports=ports), [pod(1)], first.slices)
    assert moved.writes == ("update",)
    assert [each.name for each in moved.slices] == [each.name for each in first.slices]


def test_nothing_is_made_for_a_service_that_goes() -> None:
    [outcome] = sync(service(metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"}), [pod(1)])
    assert (outcome.slices, outcome.writes) == ((), ())


def test_slices_of_a_family_that_the_service_has_no_more_go() -> None:
    both = service(ipFamilies=["IPv4", "IPv6"])
    first = sync(both, [pod(1)])[0]
    [outcome] = sync(service(), [pod(1)], first.slices)
    assert (outcome.writes, len(outcome.slices)) == (("delete",), 1)


def test_a_pod_on_a_node_that_nobody_knows_is_an_error_unless_all_are_published() -> None:
    [outcome] = sync(service(), [pod(1, node="x"), pod(2)])
    assert outcome.error == "skipping Pod p1 for Service shop/web: Node x Not Found"
    assert [e.pod[1] for each in outcome.slices for e in each.endpoints] == ["p2"]
    [all_of_them] = sync(service(publishNotReadyAddresses=True), [pod(1, node="x")])
    [endpoint] = all_of_them.slices[0].endpoints
    assert (all_of_them.error, endpoint.ready, endpoint.zone) == ("", True, None)


def test_a_terminating_pod_serves_and_is_not_ready() -> None:
    dying = pod(1, metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    [endpoint] = sync(service(), [dying])[0].slices[0].endpoints
    assert (endpoint.ready, endpoint.serving, endpoint.terminating) == (False, True, True)


def test_hints_are_given_to_ready_endpoints_and_taken_away_again() -> None:
    near = service(trafficDistribution="PreferSameNode")
    [given] = sync(near, [pod(1), pod(2, ready=False)])
    hints = {e.pod[1]: e.hints for e in given.slices[0].endpoints}
    assert hints == {"p1": Hints(("z",), ("n",)), "p2": None}
    [taken] = sync(service(), [pod(1), pod(2, ready=False)], given.slices)
    assert taken.writes == ("update",)
    assert all(e.hints is None for e in taken.slices[0].endpoints)


def test_labels_follow_those_of_the_service_but_not_the_reserved_ones() -> None:
    [first] = sync(service(), [pod(1)])
    labelled = service(metadata={"labels": {"a": "b", "kubernetes.io/service-name": "x"}})
    [changed] = sync(labelled, [pod(1)], first.slices)
    assert changed.writes == ("update",)
    assert changed.slices[0].labels["kubernetes.io/service-name"] == "web"
    assert changed.slices[0].labels["a"] == "b"


def test_a_named_port_is_looked_up_in_sidecars_too() -> None:
    ports = [{"name": "m", "containerPort": 9, "protocol": "TCP"}]
    once = {"name": "i", "ports": ports}
    wanted = View({"targetPort": "m", "protocol": "TCP"})
    assert find_port(pod(1, initContainers=[{**once, "restartPolicy": "Always"}]), wanted) == 9
    assert find_port(pod(1, initContainers=[once]), wanted) is None
    assert find_port(pod(1, containers=[once]), View({"targetPort": "m"})) is None


def test_the_protocol_of_the_application_is_part_of_a_port() -> None:
    port = {"name": "h", "protocol": "TCP", "targetPort": 1, "appProtocol": "h2c"}
    [found] = list_ports(service(ports=[port]), pod(1))
    assert dict(found) == {"name": "h", "protocol": "TCP", "port": 1, "appProtocol": "h2c"}
