"""How the declarations of several parts become those of one model.

Parts come first, from left to right, then what the class adds. A class may redefine what it
inherits; two unrelated parts must agree on what both define. A helper that a part calls and does
not define is `abstract` there, and another part's takes its place; what several parts say under
the name of a `joint` helper is run in the order of the parts.
"""

import ast
from dataclasses import replace
from inspect import Parameter, getsource, signature
from types import CodeType, FunctionType
from typing import Any, get_type_hints

from planespec.checker.errors import PlanespecError
from planespec.checker.lang.collect import (
    SETTLED,
    Declarations,
    Method,
    add_own,
    conflict,
    hint_of,
    refuse_mixed,
)
from planespec.checker.lang.declarations import Part
from planespec.checker.lang.locations import refusal_of, refuse_twice
from planespec.checker.lang.source import MADE, source_of
from planespec.checker.lang.temporal import LeadsTo


def declarations_of(cls: type, base: type) -> Declarations:
    """All declarations of model class `cls`; `base` is `Model`, which declares nothing.

    Raises LanguageError when two parts define one name differently, and when a class declares a
    name twice or marks what is no method.
    """
    found = Declarations()
    if cls is base or not issubclass(cls, base):
        return found
    refuse_twice(cls)
    for parent in cls.__bases__:
        _merge(found, declarations_of(parent, base))
    add_own(found, cls)
    return found


def settle(cls: type, found: Declarations) -> Declarations:
    """Give a class the methods that its declarations name, where Python would find others.

    Python takes the leftmost part's, be it abstract; and of a joint helper one part's alone.
    """
    own = dict(vars(cls))
    settled = {}
    for name, method in found.methods.items():
        _refuse_statements(method)
        given = {name: method.function}
        if len(method.members) > 1:
            given = {_piece(method, one): one.function for one in method.members}
            given[name] = _joined(method)
            found.methods[name] = replace(method, function=given[name])
        for key, function in given.items():
            if function is not getattr(cls, key, None):
                setattr(cls, key, function)
                settled[key] = own.get(key)
    setattr(cls, SETTLED, settled)
    return found


def refuse_abstract(name: str, declared: Declarations) -> None:
    """Refuse to run a model with a helper that no part of it defines."""
    for method in lacking(declared):
        text = f"{name} has no part that defines {method.name}, which {method.owner.__name__}"
        allowed = f"a part beside it that defines {method.name}"
        raise refusal_of(method.function, f"{text} calls", allowed)


def lacking(declared: Declarations) -> list[Method]:
    """The helpers that no part defines; a part with some of them is no model by itself."""
    return [method for method in declared.methods.values() if method.is_a(Part.ABSTRACT)]


def _merge(found: Declarations, part: Declarations) -> None:
    for group in ("constants", "mutants", "variables", "methods"):
        known: dict[str, Any] = getattr(found, group)
        for name, entry in getattr(part, group).items():
            known[name] = _choose(known[name], entry) if name in known else entry
    found.requires += [item for item in part.requires if item not in found.requires]
    refuse_mixed(found)


def _choose(one: Any, other: Any) -> Any:
    if isinstance(one, Method) and (chosen := _choose_marked(one, other)) is not None:
        return chosen
    if one.owner is other.owner or issubclass(one.owner, other.owner):
        return one
    if issubclass(other.owner, one.owner):
        return other
    if isinstance(one, Method):
        if _source(one) != _source(other):
            raise conflict(one, other, "differently", _as_declared(one))
    elif hint_of(one) != hint_of(other) or repr(one.default) != repr(other.default):
        raise conflict(one, other, "with another type or value", _as_declared(one))
    return one


def _as_declared(one: Any) -> str:
    return f"what {one.owner.__name__} declares, or another name"


def _choose_marked(one: Method, other: Method) -> Method | None:
    """Of helpers that are abstract or joint, whatever class inherits from the other's."""
    if one.is_a(Part.ABSTRACT) or other.is_a(Part.ABSTRACT):
        _refuse_other_signature(one, other)
        return other if one.is_a(Part.ABSTRACT) else one
    if one.is_a(Part.JOINT) and other.is_a(Part.JOINT):
        _refuse_other_signature(one, other)
        more = [m for m in other.members if m.function not in [k.function for k in one.members]]
        return replace(one, members=(*one.members, *more))
    return None


