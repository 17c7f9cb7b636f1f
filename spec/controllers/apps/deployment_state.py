"""A Deployment, its ReplicaSets, and what one sync of it knows and has done so far.

Source: Kubernetes v1.36, `pkg/controller/deployment/util/deployment_util.go` (ResolveFenceposts,
MaxSurge, MaxUnavailable, FindNewReplicaSet, SetDeploymentCondition).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from planespec.spec.controllers.batch.cron_jobs import write_time
from planespec.spec.controllers.disruption_budget import scale_value
from planespec.spec.controllers.pod_making import TEMPLATE_HASH
from planespec.spec.objects.status_copy import copy_status
from planespec.spec.objects.view import ApiObject, View
from planespec.spec.quantity.amount import parse_int64

Json = dict[str, Any]
REVISION = "deployment.kubernetes.io/revision"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MOST = "deployment.kubernetes.io/max-replicas"
NEVER = 2**31 - 1
"""A deadline or a limit of history that is none."""

_COUNTERS = (
    *("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"),
    *("unavailableReplicas", "terminatingReplicas", "collisionCount", "observedGeneration"),
)


class Deployment(ApiObject):
    """A Deployment object."""

    @property
    def replicas(self) -> int:
        """How many pods it wants."""
        return self.spec.needed_integer("replicas")

    def copy_status(self) -> Json:
        """Its status, to be changed; raises ObjectError where that is none."""
        return copy_status(self.status, *_COUNTERS)

    @property
    def is_rolling(self) -> bool:
        """Whether old pods go while new ones come."""
        return self.spec.view("strategy").text("type") == "RollingUpdate"

    @property
    def min_ready_seconds(self) -> int:
        """How long a pod has to be ready to count as available."""
        return self.spec.integer("minReadySeconds") or 0

    @property
    def deadline(self) -> int | None:
        """Seconds without progress after which it says so; None where it never does."""
        seconds = self.spec.integer("progressDeadlineSeconds")
        return None if seconds == NEVER else seconds

    @cached_property
    def limits(self) -> tuple[int, int]:
        """How many pods may be too many, and how many not available; not both are 0.

        Of a percentage the first is rounded up, the second down.
        """
        rolling = self.spec.view("strategy").view("rollingUpdate")
        surge = scale_value(rolling.data.get("maxSurge") or 0, self.replicas)
        unavailable = _round_down(rolling.data.get("maxUnavailable") or 0, self.replicas)
        return surge, unavailable if surge or unavailable else 1

    @property
    def max_surge(self) -> int:
        """How many pods there may be above the wanted number."""
        return self.limits[0] if self.is_rolling else 0

    @property
    def max_unavailable(self) -> int:
        """How many pods may be missing."""
        if not self.is_rolling or self.replicas == 0:
            return 0
        return min(self.limits[1], self.replicas)

    @property
    def min_available(self) -> int:
        """How many pods have to be available during a rollout."""
        return self.replicas - self.max_unavailable if self.is_rolling else 0


def _round_down(value: object, total: int) -> int:
    """An integer, or a percentage of a total rounded down."""
    if isinstance(value, int):
        return value
    scale_value(value, total)  # raises for what is no percentage
    return int(str(value)[:-1]) * total // 100


class OwnedSet(ApiObject):
    """A ReplicaSet of a Deployment."""

    @property
    def replicas(self) -> int:
        """How many pods it wants."""
        return self.spec.needed_integer("replicas")

    @property
    def available(self) -> int:
        """How many of its pods are available."""
        return self.status.integer("availableReplicas") or 0

    @property
    def age(self) -> tuple[str, str]:
        """What orders ReplicaSets from the oldest on."""
        return self.meta.text("creationTimestamp"), self.name

    def read_number(self, annotation: str) -> int | None:
        """The number in an annotation, of digits and 31 bits; None where there is none."""
        text = self.meta.annotations.get(annotation, "")
        number = parse_int64(text) if text[:1].isdigit() else None
        return number if number is not None and number <= NEVER else None

    def change(self, replicas: int | None = None, **more: Any) -> "OwnedSet":
        """The same with another size, `annotations` or `min_ready_seconds`."""
        spec, meta = dict(self.spec.data), dict(self.meta.data)
        if replicas is not None:
            spec["replicas"] = replicas
        if "min_ready_seconds" in more:
            spec["minReadySeconds"] = more["min_ready_seconds"]
        if "annotations" in more:
            meta["annotations"] = more["annotations"]
        return OwnedSet({**self.data, "metadata": meta, "spec": spec}, self.field)


def has_template_of(owned: OwnedSet, deployment: Deployment) -> bool:
    """Whether both templates are equal but for the hash (`EqualIgnoreHash`)."""
    return read_bare_template(owned.spec) == read_bare_template(deployment.spec)


def read_bare_template(spec: View) -> Json:
    """The template in a spec without the label that has its hash."""
    template = spec.view("template")
    meta = dict(template.view("metadata").data)
    labels = template.view("metadata").text_map("labels")
    labels.pop(TEMPLATE_HASH, None)
    return {"metadata": meta | {"labels": labels}, "spec": dict(template.view("spec").data)}


@dataclass(slots=True)
class DeploymentSync:
    """One sync: what is known, and what was done so far."""

    deployment: Deployment
    sets: list[OwnedSet]
    """Its ReplicaSets, the oldest first, as they were at the beginning."""
    now: datetime
    template_hash: str
    """The hash that a new ReplicaSet is named after."""
    others: Sequence[OwnedSet] = ()
    """ReplicaSets that are not its own, or are let go; no new one gets their names."""
    status: Json = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    actions: list[Json] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    error: str = ""

    def find_new(self) -> OwnedSet | None:
        """The oldest ReplicaSet that has the template of the Deployment."""
        return next((s for s in self.sets if has_template_of(s, self.deployment)), None)

    def list_old(self) -> list[OwnedSet]:
        """The other ones, the oldest first."""
        new = self.find_new()
        return [each for each in self.sets if new is None or each.meta.uid != new.meta.uid]

    def find_condition(self, kind: str) -> Json | None:
        """The condition of a type."""
        return find_condition(self.status, kind)

    def make_condition(self, kind: str, status: str, reason: str, message: str) -> Json:
        """A condition as of now."""
        at = write_time(self.now)
        told = {"type": kind, "status": status, "reason": reason, "message": message}
        return told | {"lastUpdateTime": at, "lastTransitionTime": at}

    def write_status(self) -> None:
        """Write the status and the annotations as they are."""
        action = {"verb": "update", "resource": "deployments", "subresource": "status"}
        told = {"annotations": dict(self.annotations), "status": dict(self.status)}
        self.actions.append(action | {"name": self.deployment.name, "object": told})

    def write_set(self, verb: str, owned: OwnedSet) -> None:
        """Create, update or delete a ReplicaSet."""
        action: Json = {"verb": verb, "resource": "replicasets", "name": owned.name}
        if verb != "delete":
            wait = owned.spec.integer("minReadySeconds") or 0
            told: Json = {"annotations": dict(owned.meta.annotations)}
            action["object"] = told | {"replicas": owned.replicas, "minReadySeconds": wait}
        if verb == "create":
            meta = owned.meta
            made = {"labels": meta.labels, "ownerReferences": meta.items("ownerReferences")}
            action["object"] |= made | {"template": owned.spec.view("template").data}
        self.actions.append(action)


def find_condition(status: Json, kind: str) -> Json | None:
    """The condition of a type in a status."""
    conditions: Sequence[Json] = status.get("conditions") or ()
    return next((each for each in conditions if each["type"] == kind), None)


def set_condition(status: Json, condition: Json) -> None:
    """Put a condition to the end; one of the same status and reason stays as it is.

    The time of its last change stays as long as the status does.
    """
    old = find_condition(status, condition["type"])
    if old is not None and old["status"] == condition["status"]:
        if old.get("reason", "") == condition["reason"]:
            return
        condition = condition | {"lastTransitionTime": old.get("lastTransitionTime")}
    drop_condition(status, condition["type"])
    status["conditions"] = [*status["conditions"], condition]


def drop_condition(status: Json, kind: str) -> None:
    """Take a condition out."""
    conditions: Sequence[Json] = status.get("conditions") or ()
    status["conditions"] = [each for each in conditions if each["type"] != kind]


def list_active(sets: Iterable[OwnedSet | None]) -> list[OwnedSet]:
    """Those that want pods (`FilterActiveReplicaSets`)."""
    return [each for each in sets if each is not None and each.replicas > 0]


def sum_replicas(sets: Iterable[OwnedSet | None]) -> int:
    """How many pods they want together."""
    return sum(each.replicas for each in sets if each is not None)


def sum_status(sets: Iterable[OwnedSet | None], name: str) -> int:
    """A counter of their status in sum."""
    return sum(each.status.integer(name) or 0 for each in sets if each is not None)
