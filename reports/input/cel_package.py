"""The package common-expression-language, with what Kubernetes adds to the functions of CEL.

Those are functions on quantities, versions and matches of patterns. What the package cannot read
(optional fields `.?`, `cel.bind`) is refused by name by those who call it, never guessed.
Source: `staging/src/k8s.io/apiserver/pkg/cel/library/{quantity,regex,semverlib}.go`.
"""

import logging
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from planespec.spec.quantity import Quantity, QuantityError, parse_quantity
from planespec.spec.schema.patterns import list_matches

_LONGEST = 160
_VERSION = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)


@lru_cache(maxsize=8192)
def compile_expression(expression: str) -> Any:
    """Return the program of an expression. Raises ValueError for what the package cannot read."""
    # Imported late: few clusters have devices or policies.
    import cel

    return cel.compile(expression)


def make_context(functions: Mapping[str, Callable[..., object]]) -> Any:
    """Return a context with the standard functions and those given; it is costly to make."""
    import cel
    from cel.stdlib import add_stdlib_to_context

    # What the package says of a function that fails is said by the error that it raises too.
    logging.getLogger("cel").setLevel(logging.CRITICAL)
    context = cel.Context()
    add_stdlib_to_context(context)
    for name, function in functions.items():
        context.add_function(name, function)
    return context


def describe_failure(expression: str, error: Exception) -> str:
    """Return the first line of what the package says of an expression."""
    words = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"the CEL expression {expression!r}: {words[:_LONGEST]}"


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
