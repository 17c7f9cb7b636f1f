"""`planespec simulate MODEL`: walk through a model by chance, where it is too large to search."""

import secrets
import sys
from pathlib import Path

import click

from planespec.checker.engines.simulation.plan import Numbers, Plan, Simulated
from planespec.checker.engines.simulation.simulation_run import ENGINES, simulate
from planespec.checker.errors import ExitCode
from planespec.reports.cli.options import (
    MODEL,
    Teller,
    budget_option,
    constants_option,
    details_option,
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
from planespec.reports.formats.simulation_json import command_again, simulation_document
from planespec.reports.text.simulation_text import render_simulation, states_line, walks_line
from planespec.reports.text.verdicts import exit_code_of
from planespec.reports.text.wording import Subject

WALKS = 10_000
DEPTH = 100
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog=MODEL)
@model_argument
@constants_option
@click.option(
    "--walks",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"How many walks to take; {WALKS:,} by default.",
)
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    default=DEPTH,
    show_default=True,
    metavar="K",
    help="How many steps a walk may take.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**64 - 1),
    metavar="S",
    help="Which walks to take; drawn and printed by default.",
)
@click.option(
    "--walk",
    "first",
    type=click.IntRange(0, 2**63),
    metavar="N",
    help="Begin with the walk of this number; take it alone unless --walks is given.",
)
@click.option("--swarm", is_flag=True, help="Each walk uses a random half of the actions.")
@requirements_option()
@mutant_option
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="auto",
    show_default=True,
    help="native compiles the model, python runs its file; both take the same walks.",
)
@workers_option
@no_deadlock_option
@budget_option
@details_option
@json_option
@click.option("--itf", type=FILE, metavar="FILE", help="Write the counterexample as an ITF trace.")
@click.option(
    "--save",
    type=FILE,
    metavar="FILE",
    help="Write the whole answer as JSON; `planespec replay FILE` runs its counterexample.",
)
def command(
    model: str,
    constants: tuple[str, ...],
    walks: int | None,
    depth: int,
    seed: int | None,
    first: int | None,
    swarm: bool,
    requirements: tuple[str, ...],
    mutant: str | None,
    engine: str,
    workers: int | None,
    no_deadlock: bool,
    budgets: tuple[str, ...],
    details: bool,
    as_json: bool,
    itf: Path | None,
    save: Path | None,
) -> ExitCode:
    """Take random walks through MODEL and judge every state they come by.

    A walk takes each enabled step with the same probability. What is found is real; that nothing
    is found proves nothing, so the verdict is never Holds.

    \b
    Exit codes: 11 deadlock, 12 a requirement is violated, 75 the model itself goes wrong,
    130 interrupted, 150 the model cannot be understood, 151 an option or constant is wrong,
    152 no walk found anything.
    """
    budget = parse_budget(budgets, None)
    instance = instance_of(model, constants, mutant)
    subject = Subject(model, instance, instance.check_deadlock and not no_deadlock)
    with telling() as teller:
        plan = Plan(
            seed=secrets.randbits(32) if seed is None else seed,
            walks=walks or (WALKS if first is None else 1),
            depth=depth,
            first=first or 0,
            swarm=swarm,
            workers=workers_of(workers),
            requirements=requirements or None,
            check_deadlock=subject.check_deadlock,
            budget=budget,
            on_progress=lambda numbers, seconds: tell(teller, numbers, seconds),
        )
        simulated = simulate(instance, engine, plan)
    again = command_again(subject, simulated, constants)
    _print(subject, simulated, again, as_json=as_json, details=details)
    if save is not None:
        document = simulation_document(subject, simulated, again)
        write_output(save, dumps(document) + "\n")
    if itf is not None:
        _write_itf(subject, simulated, itf)
    return exit_code_of(simulated.outcome)


def tell(teller: Teller, numbers: Numbers, seconds: float) -> None:
    """Show how far the walks are."""
    rate = f"{round(numbers.steps / seconds):,} steps/s" if seconds > 0 else ""
    shown = [walks_line(numbers), states_line(numbers), rate]
    teller.tell(f"{numbers.walks:,}", "walking", ", ".join(s for s in shown if s), seconds)


def _print(
    subject: Subject, simulated: Simulated, again: str, *, as_json: bool, details: bool
) -> None:
    if as_json:
        click.echo(dumps(simulation_document(subject, simulated, again)))
    else:
        click.echo(render_simulation(subject, simulated, again, details=details))
    for note in simulated.outcome.notes:
        click.echo(f"planespec: note: {note}", err=True)


def _write_itf(subject: Subject, simulated: Simulated, file: Path) -> None:
    outcome = simulated.outcome
    if outcome.violation is None:
        print(f"planespec: note: no counterexample, {file} is not written", file=sys.stderr)
        return
    document = itf_document(subject, outcome, outcome.violation)
    write_output(file, dumps(document) + "\n")
