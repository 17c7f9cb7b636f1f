"""The errors a user can cause; each becomes one message and one exit code, never a traceback."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from planespec.checker.exit_codes import ExitCode


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
