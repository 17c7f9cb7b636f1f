"""CEL expressions of webhooks and policies, evaluated by `cel_package`.

Errors are told in the words of cel-go. As there a field of null is one that is missing: `has` says
false of it, and else it is an error.
Source: `staging/src/k8s.io/apiserver/pkg/cel/library`.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from planespec.reports.input.cel_authorizer import Allows, allow_masters, list_functions
from planespec.reports.input.cel_package import (
    KUBERNETES_FUNCTIONS,
    compile_expression,
    describe_failure,
    make_context,
)
from planespec.spec.admission.extensions.match_conditions import (
    FailedExpressionError,
    Scope,
    UnsupportedExpressionError,
)
from planespec.spec.admission.extensions.mutating_policies import TYPE_NAME

_OVERLOAD = "no such overload"


class CelEvaluator:
    """Evaluates expressions, with an authorizer; see `Evaluate`."""

    def __init__(self, allows: Allows = allow_masters) -> None:
        """`allows` is asked where an expression asks the authorizer."""
        self._functions = {**KUBERNETES_FUNCTIONS, **_FUNCTIONS, **list_functions(allows)}
        self._contexts: dict[tuple[str, ...], Any] = {}
        """One for each set of variables, all of which are set anew for each use."""

    def __call__(self, expression: str, scope: Scope) -> object:
        """Return what an expression comes to."""
        try:
            return self._execute(expression, scope)
        except TypeError as error:
            raise FailedExpressionError(_OVERLOAD) from error
        except (KeyError, IndexError, ZeroDivisionError) as error:
            raise FailedExpressionError(_say_failure(error)) from error
        except UnsupportedExpressionError:
            raise
        except Exception as error:
            # The package raises errors of several kinds for one and the same: it cannot go on.
            raise UnsupportedExpressionError(describe_failure(expression, error)) from error

    def _execute(self, expression: str, scope: Scope) -> object:
        null = [name for name, value in scope.items() if value is None]
        program = _compile(open_nulls(expression, null))
        variables = {**scope, **{name + _NULL: {} for name in null}, "jsonpatch": {}}
        names = tuple(sorted(variables))
        if names not in self._contexts:
            self._contexts[names] = make_context(self._functions)
        context = self._contexts[names]
        for name, value in variables.items():
            context.add_variable(name, value)
        return program.execute(context)


_NULL = "_that_is_null"
_TEXT = (
    r"""(?P<text>[rRbB]{0,2}(?:\"\"\".*?\"\"\"|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\])*\""""
    r"""|'(?:\\.|[^'\\])*'))"""
)
_OWNER = re.compile(_TEXT + r"|(?<![\w.])(?P<owner>[A-Za-z_]\w*)(?=\s*[.\[])", re.DOTALL)


def open_nulls(expression: str, names: Collection[str]) -> str:
    """Let the variables `names`, which are null, stand for an object without fields where one of
    these is asked for.

    A macro that binds such a name is not looked for.

    >>> open_nulls("object == null || !has(object.data)", ["object"])
    'object == null || !has(object_that_is_null.data)'
    """

    def write(match: re.Match[str]) -> str:
        return match[0] + _NULL if match["owner"] in names else match[0]

    return _OWNER.sub(write, expression) if names else expression


_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "escapeKey": lambda _jsonpatch, key: key.replace("~", "~0").replace("/", "~1"),
}


def _say_failure(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"no such key: {error.args[0]}"
    if isinstance(error, IndexError):
        return str(error)
    return "division by zero"


_PIECE = re.compile(
    _TEXT + r"|(?P<literal>(?<![\w.])(?:Object(?:\.\w+)*|JSONPatch)\s*\{)"
    r"|(?P<open>[{(\[])|(?P<close>[})\]])|(?P<comma>,)|(?P<key>[A-Za-z_]\w*(?=\s*:(?!:)))",
    re.DOTALL,
)


def open_literals(expression: str) -> str:
    """Write typed literals of policies as maps, which is what the package knows.

    Those of objects keep the names of their types under `TYPE_NAME`.

    >>> open_literals("Object{spec: Object.spec{replicas: a ? b : 1}}")
    "{'<type>': 'Object', 'spec': {'<type>': 'Object.spec', 'replicas': a ? b : 1}}"
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
            name = found.rstrip("{").strip()
            if name == "JSONPatch":
                return "{"
            comma = "" if expression[match.end() :].lstrip().startswith("}") else ", "
            return f"{{'{TYPE_NAME}': '{name}'{comma}"
        return f"'{found}'" if is_key else found

    return _PIECE.sub(write, expression)


def _compile(expression: str) -> Any:
    try:
        return compile_expression(open_literals(expression))
    except ValueError as error:
        raise UnsupportedExpressionError(describe_failure(expression, error)) from error


evaluate_expression = CelEvaluator()
"""Evaluates an expression; of users outside `system:masters` an authorizer knows nothing."""
