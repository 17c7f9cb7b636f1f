"""Rules for volumes put together of several sources, and for the volumes of a pod as a whole.

Source: `pkg/apis/core/validation/validation.go`, ValidateVolumes, validateProjectionSources,
v1.36.
"""

from collections.abc import Mapping

from planespec.spec.names import get_dns1123_label_errors, get_dns1123_subdomain_errors
from planespec.spec.objects import View
from planespec.spec.validation.field_errors import (
    Errors,
    FieldError,
    checked,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
)
from planespec.spec.validation.persistent_volumes import validate_claim_template
from planespec.spec.validation.pod.downward import validate_downward_file
from planespec.spec.validation.pod.volume_sources import (
    SIMPLE_SOURCES,
    needing,
    validate_items,
    validate_mode,
    validate_sources,
)
from planespec.spec.validation.value_rules import (
    show_selector,
    validate_file_path,
    validate_selector,
    validate_signer_name,
)

_KEY_TYPES = ("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519")
_LONGEST_CERTIFICATE = 91 * 24 * 3600
_LONGEST_KUBERNETES_CERTIFICATE = 24 * 3600
_BUNDLE_NAME = "not a valid clustertrustbundlename: "


def validate_volumes(spec: View, pod_name: str) -> tuple[dict[str, View], list[FieldError]]:
    """Return the volumes without fault by name, and what is wrong with the others.

    `pod_name` is empty where it is not known, as in a template.
    """
    errors: list[FieldError] = []
    found: dict[str, View] = {}
    volumes = spec.views("volumes")
    made = {f"{pod_name}-{v.text('name')}" for v in volumes if v.has("ephemeral")}
    for volume in volumes:
        own = [*_validate_volume(volume, pod_name), *_validate_name(volume, found)]
        errors += own
        if not own:
            found[volume.text("name")] = volume
        claim = volume.view("persistentVolumeClaim")
        if pod_name and claim.text("claimName") in made:
            words = "must not reference a PVC that gets created for an ephemeral volume"
            errors.append(invalid(claim.path("claimName"), claim.text("claimName"), words))
    return found, errors


def _validate_name(volume: View, found: Mapping[str, View]) -> Errors:
    name = volume.text("name")
    if not name:
        yield required(volume.path("name"))
    else:
        yield from checked(volume.path("name"), name, get_dns1123_label_errors)
    if name in found:
        yield duplicate(volume.path("name"), name)


def _validate_volume(volume: View, pod_name: str) -> Errors:
    yield from validate_sources(volume, _RULES)
    name = volume.text("name")
    if volume.has("iscsi"):
        source = volume.view("iscsi")
        if source.has("initiatorName") and len(f"{name}:{source.text('targetPortal')}") > 64:
            words = "Total length of <volume name>:<iscsi.targetPortal> must be under 64"
            detail = f"{words} characters if iscsi.initiatorName is specified."
            yield invalid(volume.path("name"), name, detail)
    if volume.has("ephemeral") and pod_name and name:
        claim = f"{pod_name}-{name}"
        for error in get_dns1123_subdomain_errors(claim):
            yield invalid(volume.path("name"), name, f'PVC name "{claim}": {error}')


def _validate_downward(view: View) -> Errors:
    yield from validate_mode(view, "defaultMode")
    for item in view.views("items"):
        yield from validate_downward_file(item, view.field)


def _validate_ephemeral(view: View) -> Errors:
    if not view.has("volumeClaimTemplate"):
        yield required(view.path("volumeClaimTemplate"))
    else:
        yield from validate_claim_template(view.view("volumeClaimTemplate"))


def _validate_projected(view: View) -> Errors:
    yield from validate_mode(view, "defaultMode")
    paths: set[str] = set()
    for source in view.views("sources"):
        found = [name for name in _PROJECTIONS if source.has(name)]
        for name in found:
            yield from _PROJECTIONS[name](source.view(name), view.field, paths)
        if len(found) > 1:
            words = "may not specify more than 1 volume type per source"
            yield forbidden(source.field, words)


def _claim_path(field: str, shown: str, path: str, paths: set[str]) -> Errors:
    """Each path of a projected volume is written once."""
    if path in paths:
        yield invalid(field, shown, "conflicting duplicate paths")
    paths.add(path)


