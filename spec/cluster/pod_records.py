"""Reading pods: what a snapshot says of each, and what its status complains of."""

from collections.abc import Iterator

from planespec.spec.cluster.cluster_requirements import (
    CONTAINERS_RUN,
    POD_SCHEDULED,
    POD_SUCCEEDS,
    STATUS_ADDS_UP,
    Reference,
)
from planespec.spec.cluster.pod_template import PodTemplates
from planespec.spec.cluster.snapshot_records import Owner, PodIdentity, PodProgress, PodRecord
from planespec.spec.objects import ObjectMeta, Pod, View
from planespec.spec.objects.interning import Common, Stored
from planespec.spec.pods.resources import compute_allocated_requests
from planespec.spec.scheduling.amounts import Amounts, build_amounts

_MIRROR = "kubernetes.io/config.mirror"
_HARMLESS = frozenset(("", "ContainerCreating", "PodInitializing"))
_RUNNING = {"running"}
_LONGEST = 300
"""Characters of a message of the status that are repeated."""


def read_owner(meta: ObjectMeta) -> Owner | None:
    """Return the owner that controls the object."""
    if not meta.has("ownerReferences"):
        return None
    for index, plain in enumerate(meta.items("ownerReferences")):
        reference = View(plain, f"metadata.ownerReferences[{index}]")
        if reference.flag("controller"):
            return Owner(reference.text("kind"), reference.text("name"), reference.text("uid"))
    return None


class PodReader:
    """Reads pods; what many of them share is read once."""

    def __init__(self, templates: PodTemplates) -> None:
        """Share templates with the workloads."""
        self._templates = templates
        self._texts: dict[str, str] = {}
        self._labels: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
        self._owners: dict[Owner, Owner] = {}
        self._identities: dict[Common | None, PodIdentity] = {}
        self._progress: dict[Common | None, PodProgress] = {}
        self._requests: dict[tuple[Common | None, Common | None], Amounts] = {}

    def read(
        self, reference: Reference, stored: Stored, view: View, meta: ObjectMeta
    ) -> PodRecord:
        """Read a pod; `view` is what is in the store. Raises ObjectError."""
        of_metadata, of_spec, of_status = stored.metadata, stored.spec, stored.status
        spec, status = View(view.data.get("spec"), "spec"), View(view.data.get("status"), "status")
        identity = self._identities.get(of_metadata)
        if identity is None:
            identity = self._identities[of_metadata] = self._identify(meta)
        progress = self._progress.get(of_status)
        if progress is None:
            progress = self._progress[of_status] = _read_progress(status)
        scheduled = _get_condition(status, progress.scheduled)
        node = spec.text("nodeName")
        time = "" if scheduled is None else scheduled.text("lastTransitionTime")
        template = self._templates.read_common(of_spec)
        requests = self._requests.get((of_spec, of_status))
        if requests is None:
            pod = Pod({"spec": template.pod.spec.data, "status": status.data})
            requests = self._requests[of_spec, of_status] = build_amounts(
                compute_allocated_requests(pod)
            )
        return PodRecord(
            reference,
            stored,
            identity,
            progress,
            template,
            requests,
            self._texts.setdefault(node, node),
            self._texts.setdefault(time, time),
            status.text("podIP"),
            () if progress.is_quiet else tuple(_list_troubles(status, progress.phase, scheduled)),
        )

    def _identify(self, meta: ObjectMeta) -> PodIdentity:
        owner, labels = read_owner(meta), meta.labels
        return PodIdentity(
            labels=self._labels.setdefault(tuple(sorted(labels.items())), labels),
            owner=None if owner is None else self._owners.setdefault(owner, owner),
            is_deleting=meta.is_deleting,
            is_mirror=_MIRROR in meta.annotations,
        )


def _read_progress(status: View) -> PodProgress:
    phase = status.text("phase")
    place = _find_condition(status, "PodScheduled")
    return PodProgress(
        phase=phase,
        nominated=status.text("nominatedNodeName"),
        is_admitted=status.has("startTime") or phase == "Running",
        is_quiet=_is_quiet(status, phase, _get_condition(status, place)),
        scheduled=place,
    )


def _find_condition(status: View, type_: str) -> int | None:
    for index, condition in enumerate(status.items("conditions")):
        if not isinstance(condition, dict) or condition.get("type") == type_:
            return index
    return None


def _get_condition(status: View, place: int | None) -> View | None:
    if place is None:
        return None
    return View(status.items("conditions")[place], f"status.conditions[{place}]")


def _is_quiet(status: View, phase: str, scheduled: View | None) -> bool:
    """Tell quickly that there is nothing to tell: all containers run and none has ended yet.

    Most pods are like that. Anything unusual, odd shapes too, is for the full reading.
    """
    if phase != "Running" or (scheduled is not None and scheduled.data.get("status") != "True"):
        return False
    holds = [
        each.get("type")
        for each in status.items("conditions")
        if isinstance(each, dict) and each.get("status") == "True"
    ]
    if "DisruptionTarget" in holds:
        return False
    is_ready = "Ready" in holds
    return "initContainerStatuses" not in status.data and all(
        isinstance(each, dict)
        and type(each.get("state")) is dict
        and each["state"].keys() == _RUNNING
        and type(each["state"]["running"]) is dict
        and not each.get("lastState")
        and not (is_ready and each.get("ready") is False)
        for each in status.items("containerStatuses")
    )


def _list_troubles(status: View, phase: str, scheduled: View | None) -> Iterator[tuple[str, str]]:
    """Yield what the status says is wrong."""
    if phase == "Failed":
        why = ": ".join(filter(None, (status.text("reason"), status.text("message"))))
        yield POD_SUCCEEDS.id, f"the pod has failed{': ' if why else ''}{_cut(why)}"
    if scheduled is not None and phase == "Pending" and scheduled.text("status") == "False":
        yield from _explain_waiting(scheduled)
    ended = phase in ("Succeeded", "Failed")
    for name in ("initContainerStatuses", "containerStatuses"):
        for container in status.views(name):
            yield from _list_container_troubles(container, phase, ended and name[0] == "c")


def _explain_waiting(scheduled: View) -> Iterator[tuple[str, str]]:
    if scheduled.text("reason") == "Unschedulable":
        yield POD_SCHEDULED.id, _cut(scheduled.text("message"))


def _list_container_troubles(
    container: View, phase: str, has_ended: bool
) -> Iterator[tuple[str, str]]:
    state = container.view("state")
    name, waiting = container.text("name"), state.view("waiting")
    reason = waiting.text("reason")
    if reason not in _HARMLESS:
        restarts = container.integer("restartCount") or 0
        last = container.view("lastState").view("terminated")
        ended = f", last ended as {last.text('reason')}" if last.has("reason") else ""
        words = ": ".join(filter(None, (reason, waiting.text("message"))))
        yield (
            CONTAINERS_RUN.id,
            f"container {name} waits, {restarts} restarts{ended}: {_cut(words)}",
        )
    recovered = state.has("running") and container.flag("ready")
    last = View(None) if recovered else container.view("lastState").view("terminated")
    for place in (state.view("terminated"), last):
        if place.text("reason") == "OOMKilled":
            code = place.integer("exitCode")
            yield CONTAINERS_RUN.id, f"container {name} was killed for memory (exit code {code})"
            break
    if has_ended and state.has("running"):
        yield STATUS_ADDS_UP.id, f"phase is {phase} and container {name} runs"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
