"""Objects of every kind as they are stored, and what a patch makes of them."""

import copy
from typing import Any

from planespec.spec.api.changes.known_kinds import KINDS
from planespec.spec.api.json_patch import merge_patch

SPEC = {"containers": [{"name": "c", "image": "i:1"}]}
META = {
    "name": "a",
    "uid": "u",
    "resourceVersion": "1",
    "creationTimestamp": "2026-01-01T00:00:00Z",
}


def make(kind: str, **fields: Any) -> Any:
    """An object as it is stored, with defaults."""
    strategy = KINDS[kind][0]
    meta = dict(META) | ({"namespace": "n"} if strategy.is_namespaced else {})
    data = {"apiVersion": strategy.api_version, "kind": kind, "metadata": meta, **fields}
    made = copy.deepcopy(data)
    strategy.default(made)
    return made


def update(old: Any, patch: Any, *, status: bool = False) -> tuple[Any, list[str]]:
    """The object after a patch as it would be stored, and what is wrong with it."""
    strategy = KINDS[old["kind"]][status]
    assert strategy is not None
    new = merge_patch(copy.deepcopy(old), patch)
    strategy.default(new)
    strategy.begin_update(new, old)
    strategy.prepare_update(new, old)
    return new, [str(each) for each in strategy.validate_update(new, old)]
