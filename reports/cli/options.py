"""Options that several commands share, and what they mean."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from planespec.checker.errors import ConfigurationError
from planespec.checker.instance import Instance
from planespec.reports.catalogue import instance_named

F = TypeVar("F", bound=Callable[..., Any])

MODEL = (
    "MODEL is a name that `planespec list` shows, or path/to/file.py:Class, with @NAME for an "
    "instance that it names."
)
"""What commands that take a model say at their end."""

model_argument = click.argument("model")
models_argument = click.argument("models", nargs=-1, metavar="[MODEL]...")
constants_option = click.option(
    "-c",
    "--constant",
    "constants",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a constant of the model; the size of a sort, a number, true, false or a member.",
)
mutant_option = click.option(
    "--mutant", metavar="NAME", help="Break the model in this way, which it names."
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document instead of text."
)
slow_option = click.option(
    "--slow", is_flag=True, help="Run also the instances that take minutes."
)
no_deadlock_option = click.option(
    "--no-deadlock", is_flag=True, help="Do not report states without a successor."
)
details_option = click.option(
    "-v", "--verbose", "--stats", "details", is_flag=True, help="Count every action."
)
workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=None,
    metavar="N",
    help="Threads of the native engine; all cores by default. Changes nothing but the time.",
)
engine_option = click.option(
    "--engine",
    type=click.Choice(["auto", "python", "native", "symbolic"]),
    default="auto",
    show_default=True,
    help="auto tries the reference engine (python) shortly, then compiles (native); symbolic "
    "asks a solver for behaviours of up to --depth steps.",
)
budget_option = click.option(
    "--budget",
    "budgets",
    multiple=True,
    metavar="LIMITS",
    help="Stop as Unknown at states=N, seconds=S or memory=4GB (the state store); repeatable.",
)


def requirements_option(
    meaning: str = "Judge only this requirement or property; repeatable.",
) -> Callable[[F], F]:
    """The requirements that a command is about."""
    return click.option("--requirement", "requirements", multiple=True, metavar="ID", help=meaning)


def instance_of(model: str, constants: tuple[str, ...], mutant: str | None = None) -> Instance:
    """The model of that name with its constants; raises InputError or ConfigurationError.

    `MODEL@small` has the constants of the instance that the model names so, but for those given.
    """
    return instance_named(model, parse_constants(constants), mutant)


def parse_constants(pairs: tuple[str, ...]) -> dict[str, str]:
    """`-c NAME=VALUE` by name; the values are read by the model, which knows their types."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ConfigurationError(f"-c {pair}: expected NAME=VALUE, such as servers=3")
        if name in found:
            raise ConfigurationError(f"-c {name} is given twice: {found[name]} and {value}")
        found[name] = value
    return found


def workers_of(workers: int | None) -> int:
    """The number asked for, or every core this process may use."""
    return workers or len(os.sched_getaffinity(0))
