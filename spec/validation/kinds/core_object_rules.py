"""Rules for ConfigMaps, Secrets, nodes, and what limits a namespace.

Source: `pkg/apis/core/validation/validation.go` and `pkg/apis/core/helper/helpers.go`, v1.36.
"""

import base64
import binascii
import json
from collections.abc import Mapping

from planespec.spec.admission.limit_ranger import LimitItem, read_limit_range
from planespec.spec.names import get_label_key_errors, get_label_value_errors
from planespec.spec.objects import View
from planespec.spec.quantity import Quantity, parse_quantity
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.addresses import is_dual_stack, validate_cidr
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    not_supported,
    required,
    too_long,
)
from planespec.spec.validation.object_meta import validate_finalizer
from planespec.spec.validation.resource_rules import (
    QUOTA,
    may_be_overcommitted,
    validate_amount,
    validate_container_resource,
    validate_quota_resource,
    validate_resource_name,
)
from planespec.spec.validation.value_rules import get_config_key_errors, validate_label_key

_LARGEST = 1 << 20
_ACCOUNT = "kubernetes.io/service-account.name"
_EFFECTS = ENUMERATIONS["core.Taint"]["effect"]
_POD_AMOUNTS = frozenset(
    f"{prefix}{name}" for prefix in ("", "requests.", "limits.") for name in ("cpu", "memory")
)
_POD_SCOPES = ("Terminating", "NotTerminating", "NotBestEffort", "PriorityClass")
_SCOPES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys((*_POD_SCOPES, "CrossNamespacePodAffinity"), _POD_AMOUNTS | {"pods"}),
    "BestEffort": frozenset({"pods"}),
    "VolumeAttributesClass": frozenset({"persistentvolumeclaims", "requests.storage"}),
}
"""The scopes of a quota, each with the resources it goes with."""
_CONFLICTING = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
_EXISTENTIAL = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
    "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, "
    "ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)


def validate_config_map(view: View) -> Errors:
    """Source: ValidateConfigMap."""
    texts, binary = view.text_map("data"), view.text_map("binaryData")
    for key in texts:
        yield from checked(f"data[{key}]", key, get_config_key_errors)
        if key in binary:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key in binary:
        yield from checked(f"binaryData[{key}]", key, get_config_key_errors)
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts.values())
    if size + sum(len(_decode(text)) for text in binary.values()) > _LARGEST:
        yield too_long("", _LARGEST)


