"""`planespec check MODEL`: search every state and say what holds."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from planespec.checker.budget import Options
from planespec.checker.continuing import check_all
from planespec.checker.errors import ConfigurationError, ExitCode
from planespec.checker.lang.named import NamedInstance
from planespec.checker.outcome import Outcome
from planespec.checker.run import check
from planespec.reports.cli.options import (
    MODEL,
    budget_option,
    constants_option,
    details_option,
    engine_option,
    json_option,
    model_argument,
    mutant_option,
    no_deadlock_option,
    parse_budget,
    parse_constants,
    requirements_option,
    telling,
    view_option,
    workers_of,
    workers_option,
)
from planespec.reports.files import dumps, write_output
from planespec.reports.formats.itf_writing import itf_document
from planespec.reports.input.catalogue import instance_named
from planespec.reports.text.outcome_text import render_outcome
from planespec.reports.text.verdicts import exit_code_of
from planespec.reports.text.wording import Subject
from planespec.reports.views import (
    ALL,
    exit_code_of_views,
    find_view,
    look,
    render_views,
    views_of,
)


@click.command(epilog=MODEL)
@model_argument
@constants_option
@requirements_option()
@mutant_option
@engine_option
@workers_option
@view_option
@click.option("--symmetry", is_flag=True, help="Search one state of each symmetric orbit.")
@click.option(
    "--continue",
    "go_on",
    is_flag=True,
    help="Go on behind what is broken: a shortest counterexample of each requirement.",
)
@no_deadlock_option
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    metavar="N",
    help="Expand no state further than N steps from an initial one.",
)
@click.option(
    "--anywhere",
    is_flag=True,
    help="Engine symbolic: begin in every state the model's assumptions allow.",
)
@budget_option
@details_option
@json_option
@click.option(
    "--itf",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the counterexample as an ITF trace.",
)
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the whole answer as JSON; `planespec replay FILE` runs its counterexample.",
)
def command(
    model: str,
    constants: tuple[str, ...],
    requirements: tuple[str, ...],
    mutant: str | None,
    engine: str,
    workers: int | None,
    view: str | None,
    symmetry: bool,
    go_on: bool,
    no_deadlock: bool,
    depth: int | None,
    anywhere: bool,
    budgets: tuple[str, ...],
    details: bool,
    as_json: bool,
    itf: Path | None,
    save: Path | None,
) -> ExitCode:
    """Search every reachable state of MODEL, breadth first, and say what holds.

    \b
    Exit codes: 0 everything holds, 10 a reachable property was never reached, 11 deadlock,
    12 a requirement is violated, 13 a promise is broken, 75 the model itself goes wrong,
    130 interrupted, 150 the model cannot be understood, 151 an option or constant is wrong,
    152 a budget ended the search. With --continue the worst of what was
    found, in the order 75, 12, 11, 13, 10.
    """
    given, bounds = parse_constants(constants), parse_budget(budgets, depth)

    def ask(seen: NamedInstance | None) -> tuple[Subject, Outcome]:
        instance = instance_named(model, given if seen is None else _under(seen, given), mutant)
        deadlock = instance.check_deadlock and not no_deadlock
        with telling() as progress:
            outcome = (check_all if go_on else check)(
                instance,
                engine,
                Options(
                    requirements=requirements or None,
                    check_deadlock=deadlock,
                    workers=workers_of(workers),
                    symmetry=symmetry,
                    anywhere=anywhere,
                    budget=bounds,
                    on_progress=progress,
                ),
            )
        return Subject(model, instance, deadlock), outcome

    if view == ALL:
        return _show_views(model, ask, itf or save, as_json=as_json, details=details)
    subject, outcome = ask(None if view is None else find_view(model, view))
    _print(subject, outcome, as_json=as_json, details=details)
    _write(subject, outcome, itf, save)
    return exit_code_of(outcome)


def _under(view: NamedInstance, given: Mapping[str, Any]) -> dict[str, Any]:
    """Constants given and those of a view; ConfigurationError where both have one."""
    if twice := sorted(view.constants.keys() & given.keys()):
        raise ConfigurationError(f"-c {twice[0]}: the view {view.name} says what it is")
    return {**given, **view.constants}


def _show_views(
    model: str,
    ask: Callable[[NamedInstance], tuple[Subject, Outcome]],
    file: Path | None,
    *,
    as_json: bool,
    details: bool,
) -> ExitCode:
    if file is not None:
        raise ConfigurationError(f"{file} holds one answer, and --view {ALL} has several")
    seen = look(views_of(model), ask)
    if as_json:
        from planespec.reports.formats.views_json import views_document

        click.echo(dumps(views_document(model, seen)))
    else:
        click.echo(render_views(model, seen, details=details))
    for note in dict.fromkeys(note for each in seen for note in each.outcome.notes):
        click.echo(f"planespec: note: {note}", err=True)
    return exit_code_of_views(seen)


def _print(subject: Subject, outcome: Outcome, *, as_json: bool, details: bool) -> None:
    if as_json:
        click.echo(_text(subject, outcome))
    else:
        click.echo(render_outcome(subject, outcome, details=details))
    for note in outcome.notes:
        click.echo(f"planespec: note: {note}", err=True)


def _write(subject: Subject, outcome: Outcome, itf: Path | None, save: Path | None) -> None:
    if save is not None:
        write_output(save, _text(subject, outcome) + "\n")
    if itf is None:
        return
    if outcome.violation is None:
        print(f"planespec: note: no counterexample, {itf} is not written", file=sys.stderr)
        return
    write_output(itf, dumps(itf_document(subject, outcome, outcome.violation)) + "\n")


def _text(subject: Subject, outcome: Outcome) -> str:
    """The answer as JSON; what makes it is loaded only where it is asked for."""
    from planespec.reports.formats.outcome_json import outcome_document

    return dumps(outcome_document(subject, outcome))
