"""Rules for volumes, claims, and what drivers and classes of storage say.

Source: `pkg/apis/storage/validation/validation.go`, v1.36, with the defaults of
`pkg/apis/storage/v1/defaults.go`, and `pkg/apis/core/validation/validation.go`,
ValidateTopologySelectorTerm.
"""

from planespec.spec.names import get_dns1123_subdomain_errors
from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    positive_or_zero,
    required,
    too_long,
)
from planespec.spec.validation.persistent_volumes import validate_claim_spec, validate_volume_spec
from planespec.spec.validation.pod.volume_sources import validate_driver_name
from planespec.spec.validation.value_rules import validate_label_key, validate_selector

_RECLAIM = ENUMERATIONS["storage.StorageClass"]["reclaimPolicy"]
_BINDING = ENUMERATIONS["storage.StorageClass"]["volumeBindingMode"]
_GROUP_POLICIES = ENUMERATIONS["storage.CSIDriverSpec"]["fsGroupPolicy"]
_LIFECYCLES = ENUMERATIONS["storage.CSIDriverSpec"]["volumeLifecycleModes"]
_MOST_PARAMETERS, _LARGEST, _LONGEST_NODE = 512, 256 << 10, 192


def validate_claim(view: View) -> Errors:
    """Source: ValidatePersistentVolumeClaim."""
    return validate_claim_spec(view.view("spec"))


def validate_volume(view: View) -> Errors:
    """Source: ValidatePersistentVolume."""
    return validate_volume_spec(view.view("spec"))


def validate_storage_class(view: View) -> Errors:
    """Source: ValidateStorageClass."""
    yield from _validate_provisioner(view, "provisioner")
    yield from _validate_parameters(view)
    for name, allowed in (("reclaimPolicy", _RECLAIM), ("volumeBindingMode", _BINDING)):
        value = view.text(name)
        if value and value not in allowed:
            yield not_supported(name, value, allowed)
    yield from _validate_topologies(view.views("allowedTopologies"))


def validate_attributes_class(view: View) -> Errors:
    """Source: ValidateVolumeAttributesClass."""
    yield from _validate_provisioner(view, "driverName")
    yield from _validate_parameters(view)
    if not view.text_map("parameters"):
        yield required("parameters", "must contain at least one key/value pair")


def _validate_provisioner(view: View, name: str) -> Errors:
    value = view.text(name)
    if not value:
        yield required(name)
    else:
        yield from validate_label_key(name, value.lower())


def _validate_parameters(view: View) -> Errors:
    parameters = view.text_map("parameters")
    if len(parameters) > _MOST_PARAMETERS:
        yield too_long("parameters", _MOST_PARAMETERS)
        return
    if "" in parameters:
        yield invalid("parameters", "", "field can not be empty.")
    if _measure(parameters) > _LARGEST:
        yield too_long("parameters", _LARGEST)


def _measure(texts: dict[str, str]) -> int:
    return sum(len(part.encode()) for pair in texts.items() for part in pair)


def _validate_topologies(terms: list[View]) -> Errors:
    """Source: validateAllowedTopologies, which finds an empty term equal to those to come."""
    known: list[dict[str, set[str]]] = []
    for term in terms:
        keys: dict[str, set[str]] = {}
        for expression in term.views("matchLabelExpressions"):
            yield from _validate_topology(expression, keys)
        if keys in known or not keys:
            yield duplicate(term.path("matchLabelExpressions"), "")
        known.append(keys)


def _validate_topology(expression: View, keys: dict[str, set[str]]) -> Errors:
    """Source: validateTopologySelectorLabelRequirement."""
    field, seen = expression.path("values"), set[str]()
    key = expression.text("key")
    values = expression.texts("values")
    if not values:
        yield required(field)
    for index, value in enumerate(values):
        if value in seen:
            yield duplicate(f"{field}[{index}]", value)
        seen.add(value)
    yield from validate_label_key(expression.path("key"), key)
    if key in keys:
        yield duplicate(expression.path("key"), key)
    keys[key] = seen


