"""Whether a recorded object, or what a request says of one, has the shape that rules read."""

from planespec.spec.objects.view import ObjectError, View

_TEXTS = ("name", "namespace", "generateName", "uid", "resourceVersion", "deletionTimestamp")
_OF_OWNERS = ("apiVersion", "kind", "name", "uid")
_OF_CONDITIONS = ("type", "status", "reason", "message", "lastTransitionTime", "lastUpdateTime")
_PARTS = ("claimRef", "csi", "capacity", "selector", "source", "template", "resources", "strategy")


def check_body(body: object, field: str) -> None:
    """Raise ObjectError where a body is neither an object of the right shape nor a JSON patch."""
    if isinstance(body, list):
        for index, each in enumerate(body):
            View(each, f"{field}[{index}]").needing("op", "path").text("path")
        return
    view = View(body, field)
    for name in ("kind", "apiVersion", "propagationPolicy"):
        view.text(name)
    view.flag("orphanDependents")
    for name in ("uid", "resourceVersion"):
        view.view("preconditions").text(name)
    check_meta(view.view("metadata"))
    check_parts(view)


def check_meta(meta: View) -> None:
    """Raise ObjectError where metadata is not as the API has it."""
    for name in _TEXTS:
        meta.text(name)
    meta.texts("finalizers")
    for name in ("labels", "annotations"):
        values = meta.view(name)
        for key in values.data:
            values.text(key)
    for owner in meta.views("ownerReferences"):
        for name in _OF_OWNERS:
            owner.text(name)
        owner.flag("blockOwnerDeletion"), owner.flag("controller")


def check_parts(view: View) -> None:
    """Raise ObjectError where spec or status is not as the API has it."""
    spec, status = view.view("spec"), view.view("status")
    for name in _PARTS:
        spec.view(name)
    for name in ("nodeName", "volumeName", "storageClassName", "volumeMode", "attacher"):
        spec.text(name)
    for name in ("accessModes", "finalizers"):
        spec.texts(name)
    for volume in spec.views("volumes"):
        volume.view("persistentVolumeClaim").text("claimName")
    for name in ("name", "namespace", "uid"):
        spec.view("claimRef").text(name)
    _check_counts(spec)
    status.text("phase"), status.flag("attached"), status.view("attachError").text("message")
    status.texts("volumesInUse"), status.text("lastPhaseTransitionTime")
    for condition in status.views("conditions"):
        for name in _OF_CONDITIONS:
            condition.text(name)
        condition.needing("type", "status")


def _check_counts(spec: View) -> None:
    replicas = spec.integer("replicas") or 0
    if not 0 <= replicas < 2**31:
        raise ObjectError(spec.path("replicas"), "must be a number of pods")
