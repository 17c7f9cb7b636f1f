"""Alibaba's cluster-trace-gpu-v2023, its node and pod lists, as Kubernetes objects.

`python bench/alibaba.py PATH... | planespec audit -` audits it: PATH is a list (`openb_*.csv`,
plain or gzip) or a folder. Of a folder with the whole lists only these are read; the others are
parts.

The trace says what each pod asks for and when it ran, not where. So pods are read as they were
before scheduling: Pending, without a node. A node offers `cpu_milli`, `memory_mib` and `gpu`, and
1,000 thousandths of a GPU for each; a pod asks for `num_gpu` times `gpu_milli` of them, and
`gpu_spec` lists the models it accepts. The extended resources and the label are of this reader.
Source: https://github.com/alibaba/clusterdata, cluster-trace-gpu-v2023, README.
"""

import argparse
import csv
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.audit.reading.item import LEFT_OUT, Item, Unread
from planespec.reports.input.lines import open_binary
from planespec.spec.cluster.cluster_requirements import Place

GPU = "alibabacloud.com/gpu-count"
GPU_MILLI = "alibabacloud.com/gpu-milli"
MODEL = "alibabacloud.com/gpu-card-model"
_NODES, _PODS = b"sn,cpu_milli,memory_mib,gpu,model", b"name,cpu_milli,memory_mib,num_gpu,"
_LIST = re.compile(r"openb_(node|pod)_list_(?=\w+\.csv)")
_WHOLE = re.compile(r"openb_(node_list_all_node|pod_list_default)\.csv")
_MOST_PODS = "1000"
_DIGITS = re.compile(r"[0-9]{1,18}")


def main(names: Iterable[str]) -> int:
    """Print the objects of all lists, one a line, and on stderr what was left out."""
    unread = 0
    for name in names:
        for item in read_lists(name):
            if isinstance(item, Unread):
                unread += 1
                print(f"{item.place.file}:{item.place.line}: {item.message}", file=sys.stderr)
            else:
                print(json.dumps(item.value))
    return ExitCode.PARSE if unread else ExitCode.HOLDS


def read_lists(name: str) -> Iterator[Item | Unread]:
    """Yield what a list holds, or the lists of a folder. Raises InputError where there is none."""
    files = [name]
    if os.path.isdir(name):
        found = sorted(str(path) for path in Path(name).rglob("openb_*.csv*"))
        files = choose_lists(found)
        if not files:
            raise InputError("has no list of the trace (openb_*.csv)", file=name)
    for file in files:
        with open_binary(file, sys.stdin.buffer) as stream:
            head = stream.peek(4096)[:4096] if hasattr(stream, "peek") else b""
            if is_trace(head):
                yield from read_trace(file, stream)
            elif file == name:
                raise InputError("is no list of the trace: its columns are others", file=file)


def choose_lists(files: Sequence[str]) -> list[str]:
    """Of the lists of a folder keep the whole ones: the others are parts that repeat their names.

    Lists in other folders, and a folder that has no whole list, are left alone.
    """
    whole = {_list_of(file) for file in files if _WHOLE.search(file)}
    return [file for file in files if _WHOLE.search(file) or _list_of(file) not in whole]


def _list_of(file: str) -> str:
    """Name the folder and which of the two lists it is; other files are a list of their own."""
    found = _LIST.search(file)
    return file if found is None else file[: found.end()]


def is_trace(head: bytes) -> bool:
    """Tell the header of either list."""
    return head.startswith((_NODES, _PODS))


def read_trace(file: str, stream: IO[bytes]) -> Iterator[Item | Unread]:
    """Yield a node or a pod for each line; a line that is not understood is left out."""
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="")
    reader = csv.DictReader(text)
    try:
        for row in reader:
            yield _read_row(row, Place(file, reader.line_num))
    except csv.Error:
        message = f"is not a line of the trace; {LEFT_OUT}"
        yield Unread(Place(file, reader.line_num), message)
    finally:
        text.detach()  # whoever opened the stream closes it


def _read_row(row: Mapping[str, str | None], place: Place) -> Item | Unread:
    try:
        return Item(_read_node(row) if "sn" in row else _read_pod(row), place)
    except _ColumnError as error:
        return Unread(place, f"is not a line of the trace: {error}")


class _ColumnError(ValueError):
    """A column is missing or holds no number."""


def _text(row: Mapping[str, str | None], column: str) -> str:
    value = row.get(column)
    if value is None:
        raise _ColumnError(f"it has no column {column}")
    return value


def _number(row: Mapping[str, str | None], column: str) -> int:
    value = _text(row, column)
    if not _DIGITS.fullmatch(value):
        raise _ColumnError(f"{column} is {value[:40]!r}, no whole number")
    return int(value)


def _read_node(row: Mapping[str, str | None]) -> dict[str, object]:
    gpus = _number(row, "gpu")
    offered = {
        "cpu": f"{_number(row, 'cpu_milli')}m",
        "memory": f"{_number(row, 'memory_mib')}Mi",
        "pods": _MOST_PODS,
    }
    if gpus:
        offered |= {GPU: str(gpus), GPU_MILLI: str(gpus * 1000)}
    model = _text(row, "model")
    labels = {MODEL: model} if model else {}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": _text(row, "sn"), "labels": labels},
        "status": {"capacity": offered, "allocatable": offered},
    }


def _read_pod(row: Mapping[str, str | None]) -> dict[str, object]:
    gpus = _number(row, "num_gpu")
    asked = {"cpu": f"{_number(row, 'cpu_milli')}m", "memory": f"{_number(row, 'memory_mib')}Mi"}
    if gpus:
        asked |= {GPU: str(gpus), GPU_MILLI: str(gpus * _number(row, "gpu_milli"))}
    spec: dict[str, object] = {
        "containers": [
            {"name": "main", "image": "main", "resources": {"requests": asked, "limits": asked}}
        ]
    }
    if wanted := _text(row, "gpu_spec"):
        models = {"key": MODEL, "operator": "In", "values": wanted.split("|")}
        terms = {"nodeSelectorTerms": [{"matchExpressions": [models]}]}
        required = {"requiredDuringSchedulingIgnoredDuringExecution": terms}
        spec["affinity"] = {"nodeAffinity": required}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": _text(row, "name"), "labels": {"qos": _text(row, "qos")}},
        "spec": spec,
        "status": {"phase": "Pending"},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Alibaba's lists as JSON, one object a line")
    parser.add_argument("path", nargs="+", help="a list (openb_*.csv, plain or gzip) or a folder")
    try:
        sys.exit(main(parser.parse_args().path))
    except InputError as error:
        sys.exit(f"error: {error}")
    except BrokenPipeError:
        sys.exit(ExitCode.INTERRUPTED)
