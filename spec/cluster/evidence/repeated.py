"""Objects that stand in the input several times: one seen twice, variants, or a fault.

Dumps that were taken one after the other show one object at two times, and an object that was
deleted and made again under its name; folders of manifests hold variants of one object, of which a
cluster gets one.
"""

import os
from collections.abc import Iterator

from planespec.spec.cluster.cluster_requirements import (
    BOUND_ONCE,
    IDENTITY,
    Place,
    Reference,
    Violation,
)
from planespec.spec.objects import ObjectMeta, Pod, View
from planespec.spec.objects.interning import Stored

TWO_TIMES = "what changed between two times at which an object was seen: the newer counts"
TWO_OBJECTS = "what has another uid in another file, so a dump of another time: the newer counts"
VARIANTS = "what stands in several files, variants of which a cluster gets one: the first counts"


def refer_to(stored: Stored) -> Reference:
    """Return which object it is, and where it stands."""
    place = stored.source if isinstance(stored.source, Place) else None
    group, kind, namespace, name = stored.key
    return Reference(kind, namespace, name, place, group)


class Repeated:
    """What was found out of objects of one identity."""

    def __init__(self) -> None:
        """Begin with nothing repeated."""
        self.is_overlaid = False
        """Whether files of kustomize are among the input, which tell variants from faults."""
        self._violations: list[Violation] = []
        self._in_files: list[tuple[Violation, bool]] = []
        self._seen: dict[str, int] = {}

    def replaces(self, reference: Reference, view: View, meta: ObjectMeta, first: Stored) -> bool:
        """Compare an object with the one of its identity that is there; say which one counts."""
        known = ObjectMeta(first["metadata"], "metadata")
        versions = tuple(each.text("resourceVersion") for each in (known, meta))
        uids = known.uid, meta.uid
        if versions[1] and versions[0] == versions[1] and uids[0] == uids[1]:
            return False
        before = refer_to(first)
        is_same = bool(uids[0]) and uids[0] == uids[1]
        if all(versions) and (is_same or (all(uids) and not _is_one_file(reference, before))):
            self._note(TWO_TIMES if is_same else TWO_OBJECTS)
            if is_same:
                self._violations += _judge_nodes(reference, before, view, first)
            return _is_newer(*versions)
        found = [*_judge_nodes(reference, before, view, first)]
        again = f", and again as {uids[1]}" if uids[1] and uids[1] != uids[0] else ""
        message = f"stands twice in the input{again}"
        found = found or [IDENTITY.violated(reference, before, message=message, uid=uids[1])]
        is_manifest = not any((*uids, *versions))
        if is_manifest and not _is_one_file(reference, before):
            self._in_files.append((found[0], _is_one_folder(reference, before)))
        else:
            self._violations += found
        return False

    def _note(self, what: str) -> None:
        self._seen[what] = self._seen.get(what, 0) + 1

    def list_violations(self) -> Iterator[Violation]:
        """Yield what is a fault; manifests in other folders, or under kustomize, are variants."""
        yield from self._violations
        for found, is_one_folder in self._in_files:
            if is_one_folder and not self.is_overlaid:
                yield found

    def list_notes(self) -> Iterator[str]:
        """Yield what was taken for one object, or for variants, with how many there are."""
        for what, count in self._seen.items():
            yield f"{what} ({count:,})"
        variants = sum(self.is_overlaid or not of_one for _, of_one in self._in_files)
        if variants:
            yield f"{VARIANTS} ({variants:,})"


def _judge_nodes(
    reference: Reference, before: Reference, view: View, first: Stored
) -> Iterator[Violation]:
    """A pod that is bound stays on its node."""
    nodes = [Pod(each).node_name for each in (first, view.data) if reference.kind == "Pod"]
    if all(nodes) and len(set(nodes)) > 1:
        message = f"is on node {nodes[0]} and on node {nodes[1]}"
        yield BOUND_ONCE.violated(
            reference, before, message=message, before=nodes[0], after=nodes[1]
        )


def _is_newer(first: str, second: str) -> bool:
    """Compare resource versions, which are ordered numbers since KEP-5504."""
    return first.isdigit() and second.isdigit() and int(second) > int(first)


def _is_one_file(first: Reference, second: Reference) -> bool:
    return _file(first.place) == _file(second.place)


def _is_one_folder(first: Reference, second: Reference) -> bool:
    return os.path.dirname(_file(first.place)) == os.path.dirname(_file(second.place))


def _file(place: Place | None) -> str:
    return "" if place is None else place.file
