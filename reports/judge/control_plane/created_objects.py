"""What a new object has: what was asked for, and what the API server adds."""

from collections.abc import Iterator
from typing import Any

from planespec.reports.judge.versions.api_requests import ApiRequest
from planespec.reports.judge.versions.object_versions import Version

Json = dict[str, Any]
_NOT_ASKED = (
    *("status", "kind", "apiVersion", "metadata.uid", "metadata.resourceVersion"),
    "metadata.creationTimestamp",
)


_ZEROS: tuple[Any, ...] = (None, {}, [], "", 0, False)
"""What is not written where it is the zero of its type."""


def find_created_fault(write: ApiRequest, after: Version) -> str:
    """Why an object is not the one that was asked for; empty where it is."""
    meta = after.meta
    prefix = (write.body.get("metadata") or {}).get("generateName", "")
    if write.name and write.name != after.name:
        return "has another name"
    if not write.name and not (prefix and after.name.startswith(prefix)):
        return "has another name"
    missing = next(list_missing(write.body, after.data, ""), "")
    if missing:
        return f"{missing} is not what was asked for"
    if meta.get("generation", 1) != 1 or meta.get("deletionTimestamp"):
        return "is not new"
    return ""


def list_missing(asked: Any, found: Any, field: str) -> Iterator[str]:
    """Fields of a request that are not in what was stored; the status is not asked for."""
    if isinstance(asked, dict) and isinstance(found, dict):
        for name, each in asked.items():
            if f"{field}.{name}".lstrip(".") in _NOT_ASKED:
                continue
            if each not in _ZEROS or name in found:
                yield from list_missing(each, found.get(name), f"{field}.{name}".lstrip("."))
    elif isinstance(asked, list) and isinstance(found, list):
        if len(found) < len(asked):
            yield field
            return
        for index, each in enumerate(asked):
            yield from list_missing(each, found[index], f"{field}[{index}]")
    elif asked != found and asked not in (None, {}, []):
        yield field
