"""What is known while a function of the model is lowered, also of statements still to come."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from planespec.checker.engines.native.layout.llvm_text import Condition, Operand, Text
from planespec.checker.engines.native.layout.packing import shape_of
from planespec.checker.engines.native.layout.parts import Place
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.errors import SystemRefusal
from planespec.checker.ir.nodes import (
    Assign,
    Choose,
    Do,
    Expr,
    For,
    Function,
    If,
    Let,
    Op,
    Return,
    Stmt,
)
from planespec.checker.ir.operations import derived
from planespec.checker.ir.system import Action, System
from planespec.checker.ir.types import Array, Bag, Int, Seq, Set, Span, Type, cardinality

# What can be told about statements without lowering them.


MOST_CHOICES = 64
MANY = 1 << 62


def nested(statements: tuple[Stmt, ...]) -> Iterator[Stmt]:
    """The statements and everything inside them."""
    for statement in statements:
        yield statement
        if isinstance(statement, If):
            yield from nested(statement.then)
            yield from nested(statement.orelse)
        elif isinstance(statement, For):
            yield from nested(statement.body)


def reaches(system: System, statements: tuple[Stmt, ...], test: Callable[[Stmt], bool]) -> bool:
    """Whether a statement that passes the test may run, in procedures called too."""
    return any(
        test(s) or (isinstance(s, Do) and reaches(system, system.functions[s.function].body, test))
        for s in nested(statements)
    )


def changes_state(system: System, statements: tuple[Stmt, ...]) -> bool:
    """Whether the statements may store in the state."""
    return reaches(system, statements, lambda s: isinstance(s, Assign))


def chooses(system: System, statements: tuple[Stmt, ...]) -> bool:
    """Whether the statements may choose."""
    return reaches(system, statements, lambda s: isinstance(s, Choose))


def needs_copy(system: System, statement: Stmt) -> bool:
    """Whether the successor must exist before the statement runs: it stores or ends the action."""
    one = (statement,)
    returns = any(isinstance(s, Return) for s in nested(one))
    return returns or changes_state(system, one)


def carries_over(system: System, body: tuple[Stmt, ...]) -> bool:
    """Whether a local that is set before a choice changes after it.

    Such a body must run from its beginning for each choice: a loop round the rest of it would take
    over what the choice before left in the local.
    """
    return any(
        assigned_names(body[:k]) & assigned_names(body[k:])
        for k, statement in enumerate(body)
        if isinstance(statement, Choose) or chooses(system, (statement,))
    )


def assigned_names(statements: tuple[Stmt, ...]) -> set[str]:
    """Locals that the statements give a value."""
    found = set()
    for s in nested(statements):
        if isinstance(s, Let | For | Choose) or (isinstance(s, Do) and s.name is not None):
            found.add(s.name)
    return {name for name in found if name is not None}


def most_choices(system: System, statements: tuple[Stmt, ...]) -> int:
    """Upper bound on choices made by one run of the statements."""
    total = 0
    for s in statements:
        if isinstance(s, Choose):
            total += 1
        elif isinstance(s, If):
            total += max(most_choices(system, s.then), most_choices(system, s.orelse))
        elif isinstance(s, For):
            total += most_rounds(s.domain) * most_choices(system, s.body)
        elif isinstance(s, Do):
            total += most_choices(system, system.functions[s.function].body)
    return total


def most_instances(system: System, action: Action) -> int:
    """Upper bound on the instances of an action at one state, choices counted; at most `MANY`."""
    total = most_vectors(system, action.body)
    for parameter in action.parameters:
        assert parameter.domain is not None
        total = min(total * max(most_rounds(parameter.domain), 1), MANY)
    return total


def most_vectors(system: System, statements: tuple[Stmt, ...]) -> int:
    """Upper bound on the ways in which one run of the statements may choose; at most `MANY`."""
    total = 1
    for s in statements:
        ways = 1
        if isinstance(s, Choose):
            ways = most_rounds(s.domain)
        elif isinstance(s, If):
            ways = max(most_vectors(system, s.then), most_vectors(system, s.orelse))
        elif isinstance(s, For):
            inside = most_vectors(system, s.body)
            ways = 1 if inside <= 1 else inside ** min(most_rounds(s.domain), MANY.bit_length())
        elif isinstance(s, Do):
            ways = most_vectors(system, system.functions[s.function].body)
        total = min(total * max(ways, 1), MANY)
    return total


def check_choices(system: System, what: str, statements: tuple[Stmt, ...]) -> int:
    """The bound of `most_choices`; raises SystemRefusal when it is beyond what is kept."""
    bound = most_choices(system, statements)
    if bound > MOST_CHOICES:
        raise SystemRefusal(
            f"{what} may choose {bound} times in one step; the native engine keeps "
            f"{MOST_CHOICES} choices"
        )
    return bound


def most_rounds(domain: Expr) -> int:
    """Upper bound on the elements walked."""
    if domain.op is Op.RANGE:
        low, high = (a.type for a in domain.args)
        if isinstance(low, Int) and isinstance(high, Int):
            return max(high.bounds[1] - low.bounds[0], 0)
    return most_elements(domain.type)


def most_elements(type_: Type) -> int:
    """Upper bound on the elements of a collection, array or span."""
    match type_:
        case Seq(_, capacity) | Bag(_, capacity):
            return capacity
        case Set(element, capacity):
            return cardinality(element) if capacity is None else capacity
        case Array(key, _):
            return cardinality(key)
        case Span(element):
            return cardinality(element)
    raise SystemRefusal(f"the native engine cannot walk {type_}")


MASK_BITS = "@llvm.ctpop.i64"


@dataclass(slots=True)
class Signature:
    """How a lowered function is called; `effects` ones take the state to change."""

    name: str
    may_fail: bool
    may_refuse: bool
    chooses: bool


class Module:
    """Texts of the functions lowered so far, each under a key so that it is made once."""

    def __init__(self, system: System, layout: Layout) -> None:
        self.system = system
        self.layout = layout
        self.texts: list[str] = []
        self.signatures: dict[str, Signature] = {}
        self._helpers: dict[tuple[object, ...], str] = {}
        self._lowering: list[str] = []

    def helper(self, key: tuple[object, ...], make: Callable[[str], str]) -> str:
        """Name of the helper under `key`; `make` writes its text the first time."""
        if key not in self._helpers:
            name = f"@{key[0]}_{len(self._helpers)}"
            self._helpers[key] = name
            self.texts.append(make(name))
        return self._helpers[key]

    def signature(self, function: str, lower: Callable[[Function, str], Signature]) -> Signature:
        """Lower a function of the model on its first call; raises SystemRefusal on recursion."""
        if function not in self.signatures:
            if function in self._lowering:
                raise SystemRefusal(f"{function} calls itself: the native engine has no recursion")
            self._lowering.append(function)
            name = f"@f{len(self._lowering)}_{len(self.signatures)}_{clean(function)}"
            self.signatures[function] = lower(self.system.functions[function], name)
            self._lowering.pop()
        return self.signatures[function]


def clean(name: str) -> str:
    """The name with only the characters of LLVM identifiers."""
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in name)


Value = TypeVar("Value")


@dataclass(slots=True)
class Frame:
    """One function being lowered.

    `state` and `before` point to the states that STATE and BEFORE read; `fail` and `refuse` are
    the labels to go to on a model error and on a false guard. `used` collects which of them were
    needed. `locals` are memory, `bound` are values that never change.
    """

    module: Module
    text: Text
    state: str
    before: str = "%before"
    fail: str = "fail"
    refuse: str = "refuse"
    types: dict[str, Type] = field(default_factory=dict)
    locals: dict[str, Place] = field(default_factory=dict)
    bound: dict[str, tuple[Operand, Type]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    loops: list[tuple[str, str]] = field(default_factory=list)
    result: Place | None = None
    end: str = "end"
    odometer: str | None = None

    def value(self, expr: Expr) -> Operand:
        """Evaluate: a number for scalars and narrow values, a pointer for wide ones."""
        rule = EXPRESSIONS.get(expr.op)
        return self._derived(expr, self.value) if rule is None else rule(self, expr)

    def condition(self, expr: Expr) -> Condition:
        """Evaluate a bool."""
        rule = CONDITIONS.get(expr.op)
        if rule is not None:
            return rule(self, expr)
        if expr.op not in EXPRESSIONS:
            return self._derived(expr, self.condition)
        return self.text.compare("ne", self.value(expr), 0)

    def _derived(self, expr: Expr, evaluate: Callable[[Expr], Value]) -> Value:
        """Evaluate what an operation without code of its own stands for."""
        stands = derived(expr)
        assert stands is not None, f"{expr.op.name} has no code"
        given = {name: (self.value(operand), operand.type) for name, operand in stands.given}
        outer, self.bound = self.bound, {**self.bound, **given}
        found = evaluate(stands.value)
        self.bound = outer
        return found

    def run(self, statements: tuple[Stmt, ...]) -> bool:
        """Lower statements; false when the last block has ended (after break, return, ...)."""
        return all(STATEMENTS[type(statement)](self, statement) for statement in statements)

    def fail_if(self, condition: Condition) -> None:
        """Model error where the condition holds."""
        if condition is not False:
            self.used.add("fail")
            self.text.leave_if(condition, self.fail)

    def refuse_unless(self, condition: Condition) -> None:
        """Not enabled where the condition is false."""
        if condition is not True:
            self.used.add("refuse")
            self.text.leave_if(self.text.negate(condition), self.refuse)

    def temporary(self, type_: Type) -> Place:
        """Memory of its own for a value."""
        return Place(type_, self.text.slot(max(shape_of(type_).words, 1)))


ExpressionRule = Callable[[Frame, Expr], Operand]
ConditionRule = Callable[[Frame, Expr], Condition]
StatementRule = Callable[[Frame, Stmt], bool]

EXPRESSIONS: dict[Op, ExpressionRule] = {}
CONDITIONS: dict[Op, ConditionRule] = {}
STATEMENTS: dict[type, StatementRule] = {}


def expression(*ops: Op) -> Callable[[ExpressionRule], ExpressionRule]:
    """Register the lowering of operations with a value."""

    def register(rule: ExpressionRule) -> ExpressionRule:
        EXPRESSIONS.update(dict.fromkeys(ops, rule))
        return rule

    return register


def truth(*ops: Op) -> Callable[[ConditionRule], ConditionRule]:
    """Register the lowering of operations that are true or false."""

    def register(rule: ConditionRule) -> ConditionRule:
        CONDITIONS.update(dict.fromkeys(ops, rule))
        EXPRESSIONS.update(dict.fromkeys(ops, lambda f, e: f.text.number(rule(f, e))))
        return rule

    return register


def statement(kind: type) -> Callable[[StatementRule], StatementRule]:
    """Register the lowering of a kind of statement."""

    def register(rule: StatementRule) -> StatementRule:
        STATEMENTS[kind] = rule
        return rule

    return register
