"""What the documents of a file are: objects, several in one, or something that is none.

What is no object of the API is passed over and said once: files of kustomize, Helm and other
tools, answers of the API server that list nothing, objects with placeholders for names.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from planespec.reports.audit.reading.item import Item
from planespec.spec.cluster.cluster_requirements import Place
from planespec.spec.objects.interning import Whole
from planespec.spec.objects.object_store import GROUPS
from planespec.spec.objects.resource_names import find_kind, guess_kind

KUSTOMIZE = "kustomize.config.k8s.io/"
KUSTOMIZED = "files of kustomize: what it makes, `kustomize build` prints"
TEMPLATE = (
    "is a template of Helm and no object: audit what `helm template CHART` prints; "
    "the same holds for the other templates of this folder"
)


class PassedOver(NamedTuple):
    """A document that is no object."""

    what: str
    """What it is, for a sentence such as "2 ...: a.yaml:1, b.yaml:3"."""
    place: Place
    value: Mapping[str, Any]


_ANSWERS = frozenset(
    (
        "Table",
        "APIResourceList",
        "APIGroup",
        "APIGroupList",
        "APIVersions",
        "APIGroupDiscoveryList",
        "PartialObjectMetadata",
        "PartialObjectMetadataList",
    )
)
_CHART_FILES = ("Chart.yaml", "Chart.yml", "Chart.lock", "requirements.yaml", "requirements.lock")
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_PLACEHOLDER = re.compile(r"\$\{|\$\(|\{\{|<[^<>]*>|^_$|^\$[A-Z]")
_MORE_PLACEHOLDERS = re.compile(r"\$\{[A-Za-z_]|\{\{")
_SIMULATED = "schedulerConfig"


def is_kustomization(file: str) -> bool:
    """Say whether a file is called as kustomize wants its own to be."""
    return PurePosixPath(file).name in _KUSTOMIZATIONS


_UNPLAIN = re.compile(r"[$<{]|^_$")


def is_plain(item: Item) -> bool:
    """Say quickly that a document is an object of Kubernetes, as nearly all of a dump are."""
    value = item.value
    if type(value) is not dict and type(value) is not Whole:
        return False
    kind, meta = value.get("kind", item.kind), value.get("metadata")
    if type(kind) is not str or kind not in GROUPS or type(meta) is not dict:
        return False
    name, namespace = meta.get("name"), meta.get("namespace", "")
    if type(name) is not str or type(namespace) is not str or "sops" in value:
        return False
    return not (_UNPLAIN.search(name) or _UNPLAIN.search(namespace))


def recognise(item: Item) -> Iterator[Item | PassedOver]:
    """Yield the object, the objects that stand in it, or why it is none."""
    value = item.value
    if not isinstance(value, dict):
        yield item
        return
    what = _name_tool(value, item)
    if what:
        yield PassedOver(what, item.place, value)
    elif value.get("kind") == "Table":
        yield from _read_table(value, item)
    elif "kind" in value or item.kind:
        yield from _check_object(value, item)
    elif isinstance(value.get("metadata"), dict):
        kind = guess_kind(value) or _kind_of_path(item.place.file)
        yield item._replace(kind=kind)
    else:
        yield from _read_collection(value, item)


def _name_tool(value: Mapping[str, Any], item: Item) -> str:
    """Say which file of a tool, or which answer without objects, a document is; else empty."""
    kind, version = str(value.get("kind")), str(value.get("apiVersion", ""))
    file = PurePosixPath(item.place.file).name
    if version.startswith(KUSTOMIZE) or (is_kustomization(file) and "metadata" not in value):
        return KUSTOMIZED
    if file in _CHART_FILES and "kind" not in value:
        return "files of a chart: what it makes, `helm template` prints"
    if re.match(r"values\b.*\.ya?ml$", file) and "kind" not in value:
        return "values of a chart: what they make, `helm template` prints"
    if kind == "Status" and "status" in value:
        said = value.get("message")
        return f"answers of the API server without objects: {said or value['status']}"
    if kind in _ANSWERS and kind != "Table":
        return f"answers of the API server without objects: {kind}"
    return ""


def _read_table(value: Mapping[str, Any], item: Item) -> Iterator[Item | PassedOver]:
    """A Table has objects where it was asked for them, else their metadata at most."""
    rows = value.get("rows")
    found = [row.get("object") for row in rows or () if isinstance(row, dict)]
    objects = [
        each
        for each in found
        if isinstance(each, dict) and each.get("kind") not in (None, "PartialObjectMetadata")
    ]
    for each in objects:
        yield Item(each, item.place, is_suspect=item.is_suspect, is_listed=True)
    if not objects:
        yield PassedOver("answers of the API server without objects: Table", item.place, value)


def _check_object(value: Mapping[str, Any], item: Item) -> Iterator[Item | PassedOver]:
    """Pass over the configuration of a tool, and what has a placeholder for a name."""
    kind = value.get("kind") or item.kind
    version = value.get("apiVersion")
    meta = value.get("metadata", {})
    is_list = isinstance(kind, str) and kind.endswith("List")
    if _is_encrypted(value):
        what = "what is encrypted with sops: the fields of such objects"
        yield PassedOver(what, item.place, value)
        item = item._replace(value=_blank(value))
    if isinstance(meta, dict):
        names = (meta.get("name"), meta.get("namespace"), meta.get("generateName"))
        if any(isinstance(each, str) and _PLACEHOLDER.search(each) for each in names):
            what = "objects with placeholders in their names: templates, no cluster"
            yield PassedOver(what, item.place, value)
            return
        is_named = meta.get("name") is not None or meta.get("generateName") is not None
        is_foreign = isinstance(kind, str) and kind not in GROUPS and isinstance(version, str)
        if is_foreign and not is_named and not is_list:
            what = f"files of other tools: {kind} of {version}"
            yield PassedOver(what, item.place, value)
            return
    yield item


def _is_encrypted(value: Mapping[str, Any]) -> bool:
    """Say whether sops has encrypted values of an object, and left its mark beside them."""
    mark = value.get("sops")
    return isinstance(mark, dict) and "mac" in mark and "lastmodified" in mark


_ENCRYPTED = "ENC[AES256_GCM,"
_BLANKS = {"data": "e30=", "stringData": "{}"}
"""An empty JSON object, as a field of a Secret holds it: it may stand for any content."""


def _blank(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object without the mark of sops, and a Secret without what is encrypted."""
    plain = {key: each for key, each in value.items() if key != "sops"}
    for name, blank in _BLANKS.items():
        held = plain.get(name)
        if plain.get("kind") == "Secret" and isinstance(held, dict):
            plain[name] = {
                key: blank if isinstance(text, str) and text.startswith(_ENCRYPTED) else text
                for key, text in held.items()
            }
    return plain


