"""Why the namespace controller sent a write: a namespace ends, and what is left in it is known.

What is left is looked at between the deletion of the content and the write, at one moment of those
that may have been.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from planespec.reports.judge.controllers.traced.traced_history import ROUND
from planespec.reports.judge.controllers.traced.traced_line import Request
from planespec.reports.judge.controllers.traced.traced_views import Moments
from planespec.reports.judge.versions.object_versions import Key, Version, order_versions
from planespec.spec.controllers.namespace_deletion import (
    COLLECTION,
    GRACE,
    finalize,
    list_conditions,
    may_delete_content,
)
from planespec.spec.objects.object_store import CLUSTER_SCOPED, GROUPS
from planespec.spec.objects.resource_names import plural_of
from planespec.spec.objects.view import ApiObject, View

Json = dict[str, Any]
_ADDED = ("kind", "apiVersion")
_KEPT = ("labels", "finalizers", "uid", "resourceVersion", "deletionTimestamp")
"""Fields of the metadata that an update of a namespace repeats."""


@dataclass(slots=True)
class NamespaceReasons:
    """Finds reasons for the writes of the namespace controller in a scenario."""

    moments: Moments
    collections: list[Request]
    """The deletions of whole collections that were asked for."""

    def explain(self, write: Request) -> str:
        """Why a write is not explained; empty where it is."""
        if write.verb == "deletecollection":
            return self._explain_collection(write)
        if write.verb != "update" or write.kind != "Namespace":
            return f"it does not {write.verb} {write.kind}"
        based = self._find_base(write)
        if based is None:
            return "it is made from a version that nobody saw"
        namespace = ApiObject(based.data)
        if not may_delete_content(namespace):
            return "the namespace does not end"
        if write.subresource == "status":
            return self._explain_status(write, namespace)
        if write.subresource == "finalize":
            return self._explain_end(write, namespace)
        return "it does not change namespaces otherwise"

    # The content.

    def _explain_collection(self, write: Request) -> str:
        body = {n: v for n, v in View(write.body).data.items() if n not in _ADDED}
        if body != COLLECTION or write.kind in CLUSTER_SCOPED:
            return "it does not delete content so"
        ending = self._list_ending(write.namespace)
        if not any(self._is_due(write, each) for each in ending):
            return "the namespace does not end, or not for long enough"
        if write.kind != "Pod" and not self._are_pods_gone(write):
            return "pods go first"
        again = [each for each in self.collections if self._is_repeated(each, write)]
        if again and not any(self._list_left(write.namespace, r) for r in self._walk(write)):
            return "it was deleted before, and nothing was left"
        return ""

    def _list_ending(self, name: str) -> list[Version]:
        lives = self.moments.history.by_key.get(Key("Namespace", "", name), ())
        versions = order_versions(lives)
        return [each for each in versions if may_delete_content(ApiObject(each.data))]

    def _is_due(self, write: Request, ending: Version) -> bool:
        return write.received + ROUND >= ending.since + GRACE

    def _are_pods_gone(self, write: Request) -> bool:
        first = [each for each in self.collections if each.kind == "Pod"]
        asked = any(
            each.namespace == write.namespace and each.received <= write.received for each in first
        )
        left = (self._list_left(write.namespace, at, "Pod") for at in self._walk(write))
        return asked and any(not each for each in left)

    def _is_repeated(self, each: Request, write: Request) -> bool:
        is_same = (each.kind, each.namespace) == (write.kind, write.namespace)
        return is_same and each is not write and each.received <= write.received

    def _walk(self, write: Request) -> list[int]:
        return self.moments.list_before(write)

    def _list_left(self, namespace: str, revision: int, kind: str = "") -> list[Version]:
        alive = self.moments.history.list_at(kind, revision)
        return [each for each in alive if each.key.namespace == namespace]

    # The namespace.

    def _find_base(self, write: Request) -> Version | None:
        based = self.moments.history.find_base(write)
        if based is None or based.since > write.received + ROUND:
            return None
        said, old = View(write.body).view("metadata").data, based.meta
        same = all((said.get(name) or None) == (old.get(name) or None) for name in _KEPT)
        return based if same else None

    def _explain_status(self, write: Request, namespace: ApiObject) -> str:
        said = View(write.body).view("status")
        now = max(
            (each.text("lastTransitionTime") for each in said.views("conditions")), default=""
        )
        old = [dict(each.data) for each in namespace.status.views("conditions")]
        for content, finalizers in self._count_left(write):
            conditions = list_conditions(old, content, finalizers, now)
            if said.data == {**namespace.status.data, "conditions": conditions}:
                return ""
        return "it tells of other content than was left"

    def _count_left(self, write: Request) -> Iterator[tuple[Counter[str], Counter[str]]]:
        for revision in self._walk(write):
            left = self._list_left(write.name, revision)
            kinds = Counter(each.kind for each in left)
            content = Counter(
                {f"{plural_of(kind)}.{GROUPS.get(kind, '')}": n for kind, n in kinds.items()}
            )
            yield (
                content,
                Counter(f for v in left for f in v.data["metadata"].get("finalizers", ())),
            )

    def _explain_end(self, write: Request, namespace: ApiObject) -> str:
        said = View(write.body).view("spec")
        if said.texts("finalizers") != finalize(namespace):
            return "it takes other finalizers off than its own"
        if not any(each.namespace == write.name for each in self.collections):
            return "nothing was deleted before"
        if all(self._list_left(write.name, revision) for revision in self._walk(write)):
            return "something is left"
        return ""
