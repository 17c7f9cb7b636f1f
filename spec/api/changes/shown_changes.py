"""Values as Go prints its own types, and how two of them differ, line by line.

Source: `apimachinery/pkg/util/diff`: JSON of the internal types with an indent of one space, as a
unified difference with three lines around.
"""

import difflib
import json
from typing import Any

from planespec.spec.api.changes.internal_types import to_internal


def show_difference(kind: str, before: Any, after: Any) -> str:
    """Return the difference of two values of an internal type."""
    old, new = (_write(to_internal(kind, each)) for each in (before, after))
    found = list(difflib.unified_diff(old, new, n=3, lineterm=""))[2:]
    return "".join(f"{line}\n" for line in found)


def _write(value: Any) -> list[str]:
    return json.dumps(value, ensure_ascii=False, indent=1).split("\n")
