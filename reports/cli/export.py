"""`planespec export MODEL --to tla`: a model in the language of another tool."""

from pathlib import Path

import click

from planespec.checker.exit_codes import ExitCode
from planespec.checker.front.compile import compile_system
from planespec.reports.cli.options import constants_option, instance_of
from planespec.reports.tla.module import export


@click.command(epilog="MODEL is a name that `planespec list` shows, or path/to/file.py:Class.")
@click.argument("model")
@click.option(
    "--to",
    "form",
    type=click.Choice(["tla"]),
    required=True,
    help="tla: a TLA+ module and the configuration TLC runs it with.",
)
@constants_option
@click.option("--mutant", metavar="NAME", help="Break the model in this way, which it names.")
@click.option("--symmetry", is_flag=True, help="Have the tool reduce by the symmetric sorts.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    metavar="DIR",
    help="Where the files go; made if need be. The current folder by default.",
)
def command(
    model: str,
    form: str,
    constants: tuple[str, ...],
    mutant: str | None,
    symmetry: bool,
    output: Path,
) -> ExitCode:
    """Write MODEL, its constants filled in, for another checker to judge.

    The module has the same actions with the same parameters, so that TLC generates and stores as
    many states as `planespec check` does.
    """
    system = compile_system(instance_of(model, constants, mutant))
    made = export(system, symmetry=symmetry)
    output.mkdir(parents=True, exist_ok=True)
    for name, text in (
        (f"{made.name}.tla", made.module),
        (f"{made.name}.cfg", made.configuration),
    ):
        (output / name).write_text(text, encoding="ascii")
        click.echo(output / name)
    return ExitCode.HOLDS
