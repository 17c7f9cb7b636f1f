"""`planespec mutate MODEL`: which requirement notices which way of being broken?"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import click

from planespec.checker.budget import Options
from planespec.checker.errors import ConfigurationError, ExitCode
from planespec.checker.instance import Instance
from planespec.checker.lang.named import split_target
from planespec.checker.outcome import Outcome
from planespec.checker.run import check
from planespec.reports.cli.options import (
    budget_option,
    constants_option,
    engine_option,
    instance_of,
    json_option,
    model_argument,
    parse_budget,
    slow_option,
    workers_of,
    workers_option,
)
from planespec.reports.files import dumps
from planespec.reports.input.catalogue import entry_of, load_model, made
from planespec.reports.mutation import (
    Cell,
    Fate,
    Row,
    Trial,
    asked_columns,
    idle_columns,
    kill_matrix,
    mark,
)
from planespec.reports.text.outcome_text import verdict_line
from planespec.reports.text.verdicts import exit_code_of
from planespec.reports.text.wording import (
    Subject,
    constants_as_json,
    plural,
    readable_constants,
)

SCHEMA = "planespec/mutate/1"
CELL_STATES = 1_000_000
"""Distinct states after which a requirement counts as undecided about a mutant, by default: some
mutants open a space far larger than the model's own."""


@click.command()
@model_argument
@constants_option
@engine_option
@workers_option
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    metavar="N",
    help="Expand no state further than N steps; engine symbolic: the longest behaviour.",
)
@budget_option
@slow_option
@json_option
def command(
    model: str,
    constants: tuple[str, ...],
    engine: str,
    workers: int | None,
    depth: int | None,
    budgets: tuple[str, ...],
    slow: bool,
    as_json: bool,
) -> ExitCode:
    """Break MODEL in every way it names and show which requirement notices, and how soon.

    Where MODEL names instances, a mutant is tried in each until one kills it; MODEL@NAME and -c
    try it in one alone.

    Numbers are the steps of a shortest counterexample. Exits 0 when every mutant is killed, 12
    when one survives, 152 when a budget left one undecided, and as `check` does when the model
    is broken already. Without --budget a requirement sees 1,000,000 distinct states of a mutant.
    """
    plain = instance_of(model, constants)
    if not plain.mutants:
        raise ConfigurationError(f"{model} has no mutants: it declares none with mutant(...)")
    options = Options(workers=workers_of(workers), budget=parse_budget(budgets, depth))
    trials = _trials(model, constants, slow, engine, options)
    _refuse_idle(model, [trial.make(None) for trial in trials])
    per_cell = options if budgets or engine == "symbolic" else _bounded(options)
    try:
        rows, interrupted = _rows(kill_matrix(trials, engine, per_cell, _announcer()))
    except _BrokenError as broken:
        click.echo(f"{broken}\nThe model must hold before its mutants mean anything.", err=True)
        return broken.code
    code = ExitCode.INTERRUPTED if interrupted else _exit_code(rows)
    if as_json:
        click.echo(dumps(_document(model, trials, rows, code, interrupted)))
    else:
        limits = [_within(trials), "" if depth is None else f"depth {depth}"]
        click.echo(_render(model, ", ".join(filter(None, limits)), rows))
    if interrupted:
        asked = f"{len(rows)} of {plural(len(plain.mutants), 'mutant')} asked about"
        click.echo(f"planespec: interrupted, {asked}", err=True)
    return code


class _BrokenError(Exception):
    """The model itself is broken; the message is its verdict."""

    def __init__(self, message: str, code: ExitCode) -> None:
        super().__init__(message)
        self.code = code


def _trials(
    model: str, constants: tuple[str, ...], slow: bool, engine: str, options: Options
) -> list[Trial]:
    """The instances that mutants are tried in: all that the model names, or the one asked for."""
    named = () if constants or split_target(model)[1] else entry_of(model).instances
    chosen = [one for one in named if slow or not one.slow]
    if named and not chosen:
        raise ConfigurationError(f"every instance of {model} is slow: --slow runs them")

    def trial(name: str, target: str, make: Callable[[str | None], Instance]) -> Trial:
        asked: list[Outcome] = []

        def expect() -> None:
            plain = make(None)
            asked.extend([check(plain, engine, _healthy(plain, options))] if not asked else [])
            code = exit_code_of(asked[0])
            if code is not ExitCode.HOLDS:
                raise _BrokenError(verdict_line(Subject(target, plain), asked[0]), code)

        return Trial(name, make, expect)

    if not chosen:
        return [trial("", model, lambda m: instance_of(model, constants, m))]
    found = load_model(model)
    return [trial(one.name, f"{model}@{one.name}", partial(made, found, one)) for one in chosen]