def _project_configuration(source: View, field: str, paths: set[str]) -> Errors:
    yield from needing("name")(source)
    for item in source.views("items"):
        yield from validate_items([item])
        if path := item.text("path"):
            yield from _claim_path(field, source.text("name"), path, paths)


def _project_downward(source: View, field: str, paths: set[str]) -> Errors:
    for item in source.views("items"):
        yield from validate_downward_file(item, source.field)
        if path := item.text("path"):
            yield from _claim_path(field, path, path, paths)


def _project_token(source: View, field: str, paths: set[str]) -> Errors:
    seconds = source.integer("expirationSeconds")
    seconds = 3600 if seconds is None else seconds
    where = source.path("expirationSeconds")
    if seconds < 600:
        yield invalid(where, seconds, "may not specify a duration less than 10 minutes")
    if seconds > 1 << 32:
        yield invalid(where, seconds, "may not specify a duration larger than 2^32 seconds")
    # Upstream names the volume, not the source.
    if not source.text("path"):
        yield required(f"{field}.path")
    else:
        yield from validate_file_path(f"{field}.path", source.text("path"))


def _project_bundle(source: View, field: str, paths: set[str]) -> Errors:
    """Source: the case clusterTrustBundle."""
    if source.has("name") and source.has("signerName"):
        shown = {name: source.data[name] for name in sorted(source.data)}
        yield invalid(source.field, shown, "only one of name and signerName may be used")
    elif source.has("name"):
        yield from _validate_bundle_name(source)
        if source.has("labelSelector"):
            shown = show_selector(source.view("labelSelector"))
            words = "labelSelector must be unset if name is specified"
            yield invalid(source.path("labelSelector"), shown, words)
    elif source.has("signerName"):
        if not source.text("signerName"):
            yield required(source.path("signerName"), "must be a valid signer name")
        yield from validate_signer_name(source.path("signerName"), source.text("signerName"))
        yield from validate_selector(source.view("labelSelector"))
    else:
        yield required(source.field, "either name or signerName must be specified")
    yield from needing("path")(source)
    path = source.text("path")
    yield from validate_file_path(source.path("path"), path)
    yield from _claim_path(field, path, path, paths)


def _validate_bundle_name(source: View) -> Errors:
    field, name = source.path("name"), source.text("name")
    if not name:
        yield required(field, "must be a valid object name")
    for error in get_dns1123_subdomain_errors(name.rpartition(":")[2]):
        yield invalid(field, name, f"{_BUNDLE_NAME}{error}")


def _project_certificate(source: View, field: str, paths: set[str]) -> Errors:
    """Source: the case podCertificate."""
    signer, kind = source.text("signerName"), source.text("keyType")
    yield from validate_signer_name(source.path("signerName"), signer)
    if kind not in _KEY_TYPES:
        yield not_supported(source.path("keyType"), kind, _KEY_TYPES)
    yield from _validate_lifetime(source, signer)
    names = ("credentialBundlePath", "keyPath", "certificateChainPath")
    for name in names:
        if path := source.text(name):
            yield from validate_file_path(source.path(name), path)
            yield from _claim_path(field, path, path, paths)
    if not any(source.text(name) for name in names):
        words = "specify at least one of credentialBundlePath, keyPath, and certificateChainPath"
        yield required(source.field, words)


def _validate_lifetime(source: View, signer: str) -> Errors:
    field, seconds = source.path("maxExpirationSeconds"), source.integer("maxExpirationSeconds")
    if seconds is None:
        return
    host = signer.partition("/")[0]
    is_own = host == "kubernetes.io" or host.endswith(".kubernetes.io")
    longest = _LONGEST_KUBERNETES_CERTIFICATE if is_own else _LONGEST_CERTIFICATE
    words = "if provided, maxExpirationSeconds must be"
    if seconds < 3600:
        yield invalid(field, seconds, f"{words} >= 3600")
    if seconds > longest:
        yield invalid(field, seconds, f"{words} <= {longest}")


_PROJECTIONS = {
    "secret": _project_configuration,
    "configMap": _project_configuration,
    "downwardAPI": _project_downward,
    "serviceAccountToken": _project_token,
    "clusterTrustBundle": _project_bundle,
    "podCertificate": _project_certificate,
}
_RULES = SIMPLE_SOURCES | {
    "downwardAPI": _validate_downward,
    "projected": _validate_projected,
    "ephemeral": _validate_ephemeral,
}
