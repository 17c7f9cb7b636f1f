"""The topology manager merges hints and admits as upstream's policies do."""

from collections.abc import Sequence

import pytest

from planespec.spec.node.numa.topology import (
    POLICIES,
    Decision,
    Hint,
    NumaNodes,
    ProviderHints,
    decide_affinity,
    merge_hints,
)

TWO = NumaNodes(((10, 20), (20, 10)))
FOUR = NumaNodes(((10, 30, 20, 12), (30, 10, 20, 20), (20, 20, 10, 11), (12, 20, 11, 10)))


def hint(*nodes: int, preferred: bool = True) -> Hint:
    return Hint(frozenset(nodes), preferred)


def decide(policy: str, *providers: ProviderHints | None, machine: NumaNodes = TWO) -> Decision:
    return decide_affinity(policy, providers, machine, closest=False)


def merge(*resources: Sequence[Hint], closest: bool = False) -> Hint:
    return merge_hints(resources, FOUR, closest=closest)


def test_providers_without_wishes_leave_every_node() -> None:
    for providers in ((), (None,), ({},), ({"cpu": None},)):
        assert decide("restricted", *providers) == Decision(hint(0, 1), admit=True)
        assert decide("single-numa-node", *providers) == Decision(Hint(None, True), admit=True)


def test_a_resource_that_fits_nowhere_is_admitted_by_best_effort_alone() -> None:
    nowhere: ProviderHints = {"cpu": []}
    admitting = {policy for policy in POLICIES if decide(policy, nowhere).admit}
    assert admitting == {"none", "best-effort"}
    assert decide("best-effort", nowhere).hint == hint(0, 1, preferred=False)
    assert decide("single-numa-node", nowhere).hint == Hint(None, False)


def test_a_resource_that_fits_nowhere_spoils_the_hints_of_others_without_widening_them() -> None:
    offered: ProviderHints = {"cpu": [], "gpu": [hint(1)]}
    assert decide("restricted", offered) == Decision(hint(1, preferred=False), admit=False)


def test_none_looks_at_no_hint() -> None:
    assert decide("none", {"cpu": [hint(1)]}) == Decision(Hint(None, False), admit=True)


def test_preferred_hints_that_name_different_nodes_are_not_preferred_together() -> None:
    wide, narrow = [hint(0, 1)], [hint(0)]
    assert merge(wide, narrow) == hint(0, preferred=False)
    assert merge(wide, wide) == hint(0, 1)
    assert merge(narrow, [Hint(None, True)]) == hint(0)
    assert merge([hint(0)], [hint(1)]) == Hint(FOUR.all, False)


def test_a_preferred_hint_wins_over_a_narrower_one() -> None:
    assert merge([hint(0, preferred=False), hint(1, 2)]) == hint(1, 2)


def test_the_narrower_wins_and_then_the_one_of_lower_nodes() -> None:
    assert merge([hint(0, 1, 2), hint(2, 3)]) == hint(2, 3)
    assert merge([hint(1, 2), hint(0, 3)]) == hint(1, 2)


def test_hints_not_preferred_come_as_near_as_can_be_to_the_most_demanding_resource() -> None:
    wants_three = [hint(0, 1, 2, preferred=False), hint(0, 1, 2, 3, preferred=False)]
    every_node = [hint(0, 1, 2, 3), hint(1, 2), hint(3)]
    assert merge(wants_three, every_node) == hint(0, 1, 2, preferred=False)
    assert merge(wants_three, [hint(3), hint(1, 2), hint(0, 3)]) == hint(1, 2, preferred=False)


def test_too_few_nodes_are_better_than_too_many() -> None:
    one = [hint(0, 1), hint(1, 2, 3, preferred=False)]
    other = [hint(0, 2), hint(1, 2, 3, preferred=False)]
    assert merge(one, other) == hint(0, preferred=False)


def test_of_what_is_too_wide_the_narrowest_is_taken() -> None:
    wide = [hint(0, 1, 2, 3, preferred=False), hint(1, 2, 3, preferred=False), hint()]
    assert merge(wide) == hint(1, 2, 3, preferred=False)


def test_the_closest_of_equally_many_nodes_are_taken_if_asked_for() -> None:
    choices = [hint(0, 1), hint(0, 3), hint(2, 3)]
    assert merge(choices) == hint(0, 1)
    assert merge(choices, closest=True) == hint(2, 3)
    assert merge([*choices, hint(1)], closest=True) == hint(1)


def test_a_single_node_is_never_one_of_several_nor_one_not_preferred() -> None:
    offered: ProviderHints = {"cpu": [hint(0, 1), hint(1, preferred=False)], "gpu": [hint(0)]}
    assert not decide("single-numa-node", offered).admit
    offered = {"cpu": [hint(0, 1), hint(1)], "gpu": [hint(0), hint(1)]}
    assert decide("single-numa-node", offered) == Decision(hint(1), admit=True)
    alone = NumaNodes(((10,),))
    found = decide("single-numa-node", {"cpu": [hint(0)]}, machine=alone)
    assert found == Decision(Hint(None, True), admit=True)


def test_several_nodes_that_all_prefer_are_not_a_single_one() -> None:
    offered: ProviderHints = {"cpu": [hint(0, 1)], "gpu": [hint(0, 1)]}
    assert decide("restricted", offered, machine=FOUR).admit
    assert not decide("single-numa-node", offered, machine=FOUR).admit


def test_a_single_node_is_chosen_by_number_even_if_the_closest_are_asked_for() -> None:
    odd = NumaNodes(((12, 20), (20, 10)))
    offered: list[ProviderHints] = [{"cpu": [hint(0), hint(1)]}]
    for policy, chosen in (("single-numa-node", 0), ("restricted", 1)):
        assert decide_affinity(policy, offered, odd, closest=True).hint == hint(chosen)


def test_an_unknown_policy_is_told() -> None:
    with pytest.raises(ValueError, match="no policy is called 'best'; known: none, best-effort"):
        decide("best")
