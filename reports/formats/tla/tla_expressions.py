"""Expressions of the IR in TLA+.

A value has one form whatever the range of its type, so that conversions, wrapping and injecting
vanish; what they check is left to `TypeOK`. Sequences count from 1 in TLA+.
"""

from collections.abc import Callable

from planespec.checker.errors import InputError
from planespec.checker.ir import types as t
from planespec.checker.ir.nodes import Expr, Fold, Op, Position
from planespec.checker.ir.operations import derived
from planespec.reports.formats.tla.rendering import Exported, Scope
from planespec.reports.formats.tla.vocabulary import TAG

INFIX = {
    Op.ADD: "+", Op.SUB: "-", Op.MUL: "*",
    Op.EQ: "=", Op.NE: "#", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">=",
    Op.AND: "/\\", Op.OR: "\\/",
    Op.UNION: "\\cup", Op.INTERSECTION: "\\cap", Op.DIFFERENCE: "\\",
    Op.SUBSET: "\\subseteq", Op.CONCAT: "\\o",
}  # fmt: skip

CALLS = {Op.FLOORDIV: "FloorDiv", Op.MOD: "Mod", Op.ABS: "Abs", Op.UNWRAP: "Given"}
SAME = (Op.SOME, Op.INJECT, Op.PROJECT, Op.CONVERT)


def express(module: Exported, e: Expr, scope: Scope) -> str:
    """The text of an expression, without outer brackets."""
    if isinstance(e, Fold):
        from planespec.reports.formats.tla.tla_folds import fold

        return fold(module, e, scope)
    if e.op in SAME:
        return express(module, e.args[0], scope)
    if e.op in HANDLERS:
        return HANDLERS[e.op](module, e, scope)
    if e.op in INFIX:
        return f" {INFIX[e.op]} ".join(tight(module, a, scope) for a in e.args)
    if e.op in CALLS:
        return f"{module.use(CALLS[e.op])}({listed(module, e.args, scope)})"
    return _derived(module, e, scope)


def _derived(module: Exported, e: Expr, scope: Scope) -> str:
    """What an operation without a text of its own stands for."""
    stands = derived(e)
    assert stands is not None, f"{e.op.name} has no form in TLA+"
    inner = scope
    for name, operand in stands.given:
        inner = inner.bind(name, express(module, operand, scope))
    return express(module, stands.value, inner)


def tight(module: Exported, e: Expr, scope: Scope) -> str:
    """The text of an expression as an operand."""
    return bracketed(express(module, e, scope))


def listed(module: Exported, args: tuple[Expr, ...], scope: Scope) -> str:
    """Several expressions with commas between them."""
    return ", ".join(express(module, a, scope) for a in args)


def bracketed(text: str) -> str:
    """The text in brackets, unless it is one name, call, literal or bracketed already."""
    depth, inside = 0, False
    for place, sign in enumerate(text):
        if sign == '"':
            inside = not inside
        elif inside:
            continue
        elif sign in "([{" or text.startswith("<<", place):
            depth += 1
        elif sign in ")]}" or text.startswith(">>", place):
            depth -= 1
        elif depth <= 0 and not (sign.isalnum() or sign in "_.!<>"):
            return f"({text})"
    return text


def _leaf(module: Exported, e: Expr, scope: Scope) -> str:
    if e.op is Op.CONST:
        inner = e.type.inner if isinstance(e.type, t.Option) else e.type
        return module.vocabulary.constant(inner, e.arg)
    if e.op is Op.LOCAL:
        return scope.locals.get(e.arg, module.vocabulary.none)
    if e.op is Op.TABLE:
        return module.table(e)
    holder = scope.state if e.op is Op.STATE else scope.before
    variable = module.variables[e.arg]
    return variable if holder is None else f"{holder}.{variable}"


def _index(module: Exported, e: Expr, scope: Scope) -> str:
    array, key = e.args
    return f"{tight(module, array, scope)}[{express(module, key, scope)}]"


def _at(module: Exported, e: Expr, scope: Scope) -> str:
    sequence, index = e.args
    text = tight(module, sequence, scope)
    if index.op is Op.CONST and index.arg == -1:
        return f"{text}[Len({text})]"
    if isinstance(index.type, t.Int) and index.type.bounds[0] >= 0:
        return f"{text}[{plus_one(module, index, scope)}]"
    return f"{module.use('At')}({text}, {express(module, index, scope)})"


def plus_one(module: Exported, index: Expr, scope: Scope) -> str:
    """An index from 0 as one from 1."""
    while index.op is Op.CONVERT:
        index = index.args[0]
    if index.op is Op.CONST:
        return str(index.arg + 1)
    if index.op is Op.SUB and index.args[1].op is Op.CONST and index.args[1].arg >= 1:
        less = index.args[1].arg - 1
        if less == 0:
            return express(module, index.args[0], scope)
        return f"{tight(module, index.args[0], scope)} - {less}"
    return f"{tight(module, index, scope)} + 1"


