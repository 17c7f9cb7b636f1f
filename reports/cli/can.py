"""`planespec can`: who may do what in a cluster, and what a subject can come to."""

from pathlib import Path

import click

from planespec.checker.errors import ConfigurationError, ExitCode
from planespec.reports.access.access_answers import (
    CODES,
    answer_may,
    answer_reach,
    answer_who,
)
from planespec.reports.access.access_reading import read_asked, read_cluster, read_subject
from planespec.reports.access.access_text import render_may, render_reach, render_who
from planespec.reports.cli.options import cluster_option, json_option
from planespec.spec.api.authorization.reach.reaching import find_reach


@click.command()
@click.argument("words", nargs=-1, metavar="[SUBJECT] [VERB RESOURCE] [SNAPSHOT...]")
@cluster_option
@click.option("--who", is_flag=True, help="List everybody who may: can --who VERB RESOURCE.")
@click.option("--reach", metavar="SUBJECT", help="List the shortest ways to more rights.")
@click.option("-n", "--namespace", default="", metavar="NAME", help="Where; all, if not given.")
@click.option("--name", default="", metavar="NAME", help="The object, for rules that name some.")
@click.option(
    "--group", "groups", multiple=True, metavar="NAME", help="A group that the subject is in."
)
@click.option(
    "--show",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    metavar="N",
    help="Print the first N ways to more.",
)
@json_option
def command(
    words: tuple[str, ...],
    files: tuple[str, ...],
    who: bool,
    reach: str | None,
    namespace: str,
    name: str,
    groups: tuple[str, ...],
    show: int,
    as_json: bool,
) -> ExitCode:
    """Say whether SUBJECT may VERB RESOURCE, with the rule and the binding that decide.

    SUBJECT is a user name, user:NAME, group:NAME or sa:NAMESPACE/NAME; RESOURCE is written as
    deployments, deployments.apps, pods/log, or as a path such as /metrics. A SNAPSHOT is what
    `planespec audit` reads. Exits 0 for yes, 12 for no, 152 where the input lacks what decides.
    With --reach it is 0 where there is no way to more and 12 where there is one. 150 is malformed
    input, 151 a wrong option.
    """
    asking = 0 if reach is not None else 2 if who else 3
    if all(Path(word).exists() for word in words[asking:]):
        files, words = (*files, *words[asking:]), words[:asking]
    _check(words, who, reach, (namespace, name))
    if reach is not None:
        user = read_subject(reach, groups)
        cluster = read_cluster(files)
        found = answer_reach(cluster, user, find_reach(cluster, user))
        click.echo(found.write_json() if as_json else render_reach(found, show))
        return found.exit_code
    asked = read_asked(words[-2], words[-1], namespace, name)
    if who:
        everybody = answer_who(read_cluster(files), asked)
        click.echo(everybody.write_json() if as_json else render_who(everybody))
        return CODES[everybody.verdict]
    user = read_subject(words[0], groups)
    answer = answer_may(read_cluster(files), user, asked)
    click.echo(answer.write_json() if as_json else render_may(answer))
    return CODES[answer.verdict]


def _check(words: tuple[str, ...], who: bool, reach: str | None, places: tuple[str, ...]) -> None:
    """Refuse what does not go together."""
    if reach is not None:
        if who or words or any(places):
            raise ConfigurationError("--reach takes a SUBJECT and --cluster only, and --group")
    elif len(words) != (2 if who else 3):
        form = "--who VERB RESOURCE" if who else "SUBJECT VERB RESOURCE"
        raise ConfigurationError(f"can needs {form}, or --reach SUBJECT")
