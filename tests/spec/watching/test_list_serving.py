"""Where a list is served from, and which page it is, held to upstream's delegator."""

from dataclasses import replace

import pytest

from planespec.spec.api.watching.continue_token import (
    ContinueToken,
    TokenError,
    decode_token,
    encode_token,
)
from planespec.spec.api.watching.list_options import read_list_options
from planespec.spec.api.watching.list_serving import StorageView, serve_list
from planespec.spec.api.watching.object_history import ObjectHistory, Stored
from planespec.spec.api.watching.refusals_of_reads import ReadRefusedError


def history():
    made = ObjectHistory()
    made.write(Stored("a", 5, {"l": "1"}))
    made.write(Stored("c", 6))
    made.write(Stored("b", 7, {"l": "1"}))
    made.delete("a", 8)
    made.write(Stored("d", 9, {"l": "1"}))
    return made


SERVER = StorageView(history(), storage_revision=12, cache_revision=9)


def ask(server=SERVER, **query):
    return serve_list(read_list_options(query), server)


def names(page):
    return [each.name for each in page.items]


def refusal(server=SERVER, **query):
    with pytest.raises(ReadRefusedError) as caught:
        ask(server, **query)
    return caught.value.status


def test_any_is_what_the_cache_has_and_a_limit_does_not_count():
    page = ask(resourceVersion="0", limit="1")
    assert (page.revision, names(page), page.token) == (9, ["b", "c", "d"], None)


def test_a_consistent_list_falls_back_to_etcd_when_the_cache_does_not_come_up():
    assert ask().revision == 12
    assert ask(replace(SERVER, cache_revision=12)).revision == 12
    assert ask(replace(SERVER, tells_progress=False)).revision == 12


def test_not_older_waits_for_the_cache_and_says_when_to_come_back():
    assert ask(resourceVersion="9").revision == 9
    status = refusal(resourceVersion="10")
    assert status["message"] == "Timeout: Too large resource version: 10, current: 9"
    assert status["details"]["retryAfterSeconds"] == 1


def test_exact_is_a_state_of_the_cache_and_without_one_etcds():
    assert names(ask(resourceVersion="7", resourceVersionMatch="Exact")) == ["a", "b", "c"]
    bare = replace(SERVER, oldest_snapshot=8, compacted=8)
    assert refusal(bare, resourceVersion="7", resourceVersionMatch="Exact")["code"] == 410
    kept = replace(bare, compacted=7)
    assert ask(kept, resourceVersion="7", resourceVersionMatch="Exact").revision == 7


def test_a_limit_makes_a_revision_exact_unless_one_name_is_asked_for():
    assert ask(resourceVersion="7", limit="9").revision == 7
    single = ask(resourceVersion="7", limit="9", fieldSelector="metadata.name=b")
    assert (single.revision, names(single)) == (12, ["b"])


def test_the_future_is_refused_by_etcd_without_a_time_to_come_back():
    old = replace(SERVER, tells_progress=False)
    status = refusal(old, resourceVersion="99", resourceVersionMatch="Exact")
    assert status["message"].endswith("99, current: 12")
    assert "retryAfterSeconds" not in status["details"]
    single = {"resourceVersion": "99", "limit": "1", "fieldSelector": "metadata.name=b"}
    assert "retryAfterSeconds" not in refusal(**single)["details"]


def test_pages_are_of_one_revision_and_count_what_remains_without_selectors():
    first = ask(resourceVersion="7", limit="1")
    assert (names(first), first.remaining, first.token) == (["a"], 2, ContinueToken(7, "a\0"))
    rest = ask(**{"continue": encode_token(first.token)})
    assert (rest.revision, names(rest), rest.token) == (7, ["b", "c"], None)


def test_with_a_selector_more_may_follow_that_does_not_match():
    page = ask(resourceVersion="7", resourceVersionMatch="Exact", limit="2", labelSelector="l=1")
    assert (names(page), page.remaining) == (["a", "b"], None)
    assert page.token == ContinueToken(7, "b\0")


def test_a_token_of_what_was_compacted_is_told_how_to_go_on():
    token = encode_token(ContinueToken(7, "a\0"))
    gone = replace(SERVER, oldest_snapshot=9, compacted=9)
    status = refusal(gone, **{"continue": token})
    assert status["code"] == 410
    assert "use the continue token in this response" in status["message"]
    latest = ask(gone, **{"continue": encode_token(ContinueToken(-1, "c"))})
    assert (latest.revision, names(latest)) == (12, ["c", "d"])


def test_a_token_excludes_a_revision_and_is_read_before_it():
    token = encode_token(ContinueToken(7, "b"))
    said = "specifying resource version is not allowed when using continue"
    assert refusal(resourceVersion="abc", **{"continue": token})["message"] == said
    assert ask(resourceVersion="0", **{"continue": token}).revision == 7
    assert refusal(resourceVersion="7", **{"continue": "garbage"})["message"] == (
        "invalid continue token: continue key is not valid: "
        r"invalid character '\u0081' looking for beginning of value"
    )


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("a+b", "illegal base64 data at input byte 1"),
        ("a", "illegal base64 data at input byte 1"),
        ("IA", "unexpected end of JSON input"),
        ("e30", "does not recognize this encoded version"),
        (encode_token(ContinueToken(0, "a")), "incorrect encoded start resourceVersion"),
        (encode_token(ContinueToken(3, "")), "encoded start key empty"),
        (encode_token(ContinueToken(3, "../a")), r"not valid: \.\./a"),
        ("W10", "cannot unmarshal"),
    ],
)
def test_a_token_that_no_server_wrote_is_refused(token, said):
    with pytest.raises(TokenError, match=said):
        decode_token(token)
