"""The sort orders by its comparison, and equal elements as Go's sort.Slice leaves them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.spec.scheduling.unstable_sort import sort_as_go_does

Item = tuple[int, int]


def is_less(one: Item, other: Item) -> bool:
    """Compare the first part only; the second tells equal items apart."""
    return one[0] < other[0]


def numbered(keys: list[int]) -> list[Item]:
    """The keys with their places."""
    return [(key, place) for place, key in enumerate(keys)]


@given(st.lists(st.integers(0, 5), max_size=200))
def test_the_result_is_sorted_and_loses_nothing(keys: list[int]) -> None:
    items = sort_as_go_does(numbered(keys), is_less)
    assert [key for key, _ in items] == sorted(keys)
    assert sorted(items) == sorted(numbered(keys))


@given(st.lists(st.integers(0, 3), max_size=12))
def test_up_to_twelve_elements_keep_their_order(keys: list[int]) -> None:
    assert sort_as_go_does(numbered(keys), is_less) == sorted(numbered(keys))


@given(st.integers(50, 400), st.integers(1, 40))
def test_long_patterns_are_sorted_too(length: int, period: int) -> None:
    for keys in (
        list(range(length, 0, -1)),
        [place % period for place in range(length)],
        [*range(length), 0, 1, 2],
    ):
        assert [key for key, _ in sort_as_go_does(numbered(keys), is_less)] == sorted(keys)


def test_thirteen_equal_elements_are_known_to_be_in_order_already() -> None:
    assert sort_as_go_does(numbered([7] * 13), is_less) == numbered([7] * 13)


def test_more_than_twelve_elements_may_change_places() -> None:
    keys = [1, 0] * 7
    assert sort_as_go_does(numbered(keys), is_less) != sorted(numbered(keys))


@pytest.mark.parametrize("length", [13, 50, 300])
def test_an_adversary_that_spoils_every_pivot_is_sorted_all_the_same(length: int) -> None:
    # McIlroy, "A Killer Adversary for Quicksort": a value is fixed when it is first compared.
    values = dict.fromkeys(range(length), length)
    fixed, candidate = 0, 0

    def is_less(one: int, other: int) -> bool:
        nonlocal fixed, candidate
        if values[one] == values[other] == length:
            values[other if other == candidate else one] = fixed
            fixed += 1
        candidate = next((item for item in (one, other) if values[item] == length), candidate)
        return values[one] < values[other]

    items = sort_as_go_does(range(length), is_less)
    assert sorted(items) == list(range(length))
    assert [values[item] for item in items] == sorted(values.values())
