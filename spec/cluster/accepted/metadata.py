"""Metadata and API versions: what the API server accepts of any object."""

import ipaddress
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from planespec.spec.names import (
    get_dns1123_label_errors,
    get_dns1123_subdomain_errors,
    get_label_key_errors,
    get_label_value_errors,
)
from planespec.spec.objects import ObjectMeta
from planespec.spec.objects.object_store import GROUPS
from planespec.spec.validation.field_errors import Errors, FieldError
from planespec.spec.validation.object_meta import validate_rest_of_meta

_PLAIN_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
_FREE_NAMES = frozenset(
    (
        ("apiregistration.k8s.io", "APIService"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("rbac.authorization.k8s.io", "Role"),
        ("rbac.authorization.k8s.io", "RoleBinding"),
    )
)
"""Kinds of which a name may be any segment of a path."""
_LABEL_NAMES = frozenset((("", "Namespace"), ("apps", "StatefulSet")))
"""Kinds whose names are labels of DNS."""
_SIGNER = re.compile(r".*:")


def list_name_errors(group: str, kind: str, name: str) -> Iterator[str]:
    """Yield a message for each rule that a name breaks.

    A kind that is not Kubernetes' own has the rule of all names alone: a name is a segment of a
    path. Sources: the `Validate*Name` of `pkg/apis/*/validation`;
    `apimachinery/pkg/api/validation/path/name.go`.
    """
    # Nearly all names are plain; the full rules are slow.
    if name and not (_PLAIN_NAME.fullmatch(name) and kind != "IPAddress"):
        for error in _get_rule(group, kind)(name):
            yield f'Invalid value: "{name}": {error}'


def _get_rule(group: str, kind: str) -> Callable[[str], list[str]]:
    if GROUPS.get(kind) != group or (group, kind) in _FREE_NAMES:
        return get_path_segment_errors
    if (group, kind) in _LABEL_NAMES:
        return get_dns1123_label_errors
    if kind == "IPAddress":
        return _get_address_errors
    return _get_bundle_errors if kind == "ClusterTrustBundle" else get_dns1123_subdomain_errors


def get_path_segment_errors(name: str) -> list[str]:
    """Check a segment of a path: the rule that every name keeps."""
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{each}'" for each in ("/", "%") if each in name]


def _get_address_errors(name: str) -> list[str]:
    try:
        written = str(ipaddress.ip_address(name))
    except ValueError:
        return ["must be a valid IP address"]
    return [] if written == name else [f'must be in canonical form ("{written}")']


def _get_bundle_errors(name: str) -> list[str]:
    """Check what follows the name of the signer, which may hold colons."""
    return get_dns1123_subdomain_errors(_SIGNER.sub("", name))


def list_metadata_errors(meta: ObjectMeta, has_old_finalizers: bool) -> Errors:
    """Yield an error for each rule that labels, annotations, owners or finalizers break."""
    for key, value in meta.labels.items():
        for message in _list_label_errors(key, value):
            yield FieldError(meta.path("labels"), message)
    yield from validate_rest_of_meta(meta, has_old_finalizers=has_old_finalizers)


@lru_cache(maxsize=16384)
def _list_label_errors(key: str, value: str) -> tuple[str, ...]:
    return tuple(
        [f'Invalid value: "{key}": {error}' for error in get_label_key_errors(key)]
        + [f'{key}: Invalid value: "{value}": {error}' for error in get_label_value_errors(value)]
    )
