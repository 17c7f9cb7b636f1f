"""Label selectors: the object form of the API, the text form of the command line, matching.

Source: `apimachinery/pkg/labels/selector.go`, `pkg/apis/meta/v1/helpers.go`, v1.36.
"""

from planespec.spec.labels.parse import parse_selector
from planespec.spec.labels.requirement import (
    Operator,
    Requirement,
    SelectorError,
    make_requirement,
)
from planespec.spec.labels.selector import EVERYTHING, NOTHING, Selector, read_label_selector

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
