"""`planespec audit --log`: following watch events and audit events in the order of a log.

A record is an audit.k8s.io event, `{"audit": EVENT}`, a watch event `{"type", "object"}` such as
`kubectl get --watch --output-watch-events -o json` prints, an object as `kubectl get --watch -o
json` prints it at each change, the first line of a recorded scenario, or what a log shipper or a
cloud made of any of these.
"""

import io
from collections import Counter
from collections.abc import Iterable

from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.reading.envelopes import (
    Envelopes,
    Record,
    TextError,
    is_audit_event,
    is_event,
)
from planespec.reports.audit.reading.item import Item, Unread, find_fault
from planespec.reports.audit.reading.log_stream import LogStream
from planespec.reports.audit.reading.side_text import Remark
from planespec.spec.cluster.cluster_requirements import Malformed, Place, Reference, Violation
from planespec.spec.cluster.steps.audit_events import AuditFollower, Binding
from planespec.spec.cluster.steps.audit_requests import Request, read_request
from planespec.spec.cluster.steps.follower import Follower
from planespec.spec.labels import SelectorError
from planespec.spec.objects import ObjectError, ObjectMeta, View
from planespec.spec.quantity import QuantityError

_OBJECT_EVENTS = ("ADDED", "MODIFIED", "DELETED", "INITIAL")
_PARTS = ("Table", "PartialObjectMetadata", "Status")
"""What a watch shows in place of objects where it is asked to."""
_CUTS = ("RECONNECT", "RELIST", "ERROR")


