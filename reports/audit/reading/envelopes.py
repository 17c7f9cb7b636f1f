"""The events in what log shippers and clouds made of them.

A record is searched for events, whatever its members are called: CloudWatch (`message`), docker
and fluent-bit (`log`), Azure (`properties.log`), Loki, Splunk, journald and the like put the text
of an event into a member. What says the same in words of its own is translated: Cloud Audit Logs
of GKE, the table AKSAudit of Azure.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from planespec.reports.audit.reading.side_text import cut_prefix, read_part
from planespec.reports.input.json_text import JsonError, parse_json

Record = Mapping[str, Any]
DEEPEST_ENVELOPE = 12
"""Members within members that are searched."""
WATCH_TYPES = ("ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR")
_OWN_TYPES = ("INITIAL", "RECONNECT", "RELIST")
"""What recordings of this project have beside the types of a watch."""
_BODIES = ("requestObject", "responseObject")


class TextError(ValueError):
    """A text in a record that begins like an event and cannot be read."""


def is_event(value: Record) -> bool:
    """Say whether this is an audit event, a watch event or the head of a recorded scenario."""
    audit = value.get("audit")
    is_own = isinstance(audit, dict) and is_audit_event(audit)
    return is_audit_event(value) or is_watch_event(value) or is_own or _is_scenario(value)


def is_audit_event(value: Record) -> bool:
    """Say whether this is an event of audit.k8s.io, also one that lost its apiVersion."""
    version = value.get("apiVersion")
    if isinstance(version, str) and version.startswith("audit.k8s.io/"):
        return value.get("kind") in ("Event", None)
    return "auditID" in value and "verb" in value and "stage" in value


def is_watch_event(value: Record) -> bool:
    """Say whether this is an event of a watch, or a mark of a recording of one."""
    type_ = value.get("type")
    return type_ in _OWN_TYPES or (type_ in WATCH_TYPES and "object" in value)


def _is_scenario(value: Record) -> bool:
    return "scenario" in value and "actions" in value


def is_object(value: Record) -> bool:
    """Say whether this is an object of the API: it is never searched for events."""
    meta = value.get("metadata")
    is_named = isinstance(meta, dict) and ("name" in meta or "generateName" in meta)
    return is_named or (isinstance(meta, dict) and isinstance(value.get("kind"), str))


class Envelopes:
    """Opens the records of one log; texts that were cut up are put together again."""

    def __init__(self) -> None:
        """Begin with nothing put aside."""
        self._parts: dict[str, str] = {}
        self.has_text = False
        """Whether the record opened last carries text, of whatever kind."""

    def open(self, value: object) -> Iterator[Record]:
        """Yield the events in a record, or the object it is. Raises TextError."""
        self.has_text = False
        yield from self._search(value, 0)

    def _search(self, value: object, depth: int) -> Iterator[Record]:
        if depth > DEEPEST_ENVELOPE:
            return
        if isinstance(value, list):
            for each in value:
                yield from self._search(each, depth + 1)
        elif isinstance(value, str):
            yield from self._search_text(value, "", depth)
        elif isinstance(value, dict):
            yield from self._search_record(value, depth)

    def _search_record(self, value: dict[str, Any], depth: int) -> Iterator[Record]:
        audit = value.get("audit")
        if isinstance(audit, dict) and not is_object(value):
            yield {**value, "audit": normalize(audit)}
        elif is_event(value):
            yield normalize(value) if is_audit_event(value) else value
        elif (translated := _translate(value)) is not None:
            yield normalize(translated)
        elif value.get("kind") == "EventList" and isinstance(value.get("items"), list):
            yield from self._search(value["items"], depth)
        elif is_object(value):
            yield from [value] if depth == 0 else []
        else:
            for name, each in value.items():
                if isinstance(each, str):
                    stream = str(value.get("stream", "")) if name == "log" else ""
                    yield from self._search_text(each, stream, depth)
                else:
                    yield from self._search(each, depth + 1)

    def _search_text(self, text: str, stream: str, depth: int) -> Iterator[Record]:
        """Search a text that holds JSON; docker writes a long line as several records."""
        part = read_part(text)
        is_cut = bool(stream) and not text.endswith("\n")
        if part is not None:
            stream, text, is_cut = part.stream, part.text, not part.is_whole
        self.has_text = self.has_text or len(text) > 1
        if stream in self._parts:
            text = self._parts.pop(stream) + text
        if "{" not in text:
            return
        value = text.strip() if text.lstrip().startswith(("{", "[{")) else cut_prefix(text)
        if not value:
            return
        try:
            found = parse_json(value, halves=True)
        except JsonError as error:
            if is_cut:
                self._parts[stream] = text
            elif _looks_like_event(value):
                raise TextError(f"holds an event that cannot be read: {error}") from None
            return
        yield from self._search(found, depth + 1)


def _looks_like_event(text: str) -> bool:
    return "audit.k8s.io/" in text[:400] or '"auditID"' in text[:400]


_PATCH = "a JSON patch"


def normalize(event: Record) -> Record:
    """Return an audit event with objects where a shipper put their text.

    A text that holds none, such as `skipped-too-big-size-object`, says that the object was left
    out; it is moved to `omitted`, and the rest of the event is taken as it is. So is a JSON patch,
    a list of operations, which is no object either.
    """
    names = [name for name in (*_BODIES, "objectRef", "responseStatus", "user") if name in event]
    changed = {name: event[name] for name in names if isinstance(event[name], str | list)}
    if not changed:
        return event
    found = {name: each for name, each in event.items() if name not in changed}
    for name, text in changed.items():
        if isinstance(text, list):
            found |= {"omitted": _PATCH} if name in _BODIES else {name: text}
            continue
        try:
            value = parse_json(text) if text.lstrip().startswith("{") else None
        except JsonError:
            value = None
        if isinstance(value, dict):
            found[name] = value
        elif text and name in _BODIES:
            found["omitted"] = text[:80]
    return found


# Clouds that say the same in words of their own.


_COLUMNS = {
    "AuditId": "auditID",
    "Level": "level",
    "Stage": "stage",
    "Verb": "verb",
    "RequestUri": "requestURI",
    "ObjectRef": "objectRef",
    "ResponseStatus": "responseStatus",
    "RequestObject": "requestObject",
    "ResponseObject": "responseObject",
    "RequestReceivedTime": "requestReceivedTimestamp",
    "User": "user",
}
"""Columns of the tables AKSAudit and AKSAuditAdmin of Azure Monitor."""
_CODES = {
    0: 200, 1: 499, 2: 500, 3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 10: 409,
    11: 400, 12: 501, 13: 500, 14: 503, 15: 500, 16: 401,
}  # fmt: skip
"""HTTP codes of those of google.rpc.Status."""


def _translate(value: Record) -> Record | None:
    if "AuditId" in value and "Verb" in value:
        return {ours: value[name] for name, ours in _COLUMNS.items() if name in value}
    payload = value.get("protoPayload") or value.get("protopayload_auditlog")
    if not isinstance(payload, dict):
        return None
    method = payload.get("methodName")
    is_ours = isinstance(method, str) and method.startswith("io.k8s.")
    return _read_cloud_audit(value, payload) if is_ours else None


def _read_cloud_audit(entry: Record, payload: Record) -> Record:
    """Read an entry of Cloud Audit Logs, service k8s.io; BigQuery has the objects as text."""
    request = payload.get("request", payload.get("requestJson"))
    response = payload.get("response", payload.get("responseJson"))
    verb = str(payload["methodName"]).rpartition(".")[2]
    status = payload.get("status")
    said = response.get("code") if isinstance(response, dict) else None
    code = status.get("code", 0) if isinstance(status, dict) else 0
    if isinstance(said, int) and response.get("kind", "Status") == "Status":
        code = said
    elif isinstance(code, int) and code < 100:
        code = _CODES.get(code, 500)
    operation = entry.get("operation")
    time = str(entry.get("timestamp", ""))
    identity = operation.get("id") if isinstance(operation, dict) else None
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Event",
        "level": "Metadata" if request is None else "RequestResponse" if response else "Request",
        "auditID": identity or entry.get("insertId", ""),
        "stage": "ResponseComplete",
        "verb": verb,
        "objectRef": _read_resource_name(str(payload.get("resourceName", ""))),
        "responseStatus": {"code": code},
        "requestReceivedTimestamp": time,
        "requestObject": request,
        "responseObject": response,
    }


def _read_resource_name(path: str) -> dict[str, str]:
    """Read `core/v1/namespaces/NAMESPACE/pods/NAME/SUBRESOURCE`."""
    group, version, *rest = [*path.split("/"), "", ""][: max(path.count("/") + 1, 2)]
    found = {"apiGroup": "" if group == "core" else group, "apiVersion": version}
    if rest[:1] == ["namespaces"] and len(rest) > 2:
        found["namespace"] = rest[1]
        rest = rest[2:]
    names = ("resource", "name", "subresource")
    return found | dict(zip(names, rest, strict=False))
