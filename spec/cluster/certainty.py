"""What the input can tell: whether it is a cluster or manifests, and of what absence is no fact.

Manifests are a part of what a cluster gets: classes, definitions and nodes are there already, and
some objects are made by others of them. In a cluster what is listed is all there is, as long as
the list is whole.
"""

import re
from collections.abc import Iterator, Mapping

from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.pod_template import PodTemplate
from planespec.spec.objects import View
from planespec.spec.objects.interning import Stored
from planespec.spec.objects.object_store import GROUPS

CLUSTER, MANIFESTS = "cluster", "manifests"
_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?")
_WORDS = re.compile(r"[=,/ \"']")
DEEPEST_MENTION = 12
"""Levels of a custom resource that are searched for names."""
_SHORTEST_OWNER = 3
"""Characters of a name that may be a part of the names of what an operator makes."""


def mode_of(cluster: Cluster) -> str:
    """Say what the objects are; empty where there are none."""
    if not cluster.counts:
        return ""
    return CLUSTER if cluster.is_live else MANIFESTS


def knows_class(cluster: Cluster, kind: str) -> bool:
    """Say whether the classes of a kind in the input are all there are.

    Manifests have at most some of them, and a cluster tells only where they were listed.
    """
    return cluster.is_live and cluster.has_kind(kind) and cluster.store.is_read(kind)


def knows_nodes(cluster: Cluster) -> bool:
    """Say whether the nodes of the input are all nodes there are.

    Not so where a list goes on elsewhere, where a DaemonSet wants more pods than there are nodes,
    where a lease or CSINode is called like one that is not there, and where pods run on two that
    are not: the garbage collector removes the pods of a node that is gone within a minute.
    """
    if not cluster.nodes or not cluster.store.is_whole("Node"):
        return False
    for stored in cluster.store.list("DaemonSet"):
        wanted = _read_number(stored, "desiredNumberScheduled")
        if wanted > len(cluster.nodes):
            return False
    running = (pod for pod in cluster.pods if pod.node and not pod.is_terminal)
    missing = {pod.node for pod in running} - cluster.nodes.keys()
    if not missing:
        return True
    named = {stored.key.name for stored in cluster.store.list("CSINode")}
    named |= {
        stored.key.name
        for stored in cluster.store.list("Lease")
        if stored.key.namespace == "kube-node-lease"
    }
    return not missing & named and len(missing) < 2


def _read_number(stored: Stored, name: str) -> int:
    status = stored.get("status")
    value = status.get(name) if isinstance(status, Mapping) else None
    return value if isinstance(value, int) else 0


class Mentions:
    """Names that objects of the input mention where they may make what is called so."""

    def __init__(self, cluster: Cluster) -> None:
        """Look through all objects, once."""
        self._cluster = cluster
        self._names: dict[str, set[str]] = {}
        self._owners: dict[str, set[str]] = {}
        for stored in cluster.store:
            self._look(stored)
        for template, namespace in _list_templates(cluster):
            for text in _list_arguments(template):
                self._add(namespace, text)

    def makes(self, kind: str, namespace: str, name: str) -> bool:
        """Say whether something in the input may make a ConfigMap or Secret of this name.

        So do cert-manager, SealedSecrets, ExternalSecrets and operators, by a custom resource that
        names it or is called like it; a container or a role that is given the name; and the
        generators of kustomize.
        """
        if name in self._cluster.made.get(kind, ()):
            return True
        names = self._names.get(namespace, set()) | self._names.get("", set())
        owners = self._owners.get(namespace, set()) | self._owners.get("", set())
        return name in names or any(_is_part(owner, name) for owner in owners)

    def _look(self, stored: Stored) -> None:
        kind, own = stored.key.kind, stored.key
        meta = stored.get("metadata")
        said = meta.get("namespace") if isinstance(meta, Mapping) else None
        if GROUPS.get(kind) != own.group:
            # Of a custom resource nobody knows whether it has a namespace.
            namespace = str(said or "")
            self._owners.setdefault(namespace, set()).add(own.name)
            self._add(namespace, *_list_texts(stored.get("spec")))
        elif kind in ("Role", "ClusterRole"):
            self._add(own.namespace, *_list_texts(stored.get("rules")))
        elif kind == "Ingress" and _is_certified(meta):
            spec = stored.get("spec")
            self._add(own.namespace, *_list_texts(View(spec).data.get("tls") if spec else None))
        notes = meta.get("annotations") if isinstance(meta, Mapping) else None
        self._add(own.namespace, *_list_texts(notes, deepest=2))

    def _add(self, namespace: str, *texts: str) -> None:
        found = self._names.setdefault(namespace, set())
        for text in texts:
            found.update(part for part in _WORDS.split(text) if _NAME.fullmatch(part))


def _is_part(owner: str, name: str) -> bool:
    if owner == name:
        return True
    if len(owner) < _SHORTEST_OWNER:
        return False
    return name.startswith((f"{owner}-", f"{owner}.")) or f".{owner}." in name


def _is_certified(meta: object) -> bool:
    notes = meta.get("annotations") if isinstance(meta, Mapping) else None
    keys = notes if isinstance(notes, Mapping) else {}
    return any("cert-manager.io/" in str(key) or "tls-acme" in str(key) for key in keys)


def _list_texts(value: object, deepest: int = DEEPEST_MENTION) -> Iterator[str]:
    """Yield the texts in a value that are short enough to hold a name."""
    if isinstance(value, str):
        if len(value) <= 1024:
            yield value
    elif deepest and isinstance(value, Mapping):
        for part in value.values():
            yield from _list_texts(part, deepest - 1)
    elif deepest and isinstance(value, list | tuple):
        for part in value:
            yield from _list_texts(part, deepest - 1)


def _list_templates(cluster: Cluster) -> Iterator[tuple[PodTemplate, str]]:
    for pod in cluster.pods:
        yield pod.template, pod.reference.namespace
    for record in cluster.workloads.values():
        yield record.template, record.reference.namespace


def _list_arguments(template: PodTemplate) -> Iterator[str]:
    """Yield what the containers of a template are started with."""
    for name in ("containers", "initContainers"):
        for container in template.pod.spec.views(name):
            yield from _list_texts(container.data.get("args"))
            yield from _list_texts(container.data.get("command"))
            for variable in container.views("env"):
                yield from _list_texts(variable.data.get("value"))
