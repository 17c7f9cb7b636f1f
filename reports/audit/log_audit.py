"""`planespec audit --log`: following watch events and audit events line by line.

A line is an audit.k8s.io/v1 event, `{"audit": EVENT}`, a watch event `{"type", "object"}` such as
`kubectl get --watch --output-watch-events -o json` prints on one line, or the first line of a
recorded scenario.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

from planespec.checker.errors import InputError
from planespec.reports.audit.audit_result import Report
from planespec.reports.input.lines import (
    BrokenLineError,
    first_line,
    is_pipe,
    open_binary,
    parse_line,
)
from planespec.spec.cluster.cluster_requirements import Malformed, Place, Reference, Violation
from planespec.spec.cluster.steps.audit_events import AuditFollower, read_request
from planespec.spec.cluster.steps.follower import Follower
from planespec.spec.labels import SelectorError
from planespec.spec.objects import ObjectError, ObjectMeta, View
from planespec.spec.quantity import QuantityError

_OBJECT_EVENTS = ("ADDED", "MODIFIED", "DELETED", "INITIAL")
LOG_ENDINGS = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".log", ".log.gz")
_CUTS = ("RECONNECT", "RELIST", "ERROR")


class LogAudit:
    """One log, followed from its first line."""

    def __init__(self, file: str, report: Report) -> None:
        """Put what is found into the report."""
        self._file, self._report = file, report
        self._watch = Follower()
        self._audit = AuditFollower(self._watch)

    def read(self, number: int, raw: bytes) -> None:
        """Judge one line; a broken one is reported and left out."""
        if not raw.strip():
            return
        place, subject = Place(self._file, number), ""
        try:
            data = parse_line(raw)
            subject = _describe(data)
            self._add(self._judge(data, place))
        except BrokenLineError as error:
            self._report.malformed.append(Malformed(place, "", "", str(error)))
        except ObjectError as error:
            self._report.malformed.append(Malformed(place, subject, error.field, error.message))
        except (QuantityError, SelectorError, RecursionError) as error:
            self._report.malformed.append(Malformed(place, subject, "", str(error)))

    def finish(self) -> None:
        """Judge what only the end can tell, and hand over what was noted."""
        self._add(self._audit.finish())
        for fact, objects in self._watch.exceptions.items():
            self._report.exceptions.setdefault(fact, []).extend(objects)

    def _add(self, violations: Iterable[Violation]) -> None:
        self._report.violations.extend(violations)

    def _judge(self, data: Mapping[str, object], place: Place) -> Iterable[Violation]:
        if "scenario" in data and "actions" in data:
            self._report.counts["header"] += 1
            self._watch = Follower(is_complete=True)
            self._audit = AuditFollower(self._watch)
            return ()
        event = _find_audit_event(data)
        if event is not None:
            self._report.counts["audit event"] += 1
            request = read_request(event, place)
            return () if request is None else self._audit.observe(request)
        if "type" in data:
            self._report.counts["watch event"] += 1
            return self._judge_watch(View(data), place)
        raise BrokenLineError("is neither an audit event nor a watch event")

    def _judge_watch(self, event: View, place: Place) -> Iterable[Violation]:
        type_ = event.text("type")
        if type_ in _CUTS:
            self._watch.interrupt(event.text("kind"))
        if type_ in _CUTS or type_ == "BOOKMARK":
            return ()
        if type_ not in _OBJECT_EVENTS:
            raise ObjectError("type", f"is not a watch event: {type_[:40]!r}")
        item = event.view("object")
        meta = ObjectMeta(item.data.get("metadata"), "object.metadata")
        kind = event.text("kind") or item.text("kind")
        if not kind or not meta.name:
            raise ObjectError("object", "needs a kind and a name")
        reference = Reference(kind, meta.namespace, meta.name, place)
        time = event.data.get("t")
        arrival = float(time) if isinstance(time, int | float) else None
        return self._watch.observe(type_, reference, item.data, arrival)


def _find_audit_event(data: Mapping[str, object]) -> View | None:
    if "audit" in data:
        return View(data["audit"], "audit")
    version = data.get("apiVersion")
    if isinstance(version, str) and version.startswith("audit.k8s.io/"):
        return View(data)
    return None


def _describe(data: Mapping[str, object]) -> str:
    """Name the object of a watch event as far as it can be read."""
    item = data.get("object")
    meta = item.get("metadata") if isinstance(item, dict) else None
    if not isinstance(meta, dict):
        return ""
    kind, namespace, name = data.get("kind"), meta.get("namespace"), meta.get("name")
    return str(Reference(str(kind or ""), str(namespace or ""), str(name or "")))


def is_log(file: str) -> bool:
    """Say whether a file of JSON lines, or a pipe, begins with an event rather than an object."""
    try:
        if is_pipe(file):
            line = first_line(file, sys.stdin.buffer)
        elif file.endswith(LOG_ENDINGS) and os.path.isfile(file):
            with open_binary(file, sys.stdin.buffer) as stream:
                line = stream.readline()
        else:
            return False
        data = parse_line(line)
        is_watch = "type" in data and "object" in data
        return is_watch or "scenario" in data or _find_audit_event(data) is not None
    except (BrokenLineError, InputError, ObjectError):
        return False


def expand_logs(names: Iterable[str]) -> list[str]:
    """Return files; of a folder those that end like JSON lines, in order. Raises InputError."""
    files: list[str] = []
    for name in names:
        if not os.path.isdir(name):
            files.append(name)
            continue
        found = sorted(str(path) for path in Path(name).rglob("*") if _is_log_name(path))
        if not found:
            raise InputError(f"has no file that ends in {', '.join(LOG_ENDINGS)}", file=name)
        files += found
    return files


def _is_log_name(path: Path) -> bool:
    return path.is_file() and path.name.endswith(LOG_ENDINGS)


def audit_logs(files: Iterable[str], stdin: IO[bytes] | None = None) -> Report:
    """Follow each log by itself. Raises InputError for a folder without logs, and nothing else."""
    report = Report()
    for file in expand_logs(files):
        audit = LogAudit(file, report)
        number = 0
        try:
            with open_binary(file, stdin or sys.stdin.buffer) as stream:
                for number, raw in enumerate(stream, 1):
                    audit.read(number, raw)
        except InputError as error:
            report.malformed.append(Malformed(Place(file, number + 1), "", "", error.message))
        audit.finish()
    report.sort()
    return report
