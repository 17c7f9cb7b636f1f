"""`planespec check MODEL`: search every state and say what holds."""

import sys
from pathlib import Path

import click

from planespec.checker.budget import Options
from planespec.checker.continuing import check_all
from planespec.checker.errors import ExitCode
from planespec.checker.outcome import Outcome
from planespec.checker.run import check
from planespec.reports.cli.options import (
    MODEL,
    budget_option,
    constants_option,
    details_option,
    engine_option,
    instance_of,
    json_option,
    model_argument,
    mutant_option,
    no_deadlock_option,
    parse_budget,
    requirements_option,
    telling,
    workers_of,
    workers_option,
)
from planespec.reports.files import dumps, write_output
from planespec.reports.formats.itf_writing import itf_document
from planespec.reports.text.outcome_text import render_outcome
from planespec.reports.text.verdicts import exit_code_of
from planespec.reports.text.wording import Subject


@click.command(epilog=MODEL)
@model_argument
@constants_option
@requirements_option()
@mutant_option
@engine_option
@workers_option
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
    budget = parse_budget(budgets, depth)
    instance = instance_of(model, constants, mutant)
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
                budget=budget,
                on_progress=progress,
            ),
        )
    subject = Subject(model, instance, deadlock)
    _print(subject, outcome, as_json=as_json, details=details)
    _write(subject, outcome, itf, save)
    return exit_code_of(outcome)


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
