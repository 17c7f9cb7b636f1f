"""How values of a kind merge: which lists are maps or sets, which values are taken whole.

Made of the OpenAPI definitions of a release, as `kube-openapi/pkg/schemaconv` makes the schema of
structured-merge-diff of them; with what strategic merge patches follow beside it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Definitions = Mapping[str, Mapping[str, Any]]
_UNTYPED = ("Quantity", "IntOrString", "Time", "MicroTime", "Duration")
KEY_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "ContainerPort": {"protocol": "TCP"},
    "ServicePort": {"protocol": "TCP"},
}
"""Keys of list items with a default, by definition: the published files leave defaults out."""


class MergeType:
    """The type of a value."""

    __slots__ = (
        "definition",
        "fields",
        "format",
        "is_atomic",
        "items",
        "keys",
        "kind",
        "merge_key",
        "patch_strategies",
        "required",
        "values",
    )

    def __init__(self, kind: str) -> None:
        """Begin with what the value is: scalar, list, map, struct, or any for no schema."""
        self.kind = kind
        self.definition = ""
        """The name of its definition without package and version, such as `Container`."""
        self.format = ""
        """Of a scalar: string, integer, boolean, number, or the name of its definition."""
        self.fields: dict[str, MergeType] = {}
        self.required: frozenset[str] = frozenset()
        self.values: MergeType | None = None
        """Of a map: the type of every value."""
        self.items: MergeType | None = None
        self.is_atomic = False
        """Whether the value has one owner as a whole."""
        self.keys: tuple[str, ...] = ()
        """Of a list that is a map: the fields that tell its items apart; of a set none."""
        self.merge_key = ""
        """The field by which a strategic merge patch finds items."""
        self.patch_strategies: tuple[str, ...] = ()
        """`merge`, `replace`, `retainKeys`: of this field in a strategic merge patch."""


class MergeTypes:
    """The types of one release, by the name of the definition."""

    def __init__(self, definitions: Definitions) -> None:
        """Take the definitions; types are made when they are asked for."""
        self._definitions = definitions
        self._types: dict[str, MergeType] = {}
        self._names: dict[tuple[str, str, str], str] = {}
        for name, definition in definitions.items():
            for each in definition.get("x-kubernetes-group-version-kind", ()):
                self._names[each["group"], each["version"], each["kind"]] = name

    def find(self, group: str, version: str, kind: str) -> MergeType:
        """Return the type of a kind. Raises KeyError where the release does not serve it."""
        return self.get_defined(self._names[group, version, kind])

    def get_defined(self, name: str) -> MergeType:
        """Return the type of a definition by its whole name."""
        if name in self._types:
            return self._types[name]
        short = name.rpartition(".")[2]
        definition = self._definitions[name]
        if short in _UNTYPED:
            made = self._types[name] = MergeType("scalar")
            made.format = short
        else:
            made = self._types[name] = MergeType(_find_kind(definition))
            self._fill(made, definition)
        made.definition = short
        return made

    def _fill(self, made: MergeType, schema: Mapping[str, Any]) -> None:
        made.format = "byte" if schema.get("format") == "byte" else _find_format(schema)
        for name, each in schema.get("properties", {}).items():
            made.fields[name] = self._make(each)
        made.required = frozenset(schema.get("required", ()))
        values = schema.get("additionalProperties")
        if isinstance(values, Mapping):
            made.values = self._make(values)
        if "items" in schema:
            made.items = self._make(schema["items"])
        self._relate(made, schema)

    def _relate(self, made: MergeType, schema: Mapping[str, Any]) -> None:
        """Read how the parts of a value belong together."""
        if made.kind == "list":
            made.is_atomic = schema.get("x-kubernetes-list-type", "atomic") == "atomic"
            made.keys = tuple(schema.get("x-kubernetes-list-map-keys", ()))
        elif made.kind in ("map", "struct"):
            made.is_atomic = schema.get("x-kubernetes-map-type") == "atomic"
        made.merge_key = schema.get("x-kubernetes-patch-merge-key", "")
        made.patch_strategies = _split(schema.get("x-kubernetes-patch-strategy", ""))

    def _make(self, schema: Mapping[str, Any]) -> MergeType:
        if "$ref" not in schema:
            made = MergeType(_find_kind(schema))
            self._fill(made, schema)
            return made
        found = self.get_defined(str(schema["$ref"]).rpartition("/")[2])
        strategies = _split(schema.get("x-kubernetes-patch-strategy", ""))
        if strategies or schema.get("x-kubernetes-map-type"):
            return _Variant(found, strategies, schema.get("x-kubernetes-map-type") == "atomic")
        return found


class _Variant(MergeType):
    """A type as one field has it, which says more of it than its definition."""

    def __init__(self, of: MergeType, strategies: tuple[str, ...], is_atomic: bool) -> None:
        super().__init__(of.kind)
        for name in MergeType.__slots__:
            setattr(self, name, getattr(of, name))
        self.patch_strategies = strategies
        self.is_atomic = self.is_atomic or is_atomic


def _split(text: str) -> tuple[str, ...]:
    return tuple(each for each in text.split(",") if each)


def _find_format(schema: Mapping[str, Any]) -> str:
    said: str | Sequence[str] = schema.get("type", "")
    return said if isinstance(said, str) else next(each for each in said if each != "null")


def _find_kind(schema: Mapping[str, Any]) -> str:
    if "properties" in schema:
        return "struct"
    kinds = {"array": "list", "object": "any", "": "any"}
    if isinstance(schema.get("additionalProperties"), Mapping):
        return "map"
    return kinds.get(_find_format(schema), "scalar")
