"""The runner counts by kind and says "agrees" only of what was judged."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import JUDGES, load_judge
from planespec.reports.judge.runner import Comparison, Tally, compare, run


def judge_words(path: Path) -> Iterator[Comparison]:
    """A judge of texts: each word must equal its number in the line."""
    for number, word in enumerate(path.read_text().split()):
        yield compare("even" if number % 2 == 0 else "odd", f"{path}:1", number, word, f"{number}")


def recording(folder: Path, text: str, name: str = "words.txt") -> Path:
    """A recording with this text."""
    file = folder / name
    file.write_text(text)
    return file


def test_cases_are_counted_by_kind(tmp_path: Path) -> None:
    tally = run(judge_words, [recording(tmp_path, "0 1 2 x 4")])
    assert {kind: (count.cases, count.agree) for kind, count in tally.kinds.items()} == {
        "even": (3, 3),
        "odd": (2, 1),
    }
    assert tally.exit_code == ExitCode.SAFETY


def test_only_the_first_disagreements_are_kept(tmp_path: Path) -> None:
    tally = run(judge_words, [recording(tmp_path, "x x x x")], keep=2)
    assert [item.given for item in tally.disagreements] == [0, 1]
    assert tally.cases - tally.agree == 4


def test_several_recordings_add_up(tmp_path: Path) -> None:
    files = [recording(tmp_path, "0 1", "a.txt"), recording(tmp_path, "0 1 2", "b.txt")]
    tally = run(judge_words, files)
    assert (tally.cases, tally.files, tally.exit_code) == (5, 2, ExitCode.HOLDS)


def test_an_empty_recording_is_an_error_even_beside_a_good_one(tmp_path: Path) -> None:
    files = [recording(tmp_path, "0 1", "a.txt"), recording(tmp_path, "", "b.txt")]
    with pytest.raises(InputError, match=r"b\.txt: holds no case to judge"):
        run(judge_words, files)


def test_nothing_judged_is_never_success() -> None:
    assert Tally(5).exit_code == ExitCode.PARSE


def test_an_interrupt_keeps_the_counts_so_far(tmp_path: Path) -> None:
    def judge_and_stop(path: Path) -> Iterator[Comparison]:
        yield from judge_words(path)
        raise KeyboardInterrupt

    tally = run(judge_and_stop, [recording(tmp_path, "0 1 2")])
    assert (tally.cases, tally.interrupted) == (3, True)
    assert tally.exit_code == ExitCode.INTERRUPTED


def test_progress_is_reported_while_a_recording_is_judged(tmp_path: Path) -> None:
    seen: list[int] = []
    run(
        judge_words,
        [recording(tmp_path, "0 1 2")],
        progress=lambda tally: seen.append(tally.cases),
        every=0.0,
    )
    assert seen == [1, 2, 3]


@pytest.mark.parametrize("name", sorted(JUDGES))
def test_every_registered_name_has_a_judge(name: str) -> None:
    assert callable(load_judge(name))
