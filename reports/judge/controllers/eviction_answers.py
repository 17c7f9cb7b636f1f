"""What our rules answer about pods on tainted nodes, and about zones that are down."""

from collections.abc import Mapping
from typing import Any

from planespec.reports.judge.controllers.queue_answers import shorten
from planespec.reports.judge.recorded_fields import read_number
from planespec.reports.judge.runner import are_alike
from planespec.spec.controllers.taint_eviction import TaintEviction
from planespec.spec.controllers.zone_disruption import (
    EvictionRates,
    ZoneDisruption,
    ZoneNodes,
)
from planespec.spec.objects.core_views import read_taint, read_toleration
from planespec.spec.objects.view import View

NEVER = 1
"""What a limiter that lets nothing pass answers to the question for its rate."""
NOBODY = -1
"""How many nodes are told not to be ready in a zone that the step does not have."""
_POD = "pod"

Answers = dict[str, Any]


def answer_taint_eviction(given: View, _out: View) -> Answers:
    """Answer when a pod is evicted whose node changes its NoExecute taints."""
    eviction, now = TaintEviction(), 0.0
    tolerations = [read_toleration(v.data, v.field) for v in given.views("tolerations")]
    after: list[Answers] = []
    for step in given.views("steps"):
        now += read_number(step, "advanceSeconds")
        eviction.advance(now)
        taints = [read_taint(v.data, v.field) for v in step.views("noExecuteTaints")]
        if taints:
            eviction.process(_POD, tolerations, taints, now)
        else:
            eviction.forget(_POD)
        told: Answers = {"evictions": len(eviction.evicted)}
        timer = eviction.timers.get(_POD)
        if timer is not None:
            told |= {"scheduledFor": shorten(timer.fires_at), "since": shorten(timer.since)}
        after.append(told)
    return {"after": after}


def answer_zone_disruption(given: View, out: View) -> Answers:
    """Answer how zones are and at what rate pods are evicted there.

    Which zones that are gone are forgotten is not always decided: what was recorded is followed
    as long as it is possible.
    """
    rates = EvictionRates(
        normal=read_number(given, "evictionQPS"),
        reduced=read_number(given, "secondaryEvictionQPS"),
        large_cluster=given.integer("largeClusterThreshold") or 0,
        unhealthy=read_number(given, "unhealthyZoneThreshold"),
    )
    possible, after = [ZoneDisruption(rates)], list[Answers]()
    recorded = [dict(each.data) for each in out.views("after")]
    for number, step in enumerate(given.views("steps")):
        zones = {zone: _read_zone(step.view(zone)) for zone in step.data}
        found = [state for before in possible for state in before.observe(zones)]
        told = [_tell_zones(state, zones) for state in found]
        wanted = recorded[number] if number < len(recorded) else None
        agreeing = [place for place, each in enumerate(told) if are_alike(wanted, each)]
        after.append(told[agreeing[0]] if agreeing else told[0])
        possible = [found[place] for place in agreeing] or found
    return {"after": after}


def _read_zone(zone: View) -> ZoneNodes:
    return ZoneNodes(zone.integer("ready") or 0, zone.integer("notReady") or 0)


def _tell_zones(state: ZoneDisruption, zones: Mapping[str, ZoneNodes]) -> Answers:
    return dict(_tell_zone(state, zones, zone) for zone in state.states)


def _tell_zone(
    state: ZoneDisruption, zones: Mapping[str, ZoneNodes], zone: str
) -> tuple[str, Answers]:
    nodes = zones.get(zone)
    return zone, {
        "state": str(state.states[zone]),
        "computed": str(state.compute_state(nodes)) if nodes else "",
        "notReady": nodes.not_ready if nodes else NOBODY,
        "evictionQPS": state.limits[zone] or NEVER,
    }
