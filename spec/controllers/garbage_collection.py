"""What the garbage collector knows of owners and dependents, and what it does about one object.

The graph is of objects by uid; an owner that nobody has seen is there as a virtual node, with the
coordinates by which a dependent names it. Before anything is deleted the API server is asked: for
the object, for each owner by its name, with its uid compared.

Source: Kubernetes v1.36, `pkg/controller/garbagecollector/garbagecollector.go`, `graph_builder.go`
and `patch.go`. Left out: objects that change or go, virtual deletion, the orphaning of dependents,
retries, and the cache of owners that are known to be absent, which only saves requests.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from planespec.spec.objects.view import ApiObject

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"
"""The finalizers of deletions that wait for dependents, or free them."""

Json = dict[str, Any]
FindResource = Callable[[str, str], tuple[str, bool] | None]
"""From apiVersion and kind to the resource, and whether it is namespaced; None: there is none."""
GetObject = Callable[["Identity"], ApiObject | None]
"""What the API server has by kind, namespace and name."""


class CollectionError(Exception):
    """Why nothing was decided about an object."""


class UnknownKindError(CollectionError):
    """The API server has no such kind; tried again for ever."""


class ScopeError(CollectionError):
    """A cluster-scoped object names a namespaced owner; not tried again."""


class AbsentError(CollectionError):
    """The object is not there any more; the graph learns of it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Where an object is (`objectReference`); the namespace is empty where it has none."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str

    def __str__(self) -> str:
        """Write it as events do."""
        return (
            f"[{self.api_version}/{self.kind}, namespace: {self.namespace}, name: {self.name},"
            f" uid: {self.uid}]"
        )


@dataclass(frozen=True, slots=True)
class OwnerReference:
    """One entry of `metadata.ownerReferences`."""

    api_version: str
    kind: str
    name: str
    uid: str
    blocks: bool
    """`blockOwnerDeletion`."""
    data: Mapping[str, object] = field(compare=False, default_factory=dict)
    """The entry as it stands."""

    def names(self, identity: Identity) -> bool:
        """Whether it has these coordinates; the namespace is not among them."""
        mine = (self.api_version, self.kind, self.name, self.uid)
        return mine == (identity.api_version, identity.kind, identity.name, identity.uid)

    def place(self, namespace: str) -> Identity:
        """The owner, in the namespace of whoever names it."""
        return Identity(self.api_version, self.kind, namespace, self.name, self.uid)


def read_owners(thing: ApiObject) -> list[OwnerReference]:
    """The owners of an object, in order."""
    views = thing.meta.views("ownerReferences")
    return [
        OwnerReference(
            view.text("apiVersion"),
            view.text("kind"),
            view.text("name"),
            view.text("uid"),
            view.flag("blockOwnerDeletion"),
            view.data,
        )
        for view in views
    ]


def read_identity(thing: ApiObject) -> Identity:
    """Where an object is."""
    meta = thing.meta
    return Identity(
        thing.text("apiVersion"), thing.text("kind"), meta.namespace, meta.name, meta.uid
    )


@dataclass(slots=True, eq=False)
class GraphNode:
    """An object in the graph; two nodes are never the same, whatever they say."""

    identity: Identity
    owners: Sequence[OwnerReference] = ()
    is_being_deleted: bool = False
    is_deleting_dependents: bool = False
    is_virtual: bool = False
    dependents: dict["GraphNode", None] = field(default_factory=dict)

    def list_blocking(self) -> list["GraphNode"]:
        """Dependents that a foreground deletion waits for, by uid alone; once for each entry."""
        uid = self.identity.uid
        return [d for d in self.dependents for o in d.owners if o.uid == uid and o.blocks]

    def disagrees(self, identity: Identity) -> bool:
        """Whether it names an owner with this uid by other coordinates (`partitionDependents`)."""
        if identity.namespace and identity.namespace != self.identity.namespace:
            return True
        named = [owner for owner in self.owners if owner.uid == identity.uid]
        return any(not owner.names(identity) for owner in named)


