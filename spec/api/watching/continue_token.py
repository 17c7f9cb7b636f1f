"""The token by which a list is continued.

Source: `apiserver/pkg/storage/continue.go`, v1.36. JSON faults after the first letter of a token
are told with upstream's general message alone: clients never write tokens.
"""

import base64
import binascii
import json
import posixpath
from dataclasses import dataclass

from planespec.spec.quantity.amount import quote

_VERSION = "meta.k8s.io/v1"
_INVALID = "continue key is not valid"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
LATEST = -1
"""The revision in a token that goes on at whatever is current: the list is not consistent."""


class TokenError(ValueError):
    """A token that cannot be used; the message is upstream's."""


@dataclass(frozen=True, slots=True)
class ContinueToken:
    """Where a list goes on: at a revision, with the first key that is not before `start`."""

    revision: int
    start: str


def encode_token(token: ContinueToken) -> str:
    """Write a token as the API server does."""
    fields = {"v": _VERSION, "rv": token.revision, "start": token.start}
    text = json.dumps(fields, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_token(text: str) -> ContinueToken:
    """Read a token. Raises TokenError."""
    version, revision, start = _read_fields(_unpack(text))
    if version != _VERSION:
        raise TokenError(f"{_INVALID}: server does not recognize this encoded version {version}")
    if not revision:
        raise TokenError(
            f"{_INVALID}: incorrect encoded start resourceVersion (version {_VERSION})"
        )
    if not start:
        raise TokenError(f"{_INVALID}: encoded start key empty (version {_VERSION})")
    rooted = start if start.startswith("/") else f"/{start}"
    if _clean(rooted) != rooted:
        raise TokenError(f"{_INVALID}: {start}")
    return ContinueToken(revision, rooted[1:])


def _clean(path: str) -> str:
    """Go's `path.Clean` of a rooted path, which unlike Python's knows no double root."""
    return posixpath.normpath(path.replace("//", "/", 1) if path.startswith("//") else path)


def _unpack(text: str) -> bytes:
    for position, letter in enumerate(text):
        if letter not in _LETTERS:
            raise TokenError(f"{_INVALID}: {_base64_fault(position)}")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_")
    except binascii.Error as error:
        raise TokenError(f"{_INVALID}: {_base64_fault(len(text))}") from error


def _base64_fault(position: int) -> str:
    return f"illegal base64 data at input byte {position}"


def _read_fields(data: bytes) -> tuple[str, int, str]:
    """Return version, revision and start; what is absent is empty."""
    try:
        fields = json.loads(data)
    except ValueError as error:
        raise TokenError(f"{_INVALID}: {_json_fault(data)}") from error
    values = (
        [fields.get(name) for name in ("v", "rv", "start")] if isinstance(fields, dict) else []
    )
    match values:
        case [str() | None as version, int() | None as revision, str() | None as start]:
            return version or "", revision or 0, start or ""
    raise TokenError(f"{_INVALID}: json: cannot unmarshal into a token")


def _json_fault(data: bytes) -> str:
    text = data.lstrip(b" \t\r\n")
    if not text:
        return "unexpected end of JSON input"
    if chr(text[0]) not in '{["-0123456789tfn':
        said = quote(chr(text[0]))[1:-1]
        return f"invalid character '{said}' looking for beginning of value"
    return "invalid JSON"
