"""What is kept from run to run is the user's own, whole, and made for this very machine."""

import os
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm
import pytest

from planespec.checker.cache import keep, read_kept
from planespec.checker.engines.native.host import build

ANSWER = "define i64 @answer(i8* %a, i8* %b) {\n  ret i64 42\n}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANESPEC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_what_is_kept_is_found_again_and_is_for_the_user_alone(folder: Path) -> None:
    assert keep(folder / "a", b"content") == ""
    assert read_kept(folder / "a") == (b"content", "")
    assert (mode_of(folder), mode_of(folder / "a")) == (0o700, 0o600)
    assert [path.name for path in folder.iterdir()] == ["a"]


def test_what_is_not_there_is_no_fault(folder: Path) -> None:
    assert read_kept(folder / "a") == (None, "")


def test_a_damaged_file_is_as_none(folder: Path) -> None:
    keep(folder / "a", b"content")
    for data in (b"", (folder / "a").read_bytes()[:-1]):
        (folder / "a").write_bytes(data)
        assert read_kept(folder / "a") == (None, "")


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_may_write_to_is_not_used(folder: Path, mode: int) -> None:
    keep(folder / "a", b"content")
    folder.chmod(mode)
    content, fault = read_kept(folder / "a")
    assert content is None
    assert f"others may write to the folder {folder}" in fault
    assert keep(folder / "b", b"more") == fault
    assert not (folder / "b").exists()


def test_a_file_that_others_may_write_to_is_not_used(folder: Path) -> None:
    keep(folder / "a", b"content")
    (folder / "a").chmod(0o620)
    content, fault = read_kept(folder / "a")
    assert (content, "others may write to" in fault) == (None, True)


def test_a_folder_of_another_user_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(folder / "a", b"content")
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    content, fault = read_kept(folder / "a")
    assert (content, "belongs to another user" in fault) == (None, True)
    assert "belongs to another user" in keep(folder / "b", b"more")


def test_a_file_of_another_user_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(folder / "a", b"content")
    foreign = os.stat_result((0o600, 0, 0, 1, folder.stat().st_uid + 1, *[0] * 5))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", lambda _: foreign)
        content, fault = read_kept(folder / "a")
    assert (content, fault) == (None, f"cache not used: {folder / 'a'} belongs to another user")


def test_machine_code_is_compiled_once_and_never_taken_from_an_open_folder(folder: Path) -> None:
    assert not build.build(ANSWER, ["answer"]).cached
    again = build.build(ANSWER, ["answer"])
    assert (again.cached, again.note) == (True, "")
    folder.chmod(0o777)
    compiled = build.build(ANSWER, ["answer"])
    assert (compiled.cached, compiled.functions["answer"](None, None)) == (False, 42)
    assert compiled.note.startswith("cache not used: ")


class Features(dict[str, bool]):
    """Features of some other processor."""

    def flatten(self) -> str:
        return "+abacus"


ELSEWHERE = {
    "another version of llvmlite": (llvmlite, "__version__", "0.0.1"),
    "another version of LLVM": (llvm, "llvm_version_info", (1, 2, 3)),
    "another processor": (llvm, "get_host_cpu_name", lambda: "abacus"),
    "other features": (llvm, "get_host_cpu_features", Features),
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_machine_code_from_elsewhere_is_never_used(
    case: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.build(ANSWER, ["answer"])
    module, name, value = ELSEWHERE[case]
    with monkeypatch.context() as patch:
        patch.setattr(module, name, value)
        key = build._key(ANSWER, build.LEVEL)
    assert not (folder / f"{key}.o").exists()
    assert (folder / f"{build._key(ANSWER, build.LEVEL)}.o").exists()


def test_machine_code_depends_on_the_text_and_the_level() -> None:
    keys = {build._key(ANSWER, 2), build._key(ANSWER, 1), build._key(ANSWER + "\n", 2)}
    assert len(keys) == 3
