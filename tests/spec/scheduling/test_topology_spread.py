"""PodTopologySpread: skew, domains, inclusion, and what does not count."""

import pytest
from worlds import (
    HOSTNAME,
    ZONE,
    filter_node,
    node,
    normalized,
    passes,
    pod,
    pre_filter,
    raw,
    skips,
    spread,
    world,
)

from planespec.spec.scheduling.plugin import Code
from planespec.spec.scheduling.plugins.pod_topology_spread import spread_filtering
from planespec.spec.scheduling.snapshot_building import read_pod

PLUGIN = "PodTopologySpread"
ZONES = [node("n0", {ZONE: "a"}), node("n1", {ZONE: "b"})]
APP = {"app": "a"}


def test_a_domain_may_not_exceed_the_minimum_by_more_than_the_skew() -> None:
    snapshot = world(ZONES, [pod("e", APP, on="n0")])
    incoming = pod("p", APP, topologySpreadConstraints=[spread()])
    status = filter_node(PLUGIN, snapshot, incoming, "n0")
    assert status.code is Code.UNSCHEDULABLE
    assert passes(PLUGIN, snapshot, incoming, "n1")


def test_a_larger_skew_allows_it() -> None:
    snapshot = world(ZONES, [pod("e", APP, on="n0")])
    assert passes(PLUGIN, snapshot, pod("p", APP, topologySpreadConstraints=[spread(skew=2)]))


def test_a_pod_that_its_own_selector_misses_adds_nothing() -> None:
    snapshot = world(ZONES, [pod("e", APP, on="n0")])
    assert passes(PLUGIN, snapshot, pod("p", topologySpreadConstraints=[spread()]))


def test_a_node_without_the_key_is_rejected_for_good() -> None:
    snapshot = world([*ZONES, node("n2")])
    incoming = pod("p", APP, topologySpreadConstraints=[spread()])
    status = filter_node(PLUGIN, snapshot, incoming, "n2")
    assert status.code is Code.UNRESOLVABLE
    assert status.reasons[0].endswith("(missing required label)")


def test_pods_of_other_namespaces_and_terminating_pods_do_not_count() -> None:
    others = [
        pod("e0", APP, on="n0", namespace="other"),
        pod("e1", APP, on="n0", deleting=True),
    ]
    incoming = pod("p", APP, topologySpreadConstraints=[spread()])
    assert passes(PLUGIN, world(ZONES, others), incoming)


def test_the_minimum_is_zero_while_there_are_too_few_domains() -> None:
    pods = [pod("e0", APP, on="n0"), pod("e1", APP, on="n1")]
    enough = pod("p", APP, topologySpreadConstraints=[spread(minDomains=2)])
    too_few = pod("p", APP, topologySpreadConstraints=[spread(minDomains=3)])
    assert passes(PLUGIN, world(ZONES, pods), enough)
    assert not passes(PLUGIN, world(ZONES, pods), too_few)


def test_nodes_the_pod_cannot_go_to_are_no_domains_unless_told_so() -> None:
    nodes = [node("n0", {ZONE: "a", "disk": "ssd"}), node("n1", {ZONE: "b"})]
    snapshot = world(nodes, [pod("e", APP, on="n0")])
    selector = {"nodeSelector": {"disk": "ssd"}}
    honour = pod("p", APP, topologySpreadConstraints=[spread()], **selector)
    ignore = spread(nodeAffinityPolicy="Ignore")
    assert passes(PLUGIN, snapshot, honour)
    assert not passes(
        PLUGIN, snapshot, pod("p", APP, topologySpreadConstraints=[ignore], **selector)
    )


def test_tainted_nodes_are_domains_unless_told_otherwise() -> None:
    tainted = node("n1", {ZONE: "b"}, taints=[{"key": "x", "effect": "NoSchedule"}])
    snapshot = world([ZONES[0], tainted], [pod("e", APP, on="n0")])
    honour = spread(nodeTaintsPolicy="Honor")
    assert not passes(PLUGIN, snapshot, pod("p", APP, topologySpreadConstraints=[spread()]))
    assert passes(PLUGIN, snapshot, pod("p", APP, topologySpreadConstraints=[honour]))


def test_match_label_keys_narrow_the_selector_to_the_pods_own_values() -> None:
    pods = [pod("e", {**APP, "version": "1"}, on="n0")]
    constraint = spread(matchLabelKeys=["version"])
    old = pod("p", {**APP, "version": "1"}, topologySpreadConstraints=[constraint])
    new = pod("p", {**APP, "version": "2"}, topologySpreadConstraints=[constraint])
    assert not passes(PLUGIN, world(ZONES, pods), old)
    assert passes(PLUGIN, world(ZONES, pods), new)


def test_an_empty_selector_counts_no_pods() -> None:
    constraint = {**spread(), "labelSelector": {}}
    snapshot = world(ZONES, [pod("e", APP, on="n0"), pod("f", APP, on="n0")])
    assert passes(PLUGIN, snapshot, pod("p", APP, topologySpreadConstraints=[constraint]))


def test_soft_constraints_do_not_filter() -> None:
    incoming = pod("p", APP, topologySpreadConstraints=[spread(action="ScheduleAnyway")])
    assert pre_filter(PLUGIN, world(ZONES), incoming).code is Code.SKIP


