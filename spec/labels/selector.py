"""A selector: requirements on labels, all of which must be met; the object form of the API."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from planespec.spec.names import get_label_key_errors, get_label_value_errors
from planespec.spec.objects.view import View
from planespec.spec.quantity.amount import parse_int64, quote


class SelectorError(ValueError):
    """A selector breaks the rules; the messages are upstream's."""

    def __init__(self, *errors: str) -> None:
        """Keep each message; together they print as upstream's aggregate does."""
        super().__init__(join_errors(errors))
        self.errors = errors


class Operator(StrEnum):
    """How a requirement compares; the values are the words of the text form."""

    IN = "in"
    NOT_IN = "notin"
    EQUALS = "="
    DOUBLE_EQUALS = "=="
    NOT_EQUALS = "!="
    GREATER_THAN = "gt"
    LESS_THAN = "lt"
    EXISTS = "exists"
    DOES_NOT_EXIST = "!"


BINARY_OPERATORS = tuple(list(Operator)[:7])
"""The operators that take values, in upstream's order."""

_ONE_VALUE = frozenset({Operator.EQUALS, Operator.DOUBLE_EQUALS, Operator.NOT_EQUALS})
_POSITIVE = frozenset({Operator.IN, Operator.EQUALS, Operator.DOUBLE_EQUALS})
_NEGATIVE = frozenset({Operator.NOT_IN, Operator.NOT_EQUALS})
_NUMERIC = frozenset({Operator.GREATER_THAN, Operator.LESS_THAN})
_SET_BASED = frozenset({Operator.IN, Operator.NOT_IN})
_SYMBOLS = {
    Operator.IN: " in ",
    Operator.NOT_IN: " notin ",
    Operator.GREATER_THAN: ">",
    Operator.LESS_THAN: "<",
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """A checked requirement; make one with `make_requirement`."""

    key: str
    operator: Operator
    values: tuple[str, ...]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether the labels meet the requirement.

        A missing key meets only the negative operators; Gt and Lt compare int64 and are false
        where the label is no integer.
        """
        value = labels.get(self.key)
        if self.operator in _POSITIVE:
            return value is not None and value in self.values
        if self.operator in _NEGATIVE:
            return value is None or value not in self.values
        if self.operator in _NUMERIC:
            return value is not None and self._compares(value)
        return (value is not None) == (self.operator is Operator.EXISTS)

    def _compares(self, value: str) -> bool:
        number, bound = parse_int64(value), parse_int64(self.values[0])
        if number is None or bound is None:
            return False
        return number > bound if self.operator is Operator.GREATER_THAN else number < bound

    def __str__(self) -> str:
        if self.operator is Operator.EXISTS:
            return self.key
        if self.operator is Operator.DOES_NOT_EXIST:
            return f"!{self.key}"
        listed = ",".join(sorted(self.values))
        if self.operator in _SET_BASED:
            listed = f"({listed})"
        return f"{self.key}{_SYMBOLS.get(self.operator, self.operator)}{listed}"


def make_requirement(
    key: str, operator: Operator, values: Sequence[str], path: str = ""
) -> Requirement:
    """Check and make a requirement; `path` names its field in messages.

    Raises SelectorError that lists everything wrong with key, values and their number.
    """
    prefix = f"{path}." if path else ""
    errors = [f"{prefix}key: {error}" for error in _invalid(key, get_label_key_errors(key))]
    errors += _check_count(operator, values, f"{prefix}values")
    for index, value in enumerate(values):
        place = f"{prefix}values[{index}][{key}]"
        errors += [f"{place}: {error}" for error in _invalid(value, get_label_value_errors(value))]
    if errors:
        raise SelectorError(*errors)
    return Requirement(key, operator, tuple(values))


def join_errors(errors: Sequence[str]) -> str:
    """Join messages as upstream's aggregate does: one alone, several in brackets, none twice."""
    unique = list(dict.fromkeys(errors))
    return unique[0] if len(unique) == 1 else f"[{', '.join(unique)}]"


def _check_count(operator: Operator, values: Sequence[str], place: str) -> list[str]:
    if operator in _SET_BASED and not values:
        why = "for 'in', 'notin' operators, values set can't be empty"
    elif operator in _ONE_VALUE and len(values) != 1:
        why = "exact-match compatibility requires one single value"
    elif operator in (Operator.EXISTS, Operator.DOES_NOT_EXIST) and values:
        why = "values set must be empty for exists and does not exist"
    elif operator in _NUMERIC:
        return _check_numbers(values, place)
    else:
        return []
    return [f"{place}: Invalid value: {_show(values)}: {why}"]


def _show(values: Sequence[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False) if values else "null"


def _check_numbers(values: Sequence[str], place: str) -> list[str]:
    errors = []
    if len(values) != 1:
        why = "for 'Gt', 'Lt' operators, exactly one value is required"
        errors.append(f"{place}: Invalid value: {_show(values)}: {why}")
    why = "for 'Gt', 'Lt' operators, the value must be an integer"
    for index, value in enumerate(values):
        if parse_int64(value) is None:
            errors.append(f"{place}[{index}]: Invalid value: {quote(value)}: {why}")
    return errors


def _invalid(value: str, errors: list[str]) -> list[str]:
    return [f"Invalid value: {quote(value)}: {'; '.join(errors)}"] if errors else []


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
