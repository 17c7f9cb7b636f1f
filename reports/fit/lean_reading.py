"""Read a large List of JSON quickly: of pods only what rules ask of pods on nodes.

Pods that say the same are read once; nodes and all else are read whole. Whatever is not as
expected (another form, a field of another type, a pod without a name) is left to the reader of
small files, which reads everything and tells places.
"""

import mmap
import os
from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec

from planespec.reports.input.lines import STDIN
from planespec.spec.cluster.cluster_requirements import Place
from planespec.spec.objects import ObjectError, ObjectMeta, Pod, View
from planespec.spec.objects.object_store import Store
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.shared_pods import SharedPodInfo

SMALLEST = 16 * 1024 * 1024
"""Bytes; smaller files are read in full."""
UNREAD = frozenset(("ConfigMap", "Secret", "Event", "Endpoints", "EndpointSlice", "Lease"))
"""Kinds that say nothing about where a pod fits."""
NONE = msgspec.Raw(b"")
_TELLING = (b"PodResizePending", b"DisruptionTarget")
"""Conditions that rules ask for; others only tell times."""
_CUT = frozenset(("continue", "remainingItemCount"))
"""What a list says that goes on elsewhere."""
Key = tuple[str, str]


class _List(msgspec.Struct):
    """A list as `kubectl get -o json` prints it."""

    kind: str
    items: list[msgspec.Raw]
    metadata: dict[str, Any] = {}


class _Part(msgspec.Struct, omit_defaults=True, gc=False):
    """A part of a pod: fields that are not named here say nothing that rules ask for."""


class _Meta(_Part):
    name: str = ""
    uid: str = ""
    namespace: str = ""
    deletionTimestamp: str | None = None  # noqa: N815
    labels: msgspec.Raw = NONE


class _Container(_Part):
    name: str = ""
    restartPolicy: str = ""  # noqa: N815
    resources: msgspec.Raw = NONE
    ports: msgspec.Raw = NONE


class _Volume(_Part):
    persistentVolumeClaim: msgspec.Raw = NONE  # noqa: N815
    ephemeral: msgspec.Raw = NONE
    awsElasticBlockStore: msgspec.Raw = NONE  # noqa: N815
    gcePersistentDisk: msgspec.Raw = NONE  # noqa: N815
    azureDisk: msgspec.Raw = NONE  # noqa: N815
    azureFile: msgspec.Raw = NONE  # noqa: N815
    cinder: msgspec.Raw = NONE
    vsphereVolume: msgspec.Raw = NONE  # noqa: N815
    portworxVolume: msgspec.Raw = NONE  # noqa: N815
    rbd: msgspec.Raw = NONE
    iscsi: msgspec.Raw = NONE


class _Spec(_Part):
    nodeName: str = ""  # noqa: N815
    containers: tuple[_Container, ...] = ()
    initContainers: tuple[_Container, ...] | None = None  # noqa: N815
    volumes: tuple[_Volume, ...] | None = None
    affinity: msgspec.Raw = NONE
    overhead: msgspec.Raw = NONE
    resources: msgspec.Raw = NONE
    schedulingGroup: msgspec.Raw = NONE  # noqa: N815
    workloadRef: msgspec.Raw = NONE  # noqa: N815
    priority: int | None = None


class _ContainerStatus(_Part):
    name: str = ""
    resources: msgspec.Raw = NONE
    allocatedResources: msgspec.Raw = NONE  # noqa: N815


class _Status(_Part):
    phase: str = ""
    nominatedNodeName: str = ""  # noqa: N815
    conditions: msgspec.Raw = NONE
    containerStatuses: tuple[_ContainerStatus, ...] | None = None  # noqa: N815
    initContainerStatuses: tuple[_ContainerStatus, ...] | None = None  # noqa: N815


class _Object(_Part):
    """An object that may be a pod."""

    kind: str = ""
    apiVersion: str = ""  # noqa: N815
    metadata: _Meta = msgspec.field(default_factory=_Meta)
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


