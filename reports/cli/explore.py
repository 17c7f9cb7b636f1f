"""`planespec explore MODEL`: step through a model by hand."""

import sys
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import TextIO

import click

from planespec.checker.errors import ConfigurationError, ExitCode
from planespec.checker.front.compile import compile_system
from planespec.checker.instance import LIVENESS, Instance
from planespec.checker.unbounded import refuse_unbounded
from planespec.reports.cli.options import (
    MODEL,
    constants_option,
    instance_of,
    model_argument,
    mutant_option,
    requirements_option,
)
from planespec.reports.explore.commands import Explorer, Quit
from planespec.reports.explore.showing import Line, answer_document
from planespec.reports.input.json_text import read_text
from planespec.reports.text.wording import Subject, plural

PROMPT = "> "


@click.command(epilog=MODEL)
@model_argument
@constants_option
@requirements_option()
@mutant_option
@click.option(
    "--script",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Take the commands from FILE, one a line; lines that begin with # say nothing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document for each answer.")
def command(
    model: str,
    constants: tuple[str, ...],
    requirements: tuple[str, ...],
    mutant: str | None,
    script: Path | None,
    as_json: bool,
) -> ExitCode:
    """Step through MODEL: see a state, choose one of the enabled steps, see what it changes.

    The command `help` lists the others. Commands are read from the terminal, from standard input
    or from a script. A command that cannot be carried out ends a script with 151; otherwise it is
    answered and the next is read. Ctrl-C exits 130.
    """
    instance = instance_of(model, constants, mutant)
    refuse_unbounded(instance, "python")
    compile_system(instance)
    _refuse_promises(instance, requirements)
    subject = Subject(model, instance, instance.check_deadlock)
    explorer = Explorer(subject, requirements or None)
    is_terminal = sys.stdout is not None and sys.stdout.isatty()  # None where it is closed
    screen = Programs(explorer) if as_json else Screen(terminal=is_terminal)
    try:
        return _converse(explorer, screen, script)
    except KeyboardInterrupt:
        screen.show("", [(f"interrupted after {plural(explorer.session.steps, 'step')}", "")])
        return ExitCode.INTERRUPTED


def _refuse_promises(instance: Instance, requirements: tuple[str, ...]) -> None:
    promises = [c.id for c in instance.judged(requirements or None) if c.kind in LIVENESS]
    if requirements and promises:
        raise ConfigurationError(
            f"{', '.join(promises)}: no behaviour of finite length breaks a promise; "
            "`planespec check` judges promises"
        )


def _converse(explorer: Explorer, screen: "Screen", script: Path | None) -> ExitCode:
    screen.show("", explorer.welcome())
    if script is not None:
        _play(explorer, screen, script)
        return ExitCode.HOLDS
    for text in screen.typed(sys.stdin or StringIO()):
        try:
            screen.show(text, explorer.run(text))
        except ConfigurationError as error:
            screen.refuse(text, str(error))
        except Quit:
            break
    return ExitCode.HOLDS


def _play(explorer: Explorer, screen: "Screen", script: Path) -> None:
    """Run a script; raises ConfigurationError naming the line that cannot be carried out."""
    for number, text in enumerate(read_text(script).splitlines(), 1):
        if text.strip() and not text.lstrip().startswith("#"):
            screen.echo(text)
            try:
                screen.show(text, explorer.run(text))
            except Quit:
                return
            except ConfigurationError as error:
                raise ConfigurationError(f"{script}:{number}: {error}") from None


class Screen:
    """Prints answers: with rich's styles on a terminal, plain elsewhere."""

    def __init__(self, *, terminal: bool) -> None:
        self._terminal = terminal

    def show(self, command: str, lines: Iterable[Line]) -> None:
        """Print the lines; all of them are made first, so that a refusal prints none."""
        made = list(lines)
        if not self._terminal:
            click.echo("".join(f"{text}\n" for text, _ in made), nl=False)
            return
        from rich.console import Console

        console = Console(highlight=False)
        for text, style in made:
            console.print(text, style=style or None, markup=False, soft_wrap=True)

    def refuse(self, command: str, message: str) -> None:
        """Say why a command cannot be carried out."""
        self.show(command, [(message, "yellow")])

    def echo(self, command: str) -> None:
        """Show a command that nobody typed."""
        click.echo(f"{PROMPT}{command.strip()}")

    def typed(self, stream: TextIO) -> Iterator[str]:
        """Lines as they are typed; what does not come from a terminal is echoed."""
        if not stream.isatty():
            for line in stream:
                self.echo(line)
                yield line
            return
        while True:
            try:
                yield input(PROMPT)
            except EOFError:
                click.echo()
                return


class Programs(Screen):
    """Prints a JSON document for each answer, one a line."""

    def __init__(self, explorer: Explorer) -> None:
        super().__init__(terminal=False)
        self._explorer = explorer

    def show(self, command: str, lines: Iterable[Line]) -> None:
        """Print the answer and where the session is."""
        self._print(command, list(lines), "")

    def refuse(self, command: str, message: str) -> None:
        """Print why there is no answer."""
        self._print(command, [], message)

    def echo(self, command: str) -> None:
        """The document tells the command."""

    def typed(self, stream: TextIO) -> Iterator[str]:
        """Lines as they come; a prompt would be no document."""
        yield from stream

    def _print(self, command: str, lines: list[Line], refused: str) -> None:
        subject, session = self._explorer.subject, self._explorer.session
        click.echo(answer_document(subject, session, command.strip(), lines, refused))
