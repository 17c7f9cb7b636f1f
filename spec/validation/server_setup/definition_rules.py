"""Rules for CustomResourceDefinitions.

Source: `apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go`, v1.36. Left out:
selectable fields, paths of printer columns, defaults against their schema, and rules in CEL.
Fields are those of `apiextensions.k8s.io/v1`, where upstream names those of its own version.
"""

from urllib.parse import urlsplit

from planespec.spec.names import get_dns1035_label_errors, get_dns1123_subdomain_errors
from planespec.spec.objects import ObjectMeta, View
from planespec.spec.validation.field_errors import (
    Errors,
    forbidden,
    invalid,
    required,
)
from planespec.spec.validation.kinds.webhook_rules import validate_client, validate_reviews
from planespec.spec.validation.server_setup.structural_schemas import validate_schema

_APPROVED = "api-approved.kubernetes.io"
_SEE = "see https://github.com/kubernetes/enhancements/pull/1111"
_COLUMNS = ("boolean", "date", "integer", "number", "string")
_FORMATS = (
    "byte",
    "date",
    "date-time",
    "double",
    "float",
    "int32",
    "int64",
    "password",
)


def validate_definition(view: View) -> Errors:
    """Source: ValidateCustomResourceDefinition."""
    spec = view.view("spec")
    names = spec.view("names")
    meta = ObjectMeta(view.data.get("metadata"), "metadata")
    if meta.name and meta.name != f"{names.text('plural')}.{spec.text('group')}":
        words = 'must be spec.names.plural+"."+spec.group'
        yield invalid("metadata.name", meta.name, words)
    yield from _validate_group(spec.path("group"), spec.text("group"))
    yield from _validate_approval(meta, spec.text("group"))
    yield from _validate_names(names)
    yield from _validate_versions(spec)
    if spec.flag("preserveUnknownFields"):
        words = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in"
        field = spec.path("preserveUnknownFields")
        yield invalid(field, True, f"{words} spec.versions[*].schema instead")
    if spec.has("conversion"):
        yield from _validate_conversion(spec.view("conversion"))


def _validate_group(field: str, group: str) -> Errors:
    errors = get_dns1123_subdomain_errors(group)
    if not group:
        yield required(field)
    elif errors:
        yield invalid(field, group, ",".join(errors))
    elif "." not in group:
        yield invalid(field, group, "should be a domain with at least one dot")


def _validate_approval(meta: ObjectMeta, group: str) -> Errors:
    """Groups of the Kubernetes community are reviewed. Source: validateAPIApproval."""
    if not f".{group}".endswith((".k8s.io", ".kubernetes.io")):
        return
    value, field = meta.annotations.get(_APPROVED, ""), f"metadata.annotations[{_APPROVED}]"
    words = f'protected groups must have approval annotation "{_APPROVED}"'
    if not value:
        yield required(field, f"{words}, {_SEE}")
    elif not value.startswith("unapproved") and not _is_url(value):
        reason = 'with either a URL or a reason starting with "unapproved"'
        yield invalid(field, value, f"{words} {reason}, {_SEE}")


def _is_url(text: str) -> bool:
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    return bool(url.scheme and url.netloc)


def _validate_names(names: View) -> Errors:
    """Source: ValidateCustomResourceDefinitionNames."""
    for name in ("plural", "singular"):
        yield from _validate_label(names.path(name), names.text(name))
    kind, listed = names.text("kind"), names.text("listKind")
    for name, text in (("kind", kind), ("listKind", listed)):
        words = "may have mixed case, but should otherwise match: "
        yield from _validate_label(names.path(name), text, words)
    for name in ("shortNames", "categories"):
        for index, each in enumerate(names.texts(name)):
            yield from _validate_label(f"{names.path(name)}[{index}]", each, is_needed=True)
    if kind and kind == listed:
        words = "kind and listKind may not be the same"
        yield invalid(names.path("listKind"), listed, words)


def _validate_label(field: str, text: str, words: str = "", *, is_needed: bool = False) -> Errors:
    errors = get_dns1035_label_errors(text.lower() if words else text)
    if errors and (text or is_needed):
        yield invalid(field, text, words + ",".join(errors))


def _validate_versions(spec: View) -> Errors:
    """Source: validateCustomResourceDefinitionSpec."""
    versions, field = spec.views("versions"), spec.path("versions")
    names = [version.text("name") for version in versions]
    if len(set(names)) < len(names):
        yield invalid(field, names, "must contain unique version names")
    stored = [version.text("name") for version in versions if version.flag("storage")]
    if versions and len(stored) != 1:
        yield invalid(field, names, "must have exactly one version marked as storage version")
    for version in versions:
        yield from _validate_label(version.path("name"), version.text("name"), is_needed=True)
        yield from _validate_version(version)


def _validate_version(version: View) -> Errors:
    """Source: validateCustomResourceDefinitionVersion."""
    warning, field = version.text("deprecationWarning"), version.path("deprecationWarning")
    if version.has("deprecationWarning"):
        if not version.flag("deprecated"):
            yield invalid(field, warning, "can only be set for deprecated versions")
        if len(warning.encode()) > 256:
            yield invalid(field, warning, "must be <= 256 characters long")
        if not warning:
            yield invalid(field, warning, "must not be an empty string")
    schema = version.view("schema")
    if not schema.has("openAPIV3Schema"):
        yield required(schema.path("openAPIV3Schema"), "schemas are required")
    else:
        yield from validate_schema(schema.view("openAPIV3Schema"))
    yield from _validate_scale(version.view("subresources"))
    for column in version.views("additionalPrinterColumns"):
        yield from _validate_column(column)


def _validate_scale(subresources: View) -> Errors:
    """Source: ValidateCustomResourceDefinitionSubresources."""
    if not subresources.has("scale"):
        return
    scale = subresources.view("scale")
    for name, place in (("specReplicasPath", "spec"), ("statusReplicasPath", "status")):
        path = scale.text(name)
        if not path:
            yield required(scale.path(name))
        elif not path.startswith(f".{place}."):
            yield invalid(scale.path(name), path, f"should be a json path under .{place}")
    selector = scale.text("labelSelectorPath")
    if selector and not selector.startswith((".spec.", ".status.")):
        words = "should be a json path under either .spec or .status"
        yield invalid(scale.path("labelSelectorPath"), selector, words)


def _validate_column(column: View) -> Errors:
    """Source: ValidateCustomResourceColumnDefinition."""
    for name in ("name", "jsonPath"):
        if not column.text(name):
            yield required(column.path(name))
    kind, format_ = column.text("type"), column.text("format")
    words = f"must be one of {','.join(_COLUMNS)}"
    if not kind:
        yield required(column.path("type"), words)
    elif kind not in _COLUMNS:
        yield invalid(column.path("type"), kind, words)
    if format_ and format_ not in _FORMATS:
        yield invalid(column.path("format"), format_, f"must be one of {','.join(_FORMATS)}")


def _validate_conversion(conversion: View) -> Errors:
    """Source: validateCustomResourceConversion; the strategy has its enumeration."""
    webhook = conversion.view("webhook")
    if conversion.text("strategy") != "Webhook":
        for holder, name in ((webhook, "clientConfig"), (webhook, "conversionReviewVersions")):
            if holder.data.get(name):
                words = "should not be set when strategy is not set to Webhook"
                yield forbidden(holder.path(name), words)
        return
    if not webhook.has("clientConfig"):
        yield required(webhook.path("clientConfig"), "required when strategy is set to Webhook")
    else:
        yield from validate_client(webhook.view("clientConfig"))
    yield from validate_reviews(webhook, "conversionReviewVersions", "")
