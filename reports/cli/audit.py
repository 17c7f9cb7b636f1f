"""`planespec audit`: requirements on a snapshot of a real cluster, or on its logs."""

import os
import re
from pathlib import Path

import click

from planespec.checker.errors import ConfigurationError, ExitCode
from planespec.reports.audit.audit_result import Report, render_json, render_text
from planespec.reports.audit.audit_sarif import render_sarif
from planespec.reports.audit.explanations import explain as explained
from planespec.reports.audit.live_cluster import read_live_cluster
from planespec.reports.audit.log_files import audit_logs
from planespec.reports.audit.sources import audit_files
from planespec.reports.audit.what_counts import (
    SEVERITIES,
    Control,
    apply_control,
    keep_new,
    override,
    read_control,
    write_accepted,
)
from planespec.reports.cli.options import json_option
from planespec.reports.files import write_output

_HEAD = re.compile(r"^(\S+ )(error|warning):", re.MULTILINE)
_COLOURS = {"error": "red", "warning": "yellow"}


def _ids(
    _context: click.Context, _parameter: click.Parameter, said: tuple[str, ...]
) -> tuple[str, ...]:
    """Take lists apart: `OBJ-1,STAT` and the option given twice are the same."""
    return tuple(name.strip() for text in said for name in text.split(",") if name.strip())


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE...]")
@click.option("--log", "logs", multiple=True, metavar="FILE", help="Follow an audit log or watch.")
@click.option("--kubeconfig", metavar="FILE", help="Read the cluster of a kubeconfig.")
@click.option("--context", metavar="NAME", help="The context of the kubeconfig.")
@json_option
@click.option("--sarif", type=click.Path(path_type=Path), help="Also write SARIF 2.1.0 to a file.")
@click.option(
    "--show",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    metavar="N",
    help="Print the first N violations of each requirement.",
)
@click.option(
    "--select", multiple=True, callback=_ids, metavar="ID,...", help="Judge these, or areas, only."
)
@click.option(
    "--ignore", multiple=True, callback=_ids, metavar="ID,...", help="Leave these, or areas, out."
)
@click.option("--severity", type=click.Choice(SEVERITIES), help="Tell what is at least as bad.")
@click.option(
    "-n",
    "--namespace",
    multiple=True,
    callback=_ids,
    metavar="NAME,...",
    help="Tell what is about objects of these namespaces.",
)
@click.option("--strict", is_flag=True, help="Exit 12 for warnings, too.")
@click.option("--baseline", metavar="FILE", help="Leave out the findings accepted in FILE.")
@click.option(
    "--write-baseline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Accept all findings: write them to FILE, and exit 0.",
)
@click.option(
    "--diff", nargs=2, metavar="OLD NEW", help="Tell what NEW breaks that OLD does not, and mends."
)
@click.option("--explain", metavar="ID", help="Tell what a requirement means, and what to do.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Settings, instead of .planespec.toml or pyproject.toml.",
)
def command(
    files: tuple[str, ...],
    logs: tuple[str, ...],
    kubeconfig: str | None,
    context: str | None,
    as_json: bool,
    sarif: Path | None,
    show: int,
    write_baseline: Path | None,
    diff: tuple[str, str] | None,
    explain: str | None,
    config: Path | None,
    **said: object,
) -> ExitCode:
    """Judge the objects of a cluster in each FILE, a folder, an archive, or - for standard input.

    All files together are one snapshot. With --log a FILE holds audit.k8s.io events, watch events
    or what kubectl get --watch prints; one that begins with events needs no --log.
    Exits 0 without an error, 12 with one (with --strict for warnings, too), 150 where there is
    none but a part of the input could not be read, 151 when an option is wrong, 152 where nothing
    could be judged.
    """
    if explain is not None:
        click.echo(explained(explain))
        return ExitCode.HOLDS
    control = override(read_control(Path.cwd(), config), **said).check()
    live = kubeconfig is not None or context is not None
    if bool(files) + bool(logs) + live + bool(diff) != 1:
        raise ConfigurationError(
            "audit needs one of FILE..., --log FILE, --diff OLD NEW or --kubeconfig FILE"
        )
    if diff is not None:
        report = _audit((diff[1],), (), control)
        keep_new(report, _audit((diff[0],), (), control))
    elif live:
        report = read_live_cluster(kubeconfig, context).judge()
        apply_control(report, control)
    else:
        report = _audit(files, logs, control)
    if write_baseline is not None:
        write_output(write_baseline, write_accepted(report))
        click.echo(f"{write_baseline}: {len(report.violations):,} violations are accepted")
        return ExitCode.HOLDS
    if sarif is not None:
        write_output(sarif, render_sarif(report))
    _print(render_json(report) if as_json else _colour(render_text(report, show)))
    return report.exit_code


def _audit(files: tuple[str, ...], logs: tuple[str, ...], control: Control) -> Report:
    """Judge snapshots and logs; a file of events is a log without being called so."""
    report = audit_logs(logs) if logs else audit_files(files)
    apply_control(report, control)
    return report


def _print(text: str) -> None:
    """Print to a terminal in colour, unless the user wants none (https://no-color.org)."""
    click.echo(text, color=False if os.environ.get("NO_COLOR") else None)


def _colour(text: str) -> str:
    return _HEAD.sub(lambda m: m[1] + click.style(m[2], fg=_COLOURS[m[2]], bold=True) + ":", text)
