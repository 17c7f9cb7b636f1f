"""Names are valid or not by upstream's rules, with its words for what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.spec import names

LONG_LABEL, LONG_SUBDOMAIN = "a" * 63, ".".join(["a" * 49] * 5)


@pytest.mark.parametrize("value", ["a", "0", "a-b", "1a", LONG_LABEL, "a--b"])
def test_dns_labels(value: str) -> None:
    assert names.get_dns1123_label_errors(value) == []


@pytest.mark.parametrize("value", ["", "A", "a.b", "-a", "a-", "a_b", LONG_LABEL + "a", "a\n"])
def test_what_is_no_dns_label(value: str) -> None:
    assert names.get_dns1123_label_errors(value)


def test_dots_in_a_label_are_named() -> None:
    assert names.get_dns1123_label_errors("a.b") == ["must not contain dots"]


@pytest.mark.parametrize("value", ["a", "a.b", "1.2.3.4", LONG_SUBDOMAIN + ".a"])
def test_dns_subdomains(value: str) -> None:
    assert names.get_dns1123_subdomain_errors(value) == []


@pytest.mark.parametrize("value", ["", ".a", "a.", "a..b", "a.-b", LONG_SUBDOMAIN + ".aaaaa"])
def test_what_is_no_dns_subdomain(value: str) -> None:
    assert names.get_dns1123_subdomain_errors(value)


def test_a_dns1035_label_starts_with_a_letter() -> None:
    assert names.get_dns1035_label_errors("a1") == []
    assert names.get_dns1035_label_errors("1a")


@pytest.mark.parametrize("value", ["a", "A_b.c-D", "example.com/a", "a/" + "n" * 63])
def test_label_keys(value: str) -> None:
    assert names.get_label_key_errors(value) == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "name part must be non-empty"),
        ("/a", "prefix part must be non-empty"),
        ("Ex.com/a", "prefix part a lowercase RFC 1123 subdomain"),
        ("a/b/c", "a valid label key must consist of alphanumeric characters"),
        ("a/", "name part must be non-empty"),
        ("-a", "name part must consist of alphanumeric characters"),
        ("n" * 64, "name part must be no more than 63 bytes"),
    ],
)
def test_what_is_no_label_key_is_explained(value: str, message: str) -> None:
    assert names.get_label_key_errors(value)[0].startswith(message)


@pytest.mark.parametrize("value", ["", "a", "A.b_c-9", "v" * 63])
def test_label_values(value: str) -> None:
    assert names.get_label_value_errors(value) == []


@pytest.mark.parametrize("value", ["-", "a b", "a/", "v" * 64, "é", "-5"])
def test_what_is_no_label_value(value: str) -> None:
    assert names.get_label_value_errors(value)


@pytest.mark.parametrize("value", ["http", "a1", "1a", "a-b", "x" * 15])
def test_port_names(value: str) -> None:
    assert names.get_port_name_errors(value) == []


@pytest.mark.parametrize("value", ["", "1", "a--b", "-a", "a-", "A", "x" * 16])
def test_what_is_no_port_name(value: str) -> None:
    assert names.get_port_name_errors(value)


@pytest.mark.parametrize("value", ["A", "_a", "a.b-c", ".a", "-"])
def test_environment_names(value: str) -> None:
    assert names.get_environment_name_errors(value) == []


@pytest.mark.parametrize("value", ["", "1a", ".", "..", "..a", "a=b", "a b"])
def test_what_is_no_environment_name(value: str) -> None:
    assert names.get_environment_name_errors(value)


@given(st.text(alphabet="ab1-._/A=", max_size=8))
def test_narrower_rules_imply_wider_ones(value: str) -> None:
    if not names.get_dns1035_label_errors(value):
        assert not names.get_dns1123_label_errors(value)
    if not names.get_dns1123_label_errors(value):
        assert not names.get_dns1123_subdomain_errors(value)
        assert not names.get_label_value_errors(value)
    if value and "/" not in value:
        assert bool(names.get_label_value_errors(value)) == bool(names.get_label_key_errors(value))
