"""Pods: defaults, and what an update may change.

Source: `pkg/registry/core/pod/strategy.go`, `pkg/apis/core/validation/validation.go`
(ValidatePodUpdate), `plugin/pkg/admission/defaulttolerationseconds`, v1.36.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from planespec.spec.admission.pod_defaults import default_pod_spec
from planespec.spec.admission.pod_plugins import add_default_tolerations
from planespec.spec.admission.pod_preparation import prepare_pod
from planespec.spec.api.changes.preparing import (
    find_value,
    is_same,
    keep,
    raise_generation,
    validate_whole_meta,
)
from planespec.spec.api.changes.shown_changes import show_difference
from planespec.spec.api.meta_updates import validate_core_meta_change
from planespec.spec.api.strategies import Json, Strategy
from planespec.spec.objects import Pod, View
from planespec.spec.pods.pod_admission import fill_in_defaults
from planespec.spec.validation.field_errors import Errors, forbidden, invalid, required
from planespec.spec.validation.pod.pod_rules import validate_live_pod, validate_pod

_LARGEST = 2**31 - 1
_WORDS = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
    "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be "
    "set to 1 if it was previously negative)"
)
_COUNT = "pod updates may not add or remove containers"
_NO_CHANGE = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
_TERMS = "requiredDuringSchedulingIgnoredDuringExecution"
_SELECTOR_PATH = f"spec.affinity.nodeAffinity.{_TERMS}.nodeSelectorTerms"


def _default_pod(data: Json) -> None:
    spec = default_pod_spec(data.setdefault("spec", {}))
    spec.setdefault("enableServiceLinks", True)
    data["spec"] = dict(fill_in_defaults(Pod(data)).spec.data)


def _begin(data: Json) -> None:
    """Source: PrepareForCreate; nothing is scheduled yet."""
    prepared = prepare_pod(Pod(data), data["metadata"]["creationTimestamp"])[0]
    data |= {name: prepared.data[name] for name in ("spec", "status")}
    data["metadata"]["generation"] = 1


def _validate_new(data: Json) -> Errors:
    return validate_pod(View(data))


def _mutate(data: Json, _old: Json) -> None:
    tolerations = add_default_tolerations(Pod(data)).spec.items("tolerations")
    data["spec"]["tolerations"] = [dict(View(each).data) for each in tolerations]


def _prepare(data: Json, old: Json) -> None:
    keep(data, old, ("status",))
    if not is_same(data["spec"], old["spec"]):
        raise_generation(data, old)


def _validate(data: Json, old: Json) -> Errors:
    """Source: ValidatePodUpdate, which stops where a fault hides others."""
    yield from validate_core_meta_change(data, old)
    yield from validate_whole_meta(data)
    yield from validate_live_pod(View(data))
    new, before = data["spec"], old["spec"]
    for name in ("containers", "initContainers"):
        errors = list(_validate_containers(new, before, name))
        yield from errors
        if errors and errors[-1].field == f"spec.{name}":
            return
    errors = list(_validate_deadline(new, before))
    yield from errors
    if errors and new.get("activeDeadlineSeconds") is not None:
        return
    yield from _validate_tolerations(new, before)
    yield from _validate_gates(new, before)
    if not is_same(new, before):
        yield from _validate_rest(new, before)


def _validate_containers(new: Json, before: Json, name: str) -> Errors:
    """Source: ValidateContainerUpdates."""
    containers = new.get(name) or []
    if len(containers) != len(before.get(name) or []):
        yield forbidden(f"spec.{name}", _COUNT)
        return
    for index, container in enumerate(containers):
        path, image = f"spec.{name}[{index}].image", container.get("image") or ""
        if not image:
            yield required(path)
        if image.strip() != image:
            yield invalid(path, image, "must not have leading or trailing whitespace")


def _validate_deadline(new: Json, before: Json) -> Errors:
    """A deadline comes or becomes shorter."""
    path = "spec.activeDeadlineSeconds"
    value, was = (each.get("activeDeadlineSeconds") for each in (new, before))
    if value is None:
        if was is not None:
            yield invalid(path, None, "must not update from a positive integer to nil value")
    elif not 0 <= value <= _LARGEST:
        yield invalid(path, value, f"must be between 0 and {_LARGEST}, inclusive")
    elif was is not None and was < value:
        yield invalid(path, value, "must be less than or equal to previous value")


def _validate_tolerations(new: Json, before: Json) -> Errors:
    """Tolerations are added, and last as long as is said. Source: validateOnlyAddedTolerations."""
    listed = [_without_seconds(each) for each in new.get("tolerations") or ()]
    for each in before.get("tolerations") or ():
        if _without_seconds(each) not in listed:
            words = "existing toleration can not be modified except its tolerationSeconds"
            yield forbidden("spec.tolerations", words)
            return


def _without_seconds(toleration: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in toleration.items() if key != "tolerationSeconds"}


def _validate_gates(new: Json, before: Json) -> Errors:
    """Gates only go. Source: validateOnlyDeletedSchedulingGates."""
    names = {each["name"] for each in before.get("schedulingGates") or ()}
    for index, gate in enumerate(new.get("schedulingGates") or ()):
        if gate["name"] not in names:
            words = f"only deletion is allowed, but found new scheduling gate '{gate['name']}'"
            yield forbidden(f"spec.schedulingGates[{index}].name", words)


def _validate_rest(new: Json, before: Json) -> Errors:
    """All else stays; of a gated pod, where it may run can be narrowed."""
    munged = copy.deepcopy(new)
    for name in ("containers", "initContainers"):
        for one, other in zip(munged.get(name) or (), before.get(name) or (), strict=True):
            keep(one, other, ("image",))
    keep(munged, before, ("activeDeadlineSeconds", "schedulingGates", "tolerations"))
    grace, was = (each.get("terminationGracePeriodSeconds") for each in (munged, before))
    if was is not None and was < 0 and grace == 1:
        munged["terminationGracePeriodSeconds"] = was
    if before.get("schedulingGates"):
        yield from _narrow(munged, before)
    if not is_same(munged, before):
        shown = show_difference("PodSpec", before, munged)
        yield forbidden("spec", f"{_WORDS}\n{shown}")


def _narrow(munged: Json, before: Json) -> Errors:
    """Check and put back the node selector and node affinity of a gated pod."""
    labels, was = munged.get("nodeSelector") or {}, before.get("nodeSelector") or {}
    if labels != was:
        if any(labels.get(key) != value for key, value in was.items()):
            yield invalid("spec.nodeSelector", dict(sorted(labels.items())) or None, _NO_CHANGE)
        keep(munged, before, ("nodeSelector",))
    new = find_value(munged, "affinity.nodeAffinity")
    old = find_value(before, "affinity.nodeAffinity")
    if not is_same(new, old):
        yield from _validate_affinity(new, old)
        _put_back_affinity(munged, before, old)


def _put_back_affinity(munged: Json, before: Json, old: object) -> None:
    affinity = munged.get("affinity")
    others = ("podAffinity", "podAntiAffinity")
    if affinity is None:
        if old is not None:
            munged["affinity"] = {"nodeAffinity": old}
    elif before.get("affinity") is None and not any(name in affinity for name in others):
        del munged["affinity"]
    else:
        keep(affinity, before.get("affinity") or {}, ("nodeAffinity",))


def _validate_affinity(new: object, old: object) -> Errors:
    """Source: validateNodeAffinityMutation."""
    terms = find_value({"a": old}, f"a.{_TERMS}.nodeSelectorTerms")
    now = find_value({"a": new}, f"a.{_TERMS}.nodeSelectorTerms")
    if not isinstance(terms, list):
        return
    listed = now if isinstance(now, list) else []
    if len(listed) != len(terms):
        words = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        yield invalid(_SELECTOR_PATH, listed or None, words)
        return
    for index, (term, was) in enumerate(zip(listed, terms, strict=True)):
        if not _extends(term, was):
            path = f"{_SELECTOR_PATH}[{index}]"
            words = "only additions are allowed (no mutations or deletions)"
            yield invalid(path, term, words)


def _extends(term: Mapping[str, Any], was: Mapping[str, Any]) -> bool:
    """Say whether a term has all that it had, at its place.

    Source: validateNodeSelectorTermHasOnlyAdditions.
    """
    if not was and term:
        return False
    for name in ("matchExpressions", "matchFields"):
        one: Sequence[object] = term.get(name) or ()
        other: Sequence[object] = was.get(name) or ()
        if len(other) > len(one) or list(one)[: len(other)] != list(other):
            return False
    return True


# Its status.


def _prepare_status(data: Json, old: Json) -> None:
    keep(data, old, ("spec",))
    data["metadata"].pop("deletionTimestamp", None)
    keep(data["metadata"], old["metadata"], ("ownerReferences",))
    status = data.setdefault("status", {})
    if not status.get("qosClass"):
        keep(status, old.get("status") or {}, ("qosClass",))


def _validate_status(data: Json, old: Json) -> Errors:
    """Source: ValidatePodStatusUpdate."""
    yield from validate_core_meta_change(data, old)
    quality = find_value(data, "status.qosClass")
    if quality != find_value(old, "status.qosClass"):
        yield invalid("status.qosClass", quality, "field is immutable")


POD = Strategy(
    group="",
    version="v1",
    kind="Pod",
    plural="pods",
    is_graceful=True,
    returns_deleted=True,
    default=_default_pod,
    prepare_create=_begin,
    validate_create=_validate_new,
    mutate=_mutate,
    prepare_update=_prepare,
    validate_update=_validate,
)
POD_STATUS = replace(
    POD,
    prepare_update=_prepare_status,
    validate_update=_validate_status,
    resets=("spec", "metadata.deletionTimestamp", "metadata.ownerReferences"),
)
