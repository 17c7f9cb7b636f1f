"""Expressions, statements and functions of the intermediate representation (IR).

One node type serves all expressions: an operation, the type of the result, operands and, for some
operations, one more argument. `grammar` says which operands each operation takes. Every node knows
the place in the model file it came from. Nodes are immutable.

Meaning is Python's: `//` and `%` floor, comparison and short-circuit as in Python, sequences are
indexed from 0 and a negative index counts from the end. What would raise in Python (a missing
index, a division by zero, `None` where a value is needed, the maximum of nothing) is a *model
error*, never a silent value; so is a number that leaves the range of the type it is converted to.
"""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from planespec.checker.ir.types import Type


@dataclass(frozen=True, slots=True)
class Position:
    """Place in a model file: line and column count from 1; the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Table:
    """A constant table: its name in the model, and its frozen value (see `checker.outcome`)."""

    name: str
    value: Any = field(hash=False, repr=False)


class Op(Enum):
    """What an expression does. Operands in brackets, the extra argument after a slash."""

    __hash__ = object.__hash__  # Enum hashes the name, in Python: seen in every evaluation

    # Leaves
    CONST = auto()  # [] / value: bool, int, number of an enum member or sort element, or None
    LOCAL = auto()  # [] / name of a local variable, parameter or bound variable
    STATE = auto()  # [] / name of a state variable, now (in a step requirement: after the step)
    BEFORE = auto()  # [] / name of a state variable before the step; step requirements only
    TABLE = auto()  # [] / Table: a value that is the same in every state
    # Parts
    INDEX = auto()  # [array, key]
    AT = auto()  # [seq, int]; Python's indexing
    SLICE = auto()  # [seq, low, high]; Python's slicing, step 1
    FIELD = auto()  # [record] / field name; or [union] when all variants have the field
    # Numbers
    ADD = auto()  # [int, int]
    SUB = auto()  # [int, int]
    MUL = auto()  # [int, int]
    FLOORDIV = auto()  # [int, int]
    MOD = auto()  # [int, int]
    NEG = auto()  # [int]
    ABS = auto()  # [int]
    MIN = auto()  # [int, int, ...]
    MAX = auto()  # [int, int, ...]
    # Truth
    EQ = auto()  # [t, t]; any type with equality, both operands of one type (ints: any ranges)
    NE = auto()  # [t, t]
    LT = auto()  # [int, int]; also enum or sort numbers where declared ordered
    LE = auto()  # [int, int]
    GT = auto()  # [int, int]
    GE = auto()  # [int, int]
    NOT = auto()  # [bool]
    AND = auto()  # [bool, ...]; left to right, stops at the first false
    OR = auto()  # [bool, ...]; left to right, stops at the first true
    IF = auto()  # [bool, t, t]; evaluates one branch only
    # Options, records, unions
    SOME = auto()  # [t]; the result is Option(t)
    UNWRAP = auto()  # [option]; model error on None
    IS_NONE = auto()  # [option]
    RECORD = auto()  # [field values in order]
    REPLACE = auto()  # [record, new values in order] / names of the replaced fields
    INJECT = auto()  # [record]; the result is a union that has it
    IS = auto()  # [union] / names of variants: is the value one of them?
    PROJECT = auto()  # [union] / variant name; model error on another variant
    # Collections
    ARRAY = auto()  # [one value for each key, in order]
    FILL = auto()  # [value]; an array with that value everywhere
    SET = auto()  # [elements]
    SEQ = auto()  # [elements]
    BAG = auto()  # [elements]
    LEN = auto()  # [set | seq | bag | array]
    IN = auto()  # [element, set | seq | bag]
    COUNT = auto()  # [bag | seq, element]; copies of the element
    UNION = auto()  # [set, set]
    INTERSECTION = auto()  # [set, set]
    DIFFERENCE = auto()  # [set, set]
    SYMMETRIC_DIFFERENCE = auto()  # [set, set]
    SUBSET = auto()  # [set, set]
    WITH = auto()  # [set | bag, element]; model error when the capacity is exceeded
    WITHOUT = auto()  # [set | bag, element]; one copy less, unchanged when there is none
    APPEND = auto()  # [seq, element]; model error when the capacity is exceeded
    CONCAT = auto()  # [seq, seq]; model error when the capacity is exceeded
    # What is walked
    RANGE = auto()  # [low, high]; the ints low..high-1, a Span
    DOMAIN = auto()  # []; all values of a finite scalar type, a Span
    # Calls and conversions
    CALL = auto()  # [arguments] / name of a function that changes nothing
    ENABLED = auto()  # [values] / name of an action, and its parameters that have these values
    CONVERT = auto()  # [t]; the same value in another type, checked where it may not fit
    FOLD = auto()  # []; a `Fold`, which has what it walks and what it makes of it


SCOPED = frozenset((Op.LOCAL, Op.STATE, Op.BEFORE, Op.CALL, Op.ENABLED, Op.FOLD))
"""Operations whose types depend on what is in scope where they stand, not on operands alone."""
WALKED = frozenset((Op.RANGE, Op.DOMAIN))
"""Operations that give no value: they stand where elements are walked, chosen or looked up."""


@dataclass(frozen=True, slots=True)
class Expr:
    """An expression: `op` applied to `args`."""

    op: Op
    type: Type
    args: tuple["Expr", ...]
    at: Position
    arg: Any = None


class Reduction(Enum):
    """What a comprehension builds or computes."""

    ALL = auto()
    ANY = auto()
    COUNT = auto()  # body ignored (const True); counts the bindings that pass the conditions
    SUM = auto()
    MIN = auto()  # `default` or a model error when nothing is walked
    MAX = auto()
    SET = auto()
    SEQ = auto()  # in the order walked
    BAG = auto()
    ARRAY = auto()  # one generator over DOMAIN of the key type, no conditions


@dataclass(frozen=True, slots=True)
class Generator:
    """`for name in domain if conditions`; the domain is a Span, Set, Bag (copies), Seq or Array.

    Sets and bags are walked in an order no model may depend on. Walking an array walks its values.
    """

    name: str
    type: Type
    domain: Expr
    conditions: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Fold(Expr):
    """A comprehension or quantifier; `op` is `Op.FOLD` and `args` are empty."""

    reduction: Reduction = Reduction.ALL
    generators: tuple[Generator, ...] = ()
    body: Expr | None = None
    default: Expr | None = None


@dataclass(frozen=True, slots=True)
class Stmt:
    """Base of statements."""

    at: Position


@dataclass(frozen=True, slots=True)
class Let(Stmt):
    """Give local `name` a value; its type is the one in `Function.locals`."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Assign(Stmt):
    """Store in the state: `place` is STATE, or INDEX, AT or FIELD upon a place.

    The value has exactly the type of the place. AT and FIELD places change one element of a
    sequence or one field of a record held in the state; a field of a union is never a place.
    """

    place: Expr
    value: Expr


