"""Whatever stands in a file of somebody else, a command answers with a message and its exit code.

Files in order are damaged at random: values of other types, dropped, doubled, huge, not text, not
finite, deeply nested, cut off, in another encoding. A failure names the seed; more of them, by
hand: `pytest tests/malformed -m slow --inputs 20000 --first-seed 7 -k "ITF"`.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from commands import COUNTER, Answer, Commands
from formats import NAMES, Format, formats, prepare

from planespec.checker.errors import ExitCode

REFUSED = (ExitCode.PARSE, ExitCode.CONFIGURATION)
DOCUMENTED = set(ExitCode) - {ExitCode.INTERRUPTED, ExitCode.SYSTEM}
"""A file can neither interrupt a command nor make the machine refuse."""
QUICK = 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def known(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Format]]:
    """The formats; their files are written once."""
    from planespec.reports.cli.main import run

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLANESPEC_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.chdir(folder)
        prepare(folder, lambda *arguments: run(list(arguments)), COUNTER)
        yield formats(folder)


def fault_of(answer: Answer) -> str:
    """What is wrong with an answer to a damaged file; nothing where it is one."""
    if "Traceback" in answer.err or "internal error" in answer.err:
        return answer.err
    if answer.code not in DOCUMENTED:
        return f"exit code {answer.code}: {answer.err}"
    is_told = answer.err.startswith(("planespec: ", "Usage: ")) or answer.out
    return "" if answer.code not in REFUSED or is_told else "no message"


def try_files(planespec: Commands, folder: Path, kind: Format, name: str, seeds: range) -> None:
    for seed in seeds:
        draw = random.Random(f"{name} {seed}")
        (folder / kind.file).write_bytes(kind.damaged(draw))
        command = draw.choice(kind.commands)
        answer = planespec(*(each.replace("FILE", kind.file) for each in command))
        fault = fault_of(answer)
        assert not fault, f"seed {seed}, {' '.join(command)}: {fault}"


def test_every_format_is_damaged(known: dict[str, Format]) -> None:
    assert sorted(NAMES) == sorted(known)


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_file_is_answered(
    name: str,
    known: dict[str, Format],
    folder: Path,
    planespec: Commands,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    try_files(planespec, folder, known[name], name, range(QUICK))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_many_damaged_files_are_answered(
    name: str,
    known: dict[str, Format],
    folder: Path,
    planespec: Commands,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.chdir(folder)
    first = request.config.getoption("--first-seed")
    seeds = range(first, first + request.config.getoption("--inputs"))
    try_files(planespec, folder, known[name], name, seeds)
