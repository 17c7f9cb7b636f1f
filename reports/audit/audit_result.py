"""What an audit found: its exit code, as text, and as one JSON document."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from planespec.checker.errors import ExitCode
from planespec.reports.audit.field_lines import locate_field
from planespec.reports.text.wording import plural
from planespec.spec.cluster.cluster_requirements import (
    Malformed,
    Place,
    Reference,
    Violation,
    place_of,
)
from planespec.spec.objects.object_store import Store
from planespec.spec.objects.resource_names import plural_of
from planespec.spec.requirement import Level, Requirement


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that somebody has accepted, and why."""

    violation: Violation
    reason: str


@dataclass
class Report:
    """Findings in the order in which they were made."""

    violations: list[Violation] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list)
    said: list[Malformed] = field(default_factory=list)
    """Pieces that could not be read, of which a violation of their schema tells."""
    counts: Counter[str] = field(default_factory=Counter)
    """How many objects of each kind, or lines of each sort, were read."""
    exceptions: dict[str, list[Reference]] = field(default_factory=dict)
    """Facts of Kubernetes that look like violations and are none, and the objects they tell of."""
    unjudged: list[str] = field(default_factory=list)
    """What could not be judged because the input does not say enough."""
    judged: Counter[str] = field(default_factory=Counter)
    """How many objects of each kind, or events of each sort, could be judged."""
    requirements: int = -1
    """By how many requirements; -1 where nobody counted them."""
    levels: Counter[str] = field(default_factory=Counter)
    """How many audit events of each level were read; from Request on they carry objects."""
    times: tuple[str, str] = ("", "")
    """When the first and the last request of an audit log were received; empty where unknown."""
    mode: str = ""
    """What the objects are, "cluster" or "manifests"; empty where no object was read."""
    is_log: bool = False
    """Whether logs were followed."""
    accepted: list[Accepted] = field(default_factory=list)
    """Findings that somebody has accepted; they are no violations any more."""
    gone: list[tuple[str, str, str]] = field(default_factory=list)
    """Accepted findings that were not found: requirement, object, field."""
    passed_over: int = 0
    """Findings that the user did not want to hear of."""
    mended: list[Violation] | None = None
    """What was found before the change and is not found now; None where nothing is compared."""
    store: Store | None = None
    """The objects of a snapshot; None for logs."""
    is_strict: bool = False
    """Whether warnings make the exit code 12, too."""

    @property
    def exit_code(self) -> ExitCode:
        """12 with errors, else 150 where something could not be read, else 0.

        An audit that found an error has done its work, so that is what the code says; what could
        not be read is still printed. Warnings are told, and count only where the user is strict.
        Where nothing could be judged it is 152: nobody knows.
        """
        if self.count_errors() or (self.is_strict and self.violations):
            return ExitCode.SAFETY
        if self.malformed:
            return ExitCode.PARSE
        is_nothing = not self.judged.total() and bool(self.is_log or self.unjudged)
        return ExitCode.UNKNOWN if is_nothing or not self.requirements else ExitCode.HOLDS

    def asks(self, requirement: Requirement) -> bool:
        """Say whether a requirement is one of snapshots, or of logs, where there were such."""
        of_snapshot = Level.SNAPSHOT in requirement.levels
        of_logs = any(level is not Level.SNAPSHOT for level in requirement.levels)
        return (of_snapshot and bool(self.mode)) or (of_logs and self.is_log)

    def count_errors(self) -> int:
        """Count the violations that are no mere warnings."""
        return sum(each.requirement.severity == "error" for each in self.violations)

    def note_event(self, level: str, time: str) -> None:
        """Take note of an audit event; times of RFC 3339 are compared as text."""
        self.levels[level or "of no level"] += 1
        if time:
            first, last = self.times
            self.times = min(first or time, time), max(last, time)

    @property
    def total(self) -> int:
        """How many objects or lines were read."""
        return sum(self.counts.values())

    def sort(self) -> None:
        """Bring violations and malformed pieces into the order of the input."""
        self.violations.sort(key=_order)
        self.malformed.sort(key=lambda each: (each.place.file, each.place.line, each.field))


