"""The text of a System: for golden files and for reading along while debugging.

The text depends on nothing but the system (no positions, no addresses): equal systems, equal
texts. Types stand where they say something: at variables, locals, parameters and conversions.
"""

from collections.abc import Iterable, Iterator

from planespec.checker.ir.nodes import (
    Assign,
    Break,
    Check,
    Choose,
    Continue,
    Do,
    Expr,
    Fold,
    For,
    Function,
    If,
    Let,
    Op,
    Parameter,
    Reduction,
    Require,
    Return,
    Stmt,
)
from planespec.checker.ir.system import Action, Fairness, Property, System
from planespec.checker.ir.types import Bool, Enum, Record, Sort, Type, Union

INFIX = {
    Op.ADD: "+", Op.SUB: "-", Op.MUL: "*", Op.FLOORDIV: "//", Op.MOD: "%",
    Op.EQ: "==", Op.NE: "!=", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">=",
    Op.AND: "and", Op.OR: "or", Op.IN: "in",
    Op.UNION: "|", Op.INTERSECTION: "&", Op.DIFFERENCE: "-", Op.SYMMETRIC_DIFFERENCE: "^",
    Op.SUBSET: "subset", Op.CONCAT: "++",
}  # fmt: skip


def show(system: System) -> str:
    """The text of a whole system."""
    return "\n".join(_system(system)) + "\n"


def _system(system: System) -> Iterator[str]:
    yield f"system {system.name}" + (f" mutant {system.mutant}" if system.mutant else "")
    for name, value in system.constants.items():
        yield f"constant {name} = {_constant_text(value)}"
    yield from _records(system)
    for variable in system.variables:
        yield f"variable {variable.name}: {variable.type}"
    yield from _block("defaults", {}, system.defaults)
    for action in system.initial:
        yield from _action("initial", action)
    for action in system.actions:
        yield from _action("action", action)
    for function in system.functions.values():
        yield from show_function("pure" if function.pure else "procedure", function)
    for claim in system.properties:
        yield from _property(claim)


def _constant_text(value: object) -> str:
    if isinstance(value, Sort):
        return f"{value.name}({value.size}){' symmetric' if value.symmetric else ''}"
    return str(value)


def _records(system: System) -> Iterator[str]:
    """The records and enums that the variables are made of."""
    found: dict[str, Type] = {}
    for variable in system.variables:
        _collect(variable.type, found)
    for name, type_ in found.items():
        if isinstance(type_, Record):
            yield f"record {name}({', '.join(f'{n}: {t}' for n, t in type_.fields)})"
        elif isinstance(type_, Enum):
            yield f"enum {name}({', '.join(type_.members)})"


def _collect(type_: Type, found: dict[str, Type]) -> None:
    if isinstance(type_, Record | Enum):
        found.setdefault(type_.name, type_)
    parts = [getattr(type_, name, None) for name in ("inner", "key", "value", "element")]
    if isinstance(type_, Record):
        parts = [t for _, t in type_.fields]
    elif isinstance(type_, Union):
        parts = list(type_.variants)
    for part in parts:
        if isinstance(part, Type):
            _collect(part, found)


def _action(kind: str, action: Action) -> Iterator[str]:
    fair = "" if action.fairness is Fairness.NONE else f" {action.fairness.name.lower()}ly fair"
    head = f"{kind} {action.name}({_parameters(action.parameters)}){fair}"
    yield from _block(head, action.locals, action.body)


def _parameters(parameters: Iterable[Parameter]) -> str:
    texts = []
    for p in parameters:
        walked = "" if p.domain is None else f" in {expression(p.domain)}"
        texts.append(f"{p.name}: {p.type}{walked}")
    return ", ".join(texts)


def show_function(kind: str, function: Function) -> Iterator[str]:
    """The lines of a helper or predicate."""
    head = f"{kind} {function.name}({_parameters(function.parameters)}) -> {function.result}"
    yield from _block(head, function.locals, function.body)


def _property(claim: Property) -> Iterator[str]:
    yield f"property {claim.id} {claim.kind.name}"
    for predicate in claim.predicates:
        for line in show_function("predicate", predicate):
            yield f"  {line}"