class LogAudit:
    """One log, followed from its first record."""

    def __init__(
        self, file: str, report: Report, bindings: dict[str, Binding] | None = None
    ) -> None:
        """Put what is found into the report; `bindings` are those of other logs, by uid."""
        self._file, self._report = file, report
        self._bindings = {} if bindings is None else bindings
        self._envelopes = Envelopes()
        self._watch = Follower()
        self._audit = AuditFollower(self._watch, self._bindings)
        self._waiting: list[Request] = []
        self._is_backwards: bool | None = None
        self._seen: set[tuple[str, ...]] = set()
        self._left_out: Counter[str] = Counter()
        self._shown: Counter[str] = Counter()
        self.has_audit = False
        """Whether the log holds audit events."""

    def read(self, number: int, raw: bytes) -> None:
        """Judge one line; a broken one is reported and left out."""
        for item in LogStream(self._file, io.BytesIO(raw)).read():
            self.take(item._replace(place=Place(self._file, number)))

    def take(self, item: Item | Unread | Remark) -> None:
        """Judge what was read from the log; what cannot be read is reported and left out."""
        place, subject = item.place, ""
        try:
            if isinstance(item, Item):
                subject = _describe(item.value)
                self._take_record(item)
            elif isinstance(item, Remark):
                self._report.counts["line of text"] += 1
            else:
                self._blame(place, item.subject, item.field, item.message)
        except TextError as error:
            self._blame(place, "", "", str(error))
        except ObjectError as error:
            self._blame(place, subject, error.field, error.message)
        except (QuantityError, SelectorError, RecursionError) as error:
            self._blame(place, subject, "", str(error))

    def _blame(self, place: Place, subject: str, field: str, message: str) -> None:
        self._report.malformed.append(Malformed(place, subject, field, message))

    def end_part(self) -> None:
        """Judge what waits; the next part of the log may list its events in another order."""
        self._go_on()
        self._is_backwards = None

    def finish(self) -> None:
        """Judge what only the end can tell, and hand over what was noted."""
        self._go_on()
        self._add(self._audit.finish())
        report = self._report
        for fact, objects in self._watch.exceptions.items():
            report.exceptions.setdefault(fact, []).extend(objects)
        report.judged["audit event"] += self._audit.judged
        report.judged["watch event"] += self._watch.judged
        for kind, count in sorted(self._shown.items()):
            report.unjudged.append(f"watch events that show a {kind}, no object ({count:,})")
        for why, count in sorted(self._left_out.items()):
            report.unjudged.append(
                f"the objects of requests of which the log says {why} ({count:,})"
            )

    def _add(self, violations: Iterable[Violation]) -> None:
        self._report.violations.extend(violations)

    def _take_record(self, item: Item) -> None:
        fault = find_fault(item.value) if item.is_suspect else None
        if fault is not None:
            raise ObjectError(*fault)
        value, has_any = item.value, False
        if value is None or value == [] or (item.is_listed and value == {}) or _is_mark(value):
            return
        for record in self._envelopes.open(value):
            has_any = True
            self._judge(record, item.place)
        if not has_any and self._envelopes.has_text:
            self._report.counts["other record"] += 1
        elif not has_any:
            what = "an audit event nor a watch event"
            is_object = isinstance(value, dict)
            raise ObjectError("", f"is neither {what}" if is_object else "is not a JSON object")

    def _judge(self, data: Record, place: Place) -> None:
        if "scenario" in data and "actions" in data:
            self._report.counts["header"] += 1
            self._is_backwards = False
            self._watch = Follower(is_complete=True)
            self._audit = AuditFollower(self._watch, self._bindings)
        elif "audit" in data or is_audit_event(data):
            event = View(data["audit"], "audit") if "audit" in data else View(data)
            self._judge_request(event, place)
        elif is_event(data):
            self._report.counts["watch event"] += 1
            self._add(self._judge_watch(View(data), place))
        else:
            self._report.counts["watch event"] += 1
            self._add(self._judge_object(View(data), place))

    def _judge_request(self, event: View, place: Place) -> None:
        """Judge an audit event; of the same one seen twice the first counts."""
        report, self.has_audit = self._report, True
        report.counts["audit event"] += 1
        report.note_event(event.text("level"), _read_time(event))
        if event.has("omitted"):
            self._left_out[event.text("omitted")] += 1
        request = read_request(event, place)
        identity = (event.text("auditID"), _read_time(event), event.text("verb"), *_target(event))
        if request is None or (identity[0] and identity in self._seen):
            return
        self._seen.add(identity)
        self._waiting.append(request)
        if self._is_backwards is None and len({each.received for each in self._waiting}) > 1:
            self._is_backwards = request.received < self._waiting[0].received
        if self._is_backwards is False:
            self._go_on()

    def _go_on(self) -> None:
        """Judge the requests that wait: clouds list the newest first, and then all wait."""
        waiting, self._waiting = self._waiting, []
        for request in sorted(waiting, key=lambda each: each.received):
            self._add(self._audit.observe(request))

    def _judge_watch(self, event: View, place: Place) -> Iterable[Violation]:
        self._is_backwards = False  # a watch is told in its order
        self._go_on()
        type_ = event.text("type")
        if type_ in _CUTS:
            self._watch.interrupt(event.text("kind"))
            return ()
        item = event.view("object")
        if item.text("kind") in _PARTS:
            self._shown[item.text("kind")] += 1
            return ()
        if type_ == "BOOKMARK":
            kind = event.text("kind") or item.text("kind")
            meta = ObjectMeta(item.data.get("metadata"), "object.metadata")
            self._watch.pass_bookmark(kind, meta)
            return ()
        if type_ not in _OBJECT_EVENTS:
            raise ObjectError("type", f"is not a watch event: {type_[:40]!r}")
        reference = _read_reference(item, event.text("kind"), place, "object.")
        time = event.data.get("t")
        arrival = float(time) if isinstance(time, int | float) else None
        return self._watch.observe(type_, reference, item.data, arrival)

    def _judge_object(self, item: View, place: Place) -> Iterable[Violation]:
        """Judge an object that was printed at each of its changes, deletions not told apart."""
        return self._watch.observe_again(_read_reference(item, "", place, ""), item.data)


def _is_mark(value: object) -> bool:
    """Say whether this is the end of a list whose items were read one by one."""
    return isinstance(value, dict) and value.get("items") == []


def _read_reference(item: View, kind: str, place: Place, path: str) -> Reference:
    meta = ObjectMeta(item.data.get("metadata"), f"{path}metadata")
    kind = kind or item.text("kind")
    if not kind or not meta.name:
        raise ObjectError(path.rstrip("."), "needs a kind and a name")
    return Reference(kind, meta.namespace, meta.name, place)


def _read_time(event: View) -> str:
    """When a request was received; the first version of the API calls it timestamp."""
    return event.text("requestReceivedTimestamp") or event.text("timestamp")


def _target(event: View) -> tuple[str, str]:
    target = event.view("objectRef")
    return event.text("requestURI"), f"{target.text('resource')}/{target.text('name')}"


def _describe(data: object) -> str:
    """Name the object of a watch event as far as it can be read."""
    item = data.get("object") if isinstance(data, dict) else None
    meta = item.get("metadata") if isinstance(item, dict) else None
    if not isinstance(meta, dict) or not isinstance(data, dict):
        return ""
    kind, namespace, name = data.get("kind"), meta.get("namespace"), meta.get("name")
    return str(Reference(str(kind or ""), str(namespace or ""), str(name or "")))
