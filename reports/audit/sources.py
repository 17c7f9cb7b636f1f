"""Where snapshots come from: files, folders, archives, standard input."""

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Protocol

from planespec.checker.errors import InputError
from planespec.reports.audit.audit_result import Report, name_some
from planespec.reports.audit.log_files import Logs, order_parts
from planespec.reports.audit.reading.ahead import Piece, read_documents
from planespec.reports.audit.reading.archives import LOG_ENDINGS, expand, name_log, visit
from planespec.reports.audit.reading.documents import (
    TEMPLATE,
    PassedOver,
    is_plain,
    recognise,
    waits_for_value,
)
from planespec.reports.audit.reading.item import (
    LEFT_OUT,
    Apart,
    Item,
    Oversized,
    find_fault,
)
from planespec.reports.audit.reading.kustomizations import (
    INTO_OTHERS,
    Kustomizations,
    put_first,
)
from planespec.reports.audit.reading.log_stream import SNIFFED, sniff_log
from planespec.reports.audit.reading.side_text import Remark
from planespec.reports.audit.repeated_findings import leave_out_repeated
from planespec.reports.fit.device_selectors import evaluate_on_device, evaluate_on_object
from planespec.reports.input.lines import look_ahead, standard_input
from planespec.reports.input.schema_files import load_published_kinds
from planespec.spec.cluster.cluster_requirements import Malformed, Place
from planespec.spec.cluster.evidence.certainty import mode_of
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.snapshot_judge import judge_cluster, list_unjudged
from planespec.spec.labels import SelectorError
from planespec.spec.objects import ObjectError, View
from planespec.spec.objects.interning import Interner
from planespec.spec.quantity import QuantityError

_LINES = "lines of text,"


def audit_files(names: Sequence[str], stdin: IO[bytes] | None = None) -> Report:
    """Read all files into one snapshot and judge it; logs among them are followed.

    Raises InputError for a folder with nothing in it.
    """
    audit = SnapshotAudit()
    for name in put_first(order_parts(expand(names))):
        audit.read_file(name, stdin or standard_input(), is_given=name in names)
    return audit.judge()