def _block(head: str, locals_: dict[str, Type], body: tuple[Stmt, ...]) -> Iterator[str]:
    yield f"{head}:"
    for name, type_ in locals_.items():
        yield f"  local {name}: {type_}"
    yield from _lines(body, "  ")


def _lines(body: tuple[Stmt, ...], indent: str) -> Iterator[str]:
    for statement in body:
        match statement:
            case If(_, condition, then, orelse):
                yield f"{indent}if {expression(condition)}:"
                yield from _lines(then, indent + "  ")
                if orelse:
                    yield f"{indent}else:"
                    yield from _lines(orelse, indent + "  ")
            case For(_, name, domain, inner):
                yield f"{indent}for {name} in {expression(domain)}:"
                yield from _lines(inner, indent + "  ")
            case _:
                yield indent + _line(statement)


def _line(statement: Stmt) -> str:
    match statement:
        case Let(_, name, value):
            return f"let {name} = {expression(value)}"
        case Assign(_, place, value):
            return f"{expression(place)} := {expression(value)}"
        case Require(_, condition):
            return f"require {expression(condition)}"
        case Check(_, condition, message):
            return f"check {expression(condition)}" + (f" {message!r}" if message else "")
        case Choose(_, name, domain):
            return f"choose {name} in {expression(domain)}"
        case Do(_, function, args, name):
            taken = f"{name} = " if name else ""
            return f"do {taken}{function}({_list(args)})"
        case Return(_, value):
            return "return" if value is None else f"return {expression(value)}"
        case Break() | Continue():
            return type(statement).__name__.lower()
    raise TypeError(f"{type(statement).__name__} is no statement")


def _list(values: Iterable[Expr]) -> str:
    return ", ".join(expression(v) for v in values)


def expression(value: Expr) -> str:
    """The text of an expression."""
    if isinstance(value, Fold):
        return _fold(value)
    args = [expression(a) for a in value.args]
    if value.op in INFIX:
        return "(" + f" {INFIX[value.op]} ".join(args) + ")"
    match value.op:
        case Op.CONST:
            return _constant(value)
        case Op.TABLE:
            return f"table {value.arg.name}"
        case Op.LOCAL | Op.STATE | Op.BEFORE:
            owner = {Op.LOCAL: "", Op.STATE: "self.", Op.BEFORE: "before."}[value.op]
            return f"{owner}{value.arg}"
        case Op.INDEX | Op.AT:
            return f"{args[0]}[{args[1]}]"
        case Op.SLICE:
            return f"{args[0]}[{args[1]}:{args[2]}]"
        case Op.FIELD:
            return f"{args[0]}.{value.arg}"
        case Op.RECORD:
            return f"{value.type}({', '.join(args)})"
        case Op.CALL:
            return f"{value.arg}({', '.join(args)})"
        case Op.DOMAIN:
            return f"all of {value.type.element}"  # type: ignore[attr-defined]
        case Op.CONVERT:
            return f"({args[0]} as {value.type})"
    return _operation(value, args)


def _operation(value: Expr, args: list[str]) -> str:
    extra = value.arg
    if isinstance(extra, tuple):
        extra = " | ".join(str(e) for e in extra)
    name = value.op.name.lower()
    return f"{name}({', '.join(args)})" if extra is None else f"{name}[{extra}]({', '.join(args)})"


def _constant(value: Expr) -> str:
    match value.type:
        case Enum(name, members):
            return f"{name}.{members[value.arg]}"
        case Sort(name):
            return f"{name.lower()}{value.arg}"
        case Bool():
            return str(bool(value.arg)).lower()
    return "none" if value.arg is None else str(value.arg)


def _fold(fold: Fold) -> str:
    parts = []
    for generator in fold.generators:
        conditions = "".join(f" if {expression(c)}" for c in generator.conditions)
        parts.append(f"for {generator.name} in {expression(generator.domain)}{conditions}")
    body = "" if fold.body is None else expression(fold.body)
    if fold.reduction is Reduction.ARRAY:
        body = f"{fold.generators[0].name}: {body}"
    default = "" if fold.default is None else f" default {expression(fold.default)}"
    return f"{fold.reduction.name.lower()}({body} {' '.join(parts)}{default})"
