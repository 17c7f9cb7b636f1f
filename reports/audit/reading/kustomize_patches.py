"""Which fields of which objects patches of kustomize change.

A patch looks like a part of its object, or lists operations on a target. What it says is not
worked in; findings about the fields that it changes are not judged.
Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from planespec.spec.cluster.cluster_requirements import Violation
from planespec.spec.objects import View

LISTS = ("patches", "patchesStrategicMerge", "patchesJson6902")
_PLACE = re.compile(r"\[[^\]]*\]|\.\d+(?=\.|$)")
"""The index of an item, or the key of a map."""
_SEPARATOR = re.compile(r"^---(?:\s.*)?$", re.MULTILINE)
_DEEPEST = 40
_IDENTITY = ("apiVersion", "kind", "metadata.name", "metadata.namespace")


class Target(NamedTuple):
    """Which objects a patch is for; kustomize reads both as patterns of the whole text."""

    kind: str = ""
    name: str = ""

    def covers(self, kind: str, name: str) -> bool:
        """Say whether an object is one of them; what is empty is any."""
        return _fits(self.kind, kind) and _fits(self.name, name)


def _fits(pattern: str, text: str) -> bool:
    try:
        return not pattern or re.fullmatch(pattern, text) is not None
    except re.error:
        return True


class Patches:
    """The patches that have been read."""

    def __init__(self) -> None:
        """Begin with none."""
        self._targets: dict[str, Target] = {}
        self._fields: dict[Target, set[str]] = {}

    def read(self, folder: str, tool: Mapping[str, object]) -> None:
        """Take in what a kustomization says of patches: in it, and of which file is for what."""
        for name in LISTS:
            listed = tool.get(name)
            for each in listed if isinstance(listed, list) else ():
                view = View(each) if isinstance(each, dict) else View({"patch": each})
                said = view.data.get("target")
                target = _read_target(said) if isinstance(said, dict) else None
                path, text = view.data.get("path"), view.data.get("patch")
                if target is not None and isinstance(path, str):
                    self._targets[os.path.normpath(os.path.join(folder, path))] = target
                if isinstance(text, str) and "\n" in text:
                    for value in _parse(text):
                        self._add(value, target)

    def read_file(self, file: str, value: object) -> None:
        """Take in a document of a file that holds patches."""
        self._add(value, self._targets.get(os.path.normpath(file)))

    def _add(self, value: object, target: Target | None) -> None:
        listed = value if isinstance(value, list) else [value]
        operations = [each for each in listed if isinstance(each, dict) and "op" in each]
        if len(operations) == len(listed):
            fields = {_read_pointer(each.get("path")) for each in operations}
        else:
            fields = set(_list_fields(value))
        if target is None and isinstance(value, dict):
            meta = value.get("metadata")
            name = meta.get("name") if isinstance(meta, dict) else ""
            target = Target(re.escape(str(value.get("kind"))), re.escape(str(name)))
        if target is not None:
            self._fields.setdefault(target, set()).update(fields)

    def may_mend(self, violation: Violation) -> bool:
        """Say whether a patch changes the field of a finding, or one around or in it."""
        field, first = _PLACE.sub("", violation.field), violation.objects[0]
        return bool(field) and any(
            field == each or field.startswith(f"{each}.") or each.startswith(f"{field}.")
            for target, fields in self._fields.items()
            if target.covers(first.kind, first.name)
            for each in fields
        )


def _read_target(said: Mapping[str, object]) -> Target:
    return Target(str(said.get("kind") or ""), str(said.get("name") or ""))


def _parse(text: str) -> Iterator[object]:
    # Imported late: most inputs have no kustomization.
    from planespec.reports.audit.reading.yaml_values import YamlError, read_document

    for document in _SEPARATOR.split(text):
        try:
            yield read_document(document)[0]
        except YamlError:
            continue


def _read_pointer(pointer: object) -> str:
    """Return the path that a JSON pointer means, without places in lists."""
    steps = str(pointer).split("/")[1:]
    names = [each.replace("~1", "/").replace("~0", "~") for each in steps]
    return ".".join(each for each in names if each != "-" and not each.isdigit())


def _list_fields(value: object, path: str = "", depth: int = 0) -> Iterator[str]:
    """Yield what a patch says, but for the names by which it finds things."""
    if isinstance(value, dict) and value and depth < _DEEPEST:
        for name, each in value.items():
            inner = f"{path}.{name}" if path else str(name)
            if inner not in _IDENTITY:
                yield from _list_fields(each, inner, depth + 1)
    elif isinstance(value, list) and value and depth < _DEEPEST:
        for each in value:
            own = {k: v for k, v in each.items() if k != "name"} if isinstance(each, dict) else ""
            yield from _list_fields(own, path, depth + 1)
    elif path:
        yield path
