"""Who owns which fields after applies and updates, and what kubectl takes over from itself."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.reports.input.schema_files import load_merge_types
from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.apply.client_side_apply import ANNOTATION, apply_object
from planespec.spec.api.apply.managers import (
    ANCIENT,
    MOST_UPDATERS,
    Manager,
    Owned,
    cap_updaters,
    read_managers,
)
from planespec.spec.api.apply.ownership import FieldManager

MANAGER = FieldManager(load_merge_types().find("", "v1", "ConfigMap"), "v1", "ConfigMap")
NAMES = ("alpha", "beta")
DATA = st.dictionaries(st.sampled_from("abc"), st.sampled_from("12"), max_size=3)


def make_map(data: dict[str, str] | None = None, **meta: Any) -> dict[str, Any]:
    head = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", **meta}}
    return head if data is None else head | {"data": data}


def list_owners(made: dict[str, Any]) -> dict[str, set[str]]:
    """The data that each manager owns."""
    owners = read_managers(made["metadata"].get("managedFields"))
    return {
        f"{each.name} {each.operation}": {
            path[1][2:] for path in owned.fields if path[0] == "f:data" and len(path) > 1
        }
        for each, owned in owners.items()
    }


def test_what_two_apply_alike_both_own_and_the_last_to_leave_it_removes_it() -> None:
    made = MANAGER.apply(None, make_map({"k": "1"}), "alpha")
    made = MANAGER.apply(made, make_map({"k": "1"}), "beta")
    assert list_owners(made) == {"alpha Apply": {"k"}, "beta Apply": {"k"}}
    made = MANAGER.apply(made, make_map(), "alpha")
    assert made["data"] == {"k": "1"}
    made = MANAGER.apply(made, make_map(), "beta")
    assert not made.get("data")


def test_what_an_update_changes_is_no_longer_applied_and_stays() -> None:
    made = MANAGER.apply(None, make_map({"k": "1", "l": "1"}), "alpha")
    meta = made["metadata"]
    made = MANAGER.update(made, {**made, "data": {"k": "2", "l": "1"}, "metadata": meta}, "beta")
    assert list_owners(made) == {"alpha Apply": {"l"}, "beta Update": {"k"}}
    made = MANAGER.apply(made, make_map(), "alpha")
    assert made["data"] == {"k": "2"}


def test_what_was_there_before_the_first_apply_has_an_owner() -> None:
    with pytest.raises(ApiError) as raised:
        MANAGER.apply(make_map({"k": "1"}, uid="u"), make_map({"k": "2"}), "alpha")
    words = 'conflict with "before-first-apply" using v1: .data.k'
    assert raised.value.message == f"Apply failed with 1 conflict: {words}"


@given(st.lists(st.tuples(st.sampled_from(NAMES), DATA), max_size=6))
def test_forced_applies_leave_what_was_applied_and_one_owner_of_each_value(
    applies: list[tuple[str, dict[str, str]]],
) -> None:
    made: dict[str, Any] | None = None
    last: dict[str, dict[str, str]] = {}
    for name, data in applies:
        made = MANAGER.apply(made, make_map(data), name, force=True)
        last[name] = data
        for key, value in data.items():
            for other in NAMES:
                if other != name and last.get(other, {}).get(key, value) != value:
                    del last[other][key]
    wanted = {key: value for data in last.values() for key, value in data.items()}
    if made is not None:
        assert (made.get("data") or {}) == wanted
        owners = list_owners(made)
        assert all(owners.get(f"{each} Apply", set()) == set(last.get(each, {})) for each in NAMES)


def make_applied(value: str, *, live: str) -> dict[str, Any]:
    """What kubectl applied by itself, and somebody may have changed."""
    text = json.dumps(make_map({"k": value}))
    return MANAGER.update(None, make_map({"k": live}, annotations={ANNOTATION: text}), "kubectl-x")


def test_kubectl_takes_what_it_applied_by_itself() -> None:
    live = make_applied("1", live="1") | {"metadata": make_applied("1", live="1")["metadata"]}
    made = apply_object(MANAGER, live, make_map({"k": "2"}), "kubectl")
    assert made["data"] == {"k": "2"}
    assert json.loads(made["metadata"]["annotations"][ANNOTATION]) == make_map({"k": "2"})
    with pytest.raises(ApiError, match="1 conflict"):
        apply_object(MANAGER, live, make_map({"k": "2"}), "other")


def test_kubectl_does_not_take_what_somebody_changed_since() -> None:
    with pytest.raises(ApiError, match="1 conflict"):
        apply_object(MANAGER, make_applied("1", live="3"), make_map({"k": "2"}), "kubectl")


def test_managers_of_several_versions_are_joined_apart() -> None:
    managers = {
        Manager(f"m{i:02}", "Update", version): Owned(frozenset({("f:a",)}), version, f"{i:02}")
        for i, version in enumerate(["v2", *["v1"] * MOST_UPDATERS])
    }
    capped = cap_updaters(managers)
    assert len(capped) == MOST_UPDATERS
    assert Manager("m00", "Update", "v2") in capped
    assert Manager(ANCIENT, "Update", "v1") in capped


def test_of_too_many_managers_the_oldest_become_one() -> None:
    managers = {
        Manager(f"m{i:02}", "Update", "v1"): Owned(frozenset({("f:a", f"f:{i}")}), "v1", f"{i:02}")
        for i in range(MOST_UPDATERS + 2)
    }
    capped = cap_updaters(managers)
    assert len(capped) == MOST_UPDATERS
    ancient = capped[Manager(ANCIENT, "Update", "v1")]
    assert ancient.fields == {("f:a", f"f:{i}") for i in range(3)}
    assert Manager("m03", "Update", "v1") in capped
