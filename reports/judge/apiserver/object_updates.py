"""Judge of `apiserver_updates`: merge patches to an object of 22 kinds and to its status.

A line is `{"in": {"create", "object", "eachAgainstTheFirstObject", "patches": [{"subresource",
"query", "mergePatch"}]}, "out": {"answers": [{"code", "reason", "message", "causes", "warnings"}
or {"code", "changed": [{"path", "before", "after"}], "resourceVersionChanged", "warnings"}]}}`.
The patches follow each other, or each is a dry run against the first object.

What a line does not decide: the second in which a write happened, so times of managed fields in a
message that repeats the object are not compared, nor therefore the order of their entries, nor
whether the time of a volume's last change of phase is another; how far its revision is ahead by
what others wrote; the free address or port that a Service gets, which is taken from the answer;
and from where the server was built, which is in the name of a scheme. Messages are cut to 2,000
letters in the recording.
Kinds: one for each kind of object, with `status` for its subresource.
"""

import copy
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from planespec.reports.input.lines import at, read_records
from planespec.reports.input.schema_files import load_merge_types
from planespec.reports.judge.runner import Comparison, compare
from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.changes.known_kinds import KINDS
from planespec.spec.api.changes.service_changes import ServiceNumbers
from planespec.spec.api.decoding import list_leaves
from planespec.spec.api.object_api import ObjectApi, Request
from planespec.spec.api.patching import MERGE_PATCH
from planespec.spec.objects import View

