"""Random statements and whole random models, from a seed."""

from random_expressions import AT, BOOL, Maker, node
from random_values import COLOUR, NODE, element_of

from planespec.checker.ir.nodes import (
    Assign,
    Break,
    Check,
    Choose,
    Continue,
    Do,
    Expr,
    For,
    Function,
    If,
    Let,
    Op,
    Parameter,
    Require,
    Return,
    Stmt,
)
from planespec.checker.ir.system import Action, Property, PropertyKind, System, Variable
from planespec.checker.ir.types import Array, Int, Nothing, Record, Seq, Span, Type

SMALL = Int(-1, 2)


class ModelMaker(Maker):
    """Makes statements; `scopes` are the locals of the function being made, with their types."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.locals: dict[str, Type] = {}
        self.functions: dict[str, Function] = {}
        self.looping = False

    def pool(self) -> None:
        types = [BOOL, COLOUR, NODE, Int(-2, 5)]
        types += [self.type(self.rng.randint(1, 3), top=True) for _ in range(7)]
        self.variables = [Variable(f"v{k}", t, AT) for k, t in enumerate(types)]

    def block(self, depth: int, in_loop: bool = False) -> tuple[Stmt, ...]:
        known = len(self.bound)
        made = tuple(self.statement(depth, in_loop) for _ in range(self.rng.randint(1, 3)))
        del self.bound[known:]
        return made

    def statement(self, depth: int, in_loop: bool) -> Stmt:
        ways = [self._store, self._store, self._let, self._let if self.looping else self._choose]
        if depth > 0:
            ways += [self._branch, self._loop, self._guard]
            ways += [] if self.looping else [self._do]
        if in_loop and self.rng.random() < 0.2:
            return self.rng.choice([Break(AT), Continue(AT)])
        return self.rng.choice(ways)(depth - 1)

    def _store(self, _: int) -> Stmt:
        variable = self.rng.choice(self.variables)
        place = node(Op.STATE, variable.type, arg=variable.name)
        while self.rng.random() < 0.6:
            inner = self._inside(place)
            if inner is None:
                break
            place = inner
        return Assign(AT, place, self.expr(place.type, 2))

    def _inside(self, place: Expr) -> Expr | None:
        """A place within a place."""
        match place.type:
            case Array(key, element):
                return node(Op.INDEX, element, place, self.expr(key, 1))
            case Seq(element, _):
                return node(Op.AT, element, place, self.expr(SMALL, 1))
            case Record(_, fields):
                name, kind = self.rng.choice(fields)
                return node(Op.FIELD, kind, place, arg=name)
        return None

    def _let(self, _: int) -> Stmt:
        type_ = self.rng.choice(self.variables).type
        value, name = self.expr(type_, 2), self.name("x")
        self.locals[name] = type_
        self.bound.append((name, type_))
        return Let(AT, name, value)

    def domain(self, fixed: bool = False) -> tuple[Expr, Type]:
        """Something to walk; `fixed` leaves out computed ranges, which parameters cannot have."""
        walked = [v for v in self.variables if element_of(v.type)]
        if walked and self.rng.random() < 0.6:
            variable = self.rng.choice(walked)
            element = element_of(variable.type)
            assert element is not None
            return node(Op.STATE, variable.type, arg=variable.name), element
        if not fixed and self.rng.random() < 0.4:
            low, high = self.expr(SMALL, 1), self.expr(SMALL, 1)
            return node(Op.RANGE, Span(SMALL), low, high), SMALL
        element = self.rng.choice([COLOUR, NODE, SMALL, BOOL])
        return node(Op.DOMAIN, Span(element)), element

    def _choose(self, _: int) -> Stmt:
        domain, element = self.domain()
        name = self.name("c")
        self.locals[name] = element
        self.bound.append((name, element))
        return Choose(AT, name, domain)

    def _branch(self, depth: int) -> Stmt:
        orelse = self.block(depth) if self.rng.random() < 0.5 else ()
        return If(AT, self.expr(BOOL, 2), self.block(depth), orelse)

    def _loop(self, depth: int) -> Stmt:
        domain, element = self.domain()
        name = self.name("e")
        self.locals[name] = element
        self.bound.append((name, element))
        outer, self.looping = self.looping, True
        body = self.block(depth, in_loop=True)
        self.looping = outer
        self.bound = [b for b in self.bound if b[0] != name]
        return For(AT, name, domain, body)

    def _guard(self, _: int) -> Stmt:
        if self.rng.random() < 0.2:
            return Check(AT, self.expr(BOOL, 2))
        if self.rng.random() < 0.1:
            return Return(AT)
        return Require(AT, self.expr(BOOL, 2))

    def _do(self, _: int) -> Stmt:
        if not self.functions:
            return self._store(0)
        function = self.rng.choice(list(self.functions.values()))
        args = tuple(self.expr(p.type, 1) for p in function.parameters)
        if isinstance(function.result, Nothing):
            return Do(AT, function.name, args)
        name = self.name("r")
        self.locals[name] = function.result
        self.bound.append((name, function.result))
        return Do(AT, function.name, args, name)

    def function(self) -> None:
        name, result = (
            self.name("f"),
            self.rng.choice([Nothing(), self.rng.choice(self.variables).type]),
        )
        parameters = tuple(
            Parameter(self.name("p"), self.rng.choice(self.variables).type) for _ in range(2)
        )
        self.bound, self.locals = [(p.name, p.type) for p in parameters], {}
        body = self.block(1)
        if not isinstance(result, Nothing):
            body = (*body, Return(AT, self.expr(result, 2)))
        self.bound = []
        self.functions[name] = Function(name, parameters, result, body, AT, False, self.locals)

    def action(self, name: str) -> Action:
        parameters, self.bound, self.locals = [], [], {}
        for _ in range(self.rng.randint(0, 2)):
            domain, element = self.domain(fixed=True)
            parameters.append(Parameter(self.name("q"), element, domain))
            self.bound.append((parameters[-1].name, element))
        body = self.block(2)
        self.bound = []
        return Action(name, tuple(parameters), body, AT, self.locals)

    def system(self) -> System:
        """A model of random actions; its defaults leave the variables at constants."""
        self.pool()
        for _ in range(2):
            self.function()
        actions = tuple(self.action(f"a{k}") for k in range(6))
        defaults = tuple(
            Assign(AT, node(Op.STATE, v.type, arg=v.name), self.constant(v.type))
            for v in self.variables
        )
        initial = (self.action("start"),) if self.rng.random() < 0.5 else ()
        return System(
            name="Random",
            file="random.py",
            constants={},
            variables=tuple(self.variables),
            defaults=defaults,
            initial=initial,
            actions=actions,
            functions=self.functions,
            properties=tuple(self.properties()),
        )

    def properties(self) -> list[Property]:
        kinds = [PropertyKind.ALWAYS, PropertyKind.CONSTRAINT, PropertyKind.TERMINAL]
        kinds += [PropertyKind.REACHABLE, PropertyKind.REACHABLE]
        return [self._property(kind, k) for k, kind in enumerate(kinds)]

    def _property(self, kind: PropertyKind, k: int) -> Property:
        body = (Return(AT, self.expr(BOOL, 3)),)
        predicate = Function(f"p{k}", (), BOOL, body, AT)
        return Property(f"P-{k}", f"p{k}", kind, (predicate,), "", AT)
