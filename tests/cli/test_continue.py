"""`check --continue`, and what the answers say of requirements beside a broken one."""

import json
from pathlib import Path

import pytest
from commands import COUNTER, Commands

from planespec.checker.errors import ExitCode

TESTS = Path(__file__).resolve().parents[1]
SCHEMAS = TESTS / "schemas"
FAULTY = TESTS / "engines" / "toys" / "faulty.py"


def faulty(planespec: Commands, *leave_out: str) -> Path:
    """The model without some of its properties, whose names begin a method each."""
    text = FAULTY.read_text(encoding="utf-8")
    for name in leave_out:
        start = text.index(f"    def {name}(")
        start = text.rindex("    @", 0, start)
        end = text.find("    @", start + 5)
        text = text[:start] + (text[end:] if end > 0 else "")
    return planespec.write(text, "faulty.py")


def test_every_counterexample_is_printed_with_its_own_verdict(planespec: Commands) -> None:
    answer = planespec("check", faulty(planespec), "--continue")
    for words in ("Violated tiny (At most 1) after 2 steps", "Violated unflagged", "deadlock",
                  "no reachable state has seven", "Violated ends (Reaches 6)"):  # fmt: skip
        assert words in answer.out
    assert "faulty.py: Violated, 8 counterexamples" in answer.out
    assert "  violated tiny, unflagged, small, wrong, deadlock, seven, moves, ends\n" in answer.out
    assert "  hold: fine, grows, starts\n" in answer.out


@pytest.mark.parametrize(
    ("leave_out", "code"),
    [
        ((), ExitCode.EVALUATION),
        (("wrong",), ExitCode.SAFETY),
        (("wrong", "tiny", "small"), ExitCode.SAFETY),
        (("wrong", "tiny", "small", "unflagged"), ExitCode.DEADLOCK),
    ],
)
def test_the_exit_code_is_that_of_the_worst(
    planespec: Commands, leave_out: tuple[str, ...], code: ExitCode
) -> None:
    assert planespec("check", faulty(planespec, *leave_out), "--continue").code == code


def test_broken_promises_are_worse_than_unreached_states(planespec: Commands) -> None:
    path = faulty(planespec, "wrong", "tiny", "small", "unflagged")
    assert planespec("check", path, "--continue", "--no-deadlock").code == ExitCode.LIVENESS
    path = faulty(planespec, "wrong", "tiny", "small", "unflagged", "moves", "ends")
    assert planespec("check", path, "--continue", "--no-deadlock").code == ExitCode.ASSUMPTION


def test_the_document_has_all_of_them_and_a_verdict_for_each(planespec: Commands) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="`pip install .[test]` brings it")
    answer = planespec("check", faulty(planespec), "--continue", "--json")
    document = json.loads(answer.out)
    schema = json.loads((SCHEMAS / "check.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["exit_code"] == answer.code
    assert len(document["violations"]) == 8
    assert document["violation"] == document["violations"][0]
    verdicts = {claim["id"]: claim["verdict"] for claim in document["requirements"]}
    assert verdicts == {
        "small": "Violated", "tiny": "Violated", "fine": "Holds", "wrong": "Violated",
        "unflagged": "Violated", "grows": "Holds", "starts": "Holds", "moves": "Violated",
        "ends": "Violated",
    }  # fmt: skip


def test_a_model_in_order_is_answered_as_without(planespec: Commands) -> None:
    path = planespec.write(COUNTER)
    plain, going_on = planespec("check", path, "--json"), planespec("check", path, "--continue",
                                                                    "--json")  # fmt: skip
    one, two = json.loads(plain.out), json.loads(going_on.out)
    assert {**one, "timing": None} == {**two, "timing": None}
    assert going_on.code == ExitCode.HOLDS


def test_a_model_that_claims_nothing_says_that_nothing_was_judged(planespec: Commands) -> None:
    nothing = COUNTER.partition("    @invariant")[0]
    answer = planespec("check", planespec.write(nothing))
    assert answer.code == ExitCode.HOLDS
    why = "nothing was judged but that no step goes wrong: Counter claims no property"
    assert f"Holds within limit=3 ({why})" in answer.out
    document = json.loads(planespec("check", planespec.write(nothing), "--json").out)
    assert (document["verdict"], document["reason"]) == ("Holds", why)


def test_a_model_that_claims_nothing_says_that_deadlock_was_judged(planespec: Commands) -> None:
    nothing = COUNTER.partition("    @invariant")[0].replace("    deadlock = False\n", "")
    moving = nothing.replace("self.count += 1", "self.count = 0")
    answer = planespec("check", planespec.write(moving))
    assert answer.code == ExitCode.HOLDS
    assert "judged nothing but deadlock: the model claims no property" in answer.out
    walks = planespec("simulate", planespec.write(moving), "--walks", "3")
    assert "judged nothing but deadlock: the model claims no property" in walks.out
    proof = planespec("prove", planespec.write(moving))
    assert "no property was judged, only that no step goes wrong" in proof.out


def test_a_deadlock_tells_how_to_mean_it(planespec: Commands) -> None:
    answer = planespec("check", planespec.write(COUNTER.replace("    deadlock = False\n", "")))
    assert answer.code == ExitCode.DEADLOCK
    assert "if this end is intended, say so: @terminal" in answer.out
    assert "deadlock = False" in answer.out


def test_each_of_several_saved_counterexamples_can_be_replayed(planespec: Commands) -> None:
    planespec("check", faulty(planespec), "--continue", "--save", "saved.json")
    codes = {"tiny": 12, "unflagged": 12, "small": 12, "wrong": 75, "deadlock": 11, "ends": 13}
    for id_, code in codes.items():
        answer = planespec("replay", "saved.json", "--requirement", id_)
        assert answer.code == code, answer
    assert planespec("replay", "saved.json").code == ExitCode.SAFETY
    answer = planespec("replay", "saved.json", "--requirement", "fine")
    assert answer.code == ExitCode.CONFIGURATION
    assert "holds no counterexample to 'fine'; it holds tiny, unflagged, small" in answer.err
