"""`planespec admit`: what an API server would store of a new object, or why it refuses it."""

import click

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.admit.admission_answers import AdmitVerdict, Requester, admit
from planespec.reports.admit.admission_text import render
from planespec.reports.cli.options import cluster_option, json_option, snapshots_argument

_CODES = {
    AdmitVerdict.ADMITTED: ExitCode.HOLDS,
    AdmitVerdict.REFUSED: ExitCode.SAFETY,
    AdmitVerdict.UNKNOWN: ExitCode.UNKNOWN,
}


@click.command()
@click.argument("name", metavar="OBJECT")
@snapshots_argument
@cluster_option
@click.option(
    "--as", "username", default=Requester.username, metavar="USER", help="Who creates the object."
)
@click.option(
    "--as-group",
    "groups",
    multiple=True,
    metavar="GROUP",
    help="A group of the user; system:masters where none is given.",
)
@json_option
def command(
    name: str,
    more: tuple[str, ...],
    files: tuple[str, ...],
    username: str,
    groups: tuple[str, ...],
    as_json: bool,
) -> ExitCode:
    """Show what the API server of a cluster would store of a new object, or why it refuses it.

    OBJECT is a file with one object. A SNAPSHOT is what `planespec audit` reads: files, folders,
    or - for standard input. Exits 0 when the object is admitted, 12 when it is refused, 152 when
    something that decides is not in the input (it is named), 150 for malformed input, 151 for a
    wrong option.
    """
    try:
        answer = admit(name, (*files, *more), Requester(username, groups or Requester.groups))
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise InputError(f"an object cannot be read: {error}") from error
    click.echo(answer.to_json() if as_json else render(answer))
    return _CODES[answer.verdict]
