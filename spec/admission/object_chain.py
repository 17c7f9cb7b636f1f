"""The creation of an object of any kind: a pod, or what has fewer plugins that speak of it.

Sources: `pkg/kubeapiserver/options/plugins.go`, `plugin/pkg/admission/{storage,limitranger}`,
`staging/src/k8s.io/pod-security-admission`; v1.36.
Of kinds that are not Kubernetes' own the defaults and the rules are left out: that is told.
"""

from planespec.spec.admission.admission_steps import (
    Course,
    KnownObjects,
    PlainObject,
    Refusal,
    RefusalError,
)
from planespec.spec.admission.limit_ranger import list_claim_breaches, read_limit_range
from planespec.spec.admission.pod_chain import (
    Circumstances,
    admit_pod,
    charge_quotas,
    check_namespace,
    refuse_invalid,
)
from planespec.spec.api.changes.kind_defaults import fill_in_kind
from planespec.spec.objects import ObjectMeta, Pod, View
from planespec.spec.objects.object_store import CLUSTER_SCOPED, get_group
from planespec.spec.objects.resource_names import plural_of
from planespec.spec.objects.volumes import (
    BETA_CLASS_ANNOTATION,
    PersistentVolumeClaim,
    is_default_class,
)
from planespec.spec.objects.workload_views import HOLDERS, WorkloadView
from planespec.spec.pod_security.namespace_policy import read_namespace_policy, warn_of_insecure
from planespec.spec.validation.object_rules import find_kind, validate_object

CLAIM, VOLUME = "PersistentVolumeClaim", "PersistentVolume"
_PROTECTED = {CLAIM: "kubernetes.io/pvc-protection", VOLUME: "kubernetes.io/pv-protection"}
_ALREADY_EXISTS = 409


def name_resource(kind: str, group: str) -> str:
    """Return the resource of a kind with its group, as `deployments.apps`."""
    return f"{plural_of(kind)}.{group}" if group else plural_of(kind)


def admit_object(known: KnownObjects, data: PlainObject, given: Circumstances) -> Course:
    """Take an object through its creation. Raises ObjectError where it cannot be read."""
    view = View(data).needing("kind", "apiVersion")
    kind = view.text("kind")
    group = get_group(kind, view.text("apiVersion"))
    if kind == "Pod" and not group:
        course = admit_pod(known, data, given)
    else:
        course = Course(name_resource(kind, group), data)
        try:
            _admit(known, course, kind, group, given)
        except RefusalError:
            return course
    if course.refusal is None:
        _store(known, course, kind, given.namespace)
    return course


def _admit(
    known: KnownObjects, course: Course, kind: str, group: str, given: Circumstances
) -> None:
    is_namespaced = not (kind in CLUSTER_SCOPED and find_kind(group, kind))
    if is_namespaced:
        meta = {**View(course.object).view("metadata").data, "namespace": given.namespace}
        course.object = {**course.object, "metadata": meta}
    _fill_in(course)
    if is_namespaced:
        check_namespace(known, course, given.namespace)
    if kind == CLAIM and not group:
        _give_class(known, course)
    if kind in _PROTECTED and not group:
        _protect(course, _PROTECTED[kind])
    if given.outside is not None and given.outside.mutate(course):
        _fill_in(course)
        given.outside.mutate(course, is_second=True)
        _fill_in(course)
    _validate(course, kind, group)
    if kind == CLAIM and not group:
        _check_claim(known, course, given.namespace)
    if kind in HOLDERS and find_kind(group, kind) is not None:
        _warn_of_template(known, course, kind, given.namespace)
    if given.outside is not None:
        given.outside.validate(course)
    if is_namespaced:
        charge_quotas(known, course, given.namespace)


def _fill_in(course: Course) -> None:
    """Fill in what the object does not say, as is done where it is decoded."""
    made, why = fill_in_kind(course.object)
    course.take("defaults", made, notes=[why] if why else [])


def _give_class(known: KnownObjects, course: Course) -> None:
    """DefaultStorageClass: of several defaults the newest, then the first by name."""
    claim = PersistentVolumeClaim(course.object)
    if claim.spec.has("storageClassName") or BETA_CLASS_ANNOTATION in claim.meta.annotations:
        course.take("DefaultStorageClass")
        return
    found = [meta for meta, _ in known.view_all("StorageClass") if is_default_class(meta)]
    found.sort(key=lambda meta: meta.name)
    newest = max(found, key=lambda meta: meta.text("creationTimestamp"), default=None)
    if newest is not None:
        spec = {**claim.spec.data, "storageClassName": newest.name}
        course.take("DefaultStorageClass", {**course.object, "spec": spec})
    elif known.knows("StorageClass"):
        course.take("DefaultStorageClass")
    else:
        what = "the default StorageClass: the input has no StorageClass"
        course.take("DefaultStorageClass", open_=[what], may_change=True)


def _protect(course: Course, finalizer: str) -> None:
    """StorageObjectInUseProtection: what is in use stays, even if it is deleted."""
    meta = ObjectMeta(course.object.get("metadata"), "metadata")
    names = meta.texts("finalizers")
    if finalizer not in names:
        changed = {**meta.data, "finalizers": [*names, finalizer]}
        course.take("StorageObjectInUseProtection", {**course.object, "metadata": changed})


def _validate(course: Course, kind: str, group: str) -> None:
    if find_kind(group, kind) is None:
        what = f"the rules of {kind}" + (f" of {group}" if group else "")
        course.take("validation", open_=[what])
        return
    errors = list(validate_object(course.object))
    if errors:
        named = f"{kind}.{group}" if group else kind
        raise course.refuse("validation", refuse_invalid(named, course.object, errors))
    course.take("validation")


def _check_claim(known: KnownObjects, course: Course, namespace: str) -> None:
    claim = PersistentVolumeClaim(course.object)
    ways = []
    for _, view in known.view_in("LimitRange", namespace):
        breaches = list_claim_breaches(claim, read_limit_range(view.data))
        if breaches:
            ways.append([breaches])
    if ways:
        raise course.forbid("LimitRanger", *ways)
    course.take("LimitRanger")


def _warn_of_template(known: KnownObjects, course: Course, kind: str, namespace: str) -> None:
    """PodSecurity: of templates one is only warned; their pods are refused later."""
    if known.find("Namespace", "", namespace) is None:
        return
    template = WorkloadView(kind, dict(course.object)).template
    policy = read_namespace_policy(known.get_namespace_labels(namespace))
    warning = warn_of_insecure(Pod(template.pod.data), policy)
    course.take("PodSecurity", warnings=[warning] if warning else [])


def _store(known: KnownObjects, course: Course, kind: str, namespace: str) -> None:
    """Refuse an object whose name is taken: that shows when it is stored, last of all."""
    meta = ObjectMeta(course.object.get("metadata"), "metadata")
    place = "" if kind in CLUSTER_SCOPED else namespace
    if not meta.name or known.find(kind, place, meta.name) is None:
        return
    message = f'{course.resource} "{meta.name}" already exists'
    course.refuse("storage", Refusal(_ALREADY_EXISTS, "AlreadyExists", "", [[[message]]]))
