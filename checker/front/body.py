"""Compiles a function body until the types of its locals are settled.

Every round compiles the whole body with the estimates of the round before and notes what each
assignment gives. Numbers that keep growing are widened to powers of two, then narrowed once.
Accumulators (`n += x`, `xs.append(x)`) are bounded by the rounds of the loops around them instead.
"""

import ast
from dataclasses import dataclass, field, replace

from planespec.checker.front.core import narrowing
from planespec.checker.front.core.building import local
from planespec.checker.front.core.scope import (
    Binding,
    Frame,
    Growth,
    Learned,
    Local,
    Program,
    View,
)
from planespec.checker.front.core.type_relations import CAPACITY_LIMIT, fits, set_of
from planespec.checker.front.pruning import Constants, pruned
from planespec.checker.front.statements import block
from planespec.checker.front.statements.places import RESULT, store_local
from planespec.checker.ir import ranges
from planespec.checker.ir.nodes import Parameter, Stmt
from planespec.checker.ir.types import Array, Bag, Int, Nothing, Option, Seq, Set, Type
from planespec.checker.lang.source import FunctionSource

PATIENCE = 6
"""Rounds before growing ranges are widened."""

LIMIT = 200
"""Rounds after which something is wrong with the compiler, not with the model."""


@dataclass(frozen=True)
class Task:
    """What to compile: a function, what its parameters mean, its result where it is declared.

    `why` says why nothing may change ("an invariant"); empty where changes are allowed.
    `narrowed` is what is known at the start about the names.
    """

    source: FunctionSource
    names: dict[str, Binding]
    parameters: tuple[Parameter, ...]
    result: Type | None = None
    why: str = ""
    narrowed: dict[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Body:
    """A compiled body and what running it does."""

    statements: tuple[Stmt, ...]
    locals: dict[str, Type]
    result: Type
    pure: bool
    writes: frozenset[str] = field(default_factory=frozenset)
    shares: frozenset[str] = field(default_factory=frozenset)


def compile_body(program: Program, task: Task) -> Body:
    """Compile to a fixpoint; raises LanguageError for what is outside the language."""
    if program.facts.prunes:
        task = replace(task, source=pruned(task.source, _constants(program, task)))
    types: dict[str, Type] = {}
    for number in range(LIMIT):
        frame = _round(program, task, types)
        found = _estimates(frame, types)
        if found == types:
            break
        types = _widened(types, found, number) if number >= PATIENCE else found
    if number > PATIENCE:
        frame = _round(program, task, _narrowed(frame, types))
    return _finish(frame, task)


def _constants(program: Program, task: Task) -> Constants:
    views = frozenset(name for name, binding in task.names.items() if isinstance(binding, View))
    return Constants(program.facts, views, getattr(task.source.function, "__globals__", {}))


def _round(program: Program, task: Task, types: dict[str, Type]) -> Frame:
    frame = Frame(program, task.source, dict(task.names), types, pure_only=task.why)
    frame.narrowed = dict(task.narrowed)
    frame.result = types.get(RESULT, task.result)
    frame.declared_result = task.result
    frame.used = {b.name for b in task.names.values() if isinstance(b, Local)}
    prologue = _reassigned_parameters(frame, task)
    statements, exits = block(frame, task.source.node.body)
    if not exits:
        frame.falls_through = True
    frame.block = [*prologue, *statements]
    return frame


def _reassigned_parameters(frame: Frame, task: Task) -> list[Stmt]:
    """Parameters that are assigned become locals that start with the parameter's value."""
    stored = {
        n.id
        for n in ast.walk(task.source.node)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    prologue: list[Stmt] = []
    for name, binding in task.names.items():
        if name in stored and isinstance(binding, Local) and binding.type is not None:
            new = frame.fresh(name)
            frame.names[name] = Local(new)
            node = task.source.node
            start = local(binding.name, binding.type, frame.at(node))
            prologue.append(store_local(frame, node, new, start))
    return prologue


def _estimates(frame: Frame, before: dict[str, Type]) -> dict[str, Type]:
    """The types of the locals after a round."""
    found = {}
    for name, plain in frame.learned.plain.items():
        type_ = frame.annotated.get(name, plain)
        grown = type_ if name in frame.annotated else _grown(frame.learned, name, type_)
        if name == RESULT and frame.declared_result and fits(grown, frame.declared_result):
            grown = frame.declared_result
        found[name] = grown
    return found


def _grown(learned: Learned, name: str, type_: Type) -> Type:
    """A type with room for all accumulations, each as often as its loops run."""
    shared = _common_prefix(learned.loops.get(name, []))
    for growth in learned.growth.get(name, ()):
        times = 1
        for _, rounds in growth.loops[shared:]:
            times *= rounds
        type_ = _enlarged(type_, growth, times)
    return type_


def _common_prefix(stacks: list[tuple[tuple[int, int], ...]]) -> int:
    length = 0
    while stacks and all(len(s) > length and s[length][0] == stacks[0][length][0] for s in stacks):
        length += 1
    return length


def _enlarged(type_: Type, growth: Growth, times: int) -> Type:
    more = min(growth.elements * times, CAPACITY_LIMIT)
    match type_:
        case Int():
            return ranges.add(type_, ranges.repeated(growth.range, times))
        case Array(_, value):
            return replace(type_, value=_enlarged(value, growth, times))
        case Set(element, int(capacity)):
            return set_of(element, capacity + more)
        case Bag(element, capacity):
            return Bag(element, capacity + more)
        case Seq(element, capacity):
            return Seq(_enlarged(element, growth, times), capacity + more)
    return type_


def _widened(old: dict[str, Type], new: dict[str, Type], number: int) -> dict[str, Type]:
    return {name: _wider(old.get(name, type_), type_) for name, type_ in new.items()}


def _wider(old: Type, new: Type) -> Type:
    """The new type with every bound that moved put to the next power of two."""
    match old, new:
        case Int(), Int() if old.is_bounded and new.is_bounded:
            (low, high), (least, most) = old.bounds, new.bounds
            return Int(
                min(low, least) if least >= low else -_power(-least),
                max(high, most) if most <= high else _power(most) - 1,
            )
        case Option(x), Option(y):
            return Option(_wider(x, y))
        case Array(_, x), Array(_, y):
            return replace(new, value=_wider(x, y))
        case Seq(x, m), Seq(y, n):
            return Seq(_wider(x, y), _room(m, n))
        case Set(x, int(m)), Set(y, int(n)):
            return set_of(_wider(x, y), _room(m, n))
        case Set(x), Set(y):
            return set_of(_wider(x, y), CAPACITY_LIMIT)
        case Bag(x, m), Bag(y, n):
            return Bag(_wider(x, y), _room(m, n))
    return new


def _room(old: int, new: int) -> int:
    return new if new <= old else _power(new)


def _power(value: int) -> int:
    """The least power of two above a number."""
    return 1 << max(value, 0).bit_length()


def _narrowed(frame: Frame, types: dict[str, Type]) -> dict[str, Type]:
    """One step back from a widened fixpoint: what its round gives is a fixpoint as well."""
    return _estimates(frame, types)


def _finish(frame: Frame, task: Task) -> Body:
    node, result = task.source.node, frame.types.get(RESULT, task.result)
    narrowing.check(frame)
    if frame.falls_through and not isinstance(result or Nothing(), Nothing | Option):
        raise frame.refusal(
            node, f"{node.name} may end without a result", "a return on every path"
        )
    if frame.falls_through and isinstance(result, Option):
        raise frame.refusal(
            node, f"{node.name} may end without a result", "return None at the end"
        )
    effects = {e for e in frame.effects if not e.startswith("reads")}
    return Body(
        tuple(frame.block),
        dict(frame.locals),
        Nothing() if result is None else result,
        not effects,
        frozenset(frame.writes),
        frozenset(frame.shares),
    )
