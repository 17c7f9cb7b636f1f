"""What files of kustomize change in the objects of the files beside them: what it may mend.

A base is judged as it stands. Where a finding is about what a namespace, a prefix, labels, a
number of replicas or an image of a kustomization changes, the outcome may not have it.
Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

import json
import os
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from planespec.spec.cluster.cluster_requirements import Reference, Violation
from planespec.spec.cluster.evidence.repeated import refer_to
from planespec.spec.cluster.inventory import Cluster

CHANGED = (
    "what kustomize changes (namespaces, names, labels, replicas, images): "
    "the outcome, `kustomize build` prints"
)
_BY_NAME = frozenset(
    (
        *(f"OBJ-{number}" for number in (6, 7, 8, 9, 10, 11, 13, 14, 15, 20, 21, 22)),
        *("OPS-4", "OPS-7", "OPS-10", "OPS-15", "OPS-16", "OPS-17", "OPS-18", "RBAC-3"),
    )
)
"""Requirements that look objects up by their names, or in their namespace."""
_BY_LABEL = frozenset(("OBJ-12", "OBJ-13", "OBJ-14", "OPS-4", "OPS-7"))
_APART = frozenset(("OBJ-19", "OPS-12"))
"""Requirements that selectors with one label more may meet."""
_BY_NUMBER = frozenset(("OBJ-16", "OBJ-18", "OPS-6", "OPS-17", "OPS-18"))
_BY_IMAGE = frozenset(("OBJ-17",))


class Changes(NamedTuple):
    """What one kustomization does to all objects that it names, directly or not."""

    namespace: str
    affixes: tuple[str, ...]
    """What names get in front and behind."""
    labels: frozenset[str]
    """Keys of labels that selectors or templates get."""
    replicas: frozenset[str]
    """Names of workloads."""
    images: frozenset[str]

    @property
    def is_any(self) -> bool:
        """Say whether it changes anything."""
        return any(self)


def read_changes(value: Mapping[str, Any]) -> Changes:
    """Read a kustomization; what has another type than it should changes nothing."""
    common = value.get("commonLabels")
    keys = set(common) if isinstance(common, dict) else set()
    for each in list_tables(value.get("labels")):
        pairs = each.get("pairs")
        if isinstance(pairs, dict) and (
            each.get("includeSelectors") is True or each.get("includeTemplates") is True
        ):
            keys |= set(pairs)
    namespace = value.get("namespace")
    affixes = (value.get("namePrefix"), value.get("nameSuffix"))
    return Changes(
        namespace if isinstance(namespace, str) else "",
        tuple(each for each in affixes if isinstance(each, str) and each),
        frozenset(map(str, keys)),
        frozenset(str(each.get("name")) for each in list_tables(value.get("replicas"))),
        frozenset(str(each.get("name")) for each in list_tables(value.get("images"))),
    )


def list_tables(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list; nothing of what is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


class Coverage:
    """Which kustomization changes the objects of which files."""

    def __init__(self) -> None:
        """Begin with none."""
        self._changes: dict[str, Changes] = {}
        self._resources: dict[str, Collection[str]] = {}
        self._moved: dict[str, bool] = {}

    def add(self, folder: str, changes: Changes, resources: Collection[str]) -> None:
        """Take in a kustomization, the files and folders that it names among them."""
        self._changes[folder] = changes
        self._resources[folder] = resources

    def explain(self, cluster: Cluster, violation: Violation) -> bool:
        """Say whether the outcome of a kustomization may not have what a finding is about."""
        if not violation.objects or not any(each.is_any for each in self._changes.values()):
            return False
        place = violation.objects[0].place
        if place is None:
            return False
        file = os.path.normpath(place.file)
        return any(
            self._may_mend(cluster, folder, violation)
            for folder, changes in self._changes.items()
            if changes.is_any and file in {*self._cover(folder)}
        )

    def _cover(self, folder: str, depth: int = 0) -> Iterator[str]:
        """Yield the files that a kustomization names, and those that others it names do."""
        for each in self._resources.get(folder, ()):
            if each in self._resources and depth < _DEEPEST:
                yield from self._cover(each, depth + 1)
            else:
                yield each

    def _may_mend(self, cluster: Cluster, folder: str, violation: Violation) -> bool:
        id_, changes, objects = violation.requirement.id, self._changes[folder], violation.objects
        if id_ in _BY_NAME and (
            self._moves(cluster, folder) or _names_affixed(violation, changes.affixes)
        ):
            return True
        if changes.labels and id_ in _APART:
            return True
        if id_ in _BY_LABEL and any(_mentions(cluster, o, changes.labels) for o in objects):
            return True
        if id_ in _BY_NUMBER and (changes.replicas & {each.name for each in objects}):
            return True
        if id_ in _BY_NUMBER and changes.replicas and objects[0].kind not in _SCALED:
            return True
        return id_ in _BY_IMAGE and any(each in violation.message for each in changes.images)

    def _moves(self, cluster: Cluster, folder: str) -> bool:
        """Say whether objects come into one namespace that stand in several, or meet others."""
        if folder not in self._moved:
            namespace = self._changes[folder].namespace
            self._moved[folder] = bool(namespace) and self._mixes(cluster, folder, namespace)
        return self._moved[folder]

    def _mixes(self, cluster: Cluster, folder: str, namespace: str) -> bool:
        covered, found = {*self._cover(folder)}, set[str]()
        for stored in cluster.whole_store:
            place = refer_to(stored).place
            if place is not None and stored.key.namespace:
                is_own = os.path.normpath(place.file) in covered
                if is_own or stored.key.namespace == namespace:
                    found.add(stored.key.namespace)
        return len(found) > 1


_DEEPEST = 20
"""Kustomizations that name each other in a row."""
_SCALED = ("Deployment", "ReplicaSet", "StatefulSet", "ReplicationController")


def _names_affixed(violation: Violation, affixes: Collection[str]) -> bool:
    """Say whether a message speaks of a name that begins or ends as kustomize lets names do."""
    words = re.findall(r"[-a-z0-9.]+", violation.message)
    return any(word.startswith(each) or word.endswith(each) for word in words for each in affixes)


def _mentions(cluster: Cluster, reference: Reference, keys: Collection[str]) -> bool:
    """Say whether an object speaks of one of the labels."""
    stored = cluster.store.find_named(*reference[:3]) if keys else None
    return stored is not None and any(
        json.dumps(each) in json.dumps(stored.to_json()) for each in keys
    )
