"""Requirements, constraints, terminal states and `reachable` properties as native functions."""

from collections.abc import Sequence

from planespec.checker.errors import SystemRefusal
from planespec.checker.ir.nodes import Function
from planespec.checker.ir.system import Property, PropertyKind
from planespec.checker.native.frame import Frame, Module, Signature, clean
from planespec.checker.native.lower_calls import call_signature, lower_function
from planespec.checker.native.text import Condition, Text

BROKEN, OUTSIDE, TERMINAL, ERROR = 1, 2, 4, 8
MOST_REACHABLE = 64
JUDGED = (PropertyKind.ALWAYS, PropertyKind.LEMMA)


def _holds(f: Frame, property_: Property) -> Condition:
    """Whether every predicate of a property holds."""
    found: Condition = True
    for k, predicate in enumerate(property_.predicates):
        signature = _signature(f, property_, predicate, k)
        value = call_signature(f, signature, predicate, [])
        found = f.text.both(found, f.text.compare("ne", value, 0))
    return found


def _signature(f: Frame, property_: Property, predicate: Function, k: int) -> Signature:
    key = f"property {property_.kind.name} {property_.id} {k}"
    if key not in f.module.signatures:
        name = f"@p{len(f.module.signatures)}_{clean(property_.id)}"
        f.module.signatures[key] = lower_function(f, predicate, name)
    return f.module.signatures[key]


def lower_judge(module: Module, requirements: Sequence[Property]) -> None:
    """`model_judge`: bit 0 broken, 1 outside a constraint, 2 terminal, 3 model error."""
    t = Text("define i64 @model_judge(ptr %state) nounwind")
    f = Frame(module, t, "%state", before="null")
    bits = t.slot()
    t.store(0, bits)
    system = module.system
    for property_ in (p for p in requirements if p.kind in JUDGED):
        _note(f, bits, property_, BROKEN, holds=False)
    for property_ in system.of_kind(PropertyKind.CONSTRAINT):
        _note(f, bits, property_, OUTSIDE, holds=False)
    for property_ in system.of_kind(PropertyKind.TERMINAL):
        _note(f, bits, property_, TERMINAL, holds=True)
    t.emit(f"ret i64 {t.load(bits)}")
    module.texts.append(t.finish())


def _note(f: Frame, bits: str, property_: Property, bit: int, holds: bool) -> None:
    """Set a bit where a property holds, or where it does not."""
    t = f.text
    f.fail, after = t.fresh("fail"), t.fresh("b")
    f.used.discard("fail")
    condition = _holds(f, property_)
    noted = t.select(condition if holds else t.negate(condition), bit, 0)
    t.store(t.binary("or", t.load(bits), noted), bits)
    t.jump(after)
    if "fail" in f.used:
        t.begin(f.fail)
        t.store(t.binary("or", t.load(bits), ERROR), bits)
        t.jump(after)
    t.begin(after)


def lower_reach(module: Module, properties: Sequence[Property]) -> None:
    """`model_reach`: the pending properties that hold; a model error counts as not holding."""
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
            skip = f.fail = t.fresh("b")
            found = t.select(_holds(f, property_), 1 << k, 0)
            t.store(t.binary("or", t.load(bits), found), bits)
            t.jump(skip)
            t.begin(skip)
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
