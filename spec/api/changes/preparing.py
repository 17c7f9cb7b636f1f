"""Generations: kinds whose spec is observed count its changes.

Source: PrepareForCreate and PrepareForUpdate of `pkg/registry/*/*/strategy.go`, v1.36.
"""

from collections.abc import Callable, Sequence

from planespec.spec.api.strategies import Json, Prepare


def begin(data: Json, *, keeps_status: bool = False) -> None:
    """Store a new object as its first generation, without what only a controller says."""
    if not keeps_status:
        data.pop("status", None)
    data["metadata"]["generation"] = 1


def drop_status(data: Json) -> None:
    """Store a new object without what only a controller says."""
    data.pop("status", None)


def keep(data: Json, old: Json, fields: Sequence[str]) -> None:
    """Put back fields that a resource does not write."""
    for name in fields:
        if name in old:
            data[name] = old[name]
        else:
            data.pop(name, None)


def raise_generation(data: Json, old: Json) -> None:
    """Count a change."""
    data["metadata"]["generation"] = (old["metadata"].get("generation") or 0) + 1


def counting(*also: str) -> Prepare:
    """Return what keeps the status and counts a change of the spec, or of these annotations."""

    def prepare(data: Json, old: Json) -> None:
        keep(data, old, ("status",))
        changed = data.get("spec") != old.get("spec")
        if changed or any(_get(data, each) != _get(old, each) for each in also):
            raise_generation(data, old)

    return prepare


def _get(data: Json, name: str) -> object:
    return data["metadata"].get(name) or {}


def keeping(*fields: str) -> Callable[[Json, Json], None]:
    """Return what puts back fields that a resource does not write."""

    def prepare(data: Json, old: Json) -> None:
        keep(data, old, fields)

    return prepare
