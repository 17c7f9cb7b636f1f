"""The common name in a certificate request (PKCS #10, in PEM and DER).

Source: `ParseCSR` of `pkg/apis/certificates/helpers.go`, and `crypto/x509` for what it needs of a
request: the subject. Signature and key are not looked at, and what is malformed is told in fewer
words than Go's.
"""

import base64
import binascii
import re
from collections.abc import Iterator

_BLOCK = re.compile(
    rb"-----BEGIN CERTIFICATE REQUEST-----\s(.*?)-----END CERTIFICATE REQUEST-----", re.DOTALL
)
_SEQUENCE, _SET, _OID = 0x30, 0x31, 0x06
_COMMON_NAME = bytes((0x55, 0x04, 0x03))
"""2.5.4.3."""
_MANY_BYTES = 0x80
"""From here on the first byte of a length says how many bytes of it follow."""


class CertificateRequestError(ValueError):
    """A certificate request cannot be parsed."""


def read_common_name(pem: bytes) -> str:
    """The last common name of the subject, "" for none; raises CertificateRequestError."""
    block = _BLOCK.search(pem)
    if block is None:
        raise CertificateRequestError("PEM block type must be CERTIFICATE REQUEST")
    try:
        der = base64.b64decode(b"".join(block[1].split()), validate=True)
    except binascii.Error as error:
        raise CertificateRequestError("PEM block type must be CERTIFICATE REQUEST") from error
    request = _open(der, _SEQUENCE)
    info = list(_split(_open(_take(request), _SEQUENCE)))
    name = ""
    for entry in _split(_open(_take(b"".join(info[1:])), _SEQUENCE)):
        for attribute in _split(_open(entry, _SET)):
            kind, value = (*_split(_open(attribute, _SEQUENCE)), b"", b"")[:2]
            if _open(kind, _OID) == _COMMON_NAME:
                name = _open(value).decode("utf-8", "replace")
    return name


def _split(data: bytes) -> Iterator[bytes]:
    """Yield the elements that stand one after another."""
    while data:
        element = _take(data)
        yield element
        data = data[len(element) :]


def _take(data: bytes) -> bytes:
    """The first element, with its tag and length."""
    start, size = _measure(data)
    return data[: start + size]


def _open(element: bytes, tag: int | None = None) -> bytes:
    """What is in an element, which must have the tag."""
    start, size = _measure(element)
    if tag is not None and element[0] != tag:
        raise CertificateRequestError("asn1: structure error: tags don't match")
    return element[start : start + size]


def _measure(data: bytes) -> tuple[int, int]:
    """Where the content of the first element begins, and how long it is."""
    start, size = 2, data[1] if len(data) > 1 else 0
    if size >= _MANY_BYTES:
        start = 2 + size - _MANY_BYTES
        size = int.from_bytes(data[2:start], "big")
    if len(data) < start + size or len(data) < start:
        raise CertificateRequestError("asn1: syntax error: data truncated")
    return start, size
