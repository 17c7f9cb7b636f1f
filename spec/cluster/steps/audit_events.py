"""Following audit.k8s.io/v1 events: what was asked, what was answered, in which order.

Events are written when a request is answered, so two that overlap may stand in either order; the
time a request was received decides. A write that names a resourceVersion can be received only
after that version was made.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from planespec.spec.cluster.cluster_requirements import (
    ANSWERS,
    BOUND_ONCE,
    DELETES_LAST,
    PHASES,
    REVISIONS,
    Reference,
    Violation,
)
from planespec.spec.cluster.steps.audit_requests import Request
from planespec.spec.cluster.steps.change import read_revision
from planespec.spec.cluster.steps.follower import MISSING_NODE, Follower
from planespec.spec.cluster.steps.kubelet_requests import KubeletFollower
from planespec.spec.requirement import Level, judges

_TERMINAL = ("Succeeded", "Failed")


def _says_enough(request: Request) -> bool:
    """Say whether a request can break a requirement; reads and refusals, say, cannot."""
    if request.subresource == "binding":
        return True
    is_write = request.verb in ("update", "patch")
    of_pod = request.resource == "pods" and bool(request.uid)
    has_base = is_write and request.body.view("metadata").has("resourceVersion")
    is_judged = has_base or (of_pod and (is_write or request.verb == "delete"))
    return request.succeeded and is_judged


@dataclass(frozen=True, slots=True)
class Binding:
    """A binding that was accepted."""

    node: str
    """Empty where the log does not say."""
    code: int
    received: str
    reference: Reference


def _is_same(one: Binding, other: Binding) -> bool:
    """Say whether two logs tell of one request: several may have got the same events."""
    places = [each.reference.place.file for each in (one, other) if each.reference.place]
    return places[1:] != places[:1] and (one.node, one.received) == (other.node, other.received)


def _tell_twice(first: Binding, second: Binding) -> Violation:
    where, before = (each.node or "a node the log does not name" for each in (second, first))
    return BOUND_ONCE.violated(
        second.reference,
        first.reference,
        message=f"bound to {where} with {second.code}, and to {before} before",
        before=first.node,
        after=second.node,
    )


class AuditFollower:
    """Judges requests in the order of the log, and against the watch where there is one."""

    def __init__(self, watched: Follower, bindings: dict[str, Binding] | None = None) -> None:
        """Compare with what `watched` saw; it may have seen nothing.

        `bindings` are those that other logs tell of, by uid; those of this one join them.
        """
        self._watched = watched
        self._bindings = {} if bindings is None else bindings
        self._named: dict[str, Binding] = {}
        self._refused: dict[str, Request] = {}
        self._bases: dict[tuple[str, str, str], tuple[int, str]] = {}
        self._phases: dict[str, tuple[str, str]] = {}
        self._removed: dict[str, str] = {}
        self._nodes_removed: set[str] = set()
        self._nodes_seen: set[str] = set()
        self._kubelets = KubeletFollower()
        self.judged = 0
        """Requests that say enough for one of the requirements to be broken by them."""

    def observe(self, request: Request) -> Iterator[Violation]:
        """Judge one request and take it in. Raises ObjectError where a field cannot be read."""
        self._note_lost_delete(request)
        self.judged += _says_enough(request)
        if request.subresource == "binding":
            yield from self._judge_binding(request)
        elif request.succeeded:
            yield from self._judge_revision(request)
            yield from self._judge_phase(request)
            yield from self._judge_removed(request)
            self._follow_name(request)
            if request.resource == "nodes":
                self._follow_node(request)
            elif request.resource == "pods":
                yield from self._kubelets.observe(request, self._watched.pods_by_uid)

    def _note_lost_delete(self, request: Request) -> None:
        if request.verb == "delete" and request.code in (404, 409):
            why = "the object was gone" if request.code == 404 else "of a conflict"
            fact = f"a delete was refused ({request.code}) because {why}"
            self._watched.note(fact, request.reference)

    def _follow_node(self, request: Request) -> None:
        self._nodes_seen.add(request.reference.name)
        if request.verb == "delete" and not request.subresource:
            self._nodes_removed.add(request.reference.name)
        elif request.verb == "create":
            self._nodes_removed.discard(request.reference.name)

    @judges(Level.LOG, ANSWERS, BOUND_ONCE)
    def _judge_binding(self, request: Request) -> Iterator[Violation]:
        uid = self._find_uid(request)
        node = request.body.view("target").text("name")
        identity = uid or "/".join(request.key)
        if not request.succeeded:
            if request.code == 409:
                fact = "a second binding of a pod is refused (409)"
                self._watched.note(fact, request.reference)
                self._refused[identity] = request
            return
        known = self._bindings if uid else self._named
        made = Binding(node, request.code, request.received, request.reference)
        first = known.setdefault(identity, made)
        if first is not made and not _is_same(first, made):
            yield _tell_twice(*sorted((first, made), key=lambda each: each.received))
        self._note_missing_node(request, node)
        state = self._watched.pods_by_uid.get(uid)
        shown = "" if state is None else state.spec.text("nodeName")
        if node and shown and shown != node:
            message = f"bound to {node} with {request.code}, the watch shows it on {shown}"
            yield request.violates(ANSWERS, message, before=shown, after=node)

    def _note_missing_node(self, request: Request, node: str) -> None:
        """A node is missing once it was deleted, or where others have shown and it never has.

        Where there is a watch of pods, that has noted it already.
        """
        is_gone = node in self._nodes_removed
        is_unknown = bool(self._nodes_seen) and node not in self._nodes_seen
        if (is_gone or is_unknown) and not self._watched.pods_by_uid:
            self._watched.note(MISSING_NODE, request.reference)

    def _find_uid(self, request: Request) -> str:
        """Return the uid of the pod; a request that has only its name may still tell it."""
        uid = request.uid or request.body.view("metadata").text("uid")
        if uid:
            return uid
        known = self._watched.uids.get(request.key[1:], set())
        return next(iter(known)) if len(known) == 1 else ""

    def _follow_name(self, request: Request) -> None:
        """Take in what ends a pod of a name, or makes one, which may be on a node at once."""
        if request.resource != "pods" or request.subresource not in ("", "eviction"):
            return
        kind, namespace, name = request.key
        if request.verb == "deletecollection":
            prefix = f"{kind}/{namespace}/"
            for each in [known for known in self._named if known.startswith(prefix)]:
                del self._named[each]
        elif request.verb in ("create", "delete"):
            self._named.pop(f"{kind}/{namespace}/{name}", None)
        if request.verb == "create":
            self._note_placed(request)

    def _note_placed(self, request: Request) -> None:
        """A pod that is created with the name of a node is bound to it."""
        pod = request.answer if request.answer.has("spec") else request.body
        node = pod.view("spec").text("nodeName")
        if node:
            made = Binding(node, request.code, request.received, request.reference)
            self._named["/".join(request.key)] = made
            if request.uid:
                self._bindings.setdefault(request.uid, made)

    @judges(Level.LOG, REVISIONS, ANSWERS)
    def _judge_revision(self, request: Request) -> Iterator[Violation]:
        """Successful updates of one object name ever newer versions, and ones that existed."""
        base = read_revision(request.body.view("metadata"), "resourceVersion")
        if base is None or request.verb not in ("update", "patch"):
            return
        field = "requestObject.metadata.resourceVersion"
        last = self._bases.get(request.key)
        if last is not None and base < last[0] and request.received > last[1]:
            message = f"an update of resourceVersion {base} is accepted after one of {last[0]}"
            yield request.violates(REVISIONS, message, field, before=last[0], after=base)
        if last is None or base > last[0]:
            self._bases[request.key] = (base, request.received)
        seen = self._watched.revisions.get(request.key)
        if seen and not self._watched.has_gap(request.reference.kind) and base not in seen:
            message = (
                f"an update of resourceVersion {base} is accepted, which no watch event shows"
            )
            yield request.violates(ANSWERS, message, field, after=base)

    @judges(Level.LOG, PHASES)
    def _judge_phase(self, request: Request) -> Iterator[Violation]:
        phase = request.body.view("status").text("phase")
        if request.resource != "pods" or request.subresource != "status" or not phase:
            return
        identity = request.uid or request.body.view("metadata").text("uid")
        if not identity:
            return
        last, received = self._phases.get(identity, ("", ""))
        if last in _TERMINAL and phase != last and request.received > received:
            message = f"phase {phase} is written after {last}"
            yield request.violates(PHASES, message, "requestObject.status.phase")
        if last not in _TERMINAL:
            self._phases[identity] = (phase, request.received)

    @judges(Level.LOG, DELETES_LAST)
    def _judge_removed(self, request: Request) -> Iterator[Violation]:
        """A pod removed at once, without finalizers, takes no more writes under its uid."""
        if request.resource != "pods" or not request.uid:
            return
        if request.verb == "delete":
            if request.body.integer("gracePeriodSeconds") == 0 and not self._has_finalizers(
                request
            ):
                self._removed.setdefault(request.uid, request.received)
        elif request.verb in ("update", "patch"):
            removed = self._removed.get(request.uid)
            if removed is not None and request.received > removed:
                state = self._watched.gone.get(request.uid)
                message = f"{request.verb} with {request.code} after it was deleted"
                if state is not None or not self._watched.pods_by_uid:
                    yield request.violates(DELETES_LAST, message)

    def _has_finalizers(self, request: Request) -> bool:
        state = self._watched.pods_by_uid.get(request.uid)
        if state is not None:
            return bool(state.meta.items("finalizers"))
        return bool(request.answer.view("metadata").items("finalizers"))

    @judges(Level.LOG, ANSWERS)
    def finish(self) -> Iterator[Violation]:
        """Judge what only the end of the log can tell: a refused binding that happened."""
        for uid, request in self._refused.items():
            state = self._watched.pods_by_uid.get(uid)
            if state is None or uid in self._bindings or self._watched.has_gap("Pod"):
                continue
            if state.spec.text("nodeName") == request.body.view("target").text("name"):
                message = "the binding was refused (409), and the watch shows that it happened"
                yield request.violates(ANSWERS, message)
