"""Calls out of the lines of a controller's log, by a table of patterns.

What was sent, answered and received belongs to the request that was told last.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from planespec.checker.lang.trace_rules import CALLS, EVENTS, RESTART
from planespec.reports.input.json_text import JsonError, parse_json
from planespec.reports.judge.controller_traces.api_server_lines import resource_of
from planespec.reports.judge.controller_traces.log_adapters import Adapter
from planespec.reports.judge.controller_traces.trace_lines import Kind, TraceLine, read_version
from planespec.spec.api.authorization.url_attributes import UrlError, read_url
from planespec.spec.objects.view import ObjectError, View

_METHODS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


_OPENS, _CLOSES = "=<", ">"


def join_values(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Make one line of a value that klog writes over several; what follows its end is left out.

    Such a value begins with `=<` at the end of a line, and ends with a line that begins with `>`
    (`klog/internal/serialize/keyvalues.go`). One that never ends is as long as two thousand lines.
    """
    begun: tuple[int, str] | None = None
    parts: list[str] = []
    for number, text in lines:
        if begun is None and not text.endswith(_OPENS):
            yield number, text
        elif begun is None:
            begun, parts = (number, text), []
        elif text.startswith(_CLOSES) or len(parts) == _LONGEST:
            yield begun[0], begun[1] + "".join(parts)
            begun = None
        else:
            parts.append(text)
    if begun is not None:
        yield begun[0], begun[1] + "".join(parts)


_LONGEST = 2000


@dataclass(slots=True)
class LogReader:
    """Turns lines into calls; what was sent, answered and received belongs to one request."""

    adapter: Adapter
    file: str
    _open: TraceLine | None = None
    """The request that waits for its answer, or the call whose answer may be told yet."""
    _is_answered: bool = False
    _sent: dict[str, str] = field(default_factory=dict)

    def read(self, lines: Iterable[tuple[int, str]]) -> Iterator[TraceLine]:
        """Yield what lines tell; raises ValueError for a value that cannot be one."""
        for number, text in join_values(lines):
            fitting = self.adapter.fit(text)
            if fitting is None:
                continue
            meaning, values = fitting
            if meaning in ("answered", "sent", "received"):
                self._complete(meaning, values)
                continue
            yield from self._flush()
            line = _make_line(meaning, values, self.file, number)
            self._is_answered = meaning == "call"
            if line is not None and line.kind is Kind.CALL:
                body, self._sent = self._sent, {}
                self._open = _with_body(line, body) if body else line
            elif line is not None:
                yield line
        yield from self._flush()

    def _flush(self) -> Iterator[TraceLine]:
        if self._open is not None:
            yield self._open if self._is_answered else replace(self._open, code=0)
        self._open = None

    def _complete(self, meaning: str, values: dict[str, str]) -> None:
        if meaning == "sent" and (self._open is None or self._is_answered):
            self._sent = values  # client-go writes the body before the request
        elif self._open is not None and meaning == "sent":
            self._open = _with_body(self._open, values)
        elif self._open is not None and meaning == "answered":
            self._open, self._is_answered = replace(self._open, code=_code(values)), True
        elif self._open is not None:
            self._open = _with_answer(self._open, values)


def _code(values: Mapping[str, str]) -> int:
    text = values.get("code", "0")
    if not re.fullmatch("0|[1-5][0-9]{2}", text):
        raise ObjectError("code", f"must be a code of HTTP, not {text[:20]!r}")
    return int(text)


def _make_line(
    meaning: str, values: Mapping[str, str], file: str, number: int
) -> TraceLine | None:
    process = values.get("process", "")
    if meaning == "restart":
        return TraceLine(Kind.RESTART, file, number, RESTART, process=process)
    kind = Kind(meaning) if meaning in ("heard", "stored") else Kind.CALL
    verb = values.get("type" if kind is not Kind.CALL else "verb", values.get("verb", ""))
    verb = _METHODS.get(verb, verb)
    if verb not in (CALLS if kind is Kind.CALL else EVENTS):
        return None
    target = _target(values)
    if target is None:
        return None
    resource, namespace, name = target
    view = View(values)
    return TraceLine(
        kind,
        file,
        number,
        verb,
        resource,
        namespace,
        name,
        values.get("uid", ""),
        read_version(view, "seen"),
        read_version(view, "version"),
        _code(values) if kind is Kind.CALL else None,
        process,
    )


def _target(values: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Resource, namespace and name, from a URL where there is one; None for other paths."""
    if "url" in values:
        url = re.sub(r"^https?://[^/]*", "", values["url"])
        try:
            asked = read_url("GET", url)
        except UrlError:
            return None
        part = f"/{asked.subresource}" if asked.subresource else ""
        known = (f"{asked.resource}{part}", asked.namespace, asked.name)
        return known if asked.resource else None
    resource = values.get("resource") or resource_of(values.get("kind", ""))
    if resource in ("", "s"):
        return None
    return resource.partition(".")[0], values.get("namespace", ""), values.get("name", "")


_CUT = re.compile(r'"metadata":\{(.*)', re.DOTALL)
_FIELD = re.compile(r'"(name|generateName|uid|resourceVersion)":"([^"]*)"')
_DEEPER = re.compile(r'"(?:ownerReferences|managedFields|labels|annotations|spec)":')


def _read_body(values: Mapping[str, str]) -> View:
    """The object in a body; of one that the log cut off, the first fields of its metadata."""
    text = values.get("body", "")
    if text.startswith('{\\"'):
        text = _unquote(text)
    try:
        found = parse_json(text, halves=True)
    except JsonError:
        cut = _CUT.search(text)
        first = _DEEPER.split(cut[1] if cut else "")[0]
        found = {"metadata": dict(_FIELD.findall(first))}
    return View(found if isinstance(found, dict) else {})


def _unquote(text: str) -> str:
    """The text that a line has between quotes; as it is where they are not those of JSON."""
    try:
        return str(parse_json(f'"{text.removesuffix(chr(34))}"', halves=True))
    except JsonError:
        return text.replace('\\"', '"')


def _metadata(body: View) -> View:
    meta = body.data.get("metadata")
    return View(meta if isinstance(meta, dict) else {})


def _with_body(line: TraceLine, values: Mapping[str, str]) -> TraceLine:
    body = _read_body(values)
    meta, limits = _metadata(body), body.data.get("preconditions")
    wanted = View(limits if isinstance(limits, dict) else {})
    return replace(
        line,
        name=line.name or meta.text("name"),
        generated=line.generated or meta.text("generateName"),
        uid=line.uid or wanted.text("uid") or meta.text("uid"),
        seen=line.seen
        or read_version(wanted, "resourceVersion")
        or read_version(meta, "resourceVersion"),
    )


def _with_answer(line: TraceLine, values: Mapping[str, str]) -> TraceLine:
    body = _read_body(values)
    meta = _metadata(body)
    if body.text("kind") == "Status" or line.verb == "delete" or not line.is_success:
        return line
    return replace(
        line,
        name=line.name or meta.text("name"),
        uid=line.uid or meta.text("uid"),
        version=line.version or read_version(meta, "resourceVersion"),
    )
