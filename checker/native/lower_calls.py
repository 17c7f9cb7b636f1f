"""Helpers of the model as functions, and calls of them.

A function takes the state it reads or changes, the state before the step, where to leave its
status (0 done, 1 not enabled, 2 model error), the odometer and where a wide result goes, then the
arguments; a narrow result is returned. Status and result are looked at only where they matter.
"""

from planespec.checker.ir.nodes import Expr, Function, Op
from planespec.checker.ir.types import Nothing, Type
from planespec.checker.native import lower_collections as collections
from planespec.checker.native.frame import Frame, Signature, expression
from planespec.checker.native.lower_convert import convert, value_as
from planespec.checker.native.places import load, write_whole
from planespec.checker.native.shapes import shape_of
from planespec.checker.native.surveys import assigned_names
from planespec.checker.native.text import Operand, Text

REFUSED, FAILED = 1, 2


@expression(Op.CALL)
def _call(f: Frame, e: Expr) -> Operand:
    value, type_ = call(f, e.arg, e.args, keep=False)
    return convert(f, value, type_, e.type)


def call(f: Frame, name: str, args: tuple[Expr, ...], keep: bool) -> tuple[Operand, Type]:
    """Call a function of the model; `keep` copies wide arguments, which it might change."""
    function = f.module.system.functions[name]
    signature = f.module.signature(name, lambda fn, at: lower_function(f, fn, at))
    values = []
    for arg, parameter in zip(args, function.parameters, strict=True):
        value = value_as(f, arg, parameter.type)
        if shape_of(parameter.type).wide and keep:
            value = collections.copied(f, parameter.type, value).memory
        values.append(value)
    return call_signature(f, signature, function, values), function.result


def call_signature(
    f: Frame, signature: Signature, function: Function, values: list[Operand]
) -> Operand:
    """Call a lowered function and act on its status; returns the result."""
    wide = shape_of(function.result).wide
    out = f.temporary(function.result).memory if wide else "null"
    value = call_text(f, signature, [p.type for p in function.parameters], values, out)
    return out if wide else value


def call_text(
    f: Frame, signature: Signature, types: list[Type], values: list[Operand], out: str
) -> Operand:
    """The call, with values of the types; acts on its status and returns what is returned."""
    t, status = f.text, f.text.slot()
    t.store(0, status)
    kinds = ["ptr" if shape_of(type_).wide else "i64" for type_ in types]
    pointers = (
        f"ptr {f.state}, ptr {f.before}, ptr {status}, ptr {f.odometer or 'null'}, ptr {out}"
    )
    passed = "".join(f", {k} {v}" for k, v in zip(kinds, values, strict=True))
    value = t.define(f"call i64 {signature.name}({pointers}{passed})")
    if signature.may_refuse:
        f.used.add("refuse")
        t.leave_if(t.compare("eq", t.load(status), REFUSED), f.refuse)
    if signature.may_fail:
        f.fail_if(t.compare("eq", t.load(status), FAILED))
    return value


def head_of(name: str, types: list[Type]) -> str:
    """The first line of a function with parameters of these types."""
    kinds = ["ptr" if shape_of(type_).wide else "i64" for type_ in types]
    passed = "".join(f", {kind} %p{k}" for k, kind in enumerate(kinds))
    return (
        f"define internal i64 {name}(ptr %state, ptr %before, ptr %status, ptr %odometer, "
        f"ptr %out{passed}) nounwind"
    )


def lower_function(f: Frame, function: Function, name: str) -> Signature:
    """Add the text of a function to the module."""
    inner, t = start_function(f, function, name)
    if inner.run(function.body):
        t.jump("end")
    t.begin("end")
    wide = shape_of(function.result).wide
    result = inner.result
    if result is not None and wide:
        store_result(t, result.memory, shape_of(function.result).words)
        t.emit("ret i64 0")
    else:
        t.emit(f"ret i64 {0 if result is None else load(t, result)}")
    _end_early(inner, t, "fail", FAILED)
    _end_early(inner, t, "refuse", REFUSED)
    f.module.texts.append(t.finish())
    return Signature(name, "fail" in inner.used, "refuse" in inner.used, False)


def start_function(f: Frame, function: Function, name: str) -> tuple[Frame, Text]:
    """Frame and text of a function with its parameters bound."""
    t = Text(head_of(name, [p.type for p in function.parameters]))
    inner = Frame(f.module, t, "%state", types=dict(function.locals), odometer="%odometer")
    changed = assigned_names(function.body)
    for k, parameter in enumerate(function.parameters):
        bind_parameter(inner, parameter.name, f"%p{k}", parameter.type, changed)
    if not isinstance(function.result, Nothing):
        inner.result = collections.empty(inner, function.result)
    return inner, t


def bind_parameter(f: Frame, name: str, value: Operand, type_: Type, changed: set[str]) -> None:
    """Make a parameter known; one that is assigned to becomes a local variable."""
    if name in changed:
        f.types.setdefault(name, type_)
        place = f.temporary(f.types[name])
        f.locals[name] = place
        write_whole(f.text, place, convert(f, value, type_, place.type))
    else:
        f.bound[name] = (value, type_)


def store_result(t: Text, memory: str, words: int) -> None:
    """Copy a wide result to where the caller wants it."""
    t.copy("%out", memory, words)


def _end_early(f: Frame, t: Text, label: str, status: int) -> None:
    if label in f.used:
        t.begin(label)
        t.store(status, "%status")
        t.emit("ret i64 0")
