"""`TypeOK`: every variable is within its type, which is where ranges and sizes are checked."""

from planespec.checker.ir import types as t
from planespec.reports.tla.layout import AND, CUP
from planespec.reports.tla.names import Names
from planespec.reports.tla.scope import Exported
from planespec.reports.tla.vocabulary import TAG


def type_definitions(module: Exported, names: Names) -> list[str]:
    """One operator for each record in the variables, then `TypeOK`."""
    checks: dict[str, str] = {}
    found: list[str] = []
    for type_ in _records_inside(module):
        operator = checks[type_.name] = names.fresh(f"Is{type_.name}")
        value = names.inner().fresh("r")
        inner = Names(names.taken | {value})
        parts = [
            _within(module, field_type, f"{value}.{_field(module, type_, name)}", checks, inner)
            for name, field_type in type_.fields
        ]
        found.append(f"{operator}({value}) == {AND.join(parts) or 'TRUE'}")
    found += ["", "TypeOK =="]
    for variable in module.system.variables:
        text = _within(module, variable.type, module.variables[variable.name], checks, names)
        found.append(f"    /\\ {text}")
    return found


def _field(module: Exported, record: t.Record, name: str) -> str:
    return module.vocabulary.field(record.name, name)


def _records_inside(module: Exported) -> list[t.Record]:
    """Records that the variables hold, inner ones first."""
    from planespec.reports.tla.vocabulary import parts

    done: dict[str, t.Record] = {}

    def visit(type_: t.Type) -> None:
        for part in parts(type_):
            visit(part)
        if isinstance(type_, t.Record):
            done.setdefault(type_.name, type_)

    for variable in module.system.variables:
        visit(variable.type)
    return list(done.values())


def plain_set(module: Exported, type_: t.Type) -> str | None:
    """The set of all values of a type, where TLA+ has a short name for it."""
    match type_:
        case t.Bool() | t.Int() | t.Enum() | t.Sort():
            return module.vocabulary.domain(type_)
        case t.Option(inner):
            text = plain_set(module, inner)
            return text and f"({{{module.vocabulary.none}}} \\cup ({text}))"
        case t.Set(element, None):
            text = plain_set(module, element)
            return text and f"SUBSET ({text})"
        case t.Array(key, value):
            text = plain_set(module, value)
            return text and f"[{module.vocabulary.domain(key)} -> {text}]"
    return None


def record_set(module: Exported, type_: t.Type) -> str | None:
    """As `plain_set`, for records and unions of them as well."""
    if isinstance(type_, t.Union):
        texts = [record_set(module, v) for v in type_.variants]
        return None if None in texts else f"({CUP.join(str(x) for x in texts)})"
    if not isinstance(type_, t.Record):
        return plain_set(module, type_)
    pairs = [f'{TAG} : {{"{type_.name}"}}'] if type_.name in module.vocabulary.tagged else []
    for name, field_type in type_.fields:
        text = record_set(module, field_type)
        if text is None:
            return None
        pairs.append(f"{_field(module, type_, name)} : {text}")
    return f"[{', '.join(pairs)}]"


def _within(
    module: Exported, type_: t.Type, value: str, checks: dict[str, str], names: Names
) -> str:
    """A formula: the value is one of the type."""
    if (plain := plain_set(module, type_)) is not None:
        return f"{value} \\in {plain}"

    def each(domain: str, element: t.Type, form: str = "{}") -> str:
        name = names.fresh("v")
        inner = _within(module, element, form.format(name), checks, names)
        return f"(\\A {name} \\in {domain} : {inner})"

    match type_:
        case t.Option(inner):
            inside = _within(module, inner, value, checks, names)
            return f"(IF {value} = {module.vocabulary.none} THEN TRUE ELSE {inside})"
        case t.Record(name):
            return f"{checks[name]}({value})"
        case t.Union(variants):
            arms = (f'{value}.{TAG} = "{v.name}" -> {checks[v.name]}({value})' for v in variants)
            return f"(CASE {' [] '.join(arms)})"
        case t.Array(key, element):
            return each(module.vocabulary.domain(key), element, f"{value}[{{}}]")
        case t.Set(element, capacity):
            room = "" if capacity is None else f"Cardinality({value}) <= {capacity}" + AND
            return room + each(value, element)
        case t.Seq(element, capacity):
            members = f"{module.use('Elements')}({value})"
            return f"Len({value}) <= {capacity} /\\ {each(members, element)}"
        case t.Bag(element, capacity):
            size = f"Len({module.use('SeqOfBag')}({value})) <= {capacity}"
            return size + AND + each(f"DOMAIN {value}", element)
    return "TRUE"
