"""Calls in expressions: what Python and the language offer, records, sorts, helpers."""

import ast
import dataclasses
from collections.abc import Callable
from dataclasses import MISSING
from enum import Enum as PythonEnum
from types import FunctionType
from typing import Any, cast

from planespec.checker.front.asking import enabled_call
from planespec.checker.front.core.advice import instead_of_call, instead_of_method
from planespec.checker.front.core.building import (
    conjunction,
    is_one_of,
    predicate,
    truth,
    unknown,
    whole,
)
from planespec.checker.front.core.constants import literal
from planespec.checker.front.core.failing import once_computed
from planespec.checker.front.core.narrowing import class_names, known_variants, variant_names
from planespec.checker.front.core.scope import Bound, Frame, Known, Static
from planespec.checker.front.core.type_relations import Never
from planespec.checker.front.dispatch import (
    as_value,
    coerce,
    evaluate,
    handles,
    integer,
    literal_scalar,
    owner_of,
    unwrap,
    value,
)
from planespec.checker.front.expressions.arithmetic import combine
from planespec.checker.front.expressions.attributes import method_of
from planespec.checker.front.expressions.comparisons import is_none, subset
from planespec.checker.front.expressions.comprehensions import collected, span, walked
from planespec.checker.front.expressions.displays import numbered
from planespec.checker.front.expressions.picking import all_members, following, sorted_call
from planespec.checker.front.expressions.reductions import extreme, quantified, total
from planespec.checker.front.expressions.scalars import METHODS as ARRAY_METHODS
from planespec.checker.front.expressions.scalars import (
    absolute,
    array_method,
    as_it_is,
    copied,
    divided,
    instance_of_scalar,
    member_call,
    raised,
    to_bag,
    to_seq,
    to_set,
    truth_of,
    whole_number,
)
from planespec.checker.front.expressions.tuples import as_row, stored_fills
from planespec.checker.front.helpers import call_in_expression, is_foreign
from planespec.checker.front.pruning import left_out
from planespec.checker.front.statements.list_changes import copies, index_call, size_of
from planespec.checker.front.statements.mutators import CHANGING
from planespec.checker.ir.nodes import Expr, Op, Reduction
from planespec.checker.ir.types import (
    Array,
    Bag,
    Record,
    Seq,
    Set,
    Sort,
    Type,
    Union,
)
from planespec.checker.lang.choice import choose, given, require
from planespec.checker.lang.data import containers
from planespec.checker.lang.data.records import Sort as SortClass
from planespec.checker.lang.data.records import field_names, is_named_tuple, is_record, replace
from planespec.checker.lang.declarations import each
from planespec.checker.lang.enabling import enabled

Builtin = Callable[[Frame, ast.Call], Expr | Static]
ALLOWED_CALLS = (
    "len, all, any, sum, min, max, abs, range, isinstance, set, frozenset, list, tuple, Bag, "
    "each, replace, records, and helpers of the model"
)


@handles(ast.Call)
def call(frame: Frame, node: ast.Call) -> Expr | Static:
    """A call, by what is called."""
    if isinstance(node.func, ast.Attribute):
        owner = owner_of(frame, node.func)
        if isinstance(owner, Known) and type(owner.value) in (tuple, frozenset, dict):
            owner = as_value(frame, node.func.value, owner)
        if isinstance(owner, Expr):
            return _method(frame, node, unwrap(owner), node.func.attr)
    found = evaluate(frame, node.func)
    if isinstance(found, Bound):
        return call_in_expression(frame, node, found, node)
    if not isinstance(found, Known):
        raise frame.refusal(node, "this cannot be called", ALLOWED_CALLS)
    return _object(frame, node, found.value)


def _object(frame: Frame, node: ast.Call, called: Any) -> Expr | Static:
    for known, handler in BUILTINS:
        if called is known:
            return handler(frame, node)
    if called is given:
        raise frame.refusal(
            node,
            "this given(...) may be skipped, or is evaluated several times",
            "x = given(...) on a line before, or `x is not None` in the test",
        )
    if called in (require, choose):
        name = called.__name__
        raise frame.refusal(
            node,
            f"{name} is no part of an expression",
            "require(...) on its own line, x = choose(...)",
        )
    if is_record(called) or is_named_tuple(called):
        return _record(frame, node, called)
    if isinstance(called, type) and issubclass(called, SortClass):
        return _sort_element(frame, node, called)
    if isinstance(called, type) and issubclass(called, PythonEnum):
        return member_call(frame, node, called)
    if isinstance(called, FunctionType) and not is_foreign(called):
        return call_in_expression(frame, node, Known(called), node)
    name = getattr(called, "__qualname__", None) or repr(called)
    allowed = instead_of_call(called, ALLOWED_CALLS)
    raise frame.refusal(node, f"{name} cannot be called in a model", allowed)


