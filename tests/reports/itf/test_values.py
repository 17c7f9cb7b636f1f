"""Values in ITF: what other readers choke on is written in a form that they do not."""

from types import SimpleNamespace

import pytest

from planespec.checker.ir import types as t
from planespec.reports.formats.itf_values import MismatchError, decode, encode

BYTE = t.Int(0, 255)


@pytest.mark.parametrize("name", ["_term", "#meta", "class"])
def test_a_field_that_readers_would_stumble_over_is_the_key_of_a_map(name: str) -> None:
    record = t.Record("Message", (("to", BYTE), (name, BYTE)))
    value = SimpleNamespace(**{"to": 1, name: 2})
    one, two = ({"#bigint": str(n)} for n in (1, 2))
    assert encode(record, value) == {"#map": [["to", one], [name, two]]}


def test_other_records_are_objects() -> None:
    record = t.Record("Message", (("to", BYTE),))
    assert encode(record, SimpleNamespace(to=1)) == {"to": {"#bigint": "1"}}


@pytest.mark.parametrize("number", [0, 1, 254, 255])
def test_a_number_of_a_range_is_read_up_to_its_bounds(number: int) -> None:
    assert decode(BYTE, encode(BYTE, number)) == number


@pytest.mark.parametrize("number", [-1, 256])
def test_a_number_beyond_the_bounds_is_refused(number: int) -> None:
    with pytest.raises(MismatchError, match="expected a value of type"):
        decode(BYTE, {"#bigint": str(number)})
