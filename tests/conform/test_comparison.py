"""Two answers are compared field by field, types included."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.reports.judge.runner import ABSENT, Difference, compare, differences

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON)
def test_a_value_does_not_differ_from_itself(value: object) -> None:
    assert compare("k", "f:1", None, value, value).agrees


@given(JSON, JSON)
def test_values_that_differ_are_found_from_both_sides(left: object, right: object) -> None:
    forward, backward = list(differences(left, right)), list(differences(right, left))
    assert [(each.expected, each.actual) for each in forward] == [
        (each.actual, each.expected) for each in backward
    ]
    assert bool(forward) == (repr(_sorted(left)) != repr(_sorted(right)))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, float) and value == 0:
        return 0.0
    return [_sorted(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("expected", "actual"), [(1, True), (1, 1.0), (0, False), (None, False), ("1", 1), ({}, [])]
)
def test_types_count(expected: object, actual: object) -> None:
    assert not compare("k", "f:1", None, expected, actual).agrees


def test_the_path_of_each_difference_is_named() -> None:
    expected = {"a": {"b": [1, 2, 3]}, "c": 1}
    actual = {"a": {"b": [1, 5]}, "d": 1}
    assert list(differences(expected, actual)) == [
        Difference(".a.b[1]", 2, 5),
        Difference(".a.b[2]", 3, ABSENT),
        Difference(".c", 1, ABSENT),
        Difference(".d", ABSENT, 1),
    ]
