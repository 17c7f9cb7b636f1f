"""`planespec new KIND NAME`: files to begin with."""

from pathlib import Path

import click

from planespec.checker.errors import ExitCode
from planespec.reports.new.scaffolds import KINDS, write_scaffold

_NEXT = {
    "controller": "planespec check {file} --view all",
    "model": "planespec check {file}",
    "requirement": "planespec check {file}",
}


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    metavar="FOLDER",
    help="Where to write; the current folder if not given.",
)
def command(kind: str, name: str, folder: Path) -> ExitCode:
    """Write NAME.py and test_NAME.py: a model, a controller or a requirement to begin with.

    Both hold as they are: the file has requirements, instances and a mutant, and its test checks
    all of them. Nothing that is there is written over (151).
    """
    file, test = write_scaffold(folder, kind, name)
    click.echo(f"wrote {file} and {test}; go on with")
    for line in (_NEXT[kind].format(file=file), f"planespec mutate {file}", f"pytest {test}"):
        click.echo(f"  {line}")
    return ExitCode.HOLDS
