"""The objects of a cluster: found by identity and by indexes, changed by the events of a watch."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from planespec.spec.objects.interning import Interner, ObjectKey, Stored, Whole
from planespec.spec.objects.view import ObjectError, ObjectMeta, View


class Change(NamedTuple):
    """What an event did to an object; None where it was not there, or is not any more."""

    before: Stored | None
    after: Stored | None


CONFIGURATION = "configuration"
"""The name of what configures a component, such as KubeSchedulerConfiguration: it has none."""
Index = Callable[[Stored], Iterable[Hashable]]
"""Under which values an object is found; the same function is the same index."""


def by_namespace(stored: Stored) -> Iterable[Hashable]:
    """Index objects by kind and namespace."""
    return ((stored.key.kind, stored.key.namespace),)


def by_uid(stored: Stored) -> Iterable[Hashable]:
    """Index objects by their uid."""
    uid = ObjectMeta(stored.get("metadata"), "metadata").uid
    return (uid,) if uid else ()


def by_node(stored: Stored) -> Iterable[Hashable]:
    """Index pods by the node they are bound to."""
    node = View(stored.get("spec"), "spec").text("nodeName") if stored.key.kind == "Pod" else ""
    return (node,) if node else ()


def by_label(stored: Stored) -> Iterable[Hashable]:
    """Index objects by each label, as key and value."""
    return () if stored.metadata is None else stored.metadata.derive(_list_labels)


def _list_labels(metadata: dict[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple(ObjectMeta(metadata, "metadata").labels.items())


def by_owner(stored: Stored) -> Iterable[Hashable]:
    """Index objects by the uid of every owner."""
    return () if stored.metadata is None else stored.metadata.derive(_list_owners)


def _list_owners(metadata: dict[str, object]) -> tuple[str, ...]:
    views = ObjectMeta(metadata, "metadata").views("ownerReferences")
    return tuple(dict.fromkeys(uid for view in views if (uid := view.text("uid"))))


class Store:
    """Objects by identity, those of a kind in the order in which they came."""

    def __init__(self, interner: Interner | None = None) -> None:
        """Begin empty and knowing nothing; stores that share an interner share what is equal."""
        self.interner = interner or Interner()
        self._kinds: dict[str, dict[ObjectKey, Stored]] = {}
        self._namespaces: dict[str, set[str]] = {}
        self._groups: dict[str, list[str]] = {}
        self._indexes: dict[Index, dict[Hashable, dict[ObjectKey, Stored]]] = {}
        self._texts: dict[str, str] = {}
        self._unread: dict[str, set[str]] = {}
        self._partial: set[str] = set()
        self._is_cut = False

    def identify(
        self, view: View, meta: ObjectMeta, kind: str = "", version: str = ""
    ) -> ObjectKey:
        """Return the identity of an object; `kind` and `version` are those of its list.

        Raises ObjectError where it has no kind or name, or a part of it cannot be read.
        """
        kind = view.text("kind") or kind
        if not kind:
            raise ObjectError("kind", "is missing")
        group = get_group(kind, view.text("apiVersion") or version)
        namespace = get_namespace(group, kind, meta.namespace)
        name = meta.name or (CONFIGURATION if group.endswith(".config.k8s.io") else "")
        if not name and not meta.has("generateName"):
            raise ObjectError("metadata.name", "is missing")
        share = self._texts.setdefault
        return ObjectKey(share(group, group), share(kind, kind), share(namespace, namespace), name)

    def add(
        self, data: object, source: object = None, kind: str = "", version: str = ""
    ) -> Stored:
        """Take an object of a snapshot in and return it, or the one of its identity that is there.

        `kind` and `version` are those of its list. Raises ObjectError as `identify` and `put` do.
        """
        view = View(data)
        meta = ObjectMeta(view.data.get("metadata"), "metadata")
        key = self.identify(view, meta, kind, version)
        if not key.name:
            # Each creation from such an object makes another; the number stands for the name.
            key = key._replace(name=f"{meta.text('generateName')}({len(self)})")
        found = self.get(key)
        return self.put(key, data, source, version) if found is None else found

    def put(
        self, key: ObjectKey, data: object, source: object = None, version: str = ""
    ) -> Stored:
        """Take an object in, in place of one of the same identity; `source` says where it is from.

        Its version is the one it says itself, or that of its list. What is put together of parts
        of this store's interner is taken as it is. Raises ObjectError for what is no object, or
        is nested too deeply.
        """
        if not isinstance(data, dict):
            data = dict(View(data).data)
        said = data.get("apiVersion")
        version = said if type(said) is str else version
        version = self._texts.setdefault(version, version)
        if type(data) is Whole:
            stored = data.stored
            stored.key, stored.version, stored.source = key, version, source
        else:
            stored = self._take_in(key, version, data, source)
        return self.enter(stored)

    def enter(self, stored: Stored) -> Stored:
        """Take in an object that has its key and is made of parts of this store's interner."""
        key = stored.key
        found = self._kinds.get(key.kind)
        if found is None:
            found = self._kinds[key.kind] = {}
        if key in found:
            self.discard(key)
        found[key] = stored
        self.note_kind(key.kind, key.namespace, key.group)
        for index, held in self._indexes.items():
            _enter(held, index, stored)
        return stored

    def enter_new(self, stored: Stored) -> bool:
        """Take in an object as `enter` does, unless one of its identity is there: then say no."""
        key = stored.key
        found = self._kinds.get(key.kind)
        if found is None or self._indexes or key.namespace not in self._namespaces[key.kind]:
            return self.get(key) is None and self.enter(stored) is stored
        return found.setdefault(key, stored) is stored

    def _take_in(
        self, key: ObjectKey, version: str, data: dict[str, object], source: object
    ) -> Stored:
        try:
            return Stored(self.interner, key, version, data, source)
        except ValueError as error:
            raise ObjectError("", "is nested too deeply") from error

    def discard(self, key: ObjectKey) -> Stored | None:
        """Take an object out and return it; None where there was none."""
        stored = self._kinds.get(key.kind, {}).pop(key, None)
        if stored is not None:
            for index, held in self._indexes.items():
                for value in _list_values(index, stored):
                    held[value].pop(key, None)
        return stored

    def apply(self, type_: str, data: object, source: object = None, kind: str = "") -> Change:
        """Take one event of a watch as a step: ADDED, INITIAL, MODIFIED, DELETED or BOOKMARK.

        ADDED and INITIAL (an object of a list) of an object that is there replace it, as a
        client's cache does. A bookmark changes no object. Raises ObjectError for any other type.
        """
        if type_ == "BOOKMARK":
            return Change(None, None)
        view = View(data)
        key = self.identify(view, ObjectMeta(view.data.get("metadata"), "metadata"), kind)
        before = self.get(key)
        if type_ == "DELETED":
            self.note_kind(key.kind, key.namespace, key.group)
            return Change(self.discard(key), None)
        if type_ not in ("ADDED", "INITIAL", "MODIFIED"):
            raise ObjectError("type", f"is not a watch event: {type_[:40]!r}")
        return Change(before, self.put(key, data, source))

    def copy(self) -> "Store":
        """Return a store with the same objects, for steps that must leave this one as it is."""
        other = Store(self.interner)
        other._kinds = {kind: dict(found) for kind, found in self._kinds.items()}
        other._groups = {kind: [*groups] for kind, groups in self._groups.items()}
        other._namespaces = {kind: set(found) for kind, found in self._namespaces.items()}
        other._unread = {kind: set(found) for kind, found in self._unread.items()}
        other._partial, other._is_cut = {*self._partial}, self._is_cut
        return other

    def readable(self) -> "Store":
        """Return a store of the objects that could be read: this one, where all could."""
        unread = [each.key for each in self if self.is_unread(each.key)] if self._unread else []
        other = self.copy() if unread else self
        for key in unread:
            other.discard(key)
        return other

    def note_kind(self, kind: str, namespace: str | None = None, group: str = "") -> None:
        """Take note that the kind was listed, though it may have no object (there)."""
        found = self._namespaces.get(kind)
        if found is None:
            found = self._namespaces[kind] = set()
            self._groups[kind] = [GROUPS[kind]] if kind in GROUPS else []
        if namespace is not None:
            found.add(namespace)
        if group not in self._groups[kind]:
            self._groups[kind].append(group)

    def note_unread(self, kind: str, name: str = "") -> None:
        """Take note that an object could not be read; it exists, for all that is known.

        Its name is one in any namespace, or NAMESPACE/NAME; empty where it cannot be read either.
        """
        self._unread.setdefault(kind, set()).add(name)

    def note_partial(self, kind: str) -> None:
        """Take note that a list of the kind is not the whole list."""
        self._partial.add(kind)

    def note_lost(self, file: str) -> None:
        """Take note that the rest of a file could not be read: anything may stand in it."""
        self._is_cut = True

    def is_whole(self, kind: str) -> bool:
        """Say whether nothing that was read shows that objects of the kind are missing here.

        One that could not be read is here, if its name is known.
        """
        return not (self._is_cut or kind in self._partial or "" in self._unread.get(kind, ()))

    def is_read(self, kind: str) -> bool:
        """Say whether that is so, and all of them could be read."""
        return self.is_whole(kind) and not self._unread.get(kind)

    def is_unread(self, key: ObjectKey) -> bool:
        """Say whether an object is here of which not all could be read."""
        unread = self._unread.get(key.kind, ())
        return key.name in unread or f"{key.namespace}/{key.name}" in unread

    def may_have(self, kind: str, namespace: str, name: str) -> bool:
        """Say whether an object is here, or could not be read."""
        key = ObjectKey("", kind, namespace, name)
        return self.is_unread(key) or self.find_named(kind, namespace, name) is not None

    def knows(self, kind: str) -> bool:
        """Say whether the kind was listed at all; if not, its absence means nothing."""
        return kind in self._namespaces

    def knows_absence(self, kind: str, namespace: str) -> bool:
        """Say whether an object of the kind that is not here does not exist.

        So it is where the namespace has objects of the kind, or two other namespaces have: then
        the snapshot is of the whole cluster. What is known to be cut off tells nothing.
        """
        if not self.is_whole(kind):
            return False
        known = self._namespaces.get(kind, ())
        return namespace in known or len(known) > 1

    def lists(self, kind: str, namespace: str) -> bool:
        """Say whether objects of the kind were listed in this very namespace."""
        return self.is_whole(kind) and namespace in self._namespaces.get(kind, ())

    def get(self, key: ObjectKey) -> Stored | None:
        """Return an object, None where there is none."""
        return self._kinds.get(key.kind, {}).get(key)

    def find_named(self, kind: str, namespace: str, name: str) -> Stored | None:
        """Return an object of a kind and name, of Kubernetes' own group before any other."""
        for group in self._groups.get(kind, ()):
            found = self.get(ObjectKey(group, kind, namespace, name))
            if found is not None:
                return found
        return None

    def list(self, kind: str, group: str | None = None) -> Iterator[Stored]:
        """Yield the objects of a kind of Kubernetes' own, or of another group, in order."""
        group = get_group(kind, "") if group is None else group
        for key, stored in self._kinds.get(kind, {}).items():
            if key.group == group:
                yield stored

    def by_kind(self) -> Mapping[str, Sequence[Stored]]:
        """Return the objects of Kubernetes' own kinds, by kind."""
        return {kind: [*self.list(kind)] for kind in self._kinds if kind in GROUPS}

    def find(self, index: Index, value: Hashable) -> Iterable[Stored]:
        """Return the objects that an index holds under a value; it is built when first asked."""
        if index not in self._indexes:
            found: dict[Hashable, dict[ObjectKey, Stored]] = {}
            for stored in self:
                _enter(found, index, stored)
            self._indexes[index] = found
        return self._indexes[index].get(value, {}).values()

    def __iter__(self) -> Iterator[Stored]:
        for found in self._kinds.values():
            yield from found.values()

    def __len__(self) -> int:
        return sum(map(len, self._kinds.values()))


