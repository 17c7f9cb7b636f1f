"""Quantities are read and printed as upstream does, its odd corners included."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from planespec.spec.quantity import Format, QuantityError, parse_quantity, read_quantity

FORMAT_WRONG = "quantities must match the regular expression"
SUFFIXES = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
BINARY = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]

texts = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "+", "-"]),
    st.integers(0, 10**20),
    st.sampled_from(["", ".", ".5", ".000000001", ".123456789123"]),
    st.sampled_from([*SUFFIXES, *BINARY, "e3", "E-2", "e20", "e-12"]),
)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1500m", "1500m"),
        ("0.5", "500m"),
        ("1.5Gi", "1536Mi"),
        ("1024Ki", "1Mi"),
        ("1000k", "1M"),
        ("100000", "100k"),
        ("1.1", "1100m"),
        ("0.5Ki", "512"),
        ("1025.5Ki", "1050112"),
        ("12.5Mi", "12800Ki"),
        ("0.1Ki", "102400m"),
        ("0.0009765625Mi", "1Ki"),
        ("-0.0009765625Mi", "-1Ki"),
        ("0.9990234375Ki", "1023"),
        ("-0.9990234375Ki", "-1023"),
        ("3e3", "3e3"),
        ("1e2", "100"),
        ("0.3e1", "3"),
        ("1.5e-3", "1500e-6"),
        ("0", "0"),
        ("-0", "0"),
        ("000Mi", "0"),
        ("0.0000000001", "1n"),
        ("-0.0000000001", "-1n"),
        ("0.1n", "1n"),
        ("50E", "50E"),
        ("8Ei", "9223372036854775807"),
    ],
)
def test_the_canonical_form_has_the_largest_suffix_without_a_fraction(
    text: str, canonical: str
) -> None:
    assert str(parse_quantity(text)) == canonical


@pytest.mark.parametrize("text", ["+5Ki", "+7", "007m", "1001k", "+999999T"])
def test_upstream_keeps_some_texts_as_they_were_written(text: str) -> None:
    assert str(parse_quantity(text)) == text


@pytest.mark.parametrize("text", ["+", "-", ".", "Ki", "-Ki", "+.", "00", "m"])
def test_the_scanner_reads_a_missing_number_as_zero(text: str) -> None:
    assert parse_quantity(text).is_zero


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", FORMAT_WRONG),
        (" 1", FORMAT_WRONG),
        ("1 ", FORMAT_WRONG),
        ("--1m", FORMAT_WRONG),
        ("--1", "unable to parse quantity's suffix"),
        ("1.2.3", FORMAT_WRONG),
        ("1b", FORMAT_WRONG),
        ("1e3.5", FORMAT_WRONG),
        ("1Ki5x", FORMAT_WRONG),
        ("\u0661", FORMAT_WRONG),
        ("1K", "unable to parse quantity's suffix"),
        ("1ki", "unable to parse quantity's suffix"),
        ("1i", "unable to parse quantity's suffix"),
        ("1e", "unable to parse quantity's suffix"),
        ("1e+", "unable to parse quantity's suffix"),
        ("1ee3", "unable to parse quantity's suffix"),
        ("1m3", "unable to parse quantity's suffix"),
        ("1e99999999999999999999", "unable to parse quantity's suffix"),
        (".Ei", "unable to parse numeric part of quantity"),
    ],
)
def test_what_is_no_quantity_is_refused_in_upstreams_words(text: str, message: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_quantity(text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("1", Format.DECIMAL_SI),
        ("1m", Format.DECIMAL_SI),
        ("1E", Format.DECIMAL_SI),
        ("1E3", Format.DECIMAL_EXPONENT),
        ("1e0", Format.DECIMAL_EXPONENT),
        ("1Ei", Format.BINARY_SI),
        ("0.0001Ki", Format.DECIMAL_SI),
    ],
)
def test_the_format_is_remembered(text: str, style: Format) -> None:
    assert parse_quantity(text).format is style


@given(texts)
def test_printing_and_reading_again_gives_the_same_number(text: str) -> None:
    quantity = parse_quantity(text)
    printed = str(quantity)
    if abs(quantity.unscaled) * 10.0**quantity.exponent < 1e20:
        assert parse_quantity(printed) == quantity


@given(texts)
@example("2981082437.5Ki")  # printed without a suffix, it reads as a decimal number
def test_printing_is_stable(text: str) -> None:
    quantity = parse_quantity(text)
    if quantity.text is None and abs(quantity.unscaled) * 10.0**quantity.exponent < 1e20:
        again = parse_quantity(str(quantity))
        assert again == quantity
        if again.format is quantity.format:
            assert str(again) == str(quantity)


@given(st.integers(0, 10**17), st.sampled_from(SUFFIXES))
def test_a_decimal_suffix_is_a_power_of_ten(number: int, suffix: str) -> None:
    power = dict(zip(SUFFIXES, range(-9, 19, 3), strict=True))[suffix]
    assert parse_quantity(f"{number}{suffix}") == parse_quantity(f"{number}e{power}")


@given(st.integers(1, 1000), st.sampled_from(BINARY))
def test_a_binary_suffix_is_a_power_of_1024(number: int, suffix: str) -> None:
    factor = 1024 ** (BINARY.index(suffix) + 1)
    assert parse_quantity(f"{number}{suffix}") == parse_quantity(
        str(min(number * factor, 2**63 - 1))
    )


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        str(parse_quantity(text))
    except QuantityError:
        return


@pytest.mark.parametrize(
    ("value", "text"),
    [(5, "5"), (-3, "-3"), (0.5, "500m"), (" 1Gi\n", "1Gi"), (None, "0"), ("2", "2")],
)
def test_plain_json_may_hold_numbers_and_space(value: object, text: str) -> None:
    assert str(read_quantity(value)) == text


@pytest.mark.parametrize("value", [True, [], {}, b"1"])
def test_other_json_is_no_quantity(value: object) -> None:
    with pytest.raises(QuantityError, match="a quantity is a string or a number"):
        read_quantity(value)


@pytest.mark.parametrize("text", ["9" * 5000, "1234567890123456789e5000", f"0.{'1' * 5000}"])
def test_a_number_too_long_to_evaluate_is_refused_at_once(text: str) -> None:
    with pytest.raises(QuantityError, match="more than 1000 digits is not evaluated"):
        parse_quantity(text)


def test_a_tiny_number_rounds_up_without_being_written_out() -> None:
    assert str(parse_quantity("1234567890123456789e-2000000000")) == "1e-9"
