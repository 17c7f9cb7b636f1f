"""Findings that say what another says of the same field: the schema of a kind says it best."""

import re

from planespec.reports.audit.audit_result import Report
from planespec.spec.cluster.cluster_requirements import (
    VALID_OBJECT,
    VALID_POD,
    VALID_SERVICE,
    Place,
    Violation,
)
from planespec.spec.schema.schema_judge import SHAPE

_OF_VALIDATION = (VALID_SERVICE, VALID_POD, VALID_OBJECT)
_BRACKETED = re.compile(r"\[([^\]]*[^\]\d][^\]]*)\]")


def leave_out_repeated(report: Report) -> None:
    """Leave out what its schema says of the same field.

    Pieces that cannot be read are kept aside, for those whose finding is passed over.
    """
    judged = {
        (each.place, _plain(violation.field))
        for violation in report.violations
        if violation.requirement is SHAPE
        for each in violation.objects
    }
    said = [each for each in report.malformed if (each.place, _plain(each.field)) in judged]
    report.malformed = [each for each in report.malformed if each not in said]
    report.said = said
    report.violations = [each for each in report.violations if not _is_said(each, judged)]


def _is_said(violation: Violation, judged: set[tuple[Place | None, str]]) -> bool:
    """Say whether the schema tells the same of the field, or of what is below it."""
    if violation.requirement not in _OF_VALIDATION or not violation.objects:
        return False
    place, field = violation.objects[0].place, _plain(violation.field)
    if (place, field) in judged:
        return True
    # Rules name the object around a value that is not one of those supported, or the list.
    field = field.replace("metadata.taints", "spec.taints")
    return violation.message.startswith("Unsupported value") and any(
        where == place and (said == field or said.startswith((f"{field}.", f"{field}[")))
        for where, said in judged
    )


def _plain(field: str) -> str:
    """Return a path with every name behind a dot; keys of maps may stand in brackets."""
    return _BRACKETED.sub(r".\1", field)
