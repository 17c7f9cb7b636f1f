"""Where snapshots come from: files, folders, standard input, a running cluster."""

import gc
import importlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from planespec.checker.errors import ConfigurationError, InputError
from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.reading.item import Item, Oversized, Unread, find_fault
from planespec.reports.audit.reading.json_stream import JsonStream
from planespec.reports.input.lines import STDIN, open_binary
from planespec.spec.cluster.cluster_requirements import Malformed, Place
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.snapshot_judge import judge_cluster, list_unjudged
from planespec.spec.labels import SelectorError
from planespec.spec.objects import ObjectError, View
from planespec.spec.quantity import QuantityError

_ENDINGS = (".json", ".yaml", ".yml", ".json.gz", ".yaml.gz", ".yml.gz")
_OBJECT_FIELDS = frozenset(("apiVersion", "kind", "metadata"))


def expand(names: Iterable[str]) -> Iterator[str]:
    """Yield files; of a folder those that end like JSON or YAML, in order, hidden ones left out.

    Raises InputError for a name that does not exist.
    """
    for name in names:
        if name == STDIN or not os.path.isdir(name):
            yield name
            continue
        found = [
            str(path)
            for path in sorted(Path(name).rglob("*"))
            if path.is_file()
            and path.name.endswith(_ENDINGS)
            and not any(part.startswith(".") for part in path.relative_to(name).parts)
        ]
        if not found:
            raise InputError(f"has no file that ends in {', '.join(_ENDINGS)}", file=name)
        yield from found


def audit_files(names: Iterable[str], stdin: IO[bytes] | None = None) -> Report:
    """Read all files into one snapshot and judge it. Raises InputError for a missing name."""
    audit = SnapshotAudit()
    for name in expand(names):
        audit.read_file(name, stdin or sys.stdin.buffer)
    return audit.judge()


