"""MutatingAdmissionPolicies: what they make of an object.

Sources: `apiserver/pkg/admission/plugin/policy/mutating/{dispatcher,reinvocationcontext}.go`,
`mutating/patch/{smd,json_patch}.go`, `apiserver/pkg/cel/mutation`; v1.36. Typed literals of their
expressions (`Object{...}`, `JSONPatch{...}`) are taken as maps that know the name of their type.
"""

from collections.abc import Iterator
from typing import Any

from planespec.spec.admission.extensions.admission_request import AdmissionRequest, Json
from planespec.spec.admission.extensions.match_conditions import (
    Evaluate,
    FailedExpressionError,
    make_scope,
    run_expression,
    with_variables,
)
from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.apply.typed_values import TypedError, check, merge_values
from planespec.spec.api.decoding import DecodingError, decode
from planespec.spec.api.json_patch import PatchError, TestFailedError, json_patch
from planespec.spec.objects import View
from planespec.spec.schema.merge_types import MergeType

TYPE_NAME = "<type>"
"""The key under which the map of a typed literal has the name of its type."""


def apply_mutation(
    spec: View,
    mutation: View,
    request: AdmissionRequest,
    evaluate: Evaluate,
    kind: MergeType,
    **known: Any,
) -> Json:
    """Return the object of a request after one of the mutations of a policy.

    `kind` says how the object merges; `known` is what expressions know beside the request, as
    `make_scope` takes it. Raises FailedExpressionError, of which the failure policy decides,
    ApiError, which it does not, and UnsupportedExpressionError.
    """
    made, scope = request.object or {}, make_scope(request, **known)
    if mutation.text("patchType") == "JSONPatch":
        value = _evaluate(spec, mutation.view("jsonPatch"), scope, evaluate)
        return _patch(kind, made, value)
    value = _evaluate(spec, mutation.view("applyConfiguration"), scope, evaluate)
    return _merge(kind, made, value)


def _evaluate(spec: View, holder: View, scope: dict[str, Any], evaluate: Evaluate) -> object:
    expression = holder.text("expression")
    variables = spec.views("variables")
    return run_expression(
        evaluate, expression, with_variables(evaluate, variables, expression, scope)
    )


# Patches. Source: `patch/json_patch.go`.


def _patch(kind: MergeType, made: Json, value: object) -> Json:
    """Apply a list of operations; one that tests for what is not so leaves the object as it is.

    The result has to fit the kind to the last field, whatever the failure policy.
    """
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        words = "JSONPatchType.expression should evaluate to array"
        raise FailedExpressionError(f"type mismatch: {words}")
    operations = [_to_operation(each) for each in value]
    try:
        patched: Json = json_patch(made, operations)
    except TestFailedError:
        return made
    except PatchError as error:
        raise FailedExpressionError(f"JSON Patch: {error}") from error
    _decode_strictly(kind, patched)
    return patched


def _to_operation(each: dict[str, Any]) -> dict[str, Any]:
    operation = {"op": each.get("op", ""), "path": each.get("path", "")}
    if each.get("from"):
        operation["from"] = each["from"]
    if "value" in each:
        operation["value"] = _strip_types(each["value"])
    return operation


def _decode_strictly(kind: MergeType, patched: Json) -> None:
    try:
        unknown = decode(kind, patched).unknown
    except DecodingError as error:
        raise _fail_internally(str(error)) from error
    if unknown:
        told = ", ".join(f'unknown field "{each}"' for each in unknown)
        raise _fail_internally(f"strict decoding error: {told}")


def _fail_internally(why: str) -> ApiError:
    return ApiError(500, "InternalError", f"Internal error occurred: {why}")


# Configurations. Source: `patch/smd.go`.


def _merge(kind: MergeType, made: Json, value: object) -> Json:
    """Merge a configuration into the object as server-side apply does, without owners."""
    name = value.get(TYPE_NAME) if isinstance(value, dict) else None
    if not isinstance(value, dict) or name not in (None, "Object"):
        raise FailedExpressionError(f"must evaluate to Object but got {name or 'another type'}")
    stripped = _strip_types(value)
    configuration = {k: v for k, v in stripped.items() if k not in ("apiVersion", "kind")}
    try:
        check(kind, configuration)
    except TypedError as error:
        words = "failed to convert patch object to typed object"
        raise FailedExpressionError(f"error applying patch: {words}: {error}") from error
    atomic = list(_list_atomic(kind, configuration, ""))
    if atomic:
        words = f"may not mutate atomic arrays, maps or structs: {', '.join(atomic)}"
        raise FailedExpressionError(f"error applying patch: invalid ApplyConfiguration: {words}")
    try:
        merged: Json = merge_values(kind, made, configuration)
    except TypedError as error:
        words = f"failed to merge patch: {error}"
        raise FailedExpressionError(f"error applying patch: {words}") from error
    return merged


def _list_atomic(kind: MergeType, value: object, path: str) -> Iterator[str]:
    """Yield the paths of values that have one owner as a whole; what is in the values of a map is
    not looked at. Source: findAtomics.
    """
    if kind.is_atomic and isinstance(value, dict | list):
        yield path
    if isinstance(value, dict):
        for name, each in value.items():
            if name in kind.fields:
                yield from _list_atomic(kind.fields[name], each, f"{path}.{name}")
    elif isinstance(value, list) and kind.items is not None:
        for index, each in enumerate(value):
            yield from _list_atomic(kind.items, each, f"{path}[{index}]")


# Names of types. Source: `cel/mutation/dynamic/objects.go`, CheckTypeNamesMatchFieldPathNames.


def _strip_types(value: Any) -> Any:
    """Return a value without the names of types. Raises FailedExpressionError where one is not
    what its place among the fields of a typed literal asks for.
    """
    name = value.get(TYPE_NAME) if isinstance(value, dict) else None
    mismatches = [] if name is None else list(_list_mismatches(value, name))
    if mismatches:
        listed = "\n".join(mismatches)
        raise FailedExpressionError(f"type mismatch: {listed}")
    return _without_types(value)


def _list_mismatches(value: Any, expected: str) -> Iterator[str]:
    if isinstance(value, dict):
        name = value.get(TYPE_NAME)
        if name is not None and name != expected:
            words = "which matches field name path from root Object type"
            yield f'unexpected type name "{name}", expected "{expected}", {words}'
        for field, each in value.items():
            below = expected if name is None else f"{expected}.{field}"
            yield from _list_mismatches(each, below)
    elif isinstance(value, list):
        for each in value:
            yield from _list_mismatches(each, expected)


def _without_types(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_types(each) for k, each in value.items() if k != TYPE_NAME}
    if isinstance(value, list):
        return [_without_types(each) for each in value]
    return value
