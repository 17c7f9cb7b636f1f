"""What our reconciler of EndpointSlices answers: slices after a sync, writes, the error."""

from collections.abc import Mapping
from typing import Any

from planespec.spec.controllers.endpoint_slices import (
    EndpointSlice,
    SliceOutcome,
    SliceReconciler,
)
from planespec.spec.controllers.service_endpoints import Endpoint, Hints, Port, Service
from planespec.spec.objects.core_views import Node, Pod
from planespec.spec.objects.view import ObjectError, View

_OLD = "old"
"""The uid of a pod that is not there any more."""
MOST_OUTCOMES = 200_000
"""Outcomes that are looked at before a line is taken to disagree."""

Answers = dict[str, Any]


def answer_slices(given: View, out: View) -> Answers:
    """Answer what is after a sync; of all outcomes that maps leave open, the recorded one."""
    given.needing("service", "maxEndpointsPerSlice")
    pods = [Pod(each.data, each.field) for each in given.views("pods")]
    nodes = [Node(each.data, each.field) for each in given.views("nodes")]
    most = given.integer("maxEndpointsPerSlice") or 0
    reconciler = SliceReconciler({node.name: node for node in nodes}, most)
    service = Service(given.view("service").data, given.path("service"))
    uids = {pod.name: pod.meta.uid for pod in pods}
    namespace = service.meta.namespace
    slices = [_read_slice(each, uids, namespace) for each in given.views("existingSlices")]
    first: Answers | None = None
    for number, outcome in enumerate(reconciler.reconcile(service, pods, slices)):
        told = _tell(outcome)
        first = told if first is None else first
        if told == out.data or number > MOST_OUTCOMES:
            return told
    return first or {}


def _read_slice(view: View, uids: Mapping[str, str], namespace: str) -> EndpointSlice:
    view.needing("name", "addressType")
    return EndpointSlice(
        name=view.text("name"),
        address_type=view.text("addressType"),
        labels=view.text_map("labels"),
        ports=tuple(map(_read_port, view.views("ports"))),
        endpoints=tuple(_read_endpoint(e, uids, namespace) for e in view.views("endpoints")),
    )


def _read_port(view: View) -> Port:
    for name, value in view.data.items():
        if not isinstance(value, str | int):
            raise ObjectError(view.path(name), "must be a string or an integer")
    return tuple(sorted(view.data.items()))


def _read_endpoint(view: View, uids: Mapping[str, str], namespace: str) -> Endpoint:
    pod, conditions = view.text("pod"), view.view("conditions")
    return Endpoint(
        addresses=tuple(view.texts("addresses")),
        pod=(namespace, pod),
        uid=uids.get(pod, _OLD),
        hostname=view.text("hostname") or None,
        node_name=view.text("nodeName") or None,
        zone=view.text("zone") or None,
        ready=conditions.flag("ready"),
        serving=conditions.flag("serving"),
        terminating=conditions.flag("terminating"),
        hints=_read_hints(view.view("hints")) if view.has("hints") else None,
    )


def _read_hints(view: View) -> Hints:
    zones, nodes = (
        tuple(each.text("name") for each in view.views(name)) for name in ("forZones", "forNodes")
    )
    return Hints(zones, nodes)


def _tell(outcome: SliceOutcome) -> Answers:
    slices = sorted(outcome.slices, key=lambda each: each.name)
    told: Answers = {
        "slices": [_tell_slice(each) for each in slices],
        "writes": list(outcome.writes),
    }
    return told | ({"error": outcome.error} if outcome.error else {})


def _tell_slice(each: EndpointSlice) -> Answers:
    return {
        "name": each.name,
        "addressType": each.address_type,
        "labels": dict(each.labels),
        "ports": [dict(port) for port in each.ports],
        "endpoints": [_tell_endpoint(e) for e in sorted(each.endpoints, key=lambda e: e.pod)],
    }


def _tell_endpoint(endpoint: Endpoint) -> Answers:
    told: Answers = {
        "addresses": list(endpoint.addresses),
        "pod": endpoint.pod[1],
        "conditions": {
            "ready": endpoint.ready,
            "serving": endpoint.serving,
            "terminating": endpoint.terminating,
        },
    }
    named = {
        "hostname": endpoint.hostname,
        "nodeName": endpoint.node_name,
        "zone": endpoint.zone,
    }
    told |= {name: value for name, value in named.items() if value is not None}
    if endpoint.hints is not None:
        told["hints"] = _tell_hints(endpoint.hints)
    return told


def _tell_hints(hints: Hints) -> Answers:
    both = {"forZones": hints.zones, "forNodes": hints.nodes}
    return {name: [{"name": each} for each in those] for name, those in both.items() if those}