def _only(frame: Frame, node: ast.Call, least: int = 1, most: int = 1) -> list[ast.expr]:
    if node.keywords or not least <= len(node.args) <= most:
        raise frame.refusal(node, "these arguments are not part of the language", ALLOWED_CALLS)
    return node.args


def _isinstance(frame: Frame, node: ast.Call) -> Expr:
    decided = instance_of_scalar(frame, node)
    if decided is not None:
        return decided
    subject, classes = _only(frame, node, 2, 2)
    names, at = class_names(frame, classes), frame.at(node)
    found = value(frame, subject)
    plain = unwrap(found)
    present = [] if found is plain else [predicate(Op.NOT, [is_none(found)], at)]
    possible = known_variants(frame, subject)
    if possible is None and not isinstance(plain.type, Never):
        raise frame.refusal(node, f"{plain.type} is no record", "a union of records")
    if isinstance(plain.type, Record):
        decided = truth(plain.type.name in names, at)
        return conjunction([*present, once_computed([] if present else [plain], decided)], at)
    if not isinstance(plain.type, Union):
        return once_computed([found], truth(False, at))
    unknown_names = set(names) - (variant_names(whole(plain).type) or set())
    if unknown_names:
        raise frame.refusal(node, f"{plain.type} is never {min(unknown_names)}", str(plain.type))
    return conjunction([*present, is_one_of(plain, names, at)], at)


def _collection(kind: Reduction) -> Builtin:
    convert_to = {Reduction.SET: to_set, Reduction.SEQ: to_seq, Reduction.BAG: to_bag}[kind]
    empty = {
        Reduction.SET: (Op.SET, Set(Never(), 0)),
        Reduction.SEQ: (Op.SEQ, Seq(Never(), 0)),
        Reduction.BAG: (Op.BAG, Bag(Never(), 0)),
    }[kind]

    def made(frame: Frame, node: ast.Call) -> Expr:
        arguments = _only(frame, node, 0, 1)
        if not arguments:
            return Expr(empty[0], empty[1], (), frame.at(node))
        inner = arguments[0]
        if isinstance(inner, ast.GeneratorExp):
            return collected(frame, node, kind, inner.elt, inner.generators)
        return convert_to(frame, node, walked(frame, inner))

    return made


def _each(frame: Frame, node: ast.Call) -> Expr:
    (argument,) = _only(frame, node)
    if id(node) not in frame.stored:
        raise frame.refusal(
            node,
            "each(...) has no keys until it is stored in the state or in a record",
            "self.x = each(value); for a local {k: value for k in domain}",
        )
    found = value(frame, argument)
    return Expr(Op.FILL, Array(Never(), found.type), (found,), frame.at(node))


def _replace(frame: Frame, node: ast.Call) -> Expr:
    if len(node.args) != 1 or any(k.arg is None for k in node.keywords):
        raise frame.refusal(
            node, "replace takes a record and fields", "replace(record, field=value)"
        )
    owner = unwrap(value(frame, node.args[0]))
    if isinstance(owner.type, Never):
        return unknown(frame.at(node))
    if not isinstance(owner.type, Record):
        raise frame.refusal(node, f"replace takes a record, this is {owner.type}", "one record")
    fields, values, names = dict(owner.type.fields), [], []
    for keyword in node.keywords:
        if left_out(frame, owner.type, str(keyword.arg), keyword.value):
            continue
        if keyword.arg not in fields:
            raise frame.refusal(
                keyword, f"{owner.type} has no field {keyword.arg}", ", ".join(fields)
            )
        names.append(keyword.arg)
        frame.stored |= stored_fills(keyword.value)
        values.append(
            coerce(
                frame,
                keyword.value,
                value(frame, keyword.value),
                fields[keyword.arg],
                f"in {keyword.arg}",
            )
        )
    return Expr(Op.REPLACE, owner.type, (owner, *values), frame.at(node), tuple(names))


def _record(frame: Frame, node: ast.Call, cls: type) -> Expr:
    """A record made from its fields, by place or by name, defaults included."""
    type_ = frame.program.facts.resolve(cls)
    assert isinstance(type_, Record)
    names = list(field_names(cls)) if is_record(cls) else [n for n, _ in type_.fields]
    if len(node.args) > len(names):
        raise frame.refusal(node, f"{type_} has {len(names)} fields", ", ".join(names))
    given = dict(zip(names, node.args, strict=False))
    for keyword in node.keywords:
        if keyword.arg not in names or keyword.arg in given:
            raise frame.refusal(keyword, f"{type_} has no such field to give", ", ".join(names))
        given[str(keyword.arg)] = keyword.value
    for name, argument in given.items():
        left_out(frame, type_, name, argument)
    parts = [_field(frame, node, cls, field, given.get(field[0])) for field in type_.fields]
    fitted = [
        coerce(frame, given.get(name, node), part, wanted, f"in {name}")
        for part, (name, wanted) in zip(parts, type_.fields, strict=True)
    ]
    return Expr(Op.RECORD, type_, tuple(fitted), frame.at(node))


