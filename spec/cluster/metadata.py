"""Names, labels and API versions: what the API server accepts of any object."""

import re
from collections.abc import Iterator
from functools import lru_cache

from planespec.spec.names import (
    get_dns1123_label_errors,
    get_dns1123_subdomain_errors,
    get_label_key_errors,
    get_label_value_errors,
)
from planespec.spec.objects import ObjectMeta

_FREE_NAMES = frozenset(("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"))
"""Kinds whose names are path segments: any text without "/" and "%"."""
_PLAIN_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)


def list_name_errors(kind: str, name: str) -> Iterator[str]:
    """Yield a message for each rule that a name breaks."""
    # Nearly all names are plain; the full rules are slow.
    if name and kind not in _FREE_NAMES and not _PLAIN_NAME.fullmatch(name):
        rule = get_dns1123_label_errors if kind == "Namespace" else get_dns1123_subdomain_errors
        for error in rule(name):
            yield f'Invalid value: "{name}": {error}'


def list_label_errors(meta: ObjectMeta) -> Iterator[str]:
    """Yield a message for each rule that a label breaks."""
    for key, value in meta.labels.items():
        yield from _list_label_errors(key, value)


@lru_cache(maxsize=16384)
def _list_label_errors(key: str, value: str) -> tuple[str, ...]:
    return tuple(
        [f'Invalid value: "{key}": {error}' for error in get_label_key_errors(key)]
        + [f'{key}: Invalid value: "{value}": {error}' for error in get_label_value_errors(value)]
    )
