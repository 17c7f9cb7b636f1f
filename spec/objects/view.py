"""The base of all views: typed reads of the fields of one JSON object, and its metadata."""

import re
from collections.abc import Mapping
from functools import cached_property

from planespec.spec.quantity import Quantity, QuantityError, read_quantity

_DECIMAL = re.compile(r"-?[0-9]{1,19}")


class ObjectError(ValueError):
    """A field of an object has the wrong type or an impossible value; names the field."""

    def __init__(self, field: str, message: str) -> None:
        """Keep the path of the field, such as `spec.containers[0].name`."""
        super().__init__(f"{field}: {message}" if field else message)
        self.field, self.message = field, message


class GapError(TypeError):
    """A rule reads a field in which objects differ from what they have in common."""


class View:
    """A JSON object with typed reads; `field` is its path, for messages."""

    def __init__(self, data: object, field: str = "") -> None:
        """Raise ObjectError unless `data` is an object; null reads as an empty one."""
        if data is None:
            data = {}
        # A dict is tried first: the general test is slow, and most objects are dicts.
        if not isinstance(data, (dict, Mapping)):
            raise ObjectError(field, f"must be an object, not {_kind(data)}")
        self.data: Mapping[str, object] = data
        self.field = field

    def path(self, name: str) -> str:
        """Return the path of a field of this object."""
        return f"{self.field}.{name}" if self.field else name

    def has(self, name: str) -> bool:
        """Say whether the field is there and not null."""
        return self.data.get(name) is not None

    def needing(self, *names: str) -> "View":
        """Return the view itself; raises ObjectError for a field that is absent or null."""
        for name in names:
            if not self.has(name):
                raise ObjectError(self.path(name), "is missing")
        return self

    def text(self, name: str) -> str:
        """Read a string; absent is empty."""
        value = self.data.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise ObjectError(self.path(name), f"must be a string, not {_kind(value)}")
        return value

    def integer(self, name: str) -> int | None:
        """Read an integer, be it written with a fraction of zero; absent is None."""
        value = self.data.get(name)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ObjectError(self.path(name), f"must be an integer, not {_kind(value)}")
        return value

    def needed_integer(self, name: str) -> int:
        """Read an integer that has to be there; raises ObjectError where it is absent or null."""
        value = self.integer(name)
        if value is None:
            raise ObjectError(self.path(name), "is missing")
        return value

    def int64(self, name: str) -> int:
        """Read an integer of 64 bits, which proto3 JSON writes as decimal text; absent is 0."""
        value = self.data.get(name)
        if isinstance(value, str) and _DECIMAL.fullmatch(value):
            value = int(value)
        if value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, int):
            raise ObjectError(self.path(name), f"must be an integer, not {_kind(value)}")
        if not -(2**63) <= value < 2**63:
            raise ObjectError(self.path(name), "does not fit into 64 bits")
        return value

    def flag(self, name: str) -> bool:
        """Read a boolean; absent is false."""
        value = self.data.get(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise ObjectError(self.path(name), f"must be a boolean, not {_kind(value)}")
        return value

    def view(self, name: str) -> "View":
        """Read an object; absent is empty."""
        field = self.field
        return View(self.data.get(name), f"{field}.{name}" if field else name)

    def items(self, name: str) -> list[object]:
        """Read a list; absent is empty."""
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise ObjectError(self.path(name), f"must be a list, not {_kind(value)}")
        return value

    def views(self, name: str) -> list["View"]:
        """Read a list of objects."""
        items = self.items(name)
        if not items:  # as most lists are, so that no path is made for them
            return []
        path = self.path(name)
        return [View(item, f"{path}[{index}]") for index, item in enumerate(items)]

    def texts(self, name: str) -> list[str]:
        """Read a list of strings."""
        values = []
        for index, value in enumerate(self.items(name)):
            if not isinstance(value, str):
                field = f"{self.path(name)}[{index}]"
                raise ObjectError(field, f"must be a string, not {_kind(value)}")
            values.append(value)
        return values

    def text_map(self, name: str) -> dict[str, str]:
        """Read an object whose values are strings, such as labels."""
        inner = self.view(name)
        return {key: inner.text(key) for key in inner.data}

    def quantities(self, name: str) -> dict[str, Quantity]:
        """Read an object whose values are quantities, such as requests."""
        inner = self.view(name)
        return {key: inner.quantity(key) for key in inner.data}

    def quantity(self, name: str) -> Quantity:
        """Read a quantity; absent is zero."""
        try:
            return read_quantity(self.data.get(name))
        except QuantityError as error:
            raise ObjectError(self.path(name), str(error)) from error


def _kind(value: object) -> str:
    if isinstance(value, tuple):
        raise GapError("the field differs from object to object, so read it from the object")
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    names |= {int: "an integer", float: "a number", type(None): "null"}
    return names.get(type(value), type(value).__name__)


# Metadata that all objects have.


class ObjectMeta(View):
    """`metadata`: name, namespace, labels, annotations and identity."""

    @property
    def name(self) -> str:
        """The name, unique among live objects of its kind and namespace."""
        return self.text("name")

    @property
    def namespace(self) -> str:
        """The namespace; empty for cluster-scoped objects."""
        return self.text("namespace")

    @property
    def uid(self) -> str:
        """The identity, unique over all time."""
        return self.text("uid")

    @cached_property
    def labels(self) -> dict[str, str]:
        """The labels."""
        return self.text_map("labels")

    @cached_property
    def annotations(self) -> dict[str, str]:
        """The annotations."""
        return self.text_map("annotations")

    @property
    def is_deleting(self) -> bool:
        """Whether deletion has been asked for and has not ended."""
        return self.has("deletionTimestamp")


class ApiObject(View):
    """What objects of most kinds consist of."""

    @cached_property
    def meta(self) -> ObjectMeta:
        """`metadata`."""
        return ObjectMeta(self.data.get("metadata"), self.path("metadata"))

    @property
    def name(self) -> str:
        """The name."""
        return self.meta.name

    @cached_property
    def spec(self) -> View:
        """`spec`."""
        return self.view("spec")

    @cached_property
    def status(self) -> View:
        """`status`."""
        return self.view("status")
