"""`planespec conform [NAME] FILE...`: does a rule or a model answer as the real system did?"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from planespec.checker.errors import ConfigurationError, ExitCode
from planespec.checker.lang.named import NamedInstance
from planespec.reports.cli.options import (
    budget_option,
    constants_option,
    json_option,
    mutant_option,
    parse_budget,
    parse_constants,
    view_option,
)
from planespec.reports.files import dumps
from planespec.reports.judge.conform_text import render_json, render_text
from planespec.reports.judge.judges import FORMERLY, JUDGES, load_judge, load_judges
from planespec.reports.judge.runner import Judge, Progress, Tally, run

CONTROLLER = "controller"
"""The name that takes a model: what a controller did is held to what the user says of it."""
_SUMMARY = "calls and watch events of a controller, held to a model of it: --model FILE"
_NAMES = sorted({CONTROLLER: _SUMMARY, **{n: e.summary for n, e in JUDGES.items()}}.items())
_EPILOG = "\b\nNames:\n" + "\n".join(f"  {name:16}  {summary}" for name, summary in _NAMES)
FILE = click.Path(path_type=Path, dir_okay=False)


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
@click.option("--model", metavar="MODEL", help="controller: the model, a file or a name.")
@click.option("--user", metavar="NAME", help="controller: whose calls of an audit log count.")
@click.option("--adapter", type=FILE, metavar="FILE", help="controller: how lines of a log read.")
@constants_option
@mutant_option
@view_option
@budget_option
def command(
    given: tuple[str, ...],
    show: int,
    as_json: bool,
    verbose: bool,
    model: str | None,
    user: str | None,
    adapter: Path | None,
    constants: tuple[str, ...],
    mutant: str | None,
    view: str | None,
    budgets: tuple[str, ...],
) -> ExitCode:
    """Hold NAME to the recorded answers of a real system in each FILE.

    Without NAME each FILE is judged by what its lines look like; a NAME goes before a file of the
    same name. A FILE holds JSON lines or the text form its judge knows, plain or gzip. Exits 0
    only when every case of every file was judged and agrees, 12 when an answer differs, 150 when a
    file is malformed, empty or not recognised, 151 when NAME is unknown or no FILE is given.

    `controller` asks whether the model has a run whose visible steps are the FILEs together; 152
    when a budget ended the search.
    """
    if given[:1] == (CONTROLLER,) and not Path(CONTROLLER).exists():
        asked = Asked(model, user, adapter, constants, mutant, view, budgets)
        return _explain(
            [Path(each) for each in given[1:]], asked, as_json=as_json, details=verbose
        )
    if model or user or adapter or constants or mutant or view or budgets:
        raise ConfigurationError("--model and what goes with it is for `conform controller` alone")
    name, judges, files = _read_arguments(given)
    tally = _run_with_progress(judges, files, show)
    if as_json:
        click.echo(render_json(name, [click.format_filename(file) for file in files], tally))
    else:
        click.echo(render_text(name, tally, verbose=verbose))
    return tally.exit_code


@dataclass(frozen=True, slots=True)
class Asked:
    """What `conform controller` was given beside its files."""

    model: str | None
    user: str | None
    adapter: Path | None
    constants: tuple[str, ...]
    mutant: str | None
    view: str | None
    budgets: tuple[str, ...]


def _explain(files: list[Path], asked: Asked, *, as_json: bool, details: bool) -> ExitCode:
    """Hold the trace of a controller to its model.

    What only this needs is loaded here: a model, its search and its answer.
    """
    from planespec.reports.judge.controller_traces.controller_judge import (
        Question,
        exit_code_of_judged,
        judge_trace,
    )
    from planespec.reports.judge.controller_traces.trace_answer import (
        render_trace,
        trace_document,
    )
    from planespec.reports.judge.controller_traces.trace_reading import read_trace

    if not files or asked.model is None:
        raise ConfigurationError("conform controller needs a FILE, and --model MODEL")
    question = Question(
        asked.model,
        NamedInstance("-c", parse_constants(asked.constants)),
        asked.mutant,
        parse_budget(asked.budgets, None),
    )
    trace = read_trace(files, user=asked.user, adapter=asked.adapter)
    judged = [judge_trace(question, trace.lines, view) for view in _views(asked)]
    if as_json:
        names = [click.format_filename(file) for file in files]
        click.echo(dumps(trace_document(asked.model, names, trace.lines, judged)))
    else:
        click.echo(render_trace(asked.model, trace.lines, judged, details=details))
    return exit_code_of_judged(judged)


def _views(asked: Asked) -> Sequence[NamedInstance | None]:
    """The views that are asked for; else None, the model as it is."""
    from planespec.reports.views import ALL, find_view, views_of

    model, view = str(asked.model), asked.view
    if view is None:
        return [None]
    return views_of(model) if view == ALL else [find_view(model, view)]


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
