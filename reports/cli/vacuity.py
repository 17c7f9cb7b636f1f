"""`planespec vacuity MODEL`: did the requirements ever have a case?"""

import click
from tabulate import tabulate

from planespec.checker.budget import Options
from planespec.checker.exit_codes import ExitCode
from planespec.checker.unbounded import refuse_unbounded
from planespec.checker.vacuity import Premise, premises
from planespec.reports.cli.budgets import parse_budget
from planespec.reports.cli.options import (
    budget_option,
    constants_option,
    instance_of,
    json_option,
)
from planespec.reports.document import dumps, trace_document
from planespec.reports.subject import Subject
from planespec.reports.text.trace import render_trace
from planespec.reports.wording import counted


@click.command(epilog="MODEL is a name that `planespec list` shows, or path/to/file.py:Class.")
@click.argument("model")
@constants_option
@click.option(
    "--requirement",
    "requirements",
    multiple=True,
    metavar="ID",
    help="Look at this requirement only, and show the first behaviour with a case; repeatable.",
)
@budget_option
@json_option
def command(
    model: str,
    constants: tuple[str, ...],
    requirements: tuple[str, ...],
    budgets: tuple[str, ...],
    as_json: bool,
) -> ExitCode:
    """Count how often the premise of each requirement of MODEL was true.

    \b
    Exit codes: 0 every premise was true somewhere, 10 one never was, 152 the search ended early
    and one was not true so far.
    """
    instance = instance_of(model, constants)
    refuse_unbounded(instance, "python")
    options = Options(requirements=requirements or None, budget=parse_budget(budgets, None))
    found, reason = premises(instance, options)
    subject = Subject(model, instance)
    if as_json:
        click.echo(dumps({"reason": reason, "premises": [_document(subject, p) for p in found]}))
    else:
        click.echo(_text(subject, found, reason, witnesses=bool(requirements)))
    if not any(p.is_vacuous for p in found):
        return ExitCode.HOLDS
    return ExitCode.UNKNOWN if reason else ExitCode.ASSUMPTION


def _text(subject: Subject, found: list[Premise], reason: str, *, witnesses: bool) -> str:
    blocks = []
    if witnesses:
        blocks += [render_trace(subject, p.witness) for p in found if p.witness is not None]
    rows = [(p.requirement, counted(p.cases), counted(p.of), _first(p)) for p in found]
    header = ("premise of", "true in", "of", "first after")
    align = ("left", "right", "right", "right")
    blocks.append(tabulate(rows, header, colalign=align, disable_numparse=True))
    vacuous = ", ".join(p.requirement for p in found if p.is_vacuous)
    if vacuous:
        blocks.append(f"never true{' so far' if reason else ''}: {vacuous}")
    if reason:
        blocks.append(f"not everything was seen: {reason}")
    return "\n\n".join(blocks)


def _first(premise: Premise) -> str:
    return "" if premise.witness is None else f"{len(premise.witness.steps)} steps"


def _document(subject: Subject, premise: Premise) -> dict[str, object]:
    witness = premise.witness
    return {
        "requirement": premise.requirement,
        "cases": premise.cases,
        "of": premise.of,
        "witness": None if witness is None else trace_document(subject, witness),
    }