def _slice(module: Exported, e: Expr, scope: Scope) -> str:
    return f"{module.use('Slice')}({listed(module, e.args, scope)})"


def _field(module: Exported, e: Expr, scope: Scope) -> str:
    owner = e.args[0]
    text = tight(module, owner, scope)
    if isinstance(owner.type, t.Record):
        return f"{text}.{module.vocabulary.field(owner.type.name, e.arg)}"
    assert isinstance(owner.type, t.Union)
    named = {v.name: module.vocabulary.field(v.name, e.arg) for v in owner.type.variants}
    if len(set(named.values())) == 1:
        return f"{text}.{next(iter(named.values()))}"
    arms = (f'{text}.{TAG} = "{tag}" -> {text}.{name}' for tag, name in named.items())
    return f"CASE {' [] '.join(arms)}"


def _divide(module: Exported, e: Expr, scope: Scope) -> str:
    divisor = e.args[1].type
    if not (isinstance(divisor, t.Int) and divisor.low is not None and divisor.low > 0):
        return f"{module.use(CALLS[e.op])}({listed(module, e.args, scope)})"
    sign = "\\div" if e.op is Op.FLOORDIV else "%"
    return f" {sign} ".join(tight(module, a, scope) for a in e.args)


def _extreme(module: Exported, e: Expr, scope: Scope) -> str:
    name = module.use("MinOf" if e.op is Op.MIN else "MaxOf")
    return f"{name}({{{listed(module, e.args, scope)}}})"


def _compare(module: Exported, e: Expr, scope: Scope) -> str:
    texts = []
    for a in e.args:
        if isinstance(a.type, t.Enum):
            texts.append(f"{module.order(a.type.name)}[{express(module, a, scope)}]")
        else:
            texts.append(tight(module, a, scope))
    return f" {INFIX[e.op]} ".join(texts)


def _record(module: Exported, e: Expr, scope: Scope) -> str:
    assert isinstance(e.type, t.Record)
    words, name = module.vocabulary, e.type.name
    pairs = [f'{TAG} |-> "{name}"'] if name in words.tagged else []
    for (field, _), value in zip(e.type.fields, e.args, strict=True):
        pairs.append(f"{words.field(name, field)} |-> {express(module, value, scope)}")
    return f"[{', '.join(pairs)}]"


def _replace(module: Exported, e: Expr, scope: Scope) -> str:
    assert isinstance(e.type, t.Record)
    name = e.type.name
    changes = (
        f"!.{module.vocabulary.field(name, field)} = {express(module, value, scope)}"
        for field, value in zip(e.arg, e.args[1:], strict=True)
    )
    return f"[{express(module, e.args[0], scope)} EXCEPT {', '.join(changes)}]"


def _is(module: Exported, e: Expr, scope: Scope) -> str:
    names = (e.arg,) if isinstance(e.arg, str) else tuple(e.arg)
    tag = f"{tight(module, e.args[0], scope)}.{TAG}"
    if len(names) == 1:
        return f'{tag} = "{names[0]}"'
    listed_names = ", ".join(f'"{n}"' for n in names)
    return f"{tag} \\in {{{listed_names}}}"


def _array(module: Exported, e: Expr, scope: Scope) -> str:
    assert isinstance(e.type, t.Array)
    key = e.type.key
    keys = [module.vocabulary.constant(key, n) for n in t.members(key)]
    pairs = zip(keys, e.args, strict=True)
    if not e.args:
        return "<<>>"  # the function of no arguments
    return " @@ ".join(f"({k} :> {tight(module, v, scope)})" for k, v in pairs)


def constant_table(module: Exported, e: Expr, scope: Scope) -> str:
    """A literal; an array over many numbers picks from a sequence, which does not nest."""
    key = e.type.key if isinstance(e.type, t.Array) else None
    if e.op is not Op.ARRAY or not isinstance(key, t.Int | t.Sort) or not e.args:
        return express(module, e, scope)
    if isinstance(key, t.Sort) and key.symmetric:
        return express(module, e, scope)
    name = scope.names.fresh("k")
    values = ", ".join(constant_table(module, a, scope) for a in e.args)
    first = key.bounds[0] if isinstance(key, t.Int) else 0
    place = f"{name} - {first - 1}" if first > 1 else f"{name} + {1 - first}"
    place = name if first == 1 else place
    return f"[{name} \\in {module.vocabulary.domain(key)} |-> <<{values}>>[{place}]]"


def _fill(module: Exported, e: Expr, scope: Scope) -> str:
    assert isinstance(e.type, t.Array)
    name, domain = scope.names.fresh("k"), module.vocabulary.domain(e.type.key)
    return f"[{name} \\in {domain} |-> {express(module, e.args[0], scope)}]"


