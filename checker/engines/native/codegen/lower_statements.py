"""Statements. A rule returns false when the block it was in has ended."""

from planespec.checker.engines.native.codegen import lower_collections as collections
from planespec.checker.engines.native.codegen.frame import Frame, changes_state, statement
from planespec.checker.engines.native.codegen.lower_calls import call
from planespec.checker.engines.native.codegen.lower_choices import choose
from planespec.checker.engines.native.codegen.lower_convert import convert, value_as
from planespec.checker.engines.native.codegen.lower_expressions import view
from planespec.checker.engines.native.codegen.lower_walks import Round, walk
from planespec.checker.engines.native.layout import parts
from planespec.checker.engines.native.layout.llvm_text import Operand
from planespec.checker.engines.native.layout.packing import shape_of
from planespec.checker.engines.native.layout.parts import Place, load, store, write_whole
from planespec.checker.ir.nodes import (
    Assign,
    Break,
    Check,
    Choose,
    Continue,
    Do,
    Expr,
    For,
    If,
    Let,
    Op,
    Require,
    Return,
    Stmt,
)
from planespec.checker.ir.types import Type


def local(f: Frame, name: str, type_: Type) -> Place:
    """Memory of a local variable; made on its first use and zero before its first assignment."""
    if name not in f.locals:
        place = f.temporary(f.types.get(name, type_))
        if not shape_of(place.type).wide:
            f.text.entry.append(f"  store i64 0, ptr {place.memory}, align 8")
        f.locals[name] = place
    return f.locals[name]


def set_local(f: Frame, name: str, value: Operand, type_: Type) -> None:
    """Assign to a local variable."""
    place = local(f, name, type_)
    write_whole(f.text, place, convert(f, value, type_, place.type))


@statement(Let)
def _let(f: Frame, s: Stmt) -> bool:
    assert isinstance(s, Let)
    set_local(f, s.name, f.value(s.value), s.value.type)
    return True


@statement(Assign)
def _assign(f: Frame, s: Stmt) -> bool:
    assert isinstance(s, Assign)
    store_to(f, s.place, value_as(f, s.value, s.place.type))
    return True


def store_to(f: Frame, target: Expr, value: Operand) -> None:
    """Store a value of exactly the type of the place."""
    place = view(f, target)
    if place.pointer is not None:
        store(f.text, place, value)
        return
    # A part of an element held with a bias: change a copy of the element, then store that.
    outer = target.args[0]
    copy = collections.copied(f, outer.type, load(f.text, view(f, outer)))
    if target.op is Op.FIELD:
        part = parts.field(f.text, copy, target.arg)
    else:
        part = parts.element(f.text, copy, f.value(target.args[1]))
    store(f.text, part, value)
    store_to(f, outer, load(f.text, copy))


@statement(If)
def _if(f: Frame, s: Stmt) -> bool:
    assert isinstance(s, If)
    t = f.text
    condition = f.condition(s.condition)
    if isinstance(condition, bool):
        return f.run(s.then if condition else s.orelse)
    yes, no, after = t.fresh("b"), t.fresh("b"), t.fresh("b")
    t.branch(condition, yes, no if s.orelse else after)
    t.begin(yes)
    goes_on = f.run(s.then)
    if goes_on:
        t.jump(after)
    if s.orelse:
        t.begin(no)
        if f.run(s.orelse):
            t.jump(after)
            goes_on = True
    else:
        goes_on = True
    if goes_on:
        t.begin(after)
    return goes_on


@statement(For)
def _for(f: Frame, s: Stmt) -> bool:
    assert isinstance(s, For)

    def turn(one: Round) -> None:
        set_local(f, s.name, one.value, one.type)
        f.loops.append((one.following, one.after))
        if not f.run(s.body):
            f.text.begin(f.text.fresh("b"))
        f.loops.pop()

    walk(f, s.domain, turn, keep=changes_state(f.module.system, s.body))
    return True


@statement(Break)
def _break(f: Frame, _: Stmt) -> bool:
    f.text.jump(f.loops[-1][1])
    return False


@statement(Continue)
def _continue(f: Frame, _: Stmt) -> bool:
    f.text.jump(f.loops[-1][0])
    return False


@statement(Require)
def _require(f: Frame, s: Stmt) -> bool:
    assert isinstance(s, Require)
    require(f, s.condition)
    return True


def require(f: Frame, condition: Expr) -> None:
    """Go on where the condition holds; conjunctions are tested one by one."""
    if type(condition) is Expr and condition.op is Op.AND:
        for part in condition.args:
            require(f, part)
        return
    f.refuse_unless(f.condition(condition))


@statement(Check)
def _check(f: Frame, s: Stmt) -> bool:
    assert isinstance(s, Check)
    f.fail_if(f.text.negate(f.condition(s.condition)))
    return True


@statement(Choose)
def _choose(f: Frame, s: Stmt) -> bool:
    assert isinstance(s, Choose)
    value, type_ = choose(f, s.domain)
    set_local(f, s.name, value, type_)
    return True


@statement(Do)
def _do(f: Frame, s: Stmt) -> bool:
    assert isinstance(s, Do)
    value, type_ = call(f, s.function, s.args, keep=True)
    if s.name is not None:
        set_local(f, s.name, value, type_)
    return True


@statement(Return)
def _return(f: Frame, s: Stmt) -> bool:
    assert isinstance(s, Return)
    if s.value is not None and f.result is not None:
        write_whole(f.text, f.result, value_as(f, s.value, f.result.type))
    f.used.add("end")
    f.text.jump(f.end)
    return False
