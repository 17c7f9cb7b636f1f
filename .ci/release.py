"""Prepares a release: `python .ci/release.py 0.2.0` moves the news into the changelog.

It writes the version into `.pypath/planespec/__init__.py`, puts the bullets of `changes/` under a
heading with the version and today's date in CHANGELOG.md, and removes their files. A section that
is there already as "(unreleased)" is completed. Nothing is committed, tagged or uploaded:
CONTRIBUTING.md has the steps.
"""

import datetime
import re
import sys
from pathlib import Path

VERSION_FILE = ".pypath/planespec/__init__.py"
CHANGELOG = "CHANGELOG.md"
FRAGMENTS = "changes"

_ASSIGNED = re.compile(r'^__version__ = "(.*)"$', re.MULTILINE)
_HEADING = re.compile(r"^## (\S+) \((.*)\)$", re.MULTILINE)
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


class NotReleasedError(Exception):
    """Why nothing was changed."""


def fragments(root: Path) -> list[Path]:
    """The files with news, by name."""
    return sorted(p for p in (root / FRAGMENTS).glob("*.md") if p.name != "README.md")


def bullets(path: Path) -> str:
    """The news of one file, which is bullets and nothing else."""
    text = path.read_text(encoding="utf-8").strip("\n")
    for number, line in enumerate(text.splitlines(), 1):
        if not re.match(r"- \S|  \S", line) or (number == 1 and not line.startswith("- ")):
            raise NotReleasedError(
                f"{FRAGMENTS}/{path.name}:{number}: expected a bullet (`- ...`) or its next line"
            )
    if not text:
        raise NotReleasedError(f"{FRAGMENTS}/{path.name}: is empty")
    return text


def changelog(text: str, version: str, date: str, news: list[str]) -> str:
    """The changelog with a section of the version at its top."""
    heading = f"## {version} ({date})"
    first = _HEADING.search(text)
    if first is not None and first[2] == "unreleased":
        if first[1] != version:
            raise NotReleasedError(f"{CHANGELOG}: {first[1]} is not released yet")
        following = _HEADING.search(text, first.end())
        end = following.start() if following else len(text)
        body = "\n".join([text[first.end() : end].strip("\n"), *news])
        return f"{text[: first.start()]}{heading}\n\n{body}\n" + (
            "\n" + text[end:] if following else ""
        )
    if not news:
        raise NotReleasedError(f"{FRAGMENTS}: there is nothing to release")
    start = first.start() if first else len(text)
    return f"{text[:start]}{heading}\n\n" + "\n".join(news) + "\n\n" + text[start:]


def release(root: Path, version: str, date: str) -> None:
    """Change the files under a root, or raise NotReleasedError and change nothing."""
    wanted = _VERSION.fullmatch(version)
    if wanted is None:
        raise NotReleasedError(f"{version}: expected a version such as 0.2.0")
    source = (root / VERSION_FILE).read_text(encoding="utf-8")
    found = _ASSIGNED.search(source)
    present = _VERSION.fullmatch(found[1]) if found else None
    if present is None:
        raise NotReleasedError(f"{VERSION_FILE}: has no __version__")
    if tuple(map(int, wanted.groups())) < tuple(map(int, present.groups())):
        raise NotReleasedError(f"{version}: is older than {present[0]}")
    news = fragments(root)
    before = (root / CHANGELOG).read_text(encoding="utf-8")
    after = changelog(before, version, date, [bullets(path) for path in news])
    (root / CHANGELOG).write_text(after, encoding="utf-8")
    written = _ASSIGNED.sub(f'__version__ = "{version}"', source)
    (root / VERSION_FILE).write_text(written, encoding="utf-8")
    for path in news:
        path.unlink()


def main(arguments: list[str]) -> int:
    """Run from any folder; 1 and a message when nothing was changed."""
    if len(arguments) != 1:
        print("usage: python .ci/release.py VERSION", file=sys.stderr)
        return 2
    try:
        release(Path(__file__).resolve().parents[1], arguments[0], f"{datetime.date.today()}")
    except NotReleasedError as why:
        print(why, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
