"""Rules for single values: ports, paths, keys, percentages, selectors.

Source: `apimachinery/pkg/util/validation/validation.go`,
`apimachinery/pkg/apis/meta/v1/validation/validation.go`, `pkg/apis/core/validation/names.go`,
v1.36.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from planespec.spec.names import (
    get_dns1123_label_errors,
    get_dns1123_subdomain_errors,
    get_label_key_errors,
    get_label_value_errors,
    get_port_name_errors,
)
from planespec.spec.objects import View
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    each_invalid,
    forbidden,
    invalid,
    required,
    too_long,
)

_SEGMENT = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_UNDERSCORED = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_HEADER = "[-A-Za-z0-9]+"
_PERCENT = "[0-9]+%"
_HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"


def get_config_key_errors(value: str) -> list[str]:
    """Check a key of a ConfigMap or Secret, at most 253 bytes. Source: IsConfigMapKey."""
    errors = []
    if len(value.encode()) > 253:
        errors.append("must be no more than 253 characters")
    if not re.fullmatch(_CONFIG_KEY, value):
        words = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
        examples = "'key.name',  or 'KEY_NAME',  or 'key-name', "
        errors.append(f"{words} (e.g. {examples}regex used for validation is '{_CONFIG_KEY}')")
    if value in (".", ".."):
        errors.append(f"must not be '{value}'")
    elif value.startswith(".."):
        errors.append("must not start with '..'")
    return errors


def get_variable_errors(value: str) -> list[str]:
    """Check the name of an environment variable. Source: IsRelaxedEnvVarName."""
    if not value:
        return ["environment variable name must be non-empty"]
    if all(" " <= letter <= "~" and letter != "=" for letter in value):
        return []
    words = "a valid environment variable name must consist only of printable ASCII characters"
    return [f"{words} other than '='"]


def get_header_errors(value: str) -> list[str]:
    """Check the name of an HTTP header. Source: IsHTTPHeaderName."""
    if re.fullmatch(_HEADER, value):
        return []
    words = "a valid HTTP header must consist of alphanumeric characters or '-'"
    return [f"{words} (e.g. 'X-Header-Name', regex used for validation is '{_HEADER}')"]


def get_path_segment_errors(value: str) -> list[str]:
    """Check a name that need only fit into a URL. Source: IsPathSegmentName."""
    if value in (".", ".."):
        return [f"may not be '{value}'"]
    return [f"may not contain '{each}'" for each in ("/", "%") if each in value]


def get_percent_errors(value: str) -> list[str]:
    """Check a percentage. Source: IsValidPercent."""
    if re.fullmatch(_PERCENT, value):
        return []
    words = "a valid percent string must be a numeric string followed by an ending '%'"
    return [f"{words} (e.g. '1%',  or '93%', regex used for validation is '{_PERCENT}')"]


def get_wildcard_errors(value: str) -> list[str]:
    """Check a host with a wildcard. Source: IsWildcardDNS1123Subdomain."""
    pattern = rf"\*\.{_SEGMENT}(\.{_SEGMENT})*"
    errors = ["must be no more than 253 characters"] if len(value.encode()) > 253 else []
    if not re.fullmatch(pattern, value):
        words = (
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS "
            "subdomain, which must consist of lower case alphanumeric characters, '-' or '.' "
            "and end with an alphanumeric character"
        )
        errors.append(f"{words} (e.g. '*.example.com', regex used for validation is '{pattern}')")
    return errors


def get_search_path_errors(value: str) -> list[str]:
    """Check a DNS search path. Source: IsDNS1123SubdomainWithUnderscore."""
    pattern = rf"{_UNDERSCORED}(\.{_UNDERSCORED})*"
    errors = ["must be no more than 253 characters"] if len(value.encode()) > 253 else []
    if not re.fullmatch(pattern, value):
        words = (
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
            "'_', '-' or '.', and must start and end with an alphanumeric character"
        )
        errors.append(f"{words} (e.g. 'example.com', regex used for validation is '{pattern}')")
    return errors


def get_port_errors(number: int) -> list[str]:
    """Check a port number."""
    return get_range_errors(number, 1, 65535)


def get_range_errors(number: int, least: int, most: int) -> list[str]:
    """Check that a number is within bounds, both inclusive."""
    if least <= number <= most:
        return []
    return [f"must be between {least} and {most}, inclusive"]


def validate_port_number_or_name(field: str, value: object) -> Errors:
    """Check a port that is a number or a name; absent is 0. Source: ValidatePortNumOrName."""
    if isinstance(value, str):
        yield from checked(field, value, get_port_name_errors)
    elif value is None or isinstance(value, int):
        yield from each_invalid(field, value or 0, get_port_errors(value or 0))


def validate_without_backsteps(field: str, value: str) -> Errors:
    """A path has no element `..`. Source: validatePathNoBacksteps."""
    if ".." in value.split("/"):
        yield invalid(field, value, "must not contain '..'")


def validate_relative_path(field: str, value: str) -> Errors:
    """A path stays below where it begins. Source: validateLocalDescendingPath."""
    if value.startswith("/"):
        yield invalid(field, value, "must be a relative path")
    yield from validate_without_backsteps(field, value)


def validate_file_path(field: str, value: str) -> Errors:
    """A path of a file within a volume. Source: ValidateLocalNonReservedPath."""
    yield from validate_relative_path(field, value)
    if value.startswith("..") and not value.startswith("../"):
        yield invalid(field, value, "must not start with '..'")


def validate_domain_prefixed_path(field: str, value: str) -> Errors:
    """A name such as acme.io/foo. Source: IsDomainPrefixedPath."""
    host, slash, path = value.partition("/")
    if not value:
        yield required(field)
    elif not (slash and host and path):
        yield invalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')
    else:
        yield from checked(field, host, get_dns1123_subdomain_errors)
        if not re.fullmatch(_HTTP_PATH, path):
            yield invalid(
                field, path, f"Invalid path (regex used for validation is '{_HTTP_PATH}')"
            )


def validate_signer_name(field: str, value: str) -> Errors:
    """A name such as example.com/signer. Source: ValidateSignerName."""
    if not value:
        yield required(field)
        return
    segments = value.split("/")
    if len(segments) != 2:
        form = "'example.com/signer-name'"
        words = "must be a fully qualified domain and path of the form"
        yield invalid(field, value, f"{words} {form}")
        return
    domain, path = segments
    if len(domain) > 253:
        yield too_long(field, 253)
    yield from _validate_parts(field, domain, get_dns1123_label_errors)
    if "." not in domain:
        words = "should be a domain with at least two segments separated by dots"
        yield invalid(field, domain, words)
    yield from _validate_parts(field, path, get_dns1123_subdomain_errors)
    if len(value) > 571:
        yield too_long(field, 571)


def _validate_parts(field: str, value: str, rule: Callable[[str], list[str]]) -> Errors:
    """Check the parts between dots up to the first faulty one."""
    for part in value.split("."):
        errors = rule(part)
        if errors:
            words = (f'validating label "{part}": {error}' for error in errors)
            yield from each_invalid(field, value, words)
            return


# Labels, selectors and annotations.


def validate_label_key(field: str, value: str) -> Errors:
    """Source: ValidateLabelName, ValidateQualifiedName."""
    return checked(field, value, get_label_key_errors)


def validate_labels(field: str, labels: Mapping[str, str]) -> Errors:
    """Source: ValidateLabels."""
    for key, value in labels.items():
        yield from validate_label_key(field, key)
        yield from checked(field, value, get_label_value_errors)


_list_key_errors = lru_cache(maxsize=4096)(get_label_key_errors)


def validate_annotations(field: str, annotations: Mapping[str, str]) -> Errors:
    """Keys are label keys whatever their case, 256 KiB at most. Source: ValidateAnnotations."""
    size = 0
    for key, value in annotations.items():
        yield from each_invalid(field, key, _list_key_errors(key.lower()))
        size += len(key.encode()) + len(value.encode("utf-8", "surrogatepass"))
    if size > 256 << 10:
        yield too_long(field, 256 << 10)


def validate_selector(view: View) -> Errors:
    """Check a label selector. Source: ValidateLabelSelector."""
    yield from validate_labels(view.path("matchLabels"), view.text_map("matchLabels"))
    for expression in view.views("matchExpressions"):
        yield from _validate_expression(expression)


def _validate_expression(view: View) -> Errors:
    """Source: ValidateLabelSelectorRequirement."""
    operator, values = view.text("operator"), view.texts("values")
    if operator in ("In", "NotIn"):
        if not values:
            words = "must be specified when `operator` is 'In' or 'NotIn'"
            yield required(view.path("values"), words)
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            words = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            yield forbidden(view.path("values"), words)
    else:
        yield invalid(view.path("operator"), operator, "not a valid selector operator")
    yield from validate_label_key(view.path("key"), view.text("key"))
    for index, value in enumerate(values):
        field = f"{view.path('values')}[{index}]"
        yield from checked(field, value, get_label_value_errors)


def show_selector(view: View) -> dict[str, object]:
    """Return a selector as Go prints it: its fields in the order of the type."""
    shown: dict[str, object] = {}
    if view.data.get("matchLabels"):
        shown["matchLabels"] = dict(sorted(view.text_map("matchLabels").items()))
    if view.data.get("matchExpressions"):
        names = ("key", "operator", "values")
        shown["matchExpressions"] = [
            {name: each.data[name] for name in names if name in each.data}
            for each in view.views("matchExpressions")
        ]
    return shown
