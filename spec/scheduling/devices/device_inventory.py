"""Devices as drivers publish them in ResourceSlices, and those that claims hold already.

Read are resource.k8s.io/v1 and the older shapes of v1beta1 (`basic`). Sources:
`staging/src/k8s.io/dynamic-resource-allocation/structured/internal/stable/pools_stable.go` and
`staging/src/k8s.io/api/resource/v1/types.go`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from planespec.spec.objects import ObjectMeta, View
from planespec.spec.pods.node_selection import read_node_selector
from planespec.spec.quantity import Quantity

IMPLICIT_CLASS = "deviceclass.resource.kubernetes.io/"
"""Before the name of a device class: the extended resource that every class serves."""
HARD_TAINTS = ("NoSchedule", "NoExecute")


class UnsupportedSelectorError(Exception):
    """A CEL expression, or a field of a claim or device, is not modelled; says which."""


class FailedSelectorError(Exception):
    """A CEL expression ends in an error on a device; upstream gives up on the pod then."""


Evaluate = Callable[[str, Mapping[str, object]], bool]
"""Evaluate a CEL expression on `device`: driver, attributes and capacity by domain and name.

Attributes are bool, int or str; a version is `{"version": text}` and a capacity
`{"quantity": text}`. Raises the two errors above.
"""


def refuse_expressions(expression: str, device: Mapping[str, object]) -> bool:
    """Stand in where no evaluator of CEL is at hand."""
    raise UnsupportedSelectorError(f"the CEL expression {expression!r}")


class DeviceId(NamedTuple):
    """What names a device in the whole cluster."""

    driver: str
    pool: str
    name: str

    def __str__(self) -> str:
        return f"{self.driver}/{self.pool}/{self.name}"


class DeviceTaint(NamedTuple):
    """A taint of a device."""

    key: str
    value: str
    effect: str


@dataclass(frozen=True, eq=False)
class Device:
    """One device with what selectors and constraints may ask of it."""

    id: DeviceId
    attributes: Mapping[str, object]
    """By full name, `domain/name`."""
    capacity: Mapping[str, Quantity]
    taints: Sequence[DeviceTaint]
    counters: Sequence[tuple[str, Mapping[str, Quantity]]]
    """Counter sets of its pool of which it takes some."""
    is_shareable: bool
    """Whether several claims may share it, by capacity."""

    @cached_property
    def as_variable(self) -> Mapping[str, object]:
        """What CEL sees as `device`."""
        versions: dict[str, dict[str, object]] = {}
        for name, value in self.attributes.items():
            domain, _, short = name.rpartition("/")
            versions.setdefault(domain, {})[short] = value
        sizes: dict[str, dict[str, object]] = {}
        for name, quantity in self.capacity.items():
            domain, _, short = name.rpartition("/")
            sizes.setdefault(domain, {})[short] = {"quantity": str(quantity)}
        return {
            "driver": self.id.driver,
            "attributes": versions,
            "capacity": sizes,
            "allowMultipleAllocations": self.is_shareable,
        }


@dataclass(frozen=True)
class Pool:
    """The devices of one pool of a driver, at its newest generation."""

    driver: str
    name: str
    places: Sequence[tuple[View, Device]]
    """Each device with what says on which nodes it can be used."""
    counters: Mapping[tuple[str, str], Quantity]
    """What its counter sets hold in all, by set and counter."""
    is_complete: bool
    """Whether all its slices are there; the devices of others are not handed out."""


Key = tuple[str, str]


@dataclass(frozen=True)
class Devices:
    """All of resource.k8s.io in a cluster."""

    slices: Sequence[View] = ()
    claims: Mapping[Key, View] = field(default_factory=dict)
    """By namespace and name."""
    classes: Mapping[str, View] = field(default_factory=dict)
    taint_rules: Sequence[View] = ()
    evaluate: Evaluate = refuse_expressions

    @cached_property
    def pools(self) -> Sequence[Pool]:
        """The pools in the order of their slices."""
        by_pool: dict[tuple[str, str], list[View]] = {}
        for each in self.slices:
            spec = each.view("spec")
            key = (spec.text("driver"), spec.view("pool").text("name"))
            by_pool.setdefault(key, []).append(spec)
        return [self._read_pool(*key, specs) for key, specs in by_pool.items()]

    def _read_pool(self, driver: str, name: str, specs: Sequence[View]) -> Pool:
        newest = max(_generation(spec) for spec in specs)
        kept = [spec for spec in specs if _generation(spec) == newest]
        wanted = kept[0].view("pool").integer("resourceSliceCount") or 0
        places = [
            (device if spec.flag("perDeviceNodeSelection") else spec, self._read(spec, device))
            for spec in kept
            for device in spec.views("devices")
        ]
        counters = {
            (shared.text("name"), counter): shared.view("counters").view(counter).quantity("value")
            for spec in kept
            for shared in spec.views("sharedCounters")
            for counter in shared.view("counters").data
        }
        return Pool(driver, name, places, counters, len(kept) >= wanted)

    def _read(self, spec: View, device: View) -> Device:
        id_ = DeviceId(spec.text("driver"), spec.view("pool").text("name"), device.text("name"))
        inner = device.view("basic") if device.has("basic") else device
        return Device(
            id_,
            {_full(id_.driver, k): _read_value(v) for k, v in _parts(inner, "attributes")},
            {_full(id_.driver, k): _read_size(inner, k, v) for k, v in _parts(inner, "capacity")},
            [*map(_read_taint, inner.views("taints")), *self._list_ruled(id_)],
            [
                (
                    each.text("counterSet"),
                    {k: v.quantity("value") for k, v in _parts(each, "counters")},
                )
                for each in inner.views("consumesCounters")
            ],
            inner.flag("allowMultipleAllocations"),
        )

    def _list_ruled(self, device: DeviceId) -> Iterable[DeviceTaint]:
        """Yield the taints that DeviceTaintRules put on the device."""
        for rule in self.taint_rules:
            selector = rule.view("spec").view("deviceSelector")
            if selector.has("deviceClassName") or selector.has("selectors"):
                name = ObjectMeta(rule.data.get("metadata")).name
                raise UnsupportedSelectorError(f"DeviceTaintRule {name} selects by class or CEL")
            wanted = (selector.text("driver"), selector.text("pool"), selector.text("device"))
            if all(one in ("", other) for one, other in zip(wanted, device, strict=True)):
                yield _read_taint(rule.view("spec").view("taint"))

    @cached_property
    def allocated(self) -> Mapping[DeviceId, Key]:
        """The devices that claims hold, with the claim; those held for administration are free."""
        held: dict[DeviceId, Key] = {}
        for key, claim in self.claims.items():
            allocation = claim.view("status").view("allocation")
            for result in allocation.view("devices").views("results"):
                if not result.flag("adminAccess"):
                    named = (result.text("driver"), result.text("pool"), result.text("device"))
                    held[DeviceId(*named)] = key
        return held

    @cached_property
    def extended_resources(self) -> Mapping[str, str]:
        """The class behind each extended resource that a class serves."""
        named = {IMPLICIT_CLASS + name: name for name in self.classes}
        for name, each in self.classes.items():
            resource = each.view("spec").text("extendedResourceName")
            if resource:
                named[resource] = name
        return named

    def count_used(self, pool: Pool) -> Counter[tuple[str, str]]:
        """Return how much of the counters of a pool its allocated devices take, in thousandths."""
        used: Counter[tuple[str, str]] = Counter()
        for _, device in pool.places:
            if device.id in self.allocated:
                used.update(count_counters(device))
        return used


def count_counters(device: Device) -> dict[tuple[str, str], int]:
    """Return how much a device takes of each counter of its pool, in thousandths."""
    return {
        (name, counter): quantity.milli_value
        for name, counters in device.counters
        for counter, quantity in counters.items()
    }


def is_usable_on(place: View, node: str, labels: Mapping[str, str]) -> bool:
    """Tell whether a slice, or a device that says so itself, belongs to the node."""
    if place.has("nodeName"):
        return place.text("nodeName") == node
    if place.has("nodeSelector"):
        selector = read_node_selector(place.data["nodeSelector"], place.path("nodeSelector"))
        return any(term.matches(node, labels) for term in selector.terms)
    return place.flag("allNodes")


def _generation(spec: View) -> int:
    return spec.view("pool").integer("generation") or 0


def _full(driver: str, name: str) -> str:
    """Names without a domain are in that of the driver."""
    return name if "/" in name else f"{driver}/{name}"


def _parts(view: View, name: str) -> Iterable[tuple[str, View]]:
    inner = view.view(name)
    for key, value in inner.data.items():
        yield key, View({"value": value} if isinstance(value, str | int) else value)


def _read_value(value: View) -> object:
    if value.has("version"):
        return {"version": value.text("version")}
    for name in ("bool", "int", "string"):
        if value.has(name):
            return value.data[name]
    raise UnsupportedSelectorError("an attribute that is no bool, int, string or version")


def _read_size(device: View, name: str, value: View) -> Quantity:
    if value.has("requestPolicy"):
        raise UnsupportedSelectorError(f"the capacity {name} with a request policy")
    return value.quantity("value")


def _read_taint(view: View) -> DeviceTaint:
    return DeviceTaint(view.text("key"), view.text("value"), view.text("effect"))
