"""Attributes of requests and field selectors in cases that no recording has."""

import pytest

from planespec.spec.api.authorization.access_request import User
from planespec.spec.api.authorization.field_selectors import (
    FieldRequirement,
    FieldSelectorError,
    parse_field_selector,
)
from planespec.spec.api.authorization.url_attributes import UrlError, read_url


@pytest.mark.parametrize(
    ("method", "url", "verb", "resource", "subresource", "name"),
    [
        ("GET", "/api/v1/pods", "list", "pods", "", ""),
        ("GET", "/api/v1/pods?watch=0&watch=1", "list", "pods", "", ""),
        ("GET", "/api/v1/pods?watch=", "watch", "pods", "", ""),
        ("GET", "/api/v1/pods?watch=1&limit=x", "watch", "pods", "", ""),
        ("GET", "/api/v1/pods?fieldSelector=metadata.name%3D%3Dx", "list", "pods", "", "x"),
        ("GET", "/api/v1/pods?fieldSelector=metadata.name%3Dx&limit=y", "list", "pods", "", ""),
        ("GET", "/api/v1/pods?fieldSelector=metadata.name%3Dx/y", "list", "pods", "", ""),
        ("GET", "/api/v1/pods?fieldSelector=metadata.name%3D..", "list", "pods", "", ""),
        ("GET", "/api/v1/pods?fieldSelector=metadata.name%3D", "list", "pods", "", ""),
        (
            "GET",
            "/api/v1/pods?labelSelector=((&fieldSelector=metadata.name%3Dx",
            "list",
            "pods",
            "",
            "",
        ),
        (
            "DELETE",
            "/api/v1/pods?fieldSelector=metadata.name%3Dx",
            "deletecollection",
            "pods",
            "",
            "",
        ),
        ("GET", "/api/v1/namespaces/a%2Db/pods/x%20y/log", "get", "pods", "log", "x y"),
        ("GET", "/api/v1/proxy/nodes/x/y", "proxy", "nodes", "", "x"),
        ("GET", "/api/v1/namespaces/a", "get", "namespaces", "", "a"),
        ("PUT", "/api/v1/namespaces/a/finalize", "update", "namespaces", "finalize", "a"),
        ("HEAD", "/api/v1/nodes/x", "get", "nodes", "", "x"),
    ],
)
def test_verb_resource_and_name_come_from_method_and_url(
    method: str, url: str, verb: str, resource: str, subresource: str, name: str
) -> None:
    request = read_url(method, url)
    found = (request.verb, request.resource, request.subresource, request.name)
    assert found == (verb, resource, subresource, name)


def test_a_namespace_is_its_own_namespace_and_paths_with_few_parts_are_no_resources() -> None:
    assert read_url("GET", "/api/v1/namespaces/a").namespace == "a"
    assert not read_url("GET", "/apis/apps/v1").is_resource
    assert not read_url("GET", "/other/v1/pods").is_resource
    assert read_url("GET", "/other/v1/pods").make_attributes(User("u")).path == "/other/v1/pods"


def test_selectors_are_kept_for_collections_only_and_not_for_a_verb_in_the_path() -> None:
    query = "?fieldSelector=spec.nodeName%3Dn&labelSelector=a"
    assert read_url("GET", f"/api/v1/pods{query}").label_selector == "a"
    assert read_url("DELETE", f"/api/v1/pods{query}").field_selector == "spec.nodeName=n"
    assert read_url("POST", f"/api/v1/pods{query}").field_selector == ""
    assert read_url("GET", f"/api/v1/watch/pods{query}").field_selector == ""
    found = read_url("GET", f"/api/v1/pods{query}").make_attributes(User("u")).fields
    assert found == (FieldRequirement("spec.nodeName", "n"),)


def test_a_query_that_cannot_be_unescaped_is_left_out() -> None:
    request = read_url(
        "GET", "/api/v1/pods?fieldSelector=%zz&labelSelector=b&x;y=1&labelSelector=c"
    )
    assert (request.field_selector, request.label_selector) == ("", "b")


def test_a_verb_in_the_path_needs_a_resource_behind_it() -> None:
    with pytest.raises(UrlError, match="unable to determine kind and namespace from url, /api"):
        read_url("GET", "/api/v1/watch")


def test_terms_of_field_selectors_are_sorted_and_unescaped() -> None:
    assert parse_field_selector(r"b!=x\,y,a==p\=q\\,,c=") == (
        FieldRequirement("a", "p=q\\"),
        FieldRequirement("b", "x,y", equal=False),
        FieldRequirement("c", ""),
    )
    assert parse_field_selector("") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "invalid selector: 'a'; can't understand 'a'"),
        ("a=b=c", "invalid field selector: unescaped character in value: 61"),
        (r"a=\x", r"invalid field selector: invalid escape sequence: \x"),
        ("a=b\\", "invalid field selector: invalid escape sequence: \\"),
    ],
)
def test_a_malformed_field_selector_is_refused_in_upstreams_words(text: str, message: str) -> None:
    with pytest.raises(FieldSelectorError) as error:
        parse_field_selector(text)
    assert str(error.value) == message
