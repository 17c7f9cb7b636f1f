"""The folder of things kept from run to run: only the user's own files, whole, or none.

Machine code is run as it is found, so that whoever can write to the folder could run code as its
user. A folder that belongs to somebody else, or that others may write to, is not used, and
neither is such a file. A file holds its own digest, which tells damage, not intent.
"""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

NOT_USED = "cache not used: "
"""Begins what is said of a folder or file that is not the user's own."""
_DIGEST = 32
"""Bytes of the digest before the content."""


def cache_folder() -> Path:
    """Where things are kept: `$PLANESPEC_CACHE`, else the user's cache folder."""
    given = os.environ.get("PLANESPEC_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "planespec"


def read_kept(path: Path) -> tuple[bytes | None, str]:
    """The content of a kept file, or None; and why not, or nothing where there is no file."""
    try:
        fault = _fault_of(os.stat(path.parent), f"the folder {path.parent}")
        if fault:
            return None, fault
        with path.open("rb") as file:
            fault = _fault_of(os.fstat(file.fileno()), str(path))
            data = b"" if fault else file.read()
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        return None, f"cache not read: {error.strerror}"
    digest, body = data[:_DIGEST], data[_DIGEST:]
    return (body, "") if hashlib.sha256(body).digest() == digest else (None, fault)


def keep(path: Path, data: bytes) -> str:
    """Write whole or not at all, for the user alone; returns why not, or the empty string."""
    partial = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if fault := _fault_of(os.stat(path.parent), f"the folder {path.parent}"):
            return fault
        handle, name = tempfile.mkstemp(dir=path.parent)  # with mode 0600
        partial = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(data).digest() + data)
        partial.replace(path)
    except OSError as error:
        if partial is not None:
            partial.unlink(missing_ok=True)
        return f"not cached in {path.parent}: {error.strerror}"
    return ""


def _fault_of(found: os.stat_result, name: str) -> str:
    """Why something is not the user's own, as a sentence; nothing where it is."""
    if found.st_uid != os.geteuid():
        return f"{NOT_USED}{name} belongs to another user"
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"{NOT_USED}others may write to {name}; `chmod go-w` mends that"
    return ""