@dataclass(frozen=True, slots=True)
class If(Stmt):
    """Run one of two blocks."""

    condition: Expr
    then: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...] = ()


@dataclass(frozen=True, slots=True)
class For(Stmt):
    """Run the body for each element; the domain is evaluated once, before the first round."""

    name: str
    domain: Expr
    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Break(Stmt):
    """Leave the innermost `for`."""


@dataclass(frozen=True, slots=True)
class Continue(Stmt):
    """Go on with the next round of the innermost `for`."""


@dataclass(frozen=True, slots=True)
class Require(Stmt):
    """A guard: where it is false the action is not enabled and nothing has happened."""

    condition: Expr


@dataclass(frozen=True, slots=True)
class Check(Stmt):
    """`assert`: where it is false the model is in error."""

    condition: Expr
    message: str = ""


@dataclass(frozen=True, slots=True)
class Choose(Stmt):
    """Nondeterminism: one successor for each element; none when the domain is empty."""

    name: str
    domain: Expr


@dataclass(frozen=True, slots=True)
class Do(Stmt):
    """Call a function for its effect on the state; `name` takes its result where there is one."""

    function: str
    args: tuple[Expr, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Return(Stmt):
    """End the function; `value` is None in actions and procedures without a result."""

    value: Expr | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; actions range over `domain`, a Span or a collection in the state."""

    name: str
    type: Type
    domain: Expr | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A helper. `pure` ones change nothing, choose nothing and may be called in expressions."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Type
    body: tuple[Stmt, ...]
    at: Position
    pure: bool = True
    locals: dict[str, Type] = field(default_factory=dict, hash=False)
