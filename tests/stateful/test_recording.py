"""Recordings of a real system, in the forms that adapters use, held against the model."""

import json
from pathlib import Path
from typing import Any

import pytest

from planespec.checker.errors import ConfigurationError, ModelError
from planespec.checker.load import load_model
from planespec.checker.stateful import AdapterError, MisfitError, NotABehaviourError, follow

HERE = Path(__file__).parent
POST = load_model(f"{HERE / 'post.py'}:Post")
NAMES = {"Box": ["north", "south"]}
PUT: dict[str, Any] = {"action": "put"}


def post(*events: Any) -> Any:
    return follow(POST, events, names=NAMES)


def test_a_recording_as_json_lines_is_a_behaviour() -> None:
    lines = [
        '{"state": {"full": {"north": false, "south": false}}}',
        '{"action": "put", "state": {"last": "south"}}',
        '{"action": "close", "arguments": {"b": "south"}, "state": {"count": 0}}',
    ]
    trace = post(*map(json.loads, lines))
    assert [step.action for step in trace.steps] == ["put", "close"]
    assert trace.steps[0].arguments == (("b", 1),)


def test_what_an_event_leaves_open_is_settled_by_a_later_one() -> None:
    for number, box in enumerate(NAMES["Box"]):
        trace = post(PUT, {"action": "close", "arguments": {"b": box}})
        assert trace.steps[0].arguments == (("b", number),)
    trace = post(PUT, {"action": "close"}, {"action": "put", "state": {"full": {"north"}}})
    assert len(trace.steps) == 3


def test_without_events_it_is_the_beginning() -> None:
    assert post().steps == ()


@pytest.mark.parametrize(
    ("events", "message"),
    [
        (
            [PUT, PUT, PUT],
            r"event 2: put\(\) is not enabled in the model\n"
            r"  choose\(.*\) has nothing to choose from, line \d+\n"
            r"  the model is in full = {'north': True, 'south': True}, last",
        ),
        (
            [{"action": "close", "arguments": {"b": "north"}}],
            r"event 0: close\(b='north'\) is not enabled.*\n  require\(self.full\[b\]\) is false",
        ),
        (
            [{"state": {"full": ["yes"]}}],
            r"accepted: a dict from each Box",
        ),
        (
            [{"state": {"dark": True}}],
            r"event 0: after the beginning no state agrees\n"
            r"  the system shows dark = True, the model has False",
        ),
        (
            [PUT, {"action": "put", "state": {"count": 1}}],
            r"event 1: after put\(\) no state agrees\n  the system shows count = 1, .* has 2",
        ),
    ],
)
def test_the_first_event_that_no_behaviour_has_is_told(events: Any, message: str) -> None:
    with pytest.raises((NotABehaviourError, MisfitError), match=message):
        post(*events)


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([7], r"event 0: 7; accepted: a dict with action, arguments, state"),
        ([{"acton": "put"}], r"accepted: a dict with action"),
        (
            [{"action": "putt"}],
            r"event 0: no action is 'putt'; .* close; did you mean 'put'",
        ),
        ([PUT, {"state": {"count": 1}}], r"event 1: it names no action"),
        ([{"action": "put", "arguments": {"c": 1}}], r"no parameter is 'c'; the parameters: none"),
        ([{"action": "close", "arguments": {"b": "east"}}], r"field b of event 0: 'east'"),
        ([{"state": {"ful": 1}}], r"event 0, state: shows 'ful'.*did you mean 'full'"),
    ],
)
def test_what_is_no_recording_is_told_with_what_is_accepted(events: Any, message: str) -> None:
    with pytest.raises(AdapterError, match=message):
        post(*events)


def test_a_step_that_goes_wrong_in_the_model_is_a_model_error() -> None:
    with pytest.raises(ModelError, match=r"event 0: down\(\): n = -1 leaves 0..3"):
        follow(load_model(f"{HERE / 'endings.py'}:WrongAtOnce"), [{"action": "down"}])


def test_a_model_without_an_initial_state_follows_nothing() -> None:
    with pytest.raises(ConfigurationError, match="Unborn has no initial state"):
        follow(load_model(f"{HERE / 'endings.py'}:Unborn"), [])
