"""Filters that look at one node alone: name, cordon, taints, labels, ports, resources."""

import pytest
from worlds import affinity, filter_node, node, passes, pod, pre_filter, world

from planespec.spec.scheduling.framework import run_pre_filters
from planespec.spec.scheduling.plugin import Code
from planespec.spec.scheduling.pod_info import build_host_port, is_port_conflict
from planespec.spec.scheduling.snapshot_building import read_pod


def test_a_pod_without_a_node_name_may_go_anywhere() -> None:
    assert passes("NodeName", world([node("n0")]), pod())


def test_a_pod_that_names_a_node_goes_to_no_other() -> None:
    snapshot = world([node("n0"), node("n1")])
    assert passes("NodeName", snapshot, pod(on="n1"), "n1")
    status = filter_node("NodeName", snapshot, pod(on="n1"), "n0")
    assert status.code is Code.UNRESOLVABLE
    assert status.reasons == ("node(s) didn't match the requested node name",)


def test_a_cordoned_node_takes_no_pod() -> None:
    status = filter_node("NodeUnschedulable", world([node(unschedulable=True)]), pod())
    assert status.code is Code.UNRESOLVABLE
    assert status.reasons == ("node(s) were unschedulable",)


def test_a_cordoned_node_takes_a_pod_that_tolerates_the_cordon() -> None:
    tolerations = [{"key": "node.kubernetes.io/unschedulable", "operator": "Exists"}]
    snapshot = world([node(unschedulable=True)])
    assert passes("NodeUnschedulable", snapshot, pod(tolerations=tolerations))


@pytest.mark.parametrize("effect", ["NoSchedule", "NoExecute"])
def test_a_hard_taint_keeps_a_pod_away(effect: str) -> None:
    snapshot = world([node(taints=[{"key": "gpu", "effect": effect}])])
    status = filter_node("TaintToleration", snapshot, pod())
    assert status.code is Code.UNRESOLVABLE
    assert status.reasons == ("node(s) had untolerated taint(s)",)


def test_a_tolerated_or_soft_taint_does_not() -> None:
    hard = world([node(taints=[{"key": "gpu", "effect": "NoSchedule"}])])
    soft = world([node(taints=[{"key": "gpu", "effect": "PreferNoSchedule"}])])
    tolerations = [{"key": "gpu", "operator": "Exists"}]
    assert passes("TaintToleration", hard, pod(tolerations=tolerations))
    assert passes("TaintToleration", soft, pod())


def test_a_node_selector_wants_every_label() -> None:
    snapshot = world([node("n0", {"disk": "ssd"}), node("n1", {"disk": "ssd", "gpu": "yes"})])
    incoming = pod(nodeSelector={"disk": "ssd", "gpu": "yes"})
    assert not passes("NodeAffinity", snapshot, incoming, "n0")
    assert passes("NodeAffinity", snapshot, incoming, "n1")


def required(*terms: object) -> dict[str, object]:
    """Required node affinity of these terms."""
    field = "requiredDuringSchedulingIgnoredDuringExecution"
    return {"affinity": {"nodeAffinity": {field: {"nodeSelectorTerms": list(terms)}}}}


def expression(key: str, operator: str, *values: str) -> dict[str, object]:
    """A term of one expression."""
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


def test_one_term_of_node_affinity_is_enough() -> None:
    snapshot = world([node("n0", {"gen": "3"})])
    terms = (expression("gen", "In", "1"), expression("gen", "Gt", "2"))
    assert passes("NodeAffinity", snapshot, pod(**required(*terms)))
    assert not passes("NodeAffinity", snapshot, pod(**required(terms[0])))


def test_an_empty_term_matches_nothing() -> None:
    assert not passes("NodeAffinity", world([node()]), pod(**required({})))


def test_a_term_that_cannot_be_read_matches_nothing_and_hides_no_other() -> None:
    snapshot = world([node("n0", {"gen": "3"})])
    broken = expression("gen", "Gt", "x")
    assert not passes("NodeAffinity", snapshot, pod(**required(broken)))
    assert passes("NodeAffinity", snapshot, pod(**required(broken, expression("gen", "Exists"))))


def named(*names: str) -> dict[str, object]:
    """A term that wants one of these nodes."""
    return {"matchFields": [{"key": "metadata.name", "operator": "In", "values": list(names)}]}


def test_terms_that_name_nodes_leave_only_those() -> None:
    snapshot = world([node("n0"), node("n1"), node("n2")])
    incoming = read_pod(pod(**required(named("n1"), named("n2"))))
    assert run_pre_filters(snapshot, incoming).node_names == {"n1", "n2"}


def test_a_term_that_names_no_node_leaves_all() -> None:
    incoming = read_pod(pod(**required(named("n1"), expression("gen", "Exists"))))
    assert run_pre_filters(world([node()]), incoming).node_names is None


def test_a_term_that_names_two_nodes_at_once_rejects_the_pod() -> None:
    both = {"matchFields": [*named("n0")["matchFields"], *named("n1")["matchFields"]]}  # type: ignore[misc]
    status = pre_filter("NodeAffinity", world([node()]), pod(**required(both)))
    assert status.code is Code.UNRESOLVABLE
    assert status.reasons == ("pod affinity terms conflict",)


