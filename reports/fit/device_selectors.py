"""CEL expressions on devices and custom objects, by the package common-expression-language.

Beside the standard functions there are those of Kubernetes on quantities, versions and matches of
patterns. What the package cannot read (optional fields `.?`, `cel.bind`) is refused by name, never
guessed.
Source: `staging/src/k8s.io/dynamic-resource-allocation/cel/compile.go` and
`staging/src/k8s.io/apiserver/pkg/cel/library/{quantity,regex,semverlib}.go`.
"""

import logging
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from planespec.spec.quantity import Quantity, QuantityError, parse_quantity
from planespec.spec.scheduling.devices.device_inventory import (
    FailedSelectorError,
    UnsupportedSelectorError,
)
from planespec.spec.schema.custom_rules import BrokenRuleError, UnknownRuleError
from planespec.spec.schema.patterns import list_matches

_OF_ASCII = re.compile(r"size|charAt|substring|ndexOf|reverse|\\[dDwWsSbB]")
_DOMAIN = re.compile(r"""device\.attributes\s*\[\s*(["'])([^"']*)\1\s*\]""")
_SIZES = re.compile(r"""device\.capacity\s*\[\s*(["'])([^"']*)\1\s*\]""")
_MEMBERSHIP = re.compile(r"""(["'])([^"']*)\1\s+in\s+device\.(?:attributes|capacity)\b(?!\s*\[)""")
_VERSION = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)


def evaluate_on_device(expression: str, device: Mapping[str, object]) -> bool:
    """Tell whether an expression holds on `device`; see `Evaluate`.

    Raises UnsupportedSelectorError for what the package cannot read, FailedSelectorError where
    the expression asks for an attribute that the device does not have.
    """
    program = _compile(expression)
    context = _make_context("device")
    context.add_variable("device", _fill_domains(expression, device))
    try:
        answer = program.execute(context)
    except KeyError as missing:
        raise FailedSelectorError(f"{expression}: no such key: {missing.args[0]}") from missing
    except Exception as error:
        # The package raises errors of several kinds for one and the same: it cannot go on.
        raise UnsupportedSelectorError(_say(expression, error)) from error
    if not isinstance(answer, bool):
        raise UnsupportedSelectorError(f"the CEL expression {expression!r}: is no condition")
    return answer


def evaluate_on_object(expression: str, value: object) -> object:
    """Evaluate a rule of a CustomResourceDefinition on `self`; see `EvaluateRule`.

    The package counts bytes where CEL counts characters, and takes digits of any script for
    digits, so that neither is asked of other text than ASCII.
    """
    if _OF_ASCII.search(expression) and not str(value).isascii():
        raise UnknownRuleError(f"the rule {expression!r} on text that is not ASCII")
    context = _make_context("self")
    try:
        program = _compile(expression)
        context.add_variable("self", value)
        return program.execute(context)
    except KeyError as missing:
        raise BrokenRuleError(f"no such key: {missing.args[0]}") from missing
    except UnsupportedSelectorError as error:
        raise UnknownRuleError(str(error)) from error
    except Exception as error:
        # As above; of what the package says, the first sentence is about the expression.
        raise UnknownRuleError(_say(expression, error).partition(". ")[0]) from error


def _say(expression: str, error: Exception) -> str:
    words = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"the CEL expression {expression!r}: {words[:160]}"


@lru_cache(maxsize=4096)
def _compile(expression: str) -> Any:
    # Imported late: few clusters have devices.
    import cel

    try:
        return cel.compile(expression)
    except ValueError as error:
        raise UnsupportedSelectorError(_say(expression, error)) from error


def _fill_domains(expression: str, device: Mapping[str, object]) -> Mapping[str, object]:
    """Let a domain that the device lacks read as empty, as upstream does; `in` still tells."""
    asked = {match[2] for match in _MEMBERSHIP.finditer(expression)}
    filled = dict(device)
    for name, pattern in (("attributes", _DOMAIN), ("capacity", _SIZES)):
        known = device[name]
        absent = {match[2] for match in pattern.finditer(expression)} - asked
        if isinstance(known, Mapping):
            filled[name] = {**{domain: {} for domain in absent}, **known}
    return filled


@lru_cache(maxsize=2)
def _make_context(_variable: str) -> Any:
    """Return the one context with a variable: it is costly to make, and set anew for each use."""
    import cel
    from cel.stdlib import add_stdlib_to_context

    # What the package says of a function that fails is said by the error that it raises too.
    logging.getLogger("cel").setLevel(logging.CRITICAL)
    context = cel.Context()
    add_stdlib_to_context(context)
    for name, function in KUBERNETES_FUNCTIONS.items():
        context.add_function(name, function)
    return context


# Quantities and versions: in CEL each is an object with one key, which tells them apart.


def _read_amount(value: Any) -> Quantity:
    return parse_quantity(value["quantity"])


def _make_quantity(text: str) -> dict[str, str]:
    return {"quantity": str(parse_quantity(text))}


def _is_quantity(text: str) -> bool:
    try:
        parse_quantity(text)
    except QuantityError:
        return False
    return True


def _read_version(value: Any) -> tuple[object, ...]:
    """Order versions by number; one with a pre-release is before the one without."""
    found = _VERSION.fullmatch(value["version"])
    if found is None:
        raise ValueError(f"{value['version']} is no semantic version")
    numbers = tuple(int(found[index]) for index in (1, 2, 3))
    parts = found[4].split(".") if found[4] else []
    order = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts)
    return (*numbers, not parts, order)


def _make_version(text: str) -> dict[str, str]:
    _read_version({"version": text})
    return {"version": text}


def _is_version(text: str) -> bool:
    return _VERSION.fullmatch(text) is not None


def _compare(one: Any, other: Any) -> int:
    if "quantity" in one:
        return _read_amount(one).compare(_read_amount(other))
    first, second = _read_version(one), _read_version(other)
    return (first > second) - (first < second)


def _find_all(text: str, pattern: str, most: int = -1) -> list[str]:
    found = list_matches(pattern, text)
    return found if most < 0 else found[:most]


KUBERNETES_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "quantity": _make_quantity,
    "isQuantity": _is_quantity,
    "semver": _make_version,
    "isSemver": _is_version,
    "compareTo": _compare,
    "isGreaterThan": lambda one, other: _compare(one, other) > 0,
    "isLessThan": lambda one, other: _compare(one, other) < 0,
    "major": lambda value: _read_version(value)[0],
    "minor": lambda value: _read_version(value)[1],
    "patch": lambda value: _read_version(value)[2],
    "find": lambda text, pattern: next(iter(list_matches(pattern, text)), ""),
    "findAll": _find_all,
    "sign": lambda value: _read_amount(value).sign,
    "asInteger": lambda value: _read_amount(value).value,
    "add": lambda one, other: {"quantity": str(_read_amount(one) + _read_amount(other))},
    "sub": lambda one, other: {"quantity": str(_read_amount(one) - _read_amount(other))},
}
