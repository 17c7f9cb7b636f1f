"""JSON, merge and strategic merge patches apply as in the API server."""

from typing import Any

import pytest

from planespec.reports.input.schema_files import load_merge_types
from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.changes.known_kinds import KINDS
from planespec.spec.api.json_patch import PatchError, json_patch, merge_patch
from planespec.spec.api.patching import JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, patch_object
from planespec.spec.api.strategic_patch import strategic_merge_patch

POD = load_merge_types().find("", "v1", "Pod")


@pytest.mark.parametrize(
    ("operation", "result"),
    [
        ({"op": "add", "path": "/a/-", "value": 3}, {"a": [1, 2, 3]}),
        ({"op": "add", "path": "/a/0", "value": 3}, {"a": [3, 1, 2]}),
        ({"op": "replace", "path": "/a/1", "value": 3}, {"a": [1, 3]}),
        ({"op": "remove", "path": "/a/-1"}, {"a": [1]}),
        ({"op": "move", "from": "/a/0", "path": "/b~1c"}, {"a": [2], "b/c": 1}),
        ({"op": "copy", "from": "/a", "path": "/b"}, {"a": [1, 2], "b": [1, 2]}),
        ({"op": "test", "path": "/b", "value": None}, {"a": [1, 2]}),
        ({"op": "test", "path": "", "value": {"a": [1, 2]}}, {"a": [1, 2]}),
        ({"op": "replace", "path": "/b", "value": 1}, {"a": [1, 2], "b": 1}),
        ({"op": "replace", "path": "", "value": {"b": 1}}, {"b": 1}),
        ({"op": "copy", "from": "/b", "path": "/c"}, {"a": [1, 2], "c": None}),
    ],
)
def test_an_operation_applies(operation: dict[str, Any], result: Any) -> None:
    assert json_patch({"a": [1, 2]}, [operation]) == result


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/b"},
        {"op": "replace", "path": "/b/c", "value": 1},
        {"op": "replace", "path": "/a/2", "value": 1},
        {"op": "replace", "path": "", "value": 1},
        {"op": "add", "path": "", "value": {}},
        {"op": "add", "path": "/b/c", "value": 1},
        {"op": "move", "from": "/b", "path": "/c"},
        {"op": "test", "path": "/a/0", "value": 1.0},
        {"op": "add", "path": "/a/5", "value": 1},
        {"op": "test", "path": "/a/0", "value": True},
        {"op": "test", "path": "/a/0", "value": 2},
        {"op": "turn", "path": "/a"},
        {"path": "/a"},
    ],
)
def test_an_operation_that_does_not_apply_is_refused(operation: dict[str, Any]) -> None:
    with pytest.raises(PatchError):
        json_patch({"a": [1, 2]}, [operation])


def test_a_merge_patch_removes_by_null_and_replaces_lists() -> None:
    patch = {"a": None, "b": {"c": [2], "d": None}, "e": {"f": None}}
    assert merge_patch({"a": 1, "b": {"c": [1], "d": 1}}, patch) == {"b": {"c": [2]}, "e": {}}


def patch_containers(present: Any, patch: Any, **more: Any) -> Any:
    base = {"spec": {"containers": present}}
    return strategic_merge_patch(POD, base, {"spec": {"containers": patch, **more}})


def test_items_are_merged_by_their_key_and_new_ones_go_ahead_of_the_rest() -> None:
    merged = patch_containers(
        [{"name": "a", "image": "1"}, {"name": "b"}], [{"name": "b", "image": "2"}, {"name": "c"}]
    )
    names = [{"name": "a", "image": "1"}, {"name": "b", "image": "2"}, {"name": "c"}]
    assert merged == {"spec": {"containers": names}}
    added = patch_containers([{"name": "a"}, {"name": "b"}], [{"name": "c"}])
    assert [each["name"] for each in added["spec"]["containers"]] == ["c", "a", "b"]


def test_an_order_that_is_set_says_where_a_new_item_stands() -> None:
    order = {"$setElementOrder/containers": [{"name": each} for each in "abc"]}
    present = [{"name": "a"}, {"name": "z"}, {"name": "b"}]
    added = patch_containers(present, [{"name": "c"}], **order)
    assert [each["name"] for each in added["spec"]["containers"]] == ["a", "z", "b", "c"]
    with pytest.raises(PatchError, match=r"^the order in patch list:\n\[map\[name:d\]\]\n"):
        patch_containers(present, [{"name": "d"}], **order)


def test_keys_that_are_retained_drop_the_others() -> None:
    deployment = load_merge_types().find("apps", "v1", "Deployment")
    base = {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}
    patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    assert strategic_merge_patch(deployment, base, patch) == {
        "spec": {"strategy": {"type": "Recreate"}}
    }
    patch["spec"]["strategy"]["$retainKeys"] = []
    with pytest.raises(PatchError, match="doesn't match retainKeys list"):
        strategic_merge_patch(deployment, base, patch)


def test_directives_delete_replace_and_order() -> None:
    present = [{"name": "a"}, {"name": "b"}]
    deleted = patch_containers(present, [{"name": "a", "$patch": "delete"}])
    assert deleted["spec"]["containers"] == [{"name": "b"}]
    replaced = patch_containers(present, [{"name": "c"}, {"$patch": "replace"}])
    assert replaced["spec"]["containers"] == [{"name": "c"}]
    order = {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}
    ordered = patch_containers(present, [{"name": "a"}], **order)
    assert [each["name"] for each in ordered["spec"]["containers"]] == ["b", "a"]


