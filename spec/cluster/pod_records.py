"""Reading pods: what a snapshot says of each, and what its status complains of."""

from collections.abc import Iterator

from planespec.spec.cluster.cluster_requirements import (
    CONTAINERS_RUN,
    POD_SCHEDULED,
    POD_SUCCEEDS,
    STATUS_ADDS_UP,
)
from planespec.spec.cluster.finding import Reference
from planespec.spec.cluster.pod_template import PodTemplates
from planespec.spec.cluster.snapshot_records import Owner, PodRecord
from planespec.spec.objects import ObjectMeta, View

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
    """Reads pods; what many of them share is kept once."""

    def __init__(self, templates: PodTemplates) -> None:
        """Share templates with the workloads."""
        self._templates = templates
        self._labels: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
        self._owners: dict[Owner, Owner] = {}

    def read(self, reference: Reference, view: View, meta: ObjectMeta) -> PodRecord:
        """Read a pod. Raises ObjectError."""
        spec, status = view.view("spec"), view.view("status")
        owner = read_owner(meta)
        phase = status.text("phase")
        scheduled = _find_condition(status, "PodScheduled")
        quiet = _is_quiet(status, phase, scheduled)
        return PodRecord(
            reference=reference,
            uid=meta.uid,
            node=spec.text("nodeName"),
            phase=phase,
            labels=self._share_labels(meta.labels),
            template=self._templates.read(view.data),
            owner=None if owner is None else self._owners.setdefault(owner, owner),
            is_deleting=meta.is_deleting,
            is_mirror=_MIRROR in meta.annotations,
            is_admitted=status.has("startTime") or phase == "Running",
            nominated=status.text("nominatedNodeName"),
            scheduled="" if scheduled is None else scheduled.text("lastTransitionTime"),
            troubles=() if quiet else tuple(_list_troubles(status, phase, scheduled)),
        )

    def _share_labels(self, labels: dict[str, str]) -> dict[str, str]:
        return self._labels.setdefault(tuple(sorted(labels.items())), labels)


def _find_condition(status: View, type_: str) -> View | None:
    for index, condition in enumerate(status.items("conditions")):
        if not isinstance(condition, dict) or condition.get("type") == type_:
            return View(condition, f"status.conditions[{index}]")
    return None


def _is_quiet(status: View, phase: str, scheduled: View | None) -> bool:
    """Tell quickly that there is nothing to tell: all containers run and none has ended yet.

    Most pods are like that. Anything unusual, odd shapes too, is for the full reading.
    """
    if phase != "Running" or (scheduled is not None and scheduled.data.get("status") != "True"):
        return False
    return "initContainerStatuses" not in status.data and all(
        isinstance(each, dict)
        and type(each.get("state")) is dict
        and each["state"].keys() == _RUNNING
        and type(each["state"]["running"]) is dict
        and not each.get("lastState")
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
    for place in (state.view("terminated"), container.view("lastState").view("terminated")):
        if place.text("reason") == "OOMKilled":
            code = place.integer("exitCode")
            yield CONTAINERS_RUN.id, f"container {name} was killed for memory (exit code {code})"
            break
    if has_ended and state.has("running"):
        yield STATUS_ADDS_UP.id, f"phase is {phase} and container {name} runs"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
