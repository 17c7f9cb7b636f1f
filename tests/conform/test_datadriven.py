"""The data-driven text form: directives, both forms of expected output, and what is malformed."""

import pytest

from planespec.checker.errors import InputError
from planespec.reports.judge.datadriven import Argument, parse_directive, read_cases

TABLE = """\
# a comment
first key cfg=(1, 2) empty= single=a,b
input one
input two
----
out

subtest grouped

second \\
  nested=(a(b,c), d)
----
----
with

blank
----
and a bar
----
----
third
----
"""


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "table.txt"
        path.write_text(text, encoding="utf-8")
        return list(read_cases(path))

    return read_text


def test_a_case_has_a_directive_an_input_and_an_expected_output(read):
    first, _, third = read(TABLE)
    assert (first.line, first.command) == (2, "first")
    assert first.arguments == (
        Argument("key"),
        Argument("cfg", ("1", "2")),
        Argument("empty", ("",)),
        Argument("single", ("a,b",)),
    )
    assert (first.input, first.expected) == ("input one\ninput two", "out\n")
    assert (third.line, third.expected) == (21, "")


def test_doubled_separators_hold_output_with_blank_lines_and_a_directive_may_continue(read):
    _, second, _ = read(TABLE)
    assert second.arguments == (Argument("nested", ("a(b,c)", "d")),)
    assert second.expected == "with\n\nblank\n----\nand a bar\n"


def test_a_case_without_a_separator_expects_nothing(read):
    (only,) = read("committed\nrest")
    assert (only.input, only.expected) == ("rest", "")


@pytest.mark.parametrize("line", ["vote cfg=(1,2", "vote cfg=(1,(2)", "vote =3"])
def test_a_malformed_directive_is_refused_with_file_line_and_text(read, line):
    with pytest.raises(InputError, match="directive") as refusal:
        read(f"# comment\n{line}\n----\n")
    assert (refusal.value.line, refusal.value.text) == (2, line)


def test_an_empty_list_holds_one_empty_value():
    assert parse_directive("vote cfg=()") == ("vote", (Argument("cfg", ("",)),))
