"""The files of a new model, controller or requirement: examples of ours under another name."""

import keyword
import re
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from planespec.checker.errors import ConfigurationError
from planespec.reports.files import write_output

KINDS = ("model", "controller", "requirement")
_TAKEN = ("planespec", "pytest", "conftest", "hypothesis")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def scaffold(kind: str, name: str) -> Mapping[str, str]:
    """The text of each file by its name.

    Raises ConfigurationError where `name` is none of a Python module in lower case.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        text = f"{name!r} is no name of a Python module"
        raise ConfigurationError(f"{text}: lower case letters, digits and _, such as my_operator")
    if name in sys.stdlib_module_names or name in _TAKEN:
        raise ConfigurationError(f"{name}.py would hide a module that Python or its tests import")
    if name.startswith("test_") or name.endswith("_test"):
        raise ConfigurationError(f"pytest would take {name}.py for tests; choose another name")
    return {
        f"{name}.py": _read(f"example_{kind}.py", name),
        f"test_{name}.py": _read("example_tests.txt", name),
    }


def _read(template: str, name: str) -> str:
    text = (files("planespec.reports.new") / template).read_text(encoding="utf-8")
    camel = "".join(map(str.capitalize, name.split("_")))
    for example, own in (("EXAMPLE", name.upper()), ("Example", camel), ("example", name)):
        text = re.sub(rf"\b{example}(?=\b|-)", own, text)
    return text


def write_scaffold(folder: Path, kind: str, name: str) -> list[Path]:
    """Write the files; what is there already is never written over.

    Raises ConfigurationError for a name that does not fit or a file that is there, and
    SystemRefusal where writing fails.
    """
    made = {folder / file: text for file, text in scaffold(kind, name).items()}
    for path in made:
        if path.exists() or path.is_symlink():
            raise ConfigurationError(f"{path} is there already; choose another name or move it")
    for path, text in made.items():
        write_output(path, text)
    return list(made)
