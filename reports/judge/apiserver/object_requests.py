"""Judge of `apiserver_ops`: requests for ConfigMaps in order, and the watch from the start.

A line is `{"kind": "configmap", "startResourceVersion", "ops": [{"method", "path", "contentType",
"body", "code", "object" or "reason", "message"}], "watch": [...]}`. Identities, generated names
and revisions come from the recording, since other writers share the store: a revision must be
higher than every one before, a generated name its prefix with five letters. What a line does
not decide is what others did meanwhile: how far the revision of a list is ahead of the last write
of the line, how far a cache lags that may be behind, and whether a revision was compacted. There
any answer is right that the server can give: a list or get of the cache is some state of the line,
never an older one than the cache showed before, and what was compacted stays so. A garbage
collector runs beside: when it takes its finalizer from an object that is being deleted, the watch
tells, and the answers must fit. Messages are cut to 300 letters in the recording.
Kinds: one for each method with the kind of patch, and `watch`.
"""

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from planespec.reports.input.lines import at, read_records
from planespec.reports.input.schema_files import load_merge_types
from planespec.reports.judge.apiserver.cached_reads import CachedReads, Read, tell_error
from planespec.reports.judge.runner import Comparison, compare
from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.changes.plain_kinds import CONFIG_MAP
from planespec.spec.api.decoding import decode
from planespec.spec.api.deletion import FOREGROUND, ORPHAN, read_delete_options
from planespec.spec.api.patching import check_name, patch_object
from planespec.spec.api.registry import Event, Registry
from planespec.spec.objects import View

