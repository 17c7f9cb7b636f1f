"""Values with a schema: compared, merged and cut as structured-merge-diff does."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.reports.input.schema_files import load_merge_types
from planespec.spec.api.apply.field_sets import make_set
from planespec.spec.api.apply.typed_values import (
    TypedError,
    check,
    compare_values,
    list_fields,
    merge_values,
    remove_fields,
    with_named_fields,
)
from planespec.spec.schema.merge_types import MergeType

POD = load_merge_types().find("", "v1", "Pod")
MAP = load_merge_types().find("", "v1", "ConfigMap")
NAMES = st.lists(st.sampled_from("abcde"), unique=True)


def make_pod(*names: str, **more: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": name, **more} for name in names]}}


def list_names(pod: dict[str, Any]) -> list[str]:
    return [each["name"] for each in pod["spec"]["containers"]]


@pytest.mark.parametrize(
    ("left", "right", "merged"),
    [
        ("ab", "ba", "ba"),
        ("abc", "c", "abc"),
        ("abc", "cd", "abcd"),
        ("ac", "bc", "abc"),
        ("abc", "ca", "bca"),
        ("", "ba", "ba"),
    ],
)
def test_a_merged_list_follows_what_is_applied(left: str, right: str, merged: str) -> None:
    assert "".join(list_names(merge_values(POD, make_pod(*left), make_pod(*right)))) == merged


@given(NAMES, NAMES)
def test_a_merged_list_has_all_items_once_in_the_order_applied(
    left: list[str], right: list[str]
) -> None:
    result = merge_values(POD, make_pod(*left), make_pod(*right))
    names = list_names(result) if left or right else []
    assert sorted(names) == sorted({*left, *right})
    assert [each for each in names if each in right] == right


@given(NAMES, NAMES)
def test_what_is_removed_from_one_is_added_to_the_other(left: list[str], right: list[str]) -> None:
    one, other = make_pod(*left), make_pod(*right)
    there, back = compare_values(POD, one, other), compare_values(POD, other, one)
    assert (there.added, there.removed) == (back.removed, back.added)
    assert there.modified == back.modified


def test_an_empty_map_is_a_field_and_a_full_one_is_not() -> None:
    assert list_fields(MAP, {"data": {}}) == make_set("data")
    assert list_fields(MAP, {"data": {"a": "1"}}) == make_set("data.a")


def test_an_entry_of_a_map_is_a_field_and_a_field_of_a_struct_is_not() -> None:
    scalar, inner, outer = MergeType("scalar"), MergeType("struct"), MergeType("map")
    inner.fields, outer.values = {"x": scalar}, inner
    assert list_fields(outer, {"a": {"x": 1}}) == make_set("a", "a.x")
    assert list_fields(inner, {"x": 1}) == make_set("x")


def test_a_map_with_one_owner_is_one_field() -> None:
    deployment = load_merge_types().find("apps", "v1", "Deployment")
    spec = {"selector": {"matchLabels": {"a": "b"}}}
    assert list_fields(deployment, {"spec": spec}) == make_set("spec.selector")


def test_a_new_map_is_added_with_what_is_in_it() -> None:
    assert compare_values(MAP, {}, {"data": {"a": "1"}}).added == make_set("data", "data.a")
    assert compare_values(MAP, {"data": None}, {"data": {"a": "1"}}).added == make_set("data.a")


def test_a_key_left_out_has_its_default() -> None:
    ports = [{"containerPort": 80}]
    named = make_pod("c", ports=ports)
    fields = list_fields(POD, named)
    assert any('k:{"containerPort":80,"protocol":"TCP"}' in path for path in fields)


def test_what_is_removed_leaves_null() -> None:
    assert remove_fields(MAP, {"data": {"a": "1"}}, make_set("data.a")) == {"data": None}


def test_named_fields_are_added_and_keys_of_maps_are_not() -> None:
    named = with_named_fields(MAP, make_set("metadata.labels.a"))
    assert named == make_set("metadata", "metadata.labels", "metadata.labels.a")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"nope": 1}, ".nope: field not declared in schema"),
        ({"data": {"a": {}}}, ".data.a: expected scalar"),
        ({"data": []}, ".data: expected map"),
        ({"data": 1, "nope": 1}, "errors:\n  .data: expected map\n  .nope: field not declared"),
    ],
)
def test_what_does_not_fit_is_told(value: dict[str, Any], message: str) -> None:
    with pytest.raises(TypedError) as raised:
        check(MAP, value)
    assert str(raised.value).startswith(message)


def test_an_item_twice_or_without_its_key_is_told() -> None:
    with pytest.raises(TypedError, match=r'duplicate entries for key \[name="a"\]'):
        check(POD, make_pod("a", "a"))
    with pytest.raises(TypedError, match='omits key field "name"'):
        check(POD, {"spec": {"containers": [{"image": "i"}]}})
