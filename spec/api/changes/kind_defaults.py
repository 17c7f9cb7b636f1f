"""What the API server fills in among the objects of each of Kubernetes' own kinds.

Kinds whose updates are known have it in their strategy; here are the others. Kinds that are in
neither table have no defaults. Sources: `pkg/apis/*/v1/defaults.go`, v1.36.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from planespec.spec.api.changes.known_kinds import KINDS
from planespec.spec.api.changes.preparing import default_template
from planespec.spec.api.strategies import Json
from planespec.spec.objects.object_store import get_group
from planespec.spec.quantity import read_quantity
from planespec.spec.validation.object_rules import find_kind

Default = Callable[[Json], None]
_MILLI = -3
_QUEUES = {"handSize": 8, "queues": 64, "queueLengthLimit": 50}
_LENT = {"nominalConcurrencyShares": 0, "lendablePercent": 0}
_HTTPS = 443


def fill_in_kind(data: Mapping[str, Any]) -> tuple[Json, str]:
    """Return an object with the defaults of its kind and version; or say why they are left out.

    Null is as good as absent. An object in which a field has another type than it should is
    returned as it was: its rules tell.
    """
    made: Json = _drop_nulls(data)
    kind, version = str(made.get("kind")), str(made.get("apiVersion"))
    group = get_group(kind, version)
    default = DEFAULTS.get((version, kind))
    if default is None:
        has_any = any(named == kind for _, named in DEFAULTS)
        is_known = find_kind(group, kind) is not None and not has_any
        return made, "" if is_known else f"defaults of {kind} of {version} are not filled in"
    made.setdefault("metadata", {})
    try:
        default(made)
    except (AttributeError, TypeError, ValueError):
        words = "a field has another type than it should"
        return _drop_nulls(data), f"defaults of {kind} are not filled in: {words}"
    return made, ""


def _drop_nulls(value: Any) -> Any:
    """Return a copy without null in objects; in lists it stays."""
    if isinstance(value, Mapping):
        return {k: _drop_nulls(each) for k, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_drop_nulls(each) for each in value]
    return copy.copy(value)


def _each(holder: Mapping[str, Any], *names: str) -> Iterator[Json]:
    """Yield the objects in a list below, or in lists below those of a list."""
    first, *rest = names
    for item in holder.get(first) or ():
        if rest:
            yield from _each(item, *rest)
        else:
            yield item


def _set(holder: Json, **values: object) -> None:
    """Fill in fields that are absent."""
    for name, value in values.items():
        holder.setdefault(name, copy.deepcopy(value))


def _set_empty(holder: Json, **values: object) -> None:
    """Fill in fields that are absent, empty or zero: they are no pointers in Go."""
    for name, value in values.items():
        holder[name] = holder.get(name) or copy.deepcopy(value)


# Core.


def _default_endpoints(data: Json) -> None:
    for port in _each(data, "subsets", "ports"):
        _set_empty(port, protocol="TCP")


def _round(resources: Mapping[str, object]) -> dict[str, str]:
    """Quantities are rounded up to thousandths. Source: SetDefaults_ResourceList."""
    return {name: str(read_quantity(q).rounded_up(_MILLI)) for name, q in resources.items()}


def _default_limits(data: Json) -> None:
    """Source: SetDefaults_LimitRangeItem, which goes on with what it has filled in."""
    for item in _each(data.get("spec") or {}, "limits"):
        if item.get("type") == "Container":
            limits = {**(item.get("max") or {}), **(item.get("default") or {})}
            requests = {**limits, **(item.get("defaultRequest") or {})}
            least = {k: v for k, v in (item.get("min") or {}).items() if k not in requests}
            item |= {"default": limits, "defaultRequest": requests | least}
        for name in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"):
            if item.get(name):
                item[name] = _round(item[name])
            else:
                item.pop(name, None)


def _default_quota(data: Json) -> None:
    for holder in (data.get("spec") or {}, data.get("status") or {}):
        for name in ("hard", "used"):
            if holder.get(name):
                holder[name] = _round(holder[name])


def _default_pod_template(data: Json) -> None:
    default_template(data)


def _default_replication_controller(data: Json) -> None:
    """Selector and labels are those of the template, where there are none."""
    spec = data.setdefault("spec", {})
    _set(spec, replicas=1)
    if "template" not in spec:
        return
    default_template(spec)
    labels = spec["template"]["metadata"].get("labels")
    if labels:
        _set_empty(spec, selector=labels)
        _set_empty(data["metadata"], labels=labels)


# Networking.


def _default_network_policy(data: Json) -> None:
    spec = data.setdefault("spec", {})
    for side in ("ingress", "egress"):
        for port in _each(spec, side, "ports"):
            _set(port, protocol="TCP")
    _set_empty(spec, policyTypes=["Ingress", *(["Egress"] if spec.get("egress") else [])])


def _default_ingress_class(data: Json) -> None:
    parameters = (data.get("spec") or {}).get("parameters")
    if parameters is not None:
        _set(parameters, scope="Cluster")


def _default_slice(data: Json) -> None:
    for port in _each(data, "ports"):
        _set(port, name="", protocol="TCP")


# Extension of the API server.


def _default_webhook(hook: Json) -> None:
    _set(hook, failurePolicy="Fail", timeoutSeconds=10)
    _default_matching(hook)
    service = (hook.get("clientConfig") or {}).get("service")
    if service is not None:
        _set(service, port=_HTTPS)
    for rule in _each(hook, "rules"):
        _set(rule, scope="*")


def _default_matching(holder: Json) -> None:
    _set(holder, matchPolicy="Equivalent", namespaceSelector={}, objectSelector={})


def _default_validating(data: Json) -> None:
    for hook in _each(data, "webhooks"):
        _default_webhook(hook)


def _default_mutating(data: Json) -> None:
    for hook in _each(data, "webhooks"):
        _default_webhook(hook)
        _set(hook, reinvocationPolicy="Never")


def _default_match_resources(resources: Json) -> None:
    """Source: SetDefaults_MatchResources, SetDefaults_Rule."""
    _default_matching(resources)
    for name in ("resourceRules", "excludeResourceRules"):
        for rule in _each(resources, name):
            _set(rule, scope="*")


def _default_policy(data: Json) -> None:
    spec = data.setdefault("spec", {})
    _set(spec, failurePolicy="Fail")
    if "matchConstraints" in spec:
        _default_match_resources(spec["matchConstraints"])


def _default_policy_binding(data: Json) -> None:
    spec = data.setdefault("spec", {})
    if "matchResources" in spec:
        _default_match_resources(spec["matchResources"])


# Storage, devices, flow control.


def _default_driver(data: Json) -> None:
    spec = data.setdefault("spec", {})
    _set(spec, attachRequired=True, podInfoOnMount=False, storageCapacity=False)
    _set(spec, fsGroupPolicy="ReadWriteOnceWithFSType", requiresRepublish=False)
    _set_empty(spec, volumeLifecycleModes=["Persistent"])
    _set(spec, seLinuxMount=False)


def _default_claim_spec(spec: Json) -> None:
    for request in _each(spec.get("devices") or {}, "requests"):
        exact = request.get("exactly")
        for asked in (*([] if exact is None else [exact]), *_each(request, "firstAvailable")):
            _set_empty(asked, allocationMode="ExactCount")
            if asked["allocationMode"] == "ExactCount":
                _set_empty(asked, count=1)


def _default_resource_claim(data: Json) -> None:
    _default_claim_spec(data.setdefault("spec", {}))


def _default_claim_template(data: Json) -> None:
    _default_claim_spec(data.setdefault("spec", {}).setdefault("spec", {}))


def _default_flow_schema(data: Json) -> None:
    _set_empty(data.setdefault("spec", {}), matchingPrecedence=1000)


def _default_priority_level(data: Json) -> None:
    spec = data.setdefault("spec", {})
    limited, exempt = spec.get("limited"), spec.get("exempt")
    if limited is not None:
        _set(limited, nominalConcurrencyShares=30, lendablePercent=0)
        queuing = (limited.get("limitResponse") or {}).get("queuing")
        if queuing is not None:
            _set_empty(queuing, **_QUEUES)
    if exempt is not None:
        _set(exempt, **_LENT)


def _default_definition(data: Json) -> None:
    spec = data.setdefault("spec", {})
    names = spec.setdefault("names", {})
    kind = names.get("kind") or ""
    _set_empty(names, singular=kind.lower(), listKind=f"{kind}List" if kind else "")
    _set(spec, conversion={"strategy": "None"})
    client = (spec["conversion"].get("webhook") or {}).get("clientConfig") or {}
    if client.get("service") is not None:
        _set(client["service"], port=_HTTPS)


def _default_api_service(data: Json) -> None:
    service = data.setdefault("spec", {}).get("service")
    if service is not None:
        _set(service, port=_HTTPS)


_ADMISSION, _FLOW = "admissionregistration.k8s.io/v1", "flowcontrol.apiserver.k8s.io/v1"
_RESOURCE, _NETWORKING = "resource.k8s.io/v1", "networking.k8s.io/v1"
DEFAULTS: Mapping[tuple[str, str], Default] = {
    (main.api_version, kind): main.default for kind, (main, _) in KINDS.items()
} | {
    ("v1", "Endpoints"): _default_endpoints,
    ("v1", "LimitRange"): _default_limits,
    ("v1", "PodTemplate"): _default_pod_template,
    ("v1", "ReplicationController"): _default_replication_controller,
    ("v1", "ResourceQuota"): _default_quota,
    (_NETWORKING, "IngressClass"): _default_ingress_class,
    (_NETWORKING, "NetworkPolicy"): _default_network_policy,
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"): _default_definition,
    ("apiregistration.k8s.io/v1", "APIService"): _default_api_service,
    ("discovery.k8s.io/v1", "EndpointSlice"): _default_slice,
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): KINDS["ClusterRoleBinding"][0].default,
    (_ADMISSION, "MutatingAdmissionPolicy"): _default_policy,
    (_ADMISSION, "MutatingAdmissionPolicyBinding"): _default_policy_binding,
    (_ADMISSION, "MutatingWebhookConfiguration"): _default_mutating,
    (_ADMISSION, "ValidatingAdmissionPolicy"): _default_policy,
    (_ADMISSION, "ValidatingAdmissionPolicyBinding"): _default_policy_binding,
    (_ADMISSION, "ValidatingWebhookConfiguration"): _default_validating,
    ("storage.k8s.io/v1", "CSIDriver"): _default_driver,
    (_RESOURCE, "ResourceClaim"): _default_resource_claim,
    (_RESOURCE, "ResourceClaimTemplate"): _default_claim_template,
    (_FLOW, "FlowSchema"): _default_flow_schema,
    (_FLOW, "PriorityLevelConfiguration"): _default_priority_level,
}
"""By API version and kind."""
