"""Budgets hold among initial states and the successors of one state, not only between states."""

import time
from typing import Any

import pytest
from wide_models import ManyBeginnings, Rare, wide, within

from planespec.checker import interrupts
from planespec.checker.budget import Options
from planespec.checker.engines.native.host import state_store
from planespec.checker.engines.simulation.plan import Plan
from planespec.checker.engines.simulation.simulation_run import simulate
from planespec.checker.instance import Instance
from planespec.checker.lang import Model
from planespec.checker.outcome import Verdict
from planespec.checker.run import check

ENGINES = ("python", "native")


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("limit", [1_000, 50_000])
def test_a_budget_of_states_ends_one_wide_step(engine: str, limit: int, workers: int) -> None:
    outcome = check(wide(), engine, within(workers, states=limit))
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.reason == f"the budget of {limit:,} states is spent"
    assert limit <= outcome.statistics.distinct <= 1.1 * limit + 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_budget_of_states_ends_the_making_of_initial_states(engine: str) -> None:
    outcome = check(Instance(ManyBeginnings, {}), engine, within(states=2_000))
    assert (outcome.verdict, outcome.reason) == (
        Verdict.UNKNOWN,
        "the budget of 2,000 states is spent",
    )
    assert 2_000 <= outcome.statistics.distinct <= 2_201


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", [ManyBeginnings, Rare])
def test_a_budget_of_time_ends_what_would_take_for_ever(model: type[Model], engine: str) -> None:
    outcome = check(Instance(model, {}), engine, within(seconds=1))
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.reason.startswith("the budget of 1 seconds is spent")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_budget_of_memory_ends_one_wide_step(engine: str) -> None:
    limit = 20_000_000
    outcome = check(wide(), engine, within(memory=limit))
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.reason.startswith(f"the budget of {limit:,} bytes is spent")
    found = outcome.statistics
    assert found.bytes_per_state * found.distinct <= 1.1 * limit


def test_the_numbers_so_far_can_be_told_while_the_search_still_winds_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = state_store.Store.count_actions

    def slowly(self: state_store.Store, *arguments: Any) -> Any:
        time.sleep(3 * interrupts.GRACE_SECONDS)
        return whole(self, *arguments)

    monkeypatch.setattr(state_store.Store, "count_actions", slowly)
    outcome = check(wide(), "native", within(seconds=1))
    assert outcome.reason.startswith("the budget of 1 seconds is spent")


def test_time_is_counted_from_the_beginning_of_all_phases() -> None:
    options = within(seconds=1)
    begun = Options(budget=options.budget.begun())
    check(wide(), "auto", begun)  # spends it
    outcome = check(wide(), "auto", begun)
    assert outcome.reason == "the budget of 1 seconds is spent, before the search began"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", [ManyBeginnings, Rare])
def test_walks_end_within_one_state(model: type[Model], engine: str) -> None:
    plan = Plan(seed=1, walks=10, budget=within(seconds=2).budget)
    walked = simulate(Instance(model, {}), engine, plan)
    assert walked.outcome.verdict is Verdict.UNKNOWN
    assert walked.outcome.reason == "the budget of 2 seconds is spent"


def test_no_deadlock_is_claimed_of_a_walk_that_was_cut_short_within_a_state() -> None:
    class RareAndDead(Rare):
        """To be without successor is a deadlock here."""

        deadlock = True

    walked = simulate(
        Instance(RareAndDead, {}), "native", Plan(seed=1, budget=within(seconds=1).budget)
    )
    assert walked.outcome.violation is None
    assert walked.outcome.reason == "the budget of 1 seconds is spent"


def test_no_deadlock_is_claimed_of_a_state_that_was_not_expanded_to_the_end() -> None:
    class RareAndDead(Rare):
        """To be without successor is a deadlock here."""

        deadlock = True

    outcome = check(Instance(RareAndDead, {}), "native", within(seconds=1))
    assert outcome.verdict is Verdict.UNKNOWN


def test_there_is_an_answer_where_no_time_is_left_to_make_the_trace() -> None:
    outcome = check(wide(top=1_000_000, bad=999_999), "native", within(seconds=3))
    if outcome.verdict is Verdict.VIOLATED:  # on a fast machine
        assert outcome.violation is not None
    else:
        assert outcome.verdict is Verdict.UNKNOWN
        assert outcome.reason