class _Kind(msgspec.Struct, gc=False):
    kind: str = ""


_LIST = msgspec.json.Decoder(_List)
_OBJECT = msgspec.json.Decoder(_Object)
_KIND = msgspec.json.Decoder(_Kind)
_ENCODER = msgspec.json.Encoder()


class LeanPods:
    """The pods of large files, by namespace and name."""

    def __init__(self) -> None:
        """Begin with none."""
        self._found: dict[Key, SharedPodInfo | None] = {}
        self._shapes: dict[bytes, PodInfo] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def __iter__(self) -> Iterator[SharedPodInfo]:
        """Yield those that have not ended."""
        return (pod for pod in self._found.values() if pod is not None)

    def pop(self, namespace: str, name: str) -> Pod | None:
        """Take a pod out and return it; None where there is none."""
        found = self._found.pop((namespace, name), None)
        return None if found is None else found.pod

    def find(self, namespace: str, name: str) -> Pod | None:
        """Return a pod; None where there is none, or it has ended."""
        found = self._found.get((namespace, name))
        return None if found is None else found.pod

    def add(self, given: _Object, raw: msgspec.Raw) -> None:
        """Keep a pod, and blank in `given` what differs; of two of one name the first stays."""
        meta, spec, status = given.metadata, given.spec, given.status
        name, uid, node = meta.name, meta.uid, spec.nodeName
        key = (meta.namespace or "default", name)
        if key in self._found:
            return
        if status.phase in ("Succeeded", "Failed"):
            self._found[key] = None
            return
        meta.name = meta.uid = spec.nodeName = ""
        if meta.deletionTimestamp is not None:
            meta.deletionTimestamp = "is going"
        conditions = bytes(status.conditions)
        if not any(word in conditions for word in _TELLING):
            status.conditions = NONE
        text = _ENCODER.encode(given)
        shape = self._shapes.get(text)
        if shape is None:
            shape = PodInfo(Pod(msgspec.json.decode(raw)))
            if not any(bytes(volume.ephemeral) for volume in spec.volumes or ()):
                self._shapes[text] = shape
        load = partial(_load, raw)
        self._found[key] = SharedPodInfo(shape, name, uid, node, load)


def _load(raw: msgspec.Raw) -> Pod:
    return Pod(msgspec.json.decode(raw))


def read_lean(name: str, store: Store, pods: LeanPods) -> bool:
    """Read a file into the store and the pods; False where it is to be read in full.

    Nothing is added where False is returned.
    """
    if name == STDIN or not os.path.isfile(name) or os.path.getsize(name) < SMALLEST:
        return False
    with open(name, "rb") as stream:
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    if data[:1] != b"{":
        return False
    others: list[Any] = []
    found: list[tuple[_Object, msgspec.Raw]] = []
    try:
        listed = _LIST.decode(data)
        if listed.kind != "List" or listed.metadata.keys() & _CUT:
            return False
        for raw in listed.items:
            given = _read(raw)
            if given is None:
                if _KIND.decode(raw).kind not in UNREAD:
                    others.append(msgspec.json.decode(raw))
            elif not given.metadata.name or not given.spec.containers:
                return False
            else:
                found.append((given, raw))
        for each in others:
            view = View(each)
            store.identify(view, ObjectMeta(view.data.get("metadata"), "metadata"))
    except (msgspec.MsgspecError, ObjectError):
        return False
    for each in others:
        store.add(each, Place(name, 1))
    for given, raw in found:
        pods.add(given, raw)
    return True


def _read(raw: msgspec.Raw) -> _Object | None:
    """Read a pod; None for any other object. Raises MsgspecError for a pod of another form."""
    try:
        given = _OBJECT.decode(raw)
    except msgspec.ValidationError:
        if _KIND.decode(raw).kind == "Pod":
            raise
        return None
    return given if given.kind == "Pod" and given.apiVersion == "v1" else None
