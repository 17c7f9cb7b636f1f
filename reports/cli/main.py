"""Dispatch: find the sub-command, turn every foreseen error into one message and an exit code."""

import importlib
import io
import os
import sys
import traceback

import click

from planespec.checker.errors import ExitCode, PlanespecError, did_you_mean
from planespec.checker.interrupts import heeded

COMMANDS = {
    "new": "write a model, a controller or a requirement to begin with, and its test",
    "list": "name the models and what is known about them",
    "check": "search every state of a model and say what holds",
    "simulate": "take random walks through a model that is too large to search",
    "explore": "step through a model by hand, and ask why an action is not enabled",
    "prove": "prove requirements by induction, for behaviours of any length",
    "vacuity": "count the cases each requirement had, with the first witness",
    "replay": "run a saved counterexample or an ITF trace step by step",
    "mutate": "break a model in every way it names and see which requirement notices",
    "conform": "hold a rule or a model to recorded answers of a real system",
    "audit": "judge a snapshot of a real cluster, or its logs, by the requirements",
    "fit": "explain for every node why a pod fits or not, with scores",
    "can": "say who may do what in a cluster, and what a subject can come to",
    "admit": "show what an API server would store of a new object, or why it refuses it",
    "report": "write pages, JUnit and SARIF about models, their requirements and mutants",
    "baseline": "compare verdicts and counts of every instance with a committed file",
    "export": "write a model for TLC, its state graph, or a counterexample as a diagram",
    "hunt": "look for the known defects of a real etcd",
}
"""Sub-command to one line of help; the module is `planespec.reports.cli.<name>`."""


class LazyGroup(click.Group):
    """A click group that imports a sub-command's module only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import `planespec.reports.cli.<name>` and return its `command`."""
        if cmd_name not in COMMANDS:
            near = did_you_mean(cmd_name, COMMANDS)
            raise click.UsageError(f"No such command {cmd_name!r}{near}", ctx)
        module = importlib.import_module(f"planespec.reports.cli.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table without importing any sub-command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print the version and leave; reading the metadata waits until somebody asks."""
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"planespec {version('planespec')}")
    except PackageNotFoundError:
        from planespec import __version__

        click.echo(f"planespec {__version__}")
    ctx.exit()


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show the version and exit.",
)
def group() -> None:
    """An executable specification of the Kubernetes control plane, and its model checker."""


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code; foreseen errors print one message."""
    for stream in (sys.stdout, sys.stderr):
        # What a stream cannot show, such as a part of a file name, it writes as an escape.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        with heeded():
            code = group.main(arguments, prog_name="planespec", standalone_mode=False)
        return int(code or 0)
    except click.ClickException as error:
        error.show()
        return ExitCode.CONFIGURATION
    except (click.Abort, KeyboardInterrupt):
        print("planespec: interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED
    except PlanespecError as error:
        print(f"planespec: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.SYSTEM
    except SystemExit:
        # How click answers a closed pipe: with the code 1, which no table explains.
        return ExitCode.SYSTEM
    except OSError as error:
        place = f"{error.filename}: " if error.filename else "cannot write: "
        print(f"planespec: {place}{error.strerror or error}", file=sys.stderr)
        return ExitCode.SYSTEM
    except MemoryError:
        print("planespec: out of memory; --budget memory=4GB ends in time", file=sys.stderr)
        return ExitCode.SYSTEM
    except Exception as error:
        return _report_defect(error)


def _report_defect(error: Exception) -> int:
    """What nobody foresaw is a defect of planespec; only its author wants the traceback."""
    if os.environ.get("PLANESPEC_TRACEBACK"):
        traceback.print_exc()
    print(
        f"planespec: internal error, {type(error).__name__}: {error}\n"
        "This is a defect of planespec; PLANESPEC_TRACEBACK=1 shows where it happened.",
        file=sys.stderr,
    )
    return ExitCode.SYSTEM
