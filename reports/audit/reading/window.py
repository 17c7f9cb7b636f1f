"""A text that is decoded as it is needed: huge files need not fit twice into memory."""

import codecs
from typing import IO

CHUNK = 4 * 1024 * 1024
"""Bytes read at a time."""


class Window:
    """The part of a stream around the reading position, and the line that position is on."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Begin at the start of the stream; a byte order mark is skipped."""
        self._stream = stream
        self._rest = b""
        self.text = ""
        self.position = 0
        self.is_ended = False
        self.is_valid = True
        """False once something was not UTF-8; such bytes then read as lone surrogates."""
        self._line, self._counted = 1, 0
        self.extend()
        if self.text.startswith("\ufeff"):
            self.position = 1

    def extend(self, size: int = CHUNK) -> None:
        """Drop what was read and decode more; sets `is_ended` where nothing is left."""
        self.line_at(self.position)
        data = self._stream.read(size)
        self.is_ended = not data
        decoded = self._decode(self._rest + data)
        self.text = self.text[self.position :] + decoded
        self._counted, self.position = self._counted - self.position, 0

    def _decode(self, data: bytes) -> str:
        try:
            text, used = codecs.utf_8_decode(data, "strict", self.is_ended)
        except UnicodeDecodeError:
            self.is_valid = False
            text, used = codecs.utf_8_decode(data, "surrogateescape", self.is_ended)
        self._rest = data[used:]
        return text

    def line_at(self, position: int) -> int:
        """Return the line of a position of `text`; positions are asked for in order."""
        if position > self._counted:
            self._line += self.text.count("\n", self._counted, position)
            self._counted = position
        return self._line

    def skip(self, characters: str = " \t\r\n") -> str:
        """Move over white space and the like; return the character found, "" at the end."""
        while True:
            text, position, end = self.text, self.position, len(self.text)
            while position < end and text[position] in characters:
                position += 1
            self.position = position
            if position < end:
                return text[position]
            if self.is_ended:
                return ""
            self.extend()