def _order(violation: Violation) -> tuple[str, int, str, str]:
    place = place_of(violation)
    file, line = ("", 0) if place is None else (place.file, place.line)
    return file, line, violation.requirement.id, violation.message


def name_some(names: Sequence[str]) -> str:
    """Name the first few of many."""
    rest = len(names) - LONGEST_LIST
    return ", ".join(names[:LONGEST_LIST]) + (f" and {rest:,} more" if rest > 0 else "")


LONGEST_LIST = 5
"""Objects named per violation in text; JSON and SARIF name all."""


def render_text(report: Report, show: int) -> str:
    """Tell the first `show` violations of each requirement, what is malformed, and the verdict."""
    parts = [_render_malformed(each) for each in report.malformed]
    told: Counter[str] = Counter()
    for violation in report.violations:
        told[violation.requirement.id] += 1
        if told[violation.requirement.id] <= show:
            parts.append(_render_violation(violation))
    parts += [
        f"{id_}: {count - show:,} more like these; --show {count} prints them"
        for id_, count in sorted(told.items())
        if count > show
    ]
    parts += [_render_fact(fact, found) for fact, found in sorted(report.exceptions.items())]
    parts += [f"not judged: {reason}" for reason in report.unjudged]
    parts += _render_control(report)
    parts.append(_render_verdict(report))
    return make_printable("\n".join(parts))


def _render_control(report: Report) -> Iterator[str]:
    """Tell what was found and is left out of the verdict."""
    for reason, count in Counter(each.reason for each in report.accepted).items():
        yield f"accepted: {plural(count, 'violation')} ({reason})"
    for key in report.gone:
        yield f"accepted and not found any more: {' '.join(filter(None, key))}"
    for violation in report.mended or ():
        requirement, subject = violation.requirement, [*violation.objects[:1], ""][0]
        field = f" {violation.field}" if violation.field else ""
        yield f"mended: {requirement.id} {subject}{field}: {violation.message}"
    if report.passed_over:
        yield f"passed over as asked: {plural(report.passed_over, 'violation')}"


