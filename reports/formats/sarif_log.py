"""A SARIF log from rules and results; knows nothing of models.

After OASIS SARIF 2.1.0: files are relative to `%SRCROOT%`, so that a log is the same on every
machine, and fingerprints let a host recognise a finding that moved.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from planespec import __version__
from planespec.reports.text.wording import Place

VERSION = "2.1.0"
SCHEMA_URI = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"


@dataclass(frozen=True, slots=True)
class Rule:
    """What can be found: an id, its sentence, where it comes from."""

    id: str
    name: str
    statement: str
    source: str = ""
    level: str = ""
    """The level of a result that says none: error, warning or note."""
    help_text: str = ""
    help_uri: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One finding: `kind` is pass, fail or open; `level` error, warning, note or none.

    `flow` lists the steps that lead to it, each a sentence with its place. `subject` tells two
    findings of one rule at one place apart.
    """

    rule: str
    kind: str
    level: str
    message: str
    place: Place | None = None
    subject: str = ""
    flow: tuple[tuple[str, Place | None], ...] = field(default=())
    logical: str = ""
    """The thing it is about, where that is no place in a file."""
    related: tuple[tuple[str, Place | None], ...] = field(default=())
    properties: Mapping[str, int | str] = field(default_factory=dict)


def sarif_log(
    rules: list[Rule], results: list[Result], tool: str = "planespec"
) -> dict[str, object]:
    """The log of one run."""
    index = {rule.id: number for number, rule in enumerate(rules)}
    driver = {
        "name": tool,
        "version": __version__,
        "rules": [_rule(rule) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(result, index) for result in results],
    }
    return {"$schema": SCHEMA_URI, "version": VERSION, "runs": [run]}


def _rule(rule: Rule) -> dict[str, object]:
    made: dict[str, object] = {"id": rule.id, "name": rule.name or rule.id}
    made["shortDescription"] = {"text": rule.statement or rule.id}
    if rule.source:
        made["fullDescription"] = {"text": f"{rule.statement} ({rule.source})"}
    if rule.help_text:
        made["help"] = {"text": rule.help_text}
    if rule.help_uri:
        made["helpUri"] = rule.help_uri
    if rule.level:
        made["defaultConfiguration"] = {"level": rule.level}
    return made


def _result(result: Result, index: dict[str, int]) -> dict[str, object]:
    made: dict[str, object] = {
        "ruleId": result.rule,
        "ruleIndex": index[result.rule],
        "kind": result.kind,
        "level": result.level,
        "message": {"text": result.message},
        "partialFingerprints": {"planespec/1": _fingerprint(result)},
    }
    names = [{"fullyQualifiedName": result.logical}] if result.logical else []
    if result.place is not None or names:
        named = {"logicalLocations": names} if names else {}
        made["locations"] = [_location(result.place) | named]
    if result.related:
        made["relatedLocations"] = [
            {"id": number, **_location(place, text)}
            for number, (text, place) in enumerate(result.related)
        ]
    if result.properties:
        made["properties"] = dict(result.properties)
    if result.flow:
        steps = [{"location": _location(place, text)} for text, place in result.flow]
        made["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return made


def _location(place: Place | None, text: str | None = None) -> dict[str, object]:
    made: dict[str, object] = {}
    if place is not None:
        region = {"startLine": place.line}
        if place.column:
            region["startColumn"] = place.column
        artifact = {"uri": uri_of(place.file), "uriBaseId": ROOT}
        made["physicalLocation"] = {"artifactLocation": artifact, "region": region}
    if text is not None:
        made["message"] = {"text": text}
    return made


def uri_of(path: str) -> str:
    """A relative path as a URI reference; a colon in its first part would be a scheme."""
    quoted = quote(path.replace("\\", "/"), safe="/:", errors="surrogatepass")
    return f"./{quoted}" if ":" in quoted.partition("/")[0] else quoted


def _fingerprint(result: Result) -> str:
    told = f"{result.rule}\0{result.subject}".encode("utf-8", "backslashreplace")
    return hashlib.sha256(told).hexdigest()[:32]
