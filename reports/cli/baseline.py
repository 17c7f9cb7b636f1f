"""`planespec baseline [MODEL ...]`: do verdicts and counts still stand as they were committed?"""

import sys
from pathlib import Path

import click

from planespec.checker.errors import ConfigurationError
from planespec.checker.exit_codes import ExitCode
from planespec.reports.baseline import Document, baseline_text, measure, read_baseline
from planespec.reports.catalogue import catalogue, entry_of, load_model
from planespec.reports.cli.options import (
    MODEL,
    models_argument,
    slow_option,
    workers_of,
    workers_option,
)
from planespec.reports.cli.progress import telling
from planespec.reports.dossier.answers import Answers
from planespec.reports.dossier.saving import Saved, default_folder
from planespec.reports.dossier.settings import Settings
from planespec.reports.files import text_difference, write_output
from planespec.reports.wording import plural

DEFAULT = Path("planespec.lock.json")


@click.command(epilog=MODEL)
@models_argument
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=DEFAULT,
    show_default=True,
    metavar="FILE",
    help="The lock file.",
)
@click.option("--update", is_flag=True, help="Write the file instead of comparing with it.")
@slow_option
@workers_option
def command(
    models: tuple[str, ...], file: Path, update: bool, slow: bool, workers: int | None
) -> ExitCode:
    """Measure every instance of every MODEL and compare with the lock file.

    All models that the file names by default. Exits 0 when nothing differs, and 12, with a diff,
    when a verdict or a count does or a MODEL is not in the file. With --update the file is
    written, and other models in it are kept; the first time, without MODEL, with all models of
    the catalogue.
    """
    if not update and not file.exists():
        raise ConfigurationError(f"{file}: there is no such file; --update writes it")
    old = read_baseline(file)
    names = list(dict.fromkeys(models)) or list(old) or list(catalogue())
    saved = Saved(default_folder())
    with telling() as teller, saved.announced():
        settings = Settings(
            workers=workers_of(workers), slow=slow, go_on=False, on_progress=teller, tell=_tell
        )
        new = old | {name: _measured(name, Answers(name, settings, saved)) for name in names}
    if update:
        write_output(file, baseline_text(new))
        click.echo(f"{file}: {_summary(new)}")
        return ExitCode.HOLDS
    return _compare(file, old, new)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _measured(name: str, answers: Answers) -> list[Document]:
    return measure(load_model(name), entry_of(name), answers)


def _compare(
    file: Path, old: dict[str, list[Document]], new: dict[str, list[Document]]
) -> ExitCode:
    lines = list(text_difference(str(file), baseline_text(old), baseline_text(new)))
    if not lines:
        click.echo(f"{file}: {_summary(new)}, all as committed")
        return ExitCode.HOLDS
    click.echo("\n".join(lines))
    click.echo(f"{file}: verdicts or counts differ; --update accepts what you understand and want")
    return ExitCode.SAFETY


def _summary(models: dict[str, list[Document]]) -> str:
    instances = sum(len(lines) for lines in models.values())
    return f"{plural(instances, 'instance')} of {plural(len(models), 'model')}"