def _enter(found: dict[Hashable, dict[ObjectKey, Stored]], index: Index, stored: Stored) -> None:
    for value in _list_values(index, stored):
        found.setdefault(value, {})[stored.key] = stored


def _list_values(index: Index, stored: Stored) -> Iterable[Hashable]:
    """Return the values of an object; one of which the field cannot be read has none."""
    try:
        return tuple(index(stored))
    except ObjectError:
        return ()


# The kinds that Kubernetes brings along: the group of each, and whether it has namespaces.
#
# Source: `kubectl api-resources` of v1.37, and kinds of earlier releases that files still name.


_NAMESPACED = {
    "": (
        "Binding ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate "
        "ReplicationController ResourceQuota Secret Service ServiceAccount"
    ),
    "apps": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "autoscaling": "HorizontalPodAutoscaler",
    "batch": "CronJob Job",
    "certificates.k8s.io": "PodCertificateRequest",
    "coordination.k8s.io": "Lease LeaseCandidate",
    "discovery.k8s.io": "EndpointSlice",
    "networking.k8s.io": "Ingress NetworkPolicy",
    "policy": "PodDisruptionBudget",
    "rbac.authorization.k8s.io": "Role RoleBinding",
    "resource.k8s.io": "ResourceClaim ResourceClaimTemplate",
    "scheduling.k8s.io": "CompositePodGroup PodGroup Workload",
    "storage.k8s.io": "CSIStorageCapacity",
}
_CLUSTER_WIDE = {
    "": "ComponentStatus Namespace Node PersistentVolume",
    "admissionregistration.k8s.io": (
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration "
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration"
    ),
    "apiextensions.k8s.io": "CustomResourceDefinition",
    "apiregistration.k8s.io": "APIService",
    "certificates.k8s.io": "CertificateSigningRequest ClusterTrustBundle",
    "flowcontrol.apiserver.k8s.io": "FlowSchema PriorityLevelConfiguration",
    "networking.k8s.io": "IPAddress IngressClass ServiceCIDR",
    "node.k8s.io": "RuntimeClass",
    "policy": "PodSecurityPolicy",
    "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding",
    "resource.k8s.io": "DeviceClass DeviceTaintRule ResourcePoolStatusRequest ResourceSlice",
    "scheduling.k8s.io": "PriorityClass",
    "storage.k8s.io": "CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass",
    "storagemigration.k8s.io": "StorageVersionMigration",
}


