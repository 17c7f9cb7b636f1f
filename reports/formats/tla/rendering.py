"""What an expression is rendered in: module, state, names, and operators the module defines."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from planespec.checker.ir.nodes import Expr, Function, Op
from planespec.checker.ir.system import Action, System
from planespec.checker.ir.traversal import block_expressions, bodies, statements
from planespec.reports.formats.tla.vocabulary import RESERVED, Names, Vocabulary

FIXED = [
    "vars",
    "Now",
    "Later",
    "Become",
    "Start",
    "Defaults",
    "TypeOK",
    "Init",
    "Next",
    "Spec",
    "Symmetry",
    "Terminal",
]
"""What every module defines."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands.

    `state` is the record that holds the state, None where the variables themselves do; `before`
    the same for the state before a step. `locals` maps names of the model to those in the module.
    """

    names: Names
    state: str | None = None
    before: str | None = None
    locals: Mapping[str, str] = field(default_factory=dict)

    def bind(self, name: str, identifier: str) -> "Scope":
        """The scope in which a local has that identifier."""
        return replace(self, locals={**self.locals, name: identifier})

    def moved(self, state: str | None) -> "Scope":
        """The scope after a change: another record holds the state."""
        return replace(self, state=state)


def _tables(system: System) -> Iterator[Expr]:
    """The constant tables that a system reads, each once."""
    every = [e for _, body in bodies(system) for e in block_expressions(body)]
    actions = (*system.initial, *system.actions)
    every += [p.domain for a in actions for p in a.parameters if p.domain is not None]
    yield from {e.arg: e for e in every if e.op is Op.TABLE}.values()


class Exported:
    """A system with what its module needs to know: names, and which functions read the state."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.names = Names(RESERVED | set(PRELUDE) | set(BOUND) | set(FIXED))
        self.variables = {v.name: self.names.fresh(v.name) for v in system.variables}
        self.tables = {e.arg: (self.names.fresh(e.arg.name), e) for e in _tables(system)}
        self.vocabulary = Vocabulary(system, self.names)
        self.actions = {
            a.name: self.names.fresh(a.name) for a in (*system.initial, *system.actions)
        }
        self.functions = {name: self.names.fresh(name) for name in system.functions}
        self.orders: dict[str, str] = {}
        self.used: set[str] = set()
        self.asking = self._readers(Op.ENABLED)
        self._reads = {Op.STATE: self._readers(Op.STATE), Op.BEFORE: self._readers(Op.BEFORE)}

    def use(self, operator: str) -> str:
        """The name of an operator of the prelude, which the module then has."""
        self.used.add(operator)
        return operator

    def order(self, enum: str) -> str:
        """The function from members of an enum to their numbers, which the module then has."""
        if enum not in self.orders:
            self.orders[enum] = self.names.fresh(f"{enum}_number")
        return self.orders[enum]

    def table(self, e: Expr) -> str:
        """The name of a constant table."""
        return self.tables[e.arg][0]

    def reads(self, name: str, op: Op) -> bool:
        """Whether a function reads the state (or that before the step), itself or by calls.

        One that asks what is enabled reads the variables themselves, and is given no state.
        """
        if op is Op.STATE and name in self.asking:
            return False
        takes = op is Op.STATE and not self.system.functions[name].pure
        return takes or name in self._reads[op]

    def _readers(self, op: Op) -> set[str]:
        found: set[str] = set()
        for function in self.in_order():
            called = {getattr(s, "function", None) for s in statements(function.body)}
            inside = list(block_expressions(function.body))
            called.update(e.arg for e in inside if e.op is Op.CALL)
            if found & called or any(e.op is op for e in inside):
                found.add(function.name)
        return found

    def questions(self) -> list[Function | Action]:
        """Actions that are asked for and helpers that ask, each behind those that it needs."""
        done: dict[str, Function | Action] = {}

        def visit(one: Function | Action) -> None:
            for e in block_expressions(one.body):
                if e.op is Op.ENABLED:
                    visit(self.system.asked[e.arg[0]])
                elif e.op is Op.CALL and e.arg in self.asking:
                    visit(self.system.functions[e.arg])
            done[f"{type(one).__name__} {one.name}"] = one

        for name in self.system.asked:
            visit(self.system.asked[name])
        for function in self.in_order():
            if function.name in self.asking:
                visit(function)
        return list(done.values())

    def in_order(self) -> list[Function]:
        """Functions, those that are called before those that call them."""
        functions, done = self.system.functions, dict[str, Function]()

        def visit(name: str) -> None:
            if name in done:
                return
            body = functions[name].body
            for e in block_expressions(body):
                if e.op is Op.CALL:
                    visit(e.arg)
            for statement in statements(body):
                if (called := getattr(statement, "function", None)) is not None:
                    visit(called)
            done[name] = functions[name]

        for name in functions:
            visit(name)
        return list(done.values())


# Operators that an exported module defines for itself, so that it needs no community module.
#
# Names bound here end in `_`. Nothing is chosen freely: CHOOSE puts sets in some order where a
# loop walks them, and no model may depend on that order.