def _healthy(plain: Instance, options: Options) -> Options:
    return replace(options, check_deadlock=plain.check_deadlock)


def _refuse_idle(model: str, instances: list[Instance]) -> None:
    """Refuse a model none of whose mutants breaks anything in what is run."""
    if all(len(one.idle_mutants) == len(one.mutants) for one in instances):
        first = next(iter(instances[0].idle_mutants.values()))
        text = f"no mutant of {model} is applicable: {first.name} {first.reason}"
        raise ConfigurationError(text)


def _within(trials: list[Trial]) -> str:
    """What limits the answer: the constants, or the names of the instances."""
    if len(trials) > 1:
        return ", ".join(trial.name for trial in trials)
    return readable_constants(trials[0].make(None).constants)


def _bounded(options: Options) -> Options:
    return replace(options, budget=replace(options.budget, states=CELL_STATES))


def _rows(matrix: Iterator[Row[Cell]]) -> tuple[list[Row[Cell]], bool]:
    """All rows, or those until Ctrl-C, and whether that came."""
    rows: list[Row[Cell]] = []
    try:
        rows.extend(matrix)
    except KeyboardInterrupt:
        return rows, True
    return rows, False


def _document(
    model: str, trials: list[Trial], rows: list[Row[Cell]], code: ExitCode, interrupted: bool
) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "model": model,
        "constants": _constants(trials[0].make(None)),
        "instances": [
            {"name": t.name, "constants": _constants(t.make(None))} for t in trials if t.name
        ],
        "exit_code": int(code),
        "interrupted": interrupted,
        "mutants": _matrix(rows),
        "no_mutant_dies_for": idle_columns(rows),
    }


def _matrix(rows: list[Row[Cell]]) -> list[dict[str, object]]:
    return [
        {
            "mutant": row.mutant.name,
            "statement": row.mutant.doc,
            "fate": row.fate,
            "reason": row.reason,
            "instance": row.trial.name,
            "requirements": row.ends,
        }
        for row in rows
    ]


def _constants(instance: Instance) -> dict[str, object]:
    return constants_as_json(instance.constants)


def _announcer() -> Callable[[str, str], None]:
    """Name what is being asked on a terminal; say nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda mutant, column: None
    return lambda mutant, column: print(
        f"\r\x1b[2K{mutant} under {column}\r", end="", file=sys.stderr, flush=True
    )


def _exit_code(rows: list[Row[Cell]]) -> ExitCode:
    fates = {row.fate for row in rows}
    if Fate.SURVIVED in fates:
        return ExitCode.SAFETY
    return ExitCode.UNKNOWN if Fate.UNKNOWN in fates else ExitCode.HOLDS


def _render(model: str, constants: str, rows: list[Row[Cell]]) -> str:
    from tabulate import tabulate

    if not rows:
        return f"{model}: no mutant asked about so far"
    columns = asked_columns(rows)
    named = ["instance"] if any(row.trial.name for row in rows) else []
    header = ["mutant", *columns, "fate", *named]
    table = [
        [
            row.mutant.name,
            *(_shown(row.ends.get(column)) for column in columns),
            row.fate.value,
            row.trial.name,
        ]
        for row in rows
    ]
    table = [row[: len(header)] for row in table]
    align = ["left", *("right" for _ in columns), "left", *("left" for _ in named)]
    killed = sum(row.fate is Fate.KILLED for row in rows)
    asked = [row for row in rows if row.fate is not Fate.NOT_APPLICABLE]
    within = f" within {constants}" if constants else ""
    lines = [
        tabulate(table, header, colalign=align, disable_numparse=True),
        "",
        f"{model}: {killed} of {plural(len(asked), 'mutant')} killed{within}",
    ]
    lines += [
        f"  {_TOLD[row.fate]}: {row.mutant.name} ({_why(row)})"
        for fate in _TOLD
        for row in rows
        if row.fate is fate
    ]
    lines += [f"  no mutant dies for {column}" for column in idle_columns(rows)]
    return "\n".join(lines)


_TOLD = {
    Fate.SURVIVED: "survived",
    Fate.UNKNOWN: "undecided",
    Fate.NOT_APPLICABLE: "not applicable",
}
"""The fates that are told one by one, and how."""


def _why(row: Row[Cell]) -> str:
    if row.fate is Fate.SURVIVED:
        return row.mutant.doc
    return row.reason or ("budget" if row.ends else "the model claims nothing")


def _shown(cell: Cell | None) -> str:
    steps = f" {cell.steps}" if cell is not None and cell.fate is Fate.ERROR else ""
    return mark(cell) + steps
