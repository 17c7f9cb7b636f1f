"""Objects of 21 kinds, changed: what the API server says of them tells its rules, too.

An update is held to more rules than the content of an object, so its message may say more; what
ours say must be in it, and an object that was taken must break none.
"""

import copy
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

from planespec.spec.validation.object_rules import validate_object

RECORDING = Path(__file__).parents[2] / "recorded" / "apiserver_updates.jsonl.gz"
Json = Any


def merge(target: Json, patch: Json) -> Json:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def is_ours(kind: str, patch: dict[str, Json]) -> bool:
    """Whether the rules for content see what the server sees: it puts other things right first."""
    body = patch["mergePatch"]
    changed = body.get("spec", {})
    if patch.get("subresource") or {"apiVersion", "kind"} & body.keys():
        return False
    if "namespace" in body.get("metadata", {}):
        return False
    return kind != "Service" or not ("clusterIP" in changed or changed.get("type"))


def list_errors(data: Json) -> list[str]:
    return [str(error) for error in validate_object(data)]


def test_what_is_refused_is_in_the_message_and_what_is_taken_is_in_order() -> None:
    seen: Counter[str] = Counter()
    kinds = set()
    with gzip.open(RECORDING, "rt") as lines:
        for record in map(json.loads, lines):
            given, current = record["in"], record["in"]["object"]
            assert list_errors(current) == []
            kinds.add(current["kind"])
            for patch, answer in zip(given["patches"], record["out"]["answers"], strict=True):
                if not is_ours(current["kind"], patch) or answer["code"] not in (200, 422):
                    continue
                changed = merge(current, patch["mergePatch"])
                errors = list_errors(changed)
                if answer["code"] == 200:
                    assert errors == [], patch
                    if not given["eachAgainstTheFirstObject"] and "dryRun" not in str(patch):
                        current = changed
                else:
                    assert [e for e in errors if e not in answer["message"]] == [], patch
                    seen["refused by ours, too"] += bool(errors)
                seen[str(answer["code"])] += 1
    assert len(kinds) == 21
    assert seen["200"] > 600
    assert seen["refused by ours, too"] > 250
