"""`planespec export MODEL --to ...`: a model, its states or a trace for another tool."""

from pathlib import Path

import click

from planespec.checker.budget import Options
from planespec.checker.errors import ConfigurationError, ExitCode
from planespec.checker.outcome import Verdict
from planespec.reports.cli.options import (
    budget_option,
    constants_option,
    instance_of,
    model_argument,
    mutant_option,
    parse_budget,
    requirements_option,
    telling,
    workers_of,
)
from planespec.reports.files import write_output
from planespec.reports.text.verdicts import exit_code_of
from planespec.reports.text.wording import Subject

LIMIT = 1_000
GRAPHS = ("dot", "graphml")


@click.command(
    epilog="MODEL is a name that `planespec list` shows, or path/to/file.py:Class; for mermaid it "
    "may be a trace, FILE.json, that `planespec check --save` or --itf wrote."
)
@model_argument
@click.option(
    "--to",
    "form",
    type=click.Choice(["tla", *GRAPHS, "mermaid"]),
    required=True,
    help="tla: a TLA+ module and the configuration TLC runs it with; dot, graphml: the state "
    "graph; mermaid: a counterexample as a sequence diagram.",
)
@constants_option
@mutant_option
@requirements_option("dot, graphml, mermaid: judge only this requirement or property; repeatable.")
@click.option("--symmetry", is_flag=True, help="tla: have TLC reduce by the symmetric sorts.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=LIMIT,
    show_default=True,
    metavar="N",
    help="dot, graphml: refuse to draw more states than this.",
)
@budget_option
@click.option("--model", "named", metavar="MODEL", help="The model, where FILE does not name it.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="tla: the folder for the files, the current one by default, made if need be; else the "
    "file to write, standard output by default.",
)
def command(
    model: str,
    form: str,
    constants: tuple[str, ...],
    mutant: str | None,
    requirements: tuple[str, ...],
    symmetry: bool,
    limit: int,
    budgets: tuple[str, ...],
    named: str | None,
    output: Path | None,
) -> ExitCode:
    """Write MODEL in the form of another tool.

    tla: the module has the same actions with the same parameters, so that TLC generates and stores
    as many states as `planespec check` does. dot, graphml: every reachable state and every step,
    for models of few states. mermaid: the messages of a counterexample, or of the trace in a file.
    """
    if form == "mermaid" and model.endswith(".json"):
        return _write(output, _drawn_trace(Path(model), named, constants))
    instance = instance_of(model, constants, mutant)
    if form == "tla":
        return _write_tla(Subject(model, instance), output or Path(), symmetry=symmetry)
    subject = Subject(model, instance, instance.check_deadlock)
    if form in GRAPHS:
        return _write(output, _graph(subject, form, requirements or None, limit))
    return _write_counterexample(subject, requirements or None, budgets, output)


def _write(output: Path | None, text: str) -> ExitCode:
    if output is None:
        click.echo(text, nl=False)
    else:
        write_output(output, text)
        click.echo(output)
    return ExitCode.HOLDS


def _write_tla(subject: Subject, folder: Path, *, symmetry: bool) -> ExitCode:
    from planespec.checker.front.compile import compile_system
    from planespec.reports.formats.tla.module import export

    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(f"-o {folder} is a file; TLA+ needs a folder")
    made = export(compile_system(subject.instance), symmetry=symmetry)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (
        (f"{made.name}.tla", made.module),
        (f"{made.name}.cfg", made.configuration),
    ):
        write_output(folder / name, text)
        click.echo(folder / name)
    return ExitCode.HOLDS


def _graph(subject: Subject, form: str, requirements: tuple[str, ...] | None, limit: int) -> str:
    from planespec.reports.formats.graph_files import dot_text, graphml_text
    from planespec.reports.formats.state_graphs import state_graph

    graph = state_graph(subject, requirements, limit)
    return dot_text(graph) if form == "dot" else graphml_text(graph)


def _drawn_trace(file: Path, named: str | None, constants: tuple[str, ...]) -> str:
    from planespec.reports.formats.graph_files import mermaid_text
    from planespec.reports.replay.rerunning import rerun
    from planespec.reports.replay.saved_traces import read_recorded

    recorded = read_recorded(file)
    name = named or recorded.model
    if name is None:
        raise ConfigurationError(f"{file} does not say which model it is of: give --model")
    instance = instance_of(name, (*recorded.constants, *constants), recorded.mutant)
    deadlock = instance.check_deadlock and recorded.check_deadlock
    result = rerun(recorded, instance, deadlock)
    return mermaid_text(Subject(name, instance, deadlock), result.trace, result.violation)


def _write_counterexample(
    subject: Subject,
    requirements: tuple[str, ...] | None,
    budgets: tuple[str, ...],
    output: Path | None,
) -> ExitCode:
    from planespec.checker.run import check
    from planespec.reports.formats.graph_files import mermaid_text

    budget = parse_budget(budgets, None)
    with telling() as progress:
        options = Options(
            requirements,
            check_deadlock=subject.check_deadlock,
            workers=workers_of(None),
            budget=budget,
            on_progress=progress,
        )
        outcome = check(subject.instance, "auto", options)
    violation = outcome.violation
    if violation is not None:
        return _write(output, mermaid_text(subject, violation.trace, violation))
    if outcome.verdict is not Verdict.UNKNOWN:
        within = f" within {outcome.bound}" if outcome.bound else ""
        raise ConfigurationError(
            f"{subject.target} holds{within}: there is no counterexample to draw; "
            "break it with --mutant, or name a trace that was saved"
        )
    click.echo(f"planespec: no counterexample so far: {outcome.reason}", err=True)
    return exit_code_of(outcome)
