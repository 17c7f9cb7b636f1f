"""Everything a user can get wrong is answered in one message with the right exit code."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from commands import COUNTER, Commands

from planespec.checker.errors import ExitCode

PARSE, CONFIGURATION = ExitCode.PARSE, ExitCode.CONFIGURATION
BODY = "        self.count += 1"


def broken(line: str) -> str:
    """The counter with one line of its action replaced."""
    assert BODY in COUNTER
    return COUNTER.replace(BODY, "        " + line, 1)


FILES = {
    "a syntax error": ("def broken(:\n", "syntax error"),
    "a file without a model": ("x = 1\n", "no model"),
    "an import that fails": ("import nothing_of_that_name\n", "nothing_of_that_name"),
    "an exception at import": ("1 / 0\n", "ZeroDivisionError"),
    "an unknown construct": (broken("lambda: 1"), "counter.py:"),
    "a call of something unknown": (broken("print(self.count)"), "print"),
    "an unbounded loop": (broken("while True: self.count += 1"), "while"),
    "a set of all of something large": (
        COUNTER.replace("idle: bool = False", "idle: set[Annotated[int, Range(0, 999)]] = set()"),
        "Size",
    ),
    "an int without a range": (COUNTER.replace("Annotated[int, Range(0, 9)]", "int"), "range"),
    "a model that is not deterministic": (
        broken("self.count += random.randrange(2)").replace(
            "from enum", "import random\nfrom enum"
        ),
        "random",
    ),
}


@pytest.mark.parametrize("case", FILES)
@pytest.mark.parametrize("engine", ["auto", "python", "native"])
def test_a_file_that_cannot_be_understood(planespec: Commands, case: str, engine: str) -> None:
    text, expected = FILES[case]
    answer = planespec("check", planespec.write(text), "--engine", engine)
    assert_one_message(answer.err, expected)
    assert answer.code == PARSE
    assert answer.out == ""


def test_a_refused_construct_is_shown_with_its_place(planespec: Commands) -> None:
    answer = planespec("check", planespec.write(broken("print(self.count)")))
    line = COUNTER.splitlines().index(BODY) + 1
    assert f"counter.py:{line}:" in answer.err
    assert "print(self.count)" in answer.err
    assert "allowed:" in answer.err


OPTIONS = {
    "an unknown constant": (["-c", "size=3"], "limit"),
    "a constant without a value": (["-c", "limit"], "NAME=VALUE"),
    "a constant given twice": (["-c", "limit=3", "-c", "limit=4"], "twice"),
    "a constant out of range": (["-c", "limit=10"], "10"),
    "a constant of the wrong type": (["-c", "limit=many"], "many"),
    "an unknown mutant": (["--mutant", "evil"], "runaway"),
    "an unknown requirement": (["--requirement", "RAFT-99"], "within_limit"),
    "an unknown engine": (["--engine", "quantum"], "quantum"),
    "an unknown option": (["--turbo"], "--turbo"),
    "no workers": (["--workers", "0"], "workers"),
    "a negative depth": (["--depth", "-1"], "depth"),
    "an unknown budget": (["--budget", "coffee=3"], "coffee"),
    "a budget without a number": (["--budget", "states=many"], "many"),
    "a budget of more states than have a number": (
        ["--budget", f"states={'9' * 5_000}"],
        "states",
    ),
    "a budget of endless memory": (["--budget", f"memory={'9' * 5_000}GB"], "no machine"),
    "a constant of many digits": (["-c", f"limit={'9' * 5_000}"], "limit"),
    "a budget of no time": (["--budget", "seconds=0"], "seconds"),
    "a size without a unit": (["--budget", "memory=4XB"], "4XB"),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_an_option_that_is_wrong(planespec: Commands, case: str) -> None:
    arguments, expected = OPTIONS[case]
    answer = planespec("check", planespec.write(COUNTER), *arguments)
    assert_one_message(answer.err, expected)
    assert answer.code == CONFIGURATION


def test_a_missing_constant_is_asked_for(planespec: Commands) -> None:
    model = COUNTER.replace("constant(3, at_least=1, at_most=9)", "constant(at_least=1)")
    answer = planespec("check", planespec.write(model))
    assert_one_message(answer.err, "-c limit=")
    assert answer.code == CONFIGURATION
    assert planespec("check", planespec.write(model), "-c", "limit=2").code == ExitCode.HOLDS


@pytest.mark.parametrize("command", ["check", "mutate", "list"])
def test_an_unknown_model_is_answered_with_the_known_ones(
    planespec: Commands, command: str
) -> None:
    answer = planespec(command, "raft.elektion")
    assert_one_message(answer.err, "raft.election")
    assert answer.code == CONFIGURATION


def test_a_missing_file(planespec: Commands) -> None:
    answer = planespec("check", "nowhere.py:Counter")
    assert_one_message(answer.err, "nowhere.py")
    assert answer.code == PARSE


def test_a_class_that_is_not_in_the_file(planespec: Commands) -> None:
    answer = planespec("check", f"{planespec.write(COUNTER)}:Meter")
    assert_one_message(answer.err, "Counter")
    assert answer.code == CONFIGURATION


def test_a_folder_instead_of_a_file(planespec: Commands) -> None:
    (planespec.folder / "folder.py").mkdir()
    answer = planespec("check", planespec.folder / "folder.py")
    assert_one_message(answer.err, "folder.py")
    assert answer.code == PARSE


def test_a_file_that_is_no_text(planespec: Commands) -> None:
    path = planespec.folder / "binary.py"
    path.write_bytes(b"\xff\x00\xfe")
    answer = planespec("check", path)
    assert_one_message(answer.err, "binary.py")
    assert answer.code == PARSE


def test_no_command_at_all_shows_the_help(planespec: Commands) -> None:
    answer = planespec()
    assert "check" in answer.out + answer.err


def test_an_answer_that_cannot_be_written(planespec: Commands) -> None:
    target = planespec.folder / "no" / "such" / "folder.json"
    answer = planespec("check", planespec.write(COUNTER), "--save", target)
    assert_one_message(answer.err, "folder.json")
    assert answer.code == ExitCode.SYSTEM


REPLAYS = {
    "a missing file": (None, PARSE, "cannot be read"),
    "no JSON": ("{", PARSE, "not JSON"),
    "JSON of something else": ("[1, 2]", PARSE, "ITF"),
    "an ITF trace without states": ('{"vars": [], "states": []}', PARSE, "without states"),
    "an ITF trace of an unnamed model": (
        '{"vars": ["x"], "states": [{"x": 1}]}',
        CONFIGURATION,
        "--model",
    ),
}


@pytest.mark.parametrize("case", REPLAYS)
def test_a_trace_that_cannot_be_replayed(planespec: Commands, case: str) -> None:
    text, code, expected = REPLAYS[case]
    path = planespec.folder / "trace.json"
    if text is not None:
        path.write_text(text)
    answer = planespec("replay", path)
    assert_one_message(answer.err, expected)
    assert answer.code == code


def assert_one_message(text: str, expected: str) -> None:
    """One message that says what is wrong, and no traceback."""
    assert "Traceback" not in text
    assert "internal error" not in text
    assert expected in text
    starts = ("planespec: ", "Error: ")
    assert sum(line.startswith(starts) for line in text.splitlines()) == 1


def run_alone(folder: Path, *arguments: str, **limits: int) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with its file size limited where asked for."""

    def limit() -> None:
        if "file_size" in limits:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file_size"],) * 2)

    source = Path(__file__).resolve().parents[2] / ".pypath"
    own = {"PYTHONPATH": str(source), "PLANESPEC_CACHE": str(folder / "cache")}
    # CPython 3.11 keeps bytecode that it could write in part only, for all who come after.
    own["PYTHONDONTWRITEBYTECODE"] = "1"
    return subprocess.run(
        [sys.executable, "-m", "planespec.reports.cli", *arguments],
        cwd=folder,
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )


