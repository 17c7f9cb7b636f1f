"""Rules for names and amounts of resources.

Source: `pkg/apis/core/validation/validation.go` (validateResourceRequirements,
ValidateResourceQuantityValue) and `pkg/apis/core/helper/helpers.go`, v1.36.
"""

from collections.abc import Callable, Collection, Mapping

from planespec.spec.names import get_dns1123_label_errors, get_label_key_errors
from planespec.spec.objects import View
from planespec.spec.pods.resources import is_huge_page, is_pod_level_resource
from planespec.spec.quantity import Quantity, QuantityError, parse_quantity
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    duplicate,
    forbidden,
    invalid,
    not_found,
    not_supported,
    required,
)

NameRule = Callable[[str, str], Errors]
"""Takes the field and the name of a resource."""

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
COUNTED = (
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
)
"""Quota resources that count objects."""
QUOTA = frozenset(
    (
        *_COMPUTE,
        *COUNTED,
        *(f"{prefix}.{name}" for prefix in ("requests", "limits") for name in _COMPUTE),
        "requests.storage",
    )
)
_STANDARD = QUOTA | {"storage"}
_POD_LEVEL = ("cpu", "hugepages-", "memory")


def is_native(name: str) -> bool:
    """Say whether a resource is Kubernetes' own."""
    return "/" not in name or "kubernetes.io/" in name


def is_extended(name: str) -> bool:
    """Say whether a resource is one that a device plugin may offer."""
    if is_native(name) or name.startswith("requests."):
        return False
    return not get_label_key_errors(f"requests.{name}")


def may_be_overcommitted(name: str) -> bool:
    """Say whether limits may exceed requests."""
    return is_native(name) and not is_huge_page(name)


def is_quota_huge_page(name: str) -> bool:
    """Say whether the name is that of huge pages, also as quotas write it."""
    return name.startswith(("hugepages-", "requests.hugepages-"))


def validate_resource_name(field: str, name: str) -> Errors:
    """Source: validateResourceName."""
    errors = get_label_key_errors(name)
    for error in errors:
        yield invalid(field, name, error)
    if not errors and "/" not in name and not (name in _STANDARD or is_quota_huge_page(name)):
        yield invalid(field, name, "must be a standard resource type or fully qualified")


def validate_container_resource(field: str, name: str) -> Errors:
    """Source: validateContainerResourceName."""
    yield from validate_resource_name(field, name)
    if "/" not in name:
        if name not in _COMPUTE and not is_huge_page(name):
            yield invalid(field, name, "must be a standard resource for containers")
    elif not is_native(name) and not is_extended(name):
        yield invalid(field, name, "doesn't follow extended resource name standard")


def validate_pod_level_resource(field: str, name: str) -> Errors:
    """Source: validatePodResourceName."""
    errors = list(validate_resource_name(field, name))
    yield from errors
    if not errors and not is_pod_level_resource(name):
        yield not_supported(field, name, _POD_LEVEL)


def validate_quota_resource(field: str, name: str) -> Errors:
    """Source: ValidateResourceQuotaResourceName."""
    yield from validate_resource_name(field, name)
    if "/" not in name and not (name in QUOTA or is_quota_huge_page(name)):
        yield invalid(field, name, "must be a standard resource for quota")


def validate_amount(field: str, name: str, amount: Quantity) -> Errors:
    """Not negative, and whole where it counts things. Source: ValidateResourceQuantityValue."""
    yield from validate_not_negative(field, amount)
    if (name in COUNTED or is_extended(name)) and amount.milli_value % 1000:
        yield invalid(field, amount, "must be an integer")


def validate_not_negative(field: str, amount: Quantity) -> Errors:
    """Source: ValidateNonnegativeQuantity."""
    if amount.sign < 0:
        yield invalid(field, str(amount), "must be greater than or equal to 0")


def validate_positive(field: str, amount: Quantity) -> Errors:
    """Source: ValidatePositiveQuantityValue."""
    if amount.sign <= 0:
        yield invalid(field, str(amount), "must be greater than zero")


def validate_requirements(view: View, rule: NameRule, claims: Collection[str]) -> Errors:
    """Check requests, limits and claims; `view` has its defaults.

    Source: validateResourceRequirements.
    """
    limits, requests = view.quantities("limits"), view.quantities("requests")
    for name, amount in limits.items():
        yield from _validate_entry(f"{view.path('limits')}[{name}]", name, amount, rule)
    for name, amount in requests.items():
        yield from _validate_entry(f"{view.path('requests')}[{name}]", name, amount, rule)
        yield from _validate_against_limit(view, name, amount, limits)
    named = limits.keys() | requests.keys()
    if any(map(is_huge_page, named)) and not named & {"cpu", "memory"}:
        yield forbidden(view.field, "HugePages require cpu or memory")
    yield from _validate_claims(view, claims)


def _validate_entry(field: str, name: str, amount: Quantity, rule: NameRule) -> Errors:
    yield from rule(field, name)
    yield from validate_amount(field, name, amount)
    if is_huge_page(name) and not _is_divisible(name, amount):
        detail = f"{amount} is not positive integer multiple of {name}"
        yield invalid(field, str(amount), detail)


def _is_divisible(name: str, amount: Quantity) -> bool:
    """Source: IsHugePageResourceValueDivisible."""
    try:
        size = parse_quantity(name.removeprefix("hugepages-")).value
    except QuantityError:
        return False
    return size > 0 and amount.value % size == 0


def _validate_against_limit(
    view: View, name: str, amount: Quantity, limits: Mapping[str, Quantity]
) -> Errors:
    field = view.path("requests")
    if name not in limits:
        if not may_be_overcommitted(name):
            yield required(
                view.path("limits"), "Limit must be set for non overcommitable resources"
            )
        return
    order = amount.compare(limits[name])
    if order and not may_be_overcommitted(name):
        yield invalid(field, str(amount), f"must be equal to {name} limit of {limits[name]}")
    elif order > 0:
        detail = f"must be less than or equal to {name} limit of {limits[name]}"
        yield invalid(field, str(amount), detail)


def _validate_claims(view: View, claims: Collection[str]) -> Errors:
    """Source: validateResourceClaimNames."""
    seen: set[str] = set()
    for claim in view.views("claims"):
        name, request = claim.text("name"), claim.text("request")
        if not name:
            yield required(claim.field)
            continue
        key = f"{name}/{request}" if request else name
        if request:
            yield from checked(claim.path("request"), request, get_dns1123_label_errors)
        if name in seen or key in seen:
            yield duplicate(claim.field, name if name in seen else key)
        elif not request and any(each.startswith(f"{name}/") for each in seen):
            yield duplicate(claim.field, name)
        seen.add(key)
        if name not in claims:
            listed = f": {', '.join(sorted(claims))}" if claims else " which is empty"
            detail = f"must be one of the names in pod.spec.resourceClaims{listed}"
            yield not_found(claim.field, name, detail)
