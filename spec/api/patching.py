"""Patches by their content type: what makes a new object of the one that is there.

Source: `apiserver/pkg/endpoints/handlers/patch.go`, v1.36.
"""

import json
from typing import Any

from planespec.spec.api.api_errors import ApiError, bad_request, internal, invalid, patch_failed
from planespec.spec.api.decoding import Decoded, DecodingError, decode, show_nulls
from planespec.spec.api.go_order import merge_text, order_fields
from planespec.spec.api.json_patch import PatchError, json_patch
from planespec.spec.api.strategic_patch import (
    RetainKeysError,
    UnnamedPatchError,
    strategic_merge_patch,
)
from planespec.spec.api.strategies import Strategy
from planespec.spec.schema.merge_types import MergeType
from planespec.spec.validation.field_errors import invalid as invalid_value

Json = dict[str, Any]
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
MOST_OPERATIONS = 10_000
"""Operations that a JSON patch may have."""


def patch_object(
    content_type: str,
    strategy: Strategy,
    kind: MergeType,
    current: Json,
    patch: Any,
    *,
    is_strict: bool = False,
) -> Decoded:
    """Return the patched object, in its types and with defaults. Raises ApiError.

    Where it is strict, a field that no type knows is an error.
    """
    if content_type == JSON_PATCH:
        patched = _apply_operations(current, patch)
    elif content_type == MERGE_PATCH:
        _check_merge_patch(patch)
        patched = merge_text(order_fields(kind, show_nulls(kind, current)), patch)
    else:
        patched = _merge_strategically(kind, current, patch)
    decoded = decode_patched(strategy, kind, patched)
    if is_strict and decoded.unknown:
        told = ", ".join(f'unknown field "{each}"' for each in decoded.unknown)
        raise refuse_patched(patched, f"strict decoding error: {told}")
    return decoded


def _check_merge_patch(patch: Any) -> None:
    if patch is None:
        raise bad_request("Invalid JSON Patch")
    if not isinstance(patch, dict):
        told = f"json: cannot unmarshal {_name_kind(patch)} into Go value of type"
        raise bad_request(f"error decoding patch: {told} map[string]interface {{}}")


def _name_kind(value: Any) -> str:
    kinds = {dict: "object", list: "array", str: "string", bool: "bool"}
    return kinds.get(type(value), "number")


def _merge_strategically(kind: MergeType, current: Json, patch: Any) -> Json:
    """Source: interpretStrategicMergePatchError."""
    try:
        patched: Json = strategic_merge_patch(kind, current, patch)
    except UnnamedPatchError as error:
        raise internal(str(error)) from error
    except RetainKeysError as error:
        raise patch_failed() from error
    except PatchError as error:
        raise bad_request(str(error)) from error
    return patched


def _apply_operations(current: Json, patch: Any) -> Json:
    if not isinstance(patch, list):
        kind = "object" if isinstance(patch, dict) else "value"
        raise bad_request(f"json: cannot unmarshal {kind} into Go value of type jsonpatch.Patch")
    if len(patch) > MOST_OPERATIONS:
        limit = f"The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}"
        words = f"Request entity too large: {limit}, got {len(patch)}"
        raise ApiError(413, "RequestEntityTooLarge", words)
    try:
        patched: Json = json_patch(current, patch)
    except PatchError as error:
        raise patch_failed() from error
    return patched


def decode_patched(strategy: Strategy, kind: MergeType, patched: Any) -> Decoded:
    """Read what a patch made; it must still be an object of the kind. Raises ApiError."""
    if not isinstance(patched, dict):
        told = f"json: cannot unmarshal {_name_kind(patched)} into Go value of type {_HEAD}"
        raise refuse_patched(patched, f"couldn't get version/kind; json parse error: {told}")
    said = patched.get("apiVersion", ""), patched.get("kind", "")
    if said != (strategy.api_version, strategy.kind):
        raise refuse_patched(patched, _tell_unknown_kind(*said))
    try:
        decoded = decode(kind, patched)
    except DecodingError as error:
        raise refuse_patched(patched, str(error)) from error
    decoded.value.setdefault("metadata", {})
    strategy.default(decoded.value)
    return decoded


def refuse_patched(patched: Any, why: str) -> ApiError:
    """Refuse what a patch made, repeating all of it."""
    text = json.dumps(patched, ensure_ascii=False, separators=(",", ":"))
    return invalid("", "", [invalid_value("patch", text, why)])


def _tell_unknown_kind(version: str, kind: str) -> str:
    return f'no kind "{kind}" is registered for version "{version}" in scheme "{SCHEME}"'


_HEAD = (
    r'struct { APIVersion string "json:\"apiVersion,omitempty\""; '
    r'Kind string "json:\"kind,omitempty\"" }'
)
SCHEME = "pkg/api/legacyscheme/scheme.go:30"
"""Where the server's types are registered; the place in its source is part of a message."""


def check_name(strategy: Strategy, data: Json, name: str, namespace: str) -> None:
    """Hold an object to the URL it was sent to. Raises ApiError.

    Source: EnsureObjectNamespaceMatchesRequestNamespace, checkName.
    """
    meta = data["metadata"]
    said = meta.get("namespace")
    if not strategy.is_namespaced:
        meta.pop("namespace", None)
    elif said and said != namespace:
        words = "the namespace of the provided object does not match the namespace sent on"
        raise bad_request(f"{words} the request")
    else:
        meta["namespace"] = namespace
    if not meta.get("name"):
        words = "was undeterminable: name must be provided"
        raise bad_request(f"the name of the object ({name} based on URL) {words}")
    if meta["name"] != name:
        words = f"the name of the object ({meta['name']}) does not match the name on the URL"
        raise bad_request(f"{words} ({name})")
