"""Rules for names: DNS labels and subdomains, label keys and values, ports, environment.

Each `get_*_errors` returns what is wrong in upstream's words, an empty list for a valid name.
Lengths count bytes of UTF-8, as Go does.
Source: `apimachinery/pkg/util/validation/validation.go`, `pkg/api/validate/content`, v1.36.
"""

import re

LONGEST_PREFIX = 58
"""Characters of a generateName that are kept, so that a label's length is not exceeded."""
_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_DNS1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_ENVIRONMENT = "[-._a-zA-Z][-._a-zA-Z0-9]*"
_PLAIN = re.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
"""Keys and values of labels that need no closer look, as nearly all."""

_MIXED_CASE = (
    "must consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)
_LABEL_WORDS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_SUBDOMAIN_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
    "'-' or '.', and must start and end with an alphanumeric character"
)
_DNS1035_WORDS = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with "
    "an alphabetic character, and end with an alphanumeric character"
)
_ENVIRONMENT_WORDS = (
    "a valid environment variable name must consist of alphabetic characters, digits, '_', "
    "'-', or '.', and must not start with a digit"
)
_EMPTY = "must be non-empty"


def get_dns1123_label_errors(value: str) -> list[str]:
    """Check a DNS label (RFC 1123), at most 63 bytes: names of namespaces, for one."""
    errors = _too_long(value, 63)
    if not re.fullmatch(_LABEL, value):
        if re.fullmatch(_SUBDOMAIN, value):
            errors.append("must not contain dots")
        else:
            errors.append(_explain(_LABEL_WORDS, _LABEL, "my-name", "123-abc"))
    return errors


def get_dns1123_subdomain_errors(value: str) -> list[str]:
    """Check a DNS subdomain (RFC 1123), at most 253 bytes: names of most objects."""
    errors = _too_long(value, 253)
    if not re.fullmatch(_SUBDOMAIN, value):
        errors.append(_explain(_SUBDOMAIN_WORDS, _SUBDOMAIN, "example.com"))
    return errors


def get_dns1035_label_errors(value: str) -> list[str]:
    """Check a DNS label (RFC 1035), at most 63 bytes, not starting with a digit."""
    errors = _too_long(value, 63)
    if not re.fullmatch(_DNS1035, value):
        errors.append(_explain(_DNS1035_WORDS, _DNS1035, "my-name", "abc-123"))
    return errors


def get_label_key_errors(value: str) -> list[str]:
    """Check a label key, also called a qualified name: [subdomain/]name, name up to 63 bytes."""
    if _PLAIN.fullmatch(value):
        return []
    prefix, slash, name = value.rpartition("/")
    if "/" in prefix:
        words = _explain(f"a valid label key {_MIXED_CASE}", _NAME, "MyName", "my.name", "123-abc")
        return [
            f"{words} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    errors = []
    if slash and not prefix:
        errors.append(f"prefix part {_EMPTY}")
    elif slash:
        errors += [f"prefix part {error}" for error in get_dns1123_subdomain_errors(prefix)]
    errors += [f"name part {error}" for error in _empty(name) or _too_long_bytes(name, 63)]
    if not re.fullmatch(_NAME, name):
        words = _explain(_MIXED_CASE, _NAME, "MyName", "my.name", "123-abc")
        errors.append(f"name part {words}")
    return errors


def get_label_value_errors(value: str) -> list[str]:
    """Check a label value: empty or like the name of a key, at most 63 bytes."""
    if _PLAIN.fullmatch(value):
        return []
    errors = _too_long_bytes(value, 63)
    if not re.fullmatch(f"({_NAME})?", value):
        words = f"a valid label must be an empty string or {_MIXED_CASE.removeprefix('must ')}"
        errors.append(_explain(words, f"({_NAME})?", "MyValue", "my_value", "12345"))
    return errors


def get_port_name_errors(value: str) -> list[str]:
    """Check the name of a port (RFC 6335), at most 15 bytes with at least one letter."""
    errors = _too_long(value, 15)
    if not re.fullmatch("[-a-z0-9]+", value):
        errors.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", value):
        errors.append("must contain at least one letter (a-z)")
    if "--" in value:
        errors.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        errors.append("must not begin or end with a hyphen")
    return errors


def get_environment_name_errors(value: str) -> list[str]:
    """Check the name of an environment variable by the strict rule."""
    errors = []
    if not re.fullmatch(_ENVIRONMENT, value):
        examples = ("my.env-name", "MY_ENV.NAME", "MyEnvName1")
        errors.append(_explain(_ENVIRONMENT_WORDS, _ENVIRONMENT, *examples))
    if value in (".", ".."):
        errors.append(f"must not be '{value}'")
    elif value.startswith(".."):
        errors.append("must not start with '..'")
    return errors


def _empty(value: str) -> list[str]:
    return [] if value else [_EMPTY]


def _too_long(value: str, limit: int) -> list[str]:
    return [f"must be no more than {limit} characters"] if _size(value) > limit else []


def _too_long_bytes(value: str, limit: int) -> list[str]:
    # The label rules moved to a package that says "bytes"; the limit is the same.
    return [f"must be no more than {limit} bytes"] if _size(value) > limit else []


def _size(value: str) -> int:
    return len(value.encode("utf-8", "surrogatepass"))


def _explain(words: str, pattern: str, *examples: str) -> str:
    quoted = " or ".join(f"'{example}', " for example in examples)
    return f"{words} (e.g. {quoted}regex used for validation is '{pattern}')"


def normalize_image_name(name: str) -> str:
    """Return the name with :latest where it has neither tag nor digest.

    The last colon after the last slash begins a tag. Source:
    `pkg/scheduler/framework/plugins/imagelocality/image_locality.go`, normalizedImageName.
    """
    return name if name.rfind(":") > name.rfind("/") else f"{name}:latest"
