"""Reading the files of a trace, whatever form each has."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.reports.input.json_text import JsonError, parse_json
from planespec.reports.input.lines import read_lines
from planespec.reports.judge.controller_traces.api_server_lines import ApiServerReader
from planespec.reports.judge.controller_traces.line_order import order_lines
from planespec.reports.judge.controller_traces.log_adapters import (
    Adapter,
    load_adapter,
    own_adapters,
)
from planespec.reports.judge.controller_traces.log_lines import LogReader
from planespec.reports.judge.controller_traces.trace_lines import (
    TraceLine,
    kind_of,
    read_own_lines,
)

_SNIFFED = 2_000
"""Lines of a log in which one has to fit a table."""


@dataclass(frozen=True, slots=True)
class TraceRead:
    """All lines of a trace in order, and in which forms they were."""

    lines: tuple[TraceLine, ...]
    forms: tuple[str, ...]


def read_trace(
    files: Sequence[Path], *, user: str | None = None, adapter: Path | None = None
) -> TraceRead:
    """Read the files of one trace; raises InputError, or ConfigurationError for the user."""
    tables = [load_adapter(adapter)] if adapter else own_adapters()
    server = ApiServerReader(user)
    lines: list[TraceLine] = []
    forms: list[str] = []
    for file in files:
        form, found = _read_file(file, server, tables, is_given=adapter is not None)
        forms.append(form)
        lines += found
    server.finish()
    if not lines:
        raise InputError("holds no line of a trace", file=files[0])
    return TraceRead(tuple(order_lines(lines)), tuple(forms))


def _read_file(
    file: Path, server: ApiServerReader, tables: Sequence[Adapter], *, is_given: bool
) -> tuple[str, list[TraceLine]]:
    head = [text for _, text in islice(read_lines(file), _SNIFFED) if text.strip()]
    if not head:
        raise InputError("is empty", file=file)
    if not is_given and kind_of(_parse(head[0])) is not None:
        return "trace", read_own_lines(file)
    for table in tables:
        if any(table.fit(text.strip()) for text in head):
            reader = LogReader(table, str(file))
            return table.name, list(_read_log(file, reader))
    if is_given:
        raise InputError(f"has no line that the table {tables[0].name} knows", file=file)
    if not re.match(r"\s*[\[{]", head[0]) and not any('{"' in text for text in head):
        raise InputError(
            "is no trace: neither JSON lines of calls, nor an audit log or watch, nor a log of "
            f"{' or '.join(table.name for table in tables)}; --adapter FILE reads others",
            file=file,
        )
    return "API server", server.read(file)


def _parse(text: str) -> object:
    try:
        return parse_json(text, halves=True)
    except JsonError:
        return None


def _read_log(file: Path, reader: LogReader) -> Iterator[TraceLine]:
    last = 1

    def lines() -> Iterator[tuple[int, str]]:
        nonlocal last
        for number, text in read_lines(file):
            last = number
            yield number, text.strip()

    found = reader.read(lines())
    while True:
        try:
            line = next(found)
        except StopIteration:
            return
        except ValueError as error:
            raise InputError(str(error), file=file, line=last) from error
        yield line
