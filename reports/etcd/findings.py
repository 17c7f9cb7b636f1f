"""What a hunt found, as text for people and as JSON for programs."""

import json
from typing import Any

from planespec.checker.exit_codes import ExitCode
from planespec.reports.etcd.hunting import Finding, Status


def render_text(version: str, findings: list[Finding]) -> str:
    """Lay out each finding with its history, and the counts."""
    parts = [f"etcd {version}", *(_render(finding) for finding in findings)]
    found = sum(finding.status is Status.FOUND for finding in findings)
    undecided = sum(finding.status is Status.UNDECIDED for finding in findings)
    tail = f", {undecided} not decided" if undecided else ""
    return "\n\n".join([*parts, f"{found} of {len(findings)} known defects found{tail}"])


def render_json(version: str, findings: list[Finding], exit_code: ExitCode) -> str:
    """Return one JSON object with a list of findings."""
    body = {
        "schema": "planespec/hunt/1",
        "system": "etcd",
        "version": version,
        "exit_code": int(exit_code),
        "findings": [_as_json(finding) for finding in findings],
    }
    return json.dumps(body, indent=2)


def _render(finding: Finding) -> str:
    defect = finding.defect
    issues = " and ".join(f"#{issue}" for issue in defect.issues)
    lines = [f"{issues} {finding.status.value}: {defect.title}"]
    if finding.status is Status.FOUND:
        lines += [
            f"  guarantee  {defect.guarantee}",
            f"  broken     {finding.breach}",
            f"  fixed in   {defect.fixed}",
            f"  history    {_describe_length(finding)}",
        ]
        lines += [f"    {number}. {line}" for number, line in enumerate(finding.history, start=1)]
    elif finding.reason:
        lines.append(f"  because {finding.reason}")
    return "\n".join(lines)


def _describe_length(finding: Finding) -> str:
    if finding.shortest:
        return f"no step can be left out ({finding.runs} sequences run)"
    return f"perhaps not the shortest: time ran out ({finding.runs} sequences run)"


def _as_json(finding: Finding) -> dict[str, Any]:
    defect = finding.defect
    return {
        "defect": defect.name,
        "issues": list(defect.issues),
        "title": defect.title,
        "guarantee": defect.guarantee,
        "fixed": defect.fixed,
        "status": finding.status.value,
        "broken": finding.breach,
        "history": list(finding.history),
        "shortest": finding.shortest,
        "runs": finding.runs,
        "reason": finding.reason,
    }