@dataclass(slots=True)
class DependencyGraph:
    """`GraphBuilder`: nodes by uid, and what is queued for a look."""

    nodes: dict[str, GraphNode] = field(default_factory=dict)
    to_delete: dict[GraphNode, None] = field(default_factory=dict)
    to_orphan: dict[GraphNode, None] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)

    def add(self, thing: ApiObject) -> None:
        """Take in an object that was not seen before (`processGraphChanges`)."""
        seen, identity = self.nodes.get(thing.meta.uid), read_identity(thing)
        owners = read_owners(thing)
        is_deleted, finalizers = thing.meta.is_deleting, thing.meta.texts("finalizers")
        if seen is None:
            waits = is_deleted and FOREGROUND in finalizers
            node = GraphNode(identity, owners, is_deleted, waits)
            self.nodes[identity.uid] = node
        else:
            node = self._observe(seen, identity)
            node.owners, node.is_being_deleted = owners, is_deleted
        self._add_to_owners(node)
        if is_deleted and ORPHAN in finalizers:
            self.to_orphan[node] = None
        elif is_deleted and FOREGROUND in finalizers:
            node.is_deleting_dependents = True
            self.to_delete |= dict.fromkeys((*node.dependents, node))

    def _observe(self, virtual: GraphNode, identity: Identity) -> GraphNode:
        """Let a virtual node be the object that has come, under its own coordinates."""
        node = virtual
        if identity != virtual.identity:
            for dependent in virtual.dependents:
                if dependent.disagrees(identity):
                    if identity.namespace not in ("", dependent.identity.namespace):
                        self._report(dependent, identity.uid)
                    self.to_delete[dependent] = None
            node = replace(virtual, identity=identity)
            self.nodes[identity.uid] = node
        node.is_virtual = False
        return node

    def _add_to_owners(self, node: GraphNode) -> None:
        """Make a node a dependent of its owners, and queue it if one of them seems wrong."""
        is_doubtful = False
        for owner in node.owners:
            found = self.nodes.get(owner.uid)
            if found is None:
                found = GraphNode(owner.place(node.identity.namespace), is_virtual=True)
                self.nodes[owner.uid] = found
                self.to_delete[found] = None
            elif not is_doubtful:
                is_doubtful = self._is_doubtful(node, owner, found)
            found.dependents[node] = None
        if is_doubtful:
            self.to_delete[node] = None

    def _is_doubtful(self, node: GraphNode, owner: OwnerReference, found: GraphNode) -> bool:
        namespace = found.identity.namespace
        if namespace and namespace != node.identity.namespace:
            if not found.is_virtual:
                self._report(node, owner.uid)
            return True
        if not owner.names(found.identity):
            return True
        return not namespace and found.is_virtual and node.identity.namespace != ""

    def _report(self, node: GraphNode, uid: str) -> None:
        owner = next(owner for owner in node.owners if owner.uid == uid)
        namespace = node.identity.namespace
        said = f'ownerRef {owner.place(namespace)} does not exist in namespace "{namespace}"'
        self.events.append(f"Warning OwnerRefInvalidNamespace {said}")


@dataclass(frozen=True, slots=True)
class CollectorWrite:
    """A request of the collector: a deletion with its options, or a patch of a kind."""

    verb: str
    resource: str
    name: str
    body: Json
    patch_type: str = ""