PRELUDE: dict[str, tuple[str, str]] = {
    "Elements": (
        "the values of a sequence or function",
        "Elements(f_) == {f_[i_] : i_ \\in DOMAIN f_}",
    ),
    "Interval": (
        "the sequence of the numbers a_..b_",
        "Interval(a_, b_) == [i_ \\in 1..(b_ - a_ + 1) |-> a_ + i_ - 1]",
    ),
    "Values": (
        "the values of a function in the order of its keys",
        "Values(f_, keys_) == [i_ \\in 1..Len(keys_) |-> f_[keys_[i_]]]",
    ),
    "SeqOf": (
        "the members of a set in some order",
        "RECURSIVE SeqOf(_)\n"
        "SeqOf(S_) == IF S_ = {} THEN <<>>\n"
        "             ELSE LET x_ == CHOOSE y_ \\in S_ : TRUE IN <<x_>> \\o SeqOf(S_ \\ {x_})",
    ),
    "BagWith": (
        "a bag and one copy more; the empty bag is [x \\in {} |-> 0]",
        "BagWith(b_, x_) == IF x_ \\in DOMAIN b_ THEN [b_ EXCEPT ![x_] = @ + 1] "
        "ELSE b_ @@ (x_ :> 1)",
    ),
    "BagWithout": (
        "a bag and one copy less",
        "BagWithout(b_, x_) == IF x_ \\notin DOMAIN b_ THEN b_\n"
        "                      ELSE IF b_[x_] > 1 THEN [b_ EXCEPT ![x_] = @ - 1]\n"
        "                      ELSE [y_ \\in DOMAIN b_ \\ {x_} |-> b_[y_]]",
    ),
    "BagOf": (
        "the bag of the elements of a sequence",
        "BagOf(xs_) == [x_ \\in Elements(xs_) |-> "
        "Cardinality({i_ \\in DOMAIN xs_ : xs_[i_] = x_})]",
    ),
    "BagCount": (
        "copies of an element",
        "BagCount(b_, x_) == IF x_ \\in DOMAIN b_ THEN b_[x_] ELSE 0",
    ),
    "SeqOfBag": (
        "the members of a bag in some order, copies as often as they are there",
        "RECURSIVE SeqOfBag(_)\n"
        "SeqOfBag(b_) == IF DOMAIN b_ = {} THEN <<>>\n"
        "                ELSE LET x_ == CHOOSE y_ \\in DOMAIN b_ : TRUE\n"
        "                     IN <<x_>> \\o SeqOfBag(BagWithout(b_, x_))",
    ),
    "SeqCount": (
        "how often an element stands in a sequence",
        "SeqCount(xs_, x_) == Cardinality({i_ \\in DOMAIN xs_ : xs_[i_] = x_})",
    ),
    "SumOf": (
        "the sum of f_ over a sequence",
        "SumOf(xs_, f_(_)) ==\n"
        "    LET g_[i_ \\in 0..Len(xs_)] == IF i_ = 0 THEN 0 ELSE g_[i_ - 1] + f_(xs_[i_])\n"
        "    IN  g_[Len(xs_)]",
    ),
    "JoinOf": (
        "the sequences f_ gives for a sequence, one after the other",
        "JoinOf(xs_, f_(_)) ==\n"
        "    LET g_[i_ \\in 0..Len(xs_)] == IF i_ = 0 THEN <<>> ELSE g_[i_ - 1] \\o f_(xs_[i_])\n"
        "    IN  g_[Len(xs_)]",
    ),
    "MinOf": (
        "the least number of a set",
        "MinOf(S_) == CHOOSE x_ \\in S_ : \\A y_ \\in S_ : x_ <= y_",
    ),
    "MaxOf": (
        "the greatest number of a set",
        "MaxOf(S_) == CHOOSE x_ \\in S_ : \\A y_ \\in S_ : x_ >= y_",
    ),
    "Abs": ("the distance from 0", "Abs(x_) == IF x_ < 0 THEN -x_ ELSE x_"),
    "FloorDiv": (
        "division that floors, for divisors of either sign",
        "FloorDiv(a_, b_) == IF b_ > 0 THEN a_ \\div b_ ELSE (-a_) \\div (-b_)",
    ),
    "Mod": (
        "the remainder with the sign of the divisor",
        "Mod(a_, b_) == IF b_ > 0 THEN a_ % b_ ELSE -((-a_) % (-b_))",
    ),
    "At": (
        "the element at an index from 0, or from the end where it is negative",
        "At(xs_, i_) == xs_[IF i_ < 0 THEN Len(xs_) + i_ + 1 ELSE i_ + 1]",
    ),
    "Clamp": (
        "an end of a slice, from 0, or from the end of the sequence where it is negative",
        "Clamp(n_, i_) == IF i_ > n_ THEN n_ ELSE IF i_ >= 0 THEN i_\n"
        "                 ELSE IF n_ + i_ < 0 THEN 0 ELSE n_ + i_",
    ),
    "Slice": (
        "the elements from index a_ up to, not including, b_; indices from 0",
        "Slice(xs_, a_, b_) == SubSeq(xs_, Clamp(Len(xs_), a_) + 1, Clamp(Len(xs_), b_))",
    ),
    "Given": (
        "a value that must be there: TLC reports an error where it is None",
        "Given(x_) == CASE x_ # None -> x_",
    ),
}
"""Operator to what it is, and its text; an operator uses only those above it."""

NEEDS = {
    "BagOf": ("Elements",),
    "SeqOfBag": ("BagWithout",),
    "Slice": ("Clamp",),
}

BOUND = ["s_", "a_", "b_", "f_", "g_", "i_", "keys_", "n_", "S_", "x_", "xs_", "y_"]
"""Names the operators bind."""


def prelude(used: Iterable[str]) -> list[str]:
    """The text of the operators used, and of those they need."""
    wanted = set(used)
    for name in tuple(wanted):
        wanted.update(NEEDS.get(name, ()))
    found: list[str] = []
    for name, (meaning, text) in PRELUDE.items():
        if name in wanted:
            found += [f"\\* {name}: {meaning}", *text.splitlines()]
    return found