def _decode(text: str) -> bytes:
    """Decode base64; what is none, which is refused before validation, is taken as empty."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def validate_secret(view: View) -> Errors:
    """Source: ValidateSecret; `stringData` has been put into `data`."""
    data = {key: _decode(text) for key, text in view.text_map("data").items()}
    for key, text in view.text_map("stringData").items():
        data[key] = text.encode("utf-8", "surrogatepass")
    for key in data:
        yield from checked(f"data[{key}]", key, get_config_key_errors)
    if sum(map(len, data.values())) > _LARGEST:
        yield too_long("data", _LARGEST)
    kind = view.text("type").removeprefix("kubernetes.io/")
    annotations = view.view("metadata").text_map("annotations")
    if view.text("type") == f"kubernetes.io/{kind}":
        yield from _validate_secret_type(kind, data, annotations.get(_ACCOUNT, ""))


def _validate_secret_type(kind: str, data: Mapping[str, bytes], account: str) -> Errors:
    needed = {
        "dockercfg": (".dockercfg",),
        "dockerconfigjson": (".dockerconfigjson",),
        "tls": ("tls.crt", "tls.key"),
    }
    for key in needed.get(kind, ()):
        if key not in data:
            yield required(f"data[{key}]")
    if kind == "service-account-token" and not account:
        yield required(f"metadata.annotations[{_ACCOUNT}]")
    if kind == "basic-auth" and not {"username", "password"} & data.keys():
        yield required("data[username]")
        yield required("data[password]")
    if kind == "ssh-auth" and not data.get("ssh-privatekey"):
        yield required("data[ssh-privatekey]")
    if kind.startswith("docker"):
        for key in needed.get(kind, ()):
            yield from _validate_json(f"data[{key}]", data.get(key, b"{}"))


def _validate_json(field: str, content: bytes) -> Errors:
    """Check that the content is a JSON object; how it is not is said in words of Python."""
    redacted = "<secret contents redacted>"
    try:
        value = json.loads(content)
    except ValueError as error:
        why = str(error) if content else "unexpected end of JSON input"
        yield invalid(field, redacted, why)
        return
    if value is not None and not isinstance(value, dict):
        kinds = {str: "string", list: "array", bool: "bool"}
        what = kinds.get(type(value), "number")
        words = f"json: cannot unmarshal {what} into Go value of type"
        yield invalid(field, redacted, f"{words} map[string]interface {{}}")


def validate_namespace(view: View) -> Errors:
    """Source: ValidateNamespace, whose errors name the list."""
    field = view.view("spec").path("finalizers")
    for name in view.view("spec").texts("finalizers"):
        yield from each_invalid(field, name, get_label_key_errors(name))
        yield from validate_finalizer(field, name)


def validate_node(view: View) -> Errors:
    """Source: ValidateNode, whose errors on taints name the metadata."""
    spec, status = view.view("spec"), view.view("status")
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(spec.views("taints")):
        yield from _validate_taint(View(taint.data, f"metadata.taints[{index}]"), seen)
    for name in ("capacity", "allocatable"):
        for resource, amount in status.quantities(name).items():
            yield from validate_amount(f"{status.path(name)}.{resource}", resource, amount)
    field, ranges = spec.path("podCIDRs"), spec.texts("podCIDRs")
    for index, text in enumerate(ranges):
        yield from validate_cidr(f"{field}[{index}]", text)
    if len(ranges) > 1 and (len(ranges) > 2 or not is_dual_stack(ranges)):
        yield invalid(field, ranges, "may specify no more than one CIDR for each IP family")


def _validate_taint(taint: View, seen: set[tuple[str, str]]) -> Errors:
    """Source: validateNodeTaints."""
    key, value, effect = (taint.text(name) for name in ("key", "value", "effect"))
    yield from validate_label_key(taint.path("key"), key)
    errors = get_label_value_errors(value)
    if errors:
        yield invalid(taint.path("value"), value, ";".join(errors))
    if not effect:
        yield required(taint.path("effect"))
    elif effect not in _EFFECTS:
        yield not_supported(taint.path("effect"), effect, _EFFECTS)
    if (effect, key) in seen:
        shown = {"Key": key, "Value": value, "Effect": effect}
        shown["TimeAdded"] = taint.data.get("timeAdded")  # type: ignore[assignment]
        yield duplicate(taint.field, shown, "taints must be unique by key and effect pair")
    seen.add((effect, key))


# Limits of a namespace.


def validate_limit_range(view: View) -> Errors:
    """Source: ValidateLimitRange."""
    kinds: set[str] = set()
    items = view.view("spec").views("limits")
    for item, stored in zip(items, read_limit_range(view.data), strict=True):
        kind = stored.type
        errors = get_label_key_errors(kind)
        yield from each_invalid(item.path("type"), kind, errors)
        if not errors and "/" not in kind and kind not in _LIMIT_TYPES:
            words = "must be a standard limit type or fully qualified"
            yield invalid(item.path("type"), kind, words)
        if kind in kinds:
            yield duplicate(item.path("type"), kind)
        kinds.add(kind)
        yield from _validate_limits(item, stored)


_LIMIT_TYPES = ("Pod", "Container", "PersistentVolumeClaim")


def _validate_limits(item: View, stored: LimitItem) -> Errors:
    kind = stored.type
    lists = {
        "max": stored.maximum,
        "min": stored.minimum,
        "default": stored.default_limits,
        "defaultRequest": stored.default_requests,
        "maxLimitRequestRatio": stored.ratio,
    }
    if kind == "Pod":
        for name in ("default", "defaultRequest"):
            if lists[name]:
                yield forbidden(item.path(name), "may not be specified when `type` is 'Pod'")
            lists[name] = {}
    rule = validate_container_resource if kind in ("Pod", "Container") else validate_resource_name
    for name, amounts in lists.items():
        for resource in amounts:
            yield from rule(f"{item.path(name)}[{resource}]", resource)
    storage = [name for name in ("min", "max") if "storage" in lists[name]]
    if kind == "PersistentVolumeClaim" and not storage:
        words = "either minimum or maximum storage value is required, but neither was provided"
        yield required(item.path("limits"), words)
    for resource in dict.fromkeys(key for amounts in lists.values() for key in amounts):
        found = {name: amounts.get(resource) for name, amounts in lists.items()}
        yield from _compare_limits(item, resource, found)


def _compare_limits(item: View, resource: str, found: Mapping[str, Quantity | None]) -> Errors:
    """Compare the amounts of one resource with each other."""
    words = {
        "min": "min value",
        "max": "max value",
        "default": "default value",
        "defaultRequest": "default request value",
    }
    for lower, upper, at, shown in (
        ("min", "max", "min", "min"),
        ("min", "defaultRequest", "defaultRequest", "defaultRequest"),
        ("defaultRequest", "max", "defaultRequest", "defaultRequest"),
        ("defaultRequest", "default", "defaultRequest", "defaultRequest"),
        ("min", "default", "default", "min"),
        ("default", "max", "default", "max"),
    ):
        low, high = found[lower], found[upper]
        if low is None or high is None or low.compare(high) <= 0:
            continue
        higher = words[upper]
        if (lower, upper) == ("defaultRequest", "default"):
            higher = "default limit value"
        detail = f"{words[lower]} {low} is greater than {higher} {high}"
        yield invalid(f"{item.path(at)}[{resource}]", found[shown], detail)
    ratio, default, request = (
        found["maxLimitRequestRatio"],
        found["default"],
        found["defaultRequest"],
    )
    if ratio is not None:
        field = f"{item.path('maxLimitRequestRatio')}[{resource}]"
        yield from _validate_ratio(field, ratio, found["min"], found["max"])
    if default is None or request is None or may_be_overcommitted(resource):
        return
    if default.compare(request):
        detail = f"default value {default} must equal to defaultRequest value {request}"
        field = f"{item.path('defaultRequest')}[{resource}]"
        yield invalid(field, request, f"{detail} in {resource}")


def _validate_ratio(
    field: str, ratio: Quantity, least: Quantity | None, most: Quantity | None
) -> Errors:
    if ratio.compare(parse_quantity("1")) < 0:
        yield invalid(field, ratio, f"ratio {ratio} is less than 1")
    if least is None or most is None:
        return
    amounts = [ratio.value, least.value, most.value]
    if max(amounts) < (1 << 63) // 1000:
        amounts = [ratio.milli_value, least.milli_value, most.milli_value]
        value = amounts[0] / 1000
    else:
        value = float(amounts[0])
    if amounts[1] and value > amounts[2] / amounts[1]:
        detail = f"ratio {ratio} is greater than max/min = {amounts[2] / amounts[1]:f}"
        yield invalid(field, ratio, detail)


def validate_quota(view: View) -> Errors:
    """Source: ValidateResourceQuotaSpec, validateResourceQuotaScopes."""
    spec = view.view("spec")
    hard = spec.quantities("hard")
    for name, amount in hard.items():
        field = f"{spec.path('hard')}[{name}]"
        yield from validate_quota_resource(field, name)
        yield from validate_amount(field, name, amount)
    field, scopes = spec.path("scopes"), spec.texts("scopes")
    for scope in scopes:
        yield from _validate_scope(field, scopes, scope, hard)
    for pair in _CONFLICTING:
        if set(pair) <= set(scopes):
            yield invalid(field, scopes, "conflicting scopes")
    yield from _validate_scope_selector(spec, hard)


def _validate_scope(field: str, shown: object, scope: str, hard: Mapping[str, Quantity]) -> Errors:
    if scope not in _SCOPES:
        yield invalid(field, shown, "unsupported scope")
    yield from _match_scope(field, shown, scope, hard)


def _match_scope(field: str, shown: object, scope: str, hard: Mapping[str, Quantity]) -> Errors:
    for name in sorted(hard):
        if name in QUOTA and scope in _SCOPES and name not in _SCOPES[scope]:
            yield invalid(field, shown, "unsupported scope applied to resource")


def _validate_scope_selector(spec: View, hard: Mapping[str, Quantity]) -> Errors:
    """Source: validateScopedResourceSelectorRequirement, whose errors name the list."""
    view = spec.view("scopeSelector")
    field, expressions = view.path("matchExpressions"), view.views("matchExpressions")
    names = {"ScopeName": "scopeName", "Operator": "operator", "Values": "values"}
    shown = {
        "MatchExpressions": [
            {name: each.data.get(own) for name, own in names.items()} for each in expressions
        ]
    }
    for each in expressions:
        scope = each.text("scopeName")
        if scope not in _SCOPES:
            yield invalid(f"{field}.scopeName", scope, "unsupported scope")
        yield from _match_scope(field, shown, scope, hard)
        yield from _validate_scope_operator(field, each, scope)
    scopes = {each.text("scopeName") for each in expressions}
    for pair in _CONFLICTING:
        if set(pair) <= scopes:
            yield invalid(field, spec.data.get("scopes"), "conflicting scopes")


def _validate_scope_operator(field: str, view: View, scope: str) -> Errors:
    operator, values = view.text("operator"), view.texts("values")
    by_value = ("PriorityClass", "VolumeAttributesClass")
    if scope in _SCOPES and scope not in by_value and operator != "Exists":
        yield invalid(f"{field}.operator", operator, _EXISTENTIAL)
    if operator in ("In", "NotIn"):
        if not values:
            words = "must be at least one value when `operator` is 'In' or 'NotIn' for scope"
            yield required(f"{field}.values", f"{words} selector")
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            words = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope"
            yield invalid(f"{field}.values", values, f"{words} selector")
    else:
        yield invalid(f"{field}.operator", operator, "not a valid selector operator")
