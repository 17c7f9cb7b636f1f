"""CEL expressions of webhooks and policies, evaluated by the package common-expression-language.

Errors are told in the words of cel-go. What the package cannot read (optional fields `.?`,
`cel.bind`) is refused by name, never guessed. Of an `authorizer` only what
`system:masters` may do is known: everything.
Source: `staging/src/k8s.io/apiserver/pkg/cel/library`.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from planespec.reports.fit.device_selectors import KUBERNETES_FUNCTIONS
from planespec.spec.admission.extensions.match_conditions import (
    FailedExpressionError,
    Scope,
    UnsupportedExpressionError,
)

MASTERS = "system:masters"
_LONGEST = 160
_OVERLOAD = "no such overload"


def evaluate_expression(expression: str, scope: Scope) -> object:
    """Return what an expression comes to; see `Evaluate`."""
    try:
        return _execute(expression, scope)
    except TypeError as error:
        raise FailedExpressionError(_find_key_of_null(expression, scope)) from error
    except (KeyError, IndexError, ZeroDivisionError) as error:
        raise FailedExpressionError(_say_failure(error)) from error
    except UnsupportedExpressionError:
        raise
    except Exception as error:
        # The package raises errors of several kinds for one and the same: it cannot go on.
        raise UnsupportedExpressionError(_say(expression, error)) from error


def _execute(expression: str, scope: Scope) -> object:
    program, context = _compile(expression), _make_context()
    for name, value in scope.items():
        context.add_variable(name, value)
    context.add_variable("jsonpatch", {})
    return program.execute(context)


def _find_key_of_null(expression: str, scope: Scope) -> str:
    """Say what a failure is about: a field of null is one that is missing, as cel-go tells it."""
    filled = {name: {} if value is None else value for name, value in scope.items()}
    try:
        _execute(expression, filled)
    except KeyError as error:
        return _say_failure(error)
    except Exception:
        # Whatever it is, it is not about null.
        return _OVERLOAD
    return _OVERLOAD


def _say_failure(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"no such key: {error.args[0]}"
    if isinstance(error, IndexError):
        return str(error)
    return "division by zero"


def _say(expression: str, error: Exception) -> str:
    words = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"the CEL expression {expression!r}: {words[:_LONGEST]}"


_PIECE = re.compile(
    r"""(?P<text>[rRbB]{0,2}(?:\"\"\".*?\"\"\"|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))"""
    r"|(?P<literal>(?<![\w.])(?:Object(?:\.\w+)*|JSONPatch)\s*\{)"
    r"|(?P<open>[{(\[])|(?P<close>[})\]])|(?P<comma>,)|(?P<key>[A-Za-z_]\w*(?=\s*:(?!:)))",
    re.DOTALL,
)


def open_literals(expression: str) -> str:
    """Write typed literals of policies as maps, which is what the package knows.

    >>> open_literals("Object{spec: Object.spec{replicas: a ? b : 1}}")
    "{'spec': {'replicas': a ? b : 1}}"
    """
    depth, awaits_key = list[bool](), False

    def write(match: re.Match[str]) -> str:
        nonlocal awaits_key
        kind, found = match.lastgroup, match[0]
        is_key = kind == "key" and awaits_key and bool(depth) and depth[-1]
        awaits_key = kind in ("literal", "comma")
        if kind in ("literal", "open"):
            depth.append(kind == "literal")
        elif kind == "close" and depth:
            depth.pop()
        if kind == "literal":
            return "{"
        return f"'{found}'" if is_key else found

    return _PIECE.sub(write, expression)


@lru_cache(maxsize=4096)
def _compile(expression: str) -> Any:
    # Imported late: few clusters have policies.
    import cel

    try:
        return cel.compile(open_literals(expression))
    except ValueError as error:
        raise UnsupportedExpressionError(_say(expression, error)) from error


def _make_context() -> Any:
    import cel
    from cel.stdlib import add_stdlib_to_context

    context = cel.Context()
    add_stdlib_to_context(context)
    for name, function in {**KUBERNETES_FUNCTIONS, **_AUTHORIZER}.items():
        context.add_function(name, function)
    return context


# The authorizer: a check is built step by step, each of which says more of it.


def _say_more(check: Mapping[str, Any], *_more: str) -> Mapping[str, Any]:
    return check


def _is_allowed(check: Mapping[str, Any]) -> bool:
    if MASTERS not in check["groups"]:
        words = f"what {check['username']} may do, which an authorizer is asked for"
        raise UnsupportedExpressionError(words)
    return True


_AUTHORIZER: Mapping[str, Callable[..., object]] = {
    **dict.fromkeys(("group", "resource", "subresource", "namespace", "name"), _say_more),
    **dict.fromkeys(("path", "check", "serviceAccount"), _say_more),
    **dict.fromkeys(("fieldSelector", "labelSelector"), _say_more),
    "escapeKey": lambda _jsonpatch, key: key.replace("~", "~0").replace("/", "~1"),
    "allowed": _is_allowed,
    "errored": lambda _check: False,
    "reason": lambda _check: "",
}
