"""A StatefulSet, its pods, and what one sync of it has done so far.

Source: Kubernetes v1.36, `pkg/controller/statefulset/stateful_set_utils.go`,
`stateful_set_control.go` (computeReplicaStatus, completeRollingUpdate, inconsistentStatus).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from planespec.spec.controllers.apps.pod_ownership import is_available
from planespec.spec.controllers.apps.revision_history import Revision
from planespec.spec.controllers.apps.stateful_claims import (
    ClaimOwners,
    Owner,
    name_claim,
    read_claim_policy,
)
from planespec.spec.controllers.pod_gc import is_ready
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject, View

Json = dict[str, Any]
REVISION_LABEL = "controller-revision-hash"
NAME_LABEL = "statefulset.kubernetes.io/pod-name"
INDEX_LABEL = "apps.kubernetes.io/pod-index"
_ORDINAL = re.compile("(.*)-([0-9]+)", re.DOTALL)
LARGEST_BATCH = 500
"""How many pods a set without order brings on at once (`MaxBatchSize`)."""


class RefusedError(ValueError):
    """Something that was asked for was refused; the texts of all errors."""

    def __init__(self, *errors: str) -> None:
        """Keep the errors."""
        super().__init__(*errors)
        self.errors = errors


class StatefulSet(ApiObject):
    """A StatefulSet object."""

    @property
    def replicas(self) -> int:
        """How many pods it wants."""
        return self.spec.needed_integer("replicas")

    @property
    def start(self) -> int:
        """The ordinal of its first pod."""
        return self.spec.view("ordinals").integer("start") or 0

    @property
    def is_ordered(self) -> bool:
        """Whether it does one thing after the other."""
        return self.spec.text("podManagementPolicy") != "Parallel"

    @property
    def is_rolling(self) -> bool:
        """Whether pods of old templates are replaced without being asked for."""
        return self.spec.view("updateStrategy").text("type") == "RollingUpdate"

    @property
    def partition(self) -> int | None:
        """How many of the first pods stay as they are; None where nothing is said of a rollout."""
        strategy = self.spec.view("updateStrategy")
        if not strategy.has("rollingUpdate"):
            return None
        return strategy.view("rollingUpdate").integer("partition") or 0

    @property
    def min_ready_seconds(self) -> int:
        """How long a pod has to be ready to count as available."""
        return self.spec.integer("minReadySeconds") or 0

    @cached_property
    def claim_templates(self) -> list[View]:
        """What claims each pod has."""
        return self.spec.views("volumeClaimTemplates")

    def has_ordinal(self, ordinal: int) -> bool:
        """Whether a pod of that ordinal is one that it wants."""
        return self.start <= ordinal < self.start + self.replicas

    def name_claims(self, pod: Pod) -> dict[str, str]:
        """The names of the claims of a pod, by those of their templates."""
        ordinal = get_ordinal(pod)
        return {
            each.view("metadata").text("name"): name_claim(each, self.name, ordinal)
            for each in self.claim_templates
        }

    def find_owners(self, pod: Pod) -> ClaimOwners:
        """The possible owners of the claims of a pod."""
        return ClaimOwners(
            read_claim_policy(self.spec),
            Owner("apps/v1", "StatefulSet", self.name, self.meta.uid),
            Owner("v1", "Pod", pod.name, pod.meta.uid),
            not self.has_ordinal(get_ordinal(pod)),
        )

    def has_identity(self, pod: Pod) -> bool:
        """Whether a pod is named as one of this set, in its label too."""
        ordinal = get_ordinal(pod)
        is_named = ordinal >= 0 and pod.name == f"{self.name}-{ordinal}"
        is_near = pod.meta.namespace == self.meta.namespace
        return is_named and is_near and pod.meta.labels.get(NAME_LABEL) == pod.name


def get_ordinal(pod: Pod) -> int:
    """The number at the end of the name of a pod; -1 where there is none of 32 bits."""
    match = _ORDINAL.fullmatch(pod.name)
    ordinal = int(match[2]) if match else -1
    return ordinal if ordinal < 2**31 else -1


def is_created(pod: Pod) -> bool:
    """Whether the API server has a pod."""
    return bool(pod.phase)


def get_revision(pod: Pod) -> str:
    """The name of the revision that a pod was made of."""
    return pod.meta.labels.get(REVISION_LABEL, "")


Stage = list[list[Json]]
"""Sequences of writes that are done at once."""


@dataclass(slots=True)
class StatefulSync:
    """One sync: what is known, and what was done so far."""

    owner: StatefulSet
    pods: list[Pod]
    claims: dict[str, ApiObject]
    """Claims as they were known at the beginning, by name."""
    now: datetime
    current: Revision
    update: Revision
    status: Json = field(default_factory=dict)
    stages: list[Stage] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    """Names of pods that the API server has."""
    made_claims: set[str] = field(default_factory=set)

    def write(self, verb: str, resource: str, name: str, told: Json | None = None) -> None:
        """Write something, after what was written last in the sequence that goes on."""
        if not self.stages:
            self.begin()
        action: Json = {"verb": verb, "resource": resource, "name": name}
        self.stages[-1][-1].append(action if told is None else action | {"object": told})

    def begin(self) -> None:
        """What is written from now on comes after all that was."""
        self.stages.append([[]])

    def is_available(self, pod: Pod) -> bool:
        """Whether a pod has been ready for long enough, whatever its phase."""
        return is_available(pod, self.owner.min_ready_seconds, self.now)

    def is_unavailable(self, pod: Pod) -> bool:
        """Whether a pod is not available, or about to be gone."""
        return not self.is_available(pod) or pod.meta.is_deleting

    def count(self, pods: Iterable[Pod]) -> None:
        """Put the counters of these pods into the status (`updateStatus`)."""
        names = ("replicas", "readyReplicas", "availableReplicas")
        counts = dict.fromkeys((*names, "currentReplicas", "updatedReplicas"), 0)
        for pod in pods:
            counts["replicas"] += is_created(pod)
            if is_running_and_ready(pod):
                counts["readyReplicas"] += 1
                counts["availableReplicas"] += self.is_available(pod)
            if is_created(pod) and not pod.meta.is_deleting:
                counts["currentReplicas"] += get_revision(pod) == self.current.name
                counts["updatedReplicas"] += get_revision(pod) == self.update.name
        self.status |= counts

    def write_status(self) -> None:
        """Write the status if it is new; a rollout that is done makes the new revision current."""
        wanted, status, old = self.owner.replicas, self.status, self.owner.status
        counts = [status[name] for name in ("updatedReplicas", "readyReplicas", "replicas")]
        if self.owner.is_rolling and all(count == wanted for count in counts):
            status["currentReplicas"] = status["updatedReplicas"]
            status["currentRevision"] = status["updateRevision"]
        compared = (
            *("currentRevision", "updateRevision", "availableReplicas", "replicas"),
            *("currentReplicas", "readyReplicas", "updatedReplicas"),
        )
        is_newer = status["observedGeneration"] > (old.integer("observedGeneration") or 0)
        if is_newer or any(
            status[name] != (old.data.get(name) or _none(name)) for name in compared
        ):
            self.begin()
            self.write("update", "statefulsets", self.owner.name, {"status": dict(status)})


def _none(name: str) -> object:
    return "" if name.endswith("Revision") else 0


def is_running_and_ready(pod: Pod) -> bool:
    """Whether a pod runs and says that it is ready."""
    return pod.phase == "Running" and is_ready(pod)


def run_for_all(sync: StatefulSync, pods: Sequence[Pod], act: Callable[[Pod], bool]) -> bool:
    """Do something for each pod; whether the sync ends there (`runForAll`).

    In order, until `act` says that it is enough; or in batches of 1, 2, 4, ... pods at once, until
    one has an error.
    """
    if sync.owner.is_ordered:
        for pod in pods:
            sync.begin()
            if _try(sync, pod, act) or sync.errors:
                return True
        return False
    done, size = 0, 1
    while done < len(pods):
        sync.stages.append([])
        for pod in pods[done : done + size]:
            sync.stages[-1].append([])
            _try(sync, pod, act)
        if sync.errors:
            return True
        done, size = done + size, min(2 * size, LARGEST_BATCH)
    return False


def _try(sync: StatefulSync, pod: Pod, act: Callable[[Pod], bool]) -> bool:
    try:
        return act(pod)
    except RefusedError as error:
        sync.errors += [each for each in error.errors if each not in sync.errors]
        return True
