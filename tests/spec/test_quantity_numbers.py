"""Adding, comparing and rounding quantities: exact, and at the edges of int64 as upstream."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.spec.quantity import ZERO, Format, Quantity, QuantityError, parse_quantity
from planespec.spec.quantity.amount import wrap_int64

numbers = st.builds(
    "{}{}{}".format,
    st.integers(-(10**21), 10**21),
    st.sampled_from(["", ".25", ".000001"]),
    st.sampled_from(["n", "u", "m", "", "k", "G", "Ki", "Gi", "e3", "e-3"]),
)
quantities = st.builds(parse_quantity, numbers)
small = st.builds(
    parse_quantity,
    st.builds("{}{}".format, st.integers(-1000, 1000), st.sampled_from(["m", "", "k", "Mi"])),
)


def exact(quantity: Quantity) -> Fraction:
    """The number as a fraction."""
    return quantity.unscaled * Fraction(10) ** quantity.exponent


@given(quantities, quantities)
def test_addition_and_subtraction_are_exact(left: Quantity, right: Quantity) -> None:
    assert exact(left + right) == exact(left) + exact(right)
    assert exact(left - right) == exact(left) - exact(right)


@given(quantities, quantities)
def test_addition_is_commutative_in_the_number(left: Quantity, right: Quantity) -> None:
    assert left + right == right + left


@given(quantities, quantities, quantities)
def test_addition_is_associative(first: Quantity, second: Quantity, third: Quantity) -> None:
    assert (first + second) + third == first + (second + third)


@given(quantities, quantities)
def test_subtraction_undoes_addition(left: Quantity, right: Quantity) -> None:
    assert (left + right) - right == left


@given(quantities, quantities)
def test_comparison_is_that_of_the_numbers(left: Quantity, right: Quantity) -> None:
    difference = exact(left) - exact(right)
    assert left.compare(right) == (difference > 0) - (difference < 0)
    assert (left < right, left <= right) == (difference < 0, difference <= 0)
    assert (left > right, left >= right) == (difference > 0, difference >= 0)


@given(quantities, quantities)
def test_equal_numbers_have_equal_hashes(left: Quantity, right: Quantity) -> None:
    twin = Quantity(left.unscaled * 1000, left.exponent - 3, True, Format.DECIMAL_SI)
    assert (twin, hash(twin)) == (left, hash(left))
    assert (left == right) == (exact(left) == exact(right))


@given(small)
def test_values_round_away_from_zero(quantity: Quantity) -> None:
    number = exact(quantity)
    away = -((-number) // 1) if number > 0 else number // 1
    assert quantity.value == away
    assert quantity.milli_value == number * 1000


@given(quantities, st.integers(-9, 3))
def test_rounding_up_never_moves_towards_zero(quantity: Quantity, scale: int) -> None:
    rounded = quantity.rounded_up(scale)
    assert abs(exact(rounded)) >= abs(exact(quantity))
    assert abs(exact(rounded) - exact(quantity)) < Fraction(10) ** scale
    if quantity.exponent < scale:
        assert rounded.exponent == scale


@given(quantities)
def test_values_fit_int64(quantity: Quantity) -> None:
    for value in (quantity.value, quantity.milli_value, quantity.scaled_value(3)):
        assert value == wrap_int64(value)


@given(st.sampled_from(["1Gi", "1M", "1e3"]))
def test_a_sum_has_the_format_of_its_first_term_unless_that_is_zero(text: str) -> None:
    quantity = parse_quantity(text)
    assert (ZERO + quantity).format is quantity.format
    assert (ZERO - quantity).format is quantity.format
    assert (parse_quantity("7") + quantity).format is Format.DECIMAL_SI


@pytest.mark.parametrize(
    ("text", "value", "milli"),
    [
        ("50E", 0, 0),
        ("9223372036854775807", 2**63 - 1, -1000),
        ("9223372036854775808", -(2**63), 0),
        ("-1Ei", 0, 0),
        ("99999999999999999", 99999999999999999, 7766279631452240920),
        ("9E", 9 * 10**18, 0),
        ("1n", 1, 1),
        ("-1n", -1, -1),
        ("1e100", 0, 0),
    ],
)
def test_values_overflow_as_in_upstream(text: str, value: int, milli: int) -> None:
    quantity = parse_quantity(text)
    assert (quantity.value, quantity.milli_value) == (value, milli)


@pytest.mark.parametrize(
    ("left", "right", "total"),
    [
        ("1", "1m", "1001m"),
        ("1Gi", "1G", "2073741824"),
        ("0", "1Gi", "1Gi"),
        ("500m", "500m", "1"),
        ("0.5Gi", "0.5Gi", "1Gi"),
        ("1Ki", "1m", "1024001m"),
        ("9223372036854775807", "1", "9223372036854775808"),
        ("8Ei", "1", "8Ei"),
        ("900E", "100E", "1"),
    ],
)
def test_sums_are_printed_canonically(left: str, right: str, total: str) -> None:
    """Beyond exa there is no suffix, and upstream drops it: 900E + 100E prints as "1"."""
    assert str(parse_quantity(left) + parse_quantity(right)) == total


def test_numbers_of_any_distance_compare_at_once() -> None:
    huge, tiny = parse_quantity("1e2000000000"), parse_quantity("1n")
    assert huge > tiny > parse_quantity("0") > parse_quantity("-1e2000000000")


def test_a_sum_too_long_to_write_out_is_refused() -> None:
    with pytest.raises(QuantityError, match="not evaluated"):
        parse_quantity("1e2000000000") + parse_quantity("1n")
