"""The tag of an image name, by which the pull policy is chosen.

Source: `pkg/util/parsers/parsers.go` (ParseImageName) and the grammar of
`github.com/distribution/reference`, v0.6.
"""

import re

LATEST = "latest"
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(
    rf"(?P<name>{_DOMAIN}/{_COMPONENT}(?:/{_COMPONENT})*)"
    rf"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}}))?(?:@(?P<digest>{_DIGEST}))?"
)
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")
_HOME = "docker.io"
_LONGEST_NAME = 255
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}


def get_image_tag(image: str) -> str:
    """Return the tag: `latest` without tag and digest, "" where it is no name of an image.

    >>> [get_image_tag(each) for each in ("nginx", "quay.io/a/b:v2", "Nginx")]
    ['latest', 'v2', '']
    """
    if _IDENTIFIER.fullmatch(image):
        return ""
    domain, slash, rest = image.partition("/")
    is_domain = bool(slash) and (
        any(sign in domain for sign in ".:") or domain == "localhost" or domain.lower() != domain
    )
    if not is_domain or domain == "index.docker.io":
        domain, rest = _HOME, rest if is_domain else image
    if domain == _HOME and "/" not in rest:
        rest = f"library/{rest}"
    found = _REFERENCE.fullmatch(f"{domain}/{rest}")
    if found is None or len(found["name"].partition("/")[2]) > _LONGEST_NAME:
        return ""
    if found["digest"] and not _is_digest(found["digest"]):
        return ""
    return found["tag"] or ("" if found["digest"] else LATEST)


def _is_digest(text: str) -> bool:
    algorithm, _, digits = text.partition(":")
    return len(digits) == _DIGEST_LENGTHS.get(algorithm) and digits == digits.lower()
