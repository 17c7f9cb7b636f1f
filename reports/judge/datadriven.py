"""The data-driven text form of test tables: a command, `----`, and what it printed.

A case is a directive line (`command key key=value key=(value, value)`), lines of input, a line
`----`, and the expected output up to a blank line; output that holds blank lines stands between
two `----` lines at its start and two at its end. `#` opens a comment line and a final backslash
continues a directive. Source: github.com/cockroachdb/datadriven, as etcd-io/raft uses it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.reports.input.lines import read_lines

SEPARATOR = "----"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a directive: `key` alone has no values, `key=` has one empty value."""

    key: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a table; `line` is where its directive stands, counted from 1."""

    line: int
    directive: str
    command: str
    arguments: tuple[Argument, ...]
    input: str
    """The lines between the directive and the separator, without surrounding space."""
    expected: str
    """The expected output; empty, or ending in a newline."""


def read_cases(path: Path) -> Iterator[Case]:
    """Yield the cases of the table at `path`; InputError names the line that cannot be parsed.

    The directive `subtest` only groups cases and is passed over.
    """
    lines = read_lines(path)
    for number, text in lines:
        if text.strip().startswith("#"):
            continue
        directive = _join_continued(text.strip(), lines)
        if not directive:
            continue
        try:
            command, arguments = parse_directive(directive)
        except ValueError as error:
            raise InputError(str(error), file=path, line=number, text=directive) from error
        if command != "subtest":
            given, expected = _read_body(lines)
            yield Case(number, directive, command, arguments, given, expected)


def parse_directive(line: str) -> tuple[str, tuple[Argument, ...]]:
    """Return the command and the arguments of a directive; ValueError when it is malformed."""
    command, _, rest = line.strip().partition(" ")
    arguments = []
    rest = rest.strip()
    while rest:
        argument, rest = _take_argument(rest)
        arguments.append(argument)
        rest = rest.strip()
    return command, tuple(arguments)


def _take_argument(text: str) -> tuple[Argument, str]:
    end = next((i for i, letter in enumerate(text) if letter in " ="), len(text))
    key, rest = text[:end], text[end:]
    if not key:
        raise ValueError("an argument of the directive has no name")
    if not rest.startswith("="):
        return Argument(key), rest
    rest = rest[1:]
    if rest.startswith("("):
        values, rest = _take_values(rest[1:])
        return Argument(key, values), rest
    value, _, rest = rest.partition(" ")
    return Argument(key, (value,)), rest


def _take_values(text: str) -> tuple[tuple[str, ...], str]:
    """Split `a, (b, c), d) rest` at the commas outside inner parentheses."""
    values, depth, start = [], 0, 0
    for position, letter in enumerate(text):
        if letter == "(":
            depth += 1
        elif letter == ")" and depth:
            depth -= 1
        elif letter in ",)" and not depth:
            values.append(text[start:position].lstrip())
            if letter == ")":
                return tuple(values), text[position + 1 :]
            start = position + 1
    raise ValueError("an opening parenthesis of the directive is never closed")


def _join_continued(line: str, lines: Iterator[tuple[int, str]]) -> str:
    while line.endswith("\\"):
        following = next(lines, None)
        if following is None:
            break
        line = f"{line.removesuffix(chr(92))} {following[1].strip()}"
    return line


def _read_body(lines: Iterator[tuple[int, str]]) -> tuple[str, str]:
    given: list[str] = []
    for _, text in lines:
        if text == SEPARATOR:
            return "\n".join(given).strip(), _read_expected(lines)
        given.append(text)
    return "\n".join(given).strip(), ""


def _read_expected(lines: Iterator[tuple[int, str]]) -> str:
    first = next(lines, (0, ""))[1]
    if first == SEPARATOR:
        return _read_until_doubled_separator(lines)
    kept: list[str] = []
    text = first
    while text.strip():
        kept.append(f"{text}\n")
        text = next(lines, (0, ""))[1]
    return "".join(kept)


def _read_until_doubled_separator(lines: Iterator[tuple[int, str]]) -> str:
    kept: list[str] = []
    for _, text in lines:
        kept.append(f"{text}\n")
        if text == SEPARATOR:
            following = next(lines, None)
            if following is None:
                break
            if following[1] == SEPARATOR:
                kept.pop()
                break
            kept.append(f"{following[1]}\n")
    return "".join(kept)
