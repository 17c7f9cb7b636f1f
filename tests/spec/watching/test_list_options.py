"""The options of lists and watches, held to upstream's source branch by branch."""

import pytest

from planespec.spec.api.watching.list_options import parse_resource_version, read_list_options
from planespec.spec.api.watching.refusals_of_reads import ReadRefusedError


def refusal(**query):
    with pytest.raises(ReadRefusedError) as caught:
        read_list_options(query)
    status = caught.value.status
    return status["code"], status["message"]


def test_a_watch_from_any_or_latest_asks_for_initial_events_unless_it_says_otherwise():
    for version in ("", "0"):
        options = read_list_options({"watch": "1", "resourceVersion": version})
        assert (options.send_initial_events, options.match) == (True, "NotOlderThan")
    assert read_list_options({"watch": "1", "resourceVersion": "7"}).send_initial_events is None
    assert read_list_options({"resourceVersion": "0"}).send_initial_events is None


def test_contradictions_of_a_list_are_all_told_in_order():
    query = {"resourceVersionMatch": "Nope", "continue": "x", "sendInitialEvents": "true"}
    code, message = refusal(**query)
    assert code == 422
    assert message.index("unless resourceVersion") < message.index("when continue")
    assert message.index("when continue") < message.index("Unsupported value")
    assert message.index("Unsupported value") < message.index("forbidden for list")


def test_exact_is_refused_for_any():
    _, message = refusal(resourceVersion="0", resourceVersionMatch="Exact")
    assert message.endswith('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')


def test_a_match_of_a_watch_needs_initial_events_and_no_token():
    code, message = refusal(watch="1", resourceVersionMatch="Exact", **{"continue": "x"})
    assert code == 422
    assert "for watch unless sendInitialEvents" in message
    assert 'supported values: "NotOlderThan"' in message
    assert "when continue is provided" in message


def test_options_are_validated_before_the_fields_of_a_selector():
    assert refusal(resourceVersionMatch="Exact", fieldSelector="nope=1")[0] == 422
    assert refusal(fieldSelector="nope=1") == (
        400,
        '"nope" is not a known field selector: only "metadata.name", "metadata.namespace"',
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"limit": "x"}, 'strconv.ParseInt: parsing "x": invalid syntax'),
        ({"limit": str(2**63)}, "value out of range"),
        ({"fieldSelector": "name"}, "invalid selector: 'name'; can't understand 'name'"),
        ({"fieldSelector": "metadata.name=a=b"}, "unescaped character in value: 61"),
        ({"fieldSelector": "metadata.name=a\\b"}, r"invalid escape sequence: \b"),
        ({"labelSelector": "a in"}, "unable to parse requirement: "),
    ],
)
def test_a_malformed_parameter_is_a_bad_request(query, said):
    code, message = refusal(**query)
    assert code == 400
    assert said in message


def test_flags_are_true_but_for_false_and_nought():
    seen = [read_list_options({"watch": text}).watch for text in ("1", "true", "x", "FALSE", "0")]
    assert seen == [True, True, True, False, False]


def test_a_name_is_single_only_where_it_is_equal_and_no_token_is_given():
    single = read_list_options({"fieldSelector": "metadata.name=a"})
    other = read_list_options({"fieldSelector": "metadata.name!=a"})
    later = read_list_options({"fieldSelector": "metadata.name==a", "continue": "x"})
    assert (single.single_name, other.single_name, later.single_name) == ("a", None, None)


def test_revisions_are_read_as_go_reads_them():
    assert [parse_resource_version(text) for text in ("", "0", "007")] == [0, 0, 7]
    for text, fault in (("+1", "invalid syntax"), ("1_0", "invalid syntax"), ("٣", "invalid")):
        with pytest.raises(ValueError, match=fault):
            parse_resource_version(text)
    with pytest.raises(ValueError, match="value out of range"):
        parse_resource_version(str(2**64))


def test_a_name_may_have_what_separates_terms_behind_a_backslash():
    """`apimachinery/pkg/fields/selector.go`, UnescapeValue."""
    assert read_list_options({"fieldSelector": r"metadata.name=a\,b"}).single_name == "a,b"
