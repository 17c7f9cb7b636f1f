"""`planespec baseline [MODEL ...]`: do verdicts and counts still stand as they were committed?"""

import json
import sys
from pathlib import Path

import click

from planespec.checker.errors import ConfigurationError, ExitCode, InputError
from planespec.checker.instance import Instance
from planespec.checker.lang import Model
from planespec.reports.cli.options import (
    MODEL,
    models_argument,
    slow_option,
    telling,
    workers_of,
    workers_option,
)
from planespec.reports.files import text_difference, write_output
from planespec.reports.formats.outcome_json import Count
from planespec.reports.input.catalogue import Entry, catalogue, entry_of, load_model, made
from planespec.reports.input.json_text import read_json
from planespec.reports.pages.answers import Answers
from planespec.reports.pages.dossier import Evidence
from planespec.reports.pages.saving import Saved, Settings, default_folder
from planespec.reports.text.wording import plural

SCHEMA = "planespec/baseline/1"
Line = dict[str, object]
"""What the file says of one instance."""


def measure(model: type[Model], entry: Entry, answers: Answers) -> list[Line]:
    """What the file says of one model: an object for each of its instances that is run.

    A model whose instances nobody wrote down is measured with its default constants.
    """
    named = [(known, made(model, known)) for known in entry.instances]
    if not named:
        return [_line(answers.evidence(Instance(model), None)[0])]
    return [
        _line(answers.evidence(instance, known)[0])
        for known, instance in named
        if answers.settings.slow or not known.slow
    ]


def _line(answer: Evidence) -> Line:
    numbers, violation = answer.statistics, answer.violation
    return {
        "constants": answer.constants,
        "verdict": answer.verdict,
        "violated": violation and (violation.property or violation.kind),
        "steps": violation and violation.steps,
        "bound": answer.bound,
        "distinct": numbers.distinct,
        "generated": numbers.generated,
        "depth": numbers.depth,
        "actions": {name: _counts(count) for name, count in numbers.actions.items()},
        "reached": answer.reached,
    }


def _counts(count: Count) -> str:
    """Both counts in one text, so that they stand in one line of the diff."""
    return f"{count.generated} generated, {count.distinct} new"


def read_baseline(path: Path) -> dict[str, list[Line]]:
    """The lines by model; raises InputError for a file that is no baseline."""
    if not path.exists():
        return {}
    document = read_json(path)
    models = document.get("models") if isinstance(document, dict) else None
    if not isinstance(models, dict) or document.get("schema") != SCHEMA:
        raise InputError("no baseline", file=path, allowed=f"a file with schema {SCHEMA}")
    for name, lines in models.items():
        if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
            raise InputError(f"no baseline: models.{name} is no list of objects", file=path)
    return models


def baseline_text(models: dict[str, list[Line]]) -> str:
    """The text of the file: models sorted, one line for each fact, so that a diff is short."""
    document = {"schema": SCHEMA, "models": dict(sorted(models.items()))}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


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


def _measured(name: str, answers: Answers) -> list[Line]:
    return measure(load_model(name), entry_of(name), answers)


def _compare(file: Path, old: dict[str, list[Line]], new: dict[str, list[Line]]) -> ExitCode:
    lines = list(text_difference(str(file), baseline_text(old), baseline_text(new)))
    if not lines:
        click.echo(f"{file}: {_summary(new)}, all as committed")
        return ExitCode.HOLDS
    click.echo("\n".join(lines))
    click.echo(f"{file}: verdicts or counts differ; --update accepts what you understand and want")
    return ExitCode.SAFETY


def _summary(models: dict[str, list[Line]]) -> str:
    instances = sum(len(lines) for lines in models.values())
    return f"{plural(instances, 'instance')} of {plural(len(models), 'model')}"