def _by_kind(groups: dict[str, str]) -> dict[str, str]:
    return {kind: group for group, kinds in groups.items() for kind in kinds.split()}


CLUSTER_SCOPED = frozenset(_by_kind(_CLUSTER_WIDE))
"""Kinds of Kubernetes without a namespace."""
GROUPS = _by_kind(_NAMESPACED) | _by_kind(_CLUSTER_WIDE)
"""The group of every kind of Kubernetes; no two groups share a kind."""
_MOVED = frozenset(("", "extensions", "events.k8s.io"))
"""Groups under which kinds of other groups are, or were, served too: the objects are the same."""


def get_group(kind: str, version: str) -> str:
    """Return the group of a kind at an apiVersion such as `apps/v1`.

    Without a version, or under a group that a kind has moved from, it is that of Kubernetes.
    """
    group, slash, _ = version.partition("/")
    group = group if slash else ""
    return GROUPS.get(kind, group) if group in _MOVED else group


def get_namespace(group: str, kind: str, said: str) -> str:
    """Return the namespace of an object that says `said`: none, or default where it says none.

    Of a kind that is not Kubernetes' own nobody knows; it is taken to have namespaces.
    """
    is_own = GROUPS.get(kind) == group
    return "" if is_own and kind in CLUSTER_SCOPED else said or "default"