def test_a_full_disk_under_the_cache_costs_a_note(tmp_path: Path) -> None:
    (tmp_path / "counter.py").write_text(COUNTER)
    answer = run_alone(tmp_path, "check", "counter.py", "--engine", "native", file_size=512)
    assert answer.returncode == ExitCode.HOLDS, answer.stderr
    assert "not cached" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not list((tmp_path / "cache").glob("*"))


def test_a_cache_folder_that_cannot_be_written_costs_a_note(tmp_path: Path) -> None:
    (tmp_path / "counter.py").write_text(COUNTER)
    (tmp_path / "cache").write_text("a file stands where the folder should be")
    answer = run_alone(tmp_path, "check", "counter.py", "--engine", "native")
    assert answer.returncode == ExitCode.HOLDS, answer.stderr
    assert "cache" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_answers_in_a_folder_that_others_may_write_to_are_neither_read_nor_kept(
    planespec: Commands,
) -> None:
    planespec.write(COUNTER)
    update = ("baseline", "counter.py", "--update")
    assert planespec(*update).code == ExitCode.HOLDS
    results = planespec.folder / "cache/results"
    kept = next(path for path in results.iterdir() if b"Holds" in path.read_bytes())
    kept.write_bytes(kept.read_bytes().replace(b"Holds", b"Fails"))
    assert "cache" not in planespec(*update).err
    assert b"Fails" not in kept.read_bytes(), "a damaged answer is found anew"
    before = kept.read_bytes()
    results.chmod(0o777)
    answer = planespec("baseline")
    assert answer.code == ExitCode.HOLDS
    assert answer.err.count("cache not used: others may write to the folder") == 1
    assert kept.read_bytes() == before


def test_a_full_disk_under_the_answer_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "counter.py").write_text(COUNTER)
    answer = run_alone(tmp_path, "check", "counter.py", "--save", "/dev/full")
    assert answer.returncode == ExitCode.SYSTEM
    assert "No space left" in answer.stderr
    assert "Traceback" not in answer.stderr
