"""`planespec audit`: requirements on a snapshot of a real cluster, or on its logs."""

from pathlib import Path

import click

from planespec.checker.errors import ConfigurationError, ExitCode
from planespec.reports.audit.audit_result import Report, render_json, render_sarif, render_text
from planespec.reports.audit.log_audit import audit_logs, is_log
from planespec.reports.audit.sources import audit_files, read_live_cluster
from planespec.reports.cli.options import json_option
from planespec.reports.files import write_output


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
def command(
    files: tuple[str, ...],
    logs: tuple[str, ...],
    kubeconfig: str | None,
    context: str | None,
    as_json: bool,
    sarif: Path | None,
    show: int,
) -> ExitCode:
    """Judge the objects of a cluster in each FILE, a folder, or - for standard input.

    A FILE holds objects and lists in JSON or YAML, plain or gzip; all files together are one
    snapshot. With --log it holds audit.k8s.io/v1 events or watch events, a line each, and every
    log is followed by itself; files of JSON lines that begin with an event need no --log.
    Exits 0 without a violation, 12 with one, 150 where there is none but a part of the input
    could not be read, 151 when an option is wrong.
    """
    live = kubeconfig is not None or context is not None
    if bool(files) + bool(logs) + live != 1:
        raise ConfigurationError("audit needs one of FILE..., --log FILE or --kubeconfig FILE")
    found = [file for file in files if is_log(file)]
    files = tuple(file for file in files if file not in found)
    report = Report()
    if live:
        report = read_live_cluster(kubeconfig, context).judge()
    elif files:
        report = audit_files(files)
    if logs or found:
        report = audit_logs((*logs, *found), report=report)
    if sarif is not None:
        write_output(sarif, render_sarif(report))
    click.echo(render_json(report) if as_json else render_text(report, show))
    return report.exit_code
