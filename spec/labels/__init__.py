"""Label selectors: the object form of the API, the text form of the command line, matching.

Source: `apimachinery/pkg/labels/selector.go`, `pkg/apis/meta/v1/helpers.go`, v1.36.
"""

from planespec.spec.labels.selector import (
    EVERYTHING,
    NOTHING,
    Operator,
    Requirement,
    Selector,
    SelectorError,
    make_requirement,
    read_label_selector,
)
from planespec.spec.labels.selector_text import parse_selector

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "Operator",
    "Requirement",
    "Selector",
    "SelectorError",
    "make_requirement",
    "parse_selector",
    "read_label_selector",
]
