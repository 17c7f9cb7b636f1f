"""What files of kustomize say of the files beside them.

A patch looks like an object and is a part of one; a base lacks what overlays, labels and patches
add. So the first are no objects, and of the second what is missing is not judged, nor what
`kustomize_changes` says.
Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from planespec.reports.audit.reading.documents import KUSTOMIZED, PassedOver, is_kustomization
from planespec.reports.audit.reading.item import Item
from planespec.reports.audit.reading.kustomize_changes import (
    CHANGED,
    Coverage,
    list_tables,
    read_changes,
)
from planespec.reports.audit.reading.kustomize_patches import LISTS, Patches
from planespec.spec.cluster.cluster_requirements import (
    VALID_OBJECT,
    VALID_POD,
    VALID_SERVICE,
    Violation,
)
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.schema.schema_judge import SHAPE

INTO_OTHERS = "what kustomize puts into other objects: the outcome, `kustomize build` prints"
INCOMPLETE = "what is missing from bases of kustomize, to which overlays and labels may add it"

_PATCHES = (*LISTS, "replacements")
PATCHED = "what patches of kustomize change: the outcome, `kustomize build` prints"
_CONFIGURED = ("configurations", "crds", "generators", "transformers", "validators")
_NAMED = ("resources", "bases", "components")
_GENERATED = ("configMapGenerator", "secretGenerator")
_MADE = {"configMapGenerator": "ConfigMap", "secretGenerator": "Secret"}
_MAY_MISS = (SHAPE, VALID_OBJECT, VALID_POD, VALID_SERVICE)
_ABSENCE = ("Required value", "empty selector is invalid")


def put_first(names: Iterable[str]) -> list[str]:
    """Return the files with those of kustomize before all others, which they tell of."""
    return sorted(names, key=lambda each: not is_kustomization(each))


class Kustomizations:
    """The files of kustomize in the input, as far as they have been read."""

    def __init__(self) -> None:
        """Begin with none."""
        self._folders: set[str] = set()
        self._resources: set[str] = set()
        self._parts: set[str] = set()
        self._made: dict[str, set[str]] = {}
        self._coverage, self._patches = Coverage(), Patches()

    def __bool__(self) -> bool:
        """Say whether there is one."""
        return bool(self._folders)

    def read(self, tool: PassedOver) -> None:
        """Take in what a document says, if it is one of kustomize."""
        if tool.what != KUSTOMIZED:
            return
        folder = os.path.dirname(tool.place.file)
        self._folders.add(os.path.normpath(folder))
        self._parts |= _locate(folder, _list_parts(tool.value))
        named = [each for name in _NAMED for each in _list_texts(tool.value.get(name))]
        resources = _locate(folder, named)
        self._resources |= resources
        self._patches.read(folder, tool.value)
        self._coverage.add(os.path.normpath(folder), read_changes(tool.value), resources)
        for name, kind in _MADE.items():
            for each in list_tables(tool.value.get(name)):
                if isinstance(each.get("name"), str):
                    self._made.setdefault(kind, set()).add(each["name"])

    def takes(self, item: Item) -> bool:
        """Say whether a document is put into other objects: a patch, a configuration, a text."""
        if not self._parts or os.path.normpath(item.place.file) not in self._parts:
            return False
        self._patches.read_file(item.place.file, item.value)
        return True

    def tell(self, cluster: Cluster) -> None:
        """Tell the snapshot what they make, and that there are variants."""
        cluster.repeated.is_overlaid |= bool(self)
        for kind, names in self._made.items():
            cluster.made.setdefault(kind, set()).update(names)

    def hold_back(self, cluster: Cluster, violations: Iterable[Violation]) -> Iterator[Violation]:
        """Yield the findings without those of what an overlay may mend, which become doubts."""
        for violation in violations:
            if self._may_be_added(violation):
                cluster.doubt(INCOMPLETE, violation.objects[0])
            elif self._coverage.explain(cluster, violation):
                cluster.doubt(CHANGED, violation.objects[0])
            elif violation.objects and self._patches.may_mend(violation):
                cluster.doubt(PATCHED, violation.objects[0])
            else:
                yield violation

    def _may_be_added(self, violation: Violation) -> bool:
        if not self or violation.requirement not in _MAY_MISS or not violation.objects:
            return False
        place = violation.objects[0].place
        if place is None or not any(each in violation.message for each in _ABSENCE):
            return False
        file = os.path.normpath(place.file)
        return file in self._resources or os.path.dirname(file) in self._folders


def _list_parts(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield the files whose content goes into others."""
    for name in _PATCHES:
        yield from _list_texts(value.get(name))
        yield from (str(each.get("path")) for each in list_tables(value.get(name)))
    for name in _CONFIGURED:
        yield from _list_texts(value.get(name))
    for name in _GENERATED:
        for each in list_tables(value.get(name)):
            for text in (*_list_texts(each.get("files")), *_list_texts(each.get("envs"))):
                yield text.rpartition("=")[2]


def _list_texts(value: object) -> list[str]:
    listed = value if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, str) and "\n" not in each]


def _locate(folder: str, names: Iterable[str]) -> set[str]:
    return {os.path.normpath(os.path.join(folder, each)) for each in names}
