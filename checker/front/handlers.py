"""Imports every module that registers handlers, so that the tables are full."""

from planespec.checker.front import (
    arithmetic,
    assignments,
    calls,
    collections_,
    comparisons,
    control,
    effects,
    loops,
    matching,
    names,
    walks,
)

__all__ = [
    "arithmetic",
    "assignments",
    "calls",
    "collections_",
    "comparisons",
    "control",
    "effects",
    "loops",
    "matching",
    "names",
    "walks",
]
