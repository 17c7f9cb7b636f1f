"""What the API server makes of a pod after mutating admission and before it is validated.

Source: `pkg/registry/core/pod/strategy.go` (PrepareForCreate), v1.36.
"""

from typing import Any

from planespec.spec.objects import ObjectMeta, Pod, View
from planespec.spec.pods.qos import compute_qos_class

APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_GATED = "Scheduling is blocked due to non-empty scheduling gates"
_TERMS = "requiredDuringSchedulingIgnoredDuringExecution"
_WEIGHTED = "preferredDuringSchedulingIgnoredDuringExecution"
JsonObject = dict[str, Any]


def prepare_pod(pod: Pod, now: str) -> tuple[Pod, list[str]]:
    """Return the pod with the status it begins with, its selectors made whole, and warnings.

    `now` is the time of the request as it is written. What the pod says of its status is lost.
    """
    status: JsonObject = {"phase": "Pending", "qosClass": str(compute_qos_class(pod))}
    if pod.spec.items("schedulingGates"):
        condition = {"type": "PodScheduled", "status": "False", "lastProbeTime": None}
        condition |= {"lastTransitionTime": now, "reason": "SchedulingGated", "message": _GATED}
        status["conditions"] = [condition]
    spec: JsonObject = dict(pod.spec.data)
    if pod.spec.has("affinity"):
        spec["affinity"] = _merge_affinity(pod.spec.view("affinity"), pod.meta.labels)
    if pod.spec.items("topologySpreadConstraints"):
        spec["topologySpreadConstraints"] = [
            _merge_keys(each, pod.meta.labels, ("matchLabelKeys",))
            for each in pod.spec.views("topologySpreadConstraints")
        ]
    warnings = _sync_app_armor(spec, pod.meta)
    return Pod({**pod.data, "spec": spec, "status": status}, pod.field), warnings


def _merge_affinity(affinity: View, labels: dict[str, str]) -> JsonObject:
    merged: JsonObject = dict(affinity.data)
    keys = ("matchLabelKeys", "mismatchLabelKeys")
    for kind in ("podAffinity", "podAntiAffinity"):
        if not affinity.has(kind):
            continue
        side = affinity.view(kind)
        merged[kind] = {**side.data}
        if side.items(_TERMS):
            merged[kind][_TERMS] = [_merge_keys(each, labels, keys) for each in side.views(_TERMS)]
        if side.items(_WEIGHTED):
            merged[kind][_WEIGHTED] = [
                {
                    **each.data,
                    "podAffinityTerm": _merge_keys(each.view("podAffinityTerm"), labels, keys),
                }
                for each in side.views(_WEIGHTED)
            ]
    return merged


def _merge_keys(term: View, labels: dict[str, str], names: tuple[str, ...]) -> JsonObject:
    """Work the pod's own values of the label keys into the selector of a term that has one."""
    added = [
        {
            "key": key,
            "operator": "NotIn" if name.startswith("mis") else "In",
            "values": [labels[key]],
        }
        for name in names
        for key in term.texts(name)
        if key in labels
    ]
    if not added or not term.has("labelSelector"):
        return dict(term.data)
    selector = term.view("labelSelector")
    expressions = [*selector.items("matchExpressions"), *added]
    return {**term.data, "labelSelector": {**selector.data, "matchExpressions": expressions}}


def _sync_app_armor(spec: JsonObject, meta: ObjectMeta) -> list[str]:
    """Copy old annotations into fields; changes `spec`. Source: applyAppArmorVersionSkew."""
    view, warnings = View(spec), list[str]()
    if view.view("os").text("name") == "windows":
        return warnings
    own = view.view("securityContext").data.get("appArmorProfile")
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(view.views(kind)):
            key = APP_ARMOR + container.text("name")
            context = container.view("securityContext")
            if key not in meta.annotations or context.has("appArmorProfile"):
                continue
            profile = _read_profile(meta.annotations[key])
            if profile is not None and profile != own:
                changed = {**context.data, "appArmorProfile": profile}
                spec[kind] = [*view.items(kind)] if spec[kind] is view.data[kind] else spec[kind]
                spec[kind][index] = {**container.data, "securityContext": changed}
            if profile is None or profile != own:
                words = 'deprecated since v1.30; use the "appArmorProfile" field instead'
                warnings.append(f"metadata.annotations[{key}]: {words}")
    return warnings


def _read_profile(annotation: str) -> JsonObject | None:
    """Return the field that says what an annotation says; None where it is malformed."""
    if annotation == "unconfined":
        return {"type": "Unconfined"}
    if annotation == "runtime/default":
        return {"type": "RuntimeDefault"}
    kind, _, name = annotation.partition("/")
    if kind == "localhost" and name and name.strip() == name and len(name) <= 4095:
        return {"type": "Localhost", "localhostProfile": name}
    return None