@contextmanager
def without_collection() -> Iterator[None]:
    """Suspend the search for cycles: the objects of a snapshot have none and are many."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Objects(Protocol):
    """What takes the objects in: the store of a snapshot, or a cluster that is judged."""

    def add(self, data: object, source: Place, kind: str, version: str) -> object:
        """Take an object in; `kind` and `version` are those of its list. Raises ObjectError."""

    def note_kind(self, kind: str) -> None:
        """Take note that a list of the kind was read."""


class SnapshotReader:
    """One snapshot, read from any number of files."""

    def __init__(self, objects: Objects) -> None:
        """Read into `objects`; what cannot be read goes into the report."""
        self.report = Report()
        self.objects = objects
        self.nothing_in: str | None = None  # a file read before the first object or list
        self.is_empty = True

    def read_file(self, name: str, stdin: IO[bytes]) -> None:
        """Read a file in; what cannot be read is reported and left out."""
        last = Place(name, 1)
        self.nothing_in = self.nothing_in or name
        try:
            with open_binary(name, stdin) as stream, without_collection():
                for item in _read_stream(name, stream):
                    last = item.place
                    if isinstance(item, Unread):
                        place, message, subject, field = item
                        self.report.malformed.append(Malformed(place, subject, field, message))
                    else:
                        self.add(item)
        except InputError as error:
            self.report.malformed.append(Malformed(last, "", "", error.message))

    def add(self, item: Item) -> None:
        """Read one object in."""
        if item.value is None or item.value == {}:
            return
        value, place = item.value, item.place
        if isinstance(value, dict) and not item.kind and not _OBJECT_FIELDS & value.keys():
            self.report.unjudged.append(f"{place.file}:{place.line}, no object of Kubernetes")
            return
        try:
            if isinstance(value, Oversized):
                raise ObjectError(
                    "", f"is larger than an API server accepts: {value.size:,} bytes"
                )
            fault = find_fault(value) if item.is_suspect else None
            if fault is not None:
                raise ObjectError(*fault)
            self._add_or_expand(item)
        except ObjectError as error:
            subject = _describe(value, item.kind)
            self.report.malformed.append(Malformed(place, subject, error.field, error.message))
        except (SelectorError, QuantityError, RecursionError) as error:
            subject = _describe(value, item.kind)
            is_deep = isinstance(error, RecursionError)
            message = "is nested too deeply" if is_deep else str(error)
            self.report.malformed.append(Malformed(place, subject, "", message))

    def _add_or_expand(self, item: Item) -> None:
        """Read an object in, or what a list holds; a list without items may say null."""
        value = item.value
        kind = value.get("kind") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind.endswith("List") and "items" in View(value).data:
            self.is_empty = False
            if kind != "List":
                self.objects.note_kind(kind.removesuffix("List"))
            for each in View(value).items("items"):
                self.add(Item(each, item.place, kind.removesuffix("List")))
            return
        self.objects.add(value, item.place, item.kind, item.version)


class SnapshotAudit(SnapshotReader):
    """A snapshot that is judged."""

    def __init__(self) -> None:
        """Begin with an empty cluster."""
        self.cluster = Cluster()
        super().__init__(self.cluster)

    def judge(self) -> Report:
        """Evaluate the requirements and return the report."""
        report = self.report
        if self.nothing_in and self.is_empty and not (self.cluster.counts or report.malformed):
            place = Place(self.nothing_in, 1)
            report.malformed.append(Malformed(place, "", "", "holds no object of Kubernetes"))
        unread: list[ObjectError] = []
        with without_collection():
            report.violations.extend(judge_cluster(self.cluster, unread))
        place = Place(self.nothing_in or "", 1)
        report.malformed += [Malformed(place, "", e.field, e.message) for e in unread]
        report.counts.update(self.cluster.counts)
        report.store = self.cluster.store
        report.unjudged.extend(list_unjudged(self.cluster))
        report.sort()
        return report


def _describe(value: object, kind: str) -> str:
    """Name a broken object as far as it can be read."""
    if not isinstance(value, dict):
        return ""
    meta = value.get("metadata")
    meta = meta if isinstance(meta, dict) else {}
    scope = f"{meta['namespace']}/" if isinstance(meta.get("namespace"), str) else ""
    name = meta["name"] if isinstance(meta.get("name"), str) else "(without a name)"
    said = value.get("kind")
    return f"{said if isinstance(said, str) else kind or 'object'} {scope}{name}"


def _read_stream(name: str, stream: IO[bytes]) -> Iterator[Item | Unread]:
    """Tell JSON from YAML by the first character: YAML that begins with a bracket is JSON too."""
    head = stream.peek(4096)[:4096] if hasattr(stream, "peek") else b""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start in (b"{", b"["):
        return JsonStream(name, stream).read()
    # Imported late: most snapshots are JSON.
    from planespec.reports.audit.reading.yaml_stream import YamlStream

    return YamlStream(name, stream).read()


# Reading a running cluster through the official Python client, which is not a dependency.
#
# The lists are read as plain JSON, 500 objects at a time. A kind the user may not list is
# reported and left out.


PAGE = 500
_RESOURCES = (
    "/api/v1/nodes",
    "/api/v1/namespaces",
    "/api/v1/pods",
    "/api/v1/services",
    "/api/v1/configmaps",
    "/api/v1/secrets",
    "/api/v1/serviceaccounts",
    "/api/v1/persistentvolumeclaims",
    "/api/v1/persistentvolumes",
    "/apis/apps/v1/deployments",
    "/apis/apps/v1/replicasets",
    "/apis/apps/v1/statefulsets",
    "/apis/apps/v1/daemonsets",
    "/apis/batch/v1/jobs",
    "/apis/batch/v1/cronjobs",
    "/apis/networking.k8s.io/v1/ingresses",
    "/apis/networking.k8s.io/v1/ingressclasses",
    "/apis/storage.k8s.io/v1/storageclasses",
    "/apis/policy/v1/poddisruptionbudgets",
    "/apis/scheduling.k8s.io/v1/priorityclasses",
    "/apis/autoscaling/v2/horizontalpodautoscalers",
    "/apis/rbac.authorization.k8s.io/v1/roles",
    "/apis/rbac.authorization.k8s.io/v1/rolebindings",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
)


def read_live_cluster(kubeconfig: str | None, context: str | None) -> SnapshotAudit:
    """Read the cluster of a kubeconfig. Raises ConfigurationError."""
    client = _connect(kubeconfig, context)
    audit = SnapshotAudit()
    for path in _RESOURCES:
        place = Place(path, 1)
        try:
            for item in _list(client, path):
                audit.add(item)
        except Exception as error:
            # The client raises errors of its own, of urllib3 and of ssl; all mean the same here.
            status = getattr(error, "status", None)
            message = f"the API server answers {status}" if status else f"cannot be read: {error}"
            audit.report.malformed.append(Malformed(place, "", "", message))
    return audit


def _connect(kubeconfig: str | None, context: str | None) -> Any:
    try:
        config = importlib.import_module("kubernetes.config")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "--kubeconfig needs the official client, the package kubernetes; without it: "
            "kubectl get all,nodes,pvc,pv,sc,pdb,ingress,configmaps,secrets -A -o json "
            "| planespec audit -"
        ) from error
    try:
        return config.new_client_from_config(config_file=kubeconfig, context=context)
    except Exception as error:
        place = kubeconfig or "the default kubeconfig"
        raise ConfigurationError(f"{place} cannot be used: {error}") from error


def _list(client: Any, path: str) -> Iterator[Item]:
    """Yield the objects of one resource, page by page."""
    token = ""
    while True:
        query = [("limit", str(PAGE))] + ([("continue", token)] if token else [])
        response = client.call_api(
            path,
            "GET",
            query_params=query,
            header_params={"Accept": "application/json"},
            auth_settings=["BearerToken"],
            _preload_content=False,
        )
        answer = response[0] if isinstance(response, tuple) else response
        page = json.loads(answer.data)
        kind = str(page.get("kind", "")).removesuffix("List")
        for value in page.get("items") or ():
            yield Item(value, Place(path, 1), kind, str(page.get("apiVersion", "")))
        token = page.get("metadata", {}).get("continue") or ""
        if not token:
            return
