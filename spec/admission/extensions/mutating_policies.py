"""MutatingAdmissionPolicies: what they make of an object.

Sources: `apiserver/pkg/admission/plugin/policy/mutating/{dispatcher,reinvocationcontext}.go`,
`mutating/patch/{smd,json_patch}.go`; v1.36. Typed literals of their expressions (`Object{...}`,
`JSONPatch{...}`) are taken as maps, so that a field that a type does not have is found when the
object is validated, not when the expression is compiled.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from planespec.spec.admission.extensions.admission_request import AdmissionRequest, Json
from planespec.spec.admission.extensions.match_conditions import (
    Evaluate,
    FailedExpressionError,
    make_scope,
    run_expression,
    with_variables,
)
from planespec.spec.api.apply.typed_values import TypedError, merge_values
from planespec.spec.api.json_patch import PatchError, json_patch
from planespec.spec.objects import View
from planespec.spec.schema.merge_types import MergeType

_OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")


def apply_mutations(
    spec: View, request: AdmissionRequest, evaluate: Evaluate, kind: MergeType, **known: Any
) -> Json:
    """Return the object after the mutations of a policy, in order.

    `kind` says how the object merges; `known` is what expressions know beside the request, as
    `make_scope` takes it. Raises FailedExpressionError, and UnsupportedExpressionError.
    """
    made = request.object or {}
    for mutation in spec.views("mutations"):
        scope = make_scope(request.with_object(made), **known)
        if mutation.text("patchType") == "JSONPatch":
            value = _evaluate(spec, mutation.view("jsonPatch"), scope, evaluate)
            made = _patch(made, value)
        else:
            value = _evaluate(spec, mutation.view("applyConfiguration"), scope, evaluate)
            made = _merge(kind, made, value)
    return made


def _evaluate(spec: View, holder: View, scope: dict[str, Any], evaluate: Evaluate) -> object:
    expression = holder.text("expression")
    variables = spec.views("variables")
    return run_expression(
        evaluate, expression, with_variables(evaluate, variables, expression, scope)
    )


def _patch(made: Json, value: object) -> Json:
    """Apply a list of operations, each a map of `op`, `path`, `value` and `from`."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise FailedExpressionError("type mismatch: JSONPatch expects a list of JSONPatch")
    for each in value:
        if each.get("op") not in _OPERATIONS:
            raise FailedExpressionError(f'unsupported JSONPatch operation "{each.get("op")}"')
    try:
        patched: Json = json_patch(made, value)
    except PatchError as error:
        raise FailedExpressionError(f"JSON Patch: {error}") from error
    return patched


def _merge(kind: MergeType, made: Json, value: object) -> Json:
    """Merge a configuration into the object as server-side apply does, without owners."""
    if not isinstance(value, dict):
        raise FailedExpressionError("must evaluate to Object but got another type")
    atomic = list(_list_atomic(kind, value, ""))
    if atomic:
        words = f"may not mutate atomic arrays, maps or structs: {', '.join(atomic)}"
        raise FailedExpressionError(f"invalid ApplyConfiguration: {words}")
    try:
        merged: Json = merge_values(kind, made, value)
    except TypedError as error:
        raise FailedExpressionError(f"invalid ApplyConfiguration: {error}") from error
    return merged


def _list_atomic(kind: MergeType, value: object, path: str) -> Iterator[str]:
    """Yield the paths of values that have one owner as a whole. Source: findAtomics."""
    if kind.is_atomic and isinstance(value, dict | list):
        yield path
    elif isinstance(value, dict):
        for name, each in value.items():
            below = kind.fields.get(name) or kind.values
            if below is not None:
                yield from _list_atomic(below, each, f"{path}.{name}")
    elif isinstance(value, list) and kind.items is not None:
        for index, each in enumerate(value):
            yield from _list_atomic(kind.items, each, f"{path}[{_name(kind.keys, each, index)}]")


def _name(keys: Sequence[str], item: object, index: int) -> str:
    if not keys or not isinstance(item, dict):
        return str(index)
    return ",".join(f'{key}="{item.get(key)}"' for key in keys)
