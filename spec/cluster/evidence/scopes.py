"""Whether the objects of a custom kind have a namespace: its definition says so."""

from collections.abc import Iterator
from dataclasses import replace

from planespec.spec.cluster.cluster_requirements import Reference, Violation
from planespec.spec.cluster.evidence.repeated import Repeated, refer_to
from planespec.spec.objects import ObjectMeta, View
from planespec.spec.objects.interning import Stored
from planespec.spec.objects.object_store import GROUPS, Store


class Scopes:
    """The custom kinds of the whole cluster, by the CustomResourceDefinitions of a store."""

    def __init__(self, store: Store) -> None:
        """Look at all definitions; a kind of Kubernetes' own is as it always was."""
        self._store = store
        self._wide = frozenset(
            found
            for stored in store.list("CustomResourceDefinition")
            if (found := _read_wide(stored)) and GROUPS.get(found[1]) != found[0]
        )

    def settle(self, repeated: Repeated) -> Iterator[Stored]:
        """Take the namespace off the objects of these kinds; yield those that stand twice.

        Until all of the input was read, they were taken to have one, as most kinds do.
        """
        for group, kind in sorted(self._wide):
            for stored in [*self._store.list(kind, group)]:
                first = self._store.get(stored.key._replace(namespace=""))
                if first is stored:
                    continue
                self._store.discard(stored.key)
                reference = refer_to(stored)._replace(namespace="")
                if first is None:
                    self._move(stored)
                    continue
                yield stored
                meta = ObjectMeta(stored["metadata"], "metadata")
                if repeated.replaces(reference, View(stored.to_json()), meta, first):
                    self._move(stored)

    def _move(self, stored: Stored) -> None:
        key = stored.key._replace(namespace="")
        self._store.put(key, stored.to_json(), stored.source, stored.version)

    def correct(self, violation: Violation) -> Violation:
        """Return a finding that names such objects without a namespace."""
        objects = tuple(self._correct(each) for each in violation.objects)
        return violation if objects == violation.objects else replace(violation, objects=objects)

    def _correct(self, reference: Reference) -> Reference:
        is_wide = (reference.group, reference.kind) in self._wide
        return reference._replace(namespace="") if is_wide else reference


def _read_wide(stored: Stored) -> tuple[str, str] | None:
    spec = stored.get("spec")
    names = spec.get("names") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(names, dict):
        return None
    group, kind = spec.get("group"), names.get("kind")
    is_named = isinstance(group, str) and isinstance(kind, str)
    return (str(group), str(kind)) if is_named and spec.get("scope") == "Cluster" else None