@dataclass(frozen=True, slots=True)
class Collector:
    """`GarbageCollector` over a graph, and what the API server has."""

    graph: DependencyGraph
    find_resource: FindResource
    get: GetObject

    def attempt(self, node: GraphNode) -> list[CollectorWrite]:
        """Delete an object if no owner is left, or do what comes before (`attemptToDeleteItem`).

        Raises CollectionError where nothing is decided.
        """
        if node.is_being_deleted and not node.is_deleting_dependents:
            return []
        self._resource(node.identity)
        latest = self.get(node.identity)
        if latest is None or latest.meta.uid != node.identity.uid:
            raise AbsentError("enqueued virtual delete event")
        if node.is_deleting_dependents:
            return self._finish_foreground(node, latest)
        owners = read_owners(latest)
        if not owners:
            return []
        solid, dangling, waiting = self._classify(node, owners)
        if solid:
            gone = [*dangling, *waiting]
            return [self._drop_owners(node, gone)] if gone else []
        if waiting and node.dependents:
            writes = [self._delete(node, latest, "Foreground")]
            if any(each.is_deleting_dependents for each in node.dependents):
                writes.insert(0, self._unblock(node))
            return writes
        return [self._delete(node, latest, choose_propagation(latest))]

    def _finish_foreground(self, node: GraphNode, latest: ApiObject) -> list[CollectorWrite]:
        """Take the finalizer off once no dependent blocks; until then they are looked at."""
        blocking = node.list_blocking()
        for dependent in blocking:
            if not dependent.is_deleting_dependents:
                self.graph.to_delete[dependent] = None
        finalizers = latest.meta.texts("finalizers")
        if blocking or FOREGROUND not in finalizers:
            return []
        left = [name for name in finalizers if name != FOREGROUND]
        metadata: Json = {"resourceVersion": latest.meta.text("resourceVersion")}
        if left:
            metadata["finalizers"] = left
        return [self._patch(node, {"metadata": metadata}, "application/merge-patch+json")]

    def _classify(
        self, node: GraphNode, owners: Iterable[OwnerReference]
    ) -> tuple[list[OwnerReference], list[OwnerReference], list[OwnerReference]]:
        """Owners that live, that are not there, and that wait for their dependents."""
        solid, dangling, waiting = list[OwnerReference](), list[OwnerReference](), []
        for owner in owners:
            found = self._find_owner(node, owner)
            if found is None:
                dangling.append(owner)
            elif found.meta.is_deleting and FOREGROUND in found.meta.texts("finalizers"):
                waiting.append(owner)
            else:
                solid.append(owner)
        return solid, dangling, waiting

    def _find_owner(self, node: GraphNode, owner: OwnerReference) -> ApiObject | None:
        """The owner at the API server; None where it is absent or has another uid."""
        place = owner.place(node.identity.namespace)
        _, is_namespaced = self._resource(place)
        if is_namespaced and not place.namespace:
            raise ScopeError("cluster-scoped objects cannot refer to namespaced owners")
        found = self.get(place if is_namespaced else replace(place, namespace=""))
        return found if found is not None and found.meta.uid == owner.uid else None

    def _resource(self, identity: Identity) -> tuple[str, bool]:
        found = self.find_resource(identity.api_version, identity.kind)
        if found is None:
            what = f"{identity.api_version}/{identity.kind}"
            raise UnknownKindError(f"unable to get REST mapping for {what}.")
        return found

    def _drop_owners(self, node: GraphNode, gone: Iterable[OwnerReference]) -> CollectorWrite:
        entries = [{"$patch": "delete", "uid": owner.uid} for owner in gone]
        return self._patch_metadata(node, {"ownerReferences": entries})

    def _unblock(self, node: GraphNode) -> CollectorWrite:
        """Let the object block none of its owners, against circles of waiting."""
        blocking = [owner for owner in node.owners if owner.blocks]
        entries = [{**owner.data, "blockOwnerDeletion": False} for owner in blocking]
        return self._patch_metadata(node, {"ownerReferences": entries} if entries else {})

    def _patch_metadata(self, node: GraphNode, metadata: Json) -> CollectorWrite:
        body = {"metadata": metadata | {"uid": node.identity.uid}}
        return self._patch(node, body, "application/strategic-merge-patch+json")

    def _patch(self, node: GraphNode, body: Json, patch_type: str) -> CollectorWrite:
        resource, _ = self._resource(node.identity)
        return CollectorWrite("patch", resource, node.identity.name, body, patch_type)

    def _delete(self, node: GraphNode, latest: ApiObject, policy: str) -> CollectorWrite:
        resource, _ = self._resource(node.identity)
        version = latest.meta.text("resourceVersion")
        seen = {"uid": node.identity.uid} | ({"resourceVersion": version} if version else {})
        options = {"preconditions": seen, "propagationPolicy": policy}
        return CollectorWrite("delete", resource, node.identity.name, options)


def choose_propagation(latest: ApiObject) -> str:
    """The policy that the finalizers of an object ask for."""
    finalizers = latest.meta.texts("finalizers")
    if ORPHAN in finalizers:
        return "Orphan"
    return "Foreground" if FOREGROUND in finalizers else "Background"
