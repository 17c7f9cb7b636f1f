"""Tolerations accept taints by key, operator, value and effect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.spec.objects import Taint, Toleration
from planespec.spec.pods.node_selection import find_untolerated_taint, is_tolerated, tolerates

taints = st.builds(
    Taint,
    st.sampled_from(["a", "b"]),
    st.sampled_from(["", "x", "5"]),
    st.sampled_from(["NoSchedule", "NoExecute", "PreferNoSchedule"]),
)


def toleration(key: str = "", operator: str = "", value: str = "", effect: str = "") -> Toleration:
    """A toleration without a time limit."""
    return Toleration(key, operator, value, effect, None)


TAINT = Taint("a", "5", "NoSchedule")


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        (toleration("a", "Exists"), True),
        (toleration("a", "Exists", effect="NoSchedule"), True),
        (toleration("a", "Exists", effect="NoExecute"), False),
        (toleration("b", "Exists"), False),
        (toleration("", "Exists"), True),
        (toleration("a", "Equal", "5"), True),
        (toleration("a", "", "5"), True),
        (toleration("a", "Equal", "6"), False),
        (toleration("a"), False),
        (toleration("", "", "5"), True),
        (toleration("a", "Gt", "4"), False),
        (toleration("a", "Unknown", "5"), False),
    ],
)
def test_one_toleration(accepted: Toleration, expected: bool) -> None:
    assert tolerates(accepted, TAINT) is expected


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        (toleration("a", "Gt", "4"), True),
        (toleration("a", "Gt", "5"), False),
        (toleration("a", "Lt", "6"), True),
        (toleration("a", "Lt", "5"), False),
        (toleration("a", "Lt", "x"), False),
        (toleration("a", "Lt", "6", "NoExecute"), False),
    ],
)
def test_numbers_are_compared_where_the_gate_is_on(accepted: Toleration, expected: bool) -> None:
    assert tolerates(accepted, TAINT, comparison_operators=True) is expected
    assert is_tolerated(TAINT, [accepted], comparison_operators=True) is expected


@given(taints)
def test_exists_without_a_key_tolerates_everything(taint: Taint) -> None:
    assert tolerates(toleration(operator="Exists"), taint)
    assert not is_tolerated(taint, [])


@given(taints)
def test_a_toleration_made_from_a_taint_accepts_it(taint: Taint) -> None:
    assert tolerates(toleration(taint.key, "Equal", taint.value, taint.effect), taint)


@given(st.lists(taints, max_size=4))
def test_the_first_taint_that_is_not_tolerated_is_found(found: list[Taint]) -> None:
    accepted = [toleration("a", "Exists")]
    assert find_untolerated_taint(found, accepted) == next(
        (taint for taint in found if taint.key != "a"), None
    )
    hard = find_untolerated_taint(found, [], lambda taint: taint.effect != "PreferNoSchedule")
    assert hard is None or hard.effect != "PreferNoSchedule"
