"""The premises of a requirement, found in its compiled form, whatever way it is written.

A *place* is where an implication draws its conclusion: the last part of `not p or q`, what a
condition lets through, the body of a loop over what may be empty. The premise of a place is true
where the requirement gets there, so that what it claims there matters. A claim that hangs on no
condition has no place; neither has what is written in a form that is not understood here, such as
numbers that are compared.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from planespec.checker.ir.nodes import (
    Break,
    Continue,
    Expr,
    Fold,
    For,
    Function,
    Generator,
    If,
    Let,
    Op,
    Position,
    Reduction,
    Return,
    Stmt,
)
from planespec.checker.ir.types import Array, Bool, Span
from planespec.checker.premise.premise_terms import (
    both,
    constant,
    either,
    is_constant,
    is_negative,
    no,
    parts_of,
    truth,
    under,
)

Functions = dict[str, Function]
LISTS = (Reduction.SET, Reduction.SEQ, Reduction.BAG)


@dataclass(frozen=True, slots=True)
class Found:
    """A premise as a predicate, the helpers it calls beside the model's, and its place."""

    predicate: Function
    helpers: Functions
    at: Position


def premises_of(predicate: Function, functions: Functions, prefix: str) -> Iterator[Found]:
    """The premise of every place of a predicate, in the order they are written.

    `functions` are the model's helpers; the names of new ones begin with `prefix`.
    """
    number = 0
    while True:
        search = _Places(functions, number, f"{prefix}{number}_")
        body = search.block(predicate.body, False, False)
        if search.at is None:
            return
        yield Found(replace(predicate, body=tuple(body)), search.made, search.at)
        number += 1


@dataclass(slots=True)
class _Places:
    """Rebuilds a predicate so that it is true where it gets to place number `wanted`.

    A *negated* expression or block stands for its opposite. None means that there is no place.
    """

    functions: Functions
    wanted: int
    prefix: str
    count: int = 0
    at: Position | None = None
    made: Functions = field(default_factory=dict)
    flag: str | None = None

    def place(self, at: Position) -> Expr:
        """A place: true where it is the wanted one."""
        here = self.count == self.wanted
        self.count += 1
        if here:
            self.at = at
        return constant(here, at)

    # Statements

    def block(self, body: tuple[Stmt, ...], negated: bool, guarded: bool) -> list[Stmt]:
        """The statements; `guarded` where a condition decides whether they are run."""
        made: list[Stmt] = []
        outer, self.flag = self.flag, _flag(body) or self.flag
        for statement in body:
            made += self._statement(statement, negated, guarded)
            guarded = guarded or _lets_some_pass(statement, negated)
        self.flag = outer
        return made

    def _statement(self, statement: Stmt, negated: bool, guarded: bool) -> list[Stmt]:
        match statement:
            case Return(value=Expr() as value):
                found = self.claim(value, negated, guarded)
                return [replace(statement, value=found or constant(False, statement.at))]
            case If(condition=condition, then=then, orelse=()) if self._breaks(then, negated):
                return self._tested(condition, True, guarded, statement.at)
            case If(then=then, orelse=orelse):
                inner = tuple(self.block(then, negated, True))
                other = tuple(self.block(orelse, negated, True))
                return [replace(statement, then=inner, orelse=other)]
            case For(domain=domain, body=body):
                some = guarded or may_be_empty(domain)
                return [replace(statement, body=tuple(self.block(body, negated, some)))]
            case Let(name=name, value=value) if name == self.flag and not negated:
                return [*self._kept(statement, value, guarded)]
        return [statement]

    def _breaks(self, then: tuple[Stmt, ...], negated: bool) -> bool:
        """Whether a block does nothing but tell that the requirement is broken."""
        match then:
            case (Return(value=Expr() as value),):
                return is_constant(value, negated)
            case (Let(name=name, value=value),):
                return name == self.flag and not negated and is_constant(value, False)
        return False

    def _kept(self, statement: Stmt, value: Expr, guarded: bool) -> Iterator[Stmt]:
        """`ok = ok and q` claims q."""
        first, *rest = parts_of(value, Op.AND)
        if rest and first.op is Op.LOCAL and first.arg == self.flag:
            yield from self._tested(both(rest), False, guarded, statement.at)
        yield statement

    def _tested(self, value: Expr, negated: bool, guarded: bool, at: Position) -> list[Stmt]:
        """A claim amid statements: true is told at once, else the rest is asked."""
        found = self.claim(value, negated, guarded)
        if found is None or is_constant(found, False):
            return []
        return [If(at, found, (Return(at, constant(True, at)),))]

    # Expressions

    def claim(self, value: Expr, negated: bool, guarded: bool) -> Expr | None:
        """The place of a claim: one inside it, or the claim itself where it is guarded."""
        if value.op is Op.CONST or (value.op is Op.LOCAL and value.arg == self.flag):
            return None
        found = self.inside(value, negated)
        return self.place(value.at) if found is None and guarded else found

    def inside(self, value: Expr, negated: bool) -> Expr | None:
        """The places inside an expression."""
        if isinstance(value, Fold):
            return self._fold(value, negated)
        match value.op:
            case Op.NOT:
                return self.inside(value.args[0], not negated)
            case Op.AND | Op.OR:
                disjunction = (value.op is Op.OR) is not negated
                parts = parts_of(value, value.op)
                return self._either(parts, negated) if disjunction else self._all(parts, negated)
            case Op.IF:
                return self._branches(value, negated)
            case Op.LE | Op.GE if not negated:
                low, high = value.args if value.op is Op.LE else value.args[::-1]
                p, q = truth(low), truth(high)
                return None if p is None or q is None else self._either([no(p), q], False)
            case Op.EQ if not negated and (none := _none_of(value)) is not None:
                return self._fold(none, True)
            case Op.CALL:
                return self._call(value, negated)
        return None

    def _either(self, parts: list[Expr], negated: bool) -> Expr:
        """`not p or q`: p, and what q has inside; of several conclusions the last has it."""
        negative = [part for part in parts if is_negative(part, negated)]
        if not negative or len(negative) == len(parts):
            negative = parts[:-1]
        conclusions = [part for part in parts if part not in negative]
        found = self.inside(conclusions[-1], negated)
        premise = [part if negated else no(part) for part in negative]
        place = self.place(conclusions[-1].at) if found is None else found
        return under(premise, place)

    def _all(self, parts: list[Expr], negated: bool) -> Expr | None:
        """Each part by itself; those before it hold, or the requirement is broken anyway."""
        found: list[Expr] = []
        for number, part in enumerate(parts):
            place = self.inside(part, negated)
            if place is not None:
                found.append(under([no(p) if negated else p for p in parts[:number]], place))
        return either(found) if found else None

    def _branches(self, value: Expr, negated: bool) -> Expr | None:
        """`q if p else True`: p; where neither branch is plain, each is a claim by itself."""
        condition, then, orelse = value.args
        if is_constant(then, negated):
            return self._after(no(condition), orelse, negated)
        if is_constant(orelse, negated):
            return self._after(condition, then, negated)
        places = [
            under([test], found)
            for test, branch in ((condition, then), (no(condition), orelse))
            if (found := self.claim(branch, negated, True)) is not None
        ]
        return either(places) if places else None

    def _after(self, condition: Expr, rest: Expr, negated: bool) -> Expr | None:
        """`rest if p else False` claims both."""
        found = self.inside(rest, negated)
        return None if found is None else under([condition], found)

    def _fold(self, value: Fold, negated: bool) -> Expr | None:
        """A claim about all elements; where conditions are all there is, the last is the claim."""
        universal = Reduction.ANY if negated else Reduction.ALL
        if value.reduction is not universal or value.body is None:
            return None
        generators, body = value.generators, value.body
        if is_constant(body, negated):
            generators, last = _without_last(generators)
            if last is None:
                return None
            body = last
        found = self.claim(body, negated, any(map(_may_pass_nothing, generators)))
        if found is None:
            return None
        return replace(value, reduction=Reduction.ANY, generators=generators, body=found)

    def _call(self, value: Expr, negated: bool) -> Expr | None:
        """The places inside a helper, which is made anew for them."""
        helper = self.functions.get(value.arg)
        if helper is None or not isinstance(helper.result, Bool):
            return None
        before, outer, self.flag = self.count, self.flag, None
        body = tuple(self.block(helper.body, negated, False))
        self.flag = outer
        if self.count == before:
            return None
        if not before <= self.wanted < self.count:
            return constant(False, value.at)
        name = f"{self.prefix}{helper.name}_{len(self.made)}"
        self.made[name] = replace(helper, name=name, body=body)
        return replace(value, arg=name)


