"""Scores: raw, normalised, weighted, and the best nodes."""

import pytest
from worlds import affinity, node, normalized, pod, raw, skips, world

from planespec.spec.scheduling.framework import run_scores
from planespec.spec.scheduling.plugin import normalize_to_highest
from planespec.spec.scheduling.snapshot_building import read_pod

MEGABYTE = 1024 * 1024


def soft(*keys: str) -> list[dict[str, str]]:
    """Soft taints with these keys."""
    return [{"key": key, "effect": "PreferNoSchedule"} for key in keys]


def test_fewer_untolerated_soft_taints_score_higher() -> None:
    snapshot = world([node("n0", taints=soft("a", "b")), node("n1", taints=soft("a")), node("n2")])
    assert raw("TaintToleration", snapshot, pod()) == {"n0": 2, "n1": 1, "n2": 0}
    assert normalized("TaintToleration", snapshot, pod()) == {"n0": 0, "n1": 50, "n2": 100}


def test_a_toleration_for_another_effect_does_not_help() -> None:
    snapshot = world([node("n0", taints=soft("a"))])
    hard_only = [{"key": "a", "operator": "Exists", "effect": "NoSchedule"}]
    any_effect = [{"key": "a", "operator": "Exists"}]
    assert raw("TaintToleration", snapshot, pod(tolerations=hard_only)) == {"n0": 1}
    assert raw("TaintToleration", snapshot, pod(tolerations=any_effect)) == {"n0": 0}


def test_matching_preferred_terms_add_their_weights() -> None:
    terms = [{"matchExpressions": [{"key": key, "operator": "Exists"}]} for key in ("ssd", "gpu")]
    incoming = pod(**affinity("nodeAffinity", *terms, weights=[30, 10]))
    snapshot = world([node("n0", {"ssd": "", "gpu": ""}), node("n1", {"gpu": ""}), node("n2")])
    assert raw("NodeAffinity", snapshot, incoming) == {"n0": 40, "n1": 10, "n2": 0}
    assert normalized("NodeAffinity", snapshot, incoming) == {"n0": 100, "n1": 25, "n2": 0}


def test_a_pod_without_preferred_terms_is_not_scored_by_node_affinity() -> None:
    assert skips("NodeAffinity", world([node()]), pod())


def test_a_preferred_term_that_cannot_be_read_leaves_the_pod_without_a_total() -> None:
    broken = {"matchExpressions": [{"key": "gen", "operator": "Gt", "values": ["-5"]}]}
    incoming = read_pod(pod(**affinity("nodeAffinity", broken, weights=[1])))
    snapshot = world([node()])
    scores = run_scores(snapshot, incoming, list(snapshot.nodes.values()))
    assert scores.errors["NodeAffinity"].startswith("[0].matchExpressions[0].values[0][gen]")
    assert not scores.total
    assert not scores.best


def test_the_emptier_node_scores_higher() -> None:
    snapshot = world([node("n0"), node("n1")], [pod("e", on="n0", cpu="2", memory="4Gi")])
    # n1 keeps 3 of 4 CPUs and 6 of 8 GiB: 75 %; n0 a quarter.
    incoming = pod(cpu="1", memory="2Gi")
    assert raw("NodeResourcesFit", snapshot, incoming) == {"n0": 25, "n1": 75}


def test_a_container_without_requests_counts_a_little() -> None:
    snapshot = world([node("n0", cpu="1", memory="2000Mi")])
    # 100m of 1 CPU and 200 MiB of 2,000 MiB.
    assert raw("NodeResourcesFit", snapshot, pod()) == {"n0": 90}


def test_a_node_that_would_be_overcommitted_scores_nothing_for_it() -> None:
    snapshot = world([node("n0", cpu="1", memory="8Gi")])
    assert raw("NodeResourcesFit", snapshot, pod(cpu="2", memory="4Gi")) == {"n0": 25}


def test_percentages_are_cut_off_not_rounded() -> None:
    snapshot = world([node("n0", cpu="3", memory="3Gi")])
    assert raw("NodeResourcesFit", snapshot, pod(cpu="1", memory="1Gi")) == {"n0": 66}


def test_a_pod_level_request_does_not_score_the_incoming_pod() -> None:
    snapshot = world([node("n0", cpu="4", memory="8Gi")])
    whole = {"requests": {"cpu": "4", "memory": "8Gi"}}
    incoming = pod(cpu="1", memory="2Gi", resources=whole)
    assert raw("NodeResourcesFit", snapshot, incoming) == {"n0": 75}


def test_a_pod_that_evens_a_node_out_scores_above_75() -> None:
    snapshot = world([node("n0")], [pod("e", on="n0", cpu="2")])
    # Half the CPU is used and no memory; the pod brings memory to half: from 75 to 100.
    incoming = pod(memory="4Gi")
    assert raw("NodeResourcesBalancedAllocation", snapshot, incoming) == {"n0": 87}


def test_a_pod_that_unbalances_a_node_scores_below_75() -> None:
    incoming = pod(cpu="2")
    assert raw("NodeResourcesBalancedAllocation", world([node("n0")]), incoming) == {"n0": 62}


def test_a_pod_that_requests_nothing_is_not_scored_for_balance() -> None:
    assert skips("NodeResourcesBalancedAllocation", world([node("n0")]), pod())


@pytest.mark.parametrize(
    ("size", "expected"),
    [(22 * MEGABYTE, 0), (23 * MEGABYTE, 0), (1000 * MEGABYTE, 100), (2000 * MEGABYTE, 100)],
)
def test_an_image_counts_from_23_to_1000_mebibytes(size: int, expected: int) -> None:
    snapshot = world([node("n0", images={"nginx:latest": size})])
    assert raw("ImageLocality", snapshot, pod(image="nginx")) == {"n0": expected}


def test_an_image_that_few_nodes_hold_counts_less() -> None:
    nodes = [node("n0", images={"nginx:1": 800 * MEGABYTE}), node("n1")]
    # 800 MiB on half of the nodes is 400 MiB: 377 of 977.
    assert raw("ImageLocality", world(nodes), pod(image="nginx:1")) == {"n0": 38, "n1": 0}


def test_the_ceiling_rises_with_the_number_of_containers() -> None:
    snapshot = world([node("n0", images={"nginx:1": 1000 * MEGABYTE})])
    two = pod(image="nginx:1", initContainers=[{"name": "i", "image": "other:1"}])
    # 1,000 MiB of 2,000: 977 of 1,977.
    assert raw("ImageLocality", snapshot, two) == {"n0": 49}


def test_the_total_is_the_weighted_sum_and_ties_stay() -> None:
    snapshot = world([node("n0"), node("n1"), node("n2", taints=soft("a"))])
    scores = run_scores(snapshot, read_pod(pod()), list(snapshot.nodes.values()))
    fit = scores.plugins["NodeResourcesFit"].normalized["n0"]
    assert scores.total == {"n0": fit + 300, "n1": fit + 300, "n2": fit}
    assert scores.best == ["n0", "n1"]


def test_scores_that_are_all_zero_stay_or_become_full_when_reversed() -> None:
    assert normalize_to_highest({"a": 0}) == {"a": 0}
    assert normalize_to_highest({"a": 0}, is_reversed=True) == {"a": 100}
