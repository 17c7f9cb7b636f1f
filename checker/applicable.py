"""What of a model an instance has: conditions (`when`) over its constants, put to use."""

import ast
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from planespec.checker.errors import PlanespecError
from planespec.checker.lang.collect import Declarations, Method
from planespec.checker.lang.declarations import Part
from planespec.checker.lang.instantiation import Binding
from planespec.checker.lang.locations import class_source
from planespec.checker.lang.presence import Absent, Only, conditions_of
from planespec.checker.lang.source import source_of
from planespec.checker.lang.temporal import LeadsTo

if TYPE_CHECKING:
    from planespec.checker.instance import Instance


def present(declared: Declarations, binding: Binding, part: Part) -> Iterator[Method]:
    """The methods of a kind whose condition is true, in order; raises LanguageError."""
    return (m for m in declared.of(part) if is_present(m, binding))


def is_present(method: Method, binding: Binding) -> bool:
    """Whether an instance has a marked method."""
    when = "" if method.mark is None else method.mark.when
    return binding.is_on(when, method.owner, method.name)


def has_conditions(model: type, declared: Declarations) -> bool:
    """Whether anything of a model, or a record of its files, exists only under a condition.

    It does not depend on the constants: in such a model dead code is not read, in any instance.
    """
    variables = any(isinstance(d.default, Only) for d in declared.variables.values())
    methods = any(m.mark is not None and m.mark.when for m in declared.methods.values())
    mutants = any(d.default.when for d in declared.mutants.values())
    return variables or methods or mutants or any(map(conditions_of, _classes_around(model)))


def _classes_around(model: type) -> Iterator[Any]:
    """The classes that the files of a model and of its parts name."""
    for owner in model.__mro__:
        module = sys.modules.get(owner.__module__)
        if module is not None and class_source(owner) is not None:
            yield from (v for v in vars(module).values() if isinstance(v, type))


def idle_mutants(instance: "Instance") -> dict[str, Absent]:
    """The mutants that break nothing in an instance, with the reason.

    Such a mutant has a condition that is false, or its files name it only in methods that the
    instance leaves out.
    """
    found = {}
    for name, entry in instance.declared.mutants.items():
        when, statement = entry.default.when, entry.default.statement
        if not instance.binding.is_on(when, entry.owner, name):
            found[name] = Absent(name, when, statement)
    left = [m for m in instance.declared.methods.values() if not is_present(m, instance.binding)]
    if left:
        for name, entry in instance.declared.mutants.items():
            reader = _only_reader(name, left, instance.model)
            if name not in found and reader is not None and reader.mark is not None:
                found[name] = Absent(name, reader.mark.when, entry.default.statement)
    return found


def _only_reader(mutant: str, left: list[Method], model: type) -> Method | None:
    """One of the absent methods, where nothing else names the mutant."""
    if any(_names(m, mutant) for m in left):
        return None  # it is there once the mutant is on
    inside = {m: _mentions(mutant, _nodes_of(m)) for m in left}
    files = {f.shown: f.tree for c in model.__mro__ if (f := class_source(c)) is not None}
    if sum(inside.values()) < _mentions(mutant, files.values()):
        return None
    return next((m for m, count in inside.items() if count), None)


def _names(method: Method, mutant: str) -> bool:
    """Whether the condition of a method names a mutant."""
    when = "" if method.mark is None else method.mark.when
    return any(isinstance(n, ast.Name) and n.id == mutant for n in ast.walk(ast.parse(when)))


def _nodes_of(method: Method) -> list[ast.AST]:
    if isinstance(method.function, LeadsTo):
        return []
    try:
        return [source_of(method.function).node]
    except PlanespecError:
        return []


def _mentions(mutant: str, trees: Iterable[ast.AST]) -> int:
    nodes = (n for tree in trees for n in ast.walk(tree))
    return sum(1 for n in nodes if isinstance(n, ast.Attribute) and n.attr == mutant)
