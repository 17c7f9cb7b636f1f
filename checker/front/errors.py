"""How the front end says no: the place, the text of the line, and what is allowed instead."""

from planespec.checker.ir.nodes import Position
from planespec.checker.lang.errors import LanguageError

__all__ = ["LanguageError", "refusal"]


def refusal(at: Position, text: str, message: str, allowed: str) -> LanguageError:
    """The error for the place `at`, whose line reads `text`; the caller raises it."""
    return LanguageError(
        message, file=at.file, line=at.line, column=at.column, text=text, allowed=allowed
    )
