"""What an audit log shows of kubelets: the statuses that they write, and the pods they delete.

A patch of a status holds the lists of containers as a whole, so that the last one tells them; the
answer, where the log has it, is the whole pod. Source: `pkg/kubelet/status/status_manager.go`,
syncPod and canBeDeleted, v1.36.
"""

import re
from collections.abc import Iterator, Mapping

from planespec.spec.cluster.cluster_requirements import Violation
from planespec.spec.cluster.node_life.shown_pods import MIRROR, SHOWN, find_shown, runs
from planespec.spec.cluster.steps.audit_requests import Request
from planespec.spec.cluster.steps.change import State
from planespec.spec.cluster.steps.kubelet_steps import list_steps
from planespec.spec.node.container_requirements import restarts_follow_the_policy
from planespec.spec.node.pod_requirements import (
    ends_are_shown,
    objects_go_after_their_containers,
    running_pods_are_not_pending,
)
from planespec.spec.objects import View
from planespec.spec.requirement import Level, judges

_AGENT = re.compile(r"(?:hollow-)?kubelet(?:/v1\.(\d+)\b.*)?$")
_NODE = "system:node:"
SHOWS_ENDS = 27
"""Minor version of the kubelets that end every pod in a terminal phase (pull 115331)."""
_ENDED = ("Succeeded", "Failed")
_LISTS = ("containerStatuses", "initContainerStatuses")


def is_kubelets(request: Request) -> bool:
    """Whether a kubelet made the request."""
    return request.user.startswith(_NODE) or _AGENT.match(request.agent) is not None


def _get_minor(request: Request) -> int:
    """Return the minor version of the kubelet; 0 where the request does not say."""
    found = _AGENT.match(request.agent)
    return int(found[1] or 0) if found else 0


class _Known:
    """What a log has shown of a pod so far."""

    def __init__(self, uid: str) -> None:
        self.uid = uid
        self.containers: dict[str, View] = {}
        """The last status of each container."""
        self.phase = ""
        self.pod: State | None = None
        """The last whole pod of an answer."""

    def take_in(self, status: View) -> None:
        """Take note of what a status says; a patch says only what has changed."""
        for name in _LISTS:
            for container in status.views(name):
                self.containers[f"{name}/{container.text('name')}"] = container
        self.phase = status.text("phase") or self.phase


class KubeletFollower:
    """Judges what kubelets ask for, in the order of the log."""

    def __init__(self) -> None:
        """Begin knowing no pod."""
        self._known: dict[tuple[str, str, str], _Known] = {}
        self._mirrors: set[tuple[str, str, str]] = set()

    def observe(self, request: Request, watched: Mapping[str, State]) -> Iterator[Violation]:
        """Judge a request about a pod that succeeded; `watched` is what a watch shows, by uid."""
        is_status = request.verb in ("update", "patch") and request.subresource == "status"
        answer = _read_answer(request)
        uid = _read_uid(request)
        if is_status and not (uid and (answer or request.body.has("status"))):
            self._known.pop(request.key, None)  # a status of which the log does not say enough
            return
        if _is_mirror(request.body):
            self._mirrors.add(request.key)
        known = self._known.get(request.key)
        if uid and (known is None or known.uid != uid):
            known = self._known[request.key] = _Known(uid)
        if known is None:
            return
        if request.verb == "delete" and not request.subresource and is_kubelets(request):
            yield from self._judge_delete(request, known, watched.get(uid))
        elif is_status:
            if answer is not None and uid not in watched:
                yield from self._judge_answer(request, known, answer)
            known.take_in(request.body.view("status"))
        if answer is not None:
            known.take_in(answer.status)
            known.pod = answer

    @judges(Level.LOG, *SHOWN, restarts_follow_the_policy, running_pods_are_not_pending)
    def _judge_answer(self, request: Request, known: _Known, after: State) -> Iterator[Violation]:
        """Judge the whole pod that answers a write of its status."""
        before = known.pod
        if before is not None and before.status.data == after.status.data:
            return
        steps = list_steps(before.status, after.status, after.spec) if before else ()
        shown = find_shown(after.status.data, after.spec.data, after.meta.data)
        for requirement, message, field in (*shown, *steps):
            yield request.violates(requirement, message, f"responseObject.{field}")

    @judges(Level.LOG, objects_go_after_their_containers, ends_are_shown)
    def _judge_delete(
        self, request: Request, known: _Known, watched: State | None
    ) -> Iterator[Violation]:
        """Judge the end of a pod, of which its kubelet has written the last status before.

        A watch has to show the same, lest the log has lost a write. A mirror goes while its static
        pod runs; its name ends with that of the node.
        """
        del self._known[request.key]
        node = request.user.removeprefix(_NODE)
        is_mirror = request.key in self._mirrors or request.reference.name.endswith(f"-{node}")
        is_mirror = is_mirror or any(p and _is_mirror(p.view) for p in (watched, known.pod))
        if request.body.integer("gracePeriodSeconds") != 0 or is_mirror:
            return
        running = [each.text("name") for each in known.containers.values() if runs(each)]
        phases = {known.phase} - {""}
        if watched is not None:
            shown = [c for name in _LISTS for c in watched.status.views(name) if runs(c)]
            running = running if shown else []
            phases.add(watched.status.text("phase"))
        if running:
            message = f"deleted by its kubelet while container {running[0]} is shown to run"
            yield request.violates(objects_go_after_their_containers, message)
        if phases and phases.isdisjoint(_ENDED) and _get_minor(request) >= SHOWS_ENDS:
            message = f"deleted by its kubelet in the phase {'/'.join(sorted(phases))}"
            yield request.violates(ends_are_shown, message)


def _read_uid(request: Request) -> str:
    """Return the uid of the pod; a write tells it at least as a precondition."""
    body = request.body
    uid = request.uid or body.view("metadata").text("uid")
    return uid or body.view("preconditions").text("uid")


def _read_answer(request: Request) -> State | None:
    answer = request.answer
    is_pod = answer.text("kind") == "Pod" and answer.has("spec") and answer.has("status")
    return State(answer.data, request.reference) if is_pod else None


def _is_mirror(pod: View) -> bool:
    return MIRROR in pod.view("metadata").view("annotations").data
