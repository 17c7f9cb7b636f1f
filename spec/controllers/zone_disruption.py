"""How fast pods are evicted from nodes of a zone in which many nodes are not ready.

Source: Kubernetes v1.36, `handleDisruption`, `ComputeZoneState`, `ReducedQPSFunc` of
`pkg/controller/nodelifecycle/node_lifecycle_controller.go`. Left out: taints taken off again when
every zone is down, and the clocks of nodes set anew when one comes back.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class ZoneState(StrEnum):
    """How a zone is; `NONE` is what a map of Go gives for a zone that it does not have."""

    NONE = ""
    INITIAL = "Initial"
    NORMAL = "Normal"
    PARTIAL = "PartialDisruption"
    FULL = "FullDisruption"


@dataclass(frozen=True, slots=True)
class ZoneNodes:
    """How many nodes of a zone are ready and not."""

    ready: int
    not_ready: int

    @property
    def size(self) -> int:
        """All of them."""
        return self.ready + self.not_ready


@dataclass(frozen=True, slots=True)
class EvictionRates:
    """What the controller manager was started with; rates in nodes a second."""

    normal: float
    """`--node-eviction-rate`."""
    reduced: float
    """`--secondary-node-eviction-rate`."""
    large_cluster: int
    """`--large-cluster-size-threshold`: in a zone of more nodes the reduced rate is not 0."""
    unhealthy: float
    """`--unhealthy-zone-threshold`: the part of a zone that makes a partial disruption."""


@dataclass(frozen=True, slots=True)
class ZoneDisruption:
    """The states of zones that the controller remembers, and the rate in each that it ever saw."""

    rates: EvictionRates
    states: Mapping[str, ZoneState] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)

    def compute_state(self, nodes: ZoneNodes) -> ZoneState:
        """How a zone with these nodes is (`ComputeZoneState`), in numbers of 32 bits."""
        if nodes.ready == 0 and nodes.not_ready > 0:
            return ZoneState.FULL
        if nodes.not_ready > 2:
            part = _to_float32(nodes.not_ready / nodes.size)
            if part >= _to_float32(self.rates.unhealthy):
                return ZoneState.PARTIAL
        return ZoneState.NORMAL

    def observe(self, zones: Mapping[str, ZoneNodes]) -> Iterator["ZoneDisruption"]:
        """Yield what the controller may be after it has seen these zones (`handleDisruption`).

        Zones that are gone are forgotten in the order of a map, and only until a zone is found
        that was not down as a whole: which of them are forgotten is not decided then.
        """
        found = {zone: self.compute_state(nodes) for zone, nodes in zones.items()}
        limits = dict.fromkeys(zones, self.rates.normal) | dict(self.limits)
        states = dict.fromkeys(zones, ZoneState.INITIAL) | dict(self.states)
        gone = [zone for zone in states if zone not in zones]
        all_were = all(states[zone] is ZoneState.FULL for zone in zones)
        for kept in _subsets(gone) if not all_were else [()]:
            known = {zone: s for zone, s in states.items() if zone in zones or zone in kept}
            yield replace(self, states=known, limits=limits)._follow(zones, found, all_were)

    def _follow(
        self, zones: Mapping[str, ZoneNodes], found: Mapping[str, ZoneState], all_were: bool
    ) -> "ZoneDisruption":
        all_are = all(state is ZoneState.FULL for state in found.values())
        if all_are and all_were:
            return self
        if all_are:
            stopped = dict(self.limits) | dict.fromkeys(self.states, 0.0)
            states = dict.fromkeys(self.states, ZoneState.FULL)
            return replace(self, states=states, limits=stopped)
        states, limits = dict(self.states), dict(self.limits)
        for zone, before in self.states.items():
            state = found.get(zone, ZoneState.NONE)
            if all_were or state != before:
                states[zone] = state
                size = zones[zone].size if zone in zones else 0
                limits[zone] = self._limit(state, size, limits[zone])
        return replace(self, states=states, limits=limits)

    def _limit(self, state: ZoneState, size: int, before: float) -> float:
        """The rate in a zone of so many nodes (`setLimiterInZone`)."""
        match state:
            case ZoneState.NORMAL | ZoneState.FULL:
                return self.rates.normal
            case ZoneState.PARTIAL:
                return self.rates.reduced if size > self.rates.large_cluster else 0
            case _:
                return before


def _to_float32(number: float) -> float:
    narrowed: float = struct.unpack("f", struct.pack("f", number))[0]
    return narrowed


def _subsets(names: list[str]) -> Iterator[tuple[str, ...]]:
    for mask in range(2 ** len(names)):
        yield tuple(name for place, name in enumerate(names) if mask >> place & 1)
