"""Shapes of Kubernetes' own kinds, made of the OpenAPI definitions of its releases.

The newest release that has a kind at a version says what it looks like; a field that only an
earlier release knows is accepted, since nobody can tell which release an object is meant for.
Where the API server takes the zero value of a field that the definitions require, it is not
required here; nor is anything below `status`, which the server fills in itself.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from planespec.spec.objects.object_store import GROUPS
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.schema.field_shapes import INT32, INT64, Flaw, Shape, find_flaws

Definitions = Mapping[str, Mapping[str, Any]]
"""The definitions of one release by name, such as `io.k8s.api.core.v1.Pod`."""
Kind = tuple[str, str, str]
"""Group, version and kind."""

_ANY = ("JSON", "JSONSchemaPropsOrArray", "JSONSchemaPropsOrBool", "JSONSchemaPropsOrStringArray")
_SCALARS = {"IntOrString": "int-or-string", "Quantity": "quantity"} | dict.fromkeys(_ANY, "any")
_PREFIXES = (
    "io.k8s.api.",
    "io.k8s.apimachinery.pkg.apis.",
    "io.k8s.apiextensions-apiserver.pkg.apis.",
    "io.k8s.kube-aggregator.pkg.apis.",
)
_ZERO_WILL_DO: Mapping[str, tuple[str, ...]] = {
    "apiextensions.CustomResourceDefinitionVersion": ("served", "storage"),
    "batch.PodFailurePolicy": ("rules",),
    "core.Event": ("involvedObject", "metadata"),
    "core.HTTPHeader": ("value",),
    "core.ISCSIPersistentVolumeSource": ("lun",),
    "core.ISCSIVolumeSource": ("lun",),
    "core.LimitRangeSpec": ("limits",),
    "core.PreferredSchedulingTerm": ("preference",),
    "core.ScaleIOPersistentVolumeSource": ("secretRef",),
    "core.ScaleIOVolumeSource": ("secretRef",),
    "core.Sysctl": ("value",),
    "events.Event": ("eventTime",),
    "storage.CSIDriver": ("spec",),
    "storage.CSINode": ("spec",),
    "storage.CSINodeSpec": ("drivers",),
    "storage.TokenRequest": ("audience",),
}
"""Required fields, by definition without version, that validation does not miss."""
_RETIRED = frozenset(
    (
        "metadata.clusterName",
        "metadata.initializers",
        "spec.ipFamily",
        "spec.templateGeneration",
        "spec.topologyKeys",
    )
)
"""Fields that no release described here has any more, and that objects of older ones have."""


class Release:
    """The kinds of one release."""

    def __init__(self, definitions: Definitions) -> None:
        """Take the definitions; shapes are made when they are asked for."""
        self._definitions = definitions
        self._shapes: dict[tuple[str, bool], Shape] = {}
        self.names: dict[Kind, str] = {}
        """The definition of each kind."""
        for name, definition in definitions.items():
            for each in definition.get("x-kubernetes-group-version-kind", ()):
                self.names[each["group"], each["version"], each["kind"]] = name

    def get(self, kind: Kind) -> Shape | None:
        """Return the shape of a kind; None where the release does not serve it."""
        name = self.names.get(kind)
        return None if name is None else self.get_defined(name)

    def get_defined(self, name: str, *, is_lenient: bool = False) -> Shape:
        """Return the shape of a definition; a lenient one requires no field."""
        key = (name, is_lenient)
        if key in self._shapes:
            return self._shapes[key]
        short = name.rpartition(".")[2]
        if short in _SCALARS:
            return self._shapes.setdefault(key, Shape(_SCALARS[short]))
        definition = self._definitions[name]
        shape = self._shapes[key] = Shape(_get_kind(definition))
        is_root = "x-kubernetes-group-version-kind" in definition
        self._fill(shape, definition, is_lenient, is_root)
        unversioned = get_unversioned(name)
        for field, values in ENUMERATIONS.get(unversioned, {}).items():
            if field in shape.fields:
                shape.fields[field] = _narrow(shape.fields[field], values)
        loose = _ZERO_WILL_DO.get(unversioned, ())
        shape.required = [each for each in shape.required if each not in loose]
        return shape

    def _fill(
        self, shape: Shape, definition: Mapping[str, Any], is_lenient: bool, is_root: bool
    ) -> None:
        fields = definition.get("properties", {})
        for name, each in fields.items():
            below = is_lenient or (is_root and name == "status")
            shape.fields[name] = self._make(each, below)
        if not is_lenient:
            shape.required = definition.get("required", ())
        shape.is_open = not fields
        values = definition.get("additionalProperties")
        if isinstance(values, Mapping):
            shape.values = self._make(values, is_lenient)
        if "items" in definition:
            shape.items = self._make(definition["items"], is_lenient)

    def _make(self, schema: Mapping[str, Any], is_lenient: bool) -> Shape:
        if "$ref" in schema:
            name = str(schema["$ref"]).rpartition("/")[2]
            return self.get_defined(name, is_lenient=is_lenient)
        shape = Shape(_get_kind(schema))
        shape.limits = {"int32": INT32, "int64": INT64}.get(schema.get("format", ""))
        self._fill(shape, schema, is_lenient, is_root=False)
        return shape


def get_unversioned(name: str) -> str:
    """Return the name of a definition without its package and version: `core.Container`."""
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            group, _, rest = name.removeprefix(prefix).partition(".")
            return f"{group}.{rest.rpartition('.')[2]}"
    return name


def _get_kind(schema: Mapping[str, Any]) -> str:
    said = schema.get("type", "any")
    kind = next(each for each in said if each != "null") if isinstance(said, list) else said
    if kind == "string":
        kind = {"byte": "base64", "date-time": "time"}.get(schema.get("format", ""), kind)
    return "list" if kind == "array" else str(kind)


def _narrow(shape: Shape, values: Sequence[str]) -> Shape:
    """Return the shape with these values alone, or for a list with items of these values."""
    if shape.kind == "list" and shape.items is not None:
        shape.items = _narrow(shape.items, values)
    elif shape.kind == "string":
        shape.supported = values
    return shape


class PublishedKinds:
    """The kinds of all releases described."""

    def __init__(self, releases: Sequence[str], load: Callable[[str], Definitions]) -> None:
        """Take the names of releases, newest last, and what loads the definitions of one."""
        self._names = releases
        self._load = load
        self._releases: dict[str, Release] = {}
        self._kinds: dict[Kind, Shape | None] = {}

    @property
    def newest(self) -> str:
        """The newest release, such as 1.37."""
        return self._names[-1]

    @property
    def oldest(self) -> str:
        """The oldest release described."""
        return self._names[0]

    def find(self, kind: Kind) -> Shape | None:
        """Return the shape of a kind in the newest release that has it; None where none has."""
        if kind not in self._kinds:
            found = (self._open(name).get(kind) for name in reversed(self._names))
            self._kinds[kind] = next(filter(None, found), None)
        return self._kinds[kind]

    def list_versions(self, group: str, kind: str) -> list[str]:
        """Return the versions at which the newest release serves a kind, stable ones first."""
        names = self._open(self.newest).names
        found = [version for g, version, k in names if (g, k) == (group, kind)]
        return sorted(found, key=lambda each: (("alpha" in each) + ("beta" in each), each))

    def advise(self, kind: Kind) -> str | None:
        """Say what may be meant by a kind that no release has; None where others may serve it.

        The core group holds kinds of others as well, such as those of OpenShift 3, so that only
        its own are known there.
        """
        said, _, name = kind
        group = GROUPS.get(name, said)
        if said not in BUILT_IN_GROUPS:
            return None
        served = self.list_versions(group, name)
        if served:
            return f"; write {group}/{served[0]}" if group else f"; write {served[0]}"
        known = {each.lower(): each for g, _, each in self._open(self.newest).names if g == said}
        if not said and name.lower() not in known:
            return None
        close = difflib.get_close_matches(name.lower(), known, 1, 0.8)
        return f"; is {known[close[0]]} meant?" if close else ""

    def get_definitions(self, release: str) -> Definitions:
        """Return the definitions of a release described here."""
        return self._load(release)

    def get_metadata(self) -> Shape:
        """Return the shape of the metadata of every object."""
        return self._open(self.newest).get_defined(
            "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
        )

    def is_known_before(self, kind: Kind, section: str, value: object, flaw: Flaw) -> bool:
        """Say whether an earlier release knows the field that a flaw of a section is about."""
        if flaw.field in _RETIRED:
            return True
        for name in reversed(self._names[:-1]):
            shape = self._open(name).get(kind)
            below = shape and shape.fields.get(section)
            if below and all(
                each.field != flaw.field for each in find_flaws(below, value, section)
            ):
                return True
        return False

    def _open(self, name: str) -> Release:
        if name not in self._releases:
            self._releases[name] = Release(self._load(name))
        return self._releases[name]


BUILT_IN_GROUPS = frozenset(GROUPS.values()) | {
    "authentication.k8s.io",
    "authorization.k8s.io",
    "events.k8s.io",
    "extensions",
    "internal.apiserver.k8s.io",
    "lifecycle.k8s.io",
    "storagemigration.k8s.io",
}
"""Groups that only Kubernetes itself serves kinds of."""