def may_be_empty(domain: Expr) -> bool:
    """Whether what is walked depends on the state so that nothing may be there."""
    if isinstance(domain.type, Span):
        return any(arg.op is not Op.CONST for arg in domain.args)
    return not isinstance(domain.type, Array)


def _may_pass_nothing(generator: Generator) -> bool:
    return bool(generator.conditions) or may_be_empty(generator.domain)


def _without_last(generators: tuple[Generator, ...]) -> tuple[tuple[Generator, ...], Expr | None]:
    """The generators without their last condition, and that one."""
    *first, last = generators
    conditions = [part for c in last.conditions for part in parts_of(c, Op.AND)]
    if not conditions:
        return generators, None
    return (*first, replace(last, conditions=tuple(conditions[:-1]))), conditions[-1]


def _lets_some_pass(statement: Stmt, negated: bool) -> bool:
    """Whether what follows is run under a condition: a guard left the block, and broke nothing."""
    return isinstance(statement, If) and any(
        _leaves(block[-1], negated) for block in (statement.then, statement.orelse) if block
    )


def _leaves(last: Stmt, negated: bool) -> bool:
    match last:
        case Return(value=Expr() as value):
            return not is_constant(value, negated)
        case Break() | Continue():
            return True
    return False


def _flag(body: tuple[Stmt, ...]) -> str | None:
    """The local that a block answers with at its end."""
    match body[-1:]:
        case (Return(value=Expr(op=Op.LOCAL, arg=str() as name, type=Bool())),):
            return name
    return None


def _none_of(value: Expr) -> Fold | None:
    """`sum(1 for ... if c) == 0` or `len([... if c]) == 0` as `any(... if c)`, which they deny."""
    counted, number = value.args
    if number.op is not Op.CONST or number.arg != 0:
        return None
    listed = counted.op is Op.LEN
    while counted.op in (Op.LEN, Op.CONVERT):
        counted = counted.args[0]
    kinds = LISTS if listed else (Reduction.COUNT,)
    if not isinstance(counted, Fold) or counted.reduction not in kinds:
        return None
    true = constant(True, value.at)
    return replace(counted, reduction=Reduction.ANY, type=Bool(), body=true)
