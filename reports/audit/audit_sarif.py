"""What an audit found, as SARIF 2.1.0 with places in the input files.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0.
"""

import json
from collections.abc import Iterable

from planespec.reports.audit.audit_result import Report
from planespec.reports.formats.sarif_log import ROOT, uri_of
from planespec.reports.text.wording import relative_path
from planespec.spec.cluster.finding import Malformed, Place, Reference, Violation, place_of
from planespec.spec.cluster.snapshot_judge import list_audited
from planespec.spec.requirement import Requirement

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MALFORMED = Requirement("INPUT-1", "Every object of the input can be read.", "planespec audit")
"""About a file, not about a cluster, so that it is no requirement among the others."""
MOST_RELATED = 100
"""Related locations written for one result; the message has the number of all."""


def render_sarif(report: Report) -> str:
    """Write one run with a rule for each requirement and a result for each finding."""
    rules = [*list_audited(), MALFORMED]
    index = {rule.id: number for number, rule in enumerate(rules)}
    results = [_result(each, index) for each in report.violations]
    results += [_malformed_result(each, index) for each in report.malformed]
    driver = {"name": "planespec audit", "rules": [_rule(each) for each in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(requirement: Requirement) -> dict[str, object]:
    return {
        "id": requirement.id,
        "shortDescription": {"text": requirement.statement},
        "help": {"text": f"Written in {requirement.source}"},
        "defaultConfiguration": {"level": requirement.severity},
    }


def _result(violation: Violation, index: dict[str, int]) -> dict[str, object]:
    requirement = violation.requirement
    subject = f"{violation.objects[0]}: " if violation.objects else ""
    result: dict[str, object] = {
        "ruleId": requirement.id,
        "ruleIndex": index[requirement.id],
        "level": requirement.severity,
        "message": {"text": f"{subject}{violation.message}"},
        "locations": _locations(place_of(violation), violation.objects[:1], violation.field),
    }
    related = [each for each in violation.objects[1:] if each.place is not None]
    if related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": str(each)}, **_physical(each.place)}
            for number, each in enumerate(related[:MOST_RELATED])
        ]
    if violation.numbers:
        result["properties"] = dict(violation.numbers)
    return result


def _malformed_result(malformed: Malformed, index: dict[str, int]) -> dict[str, object]:
    words = [malformed.subject, malformed.field, malformed.message]
    return {
        "ruleId": MALFORMED.id,
        "ruleIndex": index[MALFORMED.id],
        "level": MALFORMED.severity,
        "message": {"text": ": ".join(filter(None, words))},
        "locations": _locations(malformed.place, (), malformed.field),
    }


def _locations(
    place: Place | None, objects: Iterable[Reference], field: str
) -> list[dict[str, object]]:
    location: dict[str, object] = _physical(place)
    names = [{"fullyQualifiedName": " ".join(filter(None, (str(o), field)))} for o in objects]
    if names:
        location["logicalLocations"] = names
    return [location] if location else []


def _physical(place: Place | None) -> dict[str, object]:
    if place is None:
        return {}
    artifact = {"uri": uri_of(relative_path(place.file)), "uriBaseId": ROOT}
    region = {"startLine": max(place.line, 1)}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}
