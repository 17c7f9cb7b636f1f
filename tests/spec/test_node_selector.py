"""Node selectors: one term must hold, each with all its labels and fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.spec.labels import SelectorError
from planespec.spec.objects import View
from planespec.spec.pods.node_selection import read_node_selector, read_node_selector_term


def expression(key: str, operator: str, *values: str) -> dict[str, object]:
    """A node selector requirement."""
    return {"key": key, "operator": operator, "values": list(values)}


def selector(*terms: dict[str, object]):
    """A node selector of these terms."""
    return read_node_selector({"nodeSelectorTerms": list(terms)})


def on_labels(*expressions: dict[str, object]) -> dict[str, object]:
    """A term on labels."""
    return {"matchExpressions": list(expressions)}


def on_fields(*expressions: dict[str, object]) -> dict[str, object]:
    """A term on fields."""
    return {"matchFields": list(expressions)}


def test_no_terms_and_empty_terms_match_no_node() -> None:
    assert not selector().matches("n", {"a": "b"})
    assert not selector({}).matches("n", {"a": "b"})


def test_terms_are_alternatives_and_expressions_are_not() -> None:
    both = on_labels(expression("a", "Exists"), expression("b", "Exists"))
    assert not selector(both).matches("n", {"a": ""})
    assert selector(both, on_labels(expression("a", "Exists"))).matches("n", {"a": ""})


@pytest.mark.parametrize(
    ("label", "expected"), [("6", True), ("5", False), ("x", False), ("", False), ("+6", True)]
)
def test_gt_compares_integers(label: str, expected: bool) -> None:
    assert selector(on_labels(expression("g", "Gt", "5"))).matches("n", {"g": label}) is expected


def test_lt_needs_the_label() -> None:
    below = selector(on_labels(expression("g", "Lt", "5")))
    assert below.matches("n", {"g": "4"})
    assert not below.matches("n", {})


def test_fields_select_by_name() -> None:
    named = on_fields(expression("metadata.name", "In", "n1"))
    other = on_fields(expression("metadata.name", "NotIn", "n1"))
    assert selector(named).matches("n1", {})
    assert not selector(named).matches("n2", {})
    assert selector(other).matches("n2", {})


def test_an_unknown_field_is_empty() -> None:
    assert not selector(on_fields(expression("spec.x", "In", "v"))).matches("n", {})
    assert selector(on_fields(expression("spec.x", "In", ""))).matches("n", {})


def test_the_fields_of_a_node_without_a_name_are_not_looked_at() -> None:
    assert selector(on_fields(expression("metadata.name", "In", "n1"))).matches("", {})


@pytest.mark.parametrize(
    ("term", "message"),
    [
        (
            on_labels(expression("g", "Gt", "x")),
            'nodeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value: "x": for',
        ),
        (
            on_labels(expression("g", "Gt", "-5")),
            'nodeSelectorTerms[0].matchExpressions[0].values[0][g]: Invalid value: "-5": a valid',
        ),
        (
            on_labels(expression("g", "Same", "5")),
            'nodeSelectorTerms[0].matchExpressions[0].operator: Unsupported value: "Same": '
            'supported values: "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"',
        ),
        (
            on_fields(expression("metadata.name", "Exists")),
            'nodeSelectorTerms[0].matchFields[0].operator: Unsupported value: "Exists": '
            'supported values: "In", "NotIn"',
        ),
        (
            on_fields(expression("metadata.name", "In", "a", "b")),
            'nodeSelectorTerms[0].matchFields[0].values: Invalid value: ["a","b"]: '
            "must have one element",
        ),
        (
            on_labels(expression("-", "Exists"), expression("g", "Lt", "x")),
            '[nodeSelectorTerms[0].matchExpressions[0].key: Invalid value: "-": name part',
        ),
    ],
)
def test_what_is_wrong_with_a_term_is_said_in_upstreams_words(
    term: dict[str, object], message: str
) -> None:
    with pytest.raises(SelectorError) as caught:
        selector(term).check()
    assert str(caught.value).startswith(message)


def test_a_wrong_term_counts_only_when_no_other_matches() -> None:
    wrong = on_labels(expression("g", "Gt", "x"))
    either = selector(wrong, on_labels(expression("a", "Exists")))
    assert either.matches("n", {"a": ""})
    with pytest.raises(SelectorError):
        either.matches("n", {})


def test_a_preferred_term_names_no_list() -> None:
    term = read_node_selector_term(View(on_labels(expression("g", "Gt", "x"))), "")
    assert term.errors[0].startswith("matchExpressions[0].values[0]: Invalid value")
    assert not term.matches("n", {"g": "9"})


@given(st.dictionaries(st.sampled_from("ab"), st.sampled_from(["1", "2"])))
def test_adding_a_term_never_excludes_a_node(labels: dict[str, str]) -> None:
    first, second = on_labels(expression("a", "In", "1")), on_labels(expression("b", "Exists"))
    alone, both = selector(first), selector(first, second)
    assert both.matches("n", labels) or not alone.matches("n", labels)