def _source(method: Method) -> Any:
    """Source text of a method, or its code where there is no file (an interactive session)."""
    if isinstance(method.function, LeadsTo):
        given = method.function
        return (given.premise.__name__, given.conclusion.__name__, given.stays)
    try:
        return "".join(getsource(method.function).split())
    except OSError:
        return method.function.__code__.co_code


def _refuse_other_signature(one: Method, other: Method) -> None:
    if isinstance(one.function, LeadsTo) or isinstance(other.function, LeadsTo):
        raise conflict(one, other, "as two kinds of thing", "another name")
    if _signature(one) != _signature(other):
        raise conflict(one, other, "with other parameters or another result", _as_declared(one))


def _signature(method: Method) -> tuple[list[str], dict[str, Any]]:
    names = getattr(method.owner, "__planespec_names__", {})
    function = method.function
    try:
        hints = get_type_hints(function, localns=names or None, include_extras=True)
    except (NameError, TypeError, AttributeError, SyntaxError):
        hints = dict(function.__annotations__)
    return list(signature(function).parameters), hints


def _refuse_statements(method: Method) -> None:
    """What is abstract does nothing, and what is joint has a result that can be joined."""
    if method.is_a(Part.ABSTRACT) and not _is_empty(method):
        text = f"{method.name} is abstract and has statements, which nothing would run"
        raise refusal_of(method.function, text, "a docstring, and raise NotImplementedError")
    if method.is_a(Part.JOINT):
        for one in method.members:
            if _signature(one)[1].get("return") not in (bool, type(None), None):
                text = f"{one.name} is joint and returns neither nothing nor a bool"
                raise refusal_of(one.function, text, "-> None, or -> bool")


def _is_empty(method: Method) -> bool:
    try:
        body = source_of(method.function).node.body
    except PlanespecError:
        return True
    for statement in body:
        shown = ast.unparse(statement)
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not (is_text or shown in ("pass", "raise NotImplementedError")):
            return False
    return True


def _piece(method: Method, one: Method) -> str:
    """The name under which one part's definition of a joint helper is called."""
    return f"{method.name}_{method.members.index(one) + 1}_of_{one.owner.__name__}"


def _joined(method: Method) -> FunctionType:
    """One function that calls what each part says; CPython runs it and the compiler reads it."""
    first = method.members[0].function
    has_result = _signature(method.members[0])[1].get("return") is bool
    self_, *names = [n for n, p in signature(first).parameters.items() if _is_plain(method, p)]
    calls = [f"{self_}.{_piece(method, m)}({', '.join(names)})" for m in method.members]
    lines = [f"return {' and '.join(calls)}"] if has_result else calls
    written = ", ".join([self_, *(f"{n}: object" for n in names)])
    body = "".join(f"\n    {line}" for line in lines)
    tree = ast.parse(f"def {method.name}({written}) -> {'bool' if has_result else None}:{body}")
    [node] = tree.body
    _place(tree, first.__code__.co_firstlineno)
    code = compile(tree, first.__code__.co_filename, "exec", dont_inherit=True)
    [inside] = [c for c in code.co_consts if isinstance(c, CodeType)]
    made = FunctionType(inside, first.__globals__, method.name)
    made.__annotations__ = dict(first.__annotations__)
    made.__doc__, made.__module__ = first.__doc__, first.__module__
    made.__dict__ |= {MADE: node, "__planespec__": method.mark}
    return made


def _place(tree: ast.AST, line: int) -> None:
    """Put what is made where the first part's definition stands, so that errors name a place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.expr | ast.arg):
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = 0


def _is_plain(method: Method, parameter: Parameter) -> bool:
    if parameter.kind is Parameter.POSITIONAL_OR_KEYWORD:
        return True
    text = f"{method.name} is joint and takes {parameter.name} in a way of its own"
    raise refusal_of(method.members[0].function, text, "plain parameters")
