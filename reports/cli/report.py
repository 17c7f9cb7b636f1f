"""`planespec report [MODEL ...] -o DIR`: run models and their mutants, write what was found."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from planespec.checker.errors import ConfigurationError, ExitCode, InputError
from planespec.reports.cli.options import (
    MODEL,
    budget_option,
    constants_option,
    models_argument,
    parse_budget,
    parse_constants,
    slow_option,
    telling,
    workers_of,
    workers_option,
)
from planespec.reports.files import differences, refuse_unwritable, write_files
from planespec.reports.input.catalogue import catalogue, entry_of, load_model
from planespec.reports.pages.answers import Answers
from planespec.reports.pages.assembly import FORMATS, report_files
from planespec.reports.pages.dossier import Dossier
from planespec.reports.pages.gather import gather
from planespec.reports.pages.saving import Saved, Settings, default_folder
from planespec.reports.text.wording import plural


@click.command(epilog=MODEL)
@models_argument
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the pages go, or lie already (--check).",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(list(FORMATS)),
    help="Write only this; repeatable. All formats by default.",
)
@constants_option
@click.option("--check", "compare", is_flag=True, help="Write nothing; fail where DIR differs.")
@slow_option
@click.option(
    "--depth",
    type=click.IntRange(min=1),
    default=4,
    show_default=True,
    metavar="N",
    help="Longest behaviour looked at in models with unbounded numbers.",
)
@click.option(
    "--run",
    "run",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where answers are kept and found again; a folder in the user's cache by default.",
)
@workers_option
@budget_option
def command(
    models: tuple[str, ...],
    output: Path,
    formats: tuple[str, ...],
    constants: tuple[str, ...],
    compare: bool,
    slow: bool,
    depth: int,
    run: Path | None,
    workers: int | None,
    budgets: tuple[str, ...],
) -> ExitCode:
    """Run every MODEL, its instances and mutants, and write pages about what was found.

    All models of the catalogue by default. Answers are kept by content, so that an interrupted
    report goes on where it ended. Exits 0 when the pages were written, whatever they say; with
    --check 0 when they are current and 12, with a diff, when they are not.
    """
    if constants and len(models) != 1:
        raise ConfigurationError("-c sets the constants of one model: name exactly one MODEL")
    if not compare:
        refuse_unwritable(output)
    with _settings(budgets, workers, slow, depth) as settings:
        saved = Saved(run or default_folder())
        with saved.announced():
            names = named_models(models)
            dossiers = [_dossier(name, constants, settings, saved) for name in names]
    files = report_files(dossiers, formats or tuple(FORMATS))
    if compare:
        return _compare(output, files)
    write_files(output, files)
    click.echo(f"{plural(len(files), 'file')} about {plural(len(dossiers), 'model')} in {output}")
    return ExitCode.HOLDS


def named_models(models: tuple[str, ...]) -> list[str]:
    """The models as given, each once, or all of the catalogue."""
    return list(dict.fromkeys(models)) or list(catalogue())


def _dossier(name: str, constants: tuple[str, ...], settings: Settings, saved: Saved) -> Dossier:
    answers = Answers(name, settings, saved)
    try:
        return gather(load_model(name), entry_of(name), parse_constants(constants), answers)
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 text from byte {error.start} on", file=name) from None


@contextmanager
def _settings(
    budgets: tuple[str, ...], workers: int | None, slow: bool, depth: int
) -> Iterator[Settings]:
    with telling() as teller:
        yield Settings(
            workers=workers_of(workers),
            budget=parse_budget(budgets, None),
            slow=slow,
            depth=depth,
            on_progress=teller,
            tell=lambda line: print(line, file=sys.stderr, flush=True),
        )


def _compare(folder: Path, files: dict[str, str]) -> ExitCode:
    lines = list(differences(folder, files))
    if not lines:
        click.echo(f"{plural(len(files), 'file')} in {folder} are current")
        return ExitCode.HOLDS
    click.echo("\n".join(lines))
    click.echo(f"{folder} is not current: run the command without --check, and read the diff")
    return ExitCode.SAFETY
