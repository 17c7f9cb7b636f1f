"""The last steps: constants are folded, only helpers that are called remain, types are known."""

from dataclasses import replace

from planespec.checker.errors import LanguageError
from planespec.checker.front.core.building import constant, convert, negation, truth
from planespec.checker.front.core.constants import is_written_out, literal
from planespec.checker.front.core.failing import may_fail
from planespec.checker.front.core.type_relations import mentions_never
from planespec.checker.ir.evaluate import value_of_constants
from planespec.checker.ir.frozen import EvaluationError
from planespec.checker.ir.nodes import (
    Check,
    Do,
    Expr,
    Fold,
    For,
    If,
    Op,
    Reduction,
    Require,
    Return,
    Stmt,
)
from planespec.checker.ir.ranges import fits_word
from planespec.checker.ir.system import System
from planespec.checker.ir.traversal import block_expressions, bodies, rewrite_system, statements
from planespec.checker.ir.types import Int, Option
from planespec.checker.lang.source import source_file

ARITHMETIC = (Op.ADD, Op.SUB, Op.MUL, Op.FLOORDIV, Op.MOD, Op.NEG, Op.ABS, Op.MIN, Op.MAX)
COMPARISONS = (Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE)
TABLE_PARTS = (Op.INDEX, Op.AT, Op.FIELD, Op.UNWRAP, Op.PROJECT)
ASKED_OF_TABLES = (*TABLE_PARTS, Op.LEN, Op.IS_NONE, Op.IS, Op.COUNT, Op.SUBSET)


def simplify(value: Expr) -> Expr:
    """One node whose operands are simple already."""
    if isinstance(value, Fold):
        return _fold(value)
    match value.op:
        case Op.AND | Op.OR:
            return _junction(value)
        case Op.NOT:
            return negation(value.args[0])
        case Op.IF:
            return _choice(value)
        case Op.CONVERT if value.type == value.args[0].type:
            return value.args[0]
        case Op.CONVERT if value.args[0].op is Op.CONST and isinstance(value.args[0].type, Int):
            return _constant_conversion(value)
        case Op.IS_NONE if value.args[0].op in (Op.SOME, Op.CONST):
            return truth(value.args[0].op is Op.CONST, value.at)
        case Op.UNWRAP if value.args[0].op is Op.SOME:
            return value.args[0].args[0]
    return _of_table(value) if value.op in ASKED_OF_TABLES else _arithmetic(value)


def _of_table(value: Expr) -> Expr:
    """What a constant table says under constant keys; a key that it has not is left alone."""
    if not value.type.is_scalar or not all(map(_is_known, value.args)):
        return _arithmetic(value)
    try:
        return literal(value_of_constants(value), value.type, value.at)
    except EvaluationError:
        return value


def _is_known(value: Expr) -> bool:
    """Whether a value is written out, or a part of one that is."""
    if value.op in TABLE_PARTS:
        return all(map(_is_known, value.args))
    return is_written_out(value)


def _constant_conversion(value: Expr) -> Expr:
    number, type_ = value.args[0].arg, value.type
    if isinstance(type_, Int) and type_.is_bounded:
        low, high = type_.bounds
        return constant(number, type_, value.at) if low <= number <= high else value
    size = getattr(type_, "size", 0)
    return constant(number, type_, value.at) if 0 <= number < size else value


def _arithmetic(value: Expr) -> Expr:
    """Numbers computed and compared; what has no value, or none of 64 bits, is left alone."""
    known = bool(value.args) and all(a.op is Op.CONST for a in value.args)
    if not known or value.op not in (*ARITHMETIC, *COMPARISONS):
        return value
    if value.op in COMPARISONS and isinstance(value.args[0].type, Option):
        return value
    try:
        result = value_of_constants(value)
    except EvaluationError:
        return value
    if value.op in COMPARISONS:
        return truth(result, value.at)
    return constant(result, value.type, value.at) if fits_word(Int(result, result)) else value


def _junction(value: Expr) -> Expr:
    """`and` and `or`: parts that change nothing go, and what follows a deciding part."""
    deciding = value.op is Op.OR
    parts: list[Expr] = []
    for part in value.args:
        if part.op is value.op:
            parts.extend(part.args)
        elif part.op is not Op.CONST:
            parts.append(part)
        elif part.arg is deciding:
            parts.append(part)
            break
    if not parts:
        return truth(not deciding, value.at)
    return parts[0] if len(parts) == 1 else replace(value, args=tuple(parts))


