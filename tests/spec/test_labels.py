"""Label selectors: object form, text form, matching."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.spec.labels import (
    EVERYTHING,
    NOTHING,
    Operator,
    SelectorError,
    make_requirement,
    parse_selector,
    read_label_selector,
)
from planespec.spec.labels.selector import select_exactly
from planespec.spec.objects import ObjectError

keys = st.sampled_from(["app", "tier", "example.com/x", "in"])
values = st.sampled_from(["", "a", "b", "1", "notin"])
label_sets = st.dictionaries(keys, values)
set_requirements = st.builds(
    make_requirement,
    keys,
    st.sampled_from([Operator.IN, Operator.NOT_IN]),
    st.lists(values, min_size=1, max_size=3, unique=True),
)
requirements = st.one_of(
    set_requirements,
    st.builds(
        make_requirement,
        keys,
        st.sampled_from([Operator.EQUALS, Operator.DOUBLE_EQUALS, Operator.NOT_EQUALS]),
        st.tuples(values),
    ),
    st.builds(
        make_requirement,
        keys,
        st.sampled_from([Operator.EXISTS, Operator.DOES_NOT_EXIST]),
        st.just(()),
    ),
    st.builds(
        make_requirement,
        keys,
        st.sampled_from([Operator.GREATER_THAN, Operator.LESS_THAN]),
        st.tuples(st.sampled_from(["0", "1", "2"])),
    ),
)
selectors = st.lists(requirements, max_size=4).map(EVERYTHING.with_requirements)


@given(selectors)
def test_the_text_of_a_selector_reads_as_the_selector(selector) -> None:
    again = parse_selector(str(selector))
    assert str(again) == str(selector)
    assert [(each.key, each.operator) for each in again.requirements] == [
        (each.key, each.operator) for each in selector.requirements
    ]


@given(selectors, label_sets)
def test_reading_the_text_does_not_change_what_matches(selector, labels) -> None:
    assert parse_selector(str(selector)).matches(labels) == selector.matches(labels)


@given(selectors, requirements, label_sets)
def test_adding_a_requirement_only_narrows(selector, added, labels) -> None:
    narrowed = selector.with_requirements([added])
    assert narrowed.matches(labels) == (selector.matches(labels) and added.matches(labels))


@given(set_requirements, label_sets)
def test_not_in_is_the_opposite_of_in(requirement, labels) -> None:
    opposite = {Operator.IN: Operator.NOT_IN, Operator.NOT_IN: Operator.IN}
    other = make_requirement(
        requirement.key, opposite[requirement.operator], list(requirement.values)
    )
    assert requirement.matches(labels) != other.matches(labels)


@given(label_sets)
def test_a_selector_from_labels_matches_them(labels) -> None:
    assert select_exactly(labels).matches(labels)
    assert EVERYTHING.matches(labels)
    assert not NOTHING.matches(labels)


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("", {}, True),
        ("app", {"app": ""}, True),
        ("!app", {"app": ""}, False),
        ("! app", {}, True),
        ("app=", {"app": ""}, True),
        ("app=a", {"app": "a"}, True),
        ("app==a", {"app": "b"}, False),
        ("app!=a", {}, True),
        ("app in (a,b)", {"app": "b"}, True),
        ("app in ()", {"app": ""}, True),
        ("app in (,a)", {"app": ""}, True),
        ("app in (a,)", {"app": ""}, True),
        ("app in (a,,b)", {"app": ""}, True),
        ("app notin (a)", {}, True),
        ("in in (in,notin)", {"in": "notin"}, True),
        ("x>1", {"x": "2"}, True),
        ("x<1", {"x": "2"}, False),
        ("x>1", {"x": "two"}, False),
        ("x>1", {}, False),
        ("a=b,\tc ,\n!d", {"a": "b", "c": ""}, True),
        ("a\0", {"a": ""}, True),
    ],
)
def test_the_text_form(text: str, labels: dict[str, str], expected: bool) -> None:
    assert parse_selector(text).matches(labels) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (",", "found ',', expected: !, identifier, or 'end of string'"),
        ("=a", "found '=', expected: !, identifier, or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        ("a,=", "found '=', expected: identifier after ','"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a===b", "unable to parse requirement: found '=', expected: identifier"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("!a=b", "found '=', expected: ',' or 'end of string'"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"),
        ("a in (=", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in (,", "unable to parse requirement: found '', expected: ',', or identifier"),
        ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
        ("a/b/c", 'unable to parse requirement: <nil>: Invalid value: "a/b/c": a valid label'),
        ("a=-", 'unable to parse requirement: values[0][a]: Invalid value: "-": a valid label'),
        (
            "a>x",
            'unable to parse requirement: values[0]: Invalid value: "x": '
            "for 'Gt', 'Lt' operators, the value must be an integer",
        ),
        ("a>", "unable to parse requirement: values[0]: Invalid value: \"\": for 'Gt', 'Lt'"),
    ],
)
def test_what_is_no_selector_is_refused_in_upstreams_words(text: str, message: str) -> None:
    with pytest.raises(SelectorError) as caught:
        parse_selector(text)
    assert str(caught.value).startswith(message)


@given(st.text(alphabet="ab,=!()<> in\0\t/", max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        selector = parse_selector(text)
    except SelectorError:
        return
    assert parse_selector(str(selector)) == selector or len(selector.requirements) > 1


def test_an_absent_selector_matches_nothing_and_an_empty_one_everything() -> None:
    assert read_label_selector(None) is NOTHING
    assert read_label_selector({}) == EVERYTHING
    assert EVERYTHING.is_empty
    assert not NOTHING.is_empty
    assert NOTHING.with_requirements([make_requirement("a", Operator.EXISTS, [])]) is NOTHING


def test_the_object_form_sorts_its_requirements_by_key() -> None:
    selector = read_label_selector(
        {
            "matchLabels": {"tier": "web", "app": "a"},
            "matchExpressions": [
                {"key": "app", "operator": "Exists"},
                {"key": "b", "operator": "NotIn", "values": ["y", "x"]},
            ],
        }
    )
    assert str(selector) == "app=a,app,b notin (x,y),tier=web"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ({"key": "a", "operator": "Equals"}, '"Equals" is not a valid label selector operator'),
        ({"key": "a", "operator": "In"}, "values: Invalid value: null: for 'in', 'notin'"),
        ({"key": "a", "operator": "Exists", "values": ["b"]}, 'values: Invalid value: ["b"]: '),
        ({"key": "", "operator": "Exists"}, 'key: Invalid value: "": name part'),
        ({"key": "-", "operator": "In", "values": ["-"]}, '[key: Invalid value: "-": name part'),
    ],
)
def test_a_wrong_expression_is_refused(expression: dict[str, object], message: str) -> None:
    with pytest.raises(SelectorError) as caught:
        read_label_selector({"matchExpressions": [expression]})
    assert str(caught.value).startswith(message)


def test_a_field_of_the_wrong_type_is_named() -> None:
    with pytest.raises(ObjectError, match=r"^spec\.matchLabels\.a: must be a string"):
        read_label_selector({"matchLabels": {"a": 1}}, "spec")
