"""Any field of any object may be of any shape: what cannot be read is said, and nothing breaks."""

import copy
import gzip
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import audit

from planespec.reports.audit.explanations import read_explanations

RECORDED = Path(__file__).parents[1] / "recorded" / "openim-cluster"
SHAPES: list[object] = [{"a": {}}, {}, [1], [{}], [["x"]], 5, True, None, "x", 10**30]


def list_places(value: object, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where something stands; of a list the first and the last only."""
    if place:
        yield place
    if isinstance(value, dict):
        for key in value:
            yield from list_places(value[key], (*place, key))
    elif isinstance(value, list):
        for index in sorted({0, len(value) - 1} if value else ()):
            yield from list_places(value[index], (*place, index))


def put(whole: dict[str, Any], place: tuple[Any, ...], value: object) -> dict[str, Any]:
    changed = copy.deepcopy(whole)
    inner: Any = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed


def list_objects() -> Iterator[dict[str, Any]]:
    """Yield objects of a real cluster, and those that break a requirement."""
    with gzip.open(RECORDED / "objects.json.gz") as file:
        yield from json.load(file)["items"]
    snapshots = (t for t in read_explanations().values() if not t.example.startswith("{"))
    for told in snapshots:
        for each in yaml.safe_load_all(told.example):
            if isinstance(each, dict) and each.keys() >= {"kind", "metadata"}:
                yield from each.get("items", [each])


def pick() -> dict[str, list[dict[str, Any]]]:
    """Of each kind, one object for every set of fields that an object of it has."""
    kinds: dict[str, dict[Any, dict[str, Any]]] = {}
    for each in list_objects():
        fields = frozenset(tuple(k for k in p if isinstance(k, str)) for p in list_places(each))
        if not any(fields <= known for known in kinds.setdefault(each["kind"], {})):
            kinds[each["kind"]][fields] = each
    return {kind: list(found.values()) for kind, found in kinds.items()}


OBJECTS = pick()


def assert_answered(
    whole: dict[str, Any], place: tuple[Any, ...], shapes: Iterable[object] = SHAPES
) -> None:
    for shape in shapes:
        try:
            audit(put(whole, place, shape))
        except Exception as error:
            raise AssertionError(f"{whole['kind']}: {place} = {shape!r}") from error


def test_any_field_of_the_status_of_a_pod_may_be_an_object_or_a_list() -> None:
    for whole in OBJECTS["Pod"]:
        for place in list_places(whole):
            if place[0] == "status":
                assert_answered(whole, place, SHAPES[:3])


@pytest.mark.slow
@pytest.mark.parametrize("kind", OBJECTS)
def test_any_field_of_an_object_may_be_of_any_shape(kind: str) -> None:
    for whole in OBJECTS[kind]:
        for place in list_places(whole):
            assert_answered(whole, place)
