"""The files of logs: which are logs, which are parts of one, and following them.

What is rotated stands beside its log and is called like it, but for a time or a number. Parts are
followed as one log in the order of their events, other logs each by itself. Only that a pod was
bound is kept from log to log: a uid is the same pod in whatever log it stands.
"""

import gzip
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from planespec.checker.errors import InputError
from planespec.reports.audit.audit_result import Report, name_some
from planespec.reports.audit.log_audit import LogAudit
from planespec.reports.audit.reading.archives import (
    LOG_ENDINGS,
    OBJECT_ENDINGS,
    name_log,
    visit,
)
from planespec.reports.audit.reading.item import Item, Unread
from planespec.reports.audit.reading.log_stream import SNIFFED, LogStream, sniff_log
from planespec.reports.audit.reading.side_text import Remark, looks_like_yaml
from planespec.reports.input.lines import (
    BAD_GZIP,
    STDIN,
    look_ahead,
    open_binary,
    standard_input,
)
from planespec.spec.cluster.cluster_requirements import Malformed, Place
from planespec.spec.cluster.steps.audit_events import Binding

_TIME = re.compile(
    rb'(?:requestReceivedTimestamp|"timestamp)[\\"]*\s*:\s*[\\"]*(\d{4}-\d\d-\d\dT[\d:.]+)'
)
"""When a request was received, also in a text within a text, or in YAML."""


def order_parts(files: Iterable[str]) -> list[str]:
    """Return the files with the parts of each log in the order of their events."""
    logs: dict[str, list[str]] = {}
    for file in files:
        logs.setdefault(name_log(file), []).append(file)
    return [file for parts in logs.values() for file in _order(parts)]


def _order(parts: list[str]) -> list[str]:
    """Put those first that say no time: what one begins with is all that is looked at."""
    return sorted(parts, key=_read_first_time) if len(parts) > 1 else parts


def _read_first_time(file: str) -> str:
    if file == STDIN or not os.path.isfile(file):
        return ""
    try:
        with open_binary(file, standard_input()) as stream:
            found = _TIME.search(look_ahead(stream, SNIFFED)[0])
    except InputError:
        return ""
    return "" if found is None else found[1].decode()


def is_log(file: str, stdin: IO[bytes] | None = None) -> bool:
    """Say by what is in it whether a file begins with events, or with one object's history."""
    try:
        with open_binary(file, stdin or standard_input()) as stream:
            return sniff_log(look_ahead(stream, SNIFFED)[0])
    except InputError:
        return False


def expand_logs(names: Iterable[str], report: Report) -> list[str]:
    """Return files; of a folder those that are logs, in order. Raises InputError.

    The others of the folder are named in the report.
    """
    files: list[str] = []
    for name in names:
        if not os.path.isdir(name):
            files.append(name)
            continue
        found = sorted(str(path) for path in Path(name).rglob("*") if _may_be_log(path))
        logs = [file for file in found if is_log(file)]
        if not logs:
            raise InputError("has no file that begins with events", file=name)
        if len(logs) < len(found):
            others = name_some([file for file in found if file not in logs])
            report.unjudged.append(f"files that do not begin with events: {others}")
        files += logs
    return files


def _may_be_log(path: Path) -> bool:
    """Say whether a file in a folder is looked into; what S3 holds has no ending but that."""
    endings = (*LOG_ENDINGS, *OBJECT_ENDINGS, ".gz", ".txt")
    return name_log(path.name).endswith(endings) and path.is_file()


def read_log(file: str, stream: IO[bytes]) -> Iterator[Item | Unread | Remark]:
    """Yield the records of a log in JSON or, where it begins like that, in YAML."""
    head, stream = look_ahead(stream, SNIFFED)
    if not head.lstrip().startswith((b"{", b"[")) and looks_like_yaml(head):
        from planespec.reports.audit.reading.yaml_stream import YamlStream

        return YamlStream(file, stream).read()
    return LogStream(file, stream).read()


class Logs:
    """The logs of one report."""

    def __init__(self, report: Report) -> None:
        """Put what is found into the report."""
        self._report = report
        self._audits: dict[str, LogAudit] = {}
        self._bindings: dict[str, Binding] = {}

    def follow(self, file: str, stream: IO[bytes]) -> None:
        """Follow a log, or a part of one, to its end; what cannot be unpacked is reported."""
        name = name_log(file)
        if name not in self._audits:
            self._audits[name] = LogAudit(file, self._report, self._bindings)
        audit, last = self._audits[name], Place(file, 0)
        self._report.is_log = True
        try:
            for item in read_log(file, stream):
                last = item.place
                audit.take(item)
        except (gzip.BadGzipFile, EOFError, zlib.error):
            place = Place(file, last.line + 1)
            message = f"cannot be unpacked: {BAD_GZIP}"
            self._report.malformed.append(Malformed(place, "", "", message))
        audit.end_part()

    def finish(self) -> None:
        """Judge what only the end of each log can tell."""
        for audit in self._audits.values():
            audit.finish()
        if sum(audit.has_audit for audit in self._audits.values()) > 1:
            message = "what only several logs together tell, but for bindings of one pod"
            self._report.unjudged.append(f"{message}: each is followed by itself")


def audit_logs(
    files: Iterable[str], stdin: IO[bytes] | None = None, report: Report | None = None
) -> Report:
    """Follow each log by itself. Raises InputError for a folder without logs, and nothing else."""
    report = report or Report()
    report.is_log = True
    logs = Logs(report)
    for file in order_parts(expand_logs(files, report)):
        try:
            visit(file, stdin or standard_input(), logs.follow)
        except InputError as error:
            report.malformed.append(Malformed(Place(file, 1), "", "", error.message))
    logs.finish()
    report.sort()
    return report
