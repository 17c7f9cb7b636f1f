"""The tone of the prose, and what must not stand in any file."""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import house

_JUDGING = re.compile(r"\b(simply|just|obviously|of course|basically)\b", re.IGNORECASE)
AT_THE_END = r"(\s|$)"
_EXCLAMATION = re.compile(rf"[A-Za-z)]!{AT_THE_END}")
_UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
_REGISTRIES = re.compile(
    r"(py" + r"pi\.org|files\.python" + r"hosted|crates\." + r"io/|npm" + r"js\.|"
    r"proxy\." + r"golang|maven\." + r"org|--index-" + r"url|--extra-"
    r"index)",
    re.IGNORECASE,
)
_MACHINE = re.compile(r"(^|[\s\"'`(=:])/(wo" + r"rk|ho" + r"me|ro" + r"ot|tm" + r"p/v)/")
_DATA = ("tests/recorded/",)
_NOT_PROSE = ("LICENSE",)


@cache
def prose(path: Path) -> tuple[tuple[int, str], ...]:
    """Line number and text of every comment and docstring of a Python file, or of every line."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return tuple(enumerate(text.splitlines(), 1))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = [(t.start[0], t.string) for t in tokens if t.type == tokenize.COMMENT]
    return (*comments, *docstrings(text))


def docstrings(text: str) -> Iterator[tuple[int, str]]:
    """Line number and text of every docstring."""
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, kinds) and (doc := ast.get_docstring(node)):
            yield getattr(node, "lineno", 1), doc


def found(pattern: re.Pattern[str], files: Iterator[Path]) -> list[str]:
    """Every place where the prose of the files matches the pattern.

    Only what holds the words somewhere is told apart into prose and code, which takes its time.
    """
    words = re.compile(pattern.pattern.removesuffix(AT_THE_END), pattern.flags)
    return [
        f"{house.name(path)}:{line}: {text.strip()[:90]}"
        for path in files
        if words.search(path.read_text(encoding="utf-8"))
        for line, text in prose(path)
        if pattern.search(text)
    ]


def written_files() -> Iterator[Path]:
    """The files of the repository that people write and read."""
    for path in house.tracked_files():
        if house.name(path).startswith(_DATA) or path.name in _NOT_PROSE or path.is_symlink():
            continue
        if path.suffix in {".py", ".md", ".toml", ".txt", ""}:
            yield path


def test_the_prose_does_not_judge_its_reader() -> None:
    assert found(_JUDGING, written_files()) == []


def test_the_prose_does_not_shout() -> None:
    assert found(_EXCLAMATION, (path for path in written_files() if path.suffix != "")) == []


def test_nothing_is_left_unfinished() -> None:
    assert found(_UNFINISHED, written_files()) == []


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    wrong = [
        f"{house.name(path)}:{number}: {line.strip()[:90]}"
        for path in written_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _REGISTRIES.search(line) or _MACHINE.search(line)
    ]
    assert wrong == []


def test_the_prose_of_pages_wraps_at_100_columns() -> None:
    known = (path for path in house.tracked_files() if path.suffix == ".md")
    written = ("reports/generated/", *_DATA)
    pages = [path for path in known if not house.name(path).startswith(written)]
    wide = [f"{house.name(page)}:{line}" for page in pages for line in wide_lines(page)]
    assert wide == []


def test_no_page_has_a_heading_twice() -> None:
    pages = [path for path in house.tracked_files() if path.parent.name == "docs"]
    assert pages
    twice = {
        f"{page.name}: {title}"
        for page in pages
        for title, times in Counter(headings(page)).items()
        if times > 1
    }
    assert twice == set()


def headings(page: Path) -> Iterator[str]:
    """The headings of the second level, those in shown text left out."""
    shown = False
    for line in page.read_text(encoding="utf-8").splitlines():
        shown ^= line.startswith("```")
        if not shown and line.startswith("## "):
            yield line


def wide_lines(page: Path) -> Iterator[int]:
    """Lines of prose beyond the 100th column; tables, shown text and words alone have none."""
    shown = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith("```"):
            shown = not shown
        breakable = " " in line[:100].strip() and not line.lstrip().startswith(("|", "#", "<"))
        if len(line) > 100 and breakable and not shown and not line.startswith("    "):
            yield number
