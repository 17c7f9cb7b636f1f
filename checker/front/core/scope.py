"""What a name means while a function is compiled, and what the compiler has learned so far.

A name stands for a value of the running model (`Local`) or for something known at compile time:
the model itself now or before the step (`View`), the values of a type (`Values`), a helper bound
to a view (`Bound`), or any other Python object (`Known`).
"""

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from planespec.checker.errors import LanguageError
from planespec.checker.front.core.advice import Facts
from planespec.checker.ir.nodes import Expr, Function, Position, Stmt
from planespec.checker.ir.types import Int, Type
from planespec.checker.lang.source import FunctionSource

PRESENT = " is not None"
"""Ends the path under which it is known that an Option holds a value."""


@dataclass(frozen=True)
class View:
    """The model: its state now, or before the step in a step requirement."""

    before: bool = False


@dataclass(frozen=True)
class Values:
    """All values of a finite scalar type: a `Domain` constant or an enum class that is walked."""

    type: Type


@dataclass(frozen=True)
class Bound:
    """A helper method or property function of the model, seen through a view."""

    function: Callable[..., Any]
    view: View


@dataclass(frozen=True)
class OfRecord:
    """A method of a record class, called on a value."""

    function: Callable[..., Any]
    value: Expr


@dataclass(frozen=True)
class Known:
    """A Python object: a class, a function, a module, a constant."""

    value: Any


@dataclass(frozen=True)
class Local:
    """A local variable, parameter or bound variable, by its name in the IR."""

    name: str
    type: Type | None = None
    """None: an assigned local, whose type is in `Frame.types`."""


@dataclass(frozen=True)
class Inline:
    """A name of a comprehension for a part of what is walked: an expression in the IR."""

    value: Expr


Static = View | Values | Bound | Known
Binding = Static | Local | Inline


@dataclass(frozen=True)
class Helper:
    """A compiled helper: the function, and what calling it does.

    `writes` are the state variables it changes; `shares` those a mutable result may be a part of.
    """

    function: Function
    writes: frozenset[str]
    shares: frozenset[str]

    @property
    def pure(self) -> bool:
        """Whether it may be called in expressions."""
        return self.function.pure


@dataclass
class Program:
    """One compilation: the facts about the model and the helpers compiled so far."""

    facts: Facts
    helpers: dict[Any, Helper] = field(default_factory=dict)
    by_name: dict[str, Helper] = field(default_factory=dict)
    calling: list[Callable[..., Any]] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)

    def name_for(self, name: str) -> str:
        """A function name nobody has yet; `compile` gives the final, dense numbers."""
        self.taken[name] = self.taken.get(name, 0) + 1
        return f"{name}#{self.taken[name]}"


@dataclass(frozen=True)
class Growth:
    """One accumulating statement: the range of one addition, the elements one adds, its loops."""

    range: Int
    elements: int
    loops: tuple[tuple[int, int], ...]


@dataclass
class Learned:
    """What one round over a body found about its locals; starts the next round."""

    plain: dict[str, Type] = field(default_factory=dict)
    growth: dict[str, list["Growth"]] = field(default_factory=dict)
    loops: dict[str, list[tuple[tuple[int, int], ...]]] = field(default_factory=dict)
    """Per local: the loops (number, rounds) around each of its assignments."""


