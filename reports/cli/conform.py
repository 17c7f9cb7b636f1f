"""`planespec conform NAME FILE...`: does a rule or a model answer as the real system did?"""

import sys
from pathlib import Path

import click

from planespec.checker.errors import ConfigurationError, ExitCode
from planespec.reports.cli.options import json_option
from planespec.reports.judge.conform_text import render_json, render_text
from planespec.reports.judge.runner import JUDGES, Judge, Progress, Tally, load_judge, run

_EPILOG = "\b\nNames:\n" + "\n".join(
    f"  {name:16}  {entry.summary}" for name, entry in JUDGES.items()
)


@click.command(epilog=_EPILOG)
@click.argument("name")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--show",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="Print the first N disagreements.",
    metavar="N",
)
@json_option
@click.option("-v", "--verbose", is_flag=True, help="Print all there is about a disagreement.")
def command(
    name: str, files: tuple[Path, ...], show: int, as_json: bool, verbose: bool
) -> ExitCode:
    """Hold NAME to the recorded answers of a real system in each FILE.

    A FILE holds JSON lines or the text form its judge knows, plain or gzip. Exits 0 only when
    every case of every file was judged and agrees, 12 when an answer differs, 150 when a file
    is malformed or empty, 151 when NAME is unknown or no FILE is given.
    """
    judge = load_judge(name)
    if not files:
        raise ConfigurationError(
            f"conform {name} needs at least one FILE; recordings lie in tests/recorded"
        )
    tally = _run_with_progress(judge, files, show)
    if as_json:
        click.echo(render_json(name, [click.format_filename(file) for file in files], tally))
    else:
        click.echo(render_text(name, tally, verbose=verbose))
    return tally.exit_code


def _run_with_progress(judge: Judge, files: tuple[Path, ...], keep: int) -> Tally:
    if not sys.stderr.isatty():
        return run(judge, files, keep=keep, progress=_plain_progress())
    from rich.console import Console
    from rich.status import Status

    with Status("judging", console=Console(stderr=True)) as status:
        return run(judge, files, keep=keep, progress=lambda tally: status.update(_line(tally)))


def _plain_progress() -> Progress:
    """Print a line for every 10,000 cases, for logs that cannot redraw a line."""
    shown = 0

    def report(tally: Tally) -> None:
        nonlocal shown
        if tally.cases >= shown + 10_000:
            shown = tally.cases
            click.echo(_line(tally), err=True)

    return report


def _line(tally: Tally) -> str:
    return f"{tally.cases:,} cases judged, {tally.cases - tally.agree:,} disagree"
