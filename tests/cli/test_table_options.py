"""Constant tables on the command line: JSON text and files, what is printed, saved and refused."""

import json
from pathlib import Path

import pytest
from commands import COUNTER, Commands

from planespec.checker.errors import ExitCode

TABLES = (
    COUNTER.replace("sort, step_invariant, terminal", "sort, step_invariant, table, terminal")
    .replace("    idle: bool", "    most: Array[bool, int] = table([3, 9])\n    idle: bool")
    .replace("self.count += 1", "self.count += self.most[self.idle] - 2")
)
MANY = {"false": 3, "true": 7}


def written(planespec: Commands, value: object, name: str = "most.json") -> str:
    path = planespec.folder / name
    text = value if isinstance(value, str) else json.dumps(value)
    path.write_text(text, encoding="utf-8")
    return f"most=@{path}"


def test_a_table_is_read_from_text_and_from_a_file(planespec: Commands) -> None:
    model = planespec.write(TABLES)
    file = written(planespec, MANY)
    for given in ("most=[3, 7]", 'most={"false": 3, "true": 7}', file):
        answer = planespec("check", model, "-c", given)
        assert answer.code == ExitCode.HOLDS, answer.err
        assert 'most={"false": 3, "true": 7}' in answer.out
    assert 'most={"false": 3, "true": 9}' in planespec("check", model).out


@pytest.mark.parametrize("engine", ["python", "native"])
def test_what_a_file_says_decides_what_is_found(planespec: Commands, engine: str) -> None:
    answer = planespec(
        "check", planespec.write(TABLES), "-c", written(planespec, [9, 9]), "--engine", engine
    )
    assert answer.code == ExitCode.SAFETY
    assert "count: 0 -> 7" in answer.out


REFUSED = [
    ({"false": 3}, "Counter, table most[True]: there is no value for this key"),
    ({"false": 3, "true": 7, "maybe": 1}, "Counter, table most: 'maybe' is no key"),
    ([3, "7"], "Counter, table most[True]: '7' (str) is no int"),
    ([3], "Counter, table most: [3] has 1 values for 2 keys"),
    (3, "Counter, table most: 3 (int) is no Array[bool, int]"),
    ('{"false": 3, "false": 4, "true": 7}', "'false' stands twice in one object"),
    ('{"false": 3,', "is not JSON"),
    ("[3, NaN]", "is not JSON"),
]


@pytest.mark.parametrize(("value", "text"), REFUSED)
def test_a_file_that_does_not_fit_is_refused_with_its_name(
    planespec: Commands, value: object, text: str
) -> None:
    given = written(planespec, value)
    answer = planespec("check", planespec.write(TABLES), "-c", given)
    assert answer.code == ExitCode.PARSE
    assert answer.err.startswith(f"planespec: {given.removeprefix('most=@')}:")
    assert text in answer.err
    assert not answer.out


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("most=[3", "-c most: is not JSON: it ends too early"),
        ("most=[3, 4, 5]", "Counter, table most: [3, 4, 5] has 3 values for 2 keys"),
        ("most=7", "Counter, table most: '7' (str) is no Array[bool, int]"),
        ("most=@", "-c most=@: expected a file with JSON"),
        ('most={"true": 1, "true": 2}', "-c most: 'true' stands twice in one object"),
        ("limit=[1]", "constant limit of Counter is an int, not [1]"),
        ("mist=[1, 2]", "Counter has no constant 'mist'; its constants are limit, most"),
    ],
)
def test_a_text_that_does_not_fit_is_refused(planespec: Commands, given: str, text: str) -> None:
    answer = planespec("check", planespec.write(TABLES), "-c", given)
    assert answer.code == ExitCode.CONFIGURATION
    assert text in answer.err


def test_a_file_that_is_not_there_is_named(planespec: Commands) -> None:
    answer = planespec("check", planespec.write(TABLES), "-c", "most=@absent.json")
    assert answer.code == ExitCode.PARSE
    assert answer.err.startswith("planespec: absent.json: cannot be read")


def test_list_shows_the_shape_of_a_table_and_where_it_came_from(planespec: Commands) -> None:
    model = planespec.write(TABLES)
    assert "most: Array[bool, 3..9], 2 values from the class" in planespec("list", model).out
    given = written(planespec, MANY)
    answer = planespec("list", model, "-c", given)
    assert f"most: Array[bool, 3..7], 2 values from {given.removeprefix('most=@')}" in answer.out
    told = json.loads(planespec("list", model, "-c", "most=[1, 2]", "--json").out)
    assert told["models"][0]["tables"] == [
        {"name": "most", "type": "Array[bool, 1..2]", "values": 2, "from": "the run"}
    ]
    assert planespec("list", "-c", "most=[1, 2]").code == ExitCode.CONFIGURATION


@pytest.mark.parametrize("form", ["--save", "--itf"])
def test_a_saved_counterexample_brings_its_table_along(planespec: Commands, form: str) -> None:
    trace = planespec.folder / "trace.json"
    model = planespec.write(TABLES)
    planespec("check", model, "-c", "most=[8, 8]", form, trace)
    answer = planespec("replay", trace)
    assert answer.code == ExitCode.SAFETY, answer.err
    assert 'most={"false": 8, "true": 8}' in answer.out
    other = planespec("replay", trace, "-c", "most=[3, 3]")
    assert other.code == ExitCode.PARSE


def test_tables_that_differ_are_told_apart_where_they_are_too_long_to_print(
    planespec: Commands,
) -> None:
    text = TABLES.replace("Array[bool, int] = table([3, 9])", "Array[Long, int] = table(each(3))")
    text = text.replace("class Counter", "Long = Annotated[int, Range(0, 99)]\n\nclass Counter")
    model = planespec.write(text.replace("self.most[self.idle]", "self.most[self.count]"))
    shown = set()
    for last in (3, 4):
        given = written(planespec, [3] * 99 + [last])
        shown.add(planespec("check", model, "-c", given).out.splitlines()[0])
        told = json.loads(planespec("check", model, "-c", given, "--json").out)
        assert told["constants"]["most"]["99"] == last
    assert len(shown) == 2
    assert all("most=<100 entries, sha256 " in line for line in shown)


def test_a_report_and_a_proof_carry_the_table(planespec: Commands) -> None:
    model = planespec.write(TABLES)
    pages = planespec.folder / "pages"
    answer = planespec("report", model, "-c", "most=[3, 5]", "--output", pages)
    assert answer.code == ExitCode.HOLDS, answer.err
    files = [p for p in Path(pages).rglob("*.json") if '"most"' in p.read_text(encoding="utf-8")]
    assert files
    proof = json.loads(planespec("prove", model, "-c", "most=[3, 5]", "--json").out)
    assert proof["constants"]["most"] == {"false": 3, "true": 5}
