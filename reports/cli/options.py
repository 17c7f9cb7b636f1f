"""Options that several commands share, and telling the user how far a search is."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from planespec.checker.budget import Budget, Progress, count_processors
from planespec.checker.errors import ConfigurationError, InputError
from planespec.checker.instance import Instance
from planespec.checker.lang.data.tables import FromFile
from planespec.reports.input.catalogue import instance_named
from planespec.reports.input.json_text import (
    JsonError,
    parse_json,
    read_json,
    read_text,
    repeated_name,
)
from planespec.reports.text.wording import counted

F = TypeVar("F", bound=Callable[..., Any])

MODEL = (
    "MODEL is a name that `planespec list` shows, or path/to/file.py:Class, with @NAME for an "
    "instance that it names."
)
"""What commands that take a model say at their end."""

model_argument = click.argument("model")
models_argument = click.argument("models", nargs=-1, metavar="[MODEL]...")
constants_option = click.option(
    "-c",
    "--constant",
    "constants",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a constant of the model; the size of a sort, a number, true, false or a member; for "
    "a table JSON text or @FILE with JSON.",
)
mutant_option = click.option(
    "--mutant", metavar="NAME", help="Break the model in this way, which it names."
)
view_option = click.option(
    "--view",
    metavar="NAME",
    help="See as consistently as this view of the model says; `all` tries each.",
)
cluster_option = click.option(
    "--cluster", "files", multiple=True, required=True, metavar="SNAPSHOT", help="The cluster."
)
snapshots_argument = click.argument("more", nargs=-1, metavar="[SNAPSHOT...]")
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document instead of text."
)
slow_option = click.option(
    "--slow", is_flag=True, help="Run also the instances that take minutes."
)
no_deadlock_option = click.option(
    "--no-deadlock", is_flag=True, help="Do not report states without a successor."
)
details_option = click.option(
    "-v", "--verbose", "--stats", "details", is_flag=True, help="Count every action."
)
workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=None,
    metavar="N",
    help="Threads of the native engine; all cores by default. Changes nothing but the time.",
)
engine_option = click.option(
    "--engine",
    type=click.Choice(["auto", "python", "native", "symbolic"]),
    default="auto",
    show_default=True,
    help="auto tries the reference engine (python) shortly, then compiles (native); symbolic "
    "asks a solver for behaviours of up to --depth steps.",
)
budget_option = click.option(
    "--budget",
    "budgets",
    multiple=True,
    metavar="LIMITS",
    help="Stop as Unknown at states=N, seconds=S or memory=4GB (the state store); repeatable.",
)


def requirements_option(
    meaning: str = "Judge only this requirement or property; repeatable.",
) -> Callable[[F], F]:
    """The requirements that a command is about."""
    return click.option("--requirement", "requirements", multiple=True, metavar="ID", help=meaning)


def instance_of(model: str, constants: tuple[str, ...], mutant: str | None = None) -> Instance:
    """The model of that name with its constants; raises InputError or ConfigurationError.

    `MODEL@small` has the constants of the instance that the model names so, but for those given.
    """
    return instance_named(model, parse_constants(constants), mutant)


def parse_constants(pairs: tuple[str, ...]) -> dict[str, Any]:
    """`-c NAME=VALUE` by name; the values are read by the model, which knows their types.

    `@FILE`, and what begins like a JSON array or object, is a table.
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ConfigurationError(f"-c {pair}: expected NAME=VALUE, such as servers=3")
        if name in found:
            raise ConfigurationError(f"-c {name} is given twice: {found[name]} and {value}")
        found[name] = _value(name, value)
    return found


def _value(name: str, text: str) -> Any:
    if text.startswith("@"):
        return _from_file(name, text[1:])
    if not text.startswith(("[", "{")):
        return text
    try:
        value = parse_json(text)
    except JsonError as error:
        raise ConfigurationError(f"-c {name}: {error}") from None
    if (twice := repeated_name(text)) is not None:
        raise ConfigurationError(f"-c {name}: {twice!r} stands twice in one object")
    return value


def _from_file(name: str, file: str) -> FromFile:
    if not file:
        raise ConfigurationError(f"-c {name}=@: expected a file with JSON, {name}=@FILE.json")
    value = read_json(Path(file))
    if (twice := repeated_name(read_text(Path(file)))) is not None:
        raise InputError(f"{twice!r} stands twice in one object", file=file)
    return FromFile(value, file)


