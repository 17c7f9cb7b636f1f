"""Numbers and strings read and quoted as Go's `strconv` does."""

import re

from planespec.spec.quantity.amount import fits_int64

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n"}
_ESCAPES |= {"\r": "\\r", "\t": "\\t", "\v": "\\v"}


def parse_int64(text: str) -> int | None:
    """Read a decimal int64 with an optional sign (`ParseInt(text, 10, 64)`), else None."""
    if not re.fullmatch("[+-]?[0-9]+", text) or len(text.lstrip("+-0")) > 19:
        return None
    number = int(text)
    return number if fits_int64(number) else None


def quote(text: str) -> str:
    """Quote text as `%q` prints it."""
    return '"' + "".join(_quote_letter(letter) for letter in text) + '"'


def _quote_letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    code = ord(letter)
    if letter.isprintable():
        return letter
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
