"""What the API server's own rules say of the objects of a snapshot.

Each spec is judged once, however many objects have it. A type that is wrong is no matter of rules:
where one is met, the rules say no more.
"""

from collections.abc import Iterable, Iterator

from planespec.spec.cluster.cluster_requirements import (
    VALID_OBJECT,
    VALID_POD,
    VALID_SERVICE,
    Reference,
    Violation,
)
from planespec.spec.names import get_dns1123_label_errors
from planespec.spec.objects import ObjectError, ObjectMeta, View, list_containers
from planespec.spec.objects.interning import OF_POD_SPEC, Common, Interner
from planespec.spec.quantity import parse_quantity
from planespec.spec.schema.published_kinds import PublishedKinds
from planespec.spec.schema.served_versions import list_served_errors
from planespec.spec.validation.field_errors import Errors, FieldError, invalid
from planespec.spec.validation.kinds.workload_rules import MISMATCH, validate_stateful_claims
from planespec.spec.validation.object_rules import Kind, find_kind
from planespec.spec.validation.pod.annotation_rules import validate_pod_annotations
from planespec.spec.validation.pod.pod_rules import validate_pod_body

_LARGEST = parse_quantity("9223372036854775807")
_SELECTING = (
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
    "DaemonSet",
)
"""Workloads whose selector has a requirement of its own."""
_HIDDEN = "***HIDDEN***"
"""What support bundles put in place of what they keep back."""
_ENDED = ("Succeeded", "Failed")


class ValidityJudge:
    """Judges the content of objects; of pods and templates with one spec only the first."""

    def __init__(self, interner: Interner, published: PublishedKinds | None) -> None:
        """Tell equal specs by what the interner knows as one."""
        self._interner = interner
        self._published = published
        self._known: dict[Common | None, tuple[FieldError, ...]] = {}
        self._said: set[tuple[Common | None, str]] = set()

    def judge(
        self, reference: Reference, group: str, view: View, spec: Common | None
    ) -> Iterator[Violation]:
        """Yield what is wrong with an object; `spec` is what it has in common with others."""
        kind = find_kind(group, reference.kind)
        if kind is None:
            return
        if (group, reference.kind) == ("", "Pod"):
            yield from self._judge_pod(reference, view, spec)
            return
        # A version that is gone had other fields and defaults; its pods were those of today.
        if self._is_served(reference.kind, view.text("apiVersion")):
            yield from _judge_frame(reference, kind, view)
        yield from self._judge_template(reference, kind, view)

    def _is_served(self, kind: str, version: str) -> bool:
        if self._published is None or not version:
            return not list_served_errors(kind, version)
        asked = (version.rpartition("/")[0], version.rpartition("/")[2], kind)
        is_known = self._published.find(asked) or self._published.advise(asked) is None
        return bool(is_known) and not list_served_errors(kind, version)

    def _judge_pod(
        self, reference: Reference, view: View, spec: Common | None
    ) -> Iterator[Violation]:
        """A pod that has ended needs nothing any more."""
        if View(view.data.get("status"), "status").data.get("phase") in _ENDED:
            return
        meta = ObjectMeta(view.data.get("metadata"), "metadata")
        yield from _say(
            reference, "", _list_errors(validate_pod_annotations(meta, view.view("spec")))
        )
        if spec not in self._known:
            self._known[spec] = tuple(_list_errors(_validate_spec(view, meta.name)))
        yield from self._say_once(reference, "", spec)

    def _judge_template(self, reference: Reference, kind: Kind, view: View) -> Iterator[Violation]:
        """Judge the pods that a workload would make, as the first of them would be."""
        template = None if kind.find_template is None else kind.find_template(view)
        if template is None:
            if reference.kind != "StatefulSet":
                return
            template = view.view("spec").view("template")
        spec = dict(template.view("spec").data)
        if reference.kind == "StatefulSet":
            spec["volumes"] = _list_volumes(view, template.view("spec"))
        common, _ = self._interner.intern(spec, OF_POD_SPEC)
        if common not in self._known:
            pod = View({"spec": spec})
            self._known[common] = tuple(_list_errors(_validate_spec(pod, "")))
        yield from self._say_once(reference, f"{template.field}.", common)

    def _say_once(
        self, reference: Reference, prefix: str, spec: Common | None
    ) -> Iterator[Violation]:
        key = (spec, reference.namespace)
        if self._known[spec] and key not in self._said:
            self._said.add(key)
            yield from _say(reference, prefix, self._known[spec])


def _judge_frame(reference: Reference, kind: Kind, view: View) -> Iterator[Violation]:
    """Judge what stands around the pod spec of a template, or all where there is none."""
    requirement = VALID_SERVICE if reference.kind == "Service" else VALID_OBJECT
    for error in _list_errors(_list_frame_errors(reference.kind, kind, view)):
        if MISMATCH not in error.message or reference.kind not in _SELECTING:
            yield requirement.violated(reference, message=error.message, field=error.field)


def _say(reference: Reference, prefix: str, errors: Iterable[FieldError]) -> Iterator[Violation]:
    for error in errors:
        field = prefix + error.field
        yield VALID_POD.violated(reference, message=error.message, field=field)


def _list_errors(errors: Errors) -> list[FieldError]:
    """Collect errors, each once, up to where a type is wrong, but none on what is hidden."""
    found: dict[FieldError, None] = {}
    try:
        for error in errors:
            if _HIDDEN not in error.message:
                found[error] = None
    except ObjectError:
        pass
    return list(found)


def _list_frame_errors(name: str, kind: Kind, view: View) -> Errors:
    """List what is wrong besides the pod spec of a template."""
    yield from kind.validate(view)
    if name == "Service":
        meta = ObjectMeta(view.data.get("metadata"), "metadata")
        for why in get_dns1123_label_errors(meta.name) if meta.name else ():
            yield invalid("metadata.name", meta.name, why)
    if name == "StatefulSet":
        yield from validate_stateful_claims(view)


def _validate_spec(pod: View, name: str) -> Errors:
    """Judge a pod, and look for what rules of the API server let pass."""
    yield from validate_pod_body(pod, name)
    for container in list_containers(pod.view("spec")):
        resources = container.view("resources")
        for resource, amount in resources.quantities("requests").items():
            if amount > _LARGEST:
                why = f"does not fit 64 bits, so the scheduler counts {amount.value}"
                yield invalid(f"{resources.field}.requests[{resource}]", str(amount), why)


def _list_volumes(view: View, spec: View) -> list[object]:
    """Return the volumes of a pod of a StatefulSet: those of its claims replace others."""
    claims = view.view("spec").views("volumeClaimTemplates")
    names = [ObjectMeta(each.data.get("metadata"), each.field).name for each in claims]
    own = [each.data for each in spec.views("volumes") if each.text("name") not in names]
    return [*own, *({"name": n, "persistentVolumeClaim": {"claimName": n}} for n in names)]
