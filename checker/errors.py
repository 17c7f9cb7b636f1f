"""The errors a user can cause: each becomes one message and one exit code, never a traceback."""

from collections.abc import Iterable
from difflib import get_close_matches
from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """What the process tells its caller; 0 only when everything asked for was shown to hold."""

    HOLDS = 0
    """Every requirement holds within the stated bound."""
    ASSUMPTION = 10
    """An assumption is false or a `reachable` property was never reached."""
    DEADLOCK = 11
    """A state without a successor was reached."""
    SAFETY = 12
    """A requirement is violated, a mutant survived, or an answer disagrees."""
    LIVENESS = 13
    """A fair behaviour breaks an `eventually` or `leads_to`."""
    EVALUATION = 75
    """The model itself went wrong: a value left its range, an index does not exist."""
    INTERRUPTED = 130
    """Ctrl-C; the partial result was printed."""
    PARSE = 150
    """A model or an input file could not be understood."""
    CONFIGURATION = 151
    """An option, constant or name is missing, unknown or out of range."""
    UNKNOWN = 152
    """A budget or the solver ended the work; nothing is claimed."""
    SYSTEM = 153
    """The machine refused: no space, no permission, no memory."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'raft.election'?`, or nothing where no known name is close to `name`."""
    plain = {other.casefold(): other for other in known}
    close = get_close_matches(name.casefold(), plain, n=1)
    return f"; did you mean {plain[close[0]]!r}?" if close else ""


class PlanespecError(Exception):
    """Base of every error that is reported rather than raised to the user."""

    exit_code: ExitCode = ExitCode.SYSTEM


class ConfigurationError(PlanespecError):
    """An option, constant or name is missing, unknown or out of range."""

    exit_code = ExitCode.CONFIGURATION


class SystemRefusal(PlanespecError):  # noqa: N818 - the system refuses, nobody erred
    """The operating system refused: a full disk, a missing permission."""

    exit_code = ExitCode.SYSTEM


class InputError(PlanespecError):
    """An input file cannot be understood; names the file, the line and what was expected."""

    exit_code = ExitCode.PARSE

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        column: int | None = None,
        text: str | None = None,
        allowed: str | None = None,
    ) -> None:
        """Keep the place beside the message; `line` and `column` count from 1."""
        super().__init__(message)
        self.message, self.file, self.line, self.column = message, file, line, column
        self.text, self.allowed = text, allowed

    def __str__(self) -> str:
        place = ":".join(str(p) for p in (self.file, self.line, self.column) if p is not None)
        lines = [f"{place}: {self.message}" if place else self.message]
        if self.text is not None:
            lines.append(f"    {self.text}")
        if self.allowed is not None:
            lines.append(f"  allowed: {self.allowed}")
        return "\n".join(lines)


class NotEnabled(Exception):  # noqa: N818 - it is no error: the action has no such step
    """A `require` was false or a `choose` had nothing to choose from: there is no such step."""


class ModelError(PlanespecError):
    """The model went wrong: a value left its range, a member or an index does not exist."""

    exit_code = ExitCode.EVALUATION


class LanguageError(InputError):
    """A construct outside the language; names the place, the text and what is allowed instead."""