def _choice(value: Expr) -> Expr:
    condition, yes, no = value.args
    if condition.op is not Op.CONST:
        return value
    return convert(yes if condition.arg else no, value.type)


def _fold(value: Fold) -> Expr:
    """Conditions that are always true go; a body that decides nothing decides the whole."""
    generators = tuple(
        replace(g, conditions=tuple(c for c in g.conditions if not _is(c, True)))
        for g in value.generators
    )
    walked = [part for g in generators for part in (g.domain, *g.conditions)]
    never_false = value.reduction is Reduction.ALL and _is(value.body, True)
    never_true = value.reduction is Reduction.ANY and _is(value.body, False)
    if (never_false or never_true) and not any(map(may_fail, walked)):
        return truth(never_false, value.at)
    return replace(value, generators=generators)


def _is(value: Expr | None, wanted: bool) -> bool:
    return value is not None and value.op is Op.CONST and value.arg is wanted


def simplified_block(block: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
    """Drop branches never taken, guards always true, loops without rounds or body."""
    made: list[Stmt] = []
    for statement in block:
        for kept in _statement(statement):
            made.append(kept)
            if isinstance(kept, Return) or (
                isinstance(kept, Require) and _is(kept.condition, False)
            ):
                return tuple(made)
    return tuple(made)


def _statement(statement: Stmt) -> tuple[Stmt, ...]:
    match statement:
        case If(condition=condition, then=then, orelse=orelse):
            then, orelse = simplified_block(then), simplified_block(orelse)
            if condition.op is Op.CONST:
                return then if condition.arg else orelse
            if not then and orelse:
                return (replace(statement, condition=negation(condition), then=orelse, orelse=()),)
            return (replace(statement, then=then, orelse=orelse),)
        case For(body=body):
            return (replace(statement, body=simplified_block(body)),)
        case Require(condition=condition) | Check(condition=condition) if _is(condition, True):
            return ()
    return (statement,)


def finished(system: System) -> System:
    """Simplify, drop helpers that nothing calls, and name the others by their Python names."""
    system = rewrite_system(system, simplify, simplified_block)
    system = _renamed(system)
    for _, body in bodies(system):
        for value in block_expressions(body):
            if mentions_never(value.type):
                _refuse_unknown(value)
    return system


def _refuse_unknown(value: Expr) -> None:
    at = value.at
    text = source_file(at.file).text(at.line) if at.file else ""
    raise LanguageError(
        "nothing tells what this collection or None may hold",
        file=at.file,
        line=at.line,
        column=at.column,
        text=text,
        allowed="a type: x: set[Server] = set()",
    )


def _called(body: tuple[Stmt, ...]) -> list[str]:
    names = [v.arg for v in block_expressions(body) if _is_call(v)]
    return names + [s.function for s in statements(body) if isinstance(s, Do)]


def _is_call(value: Expr) -> bool:
    return value.op is Op.CALL


def _reachable(system: System) -> list[str]:
    """Helpers that are called, those that are called by others first."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name in found:
            return
        for inner in _called(system.functions[name].body):
            visit(inner)
        found.append(name)

    starts = replace(system, functions={})
    for _, body in bodies(starts):
        for name in _called(body):
            visit(name)
    return found


def _renamed(system: System) -> System:
    taken: set[str] = set()
    names: dict[str, str] = {}
    for old in _reachable(system):
        plain = old.split("#")[0]
        number, new = 1, plain
        while new in taken:
            number += 1
            new = f"{plain}_{number}"
        taken.add(new)
        names[old] = new
    kept = {names[n]: replace(system.functions[n], name=names[n]) for n in names}
    return _with_names(replace(system, functions=kept), names)


def _with_names(system: System, names: dict[str, str]) -> System:
    def call(value: Expr) -> Expr:
        return replace(value, arg=names[value.arg]) if _is_call(value) else value

    def block(body: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
        made: list[Stmt] = []
        for s in body:
            match s:
                case Do():
                    made.append(replace(s, function=names[s.function]))
                case If():
                    made.append(replace(s, then=block(s.then), orelse=block(s.orelse)))
                case For():
                    made.append(replace(s, body=block(s.body)))
                case _:
                    made.append(s)
        return tuple(made)

    return rewrite_system(system, call, block)
