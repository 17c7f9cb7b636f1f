"""The priority levels and flow schemas that an API server makes by itself.

`exempt` and `catch-all` of either kind are mandatory: they are made anew when they are gone or
changed. The others are suggested, and kept as they are here while they say so by annotation.

Source: `apiserver/pkg/apis/flowcontrol/bootstrap/default.go`, v1.36.
"""

from collections.abc import Iterable

from planespec.spec.api.authorization.access_request import (
    AUTHENTICATED,
    MASTERS,
    UNAUTHENTICATED,
)
from planespec.spec.api.flow_control.flow_schemas import FlowSchema
from planespec.spec.api.flow_control.priority_levels import PriorityLevel
from planespec.spec.api.flow_control.queue_set import Queuing
from planespec.spec.objects.view import View

DEFAULT_LEVELS = {
    "exempt": PriorityLevel(True, 0, 0, None, None),
    "catch-all": PriorityLevel(False, 5, 0, None, None),
    "leader-election": PriorityLevel(False, 10, 0, None, Queuing(16, 4, 50)),
    "node-high": PriorityLevel(False, 40, 25, None, Queuing(64, 6, 50)),
    "system": PriorityLevel(False, 30, 33, None, Queuing(64, 6, 50)),
    "workload-high": PriorityLevel(False, 40, 50, None, Queuing(128, 6, 50)),
    "workload-low": PriorityLevel(False, 100, 90, None, Queuing(128, 6, 50)),
    "global-default": PriorityLevel(False, 20, 50, None, Queuing(128, 6, 50)),
}
"""By name."""

_RESOURCES = {
    "verbs": ["*"],
    "apiGroups": ["*"],
    "resources": ["*"],
    "namespaces": ["*"],
    "clusterScope": True,
}
_EVERYTHING = {
    "resourceRules": [_RESOURCES],
    "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
}
_PROBES = {"verbs": ["get"], "nonResourceURLs": ["/healthz", "/readyz", "/livez"]}
_COORDINATION = "coordination.k8s.io"
_ELECTION = {
    "verbs": ["get", "create", "update"],
    "apiGroups": [_COORDINATION],
    "resources": ["leases"],
    "namespaces": ["*"],
}
_HEARTBEATS = (
    {**_RESOURCES, "apiGroups": [""], "resources": ["nodes", "nodes/status"]},
    {"verbs": ["*"], "apiGroups": [_COORDINATION], "resources": ["leases"], "namespaces": ["*"]},
)


def _group(name: str) -> dict[str, object]:
    return {"kind": "Group", "group": {"name": name}}


def _user(name: str) -> dict[str, object]:
    return {"kind": "User", "user": {"name": name}}


_EVERYBODY = (_group(UNAUTHENTICATED), _group(AUTHENTICATED))
_MANAGER, _SCHEDULER = _user("system:kube-controller-manager"), _user("system:kube-scheduler")
_SYSTEM_ACCOUNTS = {
    "kind": "ServiceAccount",
    "serviceAccount": {"namespace": "kube-system", "name": "*"},
}


def _make(
    name: str,
    level: str,
    precedence: int,
    distinguisher: str,
    subjects: Iterable[object],
    what: dict[str, object],
) -> FlowSchema:
    rules = (View({"subjects": list(subjects), **what}),)
    return FlowSchema(name, level, precedence, distinguisher, rules)


DEFAULT_SCHEMAS = (
    _make("exempt", "exempt", 1, "", [_group(MASTERS)], _EVERYTHING),
    _make("probes", "exempt", 2, "", _EVERYBODY, {"nonResourceRules": [_PROBES]}),
    _make(
        "system-leader-election",
        "leader-election",
        100,
        "ByUser",
        [_MANAGER, _SCHEDULER, _SYSTEM_ACCOUNTS],
        {"resourceRules": [_ELECTION]},
    ),
    _make(
        "system-node-high",
        "node-high",
        400,
        "ByUser",
        [_group("system:nodes")],
        {"resourceRules": list(_HEARTBEATS)},
    ),
    _make("system-nodes", "system", 500, "ByUser", [_group("system:nodes")], _EVERYTHING),
    _make("kube-controller-manager", "workload-high", 800, "ByNamespace", [_MANAGER], _EVERYTHING),
    _make("kube-scheduler", "workload-high", 800, "ByNamespace", [_SCHEDULER], _EVERYTHING),
    _make(
        "kube-system-service-accounts",
        "workload-high",
        900,
        "ByNamespace",
        [_SYSTEM_ACCOUNTS],
        _EVERYTHING,
    ),
    _make(
        "service-accounts",
        "workload-low",
        9000,
        "ByUser",
        [_group("system:serviceaccounts")],
        _EVERYTHING,
    ),
    _make("global-default", "global-default", 9900, "ByUser", _EVERYBODY, _EVERYTHING),
    _make("catch-all", "catch-all", 10000, "ByUser", _EVERYBODY, _EVERYTHING),
)
"""In the order in which they are tried."""
