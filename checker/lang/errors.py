"""What model code raises: a guard that is false, a model in error, a construct nobody knows."""

from planespec.checker.errors import InputError, PlanespecError
from planespec.checker.exit_codes import ExitCode


class NotEnabled(Exception):  # noqa: N818 - it is no error: the action has no such step
    """A `require` was false or a `choose` had nothing to choose from: there is no such step."""


class ModelError(PlanespecError):
    """The model went wrong: a value left its range, a member or an index does not exist."""

    exit_code = ExitCode.EVALUATION


class LanguageError(InputError):
    """A construct outside the language; names the place, the text and what is allowed instead."""
