"""The text that names everything a verdict is limited by."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from planespec.checker.budget import Budget
from planespec.checker.ir import types


def bound_text(constants: Mapping[str, Any], budget: Budget, cut: Mapping[str, int]) -> str:
    """Constants, depth bound and what each bound cut off: `servers=3, terms=2; depth 5 cut 12`.

    Sorts, as domains or as types, are given by their size.
    """
    parts = [", ".join(f"{name}={_text(value)}" for name, value in constants.items())]
    if budget.depth is not None and "depth" not in cut:
        parts.append(f"depth {budget.depth} cut nothing")
    for name, count in sorted(cut.items(), reverse=True):
        label = f"depth {budget.depth}" if name == "depth" else name
        parts.append(f"{label} cut {count:,}")
    return "; ".join(part for part in parts if part)


def _text(value: Any) -> str:
    if isinstance(value, types.Sort):
        return str(value.size)
    if isinstance(value, tuple):
        return str(len(value))
    if isinstance(value, bool):
        return str(value).lower()
    return value.name if isinstance(value, Enum) else str(value)
