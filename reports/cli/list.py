"""`planespec list`: which models there are, their constants, and what is known about them."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from textwrap import wrap

import click

from planespec.checker.errors import ConfigurationError, PlanespecError
from planespec.checker.instance import Instance
from planespec.checker.lang.named import NamedInstance
from planespec.checker.lang.properties import Claim
from planespec.reports.cli.options import constants_option, instance_of, json_option
from planespec.reports.files import dumps
from planespec.reports.input.catalogue import (
    Entry,
    KnownRequirement,
    catalogue,
    entry_of,
    list_known,
)
from planespec.reports.pages.holding import (
    holding_document,
    holding_facts,
    holding_sentences,
    holding_summary,
)
from planespec.reports.text.wording import constants_as_json, counted, plural, readable_constants

SCHEMA = "planespec/list/1"
REQUIREMENTS = "planespec/requirements/1"
WIDTH = 96
LONGEST = 116
"""Characters of a line of constants."""


@click.command()
@click.argument("model", required=False)
@click.option("--requirements", is_flag=True, help="Name requirements: all, an area, or one id.")
@constants_option
@json_option
def command(
    model: str | None, requirements: bool, constants: tuple[str, ...], as_json: bool
) -> None:
    """Name the models and their constants, and count what is known about them.

    With MODEL, a name or path/to/file.py:Class, everything that model claims, its mutants, what
    holds it, and the instances whose answer is known. With --requirements it is an id or an area,
    such as SCHED, and what is named are requirements, on what they are judged and by which models.
    """
    if constants and (model is None or requirements):
        raise ConfigurationError("-c sets the constants of one model: name it")
    if requirements:
        _list_requirements(model, as_json)
        return
    entries = _entries(model)
    if as_json:
        documents = [_document(entry, constants) for entry in entries]
        click.echo(dumps({"schema": SCHEMA, "models": documents}))
        return
    for number, entry in enumerate(entries):
        text = _render(entry, constants, in_full=model is not None)
        click.echo(("\n" if number else "") + text)


def _list_requirements(name: str | None, as_json: bool) -> None:
    found = list_known(name)
    if as_json:
        documents = [_requirement(each) for each in found]
        click.echo(dumps({"schema": REQUIREMENTS, "requirements": documents}))
        return
    for each in found:
        click.echo("\n".join(_requirement_lines(each, in_full=len(found) == 1)))


def _requirement_lines(known: KnownRequirement, *, in_full: bool) -> Iterator[str]:
    """What is known about a requirement, as text."""
    each = known.requirement
    yield f"{each.id}: {each.statement}"
    if in_full:
        yield f"  source    {each.source}"
        yield f"  severity  {each.severity}"
        yield f"  judged    {known.judged}"
    else:
        yield f"  {known.judged}"


def _requirement(known: KnownRequirement) -> dict[str, object]:
    each = known.requirement
    return {
        "id": each.id,
        "statement": each.statement,
        "source": each.source,
        "severity": each.severity,
        "levels": list(known.levels),
        "models": list(known.models),
    }


def _entries(model: str | None) -> list[Entry]:
    if model is None:
        return list(catalogue().values())
    return [entry_of(model)]


def _render(entry: Entry, constants: tuple[str, ...], *, in_full: bool) -> str:
    try:
        instance = instance_of(entry.name, constants)
    except PlanespecError as error:
        # A broken model of another package must not hide the others.
        if in_full:
            raise
        return f"{entry.name}\n  cannot be loaded: {str(error).splitlines()[0]}"
    lines = [entry.name, *(f"  {text}" for text in [_statement(instance)] if text)]
    if instance.constants:
        text = f"constants {readable_constants(instance.constants)}"
        lines += wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")
    if not in_full:
        return "\n".join([*lines, f"  {_counts(entry, instance)}"])
    lines += _holding(instance)
    tables = instance.binding.tables.items()
    if tables:
        described = (
            (n, f"{t.type}, {plural(t.size, 'value')} from {t.origin}") for n, t in tables
        )
        lines += ["", "  tables", *_named(described)]
    claims = [(c.id, _under(c.when, c.statement)) for c in _claims(instance)]
    lines += ["", "  requires", *_named(claims)]
    if instance.mutants:
        mutants = [(m.name, _under(m.when, m.doc)) for m in instance.mutants]
        lines += ["", "  mutants", *_named(mutants)]
    return "\n".join(lines) + _table(entry.instances)


def _counts(entry: Entry, instance: Instance) -> str:
    """How much more there is to say about a model."""
    counts = [plural(len(_claims(instance)), "requirement")]
    counts.append(plural(len(instance.mutants), "mutant"))
    counts.append(plural(len(entry.instances), "known instance"))
    counts.append(holding_summary(instance.model))
    text = f"{', '.join(filter(None, counts))}: planespec list {entry.name}"
    return "\n    ".join(wrap(text, LONGEST, break_on_hyphens=False))


def _holding(instance: Instance) -> Iterator[str]:
    """What holds a model, with where it is recorded and tested; nothing where it says nothing."""
    document = holding_document(instance.model)
    if document is None:
        return
    yield from ("", "  held to")
    for sentence, recording in zip_longest(holding_sentences(document), document.recordings):
        yield from wrap(sentence, WIDTH, initial_indent="    ", subsequent_indent="      ")
        for name, text in holding_facts(recording) if recording else ():
            yield f"      {name}: {text}"


def _claims(instance: Instance) -> list[Claim]:
    """What the model claims, whether the default constants have it or not."""
    return [*instance.requirements, *instance.not_applicable.values()]


def _under(when: str, text: str) -> str:
    return f"{text} (only when {when})" if when else text


def _named(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, text in pairs:
        yield f"    {name}: {text}"


def _statement(instance: Instance) -> str:
    return instance.doc.partition("\n")[0]


def _table(instances: tuple[NamedInstance, ...]) -> str:
    if not instances:
        return ""
    from tabulate import tabulate

    rows = [
        (
            known.name,
            readable_constants(known.constants) or "the defaults",
            known.verdict,
            *((counted(n) if n else "") for n in (known.distinct, known.generated, known.depth)),
            "slow" if known.slow else "",
        )
        for known in instances
    ]
    header = ("instance", "constants", "verdict", "distinct", "generated", "depth", "")
    align = ("left", "left", "left", "right", "right", "right", "left")
    table = tabulate(rows, header, colalign=align, disable_numparse=True)
    return "\n\n" + "\n".join(f"  {line}" for line in table.splitlines())


def _document(entry: Entry, constants: tuple[str, ...]) -> dict[str, object]:
    instance = instance_of(entry.name, constants)
    return {
        "name": entry.name,
        "target": entry.target,
        "statement": _statement(instance),
        "constants": constants_as_json(instance.constants),
        "tables": [
            {"name": name, "type": str(held.type), "values": held.size, "from": held.origin}
            for name, held in instance.binding.tables.items()
        ],
        "requirements": [
            {
                "id": c.id,
                "kind": c.kind.name.lower(),
                "statement": c.statement,
                "source": c.source,
                "when": c.when,
            }
            for c in _claims(instance)
        ],
        "held_to": holding_document(instance.model),
        "mutants": [
            {"name": m.name, "statement": m.doc, "issue": m.issue, "when": m.when}
            for m in instance.mutants
        ],
        "instances": [
            {
                "name": known.name,
                "constants": dict(known.constants),
                "slow": known.slow,
                "verdict": known.verdict or None,
                "distinct": known.distinct,
                "generated": known.generated,
                "depth": known.depth,
                "symmetric": known.symmetric,
            }
            for known in entry.instances
        ],
    }
