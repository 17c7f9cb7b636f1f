"""`planespec fit`: why a pod fits a node or not."""

import json

import click

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.cli.options import cluster_option, json_option, snapshots_argument
from planespec.reports.fit.fit_text import render
from planespec.reports.fit.reading import read_question
from planespec.reports.fit.workload_answers import explain
from planespec.spec.scheduling.attempts.attempt import FitVerdict

_CODES = {
    FitVerdict.FITS: ExitCode.HOLDS,
    FitVerdict.DOES_NOT_FIT: ExitCode.SAFETY,
    FitVerdict.UNKNOWN: ExitCode.UNKNOWN,
}


@click.command()
@click.argument("pod", metavar="POD")
@snapshots_argument
@cluster_option
@click.option(
    "--replicas",
    type=click.IntRange(min=1),
    metavar="N",
    help="Place N pods, one after the other; as many as the workload wants where it is not given.",
)
@json_option
def command(
    pod: str, more: tuple[str, ...], files: tuple[str, ...], replicas: int | None, as_json: bool
) -> ExitCode:
    """Explain for every node of a SNAPSHOT why a pod fits or not, with scores.

    POD is a file with one pod or one workload, or namespace/name of a pod in the snapshot. A
    SNAPSHOT is what `planespec audit` reads: files, folders, or - for standard input. Exits 0
    when all pods asked for find a node, 12 when one does not, 152 when something that is there
    decides and is not considered (it is named), 150 for malformed input, 151 for a wrong option.
    """
    try:
        answer = explain(read_question(pod, (*files, *more)), replicas)
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise InputError(f"an object cannot be read: {error}") from error
    click.echo(json.dumps(answer.to_json(), indent=2) if as_json else render(answer))
    return _CODES[answer.verdict]
