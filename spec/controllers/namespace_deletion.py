"""How a namespace ends: its content is deleted kind by kind, then it is finalized.

The controller waits GRACE after it has heard of the deletion, so that every API server has heard
of it, too. Pods go first; other kinds only when no pod is left. What is left is told in
conditions. The finalizer of the namespace comes off only when nothing is left.

Source: Kubernetes v1.36, `pkg/controller/namespace/namespace_controller.go`
(namespaceDeletionGracePeriod) and `pkg/controller/namespace/deletion`
(`namespaced_resources_deleter.go`, `status_condition_utils.go`). Left out: APIs that do not
answer, and deletions that fail.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from planespec.spec.objects.view import ApiObject

GRACE = 5.0
"""Seconds between a deletion and the first look at the content."""
FINALIZER = "kubernetes"
COLLECTION = {"propagationPolicy": "Background"}
"""The options with which content is deleted."""

Json = dict[str, Any]
_CONDITIONS: Mapping[str, tuple[str, str]] = {
    "NamespaceDeletionDiscoveryFailure": (
        "ResourcesDiscovered",
        "All resources successfully discovered",
    ),
    "NamespaceDeletionGroupVersionParsingFailure": (
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    "NamespaceDeletionContentFailure": (
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    "NamespaceContentRemaining": ("ContentRemoved", "All content successfully removed"),
    "NamespaceFinalizersRemaining": (
        "ContentHasNoFinalizers",
        "All content-preserving finalizers finished",
    ),
}
"""Reason and message of every condition where all is well."""


def may_delete_content(namespace: ApiObject) -> bool:
    """Whether the content of a namespace is to go."""
    return namespace.meta.is_deleting and FINALIZER in namespace.spec.texts("finalizers")


def list_conditions(
    old: Sequence[Json], content: Mapping[str, int], finalizers: Mapping[str, int], now: str
) -> list[Json]:
    """The conditions after a look; one that says the same as before keeps its time.

    `content` counts what is left by resource and group (`pods.`), `finalizers` by finalizer.
    """
    told = dict(_CONDITIONS)
    failing: dict[str, tuple[str, str]] = {}
    if content:
        left = ", ".join(f"{name} has {n} resource instances" for name, n in _sort(content))
        said = f"Some resources are remaining: {left}"
        failing["NamespaceContentRemaining"] = ("SomeResourcesRemain", said)
    if finalizers:
        left = ", ".join(f"{name} in {n} resource instances" for name, n in _sort(finalizers))
        said = f"Some content in the namespace has finalizers remaining: {left}"
        failing["NamespaceFinalizersRemaining"] = ("SomeFinalizersRemain", said)
    before = {each["type"]: each for each in old}
    made = []
    for kind, (reason, message) in (told | failing).items():
        status = "True" if kind in failing else "False"
        same = before.get(kind, {}).get("status") == status
        since = before[kind]["lastTransitionTime"] if same else now
        condition = {"type": kind, "status": status, "lastTransitionTime": since}
        made.append(condition | {"reason": reason, "message": message})
    return made


def finalize(namespace: ApiObject) -> list[str]:
    """The finalizers of the spec without the controller's own."""
    return [each for each in namespace.spec.texts("finalizers") if each != FINALIZER]


def _sort(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items())
