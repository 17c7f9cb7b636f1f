"""InterPodAffinity: what a pod wants of others, and what others want of it."""

from worlds import (
    ZONE,
    affinity,
    filter_node,
    node,
    normalized,
    passes,
    pod,
    pre_filter,
    raw,
    skips,
    term,
    world,
)

from planespec.spec.scheduling.plugin import Code

PLUGIN = "InterPodAffinity"
NODES = [node("n0", {ZONE: "a"}), node("n1", {ZONE: "a"}), node("n2", {ZONE: "b"})]
DB = {"app": "db"}


def test_required_affinity_wants_a_matching_pod_in_the_domain() -> None:
    snapshot = world(NODES, [pod("e", DB, on="n0")])
    incoming = pod(**affinity("podAffinity", term(ZONE, **DB)))
    assert passes(PLUGIN, snapshot, incoming, "n1")
    status = filter_node(PLUGIN, snapshot, incoming, "n2")
    assert status.code is Code.UNRESOLVABLE
    assert status.reasons == ("node(s) didn't match pod affinity rules",)


def test_one_pod_must_match_all_terms() -> None:
    pods = [pod("e0", {"a": "1"}, on="n0"), pod("e1", {"b": "1"}, on="n0")]
    incoming = pod(**affinity("podAffinity", term(ZONE, a="1"), term(ZONE, b="1")))
    assert not passes(PLUGIN, world(NODES, pods), incoming, "n0")
    both = [*pods, pod("e2", {"a": "1", "b": "1"}, on="n0")]
    assert passes(PLUGIN, world(NODES, both), incoming, "n0")


def test_the_first_pod_of_a_group_may_go_anywhere() -> None:
    incoming = pod("p", DB, **affinity("podAffinity", term(ZONE, **DB)))
    assert passes(PLUGIN, world(NODES), incoming, "n2")
    elsewhere = world(NODES, [pod("e", DB, on="n0")])
    assert not passes(PLUGIN, elsewhere, incoming, "n2")


def test_a_node_without_the_key_satisfies_no_affinity() -> None:
    incoming = pod("p", DB, **affinity("podAffinity", term("rack", **DB)))
    assert not passes(PLUGIN, world(NODES), incoming)


def test_required_anti_affinity_keeps_the_pod_out_of_the_domain() -> None:
    snapshot = world(NODES, [pod("e", DB, on="n0")])
    incoming = pod(**affinity("podAntiAffinity", term(ZONE, **DB)))
    status = filter_node(PLUGIN, snapshot, incoming, "n1")
    assert status.code is Code.UNSCHEDULABLE
    assert status.reasons == ("node(s) didn't match pod anti-affinity rules",)
    assert passes(PLUGIN, snapshot, incoming, "n2")


def test_anti_affinity_of_an_existing_pod_works_both_ways() -> None:
    guard = pod("e", on="n0", **affinity("podAntiAffinity", term(ZONE, **DB)))
    status = filter_node(PLUGIN, world(NODES, [guard]), pod("p", DB), "n1")
    assert status.reasons == ("node(s) didn't satisfy existing pods anti-affinity rules",)
    assert passes(PLUGIN, world(NODES, [guard]), pod("p", DB), "n2")


def test_affinity_of_an_existing_pod_does_not_filter() -> None:
    fan = pod("e", on="n0", **affinity("podAffinity", term(ZONE, **DB)))
    assert pre_filter(PLUGIN, world(NODES, [fan]), pod("p", DB)).code is Code.SKIP


def test_terms_mean_the_pods_own_namespace_unless_they_name_others() -> None:
    other = world(NODES, [pod("e", DB, on="n0", namespace="other")])
    own = pod(**affinity("podAntiAffinity", term(ZONE, **DB)))
    named = pod(**affinity("podAntiAffinity", {**term(ZONE, **DB), "namespaces": ["other"]}))
    assert pre_filter(PLUGIN, other, own).code is Code.SUCCESS
    assert passes(PLUGIN, other, own)
    assert not passes(PLUGIN, other, named)


def test_a_namespace_selector_means_the_namespaces_with_those_labels() -> None:
    namespaces = [{"metadata": {"name": "other", "labels": {"team": "x"}}}]
    pods = [pod("e", DB, on="n0", namespace="other")]
    snapshot = world(NODES, pods, Namespace=namespaces)

    def incoming(team: str) -> dict[str, object]:
        selector = {"namespaceSelector": {"matchLabels": {"team": team}}}
        return pod(**affinity("podAntiAffinity", {**term(ZONE, **DB), **selector}))

    assert not passes(PLUGIN, snapshot, incoming("x"))
    assert passes(PLUGIN, snapshot, incoming("y"))


def test_an_empty_namespace_selector_means_namespaces_nobody_knows_too() -> None:
    snapshot = world(NODES, [pod("e", DB, on="n0", namespace="unknown")])
    anywhere = {**term(ZONE, **DB), "namespaceSelector": {}}
    assert not passes(PLUGIN, snapshot, pod(**affinity("podAntiAffinity", anywhere)))


def test_mismatch_label_keys_leave_out_the_pods_own_group() -> None:
    wanted = {**term(ZONE, **DB), "mismatchLabelKeys": ["tenant"]}
    incoming = pod("p", {"tenant": "x"}, **affinity("podAntiAffinity", wanted))
    mine = world(NODES, [pod("e", {**DB, "tenant": "x"}, on="n0")])
    theirs = world(NODES, [pod("e", {**DB, "tenant": "y"}, on="n0")])
    assert passes(PLUGIN, mine, incoming)
    assert not passes(PLUGIN, theirs, incoming)


def test_preferred_terms_of_both_sides_add_up() -> None:
    fan = pod("e", DB, on="n0", **affinity("podAffinity", term(ZONE, app="web"), weights=[30]))
    wanted = affinity("podAffinity", term(ZONE, **DB), weights=[10])
    incoming = pod("p", {"app": "web"}, **wanted)
    assert raw(PLUGIN, world(NODES, [fan]), incoming) == {"n0": 40, "n1": 40, "n2": 0}


def test_preferred_anti_affinity_counts_against_a_node() -> None:
    snapshot = world(NODES, [pod("e", DB, on="n0")])
    incoming = pod(**affinity("podAntiAffinity", term(ZONE, **DB), weights=[10]))
    assert raw(PLUGIN, snapshot, incoming) == {"n0": -10, "n1": -10, "n2": 0}
    assert normalized(PLUGIN, snapshot, incoming) == {"n0": 0, "n1": 0, "n2": 100}


def test_required_affinity_of_an_existing_pod_scores_one() -> None:
    fan = pod("e", on="n0", **affinity("podAffinity", term(ZONE, **DB)))
    assert raw(PLUGIN, world(NODES, [fan]), pod("p", DB)) == {"n0": 1, "n1": 1, "n2": 0}


def test_a_pod_that_no_term_concerns_is_not_scored() -> None:
    assert skips(PLUGIN, world(NODES, [pod("e", DB, on="n0")]), pod())


def test_weights_that_cancel_out_score_zero_everywhere() -> None:
    one = affinity("podAffinity", term(ZONE, **DB), weights=[5])["affinity"]
    other = affinity("podAntiAffinity", term(ZONE, **DB), weights=[5])["affinity"]
    incoming = pod(affinity={**one, **other})  # type: ignore[dict-item]
    snapshot = world(NODES, [pod("e", DB, on="n0")])
    assert normalized(PLUGIN, snapshot, incoming) == {"n0": 0, "n1": 0, "n2": 0}
