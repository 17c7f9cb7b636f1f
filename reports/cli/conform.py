"""`planespec conform [NAME] FILE...`: does a rule or a model answer as the real system did?"""

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from planespec.checker.errors import ConfigurationError, ExitCode
from planespec.reports.cli.options import json_option
from planespec.reports.judge.conform_text import render_json, render_text
from planespec.reports.judge.judges import FORMERLY, JUDGES, load_judge, load_judges
from planespec.reports.judge.runner import Judge, Progress, Tally, run

_EPILOG = "\b\nNames:\n" + "\n".join(
    f"  {name:16}  {entry.summary}" for name, entry in JUDGES.items()
)


@click.command(epilog=_EPILOG)
@click.argument("given", nargs=-1, metavar="[NAME] FILE...")
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
def command(given: tuple[str, ...], show: int, as_json: bool, verbose: bool) -> ExitCode:
    """Hold NAME to the recorded answers of a real system in each FILE.

    Without NAME each FILE is judged by what its lines look like; a NAME goes before a file of the
    same name. A FILE holds JSON lines or the text form its judge knows, plain or gzip. Exits 0
    only when every case of every file was judged and agrees, 12 when an answer differs, 150 when a
    file is malformed, empty or not recognised, 151 when NAME is unknown or no FILE is given.
    """
    name, judges, files = _read_arguments(given)
    tally = _run_with_progress(judges, files, show)
    if as_json:
        click.echo(render_json(name, [click.format_filename(file) for file in files], tally))
    else:
        click.echo(render_text(name, tally, verbose=verbose))
    return tally.exit_code


def _read_arguments(given: tuple[str, ...]) -> tuple[str, Mapping[Path, Judge], list[Path]]:
    """Return the name or names, the judge of each file, and the files."""
    if not given:
        raise ConfigurationError("conform needs a FILE, with or without a NAME before it")
    first, *rest = given
    if first in {*JUDGES, *FORMERLY} or not (Path(first).exists() or _looks_like_a_path(first)):
        judge, files = load_judge(first), [Path(each) for each in rest]
        if not files:
            raise ConfigurationError(
                f"conform {first} needs at least one FILE; recordings lie in tests/recorded"
            )
        return first, dict.fromkeys(files, judge), files
    files = [Path(each) for each in given]
    names, judges = load_judges(files)
    return ", ".join(names), judges, files


def _looks_like_a_path(text: str) -> bool:
    """Say whether a word that is no file was meant as one, so that the message is about files."""
    return "/" in text or text.endswith((".jsonl", ".gz", ".json", ".ndjson", ".txt"))


def _run_with_progress(judge: Mapping[Path, Judge], files: list[Path], keep: int) -> Tally:
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
