"""What a parameter of an action may range over, and what is too large or too deep to search."""

import pytest
from commands import COUNTER, Commands

from planespec.checker.errors import ExitCode

HEAD = "    def up(self) -> None:"


def with_parameter(hint: str) -> str:
    """The counter with a parameter that its action does not use."""
    assert HEAD in COUNTER
    return COUNTER.replace(HEAD, f"    def up(self, p: {hint}) -> None:")


@pytest.mark.parametrize(
    "hint",
    ["set[Annotated[int, Range(0, 40)]]", "Annotated[list[bool], Size(2)]", "Array[bool, bool]"],
)
@pytest.mark.parametrize("engine", ["auto", "python", "native"])
def test_a_parameter_does_not_range_over_a_collection(
    planespec: Commands, hint: str, engine: str
) -> None:
    answer = planespec("check", planespec.write(with_parameter(hint)), "--engine", engine)
    assert "parameter p cannot range over every" in answer.err
    assert "allowed: a bool" in answer.err
    assert "internal error" not in answer.err
    assert answer.code == ExitCode.PARSE


def test_a_parameter_may_be_none(planespec: Commands) -> None:
    path = planespec.write(with_parameter("bool | None"))
    python = planespec("check", path, "--engine", "python")
    native = planespec("check", path, "--engine", "native")
    assert "10 states generated, 4 distinct" in python.out
    assert "10 states generated, 4 distinct" in native.out


def test_what_is_nested_too_deeply_is_refused(planespec: Commands) -> None:
    deep = COUNTER.replace("        self.count += 1", f"        require({'not ' * 700}self.idle)")
    answer = planespec("check", planespec.write(deep))
    assert "nested too deeply" in answer.err
    assert answer.code == ExitCode.PARSE


def with_variable(declaration: str) -> str:
    """The counter with one more variable."""
    return COUNTER.replace("    idle: bool = False", f"    idle: bool = False\n    {declaration}")


def test_an_array_over_a_huge_range_is_refused(planespec: Commands) -> None:
    huge = with_variable("x: Array[Annotated[int, Range(0, 10**10)], bool] = each(False)")
    answer = planespec("check", planespec.write(huge))
    assert "10,000,000,001 keys" in answer.err
    assert answer.code == ExitCode.PARSE


def test_a_bound_that_is_no_number_is_named(planespec: Commands) -> None:
    answer = planespec(
        "check", planespec.write(with_variable("x: Annotated[int, Range(0, 1.5)] = 0"))
    )
    assert "the bound 1.5 is 1.5, not a whole number" in answer.err
    assert answer.code == ExitCode.PARSE


def test_a_budget_of_time_ends_within_one_state(planespec: Commands) -> None:
    wide = with_parameter("Annotated[int, Range(0, 999_999)]").replace(
        "self.count < self", "p >= 0 and self.count < self"
    )
    answer = planespec(
        "check", planespec.write(wide), "--engine", "python", "--budget", "seconds=0.2"
    )
    assert "the budget of 0.2 seconds is spent" in answer.out
    assert "left on queue" in answer.out
    assert answer.code == ExitCode.UNKNOWN


INITIAL = """
    x: Annotated[int, Range(0, 199_999)] = 0

    @initial
    def anywhere(self, x: Annotated[int, Range(0, 199_999)]) -> None:
        \"\"\"One initial state for each number.\"\"\"
        self.x = x
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_the_table_grows_while_initial_states_are_found(planespec: Commands, workers: int) -> None:
    many = COUNTER.replace("    idle: bool = False", f"    idle: bool = False{INITIAL}")
    many = many.replace("each, invariant", "each, initial, invariant")
    answer = planespec(
        "check", planespec.write(many), "--engine", "native", "--depth", "0",
        "--requirement", "within_limit", "--workers", workers,
    )  # fmt: skip
    assert "200,000 states generated, 200,000 distinct" in answer.out
