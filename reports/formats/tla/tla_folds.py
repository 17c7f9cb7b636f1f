"""What is walked, and comprehensions over it."""

from collections.abc import Callable

from planespec.checker.ir import types as t
from planespec.checker.ir.nodes import Expr, Fold, Generator, Op, Reduction
from planespec.reports.formats.tla.rendering import Exported, Scope
from planespec.reports.formats.tla.tla_expressions import bracketed, express, tight


def members_of(module: Exported, domain: Expr, scope: Scope) -> str:
    """The set of what is walked; copies and order are lost."""
    if domain.op is Op.RANGE:
        return _range(module, domain, scope)
    if domain.op is Op.DOMAIN:
        return module.vocabulary.domain(_element(domain.type))
    match domain.type:
        case t.Set():
            return express(module, domain, scope)
        case t.Bag():
            return f"DOMAIN {tight(module, domain, scope)}"
    return f"{module.use('Elements')}({express(module, domain, scope)})"


def places_of(module: Exported, domain: Expr, scope: Scope) -> tuple[str, str | None]:
    """The set that nondeterminism ranges over, and what to apply to get the value.

    A sequence or array gives one successor for each place, also where values are equal.
    """
    if isinstance(domain.type, t.Seq | t.Array):
        text = tight(module, domain, scope)
        return f"DOMAIN {text}", text
    return members_of(module, domain, scope), None


def sequence_of(module: Exported, domain: Expr, scope: Scope) -> str:
    """What is walked, in order and with copies; sets and bags in some order."""
    if domain.op is Op.RANGE:
        low, high = (
            express(module, domain.args[0], scope),
            _minus_one(module, domain.args[1], scope),
        )
        return f"{module.use('Interval')}({low}, {high})"
    if domain.op is Op.DOMAIN:
        return _keys(module, _element(domain.type))
    text = express(module, domain, scope)
    match domain.type:
        case t.Set():
            return f"{module.use('SeqOf')}({text})"
        case t.Bag():
            return f"{module.use('SeqOfBag')}({text})"
        case t.Array(key, _):
            return f"{module.use('Values')}({text}, {_keys(module, key)})"
    return text


def _element(type_: t.Type) -> t.Type:
    return type_.element if isinstance(type_, t.Span) else type_


def _keys(module: Exported, type_: t.Type) -> str:
    listed = module.vocabulary.ordered(type_)
    if listed is not None:
        return listed
    size = t.cardinality(type_)
    low = type_.bounds[0] if isinstance(type_, t.Int) else 0
    return f"{module.use('Interval')}({low}, {low + size - 1})"


def _range(module: Exported, domain: Expr, scope: Scope) -> str:
    low, high = domain.args
    return f"{tight(module, low, scope)}..{bracketed(_minus_one(module, high, scope))}"


def _minus_one(module: Exported, high: Expr, scope: Scope) -> str:
    if high.op is Op.CONST:
        return str(high.arg - 1)
    if high.op is Op.ADD and high.args[1].op is Op.CONST and high.args[1].arg == 1:
        return express(module, high.args[0], scope)
    return f"{tight(module, high, scope)} - 1"


def fold(module: Exported, e: Fold, scope: Scope) -> str:
    """A comprehension or quantifier."""
    return REDUCTIONS[e.reduction](module, e, scope)


def _bound(scope: Scope, generator: Generator) -> tuple[str, Scope]:
    name = scope.names.fresh(generator.name)
    return name, scope.bind(generator.name, name)


def _conditions(module: Exported, generator: Generator, scope: Scope) -> str:
    return " /\\ ".join(tight(module, c, scope) for c in generator.conditions)


def _quantified(sign: str, joint: str) -> Callable[[Exported, Fold, Scope], str]:
    def text(module: Exported, e: Fold, scope: Scope) -> str:
        assert e.body is not None
        opened = []
        for generator in e.generators:
            domain = members_of(module, generator.domain, scope)
            name, scope = _bound(scope, generator)
            conditions = _conditions(module, generator, scope)
            opened.append(f"{sign} {name} \\in {bracketed(domain)} : ")
            opened.append(f"{bracketed(conditions)} {joint} (" if conditions else "(")
        return "".join(opened) + express(module, e.body, scope) + ")" * len(e.generators)

    return text


