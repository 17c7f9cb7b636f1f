"""`planespec vacuity MODEL`: did the requirements ever have a case?"""

from collections.abc import Iterator

import click
from tabulate import tabulate

from planespec.checker.budget import Options
from planespec.checker.errors import ExitCode
from planespec.checker.premise.premise_cases import Premise, Premises, premises
from planespec.checker.unbounded import refuse_unbounded
from planespec.reports.cli.options import (
    MODEL,
    budget_option,
    constants_option,
    instance_of,
    json_option,
    model_argument,
    parse_budget,
    requirements_option,
    telling,
    workers_of,
    workers_option,
)
from planespec.reports.files import dumps
from planespec.reports.formats.outcome_json import trace_document
from planespec.reports.text.outcome_text import not_applicable
from planespec.reports.text.trace_text import render_trace
from planespec.reports.text.wording import (
    Subject,
    constants_as_json,
    counted,
    plural,
    portable_place,
    readable_constants,
)

SCHEMA = "planespec/vacuity/1"
NOTHING = "no requirement to look at"
EVERY = "every premise was true somewhere"


@click.command(epilog=MODEL)
@model_argument
@constants_option
@requirements_option(
    "Look at this requirement only, and show the first behaviour with a case; repeatable."
)
@workers_option
@budget_option
@json_option
def command(
    model: str,
    constants: tuple[str, ...],
    requirements: tuple[str, ...],
    workers: int | None,
    budgets: tuple[str, ...],
    as_json: bool,
) -> ExitCode:
    """Count how often the premise of each requirement of MODEL was true.

    Cases are counted among the first 2,000 states; for what is not true there, compiled code
    searches all of them.

    \b
    Exit codes: 0 every premise was true somewhere, 10 one never was, 130 interrupted,
    152 the search ended early and one was not true so far.
    """
    instance = instance_of(model, constants)
    refuse_unbounded(instance, "python")
    with telling() as progress:
        options = Options(
            requirements=requirements or None,
            workers=workers_of(workers),
            budget=parse_budget(budgets, None),
            on_progress=progress,
        )
        answer = premises(instance, options)
    subject, code = Subject(model, instance), _exit_code(answer)
    if as_json:
        click.echo(dumps(_document(subject, answer, code)))
    else:
        click.echo(_text(subject, answer, witnesses=bool(requirements)))
    return code


def _exit_code(answer: Premises) -> ExitCode:
    if answer.interrupted:
        return ExitCode.INTERRUPTED
    if not any(p.is_vacuous for p in answer.found):
        return ExitCode.HOLDS
    return ExitCode.UNKNOWN if answer.reason else ExitCode.ASSUMPTION


def _text(subject: Subject, answer: Premises, *, witnesses: bool) -> str:
    found = answer.found
    blocks = []
    if witnesses:
        blocks += [render_trace(subject, p.witness) for p in found if p.witness is not None]
    if found:
        rows = [(_name(p), counted(p.cases), counted(p.of), _first(p)) for p in found]
        header = ("premise of", "true in", "of", "first after")
        align = ("left", "right", "right", "right")
        blocks.append(tabulate(rows, header, colalign=align, disable_numparse=True))
    blocks.append("\n".join(_verdict(subject, answer)))
    return "\n\n".join(blocks)


def _verdict(subject: Subject, answer: Premises) -> Iterator[str]:
    """What was never true, within which bound, and how it was looked for."""
    vacuous = ", ".join(_name(p) for p in answer.found if p.is_vacuous)
    said = f"never true{' so far' if answer.reason else ''}: {vacuous}"
    if not vacuous:
        seen = "every premise seen was true somewhere" if answer.unseen else EVERY
        none = "no requirement has a premise that was seen" if answer.unseen else NOTHING
        said = seen if answer.found else none
    constants = readable_constants(subject.instance.constants)
    within = f" within {constants}" if constants else ""
    yield f"{subject.target}: {said}{within}"
    if answer.unseen:
        asked = len({p.requirement for p in answer.found}) + len(answer.unseen)
        some = f"{len(answer.unseen)} of {plural(asked, 'requirement')}"
        yield f"  no premise was seen in {some}: {', '.join(answer.unseen)}"
    yield from not_applicable(subject)
    if answer.counted:
        yield f"  counted among the first {plural(answer.counted, 'state')} found"
    if answer.searched:
        states = plural(answer.searched, "state")
        yield f"  what was not true there was looked for by compiled code in {states}"
    if answer.reason:
        yield f"  not everything was seen: {answer.reason}"


def _name(premise: Premise) -> str:
    """The requirement, with the line where it has several premises."""
    alone = premise.id == premise.requirement
    return premise.requirement if alone else f"{premise.requirement} (line {premise.at.line})"


def _first(premise: Premise) -> str:
    return "" if premise.first is None else plural(premise.first, "step")


def _document(subject: Subject, answer: Premises, code: ExitCode) -> dict[str, object]:
    constants = subject.instance.constants
    return {
        "schema": SCHEMA,
        "model": subject.target,
        "constants": constants_as_json(constants),
        "exit_code": int(code),
        "reason": answer.reason,
        "counted": answer.counted,
        "searched": answer.searched,
        "premises": [_premise(subject, p) for p in answer.found],
        "not_seen": list(answer.unseen),
        "not_applicable": subject.not_applicable,
    }


def _premise(subject: Subject, premise: Premise) -> dict[str, object]:
    witness = premise.witness
    return {
        "requirement": premise.requirement,
        "at": portable_place(premise.at),
        "cases": premise.cases,
        "of": premise.of,
        "first": premise.first,
        "witness": None if witness is None else trace_document(subject, witness),
    }
