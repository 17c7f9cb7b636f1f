"""Patterns in the schemas of custom kinds are matched as Go matches them, and in time."""

import random
import re
import time

import pytest

from planespec.reports.fit.device_selectors import evaluate_on_object
from planespec.spec.schema.patterns import list_matches, make_matcher

QUANTITY = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE])?$"
HOST = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
MATCHED = [
    (QUANTITY, "1.5Gi", True),
    (QUANTITY, "1.5 Gi", False),
    (HOST, "a.b-c.d", True),
    (HOST, "a..b", False),
    (HOST, "a.b\n", False),
    ("b$", "ab", True),
    ("b$", "ab\n", False),
    (r"b\$$", "ab$", True),
    (r"\Aa\z", "a", True),
    (r"\Aa\z", "ba", False),
    ("^[[:alpha:]]+$", "ab", True),
    ("^[[:alpha:]]+$", "a1", False),
    (r"^\pL+$", "\u00e4b", True),
    (r"^\pL+$", "1", False),
    ("^(?P<a>x)$", "y", False),
    ("(?i)^AB$", "ab", True),
    (r"^\d+$", "12", True),
    (r"^\d+$", "\u0663", False),
    # Neither reads these as Go does.
    (r"^(\d|a)+$", "\u0663", None),
    (r"^\Qa.b\E$", "axb", None),
    ("(", "a", None),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), MATCHED)
def test_a_pattern_is_matched_as_go_does(pattern: str, text: str, expected: bool | None) -> None:
    assert make_matcher(pattern, evaluate_on_object)(text) is expected


SLOW = [
    (r"^(([a-z0-9]+)*\.)+$", "a" * 60),
    ("^(a|a)*$", "a" * 60 + "b"),
    ("^(a*){1,20}$", "a" * 60 + "b"),
    ("a*a*a*a*a*a*c", "a" * 400 + "b"),
    (".*.*=", "a" * 200_000),
]


@pytest.mark.parametrize(("pattern", "text"), SLOW)
def test_a_pattern_that_goes_back_and_forth_ends(pattern: str, text: str) -> None:
    begin = time.monotonic()
    assert not make_matcher(pattern, evaluate_on_object)(text)
    assert time.monotonic() - begin < 10


GROUPS = [
    HOST,
    r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$",
    "^(a|ab)(c|bcd)*$",
    "^(?:a{1,2}b?){2,3}$",
    "^(a*?b)*?c$",
    "^[(a)*b]+$",
    "^(ab|a)+b$",
]


@pytest.mark.parametrize("pattern", GROUPS)
def test_groups_that_are_repeated_match_as_without_haste(pattern: str) -> None:
    match, chance = make_matcher(pattern, evaluate_on_object), random.Random(7)
    texts = {"".join(chance.choices("abcd-.1ms)*+", k=chance.randrange(8))) for _ in range(400)}
    texts |= {"ab", "abb", "aab", "1m", "1.1s", "abcd", "aabaa"}
    assert {each: match(each) for each in texts} == {
        each: re.search(pattern, each) is not None for each in texts
    }


def test_matches_are_listed_as_go_lists_them() -> None:
    assert list_matches("[0-9]*", "a12bc3") == ["", "12", "", "3"]
    assert list_matches("a|b", "abc") == ["a", "b"]


@pytest.mark.parametrize(("pattern", "text"), [*SLOW, (r"\pL", "a"), ("(", "a")])
def test_matches_that_cannot_be_listed_in_time_are_refused(pattern: str, text: str) -> None:
    with pytest.raises(ValueError, match="not modelled"):
        list_matches(pattern, text)
