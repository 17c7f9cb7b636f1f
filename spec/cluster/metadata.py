"""Metadata and API versions: what the API server accepts of any object."""

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
from planespec.spec.validation.field_errors import Errors, FieldError
from planespec.spec.validation.object_meta import validate_rest_of_meta

_FREE_NAMES = frozenset(("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"))
"""Kinds whose names are path segments: any text without "/" and "%"."""
_PLAIN_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
_REMOVED = {
    "extensions/v1beta1": "1.16, and Ingress 1.22",
    "apps/v1beta1": "1.16",
    "apps/v1beta2": "1.16",
    "batch/v1beta1": "1.25",
    "batch/v2alpha1": "1.21",
    "policy/v1beta1": "1.25",
    "networking.k8s.io/v1beta1": "1.22",
    "rbac.authorization.k8s.io/v1alpha1": "1.22",
    "rbac.authorization.k8s.io/v1beta1": "1.22",
    "scheduling.k8s.io/v1beta1": "1.22",
    "storage.k8s.io/v1beta1": "1.22 to 1.27",
    "coordination.k8s.io/v1beta1": "1.22",
    "discovery.k8s.io/v1beta1": "1.25",
    "events.k8s.io/v1beta1": "1.25",
    "autoscaling/v2beta1": "1.25",
    "autoscaling/v2beta2": "1.26",
    "node.k8s.io/v1beta1": "1.25",
    "apiextensions.k8s.io/v1beta1": "1.22",
    "admissionregistration.k8s.io/v1beta1": "1.22",
    "certificates.k8s.io/v1beta1": "1.22",
}
_SERVED_AGAIN = frozenset(
    (
        ("networking.k8s.io/v1beta1", "IPAddress"),
        ("networking.k8s.io/v1beta1", "ServiceCIDR"),
        ("storage.k8s.io/v1beta1", "VolumeAttributesClass"),
        ("coordination.k8s.io/v1beta1", "LeaseCandidate"),
        ("certificates.k8s.io/v1beta1", "ClusterTrustBundle"),
        ("certificates.k8s.io/v1beta1", "PodCertificateRequest"),
        ("admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy"),
        ("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicyBinding"),
    )
)
"""Newer kinds in groups of which the old ones are gone."""


def list_name_errors(kind: str, name: str) -> Iterator[str]:
    """Yield a message for each rule that a name breaks."""
    # Nearly all names are plain; the full rules are slow.
    if name and kind not in _FREE_NAMES and not _PLAIN_NAME.fullmatch(name):
        rule = get_dns1123_label_errors if kind == "Namespace" else get_dns1123_subdomain_errors
        for error in rule(name):
            yield f'Invalid value: "{name}": {error}'


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


def list_served_errors(kind: str, version: str) -> Iterator[str]:
    """Yield a message where the API version of a built-in kind is gone."""
    if version in _REMOVED and (version, kind) not in _SERVED_AGAIN:
        yield f"{version} {kind} is not served since Kubernetes {_REMOVED[version]}"