def workers_of(workers: int | None) -> int:
    """The number asked for, or every core this process may use."""
    return workers or count_processors()


_LARGEST = 2.0**63
"""Bytes."""
_UNITS = {
    "": 1,
    **{unit: 1000**power for power, unit in enumerate(("K", "M", "G", "T"), 1)},
    **{f"{unit}I": 1024**power for power, unit in enumerate(("K", "M", "G", "T"), 1)},
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]I?)?B?", re.IGNORECASE)
_NAMES = ("states", "seconds", "memory")


def parse_budget(texts: tuple[str, ...], depth: int | None) -> Budget:
    """Join all `--budget` texts; raises ConfigurationError on an unknown name or a bad number."""
    limits: dict[str, str] = {}
    for part in (part.strip() for text in texts for part in text.split(",")):
        name, equals, value = part.partition("=")
        if not equals or name not in _NAMES:
            raise ConfigurationError(
                f"--budget {part or '(empty)'}: expected NAME=LIMIT with NAME one of "
                f"{', '.join(_NAMES)}, such as states=1000000 or memory=4GB"
            )
        limits[name] = value
    return Budget(
        depth=depth,
        states=_parse_count(limits.get("states")),
        seconds=_parse_seconds(limits.get("seconds")),
        memory=parse_size(limits["memory"]) if "memory" in limits else None,
    )


def parse_size(text: str) -> int:
    """Bytes of a size such as `512MB` (powers of 1000) or `4GiB` (powers of 1024)."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ConfigurationError(f"--budget memory={text}: expected a size such as 512MB or 4GiB")
    size = float(match[1]) * _UNITS[(match[2] or "").upper()]
    if size > _LARGEST:
        raise ConfigurationError(f"--budget memory={text[:40]}: no machine has as much")
    return int(size)


def _parse_count(text: str | None) -> int | None:
    if text is None:
        return None
    digits = text.replace("_", "")
    if not re.fullmatch(r"[0-9]{1,18}", digits) or int(digits) == 0:
        raise ConfigurationError(f"--budget states={text}: expected a whole number above 0")
    return int(digits)


def _parse_seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ConfigurationError(f"--budget seconds={text}: expected a number above 0")
    return seconds


# Telling the user how far a search is: one redrawn line on a terminal, plain lines elsewhere.


PLAIN_INTERVAL = 10.0
"""Seconds between two plain lines, for logs that cannot redraw a line."""


class Teller:
    """A callback for `Options.on_progress`; draws nothing for searches that end at once."""

    def __init__(self, terminal: bool) -> None:
        """Draw with rich on a terminal, else print to stderr."""
        self._terminal = terminal
        self._last = 0.0
        self._stop: object = None

    def __call__(self, progress: Progress) -> None:
        """Show the numbers; engines call this a few times a second."""
        depth, numbers = progress.depth, describe(progress)
        self.tell(str(depth), f"depth {depth}", numbers, progress.seconds)

    def tell(self, number: str, head: str, numbers: str, seconds: float) -> None:
        """Show a line: `head` before the numbers on a terminal, `Progress(number)` elsewhere."""
        if self._terminal:
            self._draw(f"{head}, {numbers}")
        elif seconds >= self._last + PLAIN_INTERVAL:
            self._last = seconds
            print(f"Progress({number}): {numbers}", file=sys.stderr, flush=True)

    def _draw(self, line: str) -> None:
        # Loading rich costs more than a small search, so it waits for the first report.
        from rich.console import Console
        from rich.status import Status

        if not isinstance(self._stop, Status):
            self._stop = Status(line, console=Console(stderr=True))
            self._stop.start()
        self._stop.update(line)

    def close(self) -> None:
        """Take the drawn line away."""
        if self._stop is not None:
            from rich.status import Status

            assert isinstance(self._stop, Status)
            self._stop.stop()
            self._stop = None


def describe(progress: Progress) -> str:
    """The numbers of a search under way, in the words TLC uses."""
    rate = progress.distinct / progress.seconds if progress.seconds > 0 else 0.0
    return (
        f"{counted(progress.generated)} states generated, "
        f"{counted(progress.distinct)} distinct states found, "
        f"{counted(progress.left)} states left on queue, "
        f"{counted(round(rate))} distinct/s"
    )


@contextmanager
def telling() -> Iterator[Teller]:
    """A teller for the terminal at hand, cleaned up also when the search raises."""
    teller = Teller(sys.stderr.isatty())
    try:
        yield teller
    finally:
        teller.close()
