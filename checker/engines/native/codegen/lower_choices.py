"""`choose` in the midst of an action: the action runs again for each vector of choices.

The odometer is memory of the action: word 0 counts the choices of the current vector, word 1 those
made so far in this run, then two words for each choice, its position and how many there are.
"""

from planespec.checker.engines.native.codegen.frame import Frame, Module
from planespec.checker.engines.native.codegen.lower_convert import equal
from planespec.checker.engines.native.codegen.lower_walks import Body, Round, element_type, walk
from planespec.checker.engines.native.layout.llvm_text import Operand, Text
from planespec.checker.engines.native.layout.parts import load, write_whole
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Bag, Type


def walk_distinct(f: Frame, domain: Expr, body: Body) -> None:
    """Walk a domain, the copies in a bag once each; `body` takes a Round."""
    if not isinstance(domain.type, Bag):
        walk(f, domain, body)
        return
    previous, first = f.temporary(domain.type.element), f.text.slot()
    f.text.store(1, first)

    def turn(one: Round) -> None:
        t, fresh = f.text, f.text.fresh("b")
        t.leave_if(t.compare("ne", t.load(first), 0), fresh)
        same = equal(f, one.type, one.value, load(t, previous))
        t.leave_if(same, one.following)
        t.jump(fresh)
        t.begin(fresh)
        t.store(0, first)
        write_whole(t, previous, one.value)
        body(one)

    walk(f, domain, turn)


def choose(f: Frame, domain: Expr) -> tuple[Operand, Type]:
    """The element that the odometer points at; not enabled when the domain is empty."""
    t, type_ = f.text, element_type(domain.type)
    count = _count(f, domain)
    f.refuse_unless(t.compare("ne", count, 0))
    name = f.module.helper(("pick",), _pick)
    wanted = t.define(f"call i64 {name}(ptr {f.odometer}, i64 {count})")
    if domain.op in (Op.RANGE, Op.DOMAIN):
        return t.binary("add", _low(f, domain), wanted), type_
    result, seen, done = f.temporary(type_), t.slot(), t.fresh("b")
    t.store(wanted, seen)

    def turn(one: Round) -> None:
        left = t.load(seen)
        t.store(t.binary("sub", left, 1), seen)
        t.leave_if(t.compare("ne", left, 0), one.following)
        write_whole(t, result, one.value)
        t.jump(done)
        t.begin(t.fresh("b"))

    walk_distinct(f, domain, turn)
    t.jump(done)
    t.begin(done)
    return load(t, result), type_


def _low(f: Frame, domain: Expr) -> Operand:
    if domain.op is Op.RANGE:
        return f.value(domain.args[0])
    return getattr(element_type(domain.type), "low", 0) or 0


def _count(f: Frame, domain: Expr) -> Operand:
    t = f.text
    if domain.op is Op.RANGE:
        low, high = f.value(domain.args[0]), f.value(domain.args[1])
        return t.select(t.compare("slt", low, high), t.binary("sub", high, low), 0)
    total = t.slot()
    t.store(0, total)

    def turn(_: Round) -> None:
        t.store(t.binary("add", t.load(total), 1), total)

    walk_distinct(f, domain, turn)
    return t.load(total)


def _pick(name: str) -> str:
    """Position for the next choice; a choice not yet in the vector starts at 0."""
    t = Text(f"define internal i64 {name}(ptr %o, i64 %size) nounwind")
    made = t.load(t.offset("%o", 1))
    t.store(t.binary("add", made, 1), t.offset("%o", 1))
    at = t.offset("%o", t.binary("add", t.binary("shl", made, 1), 2))
    with t.when(t.compare("uge", made, t.load("%o"))):
        t.store(t.binary("add", made, 1), "%o")
        t.store(0, at)
    t.store("%size", t.offset(at, 1))
    t.emit(f"ret i64 {t.load(at)}")
    return t.finish()


def next_vector(module: Module) -> str:
    """Helper that moves an odometer on, the last choice fastest: true while there is a next."""
    return module.helper(("next",), _next)


def _next(name: str) -> str:
    t = Text(f"define internal i1 {name}(ptr %o) nounwind")
    head, inspect, over = t.fresh("b"), t.fresh("b"), t.fresh("b")
    # A run that was refused early made fewer choices than the vector has.
    t.store(t.load(t.offset("%o", 1)), "%o")
    t.store(0, t.offset("%o", 1))
    t.jump(head)
    t.begin(head)
    length = t.load("%o")
    t.branch(t.compare("eq", length, 0), over, inspect)
    t.begin(inspect)
    last = t.binary("sub", length, 1)
    at = t.offset("%o", t.binary("add", t.binary("shl", last, 1), 2))
    following = t.binary("add", t.load(at), 1)
    with t.when(t.compare("ult", following, t.load(t.offset(at, 1)))):
        t.store(following, at)
        t.emit("ret i1 true")
        t.begin(t.fresh("b"))
    t.store(last, "%o")
    t.jump(head)
    t.begin(over)
    t.emit("ret i1 false")
    return t.finish()


def new_odometer(f: Frame, choices: int) -> str:
    """Memory for an odometer at its start."""
    memory = f.text.slot(2 + 2 * choices)
    f.text.clear(memory, 2)
    return memory
