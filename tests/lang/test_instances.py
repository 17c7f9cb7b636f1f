"""Constants, mutants, types and declarations: what is accepted, and what each refusal says."""

import re
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import pytest

from planespec.checker.errors import ConfigurationError
from planespec.checker.instance import Instance
from planespec.checker.ir import types
from planespec.checker.lang import (
    Array,
    Bag,
    Domain,
    LanguageError,
    Model,
    Range,
    Sort,
    action,
    among,
    compose,
    constant,
    each,
    invariant,
    mutant,
    record,
    require,
    sort,
)
from planespec.checker.lang.source import shown_name


class Server(Sort):
    pass


class Mode(Enum):
    FAST = "fast"
    SAFE = "safe"


class Sized(Model):
    """Constants of every kind."""

    servers: Domain[Server] = sort(3, at_most=5, symmetric=True)
    terms: int = constant(2, at_least=1, at_most=9, check="terms <= 2 * servers")
    fair: bool = constant(False)
    mode: Mode = constant(Mode.SAFE)
    broken: bool = mutant("It breaks.", issue="raft#1")
    other: bool = mutant("It breaks otherwise.")

    term: Array[Server, Annotated[int, Range(0, "terms + len(servers)")]] = each(0)

    @action
    def step(self, s: Server) -> None:
        require(self.term[s] < self.terms)
        self.term[s] += 1

    @invariant
    def small(self) -> bool:
        """Terms are small."""
        return all(t <= self.terms for t in self.term)


@pytest.mark.parametrize(
    ("constants", "message"),
    [
        (
            {"server": 3},
            "Sized has no constant 'server'; its constants are servers, terms, fair, mode; "
            "did you mean 'servers'?",
        ),
        ({"servers": 9}, "constant servers of Sized is 9, outside 1..5"),
        ({"servers": 0}, "constant servers of Sized is 0, outside 1..5"),
        ({"terms": "many"}, "constant terms of Sized is an int, not 'many'"),
        ({"terms": True}, "constant terms of Sized is an int, not True"),
        ({"fair": 1}, "constant fair of Sized is true or false, not 1"),
        ({"mode": "slow"}, "constant mode of Sized is one of FAST, SAFE, not 'slow'"),
        (
            {"servers": 1, "terms": 3},
            "constant terms of Sized fails its check 'terms <= 2 * servers' "
            "(servers=1, terms=3, fair=False, mode=Mode.SAFE)",
        ),
    ],
)
def test_a_constant_that_does_not_fit_is_refused(constants: Any, message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        Instance(Sized, constants)
    assert str(error.value) == message


def test_an_unknown_mutant_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError) as error:
        Instance(Sized, mutant="brokn")
    assert str(error.value) == (
        "Sized has no mutant 'brokn'; its mutants are broken, other; did you mean 'broken'?"
    )


def test_an_unknown_requirement_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="'big'; its requirements are small"):
        Instance(Sized).judged(("big",))


def test_constants_are_read_as_on_a_command_line() -> None:
    instance = Instance(Sized, {"servers": "4", "fair": "true", "mode": "FAST"}, "broken")
    assert instance.constants == {
        "servers": tuple(map(Server, range(4))),
        "terms": 2,
        "fair": True,
        "mode": Mode.FAST,
    }
    assert instance.new().broken is True  # type: ignore[attr-defined]


def test_bounds_are_expressions_over_the_constants() -> None:
    found = Instance(Sized, {"servers": 2}).types["term"]
    assert found == types.Array(types.Sort("Server", 2, True), types.Int(0, 4))


def refusal(make: Any) -> LanguageError:
    with pytest.raises(LanguageError) as error:
        Instance(make())
    return error.value


def model(annotation: Any, default: Any) -> Any:
    """A model with one variable of the given type."""
    body = {"__annotations__": {"x": annotation}, "x": default, "__module__": __name__}
    return lambda: type("One", (Model,), body)


class Unbound(Sort):
    pass


@record
class Mutable:
    members: set[Server]