def test_the_emptier_domain_scores_higher() -> None:
    pods = [pod(f"e{i}", APP, on="n0") for i in range(3)]
    incoming = pod("p", APP, topologySpreadConstraints=[spread(action="ScheduleAnyway")])
    # 3 pods times ln(2 domains + 2) is 4.16.
    assert raw(PLUGIN, world(ZONES, pods), incoming) == {"n0": 4, "n1": 0}
    assert normalized(PLUGIN, world(ZONES, pods), incoming) == {"n0": 0, "n1": 100}


def test_a_node_without_the_key_scores_nothing() -> None:
    incoming = pod("p", APP, topologySpreadConstraints=[spread(action="ScheduleAnyway")])
    assert normalized(PLUGIN, world([*ZONES, node("n2")]), incoming)["n2"] == 0


def test_pods_of_a_service_spread_by_default_even_where_nodes_have_no_zone() -> None:
    service = {"metadata": {"name": "s", "namespace": "default"}, "spec": {"selector": APP}}
    nodes = [node("n0"), node("n1")]
    snapshot = world(nodes, [pod("e", APP, on="n0")], Service=[service])
    scores = normalized(PLUGIN, snapshot, pod("p", APP))
    assert scores["n1"] > scores["n0"]


def test_a_pod_of_no_service_and_no_controller_has_no_defaults() -> None:
    assert skips(PLUGIN, world(ZONES), pod("p", APP))


def owned(kind: str, **metadata: str) -> dict[str, object]:
    """A pod that a controller of this kind owns."""
    owner = {"apiVersion": "apps/v1", "kind": kind, "name": "c", "controller": True, **metadata}
    incoming = pod("p", APP)
    incoming["metadata"]["ownerReferences"] = [{"name": "other"}, owner]  # type: ignore[index]
    return incoming


@pytest.mark.parametrize("kind", ["ReplicaSet", "StatefulSet"])
def test_pods_of_a_controller_spread_by_default(kind: str) -> None:
    owner = {"metadata": {"name": "c"}, "spec": {"selector": {"matchLabels": APP}}}
    snapshot = world(ZONES, [pod("e", APP, on="n0")], **{kind: [owner]})
    scores = normalized(PLUGIN, snapshot, owned(kind))
    assert scores["n1"] > scores["n0"]
    assert skips(PLUGIN, snapshot, owned("DaemonSet"))
    assert skips(PLUGIN, snapshot, owned(kind, name="gone"))


def test_the_selector_of_a_replication_controller_is_one_of_exact_labels() -> None:
    owner = {"metadata": {"name": "c"}, "spec": {"selector": APP}}
    snapshot = world(ZONES, [pod("e", APP, on="n0")], ReplicationController=[owner])
    scores = normalized(PLUGIN, snapshot, owned("ReplicationController", apiVersion="v1"))
    assert scores["n1"] > scores["n0"]


def test_a_controllers_selector_that_cannot_be_read_adds_nothing() -> None:
    broken = {"matchExpressions": [{"key": "app", "operator": "Near"}]}
    owner = {"metadata": {"name": "c"}, "spec": {"selector": broken}}
    assert skips(PLUGIN, world(ZONES, ReplicaSet=[owner]), owned("ReplicaSet"))


def test_a_service_without_a_selector_has_no_pods() -> None:
    bare = {"metadata": {"name": "s"}, "spec": {}}
    other = {"metadata": {"name": "t"}, "spec": {"selector": {"app": "b"}}}
    assert skips(PLUGIN, world(ZONES, Service=[bare, other]), pod("p", APP))


def test_the_hostname_counts_the_pods_of_the_node() -> None:
    constraint = spread(HOSTNAME, action="ScheduleAnyway")
    snapshot = world(ZONES, [pod("e", APP, on="n0")])
    incoming = pod("p", APP, topologySpreadConstraints=[constraint])
    assert raw(PLUGIN, snapshot, incoming) == {"n0": 1, "n1": 0}


def counted_after(incoming: dict[str, object], place: str, delta: int) -> list[dict[str, int]]:
    """What preemption counts by domain once a matching pod is added to, or taken from, a node."""
    nodes = [*ZONES, node("n2", {ZONE: "c"}, taints=[{"key": "k", "effect": "NoSchedule"}])]
    snapshot = world([*nodes, node("n3")], [pod("e", APP, on=name) for name in ("n0", "n1")])
    waiting, victim = read_pod(incoming), read_pod(pod("v", APP, on=place))
    state = spread_filtering.pre_filter(snapshot, waiting)
    assert state is not None
    after = spread_filtering.update(state, waiting, victim, snapshot.nodes[place], delta)
    return [dict(by_domain) for by_domain in after.counts]


def test_preemption_counts_pods_where_the_first_count_does_and_nowhere_else() -> None:
    plain = pod("p", APP, topologySpreadConstraints=[spread()])
    assert counted_after(plain, "n1", -1) == [{"a": 1, "b": 0, "c": 0}]
    assert counted_after(plain, "n2", 1) == [{"a": 1, "b": 1, "c": 1}]
    assert counted_after(plain, "n3", 1) == [{"a": 1, "b": 1, "c": 0}]
    honours = pod("p", APP, topologySpreadConstraints=[spread(nodeTaintsPolicy="Honor")])
    assert counted_after(honours, "n2", 1) == [{"a": 1, "b": 1}]
    elsewhere = pod("p", APP, namespace="o", topologySpreadConstraints=[spread()])
    assert counted_after(elsewhere, "n1", 1) == [{"a": 0, "b": 0, "c": 0}]
