"""Why the garbage collector sent a write: it is one of those of a look at an object.

A look knows the graph of one moment and asks the API server at another, not earlier one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from planespec.reports.judge.controllers.traced.traced_line import Request
from planespec.reports.judge.controllers.traced.traced_views import Moments
from planespec.reports.judge.versions.object_versions import Key, Version, get_api_version
from planespec.spec.controllers.dependents_release import finish_orphaning, release
from planespec.spec.controllers.garbage_collection import (
    ORPHAN,
    CollectionError,
    Collector,
    CollectorWrite,
    DependencyGraph,
    Identity,
    read_owners,
)
from planespec.spec.objects.resource_names import find_served_resource
from planespec.spec.objects.view import ApiObject, View

Json = dict[str, Any]
_OPTIONS = ("kind", "apiVersion")
"""What the audit adds to the options of a deletion."""


def read_object(version: Version) -> ApiObject:
    """A version as an object of the API."""
    data = {**version.data, "apiVersion": get_api_version(version.kind)}
    return ApiObject(data, str(version.key))


@dataclass(slots=True)
class CollectorReasons:
    """Finds reasons for the writes of the collector in a scenario."""

    moments: Moments
    refused: list[Request]
    """Writes of the collector that met another version."""
    patches: list[Request]
    """Its patches."""

    def explain(self, write: Request) -> str:
        """Why a write is not explained; empty where it is."""
        if write.verb not in ("delete", "patch"):
            return f"the collector does not {write.verb}"
        body = _read_body(write)
        for meant in (self._list_orphaning, self._list_retries, self._list_attempts):
            if any(_says(each, write, body) for each in meant(write)):
                return ""
        return "no look at the object leads to it"

    # Looks.

    def _list_attempts(self, write: Request) -> Iterator[CollectorWrite]:
        """The writes of looks at the object, at any two moments that there may have been."""
        seen = self.moments.list_before(write)
        key = write.about
        for graph_at in seen:
            graph = self.build(graph_at)
            for asked_at in (each for each in seen if each >= graph_at):
                yield from self._attempt(graph, asked_at, key, write)

    def _attempt(
        self, graph: DependencyGraph, asked_at: int, key: Key, write: Request
    ) -> Iterator[CollectorWrite]:
        latest = self.moments.history.get(key, asked_at)
        based = self.moments.history.find_base(write) or latest
        if based is None or based.uid not in graph.nodes:
            return

        def get(identity: Identity) -> ApiObject | None:
            place = Key(identity.kind, identity.namespace, identity.name)
            found = based if place == key else self.moments.history.get(place, asked_at)
            return None if found is None else read_object(found)

        collector = Collector(graph, find_served_resource, get)
        try:
            yield from collector.attempt(graph.nodes[based.uid])
        except CollectionError:
            return

    def build(self, revision: int) -> DependencyGraph:
        """The graph of what is there at a moment."""
        graph = DependencyGraph()
        for version in self.moments.history.list_at("", revision):
            graph.add(read_object(version))
        return graph

    # What a look does once more when the object was changed meanwhile.

    def _list_retries(self, write: Request) -> Iterator[CollectorWrite]:
        """A deletion without a version follows a refused one, if the owners are the same."""
        body = View(write.body)
        if write.verb != "delete" or body.view("preconditions").has("resourceVersion"):
            return
        key = write.about
        for refused in self._list_refused(write, key):
            base = self.moments.history.find_base(refused)
            for revision in self.moments.list_before(write):
                found = self.moments.history.get(key, revision)
                if base is None or found is None or found.revision == base.revision:
                    continue
                if read_owners(read_object(base)) == read_owners(read_object(found)):
                    policy = View(refused.body).text("propagationPolicy")
                    options = {
                        "preconditions": {"uid": base.uid},
                        "propagationPolicy": policy,
                    }
                    yield CollectorWrite("delete", "", key.name, options)

    def _list_refused(self, write: Request, key: Key) -> Iterator[Request]:
        for each in self.refused:
            if each.received <= write.received and each.concerns(key) and each.verb == "delete":
                yield each

    # Dependents that are let go.

    def _list_orphaning(self, write: Request) -> Iterator[CollectorWrite]:
        if write.verb != "patch":
            return
        key = write.about
        for revision in self.moments.list_before(write):
            for owner in self.moments.history.list_at("", revision):
                if not _is_orphaning(owner):
                    continue
                if owner.key == key:
                    if self._is_released(owner, revision, write):
                        yield finish_orphaning(read_object(owner))
                    continue
                found = self.moments.history.get(key, revision)
                if found is not None and _depends(found, owner):
                    yield release(read_object(found), owner.uid)

    def _is_released(self, owner: Version, revision: int, write: Request) -> bool:
        """Whether every dependent that was known has been asked to forget the owner."""
        dependents = [
            each for each in self.moments.history.list_at("", revision) if _depends(each, owner)
        ]
        return all(self._was_patched(each, owner, write) for each in dependents)

    def _was_patched(self, dependent: Version, owner: Version, write: Request) -> bool:
        body = release(read_object(dependent), owner.uid).body
        return any(
            each.received <= write.received and each.concerns(dependent.key) and each.body == body
            for each in self.patches
        )


def _read_body(write: Request) -> Mapping[str, Any]:
    body = View(write.body).data
    return {name: value for name, value in body.items() if name not in _OPTIONS}


def _says(meant: CollectorWrite, write: Request, body: Mapping[str, Any]) -> bool:
    if (meant.verb, meant.name) != (write.verb, write.name):
        return False
    wanted = dict(meant.body)
    if "metadata" in wanted and "finalizers" in (body.get("metadata") or {}):
        wanted["metadata"] = {"finalizers": None, **wanted["metadata"]}
    return wanted == body


def _is_orphaning(version: Version) -> bool:
    meta = read_object(version).meta
    return meta.is_deleting and ORPHAN in meta.texts("finalizers")


def _depends(version: Version, owner: Version) -> bool:
    return any(each.uid == owner.uid for each in read_owners(read_object(version)))
