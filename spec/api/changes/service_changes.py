"""Services: what is filled in, and what an update may change.

Source: `pkg/apis/core/v1/defaults.go`, `pkg/registry/core/service/strategy.go`,
`pkg/registry/core/service/storage/{storage,alloc}.go`, `pkg/apis/core/validation/validation.go`,
v1.36. Addresses come from outside: a new Service has none until somebody assigns them.
"""

from planespec.spec.api.changes.preparing import drop_status
from planespec.spec.api.strategies import Json, Strategy
from planespec.spec.validation.object_rules import validate_object


def default_service(data: Json) -> None:
    """Fill in a Service."""
    spec = data.setdefault("spec", {})
    if not spec.get("sessionAffinity"):
        spec["sessionAffinity"] = "None"
    spec["type"] = spec.get("type") or "ClusterIP"
    for port in spec.get("ports") or ():
        port["protocol"] = port.get("protocol") or "TCP"
        if not port.get("targetPort"):
            port["targetPort"] = port.get("port", 0)


SERVICE = Strategy(
    group="",
    version="v1",
    kind="Service",
    plural="services",
    default=default_service,
    prepare_create=drop_status,
    validate_create=validate_object,
)