def test_an_item_without_its_key_is_refused() -> None:
    with pytest.raises(PatchError, match="does not contain declared merge key: name"):
        patch_containers([], [{"image": "i"}])


def test_lists_of_values_are_joined_or_cut() -> None:
    base = {"metadata": {"finalizers": ["a", "b"]}}
    joined = strategic_merge_patch(POD, base, {"metadata": {"finalizers": ["b", "c"]}})
    assert joined["metadata"]["finalizers"] == ["a", "b", "c"]
    cut = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}}
    assert strategic_merge_patch(POD, base, cut)["metadata"]["finalizers"] == ["b"]


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (
            {"op": "add", "path": "/l/x", "value": 1},
            "error in add for path: '/l/x': value was not a proper array index: 'x': {atoi}",
        ),
        (
            {"op": "remove", "path": "/l/x"},
            "error in remove for path: '/l/x': {atoi}",
        ),
        (
            {"op": "add", "path": "/l/7", "value": 1},
            "error in add for path: '/l/7': {index}: 7: {bad}",
        ),
        (
            {"op": "add", "path": "/no/7", "value": 1},
            'add operation does not apply: doc is missing path: "/no/7": missing value',
        ),
        ({"op": "add", "value": 1}, "add operation failed to decode path: missing value"),
        (
            {"op": "replace", "value": 1},
            "replace operation failed to decode path: operation missing path field: missing value",
        ),
        (
            {"op": "move", "path": "/a"},
            "move operation failed to decode from: operation, missing from field: missing value",
        ),
        (
            {"op": "move", "from": "/l/9", "path": "/a"},
            "error in move for path: '9': {index}: 9: {bad}",
        ),
        (
            {"op": "replace", "path": 3, "value": 1},
            "replace operation failed to decode path: json: cannot unmarshal number into Go value "
            "of type string",
        ),
        ({"path": "/a"}, "Unexpected kind: unknown"),
    ],
)
def test_an_operation_that_fails_is_told_in_upstreams_words(
    operation: dict[str, object], message: str
) -> None:
    with pytest.raises(PatchError) as error:
        json_patch({"l": [1]}, [operation])
    assert str(error.value) == message.format(
        atoi='strconv.Atoi: parsing "x": invalid syntax',
        index="Unable to access invalid index",
        bad="invalid index referenced",
    )


@pytest.mark.parametrize(
    ("patch", "code", "message"),
    [
        (
            {"spec": {"$patch": "merge", "a": [1, None]}},
            500,
            "unknown patch type: merge in map: map[$patch:merge a:[1 <nil>]]",
        ),
        (
            {"spec": {"containers": [{"image": "i", "tty": True}]}},
            500,
            "map: map[image:i tty:true] does not contain declared merge key: name",
        ),
        (
            {"spec": {"containers": [{"$patch": "merge", "name": "a"}]}},
            500,
            "merging lists cannot yet be specified in the patch",
        ),
        (
            {"spec": {"containers": [{"$patch": "delete"}]}},
            500,
            "map: map[$patch:delete] does not contain declared merge key: name",
        ),
        ({"spec": {"$retainKeys": "all"}}, 400, "invalid patch format of retainKeys"),
        (
            {"spec": {"$retainKeys": [], "hostname": "h"}},
            422,
            "the server rejected our request due to an error in our request",
        ),
        (
            {"metadata": {"$deleteFromPrimitiveList/finalizers": "a"}},
            400,
            "invalid patch format of primitive list",
        ),
        (
            {"spec": {"$setElementOrder/containers": [], "containers": {}}},
            400,
            "invalid patch format of setElementOrder list",
        ),
    ],
)
def test_a_strategic_patch_is_refused_by_what_is_wrong(
    patch: Any, code: int, message: str
) -> None:
    """`apiserver/pkg/endpoints/handlers/patch.go`, interpretStrategicMergePatchError."""
    pod = {"spec": {"containers": [{"name": "a"}]}}
    with pytest.raises(ApiError) as caught:
        patch_object(STRATEGIC_PATCH, KINDS["Pod"][0], POD, pod, patch)
    assert (caught.value.code, caught.value.message) == (code, message)


@pytest.mark.parametrize(
    ("kind", "patch", "message"),
    [
        (MERGE_PATCH, None, "Invalid JSON Patch"),
        (
            MERGE_PATCH,
            [{}],
            "error decoding patch: json: cannot unmarshal array into Go value of type "
            "map[string]interface {}",
        ),
        (
            JSON_PATCH,
            [{"op": "replace", "path": "", "value": [1]}],
            ' "" is invalid: patch: Invalid value: "[1]": couldn\'t get version/kind; json parse '
            "error: json: cannot unmarshal array into Go value of type struct { APIVersion string "
            '"json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }',
        ),
    ],
)
def test_a_patch_that_makes_no_object_is_refused(kind: str, patch: Any, message: str) -> None:
    """`apiserver/pkg/endpoints/handlers/patch.go`, applyJSPatch."""
    with pytest.raises(ApiError) as caught:
        patch_object(kind, KINDS["Pod"][0], POD, {"kind": "Pod"}, patch)
    assert caught.value.message == message


def test_items_of_a_patch_stand_in_the_order_that_it_sets() -> None:
    order = {"$setElementOrder/containers": [{"name": "a"}, {"name": "b"}]}
    with pytest.raises(PatchError, match=r"^the order in patch list:\n\[map\[name:b\] map\["):
        patch_containers([], [{"name": "b"}, {"name": "a"}], **order)