def _literal(module: Exported, e: Expr, scope: Scope) -> str:
    inside = listed(module, e.args, scope)
    if e.op is Op.SET:
        return f"{{{inside}}}"
    return f"<<{inside}>>" if e.op is Op.SEQ else f"{module.use('BagOf')}(<<{inside}>>)"


def _length(module: Exported, e: Expr, scope: Scope) -> str:
    (of,) = e.args
    text = express(module, of, scope)
    match of.type:
        case t.Set():
            return f"Cardinality({text})"
        case t.Seq():
            return f"Len({text})"
        case t.Array(key, _):
            return str(t.cardinality(key))
    return f"Len({module.use('SeqOfBag')}({text}))"


def _in(module: Exported, e: Expr, scope: Scope) -> str:
    from planespec.reports.formats.tla.tla_folds import members_of

    return (
        f"{tight(module, e.args[0], scope)} \\in {bracketed(members_of(module, e.args[1], scope))}"
    )


def _count(module: Exported, e: Expr, scope: Scope) -> str:
    name = "BagCount" if isinstance(e.args[0].type, t.Bag) else "SeqCount"
    return f"{module.use(name)}({listed(module, e.args, scope)})"


def _one_more(module: Exported, e: Expr, scope: Scope) -> str:
    if isinstance(e.type, t.Bag):
        name = "BagWith" if e.op is Op.WITH else "BagWithout"
        return f"{module.use(name)}({listed(module, e.args, scope)})"
    sign = "\\cup" if e.op is Op.WITH else "\\"
    collection, element = e.args
    return f"{tight(module, collection, scope)} {sign} {{{express(module, element, scope)}}}"


def _call(module: Exported, e: Expr, scope: Scope) -> str:
    return call(module, e.arg, [express(module, a, scope) for a in e.args], scope)


def call(module: Exported, name: str, arguments: list[str], scope: Scope) -> str:
    """A call of an operator of the module: the states it reads, then its arguments."""
    states = []
    if name in module.asking and scope.state is not None:
        raise _nothing_to_ask(module.system.functions[name].at, name)
    if module.reads(name, Op.STATE):
        states.append(scope.state or "Now")
    if module.reads(name, Op.BEFORE):
        states.append(scope.before or "Now")
    inside = ", ".join([*states, *arguments])
    return module.functions[name] + (f"({inside})" if inside else "")


def _if(module: Exported, e: Expr, scope: Scope) -> str:
    condition, then, orelse = (express(module, a, scope) for a in e.args)
    return f"IF {condition} THEN {then} ELSE {orelse}"


def _nothing_to_ask(at: Position, name: str) -> InputError:
    return InputError(
        f"what {name} asks with enabled(...) after a change of the state has no form in TLA+",
        file=at.file,
        line=at.line,
        column=at.column,
        allowed="enabled(...) before the first change of an action",
    )


def _enabled(module: Exported, e: Expr, scope: Scope) -> str:
    """TLA+ asks of the state that the variables hold, and of no other."""
    from planespec.reports.formats.tla.tla_properties import member

    name, given = e.arg
    if scope.state is not None:
        raise _nothing_to_ask(e.at, name)
    values = dict(zip(given, (tight(module, a, scope) for a in e.args), strict=True))
    return f"ENABLED ({member(module, module.system.asked[name], scope, values)})"


HANDLERS: dict[Op, Callable[[Exported, Expr, Scope], str]] = {
    **dict.fromkeys((Op.CONST, Op.LOCAL, Op.STATE, Op.BEFORE, Op.TABLE), _leaf),
    Op.INDEX: _index,
    Op.AT: _at,
    Op.SLICE: _slice,
    Op.FIELD: _field,
    **dict.fromkeys((Op.FLOORDIV, Op.MOD), _divide),
    Op.NEG: lambda m, e, s: f"-{tight(m, e.args[0], s)}",
    **dict.fromkeys((Op.MIN, Op.MAX), _extreme),
    **dict.fromkeys((Op.LT, Op.LE, Op.GT, Op.GE), _compare),
    Op.NOT: lambda m, e, s: f"~{tight(m, e.args[0], s)}",
    Op.IS_NONE: lambda m, e, s: f"{tight(m, e.args[0], s)} = {m.vocabulary.none}",
    Op.IF: _if,
    Op.RECORD: _record,
    Op.REPLACE: _replace,
    Op.IS: _is,
    Op.ARRAY: _array,
    Op.FILL: _fill,
    **dict.fromkeys((Op.SET, Op.SEQ, Op.BAG), _literal),
    Op.LEN: _length,
    Op.IN: _in,
    Op.COUNT: _count,
    **dict.fromkeys((Op.WITH, Op.WITHOUT), _one_more),
    Op.APPEND: lambda m, e, s: f"Append({listed(m, e.args, s)})",
    Op.CALL: _call,
    Op.ENABLED: _enabled,
}