def _filtered(module: Exported, generator: Generator, scope: Scope) -> tuple[str, str, Scope]:
    """The bound name, the set it ranges over without what the conditions leave out."""
    domain = members_of(module, generator.domain, scope)
    name, inner = _bound(scope, generator)
    conditions = _conditions(module, generator, inner)
    if conditions:
        domain = f"{{{name} \\in {bracketed(domain)} : {conditions}}}"
        name, inner = _bound(scope, generator)
    return name, domain, inner


def _set(module: Exported, e: Fold, scope: Scope) -> str:
    assert e.body is not None
    return _set_of(module, e.generators, e.body, scope)


def _set_of(module: Exported, generators: tuple[Generator, ...], body: Expr, scope: Scope) -> str:
    name, domain, inner = _filtered(module, generators[0], scope)
    if len(generators) > 1:
        rest = _set_of(module, generators[1:], body, inner)
        return f"UNION {{{rest} : {name} \\in {bracketed(domain)}}}"
    if body.op is Op.LOCAL and body.arg == generators[0].name:
        return domain
    return f"{{{express(module, body, inner)} : {name} \\in {bracketed(domain)}}}"


def _joined(operator: str, empty: str, single: str) -> Callable[[Exported, Fold, Scope], str]:
    """A sum or concatenation over sequences, so that copies count; one level for a generator."""

    def level(module: Exported, e: Fold, depth: int, scope: Scope) -> str:
        if depth == len(e.generators):
            assert e.body is not None
            return single.format(express(module, e.body, scope))
        generator = e.generators[depth]
        walked = sequence_of(module, generator.domain, scope)
        name, scope = _bound(scope, generator)
        body = level(module, e, depth + 1, scope)
        if conditions := _conditions(module, generator, scope):
            body = f"IF {conditions} THEN {body} ELSE {empty}"
        return f"{module.use(operator)}({walked}, LAMBDA {name} : {body})"

    return lambda module, e, scope: level(module, e, 0, scope)


def _count(module: Exported, e: Fold, scope: Scope) -> str:
    (first, *more) = e.generators
    if more or isinstance(first.domain.type, t.Seq | t.Bag | t.Array):
        return _joined("SumOf", "0", "1")(module, e, scope)
    return f"Cardinality({_filtered(module, first, scope)[1]})"


def _bag(module: Exported, e: Fold, scope: Scope) -> str:
    return f"{module.use('BagOf')}({_joined('JoinOf', '<<>>', '<<{}>>')(module, e, scope)})"


def _extreme(module: Exported, e: Fold, scope: Scope) -> str:
    name = module.use("MinOf" if e.reduction is Reduction.MIN else "MaxOf")
    found = _set(module, e, scope)
    if e.default is None:
        return f"{name}({found})"
    default, local = express(module, e.default, scope), scope.names.fresh("found")
    return f"LET {local} == {found} IN IF {local} = {{}} THEN {default} ELSE {name}({local})"


def _array(module: Exported, e: Fold, scope: Scope) -> str:
    assert e.body is not None
    (generator,) = e.generators
    domain = members_of(module, generator.domain, scope)
    name, inner = _bound(scope, generator)
    return f"[{name} \\in {domain} |-> {express(module, e.body, inner)}]"


REDUCTIONS: dict[Reduction, Callable[[Exported, Fold, Scope], str]] = {
    Reduction.ALL: _quantified("\\A", "=>"),
    Reduction.ANY: _quantified("\\E", "/\\"),
    Reduction.COUNT: _count,
    Reduction.SUM: _joined("SumOf", "0", "({})"),
    Reduction.MIN: _extreme,
    Reduction.MAX: _extreme,
    Reduction.SET: _set,
    Reduction.SEQ: _joined("JoinOf", "<<>>", "<<{}>>"),
    Reduction.BAG: _bag,
    Reduction.ARRAY: _array,
}
