"""Rules for claims of devices and their templates, classes of devices, and slices of them.

Source: `pkg/apis/resource/validation/validation.go`, v1.36, with the defaults of
`pkg/apis/resource/v1/defaults.go`. Judged in the form of `resource.k8s.io/v1` and `v1beta2`; in
older versions a request stood where `exactly` does. Left out: expressions in CEL, tolerations,
attributes and capacities, parameters of drivers.
"""

from collections.abc import Mapping

from planespec.spec.names import get_dns1123_label_errors, get_dns1123_subdomain_errors
from planespec.spec.objects import View
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    duplicate,
    invalid,
    not_supported,
    required,
    too_long,
    too_many,
)
from planespec.spec.validation.pod.volume_sources import validate_driver_name

_OLDER = ("resource.k8s.io/v1alpha2", "resource.k8s.io/v1alpha3", "resource.k8s.io/v1beta1")
_MODES = ("All", "ExactCount")
_MOST, _MOST_CHOICES, _MOST_DEVICES = 32, 8, 128
_LONGEST_POOL = 253
_ONE = "exactly one of `exactly` or `firstAvailable` is required"
_NAMED = "must be the name of a request in the claim or the name of a request and a subrequest"
_PLACES = ("nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection")


def validate_resource_claim(view: View) -> Errors:
    """Source: ValidateResourceClaim."""
    if view.text("apiVersion") not in _OLDER:
        yield from _validate_devices(view.view("spec").view("devices"))


def validate_claim_template(view: View) -> Errors:
    """Source: ValidateResourceClaimTemplate."""
    if view.text("apiVersion") not in _OLDER:
        yield from _validate_devices(view.view("spec").view("spec").view("devices"))


def validate_device_class(view: View) -> Errors:
    """Source: ValidateDeviceClass."""
    spec = view.view("spec")
    yield from _validate_selectors(spec)
    yield from _limit(spec, "config", _MOST)
    for config in spec.views("config"):
        yield from _validate_opaque(config)


def _validate_devices(devices: View) -> Errors:
    """Source: validateDeviceClaim."""
    names: dict[str, set[str]] = {}
    for request in devices.views("requests"):
        name = request.text("name")
        yield from checked(request.path("name"), name, get_dns1123_label_errors)
        if name in names:
            yield duplicate(request.path("name"), name)
        names[name] = {each.text("name") for each in request.views("firstAvailable")}
        yield from _validate_request(request)
    for field in ("requests", "constraints", "config"):
        yield from _limit(devices, field, _MOST)
    for constraint in devices.views("constraints"):
        yield from _validate_references(constraint, names)
        if not constraint.has("matchAttribute") and not constraint.has("distinctAttribute"):
            yield required(constraint.path("matchAttribute"))
    for config in devices.views("config"):
        yield from _validate_references(config, names)
        yield from _validate_opaque(config)


def _limit(holder: View, name: str, most: int) -> Errors:
    count = len(holder.items(name))
    if count > most:
        yield too_many(holder.path(name), count, most)


def _validate_request(request: View) -> Errors:
    """Source: validateDeviceRequest."""
    choices = request.views("firstAvailable")
    if choices and request.has("exactly"):
        yield invalid(request.field, None, f"{_ONE}, but multiple fields are set")
    elif choices:
        yield from _limit(request, "firstAvailable", _MOST_CHOICES)
        seen: set[str] = set()
        for choice in choices:
            name, field = choice.text("name"), choice.path("name")
            yield from checked(field, name, get_dns1123_label_errors)
            if name in seen:
                yield duplicate(field, name)
            seen.add(name)
            yield from _validate_wanted(choice)
    elif request.has("exactly"):
        yield from _validate_wanted(request.view("exactly"))
    else:
        yield required(request.field, _ONE)


def _validate_wanted(wanted: View) -> Errors:
    """Source: validateExactDeviceRequest, validateDeviceSubRequest."""
    name, field = wanted.text("deviceClassName"), wanted.path("deviceClassName")
    if not name:
        yield required(field)
    else:
        yield from checked(field, name, get_dns1123_subdomain_errors)
    yield from _validate_selectors(wanted)
    mode, count = wanted.text("allocationMode"), wanted.integer("count") or 0
    if mode and mode not in _MODES:
        yield not_supported(wanted.path("allocationMode"), mode, _MODES)
    elif mode == "All" and count:
        words = "must not be specified when allocationMode is 'All'"
        yield invalid(wanted.path("count"), count, words)
    elif count < 0:  # 0 gets the default
        yield invalid(wanted.path("count"), count, "must be greater than zero")


def _validate_selectors(holder: View) -> Errors:
    """Source: validateSelectorSlice."""
    yield from _limit(holder, "selectors", _MOST)
    for selector in holder.views("selectors"):
        if not selector.has("cel"):
            yield required(selector.path("cel"))


def _validate_references(holder: View, names: Mapping[str, set[str]]) -> Errors:
    """Source: validateRequestNameRef."""
    seen: set[str] = set()
    for index, name in enumerate(holder.texts("requests")):
        field = f"{holder.path('requests')}[{index}]"
        request, slash, choice = name.partition("/")
        if request not in names or (slash and choice not in names[request]):
            yield invalid(field, name, f"{_NAMED} separated by '/'")
        elif name in seen:
            yield duplicate(field, name)
        seen.add(name)


def _validate_opaque(config: View) -> Errors:
    """Source: validateDeviceConfiguration."""
    if not config.has("opaque"):
        yield required(config.path("opaque"))
        return
    opaque = config.view("opaque")
    yield from validate_driver_name(opaque.path("driver"), opaque.text("driver"))
    if not opaque.has("parameters"):
        yield required(opaque.path("parameters"))


def validate_resource_slice(view: View) -> Errors:
    """Source: ValidateResourceSlice."""
    spec = view.view("spec")
    yield from validate_driver_name(spec.path("driver"), spec.text("driver"))
    pool = spec.view("pool")
    yield from _validate_pool_name(pool.path("name"), pool.text("name"))
    slices, generation = pool.integer("resourceSliceCount"), pool.integer("generation") or 0
    if slices is not None and slices <= 0:
        yield invalid(pool.path("resourceSliceCount"), slices, "must be greater than zero")
    if generation < 0:
        words = "must be greater than or equal to zero"
        yield invalid(pool.path("generation"), generation, words)
    seen: set[str] = set()
    for device in spec.views("devices"):
        name, field = device.text("name"), device.path("name")
        yield from checked(field, name, get_dns1123_label_errors)
        if name in seen:
            yield duplicate(field, name)
        seen.add(name)
    yield from _limit(spec, "devices", _MOST_DEVICES)
    if view.text("apiVersion") not in _OLDER:
        yield from _validate_place(spec)


def _validate_pool_name(field: str, name: str) -> Errors:
    """Source: validatePoolName."""
    if not name:
        yield required(field)
        return
    if len(name) > _LONGEST_POOL:
        yield too_long(field, _LONGEST_POOL)
    for part in name.split("/"):
        yield from checked(field, part, get_dns1123_subdomain_errors)


def _validate_place(spec: View) -> Errors:
    """Exactly one field says which nodes reach the devices."""
    given = [name for name in _PLACES if spec.data.get(name)]
    words = f"exactly one of {', '.join(f'`{name}`' for name in _PLACES)} is required"
    if not given:
        yield required(spec.field, words)
    elif len(given) > 1:
        yield invalid(spec.field, None, f"{words}, but multiple fields are set")
