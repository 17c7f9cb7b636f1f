"""What is wrong with a JSON text is said in our own words, the same with every version."""

import pytest

from planespec.reports.input.json_text import DEEPEST, JsonError, decode_json, parse_json

WRONG = {
    "nothing": ("", "is not JSON: it ends too early", (1, 1)),
    "an object that does not end": ('{"a": [1,\n', "is not JSON: it ends too early", (2, 1)),
    "a bare word": (
        '{"a":\n nonsense}',
        "is not JSON: it cannot be read from 'nonsense}' on",
        (2, 2),
    ),
    "two values": ("{}\n {}", "is not JSON: it cannot be read from '{}' on", (2, 2)),
    "no number": ("[NaN]", "is not JSON: NaN is not a JSON number", (None, None)),
    "a huge number": ("9" * 5_000, "is not JSON: a number has too many digits", (None, None)),
    "many levels": ("[" * 100_000, "is nested too deeply", (None, None)),
    "levels that Python can hold": (
        "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
        "is nested too deeply",
        (None, None),
    ),
    "half of a pair": (r'"\ud800"', "holds half of a surrogate pair", (None, None)),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_with_its_place(case: str) -> None:
    text, message, place = WRONG[case]
    with pytest.raises(JsonError) as caught:
        parse_json(text)
    assert str(caught.value).startswith(message)
    assert (caught.value.line, caught.value.column) == place


def test_what_is_in_order_is_read() -> None:
    assert parse_json(' {"a": [1, "\\ud83d\\ude00"]}\r\n') == {"a": [1, "😀"]}
    assert parse_json("[" * DEEPEST + "]" * DEEPEST)
    assert parse_json('"' + "[" * 1_000 + '"') == "[" * 1_000
    assert parse_json(r'"\ud800"', halves=True) == "\ud800"


def test_values_back_to_back_are_read_one_by_one() -> None:
    assert decode_json('{"a": 1} [2]', 9) == ([2], 12)
