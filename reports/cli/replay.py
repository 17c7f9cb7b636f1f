"""`planespec replay FILE`: take every step of a counterexample again."""

from pathlib import Path

import click

from planespec.checker.errors import ConfigurationError, ExitCode
from planespec.reports.cli.options import constants_option, instance_of, json_option
from planespec.reports.files import dumps
from planespec.reports.formats.outcome_json import trace_document, violation_document
from planespec.reports.replay.rerunning import Rerun, rerun
from planespec.reports.replay.saved_traces import Recorded, read_recorded
from planespec.reports.text.outcome_text import violated, violation_lines
from planespec.reports.text.trace_text import render_trace
from planespec.reports.text.verdicts import exit_code_of_violation
from planespec.reports.text.wording import (
    Subject,
    constants_as_json,
    plural,
    readable_constants,
)

SCHEMA = "planespec/replay/1"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--model", metavar="MODEL", help="The model, where FILE does not name it.")
@click.option(
    "--requirement",
    metavar="ID",
    help="Of the counterexamples that `check --continue --save` wrote the one of ID.",
)
@constants_option
@json_option
def command(
    file: Path,
    model: str | None,
    requirement: str | None,
    constants: tuple[str, ...],
    as_json: bool,
) -> ExitCode:
    """Run the counterexample in FILE under CPython and exit as the search did.

    FILE was written by `planespec check --save` or --itf, or is an ITF trace of another tool; a
    trace that tells no actions is followed by its states. Exits 150 when FILE is no behaviour of
    the model, naming the step, and 0 when it is one and nothing is wrong with it.
    """
    recorded = read_recorded(file, requirement)
    name = model or recorded.model
    if name is None:
        raise ConfigurationError(f"{file} does not say which model it is of: give --model")
    given = {pair.partition("=")[0] for pair in constants}
    kept = tuple(p for p in recorded.constants if p.partition("=")[0] not in given)
    instance = instance_of(name, (*kept, *constants), recorded.mutant)
    deadlock = instance.check_deadlock and recorded.check_deadlock
    subject = Subject(name, instance, deadlock)
    result = rerun(recorded, instance, deadlock)
    code = ExitCode.HOLDS if result.violation is None else exit_code_of_violation(result.violation)
    click.echo(
        dumps(_document(subject, result, code)) if as_json else _render(subject, recorded, result)
    )
    return code


def _render(subject: Subject, recorded: Recorded, result: Rerun) -> str:
    lines = [render_trace(subject, result.trace), ""]
    mutant = f" with mutant {subject.instance.mutant}" if subject.instance.mutant else ""
    constants = readable_constants(subject.instance.constants)
    head = f"{subject.target}{mutant}"
    tail = f"with {constants}" if constants else ""
    steps = plural(len(result.trace.steps), "step")
    if result.violation is None:
        lines.append(
            f"{head}: {recorded.file} is a behaviour of {steps} that breaks nothing {tail}"
        )
    else:
        lines.append(
            f"{head}: {violated(subject, result.violation)} after {steps} {tail}".rstrip()
        )
        lines.extend(violation_lines(subject, result.violation))
    return "\n".join(lines).rstrip()


def _document(subject: Subject, result: Rerun, code: ExitCode) -> dict[str, object]:
    instance = subject.instance
    return {
        "schema": SCHEMA,
        "model": subject.target,
        "constants": constants_as_json(instance.constants),
        "mutant": instance.mutant,
        "exit_code": int(code),
        "violation": violation_document(subject, result.violation),
        "trace": trace_document(subject, result.trace),
    }
