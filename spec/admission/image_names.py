"""Names of images, by whose tag the pull policy is chosen and which a kubelet pulls.

Source: Kubernetes v1.36, `pkg/util/parsers/parsers.go` and `applyDefaultImageTag` of
`pkg/kubelet/images`, with `distribution/reference` v0.6.0 and `opencontainers/go-digest` v1.0.0.
"""

import re
from dataclasses import dataclass

from planespec.spec.quantity.amount import quote

LATEST = "latest"
_DEFAULT_DOMAIN = "docker.io"
_LONGEST_PATH = 255
_LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])"
_DOMAIN = f"{_HOST}(?::[0-9]+)?"
_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = f"{_PART}(?:/{_PART})*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}"
_REFERENCE = re.compile(f"((?:{_DOMAIN}/)?{_PATH})(?::({_TAG}))?(?:@({_DIGEST}))?")
_NAME = re.compile(f"(?:({_DOMAIN})/)?({_PATH})")
_IDENTIFIER = re.compile("[a-f0-9]{64}")
_ANY_DIGEST = re.compile("[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")
_HEX_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}


class ImageNameError(ValueError):
    """A text that names no image; says why in upstream's words."""


@dataclass(frozen=True, slots=True)
class ImageName:
    """An image; `name` has registry and repository, `latest` is its tag where nothing is said."""

    name: str
    tag: str
    digest: str


def parse_image_name(text: str) -> ImageName:
    """Read the name of an image (`ParseImageName`). Raises ImageNameError.

    >>> parse_image_name("nginx")
    ImageName(name='docker.io/library/nginx', tag='latest', digest='')
    """
    try:
        name, tag, digest = _parse_normalized(text)
    except ImageNameError as error:
        raise ImageNameError(f"couldn't parse image name {quote(text)}: {error}") from None
    return ImageName(name, tag if tag or digest else LATEST, digest)


def get_image_tag(image: str) -> str:
    """Return the tag: `latest` without tag and digest, "" where it is no name of an image.

    >>> [get_image_tag(each) for each in ("nginx", "quay.io/a/b:v2", "Nginx")]
    ['latest', 'v2', '']
    """
    try:
        return parse_image_name(image).tag
    except ImageNameError:
        return ""


def apply_default_tag(text: str) -> str:
    """Return the name as written, with `:latest` where it has neither tag nor digest.

    Raises ImageNameError.
    """
    image = parse_image_name(text)
    needs_tag = not image.digest and not text.endswith(f":{image.tag}")
    return f"{text}:{image.tag}" if needs_tag else text


def _parse_normalized(text: str) -> tuple[str, str, str]:
    if _IDENTIFIER.fullmatch(text):
        told = "cannot specify 64-byte hexadecimal strings"
        raise ImageNameError(f"invalid repository name ({text}), {told}")
    domain, rest = _split_domain(text)
    remote = rest.partition(":")[0]
    if remote.lower() != remote:
        told = f"repository name ({remote}) must be lowercase"
        raise ImageNameError(f"invalid reference format: {told}")
    return _parse_reference(f"{domain}/{rest}")


def _split_domain(text: str) -> tuple[str, str]:
    """What precedes the first slash is a registry if it looks like one, else part of the path."""
    first, slash, rest = text.partition("/")
    looks = "." in first or ":" in first or first == "localhost" or first.lower() != first
    domain, path = (first, rest) if slash and looks else (_DEFAULT_DOMAIN, text)
    domain = _DEFAULT_DOMAIN if domain == "index.docker.io" else domain
    return domain, f"library/{path}" if domain == _DEFAULT_DOMAIN and "/" not in path else path


def _parse_reference(text: str) -> tuple[str, str, str]:
    match = _REFERENCE.fullmatch(text)
    if match is None:
        if _REFERENCE.fullmatch(text.lower()):
            raise ImageNameError("repository name must be lowercase")
        raise ImageNameError("invalid reference format")
    name, tag, digest = match.groups(default="")
    parts = _NAME.fullmatch(name)
    if parts is not None and len(parts[2]) > _LONGEST_PATH:
        raise ImageNameError(f"repository name must not be more than {_LONGEST_PATH} characters")
    if digest:
        _check_digest(digest)
    return name, tag, digest


def _check_digest(digest: str) -> None:
    algorithm, _, encoded = digest.partition(":")
    if algorithm not in _HEX_DIGITS:
        if _ANY_DIGEST.fullmatch(digest):
            raise ImageNameError("unsupported digest algorithm")
        raise ImageNameError("invalid checksum digest format")
    if len(encoded) != _HEX_DIGITS[algorithm]:
        raise ImageNameError("invalid checksum digest length")
    if encoded.lower() != encoded:
        raise ImageNameError("invalid checksum digest format")
