"""What a ResourceClaim asks for: requests, each with alternatives, and constraints on them.

Source: `staging/src/k8s.io/api/resource/v1/types.go`, DeviceClaim.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.objects import View
from planespec.spec.scheduling.devices.device_inventory import (
    HARD_TAINTS,
    Device,
    Devices,
    DeviceTaint,
    UnsupportedSelectorError,
)


class NoClassError(Exception):
    """A request names a device class that does not exist; carries upstream's reason."""


@dataclass(frozen=True)
class Alternative:
    """One way to satisfy a request."""

    name: str
    """`request`, or `request/subrequest`."""
    class_name: str
    selectors: Sequence[str]
    """CEL expressions, of the class and of the request; all must hold."""
    count: int | None
    """How many devices; None for all that match."""
    is_admin: bool
    """Whether it looks on: such devices may be in use, and stay free."""
    tolerations: Sequence[View]

    def accepts(self, device: Device, devices: Devices) -> bool:
        """Tell whether taints and selectors allow the device, leaving aside who holds it."""
        if any(not self._tolerates(taint) for taint in device.taints):
            return False
        return all(devices.evaluate(each, device.as_variable) for each in self.selectors)

    def _tolerates(self, taint: DeviceTaint) -> bool:
        if taint.effect not in HARD_TAINTS:
            return True
        return any(_tolerates(each, taint) for each in self.tolerations)


def _tolerates(toleration: View, taint: DeviceTaint) -> bool:
    if toleration.text("effect") not in ("", taint.effect):
        return False
    if toleration.text("key") not in ("", taint.key):
        return False
    if toleration.text("operator") == "Exists":
        return True
    return toleration.text("value") == taint.value


@dataclass(frozen=True)
class Constraint:
    """Devices of some requests agree in an attribute, or all differ in it."""

    attribute: str
    is_distinct: bool
    requests: frozenset[str]
    """Empty for all requests of the claim."""

    def concerns(self, name: str) -> bool:
        """Tell whether the devices of a request or subrequest take part."""
        return not self.requests or bool({name, name.partition("/")[0]} & self.requests)

    def allows(self, chosen: Sequence[Device], device: Device) -> bool:
        """Tell whether a device goes with those chosen; one without the attribute never does."""
        value = device.attributes.get(self.attribute)
        if value is None:
            return False
        others = [other.attributes[self.attribute] for other in chosen]
        return value not in others if self.is_distinct else all(value == each for each in others)


@dataclass(frozen=True)
class DeviceClaim:
    """A claim that has no devices yet."""

    name: str
    requests: Sequence[Sequence[Alternative]]
    """For each request its alternatives, in the order in which they are tried."""
    constraints: Sequence[Constraint]


def read_device_claim(name: str, spec: View, classes: Mapping[str, View]) -> DeviceClaim:
    """Read `spec.devices` of a claim; raises NoClassError and UnsupportedSelectorError."""
    devices = spec.view("devices")
    return DeviceClaim(
        name,
        [_read_request(each, classes) for each in devices.views("requests")],
        [_read_constraint(each) for each in devices.views("constraints")],
    )


def make_implicit_claim(
    wanted: Mapping[str, tuple[str, int]], classes: Mapping[str, View]
) -> DeviceClaim:
    """Return the claim behind extended resources: of each its class and number."""
    requests = [
        [_make(name, class_name, count, View({}), classes)]
        for name, (class_name, count) in wanted.items()
    ]
    return DeviceClaim("extended resources", requests, ())


def _read_request(view: View, classes: Mapping[str, View]) -> Sequence[Alternative]:
    """Read a request: `exactly`, `firstAvailable`, or the fields of v1beta1 in the request."""
    name = view.text("name")
    if view.has("firstAvailable"):
        return [
            _read_alternative(f"{name}/{each.text('name')}", each, classes)
            for each in view.views("firstAvailable")
        ]
    inner = view.view("exactly") if view.has("exactly") else view
    return [_read_alternative(name, inner, classes)]


def _read_alternative(name: str, view: View, classes: Mapping[str, View]) -> Alternative:
    if view.has("capacity"):
        raise UnsupportedSelectorError(f"request {name}, which asks for capacity of devices")
    mode, count = view.text("allocationMode"), view.integer("count")
    if mode not in ("", "ExactCount", "All"):
        raise UnsupportedSelectorError(f"request {name}, which has the allocation mode {mode}")
    wanted = None if mode == "All" else 1 if count is None else count
    return _make(name, view.text("deviceClassName"), wanted, view, classes)


def _make(
    name: str, class_name: str, count: int | None, view: View, classes: Mapping[str, View]
) -> Alternative:
    if class_name not in classes:
        raise NoClassError(f"request {name}: device class {class_name} does not exist")
    own = classes[class_name].view("spec")
    expressions = [
        selector.view("cel").text("expression")
        for each in (own, view)
        for selector in each.views("selectors")
    ]
    return Alternative(
        name, class_name, expressions, count, view.flag("adminAccess"), view.views("tolerations")
    )


def _read_constraint(view: View) -> Constraint:
    names = frozenset(view.texts("requests"))
    for field, is_distinct in (("matchAttribute", False), ("distinctAttribute", True)):
        if view.has(field):
            return Constraint(view.text(field), is_distinct, names)
    raise UnsupportedSelectorError(f"a constraint of {', '.join(view.data) or 'no field'}")
