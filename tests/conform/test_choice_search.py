"""The bounded search over choices, on small puzzles whose answers are counted another way."""

from itertools import product

import pytest

from planespec.reports.judge.choice_search import BoundReachedError, Budget, ChoiceSearch


def add_digits(targets, visited=None):
    """Choose 0, 1 or 2 at each position; the sum after it may not exceed what is given."""

    def go_on(position, total):
        if visited is not None:
            visited.append((position, total))
        for digit in range(3):
            if total + digit <= targets[position]:
                yield position + 1, total + digit

    return go_on


def start(search, position=0, state=0):
    search.put(position, state)
    return search


def list_ends(search, position):
    ends = []
    while (end := search.take(position)) is not None:
        ends.append(end)
    return ends


@pytest.mark.parametrize("targets", [(2,), (0, 2, 2), (1, 1, 3), (2, 2, 2, 2), (1, 0)])
def test_the_ends_are_those_of_all_combinations_in_their_order(targets):
    found = list_ends(start(ChoiceSearch(add_digits(targets))), len(targets))
    sums = [
        sum(digits)
        for digits in product(range(3), repeat=len(targets))
        if all(sum(digits[: n + 1]) <= limit for n, limit in enumerate(targets))
    ]
    assert found == sums


def test_with_memory_each_state_is_entered_once_at_a_position_and_no_end_is_lost():
    visited = []
    targets = (2,) * 12
    found = list_ends(start(ChoiceSearch(add_digits(targets, visited), lambda total: total)), 12)
    assert sorted(found) == [0, 1, 2]
    assert len(visited) == len(set(visited)) <= 12 * 3


def test_the_same_state_is_another_at_another_position():
    search = ChoiceSearch(lambda position, state: [(position + 1, state)], lambda state: state)
    assert start(search).reach(3) == 0


def test_a_choice_may_lead_to_another_state_at_the_same_position():
    def go_on(position, state):
        yield position + 1, state
        if state < 3:
            yield position, state + 1

    search = start(ChoiceSearch(go_on, lambda state: state))
    assert sorted(list_ends(search, 1)) == [0, 1, 2, 3]


def test_it_goes_back_to_the_last_choice_that_was_left():
    def go_on(position, path):
        if path != "a" * 4:
            yield from ((position + 1, path + letter) for letter in "ab")

    search = start(ChoiceSearch(go_on), 0, "")
    assert search.reach(4) == "aaaa"
    assert search.reach(5) == "aaaba"


def test_what_is_reached_goes_on_waiting_until_it_is_taken():
    search = start(ChoiceSearch(add_digits((2, 2))))
    assert search.reach(1) == search.reach(1) == 0
    assert search.take(1) == 0
    assert search.reach(1) == 1


def test_what_is_put_last_is_followed_when_nothing_else_is_left():
    search = start(ChoiceSearch(add_digits((1, 1))))
    search.put_last(0, 1)
    search.put_last(1, -1)
    assert list_ends(search, 1) == [0, 1, 1, -1]


def test_a_spent_budget_is_said_and_is_no_answer():
    search = start(ChoiceSearch(add_digits((0, 0, -1)), budget=Budget(2)))
    with pytest.raises(BoundReachedError, match="the limit of 2 states was reached"):
        search.reach(3)
    assert start(ChoiceSearch(add_digits((0, 0, -1)), budget=Budget(3))).reach(3) is None


def test_searches_that_share_a_budget_spend_it_together():
    budget = Budget(3)
    assert start(ChoiceSearch(add_digits((1, 1)), budget=budget)).reach(2) == 0
    with pytest.raises(BoundReachedError):
        start(ChoiceSearch(add_digits((1, 1)), budget=budget)).reach(2)


def test_an_exhausted_search_has_spent_no_more_than_it_needed():
    budget = Budget(100)
    assert start(ChoiceSearch(add_digits((0, -1)), budget=budget)).reach(2) is None
    assert budget.left == 98
