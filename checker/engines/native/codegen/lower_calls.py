"""Helpers of the model, requirements and properties as functions, and calls of them."""

from collections.abc import Callable, Sequence

from planespec.checker.engines.native.codegen import lower_collections as collections
from planespec.checker.engines.native.codegen.frame import (
    Frame,
    Module,
    Signature,
    assigned_names,
    clean,
    expression,
)
from planespec.checker.engines.native.codegen.lower_convert import convert, value_as
from planespec.checker.engines.native.host.context import BROKEN, ERROR, OUTSIDE, REACH_ERROR
from planespec.checker.engines.native.layout.llvm_text import Condition, Operand, Text
from planespec.checker.engines.native.layout.packing import shape_of
from planespec.checker.engines.native.layout.parts import load, write_whole
from planespec.checker.errors import SystemRefusal
from planespec.checker.ir.nodes import Expr, Function, Op
from planespec.checker.ir.system import Property, PropertyKind
from planespec.checker.ir.types import Nothing, Type

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


MOST_REACHABLE = 63
JUDGED = (PropertyKind.ALWAYS, PropertyKind.LEMMA)


def _holds(f: Frame, property_: Property) -> Condition:
    """Whether every predicate of a property holds."""
    found: Condition = True
    for k, predicate in enumerate(property_.predicates):
        signature = _signature(f, property_, predicate, k)
        value = call_signature(f, signature, predicate, [])
        found = f.text.both(found, f.text.compare("ne", value, 0))
    return found


def _fails(f: Frame, property_: Property) -> Condition:
    return f.text.negate(_holds(f, property_))


def _signature(f: Frame, property_: Property, predicate: Function, k: int) -> Signature:
    key = f"property {property_.kind.name} {property_.id} {k}"
    if key not in f.module.signatures:
        name = f"@p{len(f.module.signatures)}_{clean(property_.id)}"
        f.module.signatures[key] = lower_function(f, predicate, name)
    return f.module.signatures[key]


def lower_judge(module: Module, requirements: Sequence[Property]) -> None:
    """`model_judge`: bit 0 broken, 1 outside a constraint, 3 model error."""
    t = Text("define i64 @model_judge(ptr %state) nounwind")
    f = Frame(module, t, "%state", before="null")
    bits = t.slot()
    t.store(0, bits)
    system = module.system
    for property_ in (p for p in requirements if p.kind in JUDGED):
        _note(f, bits, _fails, property_, BROKEN, ERROR)
    for property_ in system.of_kind(PropertyKind.CONSTRAINT):
        _note(f, bits, _fails, property_, OUTSIDE, ERROR)
    t.emit(f"ret i64 {t.load(bits)}")
    module.texts.append(t.finish())


def lower_terminal(module: Module) -> None:
    """`model_terminal`: whether a terminal predicate holds, up to the first that goes wrong."""
    t = Text("define i64 @model_terminal(ptr %state) nounwind")
    f = Frame(module, t, "%state", fail="fail", before="null")
    for property_ in module.system.of_kind(PropertyKind.TERMINAL):
        t.leave_if(_holds(f, property_), "terminal")
    t.emit("ret i64 0")
    for label, answer in (("terminal", 1), ("fail", 0)):
        if label in f.used or label == "terminal":
            t.begin(label)
            t.emit(f"ret i64 {answer}")
    module.texts.append(t.finish())


def _note(
    f: Frame,
    bits: str,
    test: Callable[[Frame, Property], Condition],
    property_: Property,
    bit: int,
    error: int,
) -> None:
    """Set `bit` where the test of a property is true, `error` where it cannot be judged."""
    t = f.text
    f.fail, after = t.fresh("fail"), t.fresh("b")
    f.used.discard("fail")
    noted = t.select(test(f, property_), bit, 0)
    t.store(t.binary("or", t.load(bits), noted), bits)
    t.jump(after)
    if "fail" in f.used:
        t.begin(f.fail)
        t.store(t.binary("or", t.load(bits), error), bits)
        t.jump(after)
    t.begin(after)


def lower_reach(module: Module, properties: Sequence[Property]) -> None:
    """`model_reach`: the pending properties that hold; the last bit where one goes wrong."""
    if len(properties) > MOST_REACHABLE:
        raise SystemRefusal(
            f"at most {MOST_REACHABLE} reachable properties, not {len(properties)}"
        )
    t = Text("define i64 @model_reach(ptr %state, i64 %pending) nounwind")
    f = Frame(module, t, "%state", before="null")
    bits = t.slot()
    t.store(0, bits)
    for k, property_ in enumerate(properties):
        wanted = t.binary("and", "%pending", 1 << k)
        with t.when(t.compare("ne", wanted, 0)):
            _note(f, bits, _holds, property_, 1 << k, REACH_ERROR)
    t.emit(f"ret i64 {t.load(bits)}")
    module.texts.append(t.finish())


def lower_step_constraint(module: Module) -> str | None:
    """Helper for constraints on steps: 0 inside, 1 outside, 2 where that cannot be judged."""
    constraints = module.system.of_kind(PropertyKind.STEP_CONSTRAINT)
    if not constraints:
        return None
    t = Text("define internal i64 @step_outside(ptr %state, ptr %before) nounwind")
    f = Frame(module, t, "%state")
    for property_ in constraints:
        t.leave_if(t.negate(_holds(f, property_)), "outside")
    t.emit("ret i64 0")
    for label, answer in (("outside", 1), ("fail", 2)):
        if label in f.used or label == "outside":
            t.begin(label)
            t.emit(f"ret i64 {answer}")
    module.texts.append(t.finish())
    return "@step_outside"


def lower_step_judge(module: Module, requirements: Sequence[Property]) -> str | None:
    """Helper that tells whether a step breaks a requirement; None when there are none."""
    steps = [p for p in requirements if p.kind is PropertyKind.STEP]
    if not steps:
        return None
    t = Text("define internal i1 @step_broken(ptr %state, ptr %before) nounwind")
    f = Frame(module, t, "%state", fail="broken")
    for property_ in steps:
        t.leave_if(t.negate(_holds(f, property_)), "broken")
    t.emit("ret i1 false")
    t.begin("broken")
    t.emit("ret i1 true")
    module.texts.append(t.finish())
    return "@step_broken"
