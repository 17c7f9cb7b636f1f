"""Read and write `operations.json` and `watch.json` of etcd's robustness reports.

A file is pretty-printed JSON objects back to back, one for each operation. Folders are those of
upstream: `client-<id>/operations.json`, `client-<id>/watch.json`. Upstream calls the form not
stable; fields it adds are ignored here. Source: tests/robustness/report/client.go.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from planespec.checker.errors import InputError
from planespec.checker.linearizability import Operation
from planespec.reports.files import write_whole
from planespec.reports.input.json_text import JsonError, decode_json, read_text, skip_space
from planespec.reports.judge.history.history_json import (
    read_operation,
    read_watch,
    write_operation,
    write_watch,
)
from planespec.spec.etcd.history import HistoryRequest, Observation
from planespec.spec.etcd.watch import SeenWatch
from planespec.spec.objects import View

Recorded = Operation[HistoryRequest, Observation]
"""One operation of a history of etcd; times in nanoseconds."""

ItemT = TypeVar("ItemT")


def read_operations(path: Path) -> list[Recorded]:
    """Read an `operations.json`; raises InputError with the line of a faulty operation."""
    return _read(path, read_operation)


def read_watches(path: Path) -> list[SeenWatch]:
    """Read a `watch.json`; raises InputError with the line of a faulty watch."""
    return _read(path, read_watch)


def write_operations(path: Path, operations: Iterable[Recorded]) -> None:
    """Write an `operations.json`; raises ValueError for what its form cannot express."""
    _write(path, (write_operation(each) for each in operations))


def write_watches(path: Path, watches: Iterable[SeenWatch]) -> None:
    """Write a `watch.json`."""
    _write(path, (write_watch(each) for each in watches))


def read_report(folder: Path) -> tuple[list[Recorded], list[SeenWatch]]:
    """Read the operations and watches of every `client-*` in a report folder.

    Raises InputError where there is no client or none of them did anything.
    """
    clients = sorted(path for path in folder.glob("client-*") if path.is_dir())
    operations = [each for file in _files(clients, "operations") for each in read_operations(file)]
    watches = [each for file in _files(clients, "watch") for each in read_watches(file)]
    if not operations and not watches:
        raise InputError("holds no client-*/operations.json or watch.json", file=folder)
    return operations, watches


def write_report(
    folder: Path, operations: Iterable[Recorded], watches: dict[int, list[SeenWatch]]
) -> None:
    """Write a report folder: operations by their client, watches by the client given."""
    by_client: dict[int, list[Recorded]] = {}
    for operation in operations:
        by_client.setdefault(operation.client, []).append(operation)
    for client in by_client.keys() | watches.keys():
        (folder / f"client-{client}").mkdir(parents=True, exist_ok=True)
    for client, own in by_client.items():
        write_operations(folder / f"client-{client}/operations.json", own)
    for client, seen in watches.items():
        write_watches(folder / f"client-{client}/watch.json", seen)


def _files(clients: list[Path], name: str) -> list[Path]:
    files = (client / f"{name}.json" for client in clients)
    return [file for file in files if file.exists()]


def _read(path: Path, reader: Callable[[View], ItemT]) -> list[ItemT]:
    items = []
    for line, value in _read_objects(path):
        try:
            items.append(reader(View(value)))
        except ValueError as error:
            raise InputError(f"cannot be understood: {error}", file=path, line=line) from error
    return items


def _read_objects(path: Path) -> Iterator[tuple[int, object]]:
    """Yield each value of a file with the line it begins on."""
    text, at, line, counted = read_text(path), 0, 1, 0
    while (at := skip_space(text, at)) < len(text):
        line, counted = line + text.count("\n", counted, at), at
        try:
            value, at = decode_json(text, at)
        except JsonError as error:
            raise InputError(error.message, file=path, line=error.line or line) from error
        yield line, value


def _write(path: Path, objects: Iterable[dict[str, Any]]) -> None:
    text = "".join(json.dumps(each, indent=2, ensure_ascii=False) + "\n" for each in objects)
    write_whole(path, text)
