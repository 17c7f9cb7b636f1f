"""The last steps: only helpers that are called remain, with plain names; no type is unknown."""

from dataclasses import replace

from planespec.checker.front.shapes import mentions_never
from planespec.checker.front.simplify import simplified_block, simplify
from planespec.checker.ir.nodes import Do, Expr, Fold, For, If, Op, Stmt
from planespec.checker.ir.system import System
from planespec.checker.ir.walk import (
    block_expressions,
    bodies,
    rewrite_system,
    statements,
)
from planespec.checker.lang.errors import LanguageError
from planespec.checker.lang.source import source_file


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
    return value.op is Op.CALL and not isinstance(value, Fold)


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
