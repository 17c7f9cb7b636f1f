"""CEL expressions on devices and custom objects, evaluated by `cel_package`.

Source: `staging/src/k8s.io/dynamic-resource-allocation/cel/compile.go`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from planespec.reports.input.cel_package import (
    KUBERNETES_FUNCTIONS,
    compile_expression,
    describe_failure,
    make_context,
)
from planespec.spec.scheduling.devices.device_inventory import (
    FailedSelectorError,
    UnsupportedSelectorError,
)
from planespec.spec.schema.custom_rules import BrokenRuleError, UnknownRuleError

_OF_ASCII = re.compile(r"size|charAt|substring|ndexOf|reverse|\\[dDwWsSbB]")
_DOMAIN = re.compile(r"""device\.attributes\s*\[\s*(["'])([^"']*)\1\s*\]""")
_SIZES = re.compile(r"""device\.capacity\s*\[\s*(["'])([^"']*)\1\s*\]""")
_MEMBERSHIP = re.compile(r"""(["'])([^"']*)\1\s+in\s+device\.(?:attributes|capacity)\b(?!\s*\[)""")


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
        raise UnsupportedSelectorError(describe_failure(expression, error)) from error
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
        raise UnknownRuleError(describe_failure(expression, error).partition(". ")[0]) from error


def _compile(expression: str) -> Any:
    try:
        return compile_expression(expression)
    except ValueError as error:
        raise UnsupportedSelectorError(describe_failure(expression, error)) from error


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
    return make_context(KUBERNETES_FUNCTIONS)