@pytest.mark.parametrize(
    ("annotation", "default", "message"),
    [
        (int, 0, "x: int has no range"),
        (str, "", "x: str is no type of the language"),
        (dict[int, int], {}, "x: dict[int, int] is no type of the language"),
        (list[bool], [], "x: list[bool] has no Size"),
        (Bag[bool], Bag(), "x: Bag[bool] has no Size"),
        (
            set[Annotated[int, Range(0, 999)]],
            set(),
            "x: set[Annotated[int, Range(0, 999)]] has no Size, which only sets of 512 "
            "values or less do without; Annotated[int, Range(0, 999)] has 1,000 values",
        ),
        (Unbound | None, None, "x: no constant gives the size of Unbound"),
        (Annotated[int, Range(0, "n")], 0, "x: cannot evaluate 'n': name 'n' is not defined"),
        (Annotated[int, Range(3, 1)], 1, "x: Range(3, 1) is 3..1, empty"),
        (bool | Mode, True, "x: a union of other things than records"),
        (tuple[list[bool], bool], (), "x: a part of tuple[list[bool], bool] is mutable"),
        (Mutable | None, None, "field members of record Mutable is mutable"),
    ],
)
def test_a_type_outside_the_language_is_refused(
    annotation: Any, default: Any, message: str
) -> None:
    error = refusal(model(annotation, default))
    assert error.message == message
    assert error.allowed


def test_an_initial_value_outside_its_type_is_refused() -> None:
    with pytest.raises(LanguageError, match=r"One: the initial value x = 5 leaves 0\.\.3"):
        Instance(model(Annotated[int, Range(0, 3)], 5)())


def test_a_variable_without_value_is_refused_with_its_line() -> None:
    with pytest.raises(LanguageError) as error:

        class NoValue(Model):
            """No value."""

            missing: bool

    assert error.value.message == "NoValue: missing has no initial value"
    assert error.value.text == "missing: bool"


def test_a_variable_without_type_is_refused() -> None:
    with pytest.raises(LanguageError, match="NoType: missing has no type"):

        class NoType(Model):
            """No type."""

            missing = each(0)


def test_among_names_a_collection() -> None:
    class Among(Model):
        """Among nothing."""

        flag: bool = False

        @action
        def go(self, x: bool = among("flag")) -> None:
            pass

    with pytest.raises(LanguageError, match=r"among\('flag'\) names no set, bag or list"):
        Instance(Among)


class Shared(Model):
    """A part."""

    servers: Domain[Server] = sort(2)
    up: Array[Server, bool] = each(True)

    @action
    def crash(self, s: Server) -> None:
        require(self.up[s])
        self.up[s] = False


class Repair(Model):
    """Another part over the same variable."""

    servers: Domain[Server] = sort(2)
    up: Array[Server, bool] = each(True)

    @action
    def repair(self, s: Server) -> None:
        require(not self.up[s])
        self.up[s] = True


class Different(Model):
    """A part that disagrees about the variable."""

    servers: Domain[Server] = sort(2)
    up: Array[Server, bool] = each(False)


class OtherCrash(Model):
    """A part that disagrees about the action."""

    servers: Domain[Server] = sort(2)
    up: Array[Server, bool] = each(True)

    @action
    def crash(self, s: Server) -> None:
        self.up[s] = False


def test_parts_share_variables_and_keep_their_order() -> None:
    instance = Instance(compose("Cluster", Shared, Repair))
    assert instance.variables == ("up",)
    assert [a.name for a in instance.actions] == ["crash", "repair"]


def test_a_requirement_stands_at_the_line_where_it_is_written() -> None:
    class Repaired(Repair):
        """A part that promises something."""

        @invariant
        def all_up(self) -> bool:
            return all(self.up[s] for s in self.servers)

    [claim] = Instance(Repaired).requirements
    text = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert claim.at is not None
    assert (claim.at.file, text[claim.at.line - 1].strip()) == (__file__, "@invariant")


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (Different, "Shared and Different both define up, with another type or value"),
        (OtherCrash, "Shared and OtherCrash both define crash, differently"),
    ],
)
def test_parts_that_disagree_are_refused(part: type[Model], message: str) -> None:
    with pytest.raises(LanguageError) as error:
        compose("Cluster", Shared, part)
    where = re.sub(r" \(\S+:\d+\)", "", error.value.message)
    assert where == message
    assert error.value.file == shown_name(__file__)
    assert error.value.line is not None


def test_a_model_redefines_what_it_inherits() -> None:
    class Gentle(Shared):
        """Crashes one server only."""

        @action
        def crash(self, s: Server) -> None:
            require(all(up for up in self.up))
            self.up[s] = False

    assert [a.name for a in Instance(Gentle).actions] == ["crash"]
    assert Instance(Gentle).actions[0].function is Gentle.crash
