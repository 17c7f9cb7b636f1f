"""How the front end says no: the place, the text of the line, and what is allowed instead."""

from typing import NoReturn

from planespec.checker.ir.nodes import Position
from planespec.checker.lang.errors import LanguageError

__all__ = ["LanguageError", "refuse"]


def refuse(at: Position, text: str, message: str, allowed: str) -> NoReturn:
    """Raise LanguageError for the place `at`, whose line reads `text`."""
    raise LanguageError(
        message, file=at.file, line=at.line, column=at.column, text=text, allowed=allowed
    )
