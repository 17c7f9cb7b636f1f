"""Random small models as Python source, so that every engine runs the very same text.

Division, modulo, negative numbers and the ends of ranges are drawn more often than chance would.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from sizes import resized


class st:  # noqa: N801 - written like Hypothesis strategies, many times faster to draw from
    """Choices that one seed decides."""

    DrawFn = Any

    @staticmethod
    def sampled_from(items: Any) -> Any:
        return lambda rng: rng.choice(items)

    @staticmethod
    def integers(low: int, high: int) -> Any:
        return lambda rng: rng.randint(low, high)

    @staticmethod
    def booleans() -> Any:
        return lambda rng: rng.random() < 0.5

    @staticmethod
    def composite(function: Any) -> Any:
        return lambda *given: lambda rng: function(lambda choice: choice(rng), *given)


HEADER = '''"""A random model."""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array, Domain, Model, Range, Size, Sort, action, choose, constraint, each, initial,
    invariant, require, sort, step_invariant, terminal,
)


class Unit(Sort):
    """Something."""


class Colour(Enum):
    """Something else."""

    RED = "red"
    BLUE = "blue"


class Random(Model):
    """Whatever was drawn."""

    units: Domain[Unit] = sort(2)

    small: Annotated[int, Range(0, 3)] = {small}
    signed: Annotated[int, Range(-3, 2)] = {signed}
    flag: bool = {flag}
    colour: Colour = Colour.RED
    unit: Unit | None = None
    table: Array[Unit, Annotated[int, Range(-1, 2)]] = each(0)
    members: set[Annotated[int, Range(0, 2)]] = set()
    few: Annotated[set[Annotated[int, Range(-1, 2)]], Size(2)] = set()
    row: Annotated[list[Annotated[int, Range(-1, 1)]], Size(2)] = []
'''

NUMBERS = ["self.small", "self.signed", "len(self.members)", "len(self.row)", "len(self.few)"]
ELEMENTS = ["self.members", "self.few", "self.row", "range(self.small)", "range(-1, 2)"]


@dataclass
class Scope:
    """Names that expressions may use beside the state; `state` is `self` or `before`."""

    units: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    depth: int = 0

    def inner(self, *numbers: str, units: tuple[str, ...] = ()) -> "Scope":
        return Scope([*self.units, *units], [*self.numbers, *numbers], self.depth + 1)


@st.composite
def number(draw: st.DrawFn, scope: Scope, size: int) -> str:
    """An int expression."""
    leaves = [*NUMBERS, *scope.numbers, "0", "1", "2", "(-1)", "(-2)"]
    if size <= 0:
        return draw(st.sampled_from(leaves))
    kind = draw(st.integers(0, 11))
    if kind <= 1:
        return draw(st.sampled_from(leaves))
    if kind <= 6:
        op = draw(st.sampled_from(["+", "-", "*", "//", "%", "//", "%"]))
        right = draw(number(scope, size - 1))
        if op in ("//", "%") and draw(st.booleans()):
            right = draw(st.sampled_from(["2", "(-2)", "3", "(-3)", "(1 + self.small)"]))
        return f"({draw(number(scope, size - 1))} {op} {right})"
    if kind == 7:
        call = draw(st.sampled_from(["-{}", "abs({})", "min({}, {})", "max({}, {})"]))
        parts = [draw(number(scope, size - 1)) for _ in range(call.count("{}"))]
        return f"({call.format(*parts)})"
    if kind == 8:
        test = draw(truth(scope, size - 1))
        return f"({draw(number(scope, size - 1))} if {test} else {draw(number(scope, 0))})"
    if kind == 9:
        return f"self.table[{draw(a_unit(scope))}]"
    if kind == 10:
        at = draw(number(scope, size - 1))
        sure = f"(self.row[{at}] if {at} < len(self.row) else 0)"
        return f"self.row[{at}]" if draw(st.integers(0, 3)) == 0 else sure
    name, walked = f"i{scope.depth}", draw(st.sampled_from(ELEMENTS))
    call = draw(st.sampled_from(["sum", "min", "max"]))
    default = ", default=0" if call != "sum" and draw(st.integers(0, 3)) else ""
    body = draw(number(scope.inner(name), size - 1))
    if default:
        return f"{call}(({body} for {name} in {walked}){default})"
    return f"{call}({body} for {name} in {walked})"


@st.composite
def a_unit(draw: st.DrawFn, scope: Scope) -> str:
    """A unit; None in the state is a model error here."""
    known = [*scope.units, *scope.units, "Unit(0)", "Unit(1)"]
    return draw(st.sampled_from([*known, *known, "self.unit"]))


@st.composite
def truth(draw: st.DrawFn, scope: Scope, size: int) -> str:
    """A bool expression."""
    leaves = ["self.flag", "self.unit is None", "self.colour == Colour.RED", "not self.row"]
    leaves += [f"self.unit == {u}" for u in scope.units]
    if size <= 0:
        return draw(st.sampled_from(leaves[:3]))
    kind = draw(st.integers(0, 7))
    if kind == 0:
        return f"({draw(st.sampled_from([x for x in leaves if x != 'not self.row']))})"
    if kind <= 3:
        op = draw(st.sampled_from(["<", "<=", "==", "!=", ">", ">="]))
        return f"({draw(number(scope, size - 1))} {op} {draw(number(scope, size - 1))})"
    if kind == 4:
        op = draw(st.sampled_from(["and", "or"]))
        return f"({draw(truth(scope, size - 1))} {op} {draw(truth(scope, size - 1))})"
    if kind == 5:
        return f"(not {draw(truth(scope, size - 1))})"
    if kind == 6:
        walked = draw(st.sampled_from(ELEMENTS[:3]))
        return f"({draw(number(scope, 0))} in {walked})"
    name, walked = f"i{scope.depth}", draw(st.sampled_from(ELEMENTS))
    call = draw(st.sampled_from(["all", "any"]))
    inner = scope.inner(name)
    guard = f" if {draw(truth(inner, 0))}" if draw(st.booleans()) else ""
    return f"{call}({draw(truth(inner, size - 1))} for {name} in {walked}{guard})"


@st.composite
def statement(draw: st.DrawFn, scope: Scope, size: int, pad: str) -> list[str]:
    """One statement, as lines."""
    kind = draw(st.integers(0, 13 if size > 0 else 8))
    value = draw(number(scope, 2))
    match kind:
        case 0:
            target = draw(st.sampled_from(["self.small", "self.signed"]))
            op = draw(st.sampled_from(["=", "+=", "-="]))
            return [f"{pad}{target} {op} {value}"]
        case 1:
            inside = ["self.small = {} % 4", "self.signed = {} % 6 - 3", "self.signed = {} % -4"]
            return [pad + draw(st.sampled_from(inside)).format(f"({value})")]
        case 2:
            wrap = "{}" if draw(st.integers(0, 3)) == 0 else "({}) % 4 - 1"
            return [f"{pad}self.table[{draw(a_unit(scope))}] = {wrap.format(value)}"]
        case 3:
            return [f"{pad}self.flag = {draw(truth(scope, 2))}"]
        case 4:
            where = draw(st.sampled_from(["members", "few"]))
            call = draw(st.sampled_from(["add", "add", "discard", "discard", "remove"]))
            inside = value if draw(st.integers(0, 3)) == 0 else f"({value}) % 2"
            return [f"{pad}self.{where}.{call}({inside})"]
        case 5:
            if draw(st.integers(0, 3)) == 0:
                return [f"{pad}self.row.append({value})"]
            return [f"{pad}if len(self.row) < 2:", f"{pad}    self.row.append(({value}) % 2)"]
        case 6:
            chosen = draw(st.sampled_from([*scope.units, "None", "Unit(0)"]))
            return [f"{pad}self.unit = {chosen}"]
        case 7:
            colour = draw(st.sampled_from(["RED", "BLUE"]))
            return [f"{pad}self.colour = Colour.{colour}"]
        case 8:
            end = draw(st.sampled_from(["self.row.clear()", "self.members = set()", "pass"]))
            return [f"{pad}{end}"]
        case 9:
            return [f"{pad}require({draw(truth(scope, 2))})"]
        case 10:
            return [f"{pad}assert {draw(truth(scope, 2))}"]
        case 11 | 12:
            lines = [f"{pad}if {draw(truth(scope, 2))}:"]
            lines += draw(statement(scope, size - 1, pad + "    "))
            if draw(st.booleans()):
                lines += [f"{pad}else:", *draw(statement(scope, size - 1, pad + "    "))]
            return lines
    name = f"j{scope.depth}"
    walked = draw(st.sampled_from(["range(2)", "range(self.small)", "[-1, 0, 1]", "self.units"]))
    inner = scope.inner(units=(name,)) if walked == "self.units" else scope.inner(name)
    lines = [f"{pad}for {name} in {walked}:"]
    lines += draw(statement(inner, size - 1, pad + "    "))
    if draw(st.booleans()):
        stop = draw(st.sampled_from(["break", "continue"]))
        lines += [f"{pad}    if {draw(truth(inner, 1))}:", f"{pad}        {stop}"]
        lines += draw(statement(inner, size - 1, pad + "    "))
    return lines


@st.composite
def an_action(draw: st.DrawFn, name: str, mark: str) -> list[str]:
    """A method with a decorator; it may have a parameter and choose."""
    parameters, scope = ["self"], Scope()
    if draw(st.booleans()):
        parameters.append("p: Unit")
        scope.units.append("p")
    if draw(st.integers(0, 2)) == 0:
        parameters.append("n: Annotated[int, Range(-1, 1)]")
        scope.numbers.append("n")
    lines = ["", f"    @{mark}", f"    def {name}({', '.join(parameters)}) -> None:"]
    lines.append('        """Drawn."""')
    if draw(st.booleans()) and mark == "action":
        lines.append(f"        require({draw(truth(scope, 2))})")
    if draw(st.integers(0, 3)) == 0:
        choices = ["range(-1, 2)", "self.members", "self.row", "range(self.small)"]
        walked = draw(st.sampled_from(choices))
        lines.append(f"        c = choose({walked})")
        scope.numbers.append("c")
    for _ in range(draw(st.integers(1, 3))):
        lines += draw(statement(scope, 2, "        "))
    return lines


@st.composite
def models(draw: st.DrawFn) -> str:
    """The source of a model called Random."""
    text = HEADER.format(
        small=draw(st.integers(0, 3)), signed=draw(st.integers(-3, 2)), flag=draw(st.booleans())
    )
    lines = [text.rstrip()]
    if draw(st.booleans()):
        lines += ["", f"    deadlock = {draw(st.booleans())}"]
    for k in range(draw(st.sampled_from([0, 0, 1, 2]))):
        lines += draw(an_action(f"begin{k}", "initial"))
    for k in range(draw(st.integers(2, 4))):
        lines += draw(an_action(f"step{k}", "action"))
    marks = ["invariant", "invariant", "constraint", "terminal", ""]
    for mark in sorted({draw(st.sampled_from(marks)) for _ in range(2)} - {""}):
        lines += _predicate(mark, f"{mark}{len(lines)}", draw(truth(Scope(), 2)))
    if draw(st.booleans()):
        test = draw(truth(Scope(numbers=["before.small", "before.signed"]), 2))
        lines += _predicate("step_invariant", "step_rule", test, ", before: 'Random'")
    return "\n".join(lines) + "\n"


def _predicate(mark: str, name: str, test: str, more: str = "") -> list[str]:
    head = ["", f"    @{mark}", f"    def {name}(self{more}) -> bool:"]
    return [*head, '        """Drawn."""', f"        return {test}"]


def model_of(seed: int) -> str:
    """The source of the model that a seed stands for."""
    text: str = models()(Random(seed))
    return resized(text, seed, "self.unit")
