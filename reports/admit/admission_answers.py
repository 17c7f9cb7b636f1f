"""Read an object and a cluster, and take the one through the admission of the other."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from planespec.checker.errors import ConfigurationError, InputError
from planespec.reports.audit.sources import without_collection
from planespec.reports.fit.reading import read_objects
from planespec.reports.input.cel_authorizer import make_authorizer
from planespec.reports.input.cel_expressions import CelEvaluator
from planespec.reports.input.lines import STDIN
from planespec.reports.input.schema_files import load_merge_types
from planespec.reports.judge.runner import ABSENT, differences
from planespec.spec.admission.admission_steps import Course, Refusal, Step
from planespec.spec.admission.extensions.admission_request import AdmissionRequest, GroupVersion
from planespec.spec.admission.extensions.cluster_extensions import ClusterExtensions, name_of
from planespec.spec.admission.extensions.cluster_policies import Asker
from planespec.spec.admission.object_chain import admit_object
from planespec.spec.admission.pod_chain import Circumstances
from planespec.spec.api.authorization.access_request import ADMINISTRATORS
from planespec.spec.objects import View
from planespec.spec.objects.object_store import CLUSTER_SCOPED, Store
from planespec.spec.objects.resource_names import plural_of
from planespec.spec.scheduling.attempts.known_cluster import KnownCluster
from planespec.spec.schema.merge_types import MergeType

SCHEMA = "planespec/admit/1"


class AdmitVerdict(StrEnum):
    """What becomes of the object."""

    ADMITTED = "Admitted"
    REFUSED = "Refused"
    UNKNOWN = "Unknown"


@dataclass(frozen=True)
class Requester:
    """Who asks; what he may do at all is not judged."""

    username: str = "kubernetes-admin"
    groups: Sequence[str] = ADMINISTRATORS


@dataclass(frozen=True)
class Admission:
    """The answer, with every step to it."""

    kind: str
    namespace: str
    name: str
    course: Course
    notes: Sequence[str] = field(default=())
    """What was assumed about the cluster."""

    @property
    def verdict(self) -> AdmitVerdict:
        """Refused is certain only where nothing unknown could have changed the object before."""
        if self.course.refusal is not None:
            return AdmitVerdict.REFUSED if self.course.is_certain else AdmitVerdict.UNKNOWN
        return AdmitVerdict.UNKNOWN if self.course.open else AdmitVerdict.ADMITTED

    @property
    def title(self) -> str:
        """Kind, namespace and name."""
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {place}{self.name}"

    def to_json(self) -> str:
        """Return the document of `--json` as text."""
        stored = dict(self.course.object) if self.verdict is AdmitVerdict.ADMITTED else None
        document = {
            "schema": SCHEMA,
            "verdict": self.verdict.value,
            "object": {"kind": self.kind, "namespace": self.namespace, "name": self.name},
            "refusal": _write_refusal(self.course.refusal),
            "notes": list(self.notes),
            "warnings": self.course.warnings,
            "open": self.course.open,
            "steps": [_write_step(step) for step in self.course.steps],
            "stored": stored,
        }
        return json.dumps(document, indent=2)


def _write_refusal(refusal: Refusal | None) -> dict[str, Any] | None:
    if refusal is None:
        return None
    return {"code": refusal.code, "reason": refusal.reason, "message": refusal.message}


def _write_step(step: Step) -> dict[str, Any]:
    return {
        "plugin": step.plugin,
        "changes": [
            {"field": field, "before": before, "after": after}
            for field, before, after in list_changes(step)
        ],
        "warnings": list(step.warnings),
        "open": list(step.open),
        "notes": list(step.notes),
        "refusal": _write_refusal(step.refusal),
    }


def list_changes(step: Step) -> list[tuple[str, object, object]]:
    """Return the fields that a step changed, with what they were and are; null is none."""
    found = differences(dict(step.before), dict(step.after))
    return [
        (each.field.removeprefix("."), _hide(each.expected), _hide(each.actual)) for each in found
    ]


def _hide(value: object) -> object:
    return None if value is ABSENT else value


def admit(name: str, files: Sequence[str], requester: Requester) -> Admission:
    """Answer for the one object of a file. Raises InputError and ConfigurationError."""
    if [name, *files].count(STDIN) > 1:
        raise ConfigurationError("only one of OBJECT and --cluster can be standard input")
    with without_collection():
        store = read_objects(files)
        data = _read_object(name)
        return _answer(store, data, requester)


def _read_object(name: str) -> Mapping[str, Any]:
    found = [stored.to_json() for stored in read_objects([name])]
    if len(found) != 1:
        raise InputError(f"has {len(found)} objects, needs one", file=name)
    return found[0]


def _answer(store: Store, data: Mapping[str, Any], requester: Requester) -> Admission:
    view = View(data)
    kind, meta = view.text("kind"), view.view("metadata")
    namespace = meta.text("namespace") or "default"
    is_wide = kind in CLUSTER_SCOPED
    known = KnownCluster(store)
    request = _describe(view, "" if is_wide else namespace, requester)
    evaluate = CelEvaluator(make_authorizer(store))
    outside = ClusterExtensions(Asker(known, evaluate, request, _find_type))
    given = Circumstances(namespace, outside=outside)
    course = admit_object(known, data, given)
    return Admission(
        kind, "" if is_wide else namespace, name_of(data), course, _list_notes(known, kind)
    )


_ASKED_OF_PODS = ("LimitRange", "ServiceAccount", "PriorityClass")
_ASKED_OF_ALL = (
    *("ResourceQuota", "MutatingAdmissionPolicy", "MutatingWebhookConfiguration"),
    *("ValidatingAdmissionPolicy", "ValidatingWebhookConfiguration"),
)


def _list_notes(known: KnownCluster, kind: str) -> list[str]:
    """Say of which kinds that decide the input has none."""
    asked = (*(_ASKED_OF_PODS if kind == "Pod" else ()), *_ASKED_OF_ALL)
    absent = [each for each in asked if not known.knows(each)]
    if not absent:
        return []
    return [f"the input has no {', '.join(absent)}: there is taken to be none but the built-in"]


def _find_type(kind: GroupVersion) -> MergeType:
    """Return how a kind merges; one that Kubernetes does not have, as if each map had owners."""
    try:
        return load_merge_types().find(kind.group, kind.version, kind.name)
    except KeyError:
        return MergeType("any")


def _describe(view: View, namespace: str, requester: Requester) -> AdmissionRequest:
    kind = view.text("kind")
    group, _, version = view.text("apiVersion").rpartition("/")
    name = name_of(view.data)
    return AdmissionRequest(
        "CREATE",
        GroupVersion(group, version, kind),
        GroupVersion(group, version, plural_of(kind)),
        name if kind == "Namespace" else namespace,
        name,
        dict(view.data),
        username=requester.username,
        groups=tuple(requester.groups),
    )