def validate_attachment(view: View) -> Errors:
    """Source: ValidateVolumeAttachment, ValidateVolumeAttachmentV1."""
    spec = view.view("spec")
    attacher = spec.text("attacher")
    if not attacher:
        yield required(spec.path("attacher"))
    yield from validate_driver_name(spec.path("attacher"), attacher)
    source = spec.view("source")
    names = ("inlineVolumeSpec", "persistentVolumeName")
    present = [name for name in names if source.has(name)]
    words = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
    if not present:
        yield required(source.field, words)
    elif len(present) > 1:
        yield forbidden(source.field, words)
    elif "inlineVolumeSpec" in present:
        yield from validate_volume_spec(source.view("inlineVolumeSpec"), is_inline=True)
    elif not source.text("persistentVolumeName"):
        detail = "must specify non empty persistentVolumeName"
        yield required(source.path("persistentVolumeName"), detail)
    for name, value in (
        (source.path("persistentVolumeName"), source.text("persistentVolumeName")),
        (spec.path("nodeName"), spec.text("nodeName")),
    ):
        if value or name.endswith("nodeName"):
            yield from checked(name, value, get_dns1123_subdomain_errors)


def validate_driver(view: View) -> Errors:
    """Source: validateCSIDriverSpec; what must be set has defaults."""
    spec = view.view("spec")
    policy = spec.text("fsGroupPolicy")
    if policy and policy not in _GROUP_POLICIES:
        yield not_supported(spec.path("fsGroupPolicy"), policy, _GROUP_POLICIES)
    seen: set[str] = set()
    for request in spec.views("tokenRequests"):
        yield from _validate_token_request(request, seen)
    for mode in spec.texts("volumeLifecycleModes"):
        if mode not in _LIFECYCLES:
            yield not_supported(spec.path("volumeLifecycleModes"), mode, _LIFECYCLES)
    seconds = spec.integer("nodeAllocatableUpdatePeriodSeconds")
    if seconds is not None and seconds < 10:
        words = "must be greater than or equal to 10 seconds"
        yield invalid(spec.path("nodeAllocatableUpdatePeriodSeconds"), seconds, words)


def _validate_token_request(request: View, seen: set[str]) -> Errors:
    """Source: validateTokenRequests."""
    audience, seconds = request.text("audience"), request.integer("expirationSeconds")
    if audience in seen:
        yield duplicate(request.path("audience"), audience)
        return
    seen.add(audience)
    field = request.path("expirationSeconds")
    if seconds is not None and seconds < 600:
        yield invalid(field, seconds, "may not specify a duration less than 10 minutes")
    if seconds is not None and seconds > 1 << 32:
        yield invalid(field, seconds, "may not specify a duration larger than 2^32 seconds")


def validate_driver_node(view: View) -> Errors:
    """Source: validateCSINodeDriver."""
    seen: set[str] = set()
    for driver in view.view("spec").views("drivers"):
        name, node = driver.text("name"), driver.text("nodeID")
        yield from validate_driver_name(driver.path("name"), name)
        if not node:
            yield required(driver.path("nodeID"))
        if len(node.encode()) > _LONGEST_NODE:
            words = f"must be {_LONGEST_NODE} characters or less"
            yield invalid(driver.path("nodeID"), node, words)
        count = driver.view("allocatable")
        yield from positive_or_zero(count.path("count"), count.integer("count"))
        if name in seen:
            yield duplicate(driver.path("name"), name)
        seen.add(name)
        keys = driver.texts("topologyKeys")
        for index, key in enumerate(keys):
            if not key:
                yield required(driver.field)
            if key in keys[:index]:
                yield duplicate(driver.field, key)
            yield from validate_label_key(driver.field, key)


def validate_storage_capacity(view: View) -> Errors:
    """Source: ValidateCSIStorageCapacity."""
    yield from validate_selector(view.view("nodeTopology"))
    name = view.text("storageClassName")
    yield from checked("storageClassName", name, get_dns1123_subdomain_errors)
    if view.has("capacity") and view.quantity("capacity").sign < 0:
        words = "must be greater than or equal to 0"
        yield invalid("capacity", view.quantity("capacity"), words)
