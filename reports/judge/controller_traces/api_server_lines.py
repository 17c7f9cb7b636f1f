"""Lines of a trace from an API server's audit log, and from a watch recorded beside it.

An audit log tells who called; a watch (`kubectl get --watch -o json --output-watch-events`, or a
recording of a cluster) what was stored, whoever wrote it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from planespec.checker.errors import ConfigurationError, InputError
from planespec.checker.lang.trace_rules import CALLS, EVENTS
from planespec.reports.audit.log_files import read_log
from planespec.reports.audit.reading.envelopes import (
    Envelopes,
    Record,
    TextError,
    is_audit_event,
    is_event,
)
from planespec.reports.audit.reading.item import Item, Unread
from planespec.reports.input.lines import at, open_binary, standard_input
from planespec.reports.judge.controller_traces.trace_lines import Kind, TraceLine, read_version
from planespec.spec.cluster.node_life.moments import read_moment
from planespec.spec.objects.view import ObjectError, View

_POD_NAME = "authentication.kubernetes.io/pod-name"
"""What the API server knows of a token's bearer, since 1.22."""
_INITIAL = "INITIAL"


class ApiServerReader:
    """Reads the files of one trace; `users` counts the calls of everybody who wrote."""

    def __init__(self, user: str | None) -> None:
        """Keep the calls of this user, or of the only one."""
        self._user = user
        self.users: dict[str, int] = {}

    def read(self, path: Path) -> list[TraceLine]:
        """The calls, by when they were received, and the events of a file; raises InputError."""
        found = list(self._read(path))
        calls = [line for line in found if line.kind is Kind.CALL]
        calls.sort(key=lambda line: line.time or 0.0)
        return calls + [line for line in found if line.kind is Kind.STORED]

    def finish(self) -> None:
        """Raise ConfigurationError where it is not clear whose calls are meant."""
        if self._user is None and len(self.users) > 1:
            names = ", ".join(f"{name} ({n:,})" for name, n in sorted(self.users.items())[:8])
            raise ConfigurationError(f"--user is needed: the log has calls of {names}")
        if self._user is not None and self.users and self._user not in self.users:
            names = ", ".join(sorted(self.users)[:8])
            raise ConfigurationError(f"--user {self._user} made no call; the log has {names}")

    def _read(self, path: Path) -> Iterator[TraceLine]:
        envelopes, last, start = Envelopes(), 1, 0.0
        with open_binary(str(path), standard_input()) as stream:
            for item in read_log(str(path), stream):
                if isinstance(item, Unread):
                    raise InputError(item.message, file=path, line=item.place.line)
                if not isinstance(item, Item):
                    continue
                last = item.place.line or last
                with at(path, last):
                    for record in _open(envelopes, item.value):
                        begins = record.get("startUnix")
                        if isinstance(begins, int | float):
                            start = float(begins)
                        yield from self._translate(record, str(path), last, start)

    def _translate(
        self, record: Record, file: str, number: int, start: float
    ) -> Iterator[TraceLine]:
        audit = record.get("audit")
        if isinstance(audit, Mapping):
            yield from self._read_call(View(audit, "audit"), file, number)
        elif is_audit_event(record):
            yield from self._read_call(View(record), file, number)
        elif record.get("type") in (*EVENTS, _INITIAL):
            yield from _read_event(View(record), file, number, start)

    def _read_call(self, event: View, file: str, number: int) -> Iterator[TraceLine]:
        verb, stage = event.text("verb"), event.text("stage")
        if verb not in CALLS or stage not in ("ResponseComplete", "Panic", ""):
            return
        user, process = _read_user(event)
        self.users[user] = self.users.get(user, 0) + 1
        if self._user in (None, user):
            yield _read_request(event, file, number, verb, process)


def _open(envelopes: Envelopes, value: object) -> Iterator[Record]:
    audit = value.get("audit") if isinstance(value, dict) else None
    if isinstance(value, dict) and isinstance(audit, dict) and isinstance(audit.get("user"), str):
        yield value  # a recording of a cluster, which names the user alone
        return
    try:
        found = list(envelopes.open(value))
    except TextError as error:
        raise ObjectError("", str(error)) from None
    if not any("audit" in each or is_event(each) for each in found):
        what = "is neither an audit event nor a watch event"
        raise ObjectError("", what if isinstance(value, dict) else "is not a JSON object")
    yield from found


def _read_user(event: View) -> tuple[str, str]:
    """The user of a request, and the pod that it came from where that is known."""
    user = event.data.get("user")
    if isinstance(user, str):
        return user, ""
    view = View(user, event.path("user"))
    pods = View(view.data.get("extra"), view.path("extra")).data.get(_POD_NAME)
    first = pods[0] if isinstance(pods, list) and pods else ""
    return view.text("username"), first if isinstance(first, str) else ""


def _child(view: View, name: str) -> View:
    return View(view.data.get(name), view.path(name))


def _read_request(event: View, file: str, number: int, verb: str, process: str) -> TraceLine:
    target, asked = _child(event, "objectRef"), _child(event, "requestObject")
    answer = _child(event, "responseObject")
    meant = _child(asked, "metadata")
    given = View({}) if answer.text("kind") == "Status" else _child(answer, "metadata")
    limits = _child(asked, "preconditions") if verb == "delete" else View({})
    resource, part = target.text("resource"), target.text("subresource")
    code = _child(event, "responseStatus").integer("code") or 0
    time = event.text("requestReceivedTimestamp") or event.text("stageTimestamp")
    is_written = verb != "delete" and code < 300
    return TraceLine(
        Kind.CALL,
        file,
        number,
        verb,
        f"{resource}/{part}" if part else resource,
        target.text("namespace"),
        target.text("name") or given.text("name") or meant.text("name"),
        limits.text("uid") or given.text("uid") or meant.text("uid") or target.text("uid"),
        read_version(limits, "resourceVersion") or read_version(meant, "resourceVersion"),
        read_version(given, "resourceVersion") if is_written else None,
        code,
        process,
        generated="" if target.text("name") else meant.text("generateName"),
        time=read_moment(time),
    )


def _read_event(event: View, file: str, number: int, start: float) -> Iterator[TraceLine]:
    shown = _child(event, "object")
    meta, type_ = _child(shown, "metadata"), event.text("type")
    moment = event.data.get("t")
    is_timed = isinstance(moment, int | float) and not isinstance(moment, bool) and start > 0
    kind = shown.text("kind") or event.text("kind")
    if not meta.text("name") or not kind:
        return  # a bookmark, a status, a table: no object was stored
    yield TraceLine(
        Kind.STORED,
        file,
        number,
        "ADDED" if type_ == _INITIAL else type_,
        resource_of(kind),
        meta.text("namespace"),
        meta.text("name"),
        meta.text("uid"),
        None,
        read_version(meta, "resourceVersion"),
        process="",
        generated="deleting" if meta.has("deletionTimestamp") else "",
        time=start + float(str(moment)) if is_timed else None,
    )


def resource_of(kind: str) -> str:
    """The resource of a kind, as its name is formed: `Ingress` is stored under `ingresses`."""
    lower = kind.lower()
    if lower.endswith("s"):
        return lower if lower.endswith("points") else f"{lower}es"
    is_short = lower.endswith("y") and lower[-2:-1] not in tuple("aeiou")
    return f"{lower[:-1]}ies" if is_short else f"{lower}s"
