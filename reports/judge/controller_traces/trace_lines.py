"""What a trace says, line by line, and our own form of it.

One line is one JSON object: a call that the controller made, a watch event that it heard, a write
of somebody else as it was stored, or the restart of a process.
"""

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from planespec.checker.errors import did_you_mean
from planespec.checker.lang.trace_rules import CALLS, EVENTS, RESTART
from planespec.reports.input.lines import at, read_records
from planespec.spec.objects.view import ObjectError, View


class Kind(Enum):
    """What a line tells; the value is the key that says so."""

    CALL = "call"
    HEARD = "heard"
    STORED = "stored"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One line. Texts are empty, and numbers None, where the trace does not tell.

    `seen` is the resourceVersion that the caller sent, `version` the one that the write was given
    or that the event has; `code` is 0 where no answer came. `generated` is what a name begins with
    that the API server chose. `time` is in seconds since the epoch.
    """

    kind: Kind
    file: str
    line: int
    verb: str
    resource: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    seen: int | None = None
    version: int | None = None
    code: int | None = None
    process: str = ""
    generated: str = ""
    time: float | None = None

    @property
    def where(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.line}"

    @property
    def key(self) -> tuple[str, str, str]:
        """Which object it is about."""
        return self.resource.partition("/")[0], self.namespace, self.name

    @property
    def is_refused(self) -> bool:
        """Whether the API server answered that nothing was done."""
        return self.code is not None and self.code >= 400

    @property
    def is_success(self) -> bool:
        """Whether a write took effect, as far as the trace tells."""
        if self.kind is Kind.CALL:
            return self.code is not None and 200 <= self.code < 300
        return self.kind is Kind.STORED

    def renamed(self, name: str) -> "TraceLine":
        """The same line about an object of this name."""
        return replace(self, name=name)

    def describe(self) -> str:
        """`create pods web-a (201)`, `heard ADDED pods web-a at 7`, `restart of operator-0`."""
        if self.kind is Kind.RESTART:
            return RESTART + (f" of {self.process}" if self.process else "")
        words = [] if self.kind is Kind.CALL else [self.kind.value]
        words += [self.verb, self.resource]
        words += [self.name or (f"{self.generated}..." if self.generated else "(no name)")]
        if self.kind is Kind.CALL:
            words.append("(no answer)" if not self.code else f"({self.code})")
        elif self.version is not None:
            words.append(f"at {self.version}")
        return " ".join(words) + (f" by {self.process}" if self.process else "")


VERBS = {Kind.CALL: CALLS, Kind.HEARD: EVENTS, Kind.STORED: EVENTS}
_COMMON = ("resource", "namespace", "name", "uid", "resourceVersion", "process", "time", "note")
_KEYS = {
    Kind.CALL: (*_COMMON, "seen", "code"),
    Kind.HEARD: _COMMON,
    Kind.STORED: _COMMON,
    Kind.RESTART: ("time", "note"),
}


def kind_of(record: object) -> Kind | None:
    """What a line of our own form tells; None for anything else."""
    if not isinstance(record, dict):
        return None
    found = [kind for kind in Kind if kind.value in record]
    return found[0] if found and "apiVersion" not in record else None


def read_own_lines(path: Path) -> list[TraceLine]:
    """Read a trace of our own form; raises InputError with the place of what is wrong."""
    found = []
    for number, record in read_records(path):
        with at(path, number):
            found.append(_read_line(str(path), number, record))
    return found


def _read_line(file: str, number: int, record: dict[str, object]) -> TraceLine:
    kinds = [kind for kind in Kind if kind.value in record]
    if len(kinds) != 1:
        words = ", ".join(kind.value for kind in Kind)
        raise ObjectError("", f"must have one of the keys {words}")
    kind, view = kinds[0], View(record)
    for key in record:
        if key not in (kind.value, *_KEYS[kind]):
            raise ObjectError("", f"has no key {key!r}{did_you_mean(key, _KEYS[kind])}")
    if kind is Kind.RESTART:
        return TraceLine(kind, file, number, RESTART, process=view.text(kind.value))
    verb = view.text(kind.value)
    if verb not in VERBS[kind]:
        raise ObjectError(
            kind.value, f"must be one of {', '.join(VERBS[kind])}, not {verb[:40]!r}"
        )
    if not view.text("resource"):
        raise ObjectError("resource", "is missing")
    line = TraceLine(
        kind,
        file,
        number,
        verb,
        view.text("resource"),
        view.text("namespace"),
        view.text("name"),
        view.text("uid"),
        read_version(view, "seen"),
        read_version(view, "resourceVersion"),
        _read_code(view) if kind is Kind.CALL else None,
        view.text("process"),
    )
    return _complete(line)


def _complete(line: TraceLine) -> TraceLine:
    if not line.name and (line.kind is not Kind.CALL or line.verb != "create"):
        raise ObjectError("name", "is missing")
    if line.kind is not Kind.CALL and line.version is None and line.verb != "DELETED":
        raise ObjectError("resourceVersion", "is missing")
    return line


def _read_code(view: View) -> int:
    if "code" not in view.data:
        raise ObjectError("code", "is missing; 0 where no answer came")
    code = view.int64("code")
    if code != 0 and not 100 <= code <= 599:
        raise ObjectError("code", f"must be a code of HTTP, or 0 for no answer, not {code}")
    return code


def read_version(view: View, name: str) -> int | None:
    """Read a resourceVersion, text as the API has it or a number; None where there is none."""
    value = view.data.get(name)
    if value is None or value == "":
        return None
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 20:
        raise ObjectError(view.path(name), "must be a resourceVersion, a whole number as text")
    return int(text)
