"""A selector: all its requirements must be met; and the object form of the API."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from planespec.spec.go_text import quote
from planespec.spec.labels.requirement import (
    Operator,
    Requirement,
    SelectorError,
    make_requirement,
)
from planespec.spec.objects.view import View

_OBJECT_OPERATORS = {
    "In": Operator.IN,
    "NotIn": Operator.NOT_IN,
    "Exists": Operator.EXISTS,
    "DoesNotExist": Operator.DOES_NOT_EXIST,
}


@dataclass(frozen=True, slots=True)
class Selector:
    """Requirements sorted by key; with `selects_nothing` it matches no labels at all."""

    requirements: tuple[Requirement, ...] = ()
    selects_nothing: bool = False

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether the labels meet every requirement."""
        if self.selects_nothing:
            return False
        return all(requirement.matches(labels) for requirement in self.requirements)

    @property
    def is_empty(self) -> bool:
        """Whether it restricts nothing and so matches all labels."""
        return not self.requirements and not self.selects_nothing

    def with_requirements(self, added: Iterable[Requirement]) -> "Selector":
        """Return this selector narrowed by more requirements; nothing stays nothing."""
        if self.selects_nothing:
            return self
        return make_selector([*self.requirements, *added])

    def __str__(self) -> str:
        return ",".join(str(requirement) for requirement in self.requirements)


NOTHING = Selector(selects_nothing=True)
"""Matches no labels: what an absent selector means."""
EVERYTHING = Selector()
"""Matches all labels: what an empty selector means."""


def make_selector(requirements: Iterable[Requirement]) -> Selector:
    """Sort requirements by key into a selector.

    The order of equal keys is the given one; upstream's sort keeps it up to 12 requirements.
    """
    return Selector(tuple(sorted(requirements, key=lambda requirement: requirement.key)))


def select_exactly(labels: Mapping[str, str]) -> Selector:
    """Make a selector for exactly these labels, without checking them (`SelectorFromSet`)."""
    return make_selector(
        Requirement(key, Operator.EQUALS, (value,)) for key, value in labels.items()
    )


def read_label_selector(value: object, field: str = "") -> Selector:
    """Read a LabelSelector (`matchLabels`, `matchExpressions`) from plain JSON.

    None matches nothing, an empty object everything. Raises SelectorError with upstream's
    message, ObjectError when a field has the wrong JSON type.
    """
    if value is None:
        return NOTHING
    view = View(value, field)
    found = [
        make_requirement(key, Operator.EQUALS, [label])
        for key, label in sorted(view.text_map("matchLabels").items())
    ]
    found += [_read_expression(expression) for expression in view.views("matchExpressions")]
    return make_selector(found)


def _read_expression(view: View) -> Requirement:
    operator = view.text("operator")
    if operator not in _OBJECT_OPERATORS:
        raise SelectorError(f"{quote(operator)} is not a valid label selector operator")
    return make_requirement(view.text("key"), _OBJECT_OPERATORS[operator], view.texts("values"))