Json = dict[str, Any]
_PATH = re.compile(r"/api/v1/namespaces/([^/?]+)/configmaps(?:/([^/?]+))?")
_SUFFIX = re.compile(r"[bcdfghjklmnpqrstvwxz2456789]{5}")
_CUT = 300
"""Letters of a message that a recording keeps."""
_HIDDEN = ("creationTimestamp", "managedFields", "selfLink")


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each request and for the watch; InputError for a broken line."""
    for number, record in read_records(path):
        with at(path, number):
            line = _Line(View(record).needing("startResourceVersion", "ops", "watch"))
        where = f"{path}:{number}"
        for index, item in enumerate(line.ops):
            with at(path, number):
                yield line.judge_request(f"{where} ops[{index}]", item, index)
        yield line.judge_watch(where)


class _Recorded:
    """Takes identities, suffixes and revisions from the recorded answer of a request."""

    def __init__(self, start: int) -> None:
        self.revision = start
        self.answer: Json = {}
        self.shown = 0
        """The revision of the next event that the watch shows."""

    def _meta(self) -> View:
        return View(View(self.answer).view("object").view("metadata").data)

    def make_uid(self) -> str:
        """Return the identity in the answer."""
        return self._meta().text("uid") or "(new)"

    def make_suffix(self) -> str:
        """Return the end of the name in the answer, if such an end can be generated."""
        suffix = self._meta().text("name")[-5:]
        return suffix if _SUFFIX.fullmatch(suffix) else "xxxxx"

    def advance(self) -> int:
        """Return the revision in the answer, or that of the next event of the watch."""
        text = self._meta().text("resourceVersion")
        said = int(text) if text.isdigit() else 0
        if said <= self.revision:
            said = self.shown
        self.revision = said if said > self.revision else self.revision + 1
        return self.revision

    def tell_time(self) -> str:
        """Return what the recording shows of any time."""
        return "set"


class _World:
    """What a line may have come to: the registry, and what its cache showed."""

    def __init__(self, namespace: str, start: int) -> None:
        self.chance = _Recorded(start)
        self.registry = Registry(CONFIG_MAP, namespace, self.chance)
        self.reads = CachedReads(self.registry, start)


class _Line:
    """One recorded sequence and the world as it stands."""

    def __init__(self, line: View) -> None:
        self.start = int(line.text("startResourceVersion"))
        self.ops = [each.needing("method", "path", "code") for each in line.views("ops")]
        self.expected_watch = line.items("watch")
        self.watch = line.views("watch")
        namespace = _PATH.match(self.ops[0].text("path")) if self.ops else None
        self.namespace = namespace[1] if namespace else ""
        self.world = _World(self.namespace, self.start)
        self.kind = load_merge_types().find("", "v1", "ConfigMap")

    def judge_request(self, where: str, item: View, index: int) -> Comparison:
        """Answer one request, and compare; a collector may have been at work before."""
        expected = _read_answer(item)
        before = copy.deepcopy(self.world)
        actual = self._answer(item, index, expected)
        while not self._agrees(actual, expected):
            later = copy.deepcopy(before)
            if not self._collect(later):
                break
            before, self.world = copy.deepcopy(later), later
            actual = self._answer(item, index, expected)
        content_type = item.text("contentType").partition("/")[2].partition("+")[0]
        kind = f"{item.text('method')} {content_type}".strip()
        return compare(kind, where, {"path": item.text("path")}, expected, actual)

    def _agrees(self, actual: Json, expected: Json) -> bool:
        """Say whether an answer and the events so far are those of the recording."""
        count = len(self.world.registry.events)
        shown = [_show_event(each) for each in self.world.registry.events[-2:]]
        return actual == expected and shown == self.expected_watch[max(count - 2, 0) : count]

    def _collect(self, world: _World) -> bool:
        """Take the step of the garbage collector that the watch shows next, if it shows one."""
        index = len(world.registry.events)
        if index >= len(self.watch):
            return False
        meta = self.watch[index].view("object").view("metadata")
        held = world.registry.objects.get(meta.text("name"))
        finalizers = (held or {}).get("metadata", {}).get("finalizers") or []
        own = [each for each in finalizers if each in (ORPHAN, FOREGROUND)]
        if held is None or not own or not held["metadata"].get("deletionTimestamp"):
            return False

        def release(old: Json | None) -> Json:
            made: Json = old or {}
            made["metadata"]["finalizers"] = [each for each in finalizers if each not in own]
            return made

        world.chance.answer = {}
        world.chance.shown = _read_revision(meta)
        world.registry.update(meta.text("name"), release)
        return True

    def _answer(self, item: View, index: int, expected: Json) -> Json:
        """Answer one request in the world as it stands."""
        method, url = item.text("method"), urlsplit(item.text("path"))
        found = _PATH.fullmatch(url.path)
        if found is None or found[1] != self.namespace:
            raise ValueError(f"ops[{index}].path: is no path of ConfigMaps of this line")
        query = {key: values[0] for key, values in parse_qs(url.query, True).items()}
        world, count = self.world, len(self.world.registry.events)
        world.chance.answer = dict(item.data)
        for event in self.watch[count : count + 1]:
            world.chance.shown = _read_revision(event.view("object").view("metadata"))
        if method == "GET":
            read = Read(found[2], query, self._bound(index))
            return world.reads.answer(read, expected, show)
        said = self._try_writing(method, found[2] or "", query, item)
        if len(str(expected.get("message"))) == _CUT:
            said["message"] = str(said.get("message"))[:_CUT]
        return said

    def _bound(self, index: int) -> int:
        """Return the revision of the next write that the line tells: a read is older."""
        for item in self.ops[index + 1 :]:
            if item.text("method") != "GET" and item.has("object"):
                text = item.view("object").view("metadata").text("resourceVersion")
                if text.isdigit() and int(text) > self.world.chance.revision:
                    return int(text)
        return 1 << 63

    def _try_writing(self, method: str, name: str, query: dict[str, str], item: View) -> Json:
        dry_run = "dryRun" in query
        try:
            return {"code": 200, **self._write(method, name, dry_run, item)}
        except ApiError as error:
            return tell_error(error)

    def _write(self, method: str, name: str, dry_run: bool, item: View) -> Json:
        if method == "DELETE":
            self.world.registry.get(name)
            options = read_delete_options(item.data.get("body"), dry_run=dry_run)
            left = self.world.registry.delete(name, options)
            return {"object": show(left)} if left else {"status": "Success", "message": ""}
        if method == "POST":
            made = self.world.registry.create(self._read(item), dry_run=dry_run)
            return {"code": 201, "object": show(made)}
        if method == "PUT":
            sent = self._read(item)
            check_name(CONFIG_MAP, sent, name, self.namespace)
            uid = View(sent).view("metadata").text("uid")
            made, _ = self.world.registry.update(name, lambda _old: sent, uid=uid, dry_run=dry_run)
            return {"object": show(made)}

        def make(old: Json | None) -> Json:
            content_type, body = item.text("contentType"), item.data.get("body")
            patched: Json = patch_object(
                content_type, CONFIG_MAP, self.kind, old or {}, body
            ).value
            check_name(CONFIG_MAP, patched, name, self.namespace)
            return patched

        return {"object": show(self.world.registry.update(name, make, dry_run=dry_run)[0])}

    def _read(self, item: View) -> Json:
        said: Json = decode(self.kind, dict(item.view("body").data)).value
        said.setdefault("metadata", {})
        return said | {"apiVersion": "v1", "kind": "ConfigMap"}

    def judge_watch(self, where: str) -> Comparison:
        """Compare the watch of the line's objects from its start."""
        while self._collect(self.world):
            continue
        actual = [_show_event(each) for each in self.world.registry.events]
        return compare("watch", where, {"from": self.start}, self.expected_watch, actual)


def _read_revision(meta: View) -> int:
    text = meta.text("resourceVersion")
    return int(text) if text.isdigit() else 0


def _show_event(event: Event) -> Json:
    return {"type": event.type, "object": show(event.object)}


def show(data: Json) -> Json:
    """Return an object as recordings show it: without creation time and managed fields."""
    meta = {key: value for key, value in data["metadata"].items() if key not in _HIDDEN}
    return {**data, "metadata": meta}


def _read_answer(item: View) -> Json:
    """Return the recorded answer without what is not the server's."""
    names = ("code", "object") if item.has("object") else ("code", "reason", "message", "status")
    said = {name: item.data.get(name) for name in names}
    if said.get("status") == "Success":
        del said["reason"]
    return said
