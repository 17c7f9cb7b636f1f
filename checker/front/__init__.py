"""From a model in ordinary Python to the typed IR; refuses what the language does not have."""

from planespec.checker.errors import LanguageError
from planespec.checker.front.compile import compile_system

__all__ = ["LanguageError", "compile_system"]