def _read_collection(value: dict[str, Any], item: Item) -> Iterator[Item | PassedOver]:
    """Read members that are lists of resources, as the scheduler simulator exports them."""
    found = False
    for name, each in value.items():
        kind = find_kind(name) if isinstance(name, str) else ""
        if not kind or not isinstance(each, list | dict | None):
            continue
        items = each.get("items") if isinstance(each, dict) else each
        if items is None and each is not None:
            continue
        found = True
        parts = [part for part in items or () if isinstance(part, dict)]
        yield Item({"kind": f"{kind}List", "items": parts}, item.place, is_suspect=item.is_suspect)
    if value.get(_SIMULATED):
        yield PassedOver("configurations of a scheduler", item.place, value)
    if not found:
        yield PassedOver("documents without an object of Kubernetes", item.place, value)


def _kind_of_path(file: str) -> str:
    """Return the kind that a file or its folder is named after, as dumps do; else empty."""
    path = PurePosixPath(file.removesuffix(".gz"))
    return find_kind(path.stem) or find_kind(path.parent.name)


def has_placeholder(value: object, depth: int = 0) -> bool:
    """Say whether a text in an object waits for a value: `${REPLICAS}`, `{{ .Values.x }}`."""
    if isinstance(value, str):
        return _MORE_PLACEHOLDERS.search(value) is not None
    if depth > 40:
        return False
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(has_placeholder(part, depth + 1) for part in parts)


_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def waits_for_value(value: object, field: str) -> bool:
    """Say whether what stands in a field, by its path, is a placeholder."""
    for name, number in _STEP.findall(field):
        if isinstance(value, dict):
            value = value.get(name or number)
        elif isinstance(value, list) and number and int(number) < len(value):
            value = value[int(number)]
        else:
            return False
    return bool(field) and has_placeholder(value)


_DIRECTIVE = re.compile(
    r"(?m)^\s*\{\{-?\s*(?:if|range|with|end|else|include|define|template|toYaml|tpl|/\*|\$|\.)"
    r"|\{\{-?\s*(?:\.Values|\.Release|\.Chart|\.Capabilities|\.Files|include |template |tpl )"
)
_TEXT_HOLDERS = ("ConfigMap", "Secret")


def is_chart_template(text: str, value: object = None) -> bool:
    """Say whether a document is a template of Helm; `value` is what it says where it is YAML.

    A template may be YAML, where all its directives are quoted; but an object may also hold such
    text for others: a ConfigMap, or the values of a release.
    """
    if "{{" not in text or not _DIRECTIVE.search(text):
        return False
    if not isinstance(value, dict):
        return value is None
    kind = value.get("kind")
    is_own = isinstance(kind, str) and kind in GROUPS and kind not in _TEXT_HOLDERS
    return is_own or has_placeholder(value.get("metadata"))
