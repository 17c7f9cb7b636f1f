"""Owners of the number of replicas, as the scale subresource sees them.

Source: `apimachinery/pkg/util/managedfields/scalehandler.go`, v1.36.
"""

from typing import Any

from planespec.spec.api.apply.field_sets import make_set
from planespec.spec.api.apply.managers import Managers, Owned, read_managers, write_managers

REPLICAS = make_set("spec.replicas")
"""The field, in a Scale and in the kinds that can be scaled."""
SCALE_VERSION = "autoscaling/v1"


def to_scale(entries: object, version: str) -> list[dict[str, Any]]:
    """Return the entries of those who own the replicas, as owners of the field of the Scale."""
    return write_managers(
        {
            manager: Owned(REPLICAS, SCALE_VERSION, owned.time)
            for manager, owned in read_managers(entries).items()
            if owned.version == version and owned.fields >= REPLICAS
        }
    )


def from_scale(entries: object, scale_entries: object, version: str) -> list[dict[str, Any]]:
    """Return the entries of the object after a write of its Scale.

    Who does not own the field in the Scale any more has lost it; who is new owns it by the
    subresource. Entries of other versions are dropped.
    """
    kept: Managers = {}
    scale = read_managers(scale_entries)
    for manager, owned in read_managers(entries).items():
        if owned.version != version:
            continue
        if not owned.fields >= REPLICAS or scale.pop(manager, None) is not None:
            kept[manager] = owned
        elif owned.fields - REPLICAS:
            kept[manager] = owned._replace(fields=owned.fields - REPLICAS)
    for manager, owned in scale.items():
        if owned.fields >= REPLICAS:
            kept[manager] = Owned(REPLICAS, version, owned.time)
    return write_managers(kept)