def _field(
    frame: Frame, node: ast.Call, cls: Any, field: tuple[str, Type], given: ast.expr | None
) -> Expr:
    if given is not None:
        if is_record(cls):
            frame.stored |= stored_fills(given)
        return value(frame, given)
    name, wanted = field
    default = default_of(cls, name)
    if default is MISSING:
        raise frame.refusal(node, f"{cls.__name__} needs a value for {name}", f"{name}=...")
    scalar = literal_scalar(frame, default, node)
    return literal(default, wanted, frame.at(node)) if scalar is None else scalar


def default_of(cls: Any, name: str) -> Any:
    """The default of a field of a record or NamedTuple; MISSING without one."""
    if is_named_tuple(cls):
        return cls._field_defaults.get(name, MISSING)
    return cls.__dataclass_fields__[name].default


def _sort_element(frame: Frame, node: ast.Call, cls: type) -> Expr:
    (argument,) = _only(frame, node)
    sort = frame.program.facts.resolve(cls)
    assert isinstance(sort, Sort)
    return numbered(frame, node, integer(frame, argument), sort)


def _range(frame: Frame, node: ast.Call) -> Expr:
    return span(frame, node)


BUILTINS: list[tuple[Any, Builtin]] = [
    (len, size_of),
    (abs, absolute),
    (isinstance, _isinstance),
    (set, _collection(Reduction.SET)),
    (frozenset, _collection(Reduction.SET)),
    (list, _collection(Reduction.SEQ)),
    (tuple, _collection(Reduction.SEQ)),
    (containers.Bag, _collection(Reduction.BAG)),
    (all, quantified(Reduction.ALL)),
    (any, quantified(Reduction.ANY)),
    (sum, total),
    (min, extreme(Reduction.MIN)),
    (max, extreme(Reduction.MAX)),
    (each, _each),
    (replace, _replace),
    (enabled, enabled_call),
    (dataclasses.replace, _replace),
    (int, whole_number),
    (bool, truth_of),
    (divmod, divided),
    (pow, raised),
    (range, _range),
    (next, following),
    (cast, as_it_is),
    (sorted, sorted_call),
]

SET_METHODS = {
    "union": ast.BitOr,
    "intersection": ast.BitAnd,
    "difference": ast.Sub,
    "symmetric_difference": ast.BitXor,
}


def _method(frame: Frame, node: ast.Call, owner: Expr, name: str) -> Expr:
    """A method of a value that changes nothing."""
    if isinstance(owner.type, Never):
        return unknown(frame.at(node))
    if name in CHANGING and isinstance(owner.type, Set | Seq | Bag):
        raise frame.refusal(
            node,
            f"{name} changes a collection, so it is no part of an expression",
            f"{name}(...) on a line of its own",
        )
    called = method_of(frame, node, owner, name)
    if called is not None:
        return called
    if isinstance(owner.type, Array) and name in ARRAY_METHODS:
        return array_method(frame, node, owner, name)
    owner = as_row(frame, node, owner)
    if isinstance(owner.type, Seq) and name == "index":
        return index_call(frame, node, owner)
    if isinstance(owner.type, Set):
        return _set_method(frame, node, owner, name)
    if isinstance(owner.type, Bag | Seq) and name == "count":
        (argument,) = _only(frame, node)
        return copies(frame, node, owner, value(frame, argument))
    if name == "copy" and isinstance(owner.type, Bag | Seq):
        return copied(owner)
    allowed = instead_of_method(owner.type, name, ALLOWED_CALLS)
    raise frame.refusal(node, f"{owner.type} has no method {name}", allowed)


def _set_method(frame: Frame, node: ast.Call, owner: Expr, name: str) -> Expr:
    if name == "copy" and not node.args:
        return copied(owner)
    if name not in (*SET_METHODS, "issubset", "issuperset", "isdisjoint"):
        allowed = instead_of_method(owner.type, name, ALLOWED_CALLS)
        raise frame.refusal(node, f"{owner.type} has no method {name}", allowed)
    several = name in SET_METHODS and name != "symmetric_difference"
    given = _only(frame, node, *((0, len(node.args)) if several else (1, 1)))
    if name == "union":
        given = [all_members(a.value) if isinstance(a, ast.Starred) else a for a in given]
    others = [to_set(frame, node, walked(frame, a)) for a in given]
    if name in SET_METHODS:
        made = owner if owner.op is Op.SET else copied(owner)
        for other in others:
            made = combine(frame, node, SET_METHODS[name](), made, other)
        return made
    (other,) = others
    if name == "isdisjoint":
        both = combine(frame, node, ast.BitAnd(), owner, other)
        return predicate(Op.EQ, [both, Expr(Op.SET, both.type, (), both.at)], both.at)
    return subset(frame, node, Op.LE if name == "issubset" else Op.GE, owner, other)
