"""Comprehensions and quantifiers."""

from collections.abc import Callable

from planespec.checker.engines.native.codegen import lower_collections as collections
from planespec.checker.engines.native.codegen.frame import Frame, expression
from planespec.checker.engines.native.codegen.lower_convert import convert, value_as
from planespec.checker.engines.native.codegen.lower_walks import Round, walk
from planespec.checker.engines.native.layout import parts
from planespec.checker.engines.native.layout.llvm_text import Operand
from planespec.checker.engines.native.layout.parts import load
from planespec.checker.ir.nodes import Expr, Fold, Generator, Op, Reduction
from planespec.checker.ir.types import Array, Bag, Seq, Set

Innermost = Callable[[], None]


@expression(Op.FOLD)
def _fold(f: Frame, e: Expr) -> Operand:
    assert isinstance(e, Fold)
    match e.reduction:
        case Reduction.ALL | Reduction.ANY:
            return _quantifier(f, e)
        case Reduction.COUNT | Reduction.SUM:
            return _total(f, e)
        case Reduction.MIN | Reduction.MAX:
            return _extreme(f, e)
        case Reduction.ARRAY:
            return _array(f, e)
    return _collection(f, e)


def _body(e: Fold) -> Expr:
    assert e.body is not None
    return e.body


def _bind(f: Frame, generators: tuple[Generator, ...], inner: Innermost) -> None:
    """Nested loops over the generators with `inner` for each binding."""
    if not generators:
        inner()
        return
    first, rest = generators[0], generators[1:]

    def turn(one: Round) -> None:
        hidden = (f.locals.pop(first.name, None), f.bound.get(first.name))
        f.bound[first.name] = (convert(f, one.value, one.type, first.type), first.type)
        for condition in first.conditions:
            f.text.leave_if(f.text.negate(f.condition(condition)), one.following)
        _bind(f, rest, inner)
        del f.bound[first.name]
        if hidden[0] is not None:
            f.locals[first.name] = hidden[0]
        if hidden[1] is not None:
            f.bound[first.name] = hidden[1]

    walk(f, first.domain, turn)


def _quantifier(f: Frame, e: Fold) -> Operand:
    t, result, done = f.text, f.text.slot(), f.text.fresh("b")
    every = e.reduction is Reduction.ALL
    t.store(int(every), result)

    def judge() -> None:
        condition, following = f.condition(_body(e)), t.fresh("b")
        decided = t.fresh("b")
        t.branch(condition, following if every else decided, decided if every else following)
        t.begin(decided)
        t.store(int(not every), result)
        t.jump(done)
        t.begin(following)

    _bind(f, e.generators, judge)
    t.jump(done)
    t.begin(done)
    return t.load(result)


def _total(f: Frame, e: Fold) -> Operand:
    t, result = f.text, f.text.slot()
    t.store(0, result)

    def add() -> None:
        amount = 1 if e.reduction is Reduction.COUNT else f.value(_body(e))
        t.store(t.binary("add", t.load(result), amount), result)

    _bind(f, e.generators, add)
    return t.load(result)


def _extreme(f: Frame, e: Fold) -> Operand:
    t, result, found = f.text, f.text.slot(), f.text.slot()
    name = "slt" if e.reduction is Reduction.MIN else "sgt"
    t.store(0, found)
    t.store(0 if e.default is None else f.value(e.default), result)

    def compare() -> None:
        value = f.value(_body(e))
        best, first = t.load(result), t.compare("eq", t.load(found), 0)
        better = t.either(first, t.compare(name, value, best))
        t.store(t.select(better, value, best), result)
        t.store(1, found)

    _bind(f, e.generators, compare)
    if e.default is None:
        f.fail_if(t.compare("eq", t.load(found), 0))
    return t.load(result)


def _collection(f: Frame, e: Fold) -> Operand:
    assert isinstance(e.type, Set | Seq | Bag)
    element, place = e.type.element, collections.empty(f, e.type)

    def add() -> None:
        collections.add(f, place, value_as(f, _body(e), element))

    _bind(f, e.generators, add)
    return load(f.text, place)


def _array(f: Frame, e: Fold) -> Operand:
    assert isinstance(e.type, Array)
    array, place, name = e.type, collections.empty(f, e.type), e.generators[0].name

    def write() -> None:
        key, kind = f.bound[name]
        index = parts.encoded(f.text, array.key, convert(f, key, kind, array.key))
        value = value_as(f, _body(e), array.value)
        parts.store(f.text, parts.lane(f.text, place, array.value, index), value)

    _bind(f, e.generators, write)
    return load(f.text, place)
