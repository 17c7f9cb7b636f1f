"""`planespec fit`: why a pod fits a node or not."""

import json

import click

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.cli.options import json_option
from planespec.reports.fit.node_answers import explain, render
from planespec.reports.fit.reading import read_question


@click.command()
@click.argument("pod", metavar="POD")
@click.argument("more", nargs=-1, metavar="[SNAPSHOT...]")
@click.option(
    "--cluster", "files", multiple=True, required=True, metavar="SNAPSHOT", help="The cluster."
)
@json_option
def command(pod: str, more: tuple[str, ...], files: tuple[str, ...], as_json: bool) -> ExitCode:
    """Explain for every node of a SNAPSHOT why a pod fits or not, with scores.

    POD is a file with one pod or one workload, or namespace/name of a pod in the snapshot. A
    SNAPSHOT is what `planespec audit` reads: files, folders, or - for standard input. Exits 0
    when a node fits, 12 when none does, 150 for malformed input, 151 for a wrong option.
    """
    try:
        answer = explain(read_question(pod, (*files, *more)))
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise InputError(f"an object cannot be read: {error}") from error
    click.echo(json.dumps(answer.to_json(), indent=2) if as_json else render(answer))
    return ExitCode.HOLDS if answer.nodes else ExitCode.SAFETY
