"""From a model in ordinary Python to the typed IR; refuses what the language does not have."""

from planespec.checker.front.compile import compile_system
from planespec.checker.lang.errors import LanguageError

__all__ = ["LanguageError", "compile_system"]
