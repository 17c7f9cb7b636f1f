"""What our garbage collector answers about a graph of objects, one object after the other."""

from collections.abc import Iterable
from typing import Any

from planespec.spec.controllers.garbage_collection import (
    CollectionError,
    Collector,
    CollectorWrite,
    DependencyGraph,
    GraphNode,
    Identity,
)
from planespec.spec.objects.resource_names import find_served_resource
from planespec.spec.objects.view import ApiObject, View

Answers = dict[str, Any]


class _Server:
    """The objects at the API server, as a fake client has them: a deletion takes one at once."""

    def __init__(self, things: Iterable[ApiObject]) -> None:
        self.things = {_place(thing): thing for thing in things}

    def get(self, identity: Identity) -> ApiObject | None:
        return self.things.get((identity.kind, identity.namespace, identity.name))

    def apply(self, identity: Identity, write: CollectorWrite) -> None:
        place = (identity.kind, identity.namespace, identity.name)
        if write.verb == "delete":
            del self.things[place]
        elif write.patch_type == "application/merge-patch+json":
            data = self.things[place].data
            left = write.body["metadata"].get("finalizers", [])
            metadata = {**self.things[place].meta.data, "finalizers": left}
            self.things[place] = ApiObject({**data, "metadata": metadata})


def _place(thing: ApiObject) -> tuple[str, str, str]:
    return thing.text("kind"), thing.meta.namespace, thing.name


def answer_collector(given: View, _out: View) -> Answers:
    """Answer what is queued once all is known, and what is done about each object in turn."""
    things = [ApiObject(each.data, each.field) for each in given.views("objects")]
    graph = DependencyGraph()
    for thing in things:
        graph.add(thing)
    answers: Answers = {}
    lists = {
        "events": sorted(graph.events),
        "queuedForDelete": _sort_names(graph.to_delete),
        "queuedForOrphan": _sort_names(graph.to_orphan),
    }
    answers |= {name: value for name, value in lists.items() if value}
    gone = given.texts("goneFromServer")
    server = _Server(thing for thing in things if thing.name not in gone)
    collector = Collector(graph, find_served_resource, server.get)
    nodes = [graph.nodes[thing.meta.uid] for thing in things]
    attempts = {node.identity.name: _attempt(collector, server, node) for node in nodes}
    return answers | {"attemptToDeleteItem": attempts}


def read_decisions(_given: View, out: View) -> Answers:
    """Read what was decided; events about dependents of one owner come in the order of a map."""
    told = dict(out.data)
    return told | ({"events": sorted(out.texts("events"))} if "events" in told else {})


def _attempt(collector: Collector, server: _Server, node: GraphNode) -> Answers:
    answer: Answers = {
        "dependents": _sort_names(node.dependents),
        "blockingDependents": _sort_names(node.list_blocking()),
        "actions": [],
    }
    try:
        writes = collector.attempt(node)
    except CollectionError as error:
        return answer | {"error": str(error)}
    for write in writes:
        answer["actions"].append(_tell_write(write))
        server.apply(node.identity, write)
    return answer


def _tell_write(write: CollectorWrite) -> Answers:
    told: Answers = {"verb": write.verb, "resource": write.resource, "name": write.name}
    if write.verb == "delete":
        return told | {"options": write.body}
    return told | {"patchType": write.patch_type, "patch": write.body}


def _sort_names(nodes: Iterable[GraphNode]) -> list[str]:
    return sorted(node.identity.name for node in nodes)
