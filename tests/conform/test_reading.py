"""Recordings are read plain or packed, and what cannot be read is said with file and line."""

import gzip
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from planespec.checker.errors import InputError
from planespec.reports.input.lines import read_lines, read_records


def test_lines_are_numbered_from_one_and_lose_their_newline(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"one\r\n\ntwo")
    assert list(read_lines(file)) == [(1, "one"), (2, ""), (3, "two")]


def test_a_packed_file_is_known_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "packed.jsonl"
    file.write_bytes(gzip.compress(b'{"a": 1}\n'))
    assert list(read_records(file)) == [(1, {"a": 1})]


def test_blank_lines_are_skipped_and_still_counted(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('\n  \n{"a": 1}\n')
    assert list(read_records(file)) == [(3, {"a": 1})]


@pytest.mark.parametrize("code", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path, code: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes('{"a": "é"}\r\n{"b": "\ufeff"}\r\n'.encode(code))
    assert list(read_records(file)) == [(1, {"a": "é"}), (2, {"b": "\ufeff"})]


UNREADABLE: list[tuple[str, str, bytes, str]] = [
    ("broken JSON", "a.jsonl", b'{"a": 1}\n{"a": \n', ":2:7: is not JSON"),
    (
        "two objects on a line",
        "a.jsonl",
        b"{} {}\n",
        ":1:4: is not JSON: it cannot be read from '{}' on",
    ),
    ("a list", "a.jsonl", b"[1]\n", ":1: is not a JSON object"),
    ("a bare text", "a.jsonl", b'"x"\n', ":1: is not a JSON object"),
    ("not a number", "a.jsonl", b'{"a": NaN}\n', ":1: is not JSON: NaN is not a JSON number"),
    ("a huge integer", "a.jsonl", b'{"a": ' + b"9" * 5000 + b"}\n", ":1: is not JSON"),
    ("deep nesting", "a.jsonl", b"[" * 200_000 + b"\n", ":1: is nested too deeply"),
    ("a byte that is no UTF-8", "a.jsonl", b"{}\n\xff\n", ":2: is not UTF-8 text"),
    ("plain text called .gz", "a.gz", b"{}\n", ":1: cannot be unpacked"),
    ("a cut archive", "a.gz", gzip.compress(b"{}\n" * 9999)[:40], "cannot be unpacked"),
    ("a damaged archive", "a.gz", gzip.compress(b"{}\n")[:12] + b"\x07" * 9, "cannot be unpacked"),
]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [case[1:] for case in UNREADABLE],
    ids=[case[0] for case in UNREADABLE],
)
def test_what_cannot_be_read_is_said_with_its_place(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        list(read_records(file))
    assert str(caught.value).startswith(str(file))
    assert message in str(caught.value)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        list(read_lines(tmp_path / "missing.jsonl"))


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_a_pipe_is_read_like_a_file(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(pack(b'{"a": 1}\n'),))
    writer.start()
    assert list(read_records(pipe)) == [(1, {"a": 1})]
    writer.join()


def test_a_directory_is_not_a_recording(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        list(read_lines(tmp_path))
