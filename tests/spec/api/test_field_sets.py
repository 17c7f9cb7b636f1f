"""Sets of fields are written and read as `FieldsV1`, and gone through in upstream's order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.spec.api.apply.field_sets import (
    in_order,
    make_set,
    name_key,
    name_value,
    read_fields,
    show_path,
    subtract_below,
    write_fields,
)
from planespec.spec.api.apply.scale_fields import from_scale, to_scale

ELEMENTS = st.sampled_from(["f:a", "f:b", 'k:{"name":"c"}', 'v:"x"'])
SETS = st.frozensets(st.lists(ELEMENTS, min_size=1, max_size=4).map(tuple), max_size=8)


@given(SETS)
def test_what_is_written_is_read_again(fields: Any) -> None:
    assert read_fields(write_fields(fields)) == fields


@given(SETS)
def test_every_path_is_gone_through_once(fields: Any) -> None:
    assert len(in_order(fields)) == len(fields)
    assert set(in_order(fields)) == fields


def test_a_field_in_the_set_with_others_below_has_a_dot() -> None:
    assert write_fields(make_set("data", "data.a")) == {"f:data": {".": {}, "f:a": {}}}
    assert write_fields(make_set("data.a")) == {"f:data": {"f:a": {}}}


def test_members_come_before_what_is_below_and_numbers_by_their_size() -> None:
    keys = [name_key({"port": port}) for port in (80, 9)]
    fields = frozenset({("f:z",), ("f:a", "f:b"), *((each,) for each in keys)})
    assert in_order(fields) == [("f:z",), (keys[1],), (keys[0],), ("f:a", "f:b")]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("f:spec", "f:ports"), ".spec.ports"),
        (
            ("f:ports", name_key({"protocol": "TCP", "containerPort": 81})),
            '.ports[containerPort=81,protocol="TCP"]',
        ),
        (("f:finalizers", name_value("x.io/a")), '.finalizers[="x.io/a"]'),
    ],
)
def test_a_path_is_printed_as_in_a_conflict(path: Any, shown: str) -> None:
    assert show_path(path) == shown


def test_the_replicas_of_a_scale_are_those_of_the_object() -> None:
    entry = {
        "manager": "a",
        "operation": "Apply",
        "apiVersion": "apps/v1",
        "fieldsType": "FieldsV1",
    }
    held = [entry | {"fieldsV1": {"f:spec": {"f:paused": {}, "f:replicas": {}}}}]
    scale = to_scale(held, "apps/v1")
    assert scale == [
        entry | {"apiVersion": "autoscaling/v1", "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    ]
    assert from_scale(held, scale, "apps/v1") == held
    lost = from_scale(held, [], "apps/v1")
    assert lost == [entry | {"fieldsV1": {"f:spec": {"f:paused": {}}}}]
    taken = [scale[0] | {"manager": "b", "operation": "Update", "subresource": "scale"}]
    names = [each["manager"] for each in from_scale(held, taken, "apps/v1")]
    assert names == ["a", "b"]


def test_what_is_below_a_root_goes_with_it() -> None:
    fields = make_set("status", "status.a.b", "spec.a")
    assert subtract_below(fields, make_set("status")) == make_set("spec.a")
