"""Where input stands: files, folders, and archives of them such as a must-gather.

An archive is told by what is in it, whatever it is called, and read in memory: nothing is written.
"""

import io
import os
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from planespec.checker.errors import InputError
from planespec.reports.input.lines import STDIN, look_ahead, open_binary, unpack

OBJECT_ENDINGS = tuple(
    f"{ending}{packed}" for packed in ("", ".gz") for ending in (".json", ".yaml", ".yml")
)
LOG_ENDINGS = tuple(
    f"{ending}{packed}" for packed in ("", ".gz") for ending in (".jsonl", ".ndjson", ".log")
)
_NUMBER = re.compile(r"\.\d{1,4}$", re.ASCII)
_DATE = re.compile(r"[-.]\d{4}-?\d\d-?\d\d(?:[T_-]\d\d[\d.:-]*)?(?=\.[A-Za-z]+$|$)", re.ASCII)
Take = Callable[[str, IO[bytes]], None]
"""Takes a file: its name, and what is in it, unpacked."""
_TAR_MAGIC = (257, b"ustar")
_ZIP_MAGIC = b"PK\x03\x04"
BAD_ARCHIVE = "no archive, or cut off or damaged, or encrypted"
LARGEST_ZIP = 1 << 30
"""Bytes of a zip archive that comes through a pipe."""


def expand(names: Iterable[str]) -> Iterator[str]:
    """Yield files; of a folder those that may be objects or logs, in order, no hidden ones.

    Raises InputError for a name that does not exist.
    """
    for name in names:
        if name == STDIN or not os.path.isdir(name):
            yield name
            continue
        paths = sorted(Path(name).rglob("*"))
        found = [str(path) for path in paths if is_wanted(path.relative_to(name).as_posix())]
        found = [each for each in found if os.path.isfile(each)]
        if not found:
            raise InputError(f"has no file that ends in {', '.join(OBJECT_ENDINGS)}", file=name)
        yield from found


def is_wanted(path: str) -> bool:
    """Say whether a file in a folder or an archive is looked into."""
    if any(part.startswith(".") for part in PurePosixPath(path).parts):
        return False
    name = PurePosixPath(path).name
    is_log = name_log(name).endswith(LOG_ENDINGS)
    return is_log or name.endswith(OBJECT_ENDINGS) or name == "Kustomization"


def name_log(file: str) -> str:
    """Return what the log is called of which a file may be a part.

    >>> {name_log(f"/l/{name}") for name in ("a.log", "a.log.1", "a.log.2.gz", "a.log-20260102")}
    {'/l/a.log'}
    >>> name_log("/l/audit-2026-01-02T03-04-05.678.log")
    '/l/audit.log'
    """
    return _DATE.sub("", _NUMBER.sub("", file.removesuffix(".gz")))


def visit(name: str, stdin: IO[bytes], take: Take) -> None:
    """Hand a file over, or each file in an archive, called ARCHIVE/FILE. Raises InputError."""
    with open_binary(name, stdin) as stream:
        head, stream = look_ahead(stream, 512)
        offset, magic = _TAR_MAGIC
        try:
            if head.startswith(_ZIP_MAGIC):
                _visit_zip(name, stream, take)
            elif head[offset : offset + len(magic)] == magic:
                _visit_tar(name, stream, take)
            else:
                take(name, stream)
        except (tarfile.TarError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            if isinstance(error, RecursionError):
                raise
            raise InputError(f"cannot be unpacked: {BAD_ARCHIVE}", file=name) from error


def _visit_tar(name: str, stream: IO[bytes], take: Take) -> None:
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            inner = archive.extractfile(member) if _is_file(member) else None
            if inner is not None:
                _visit_member(f"{name}/{member.name}", inner, take)


def _is_file(member: tarfile.TarInfo) -> bool:
    return member.isfile() and is_wanted(member.name.removeprefix("./"))


def _visit_zip(name: str, stream: IO[bytes], take: Take) -> None:
    if not stream.seekable():
        data = stream.read(LARGEST_ZIP + 1)
        if len(data) > LARGEST_ZIP:
            raise InputError(f"is larger than {LARGEST_ZIP:,} bytes: give it as a file", file=name)
        stream = io.BytesIO(data)
    with zipfile.ZipFile(stream) as archive:
        for member in sorted(archive.infolist(), key=lambda each: each.filename):
            if not member.is_dir() and is_wanted(member.filename):
                with archive.open(member) as inner:
                    _visit_member(f"{name}/{member.filename}", inner, take)


def _visit_member(name: str, stream: IO[bytes], take: Take) -> None:
    take(name, unpack(look_ahead(stream, 2)[1]))
