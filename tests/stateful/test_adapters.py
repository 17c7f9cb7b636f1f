"""Adapters as people write them: rightly in several styles, and wrongly in many."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from planespec.checker.errors import ConfigurationError
from planespec.checker.load import load_model
from planespec.checker.stateful import (
    AdapterError,
    DisagreementError,
    MisfitError,
    RequirementBrokenError,
    machine,
)
from planespec.checker.stateful.adapter import NotResetError

MODEL = load_model(f"{Path(__file__).parent / 'post.py'}:Post")
WALKS = settings(
    max_examples=40,
    stateful_step_count=12,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
)
BOXES = {"Box": ["north", "south"]}


class PostOffice:
    """Does what the model says; picks the box itself."""

    names = BOXES

    def reset(self) -> None:
        self.full: dict[str, bool] = {}
        self.last: str | None = None

    def put(self) -> None:
        self.last = "south" if "south" not in self.full else "north"
        self.full[self.last] = True

    def do_close(self, b: str) -> None:
        del self.full[b]

    def state(self) -> Any:
        return {"full": set(self.full), "last": self.last}


def with_(**members: Any) -> type[PostOffice]:
    return type("Changed", (PostOffice,), members)


def without(*names: str) -> type:
    kept = {n: v for n, v in vars(PostOffice).items() if n not in names}
    return type("Bare", (), {n: v for n, v in kept.items() if not n.startswith("__")})


FEW_WALKS = settings(WALKS, max_examples=10)


def run(adapter: Any, walks: settings = WALKS, **options: Any) -> None:
    run_state_machine_as_test(machine(MODEL, adapter=adapter, **options), settings=walks)


def told(self: Any, b: str) -> None:
    self.full[b], self.last = True, b


def told_all(self: Any, **choices: str) -> None:
    told(self, choices["b"])


class Fresh(without("reset")):  # type: ignore[misc]
    def __init__(self) -> None:
        PostOffice.reset(self)  # type: ignore[arg-type]


RIGHT = [
    PostOffice,
    PostOffice(),
    lambda: PostOffice(),
    Fresh,
    with_(put=told),
    with_(put=told_all),
    with_(names=lambda self: BOXES),
    with_(names={"Box": {0: "north", 1: "south"}}),
    with_(names={"Box": lambda b: ["north", "south"][b]}),
    with_(state=lambda self: SimpleNamespace(full=set(self.full), last=self.last)),
    with_(state=property(lambda self: {"full": set(self.full), "last": self.last})),
]


@pytest.mark.parametrize("adapter", RIGHT)
def test_a_system_that_does_what_the_model_says_passes(adapter: Any) -> None:
    run(adapter, FEW_WALKS)


@pytest.mark.slow
@pytest.mark.parametrize("adapter", RIGHT)
def test_a_system_that_does_what_the_model_says_passes_many_walks(adapter: Any) -> None:
    run(adapter)


def lose(self: Any, b: str) -> None:
    """The planted fault: the other box is emptied as well."""
    self.full.clear()


@pytest.mark.parametrize(
    ("adapter", "lines"),
    [
        (
            with_(do_close=lose),
            ["after close(b='north')", "full[south] = False, the model has True"],
        ),
        (with_(put=lambda self: None), ["after put()", "nearest of the 2 outcomes"]),
        (
            with_(reset=lambda self: self.__dict__.update(full={"north": True}, last=None)),
            ["after reset()", "full[north] = True, the model has False"],
        ),
    ],
)
def test_a_system_that_does_something_else_is_told_by_field(
    adapter: Any, lines: list[str]
) -> None:
    with pytest.raises(DisagreementError) as failure:
        run(adapter)
    for line in lines:
        assert line in str(failure.value)


def test_what_the_system_decided_stands_in_the_program() -> None:
    with pytest.raises(DisagreementError) as failure:
        run(with_(do_close=lose))
    program = "\n".join(failure.value.__notes__)
    assert "# PostMachine = machine(Post, adapter=Changed, boxes=2" in program
    assert "# put()\n# the system decided: b = 'south'\nstate.put(instance=" in program


def test_a_defect_of_the_model_is_told_before_a_disagreement() -> None:
    with pytest.raises(RequirementBrokenError, match="never_both: ") as failure:
        run(PostOffice, mutant="careless")
    assert not isinstance(failure.value, DisagreementError)


async def later(self: Any) -> None:
    """Never awaited."""


@pytest.mark.parametrize(
    ("adapter", "message"),
    [
        (7, r"the adapter 7 has no state\(\)\n  accepted: an object, or a class"),
        (lambda: None, r"the adapter None has no state\(\)"),
        (without("state"), r"has no state\(\)"),
        (without("reset")(), r"has no reset\(\), so that each walk would begin"),
        (without("put"), r"Bare has no method for put\(\)\n.*skip=\(\.\.\.\)"),
        (
            type("Close", (without("do_close"),), {"close": lambda self: None}),
            r"no method for close\(b\)\n  close has another meaning.*; call it do_close",
        ),
        (
            type("Slip", (without("put"),), {"puts": lambda self: None}),
            r"put; did you mean 'puts'",
        ),
        (with_(do_close=lambda self: None), r"do_close\(\) has no parameter b; it performs close"),
        (with_(do_close=lambda self, box: None), r"has no parameter b"),
        (with_(put=lambda self, box: None), r"wants an argument box; .* of this step: b\n"),
        (with_(put=later), r"put\(\) is async and would not be awaited"),
        (with_(names=["north"]), r"names is \['north'\]; accepted: a dict from sort to names"),
        (with_(names={"Bax": []}), r"no sort 'Bax'; its sorts: Box; did you mean 'Box'"),
        (with_(names={"Box": ["north"]}), r"each of the 2 elements box0, box1: it has 1"),
        (with_(names={"Box": ["n", "n"]}), r"two elements have one name"),
        (with_(names={"Box": "ns"}), r"'ns' gives none\n  accepted: a list of names"),
        (with_(names={"Box": [[], []]}), r"unhashable"),
    ],
)
def test_a_wrong_adapter_is_told_what_is_accepted(adapter: Any, message: str) -> None:
    with pytest.raises(AdapterError, match=message):
        run(adapter)


def test_a_choice_that_cannot_be_told_from_what_is_shown_is_refused() -> None:
    blind = with_(state=lambda self: {"count": len(self.full)})
    with pytest.raises(AdapterError) as failure:
        run(blind)
    text = str(failure.value)
    assert "after put() the model allows 2 states that agree" in text
    assert "they differ in full, last" in text
    assert "a parameter of put() for what is to be told to the system (it may have b)" in text
    blind.put = told  # type: ignore[method-assign,assignment]
    run(blind)


@pytest.mark.parametrize(
    ("shown", "message"),
    [
        (None, r"state\(\): gives None, which shows no variable"),
        ({}, r"state\(\): gives \{\}, which shows no variable"),
        ([1], r"state\(\): gives \[1\]"),
        ({"ful": []}, r"shows 'ful', which is no variable; did you mean 'full'"),
        (
            {"last": "east"},
            r"field last: 'east' \(str\) is no Box \| None\n  accepted: None, or a",
        ),
    ],
)
def test_what_is_no_state_is_no_disagreement(shown: Any, message: str) -> None:
    with pytest.raises(MisfitError, match=message):
        run(with_(state=lambda self: shown))


def test_a_system_that_keeps_something_over_a_reset_is_told_so() -> None:
    class Keeps(PostOffice):
        def reset(self) -> None:
            if not hasattr(self, "full"):
                super().reset()

    with pytest.raises(NotResetError, match=r"after reset\(\).*(\n.*)*leaves something behind"):
        run(Keeps())


def test_an_error_of_the_system_is_raised_with_the_call_it_was_asked_for() -> None:
    def refuse(self: Any, b: str) -> None:
        raise ConnectionError("refused")

    with pytest.raises(ConnectionError) as failure:
        run(with_(do_close=refuse))
    assert any("asked for close(b='" in n for n in failure.value.__notes__)


def test_a_system_is_closed_where_it_was_made_for_the_run_alone() -> None:
    closed: list[Any] = []

    class Closes(PostOffice):
        def close(self) -> None:
            closed.append(self)

    run(Closes())
    assert closed == []
    run(Closes)
    assert len(closed) >= WALKS.max_examples / 2
    assert len(set(map(id, closed))) == len(closed)


def test_a_system_whose_adapter_is_refused_is_closed_too() -> None:
    made, closed = [], []

    class Halfway(without("put")):  # type: ignore[misc]
        def __init__(self) -> None:
            made.append(self)

        def close(self) -> None:
            closed.append(self)

    with pytest.raises(AdapterError, match="no method for put"):
        run(Halfway)
    assert closed == made != []


def test_an_action_that_the_system_cannot_take_is_skipped() -> None:
    run(without("do_close"), skip=("close",))
    with pytest.raises(ConfigurationError, match="no action 'open'"):
        run(PostOffice, skip=("open",))


class Everything:
    """The other style: one method for all actions, told the whole step."""

    names = BOXES
    answer: Callable[[Any], Any] = staticmethod(lambda step: vars(step.state))

    def apply(self, step: Any) -> Any:
        if step.action == "put":
            assert step.arguments["b"] in ("north", "south")
            assert step.state.full[step.state.last]
        return type(self).answer(step)


def test_apply_is_told_named_values_and_may_show_a_part() -> None:
    run(Everything)
    run(type("Nothing", (Everything,), {"answer": staticmethod(lambda step: {})}))


def test_apply_that_forgets_to_return_is_told_so() -> None:
    with pytest.raises(AdapterError, match=r"apply\(\) returns None; accepted: a dict"):
        run(type("Forgets", (Everything,), {"answer": staticmethod(lambda step: None)}))


class Started(PostOffice):
    """Of two initial states it takes its own."""

    def state(self) -> Any:
        return {"full": set(self.full), "last": self.last, "dark": True}


def test_an_initial_state_that_the_system_decides_is_read_from_what_it_shows() -> None:
    run(Started, night=True)
    with pytest.raises(DisagreementError, match="dark = True, the model has False"):
        run(Started)
    with pytest.raises(AdapterError, match=r"after reset\(\) .* differ in dark\n.*of reset\(\)"):
        run(PostOffice, night=True)


def test_an_initial_state_is_told_to_a_reset_that_has_a_place_for_it() -> None:
    nights: set[bool] = set()

    class Told(PostOffice):
        def reset(self, dark: bool) -> None:  # type: ignore[override]
            nights.add(dark)
            super().reset()

    run(Told, night=True)
    assert nights == {False, True}
