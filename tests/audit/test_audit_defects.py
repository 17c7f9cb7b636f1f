"""Objects with one defect each: an audit finds it, where it is, and nothing else."""

import copy
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import Object, audit

from planespec.spec.validation.object_rules import KINDS

FOLDER = Path(__file__).parent / "defects"
BASES: dict[str, Object] = yaml.load((FOLDER / "bases.yaml").read_text(), yaml.CSafeLoader)
ROWS: list[dict[str, Any]] = yaml.load((FOLDER / "defects.yaml").read_text(), yaml.CSafeLoader)


def plant(row: dict[str, Any]) -> Object:
    """The base of the row with its defect."""
    planted = copy.deepcopy(BASES[row["base"]])
    for path, value in row.get("set", {}).items():
        holder, key = find(planted, path)
        if key == "-":
            holder.append(copy.deepcopy(value))
        else:
            holder[key] = copy.deepcopy(value)
    for path in row.get("drop", []):
        holder, key = find(planted, path)
        del holder[key]
    return planted


def find(holder: Any, path: str) -> tuple[Any, Any]:
    """What a path leads into, and the key or index in it; objects on the way are made."""
    *steps, last = [step.replace("~1", "/") for step in path.split("/")]
    for step in steps:
        holder = holder[int(step)] if isinstance(holder, list) else holder.setdefault(step, {})
    return holder, int(last) if isinstance(holder, list) and last != "-" else last


def locate(own: str, text: str) -> tuple[str, str]:
    """Requirement and field of what else is found: `OBJ-12 spec.selector`, or the field alone."""
    id_, _, field = text.rpartition(" ") if text.startswith("OBJ-") else (own, "", text)
    return id_, field


def name(row: dict[str, Any]) -> str:
    """How a test of the row is called."""
    return f"{row['base']} {','.join([*row.get('set', {}), *row.get('drop', [])])}"[:120]


@pytest.mark.parametrize("base", BASES)
def test_an_object_without_a_defect_is_in_order(base: str) -> None:
    report = audit(copy.deepcopy(BASES[base]))
    found = [(each.requirement.id, each.field, each.message) for each in report.violations]
    assert found == []
    assert report.malformed == []


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_a_planted_defect_is_found_where_it_is_and_nothing_else(row: dict[str, Any]) -> None:
    report = audit(plant(row))
    assert report.malformed == []
    # What values a field may have, and that it must be there, the schema may tell first.
    said_first = {each.field for each in report.violations if each.requirement.id == "OBJ-24"}
    found = {
        (row["id"] if each.field in said_first else each.requirement.id, each.field)
        for each in report.violations
    }
    assert found == {
        (row["id"], row["at"]),
        *(locate(row["id"], text) for text in row.get("also", [])),
    }
    said = [each.message for each in report.violations if each.field == row["at"]]
    told = any(message.startswith(row.get("says", "")) for message in said)
    assert told or row["at"] in said_first, said


def test_there_are_rows_for_every_kind() -> None:
    bases = {row["base"] for row in ROWS}
    assert bases == set(BASES)
    kinds = {BASES[base]["kind"] for base in bases}
    assert {kind for group in KINDS.values() for kind in group} <= kinds
    assert len(ROWS) >= 150
