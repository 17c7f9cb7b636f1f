"""Counterexamples as Mermaid sequence diagrams, from a model or from a saved trace."""

import re
from pathlib import Path

import pytest
from commands import COUNTER, Commands

from planespec.checker.errors import ExitCode
from planespec.reports.formats.graph_files import _text

LINE = re.compile(
    r"    (participant p\d+ as [^;#\n]+"
    r"|Note over p\d+(,p\d+)?: ([^;#\n]|#\d+;)+"
    r"|p\d+(->>|--x|--\))p\d+: ([^;#\n]|#\d+;)+)"
)


def assert_well_formed(text: str) -> None:
    head, *lines = text.splitlines()
    assert head == "sequenceDiagram"
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    known = set(re.findall(r"participant (p\d+)", text))
    assert set(re.findall(r"\bp\d+\b", text)) == known


def test_messages_become_arrows_and_steps_become_notes(planespec: Commands) -> None:
    answer = planespec("export", "raft.election", "--mutant", "vote_twice", "--to", "mermaid")
    assert answer.code == 0
    assert_well_formed(answer.out)
    assert "participant p0 as server0" in answer.out
    assert re.search(r"p\d->>p\d: VoteRequest\(term=1\) \(sent in \d+\)", answer.out)
    assert re.search(r"Note over p\d: 1 timeout", answer.out)
    assert "Violated RAFT-7 (A server that has voted" in answer.out


@pytest.mark.parametrize("form", ["--save", "--itf"])
def test_a_saved_trace_gives_the_diagram_of_its_model(planespec: Commands, form: str) -> None:
    broken = ("raft.election", "--mutant", "forget_vote", "--engine", "python")
    planespec("check", *broken, form, "trace.json")
    drawn = planespec("export", "raft.election", "--mutant", "forget_vote", "--to", "mermaid")
    saved = planespec("export", "trace.json", "--to", "mermaid", "-o", "trace.mmd")
    assert saved.code == 0
    assert Path("trace.mmd").read_text() == drawn.out


def test_a_model_without_actors_has_one_participant(planespec: Commands) -> None:
    path = planespec.write(COUNTER)
    answer = planespec("export", path, "--mutant", "runaway", "-c", "limit=1", "--to", "mermaid")
    assert_well_formed(answer.out)
    assert "participant p0 as Counter" in answer.out
    assert "Note over p0: 1 up()" in answer.out


def test_a_model_that_holds_has_nothing_to_draw(planespec: Commands) -> None:
    answer = planespec("export", planespec.write(COUNTER), "--to", "mermaid")
    assert answer.code == ExitCode.CONFIGURATION
    assert "no counterexample to draw" in answer.err
    assert answer.out == ""
    bound = "limit: int = constant(3, at_least=1, at_most=9)"
    without = COUNTER.replace(bound, "limit: typing.ClassVar[int] = 3").replace(
        "from enum", "import typing\nfrom enum"
    )
    answer = planespec("export", planespec.write(without), "--to", "mermaid")
    assert "counter.py holds: there is" in answer.err


def test_a_search_that_was_cut_short_says_so(planespec: Commands) -> None:
    path = planespec.write(COUNTER)
    options = ("--budget", "states=2", "-c", "limit=9", "--to", "mermaid")
    answer = planespec("export", path, *options)
    assert answer.code == ExitCode.UNKNOWN
    assert "no counterexample so far" in answer.err


def test_a_missing_trace_and_one_without_a_model_are_refused(planespec: Commands) -> None:
    assert planespec("export", "none.json", "--to", "mermaid").code == ExitCode.PARSE
    planespec.write('{"states": [{"count": 0}]}', "foreign.json")
    answer = planespec("export", "foreign.json", "--to", "mermaid")
    assert answer.code == ExitCode.CONFIGURATION
    assert "--model" in answer.err


def test_text_that_would_end_a_statement_is_escaped() -> None:
    assert _text("a;b#c\nd") == "a#59;b#35;c d"
    assert _text("end") == "(end)"
