"""What an audit found, as SARIF 2.1.0 with places in the input files."""

import json
import re
from collections.abc import Iterable

from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.explanations import read_explanations
from planespec.reports.audit.field_lines import locate_field
from planespec.reports.formats.sarif_log import Result, Rule, sarif_log
from planespec.reports.text.wording import Place as FilePlace
from planespec.reports.text.wording import relative_path
from planespec.spec.cluster.cluster_requirements import (
    Malformed,
    Place,
    Reference,
    Violation,
)
from planespec.spec.cluster.snapshot_judge import list_audited
from planespec.spec.requirement import Requirement

MALFORMED = Requirement("INPUT-1", "Every object of the input can be read.", "planespec audit")
"""About a file, not about a cluster, so that it is no requirement among the others."""
MOST_RELATED = 100
"""Related locations written for one result; the message has the number of all."""
_UPSTREAM = "https://github.com/kubernetes/kubernetes/blob/v1.36.0"
_STAGING = ("apimachinery/", "apiserver/", "client-go/", "component-helpers/")
_PATH = re.compile(r"[\w./{}-]+")


def render_sarif(report: Report) -> str:
    """Write one run with a rule for each requirement and a result for each finding."""
    rules = [_rule(each) for each in (*list_audited(), MALFORMED)]
    results = [_result(each) for each in report.violations]
    results += [_malformed_result(each) for each in report.malformed]
    # A file may hold half of a surrogate pair, which no UTF-8 can: every other letter is escaped.
    return json.dumps(sarif_log(rules, results, "planespec audit"), indent=2) + "\n"


def uri_of_source(source: str) -> str:
    """Return where a source can be read: its own address, an upstream file or a KEP; or nothing.

    >>> uri_of_source("KEP-2485")
    'https://kep.k8s.io/2485'
    """
    if source.startswith("https://"):
        return source.split()[0].rstrip(",;")
    if found := re.match(r"KEP-(\d+)", source):
        return f"https://kep.k8s.io/{found[1]}"
    path = _PATH.match(source)
    if path is None or "/" not in path[0] or "{" in path[0]:
        return ""
    staged = path[0].startswith(_STAGING)
    return f"{_UPSTREAM}/{'staging/src/k8s.io/' if staged else ''}{path[0].rstrip('.')}"


def _rule(requirement: Requirement) -> Rule:
    told = read_explanations().get(requirement.id)
    return Rule(
        id=requirement.id,
        name=requirement.name,
        statement=requirement.statement,
        source=requirement.source,
        level=requirement.severity,
        help_text="" if told is None else told.remedy,
        help_uri=uri_of_source(requirement.source),
    )


def _result(violation: Violation) -> Result:
    requirement, field = violation.requirement, violation.field
    subject = str(violation.objects[0]) if violation.objects else ""
    related = [each for each in violation.objects[1:] if each.place is not None]
    return Result(
        rule=requirement.id,
        kind="fail",
        level=requirement.severity,
        message=": ".join(filter(None, (subject, violation.message))),
        place=_place(locate_field(violation)),
        subject=f"{subject} {field}",
        logical=_name(violation.objects[:1], field),
        related=tuple((str(each), _place(each.place)) for each in related[:MOST_RELATED]),
        properties=violation.numbers,
    )


def _malformed_result(malformed: Malformed) -> Result:
    words = [malformed.subject, malformed.field, malformed.message]
    return Result(
        rule=MALFORMED.id,
        kind="fail",
        level=MALFORMED.severity,
        message=": ".join(filter(None, words)),
        place=_place(malformed.place),
        subject=f"{malformed.subject} {malformed.field}",
    )


def _name(objects: Iterable[Reference], field: str) -> str:
    return next((" ".join(filter(None, (str(each), field))) for each in objects), "")


def _place(place: Place | None) -> FilePlace | None:
    """Return the place as a log names it; of standard input there is none."""
    if place is None:
        return None
    return FilePlace(relative_path(place.file), max(place.line, 1), 0)
