"""`check --view`: under which view of what is stored is a model safe?"""

import json

import pytest
from commands import Commands
from test_document_schemas import assert_valid

from planespec.checker.errors import ExitCode

GATE = '''
from typing import Annotated
from planespec.checker.lang import (
    Model, Range, action, constant, instance, invariant, reachable, require,
)


class Gate(Model):
    """People enter through a gate that knows late how many are in."""

    views = [instance("now", late=0), instance("soon", late=1), instance("long", late=2)]
    room: int = constant(2, at_least=0, at_most=3)
    late: int = constant(0, at_least=0, at_most=2)
    deadlock = False
    inside: Annotated[int, Range(0, 9)] = 0

    @action
    def enter(self) -> None:
        """One enters while the gate takes it that there is room."""
        require(self.inside - self.late < self.room)
        self.inside += 1

    @invariant
    def one_too_many_at_most(self) -> bool:
        """At most one is in beyond the room."""
        return self.inside <= self.room + 1

    @reachable
    def overfull(self) -> bool:
        """Somebody is in beyond the room."""
        return self.inside == self.room + 1


class Door(Gate):
    """Has the views of a gate."""
'''


def test_all_views_are_summed_up_and_the_first_that_breaks_is_shown(planespec: Commands) -> None:
    path = planespec.write(GATE)
    answer = planespec("check", f"{path}:Gate", "--view", "all")
    assert answer.code == ExitCode.SAFETY
    *_, now, soon, long, _, total = answer.out.splitlines()
    assert total.endswith(
        "safe with now (which never reaches overfull), soon; unsafe with long (4 steps),"
        " each within its bound above"
    )
    for line, words in ((now, "late=0"), (soon, "Holds within room=2, late=1"), (long, "late=2")):
        assert words in line
    assert "State 4: enter()" in answer.out
    assert answer.out.count("State 0: initial") == 1


def test_the_document_has_an_answer_for_each_view(planespec: Commands) -> None:
    path = planespec.write(GATE)
    document = assert_valid(
        "views", planespec("check", f"{path}:Gate", "--view", "all", "--json").out
    )
    assert (document["safe"], document["unsafe"]) == (["now", "soon"], ["long"])
    assert [each["view"] for each in document["views"]] == ["now", "soon", "long"]
    assert [each["answer"]["constants"]["late"] for each in document["views"]] == [0, 1, 2]


def test_what_no_view_reaches_is_told_by_the_exit_code(planespec: Commands) -> None:
    path = planespec.write(GATE.replace("late=1", "late=0").replace("late=2", "late=0"))
    assert planespec("check", f"{path}:Gate", "--view", "all").code == ExitCode.ASSUMPTION


def test_a_view_that_a_budget_left_undecided_is_not_safe(planespec: Commands) -> None:
    path = planespec.write(GATE.replace(', instance("long", late=2)', ""))
    answer = planespec("check", f"{path}:Gate", "--view", "all", "--budget", "states=2")
    assert answer.code == ExitCode.UNKNOWN
    assert "undecided with now, soon" in answer.out
    assert "safe with" not in answer.out.replace("undecided", "")


def test_one_view_gives_its_constants(planespec: Commands) -> None:
    path = planespec.write(GATE)
    answer = planespec("check", f"{path}:Gate", "--view", "long", "-c", "room=0", "--json")
    assert json.loads(answer.out)["constants"] == {"room": 0, "late": 2}
    assert answer.code == ExitCode.SAFETY


def test_views_come_from_parts_and_a_model_may_name_its_own(planespec: Commands) -> None:
    door = "class Door(Gate):\n    views = [instance('ajar', late=2)]\n"
    assert planespec("check", f"{planespec.write(GATE)}:Door", "--view", "soon").code == 0
    path = planespec.write(GATE[: GATE.index("class Door")] + door, "own.py")
    answer = planespec("check", f"{path}:Door", "--view", "all")
    assert "unsafe with ajar (4 steps)" in answer.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--view", "son"),
            "has no view 'son'; its views are now, soon, long; did you mean 'soon'?",
        ),
        (("--view", "all", "-c", "late=1"), "-c late: the view now says what it is"),
        (
            ("--view", "all", "--itf", "x.json"),
            "x.json holds one answer, and --view all has several",
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    words: tuple[str, ...], said: str, planespec: Commands
) -> None:
    answer = planespec("check", f"{planespec.write(GATE)}:Gate", *words)
    assert answer.code == ExitCode.CONFIGURATION
    assert said in answer.err


def test_a_model_without_views_says_where_to_find_some(planespec: Commands) -> None:
    answer = planespec("check", "toy.resource_fit", "--view", "all")
    assert answer.code == ExitCode.CONFIGURATION
    assert "names no views" in answer.err
    path = planespec.write(GATE.replace('views = [instance("now", late=0)', 'views = [("now", 0)'))
    refused = planespec("check", f"{path}:Gate", "--view", "all")
    assert refused.code == ExitCode.PARSE
    assert "views is no list of instances" in refused.err