Json = dict[str, Any]
_CUT = 2000
"""Letters of a message that a recording keeps."""
_MANAGER = "unknown"
"""What the recording's client calls itself."""
_FREE_ADDRESS, _FREE_PORT = "10.0.0.1", 30000
"""What a Service gets where the answer does not tell: it is refused for something else."""
_TIME = re.compile(r'(\\+"(?:time|lastPhaseTransitionTime)\\+":\\+")[-0-9TZ:]+')
_VERSION = re.compile(r'(\\+"resourceVersion\\+":\\+")([0-9]+)')
_ENTRIES = r"\"managedFields\":["
_BETWEEN = "},{"
_MOST_ENTRIES = 4
"""Entries of managed fields whose orders are tried: a manager has one for each subresource."""
_SCHEME = re.compile(r'(in scheme \\*")[^"]*?(pkg/api/legacyscheme)')
_UNDECIDED = ("status.lastPhaseTransitionTime",)


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each patch; InputError for a broken line."""
    for number, record in read_records(path):
        with at(path, number):
            line = View(record).needing("in", "out")
            answers = line.view("out").views("answers")
            given = line.view("in").needing("create", "object")
            patches = [each.needing("mergePatch") for each in given.views("patches")]
            if len(answers) != len(patches):
                raise ValueError("out.answers: must be one for each of in.patches")
            judged = _Line(given)
        for index, (patch, answer) in enumerate(zip(patches, answers, strict=True)):
            with at(path, number):
                yield judged.judge(f"{path}:{number} patches[{index}]", patch, answer)


class _Numbers:
    """Takes what is free from the recorded answer, and makes revisions."""

    def __init__(self, revision: int, now: str) -> None:
        self._revision, self._now = revision, now
        self._free_ports = itertools.count(_FREE_PORT)
        self.changed: dict[str, Any] = {}

    def make_uid(self) -> str:
        """Return an identity: none is made here."""
        return "(new)"

    def make_suffix(self) -> str:
        """Return the end of a name: none is made here."""
        return "xxxxx"

    def advance(self) -> int:
        """Return the next revision."""
        self._revision += 1
        return self._revision

    def tell_time(self) -> str:
        """Return when the object was made."""
        return self._now

    def address(self) -> str:
        """Return the address that the recorded Service got."""
        return str(self.changed.get("spec.clusterIP") or _FREE_ADDRESS)

    def port(self, path: str) -> int:
        """Return the port of the nodes that the recorded Service got, else one of its own."""
        found = self.changed.get(path)
        return found if isinstance(found, int) else next(self._free_ports)


class _Line:
    """One object and what it has become."""

    def __init__(self, given: View) -> None:
        kind = given.view("create").text("kind")
        if kind not in KINDS:
            raise ValueError(f"in.create.kind: no kind of these recordings: {kind!r}")
        first = given.view("object")
        meta = first.view("metadata")
        for name in ("name", "uid", "resourceVersion"):
            if not meta.text(name):
                raise ValueError(f"{meta.path(name)}: is missing")
        given.view("create").view("metadata")
        self._kind, self._name = kind, meta.text("name")
        self._is_each_first = given.flag("eachAgainstTheFirstObject")
        revision = meta.text("resourceVersion")
        start = int(revision) if revision.isdigit() else 0
        self._numbers = _Numbers(start, meta.text("creationTimestamp"))
        main, self._status = KINDS[kind]
        if kind == "Service":
            numbers = ServiceNumbers(self._numbers.address, self._numbers.port)
            main = replace(main, begin_update=numbers.begin_update)
        self._api = ObjectApi(
            main, meta.text("namespace"), self._numbers, load_merge_types(), self._status
        )
        created = copy.deepcopy(dict(given.view("create").data))
        try:
            self._api.load(created, copy.deepcopy(dict(first.data)), _MANAGER)
        except ApiError as error:
            raise ValueError(f"in.object: is no {kind}: {error.message}") from error

    def judge(self, where: str, patch: View, answer: View) -> Comparison:
        """Answer one patch, and compare."""
        self._numbers.changed = {
            each.text("path"): each.data.get("after") for each in answer.views("changed")
        }
        before = copy.deepcopy(self._api.registry.objects[self._name])
        expected, subresource = _read_answer(answer), patch.text("subresource")
        actual = _fit(self._answer(patch, before), expected)
        kind = f"{self._kind} {subresource}".strip()
        return compare(kind, where, dict(patch.data), expected, actual)

    def _answer(self, patch: View, before: Json) -> Json:
        query = {k: v[0] for k, v in parse_qs(patch.text("query").lstrip("?"), True).items()}
        request = Request(query, _MANAGER, MERGE_PATCH, patch.text("subresource"))
        if self._is_each_first != request.dry_run:
            raise ValueError("patches: only those that go to the first object are dry runs")
        self._api.warnings.clear()
        try:
            made, _ = self._api.patch(self._name, patch.data["mergePatch"], request)
        except ApiError as error:
            causes = [each._asdict() for each in error.causes] or None
            said: Json = {"code": error.code, "reason": error.reason, "message": error.message}
            return self._with_warnings(said | {"causes": causes})
        old, new = (dict(list_leaves(self._api.show(each))) for each in (before, made))
        version = "metadata.resourceVersion"
        is_new = old.pop(version) != new.pop(version)
        changed = {
            path: (old.get(path), new.get(path))
            for path in {**old, **new}
            if not _is_kept(old, new, path)
        }
        said = {"code": 200, "changed": changed, "resourceVersionChanged": is_new}
        return self._with_warnings(said)

    def _with_warnings(self, said: Json) -> Json:
        warnings = [f"299 - {json.dumps(each)}" for each in self._api.warnings]
        return said | {"warnings": warnings} if warnings else said


def _is_kept(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> bool:
    is_managed = path.startswith("metadata.managedFields") or path in _UNDECIDED
    return is_managed or (path in old and path in new and old[path] == new[path])


def _read_answer(answer: View) -> Json:
    said = dict(answer.data)
    for cause in answer.views("causes"):
        cause.needing("message")
    if answer.has("changed"):
        said["changed"] = {
            each.text("path"): (each.data.get("before"), each.data.get("after"))
            for each in answer.views("changed")
            if each.text("path") not in _UNDECIDED
        }
    return said


def _fit(actual: Json, expected: Json) -> Json:
    """Take over what the line does not decide, and cut what the recording cut."""
    if "message" not in expected or "message" not in actual:
        return actual
    told = str(expected["message"])
    message = _fit_text(str(actual["message"]), told)
    causes, others = actual.get("causes"), expected.get("causes")
    for cause, other in zip(causes or (), others or (), strict=False):
        cause["message"] = _fit_text(cause["message"], str(other.get("message")))
    return actual | {"message": message}


def _take_version(text: str, told: str) -> str:
    """Take the revision of the recording, unless it is older than the one that is known."""
    ours, theirs = _VERSION.search(text), _VERSION.search(told)
    if ours is None or theirs is None or int(theirs[2]) < int(ours[2]):
        return text
    return text[: ours.start()] + theirs[0] + text[ours.end() :]


def _fit_text(text: str, told: str) -> str:
    """Return the text as the recorded one may have it, or else as it is."""
    fitted = [_fit_arranged(each, told) for each in _arrange(_take_version(text, told))]
    return told if told in fitted else fitted[0]


def _arrange(text: str) -> Iterator[str]:
    """Yield the text with its managed fields in every order: they are sorted by their times."""
    head, start, rest = text.partition(_ENTRIES)
    body, end, tail = rest.partition("]")
    entries = body[1:-1].split(_BETWEEN)
    if not end or not 1 < len(entries) <= _MOST_ENTRIES:
        yield text
        return
    for order in itertools.permutations(entries):
        yield f"{head}{start}{{{_BETWEEN.join(order)}}}{end}{tail}"


def _fit_arranged(text: str, told: str) -> str:
    """Return the text with the times and the scheme of the recorded one, cut as it was."""
    times = _TIME.finditer(told)

    def take(found: re.Match[str]) -> str:
        other = next(times, None)
        return other[0] if other is not None and other[1] == found[1] else found[0]

    scheme = _SCHEME.search(told)
    fitted = _TIME.sub(take, text)
    if scheme is not None:
        whole = scheme[0]
        fitted = _SCHEME.sub(lambda _found: whole, fitted)
    return fitted[:_CUT] if len(told) == _CUT else fitted
