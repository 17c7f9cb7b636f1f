"""Kinds that keep no generation and little else: ConfigMap, Secret.

Source: `pkg/registry/core/{configmap,secret}/strategy.go`,
`pkg/apis/core/validation/validation.go`, v1.36.
"""

from collections.abc import Sequence

from planespec.spec.api.meta_updates import validate_core_meta_change
from planespec.spec.api.strategies import Json, Strategy
from planespec.spec.objects import View
from planespec.spec.validation.field_errors import Errors, forbidden
from planespec.spec.validation.object_rules import validate_object

_FROZEN = "field is immutable when `immutable` is set"


def validate_frozen(data: Json, old: Json, fields: Sequence[str]) -> Errors:
    """Nothing of an object that was made immutable changes, nor does it become mutable."""
    if not old.get("immutable"):
        return
    if not data.get("immutable"):
        yield forbidden("immutable", _FROZEN)
    for name in fields:
        if (data.get(name) or {}) != (old.get(name) or {}):
            yield forbidden(name, _FROZEN)


def _validate_config_map(data: Json, old: Json) -> Errors:
    """Source: ValidateConfigMapUpdate; its rules for content see the new object alone."""
    yield from validate_core_meta_change(data, old)
    yield from validate_frozen(data, old, ("data", "binaryData"))
    yield from validate_object({**data, "metadata": _named(data)})


def _named(data: Json) -> Json:
    meta = View(data.get("metadata"), "metadata")
    return {name: meta.text(name) for name in ("name", "namespace")}


CONFIG_MAP = Strategy(
    group="",
    version="v1",
    kind="ConfigMap",
    plural="configmaps",
    validate_create=validate_object,
    validate_update=_validate_config_map,
)
