"""Imports every module that registers handlers, so that the tables are full."""

from planespec.checker.front.expressions import (
    arithmetic,
    attributes,
    calls,
    comparisons,
    comprehensions,
    displays,
)
from planespec.checker.front.statements import (
    assignments,
    bounded_loops,
    control,
    effects,
    matching,
)

__all__ = [
    "arithmetic",
    "assignments",
    "attributes",
    "bounded_loops",
    "calls",
    "comparisons",
    "comprehensions",
    "control",
    "displays",
    "effects",
    "matching",
]