def make_printable(text: str) -> str:
    """Replace what no terminal can show: lone surrogates, escape sequences."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c == "\n" or c.isprintable() else repr(c)[1:-1] for c in text)


def _render_violation(violation: Violation) -> str:
    requirement = violation.requirement
    subject = violation.objects[0] if violation.objects else None
    field = f" {violation.field}" if violation.field else ""
    where = _locate(locate_field(violation))
    lines = [
        f"{requirement.id} {requirement.severity}: {where}{subject}{field}",
        f"    {violation.message}",
    ]
    lines += [f"    with {_name(other)}" for other in violation.objects[1 : 1 + LONGEST_LIST]]
    if len(violation.objects) > 1 + LONGEST_LIST:
        lines.append(f"    and {len(violation.objects) - 1 - LONGEST_LIST:,} more objects")
    lines.append(f"    {requirement.statement} [{requirement.source}]")
    return "\n".join(lines)


def _render_fact(fact: str, objects: list[Reference]) -> str:
    lines = [f"fact: {fact}, {plural(len(objects), 'time')}"]
    lines += [f"    {_name(each)}" for each in objects[:LONGEST_LIST]]
    if len(objects) > LONGEST_LIST:
        lines.append(f"    and {len(objects) - LONGEST_LIST:,} more objects")
    return "\n".join(lines)


def _name(reference: Reference) -> str:
    place = reference.place
    return f"{reference}" + (f" ({place.file}:{place.line})" if place is not None else "")


def _locate(place: Place | None) -> str:
    return "" if place is None else f"{place.file}:{place.line}: "


def _render_malformed(malformed: Malformed) -> str:
    words = [_locate(malformed.place).rstrip(" :"), malformed.subject, malformed.field]
    return ": ".join([*filter(None, words), malformed.message])


def _render_verdict(report: Report) -> str:
    read = ", ".join(f"{n:,} {kind}" for kind, n in sorted(report.counts.items()))
    found = Counter(violation.requirement.id for violation in report.violations)
    said = ", ".join(f"{id_} {n:,}" for id_, n in sorted(found.items()))
    count = len(report.violations)
    errors = report.count_errors()
    levels = f"{plural(errors, 'error')}, {plural(count - errors, 'warning')}"
    new = "" if report.mended is None else "new "
    verdict = f"{plural(count, new + 'violation')} ({levels}): {said}"
    verdict = verdict if count else f"no {new}violation"
    is_nothing = report.malformed and not (report.judged.total() or count)
    if is_nothing or report.exit_code is ExitCode.UNKNOWN:
        verdict = "unknown: nothing could be judged"
    broken = len(report.malformed)
    missing = f"; {plural(broken, 'piece')} of the input could not be read" if broken else ""
    mode = {"cluster": " (a cluster)", "manifests": " (manifests, no cluster)"}
    lines = [f"read {read or 'nothing'}{mode.get(report.mode, '')}{_render_log(report)}"]
    return "\n".join([*lines, *_render_judged(report), f"{verdict}{missing}"])


def _render_log(report: Report) -> str:
    """Tell the levels of audit events and the time they cover."""
    levels = ", ".join(f"{n:,} {level}" for level, n in sorted(report.levels.items()))
    period = f"from {report.times[0]} to {report.times[1]}" if report.times[0] else ""
    return "".join(f"; {each}" for each in (f"levels: {levels}" if levels else "", period) if each)


def _render_judged(report: Report) -> Iterator[str]:
    """Tell of how many objects and events how many requirements were asked."""
    if report.requirements < 0:
        return
    words = [f"{n:,} {_name_kind(kind, n)}" for kind, n in sorted(report.judged.items()) if n]
    by = plural(report.requirements, "requirement")
    yield f"judged: {', '.join(words) or 'nothing'} by {by}"


def _name_kind(kind: str, number: int) -> str:
    if " " in kind:
        return kind if number == 1 else f"{kind}s"
    return kind.lower() if number == 1 else plural_of(kind)


def render_json(report: Report) -> str:
    """Tell everything as one JSON document."""
    document = {
        "schema": "planespec/audit/1",
        "verdict": report.exit_code.name.lower(),
        "read": dict(sorted(report.counts.items())),
        "mode": report.mode,
        "judged": {kind: count for kind, count in sorted(report.judged.items()) if count},
        "requirements": max(report.requirements, 0),
        "levels": dict(sorted(report.levels.items())),
        "times": [time for time in report.times if time],
        "violations": [_violation_json(each) for each in report.violations],
        "malformed": [
            {
                "file": each.place.file,
                "line": each.place.line,
                "object": each.subject,
                "field": each.field,
                "message": each.message,
            }
            for each in report.malformed
        ],
        "exceptions": [
            {"fact": fact, "objects": [_reference_json(each) for each in objects]}
            for fact, objects in sorted(report.exceptions.items())
        ],
        "unjudged": report.unjudged,
        "accepted": [
            {**_violation_json(each.violation), "reason": each.reason} for each in report.accepted
        ],
        "passed_over": report.passed_over,
        "mended": [_violation_json(each) for each in report.mended or ()],
    }
    return json.dumps(document, indent=2)


def _violation_json(violation: Violation) -> dict[str, object]:
    place = locate_field(violation)
    return {
        "requirement": violation.requirement.id,
        "level": violation.requirement.severity,
        "statement": violation.requirement.statement,
        "source": violation.requirement.source,
        "message": violation.message,
        "field": violation.field,
        "line": None if place is None else place.line,
        "numbers": dict(violation.numbers),
        "objects": [_reference_json(each) for each in violation.objects],
    }


def _reference_json(reference: Reference) -> dict[str, object]:
    place = reference.place
    return {
        "group": reference.group,
        "kind": reference.kind,
        "namespace": reference.namespace,
        "name": reference.name,
        "file": None if place is None else place.file,
        "line": None if place is None else place.line,
    }
