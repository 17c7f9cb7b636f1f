"""The kinds that requests of `admission_webhooks` recordings are for, and what they are stored by.

Source: `pkg/registry/{core,apps}`; what no recorded request depends on is left out.
"""

from typing import Any

from planespec.spec.api.changes.plain_kinds import CONFIG_MAP
from planespec.spec.api.strategies import Strategy
from planespec.spec.validation.object_rules import validate_object

Json = dict[str, Any]
NAME_LABEL = "kubernetes.io/metadata.name"


def _default_namespace(data: Json) -> None:
    meta = data["metadata"]
    if meta.get("name"):
        meta["labels"] = {**(meta.get("labels") or {}), NAME_LABEL: meta["name"]}


def _default_deployment(data: Json) -> None:
    data.setdefault("spec", {}).setdefault("replicas", 1)


STRATEGIES = (
    CONFIG_MAP,
    Strategy(
        group="",
        version="v1",
        kind="Namespace",
        plural="namespaces",
        is_namespaced=False,
        default=_default_namespace,
        validate_create=validate_object,
    ),
    Strategy(
        group="apps",
        version="v1",
        kind="Deployment",
        plural="deployments",
        default=_default_deployment,
        validate_create=validate_object,
    ),
)


SCALE = Strategy(group="autoscaling", version="v1", kind="Scale", plural="deployments")


class UnseenChance:
    """Identities and revisions that no recording shows."""

    def __init__(self) -> None:
        self.revision = 0

    def make_uid(self) -> str:
        """Return an identity."""
        return "uid"

    def make_suffix(self) -> str:
        """Return the end of a generated name."""
        return "xxxxx"

    def advance(self) -> int:
        """Return the next revision."""
        self.revision += 1
        return self.revision

    def tell_time(self) -> str:
        """Return the time."""
        return "1970-01-01T00:00:00Z"