@contextmanager
def without_collection() -> Iterator[None]:
    """Suspend the search for cycles: the objects of a snapshot have none and are many.

    What was made meanwhile counts as old afterwards, or the next search would go through it all.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.unfreeze()
            gc.enable()


class Objects(Protocol):
    """What takes the objects in: the store of a snapshot, or a cluster that is judged."""

    def add(self, data: object, source: Place, kind: str, version: str) -> object:
        """Take an object in; `kind` and `version` are those of its list. Raises ObjectError."""

    def note_kind(self, kind: str) -> None:
        """Take note that a list of the kind was read."""

    def note_unread(self, kind: str, name: str = "") -> None:
        """Take note that an object could not be read: it exists, for all that is known."""

    def note_partial(self, kind: str) -> None:
        """Take note that a list of the kind goes on elsewhere."""

    def note_lost(self, file: str) -> None:
        """Take note that the rest of a file could not be read: anything may stand in it."""


class SnapshotReader:
    """One snapshot, read from any number of files."""

    def __init__(self, objects: Objects, interner: Interner) -> None:
        """Read into `objects`; what cannot be read goes into the report."""
        self.report = Report()
        self.interner = interner
        self.objects = objects
        self.nothing_in: str | None = None  # a file read before the first object or list
        self.is_empty = True
        self.passed_over: dict[str, list[Place]] = {}
        """What was read and is no object, in words, and where it stands."""
        self.tools: list[PassedOver] = []
        """Documents of tools, some of which decide in a fit."""
        self.kustomizations = Kustomizations()
        self._last = Place("", 1)
        self._folders: set[str] = set()

    def read_file(self, name: str, stdin: IO[bytes], *, is_given: bool = True) -> None:
        """Read a file in, or all in an archive; what cannot be read is reported and left out.

        `is_given` says that the file was named, not found in a folder.
        """
        self._last = Place(name, 1)

        def take(inner: str, stream: IO[bytes]) -> None:
            self._last = Place(inner, 1)
            self.read_stream(inner, stream, is_given=is_given and inner == name)

        try:
            with without_collection():
                visit(name, stdin, take)
        except InputError as error:
            self.report.malformed.append(Malformed(self._last, "", "", error.message))
            self.objects.note_lost(name)

    def read_stream(self, name: str, stream: IO[bytes], *, is_given: bool) -> None:
        """Read what is in a file. Raises InputError where it is cut off."""
        head, stream = look_ahead(stream, SNIFFED)
        if not is_given and name_log(name).endswith(LOG_ENDINGS):
            return  # in a folder of objects such files are logs of containers
        self.nothing_in = self.nothing_in or name
        for item in read_documents(name, head, stream, self.interner):
            self._last = item.place
            self.take(item)

    def take(self, item: Piece) -> None:
        """Read one piece of a file in."""
        if isinstance(item, Apart):
            self.add(item.put_together())
        elif isinstance(item, Item):
            self.add(item)
        elif isinstance(item, Remark):
            self._pass_over(f"lines of text, such as {item.text[:80]!r}", item.place)
        else:
            self._report_unread(*item)

    def _report_unread(self, place: Place, message: str, subject: str, field: str) -> None:
        """Report a piece that cannot be read; of the templates in one folder the first."""
        folder = os.path.dirname(place.file)
        if message == TEMPLATE and folder in self._folders:
            return
        if message == TEMPLATE:
            self._folders.add(folder)
        self.report.malformed.append(Malformed(place, subject, field, message))
        if message.endswith(LEFT_OUT):
            self.objects.note_lost(place.file)
        elif message != TEMPLATE:
            self._note_unread(subject)

    def _note_unread(self, subject: str) -> None:
        """Nobody shall be blamed for naming an object that is here and could not be read."""
        kind, _, name = subject.partition(" ")
        if kind:
            self.objects.note_unread(kind, "" if name.startswith("(") else name)

    def _pass_over(self, what: str, place: Place) -> None:
        what = next((each for each in self.passed_over if what[:14] == each[:14] == _LINES), what)
        self.passed_over.setdefault(what, []).append(place)

    def list_passed_over(self) -> Iterator[str]:
        """Yield one line for each sort of documents that are no objects."""
        for what, places in self.passed_over.items():
            yield f"{what} ({name_some([f'{p.file}:{p.line}' for p in places])})"

    def add(self, item: Item) -> None:
        """Read one document in."""
        if item.value is None or item.value == {}:
            return
        if self.kustomizations.takes(item):
            self._pass_over(INTO_OTHERS, item.place)
            return
        if is_plain(item):
            self._add_part(item)
            return
        for part in recognise(item):
            if isinstance(part, Item):
                self._add_part(part)
            else:
                self._pass_over(part.what, part.place)
                self.tools.append(part)
                self.kustomizations.read(part)

    def _add_part(self, item: Item) -> None:
        value = item.value
        try:
            if isinstance(value, Oversized):
                raise ObjectError(
                    "", f"is larger than an API server accepts: {value.size:,} bytes"
                )
            fault = find_fault(value) if item.is_suspect else None
            if fault is not None:
                raise ObjectError(*fault)
            self._add_or_expand(item)
        except ObjectError as error:
            self._blame(item, error.field, error.message)
        except (SelectorError, QuantityError, RecursionError) as error:
            is_deep = isinstance(error, RecursionError)
            self._blame(item, "", "is nested too deeply" if is_deep else str(error))

    def _blame(self, item: Item, field: str, message: str) -> None:
        """Report an object that cannot be read; one with placeholders is a template."""
        if waits_for_value(item.value, field):
            self._pass_over("objects with placeholders: templates, no cluster", item.place)
            self._note_unread(_describe(item.value, item.kind))
            return
        subject = _describe(item.value, item.kind)
        self.report.malformed.append(Malformed(item.place, subject, field, message))
        self._note_unread(subject)

    def _add_or_expand(self, item: Item) -> None:
        """Read an object in, or what a list holds; a list without items may say null."""
        value = item.value
        kind = value.get("kind") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind.endswith("List") and "items" in View(value).data:
            self.is_empty = False
            self._note_list(View(value), kind.removesuffix("List"))
            for each in View(value).items("items"):
                self.add(Item(each, item.place, kind.removesuffix("List")))
            return
        self.objects.add(value, item.place, item.kind, item.version)

    def _note_list(self, value: View, kind: str) -> None:
        """Take note that a kind was listed, and whether the list goes on elsewhere."""
        if kind:
            self.objects.note_kind(kind)
        meta = value.data.get("metadata")
        if isinstance(meta, dict) and (meta.get("continue") or meta.get("remainingItemCount")):
            self.objects.note_partial(kind)


class SnapshotAudit(SnapshotReader):
    """A snapshot that is judged."""

    def __init__(self) -> None:
        """Begin with an empty cluster."""
        self.cluster = Cluster(load_published_kinds())
        self.cluster.evaluate = evaluate_on_device
        self.cluster.evaluate_rule = evaluate_on_object
        super().__init__(self.cluster, self.cluster.store.interner)
        self.logs = Logs(self.report)

    def take(self, item: Piece) -> None:
        """Read one piece of a file in; of a pod that is like one before it only what differs."""
        if not isinstance(item, Apart) or not self.cluster.add_alike(item.stored, item.place):
            super().take(item)

    def add(self, item: Item) -> None:
        """Read one document in, and take note of fields that stand twice in it."""
        for field, line in item.repeated:
            place = Place(item.place.file, line)
            self.cluster.note_repeated(_describe(item.value, item.kind), place, field)
        super().add(item)

    def read_stream(self, name: str, stream: IO[bytes], *, is_given: bool) -> None:
        """Read objects, or follow what is a log by what is in it."""
        head, stream = look_ahead(stream, SNIFFED)
        if sniff_log(head):
            self.logs.follow(name, stream)
        else:
            super().read_stream(name, stream, is_given=is_given)

    def judge(self) -> Report:
        """Evaluate the requirements and return the report."""
        report = self.report
        if self.nothing_in and self.is_empty and not (self.cluster.counts or report.malformed):
            place = Place(self.nothing_in, 1)
            report.malformed.append(Malformed(place, "", "", "holds no object of Kubernetes"))
        self.logs.finish()
        self.kustomizations.tell(self.cluster)
        self.cluster.set_aside()
        unread: list[ObjectError] = []
        with without_collection():
            found = judge_cluster(self.cluster, unread)
            report.violations.extend(self.kustomizations.hold_back(self.cluster, found))
        leave_out_repeated(report)
        place = Place(self.nothing_in or "", 1)
        report.malformed += [Malformed(place, "", e.field, e.message) for e in unread]
        report.counts.update(self.cluster.counts)
        report.store = self.cluster.store
        report.judged.update(
            each.key.kind
            for each in self.cluster.store
            if not self.cluster.store.is_unread(each.key)
        )
        report.mode = mode_of(self.cluster)
        report.unjudged.extend(self.list_passed_over())
        report.unjudged.extend(list_unjudged(self.cluster))
        report.sort()
        return report


def _describe(value: object, kind: str) -> str:
    """Name a broken object as far as it can be read."""
    if not isinstance(value, dict):
        return ""
    meta = value.get("metadata")
    meta = meta if isinstance(meta, dict) else {}
    scope = f"{meta['namespace']}/" if isinstance(meta.get("namespace"), str) else ""
    name = meta["name"] if isinstance(meta.get("name"), str) else "(without a name)"
    said = value.get("kind")
    return f"{said if isinstance(said, str) else kind or 'object'} {scope}{name}"
