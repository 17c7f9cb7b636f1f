"""What is known while one function of the model is lowered, and what the module has so far."""

from collections.abc import Callable
from dataclasses import dataclass, field

from planespec.checker.engines.native.layout.llvm_text import Condition, Operand, Text
from planespec.checker.engines.native.layout.packing import shape_of
from planespec.checker.engines.native.layout.parts import Place
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.errors import SystemRefusal
from planespec.checker.ir.nodes import Expr, Function, Op, Stmt
from planespec.checker.ir.system import System
from planespec.checker.ir.types import Type

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
        return EXPRESSIONS[expr.op](self, expr)

    def condition(self, expr: Expr) -> Condition:
        """Evaluate a bool."""
        rule = CONDITIONS.get(expr.op)
        if rule is not None:
            return rule(self, expr)
        return self.text.compare("ne", self.value(expr), 0)

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