@dataclass
class Frame:
    """A function being compiled. `types` holds the estimates of this round."""

    program: Program
    source: FunctionSource
    names: dict[str, Binding]
    types: dict[str, Type]
    result: Type | None = None
    annotated: dict[str, Type] = field(default_factory=dict)
    learned: Learned = field(default_factory=Learned)
    used: set[str] = field(default_factory=set)
    locals: dict[str, Type] = field(default_factory=dict)
    assigned: set[str] = field(default_factory=set)
    narrowed: dict[str, frozenset[str]] = field(default_factory=dict)
    trips: list[tuple[int, int]] = field(default_factory=list)
    block: list[Stmt] = field(default_factory=list)
    effects: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    shares: set[str] = field(default_factory=set)
    declared_result: Type | None = None
    falls_through: bool = False
    left: bool = False
    """Whether the branches compiled last all leave the block."""
    pure_only: str = ""
    """Why nothing may change here ("a requirement"); empty where changes are allowed."""

    clock: int = 0
    """Counts statements, so that aliasing can tell before from after."""
    loops: tuple[int, ...] = ()
    reads: list[tuple[str, int, tuple[int, ...]]] = field(default_factory=list)
    changes: list[tuple[str, int, tuple[int, ...], ast.AST]] = field(default_factory=list)
    binds: list[tuple[str, frozenset[str], int, tuple[int, ...], ast.AST]] = field(
        default_factory=list
    )
    holds: list[tuple[str, frozenset[str], int, tuple[int, ...], ast.AST]] = field(
        default_factory=list
    )
    """As `binds`: what the elements of a collection that is the local's own are parts of."""
    mixed: set[str] = field(default_factory=set)
    """Locals two elements of which may be one object, or be somebody else's."""
    deep: list[tuple[str, ast.AST]] = field(default_factory=list)
    """Locals of which a part of an element changes in place."""
    fixing: bool = False
    """Whether what is walked now is that of a loop over rows, which computes it once."""
    stored: set[int] = field(default_factory=set)
    """Calls of `each` whose array is stored where its keys are known, by `id` of their node."""
    passed: list[tuple[ast.AST, frozenset[str]]] = field(default_factory=list)

    def at(self, node: ast.AST) -> Position:
        """The place of a node."""
        return self.source.file.position(node)

    def refusal(self, node: ast.AST, message: str, allowed: str) -> LanguageError:
        """The error for a node; the caller raises it."""
        return self.source.file.refusal(node, message, allowed)

    def placed(self, node: ast.AST, error: LanguageError) -> LanguageError:
        """An error about a type, which knows no place of its own, at a node."""
        if error.line is not None:
            return error
        return self.refusal(node, error.message, error.allowed or "a type of the language")

    def fresh(self, name: str) -> str:
        """An IR name that nothing in this function has yet: the name itself where possible."""
        number, candidate = 1, name
        while candidate in self.used:
            number += 1
            candidate = f"{name}.{number}"
        self.used.add(candidate)
        return candidate

    def estimate(self, name: str) -> Type | None:
        """The type of a local: annotated, from the round before, or as learned so far."""
        if name in self.annotated:
            return self.annotated[name]
        return self.types.get(name, self.learned.plain.get(name))

    @contextmanager
    def probing(self) -> Iterator[None]:
        """Look at an expression for its type alone: the names that it takes are free again."""
        used = set(self.used)
        try:
            yield
        finally:
            self.used = used

    @property
    def closure(self) -> dict[str, Any]:
        """Names of the functions around the function."""
        code = getattr(self.source.function, "__code__", None)
        cells = getattr(self.source.function, "__closure__", None) or ()
        names = code.co_freevars if code is not None else ()
        return {n: c.cell_contents for n, c in zip(names, cells, strict=False) if _filled(c)}

    @property
    def globals(self) -> dict[str, Any]:
        """Names of the module of the function."""
        return getattr(self.source.function, "__globals__", {})

    @contextmanager
    def bind(self, name: str, binding: Binding) -> Iterator[None]:
        """Let a name mean something for a while."""
        missing = name not in self.names
        before = self.names.get(name)
        self.names[name] = binding
        try:
            yield
        finally:
            if missing:
                del self.names[name]
            elif before is not None:
                self.names[name] = before

    @contextmanager
    def narrowing(self, facts: dict[str, frozenset[str]]) -> Iterator[None]:
        """Know more about some unions for a while."""
        before = self.narrowed
        self.narrowed = {**before, **facts}
        try:
            yield
        finally:
            self.narrowed = before

    def write(self, variable: str, node: ast.AST) -> None:
        """Note that a state variable changes here; refused where nothing may change."""
        if self.pure_only:
            raise self.refusal(
                node, f"{self.pure_only} changes {variable}", "reading the state only"
            )
        self.effects.add("changes the state")
        self.writes.add(variable)
        self.changes.append((variable, self.clock, self.loops, node))
        for name in self.views:
            self.forget(f"{name}.{variable}")

    @property
    def views(self) -> list[str]:
        """Names of the model as it is now."""
        return [n for n, b in self.names.items() if isinstance(b, View) and not b.before]

    def forget(self, root: str) -> None:
        """Drop what is known about the parts of a variable that was assigned."""
        self.narrowed = {
            key: value for key, value in self.narrowed.items() if not _mentions(key, root)
        }


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _mentions(path: str, root: str) -> bool:
    """Whether what a path names may change with its root; calls may read anything."""
    return "(" in path or re.search(rf"(?<![\w.]){re.escape(root)}(?!\w)", path) is not None
