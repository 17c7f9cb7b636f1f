"""Requirements, constraints, terminal states and `reachable` properties as native functions."""

from collections.abc import Callable, Sequence

from planespec.checker.errors import SystemRefusal
from planespec.checker.ir.nodes import Function
from planespec.checker.ir.system import Property, PropertyKind
from planespec.checker.native.frame import Frame, Module, Signature, clean
from planespec.checker.native.lower_calls import call_signature, lower_function
from planespec.checker.native.text import Condition, Text

BROKEN, OUTSIDE, ERROR = 1, 2, 8
REACH_ERROR = 1 << 63
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