def test_required_affinity_without_terms_rejects_no_pod_but_every_node() -> None:
    snapshot = world([node()])
    assert pre_filter("NodeAffinity", snapshot, pod(**required())).code is Code.SUCCESS
    assert not passes("NodeAffinity", snapshot, pod(**required()))


def test_a_pod_without_requirements_is_skipped_by_node_affinity() -> None:
    preferred = affinity("nodeAffinity", expression("gen", "Exists"), weights=[1])
    assert pre_filter("NodeAffinity", world([node()]), pod(**preferred)).code is Code.SKIP


def port(number: int, address: str = "", protocol: str = "TCP") -> dict[str, object]:
    """A container port that takes a host port."""
    return {"containerPort": 80, "hostPort": number, "hostIP": address, "protocol": protocol}


@pytest.mark.parametrize(
    ("used", "wanted", "is_free"),
    [
        (port(80), port(81), True),
        (port(80), port(80), False),
        (port(80), port(80, protocol="UDP"), True),
        (port(80, "10.0.0.1"), port(80, "10.0.0.2"), True),
        (port(80, "10.0.0.1"), port(80, "10.0.0.1"), False),
        (port(80, "10.0.0.1"), port(80, "0.0.0.0"), False),
        (port(80), port(80, "10.0.0.1"), False),
    ],
)
def test_a_host_port_is_free_unless_address_protocol_and_number_clash(
    used: dict[str, object], wanted: dict[str, object], is_free: bool
) -> None:
    snapshot = world([node()], [pod("e", on="n0", ports=[used])])
    status = filter_node("NodePorts", snapshot, pod(ports=[wanted]))
    assert status.is_success is is_free
    assert is_free or status.code is Code.UNSCHEDULABLE


def test_port_zero_asks_for_nothing() -> None:
    zero = build_host_port("", "", 0)
    assert not is_port_conflict([zero], zero)
    assert read_pod(pod(ports=[port(0)])).host_ports == ()


def test_with_host_network_every_container_port_is_a_host_port() -> None:
    shared = {"containerPort": 80}
    snapshot = world([node()], [pod("e", on="n0", ports=[shared], hostNetwork=True)])
    assert not passes("NodePorts", snapshot, pod(ports=[port(80)]))


def test_the_ports_of_a_sidecar_count_and_those_of_an_init_container_do_not() -> None:
    sidecar = {"name": "i", "restartPolicy": "Always", "ports": [port(80)]}
    init = {"name": "i", "ports": [port(80)]}
    wanted = pod(ports=[port(80)])
    with_sidecar = world([node()], [pod("e", on="n0", initContainers=[sidecar])])
    with_init = world([node()], [pod("e", on="n0", initContainers=[init])])
    assert not passes("NodePorts", with_sidecar, wanted)
    assert passes("NodePorts", with_init, wanted)


def test_a_pod_fits_into_exactly_what_is_left() -> None:
    snapshot = world([node(cpu="1")], [pod("e", on="n0", cpu="600m")])
    assert passes("NodeResourcesFit", snapshot, pod(cpu="400m"))
    status = filter_node("NodeResourcesFit", snapshot, pod(cpu="401m"))
    assert status.code is Code.UNSCHEDULABLE
    assert status.reasons == ("Insufficient cpu",)


def test_a_request_above_the_whole_node_cannot_be_resolved() -> None:
    status = filter_node("NodeResourcesFit", world([node(cpu="1")]), pod(cpu="1001m"))
    assert status.code is Code.UNRESOLVABLE


def test_every_shortage_is_a_reason() -> None:
    snapshot = world([node(cpu="1", memory="1Gi", pods="1")], [pod("e", on="n0", cpu="1")])
    status = filter_node("NodeResourcesFit", snapshot, pod(cpu="1", memory="2Gi"))
    assert status.reasons == ("Too many pods", "Insufficient cpu", "Insufficient memory")
    assert status.code is Code.UNRESOLVABLE


def test_a_pod_that_requests_nothing_fits_an_overcommitted_node() -> None:
    snapshot = world([node(cpu="1")], [pod("e", on="n0", cpu="2")])
    assert passes("NodeResourcesFit", snapshot, pod())


def test_a_node_without_an_extended_resource_has_none_of_it() -> None:
    limits = {"limits": {"example.com/fpga": "1"}}
    incoming = pod()
    incoming["spec"]["containers"][0]["resources"] = limits  # type: ignore[index]
    status = filter_node("NodeResourcesFit", world([node()]), incoming)
    assert status.reasons == ("Insufficient example.com/fpga",)
    assert status.code is Code.UNRESOLVABLE


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_finished_pod_takes_no_room(phase: str) -> None:
    snapshot = world([node(cpu="1", pods="1")], [pod("e", on="n0", cpu="1", phase=phase)])
    assert passes("NodeResourcesFit", snapshot, pod(cpu="1"))


def test_a_pod_that_is_being_deleted_still_takes_room() -> None:
    snapshot = world([node(cpu="1")], [pod("e", on="n0", cpu="1", deleting=True)])
    assert not passes("NodeResourcesFit", snapshot, pod(cpu="1"))
