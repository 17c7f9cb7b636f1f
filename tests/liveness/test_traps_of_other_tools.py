"""Known traps: graphs on which other checkers gave a wrong answer about liveness."""

from toys import again_and_again, eventually, graph, leads_to, strong, weak


def test_eventually_is_broken_by_a_cycle_that_never_gets_there() -> None:
    g = graph(3, [(0, 1, 0), (1, 0, 0), (1, 2, 1)])
    found = eventually(g, [2], weak(0))
    assert found is not None
    assert len(found.cycle) == 2


def test_eventually_holds_on_a_cycle_when_the_way_out_is_strongly_fair() -> None:
    g = graph(3, [(0, 1, 0), (1, 0, 0), (1, 2, 1)])
    assert eventually(g, [2], (*weak(0), *strong(1))) is None


def test_weak_fairness_does_not_force_a_way_out_that_closes_again_and_again() -> None:
    g = graph(3, [(0, 1, 0), (1, 0, 0), (1, 2, 1)])
    assert eventually(g, [2], weak(0, 1)) is not None


def test_a_join_reached_with_and_without_the_obligation_met_is_judged_for_both() -> None:
    # Two ways from 0 to 3; only the one by way of 1 meets the promise.
    g = graph(4, [(0, 1, 0), (0, 2, 1), (1, 3, 0), (2, 3, 0)])
    found = eventually(g, [1], weak(0))
    assert found is not None
    assert [e[1] for e in found.stem] == [2, 3]


def test_a_join_owes_when_any_way_to_it_owes() -> None:
    # 1 asks, 2 does not; both come to 3, where nothing is granted.
    g = graph(4, [(0, 1, 0), (0, 2, 1), (1, 3, 0), (2, 3, 0)])
    assert leads_to(g, [1], [0], weak(0, 1)) is not None
    assert leads_to(g, [1], [3], weak(0, 1)) is None


def test_without_fairness_a_behaviour_may_stop_anywhere() -> None:
    g = graph(2, [(0, 1, 0)])
    found = eventually(g, [1])
    assert found is not None
    assert found.cycle == ()
    assert found.knot == 0


def test_weak_fairness_rules_implicit_stuttering_out() -> None:
    g = graph(2, [(0, 1, 0)])
    assert eventually(g, [1], weak(0)) is None


def test_a_step_that_changes_nothing_does_not_count_as_taking_a_fair_action() -> None:
    # Action 0 loops at node 0; only its other instance makes progress.
    g = graph(2, [(0, 0, 0), (0, 1, 0)])
    assert eventually(g, [1], weak(0)) is None


def test_an_action_that_only_stutters_is_not_enabled() -> None:
    # Fairness of action 0, which never changes anything, asks for nothing.
    g = graph(2, [(0, 0, 0), (0, 1, 1)])
    found = eventually(g, [1], weak(0))
    assert found is not None
    assert found.cycle == ()


def test_a_component_without_a_cycle_is_no_behaviour_of_its_own() -> None:
    # Every node is a component; a fair behaviour passes through all of them.
    g = graph(4, [(0, 1, 0), (1, 2, 0), (2, 3, 0)])
    assert eventually(g, [3], weak(0)) is None


def test_the_cycle_is_one_that_can_be_walked_not_the_whole_component() -> None:
    # One component, two cycles through 0; keeping both actions fair needs both of them.
    g = graph(4, [(0, 1, 0), (1, 0, 2), (0, 2, 1), (2, 0, 2), (0, 3, 3)])
    found = again_and_again(g, [3], (*strong(0), *strong(1)))
    assert found is not None
    assert {e[2] for e in found.cycle} >= {0, 1}


def test_no_fair_cycle_inside_a_component_where_a_strong_action_leads_out_of_every_cycle() -> None:
    g = graph(3, [(0, 1, 0), (1, 0, 0), (0, 2, 1), (1, 2, 1)])
    assert eventually(g, [2], (*weak(0), *strong(1))) is None


def test_strong_fairness_looks_for_smaller_traps_inside_a_component() -> None:
    # 0 <-> 1 <-> 2; action 1 is enabled at 2 only, so staying in 0 and 1 is fair to it.
    edges = [(0, 1, 0), (1, 0, 0), (1, 2, 0), (2, 1, 0), (2, 3, 1)]
    found = eventually(graph(4, edges), [3], (*weak(0), *strong(1)))
    assert found is not None
    assert {e[1] for e in found.cycle} <= {0, 1}


def test_a_behaviour_that_cannot_go_on_breaks_what_it_still_owes() -> None:
    g = graph(3, [(0, 1, 0), (0, 2, 0)])
    found = eventually(g, [1], (*weak(0), *strong(0)))
    assert found is not None
    assert found.knot == 2


def test_a_deadlock_after_the_promise_is_met_breaks_nothing() -> None:
    g = graph(2, [(0, 1, 0)])
    assert eventually(g, [1], weak(0)) is None
    assert again_and_again(g, [0], weak(0)) is not None


def test_a_promise_nobody_asks_for_is_kept() -> None:
    g = graph(2, [(0, 1, 0), (1, 0, 0)])
    assert leads_to(g, [], [1]) is None


def test_what_was_asked_again_after_it_was_granted_is_owed_again() -> None:
    # 0 grants, 1 asks; after 0 -> 1 -> 2 nothing grants any more.
    g = graph(3, [(0, 1, 0), (1, 0, 1), (1, 2, 2)])
    found = leads_to(g, [1], [0], weak(0, 1, 2))
    assert found is not None
    assert found.knot == 2


def test_asking_and_granting_in_one_state_owes_nothing() -> None:
    g = graph(1, [])
    assert leads_to(g, [0], [0]) is None


def test_every_initial_state_must_keep_the_promise() -> None:
    g = graph(3, [(0, 1, 0)], initial=(0, 2))
    found = eventually(g, [1], weak(0))
    assert found is not None
    assert found.start == 2


def test_fairness_counts_steps_inside_the_trap_only() -> None:
    # Action 1 is taken on the way in, never in the cycle where it stays possible.
    edges = [(0, 1, 1), (1, 2, 0), (2, 1, 0), (1, 3, 1), (2, 3, 1)]
    assert eventually(graph(4, edges), [3], (*weak(0), *weak(1))) is None
