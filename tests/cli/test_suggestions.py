"""A name that nothing has is answered with the nearest one that exists."""

from pathlib import Path

import pytest
from commands import COUNTER, Commands

from planespec.checker.errors import ExitCode

NEAR = {
    "a model": (["check", "raft.electon"], "did you mean 'raft.election'?"),
    "a command": (["chek", "counter.py"], "did you mean 'check'?"),
    "a file": (["check", "countr.py"], "did you mean 'counter.py'?"),
    "a file without its ending": (["check", "counter"], "did you mean the file counter.py?"),
    "a class": (["check", "counter.py:Conter"], "did you mean 'Counter'?"),
    "a constant": (["check", "counter.py", "-c", "limits=3"], "did you mean 'limit'?"),
    "a mutant": (["check", "counter.py", "--mutant", "runway"], "did you mean 'runaway'?"),
    "a requirement": (
        ["check", "counter.py", "--requirement", "Within_Limits"],
        "did you mean 'within_limit'?",
    ),
    "recorded answers": (["conform", "schedulling", "x"], "did you mean 'scheduler'?"),
}


@pytest.mark.parametrize("case", NEAR)
def test_the_nearest_name_is_suggested(planespec: Commands, case: str) -> None:
    arguments, expected = NEAR[case]
    planespec.write(COUNTER)
    answer = planespec(*arguments)
    assert expected in answer.err
    assert answer.code in (ExitCode.CONFIGURATION, ExitCode.PARSE)


def test_a_name_unlike_all_others_is_answered_with_all(planespec: Commands) -> None:
    answer = planespec("check", "zzz")
    assert "did you mean" not in answer.err
    assert "raft.election" in answer.err


def test_a_folder_and_a_module_that_does_not_exist_are_told_apart(
    planespec: Commands, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    assert "folder is a folder; name a file in it" in planespec("check", "folder").err
    (tmp_path / "pods.json").write_text("{}")
    assert "the file pods.json does not end in .py\n" in planespec("check", "pods.json").err
    assert "no module 'nosuch' can be imported" in planespec("check", "nosuch.part:X").err
