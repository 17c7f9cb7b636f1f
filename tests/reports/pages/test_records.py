"""Schemas, records and documentation of an answer and of a dossier name the same keys."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.json import schema
from sample import ROOT

from planespec.reports.formats.outcome_json import Answer, Broken
from planespec.reports.formats.simulation_json import Simulation
from planespec.reports.pages.dossier import Dossier

DOCUMENTS = {"check": Answer[Broken], "report": Dossier, "simulate": Simulation}
NOT_PUBLISHED = {"view"}
"""What records have only to be drawn."""
VALUE = "#/$defs/value"
"""A value in its ITF form, which is any JSON to a record."""
ELSEWHERE: dict[str, set[str]] = {"check": {"proofs"}, "report": {"timing"}, "simulate": set()}
"""What an answer has in a report only, and as `check` gives it only."""


def objects(node: Any, defined: dict[str, Any], path: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every object that a schema describes: where it is, and its keys."""
    if node.get("$ref") == VALUE:
        return
    if "$ref" in node:
        yield from objects(defined[node["$ref"].rpartition("/")[2]], defined, path)
    for each in (*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("prefixItems", ())):
        yield from objects(each, defined, path)
    if node.get("properties"):
        yield path, set(node["properties"]) - NOT_PUBLISHED
    for key, each in node.get("properties", {}).items():
        if key not in NOT_PUBLISHED:
            yield from objects(each, defined, f"{path}.{key}")
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield from objects(node[key], defined, f"{path}.*")


def keys_of(document: dict[str, Any]) -> dict[str, set[str]]:
    return dict(objects(document, document.get("$defs", {})))


def committed(name: str) -> dict[str, Any]:
    path = ROOT / "tests" / "schemas" / f"{name}.schema.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_schema_describes_the_objects_that_the_records_have(name: str) -> None:
    described, made = keys_of(committed(name)), keys_of(schema(DOCUMENTS[name]))
    assert len(described) > 8
    for path, keys in made.items():
        if not in_part(path, name):
            assert described[path] == keys - ELSEWHERE[name], path
    assert described.keys() <= made.keys()


def in_part(path: str, name: str) -> bool:
    return bool(ELSEWHERE[name] & set(path.split(".")))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documentation_names_every_key_of_the_records(name: str) -> None:
    text = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    for path, keys in keys_of(schema(DOCUMENTS[name])).items():
        assert [key for key in sorted(keys) if f"`{key}`" not in text] == [], path
