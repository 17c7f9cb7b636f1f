"""Properties, fairness, the specification they make, and `TypeOK`, where ranges are checked."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from planespec.checker.errors import InputError
from planespec.checker.ir import types as t
from planespec.checker.ir.nodes import Op
from planespec.checker.ir.system import Action, Fairness, Property, PropertyKind
from planespec.reports.formats.tla.columns import AND, CUP, OR, comment
from planespec.reports.formats.tla.functions import function_definition, step_definition
from planespec.reports.formats.tla.rendering import Exported, Scope
from planespec.reports.formats.tla.tla_expressions import bracketed, express
from planespec.reports.formats.tla.tla_folds import members_of
from planespec.reports.formats.tla.vocabulary import TAG, Names


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
    from planespec.reports.formats.tla.vocabulary import parts

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


FORMULAS = {
    PropertyKind.EVENTUALLY: "<>({0})",
    PropertyKind.ALWAYS_EVENTUALLY: "[]<>({0})",
    PropertyKind.EVENTUALLY_ALWAYS: "<>[]({0})",
    PropertyKind.LEADS_TO: "({0}) ~> ({1})",
}


@dataclass
class Claims:
    """The text of the properties, and the names that the configuration lists."""

    text: list[str] = field(default_factory=list)
    invariants: list[str] = field(default_factory=list)
    properties: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    terminals: list[str] = field(default_factory=list)
    reachable: list[str] = field(default_factory=list)


def render_claims(module: Exported) -> Claims:
    """All properties; assumptions speak of unreachable states and have no place here."""
    found = Claims()
    for claim in module.system.properties:
        if claim.kind is not PropertyKind.ASSUMPTION:
            _claim(module, claim, found)
    if module.system.check_deadlock and found.terminals:
        name = module.names.fresh("NoDeadlock")
        found.text += [
            "",
            "\\* A state without a successor is one where some terminal property holds.",
            f"Terminal == {OR.join(found.terminals)}",
            f"{name} == (ENABLED Next) \\/ Terminal",
        ]
        found.invariants.append(name)
    return found


def _claim(module: Exported, claim: Property, found: Claims) -> None:
    found.text += ["", *comment(f"{claim.id}: {claim.statement}")]
    single = len(claim.predicates) == 1
    calls = []
    for predicate in claim.predicates:
        calls.append(module.names.fresh(claim.name if single else predicate.name))
        define = step_definition if claim.kind is PropertyKind.STEP else function_definition
        found.text += define(module, predicate, calls[-1])
    whole = calls[0]
    match claim.kind:
        case PropertyKind.ALWAYS | PropertyKind.LEMMA:
            target, formula = found.invariants, AND.join(calls)
        case PropertyKind.CONSTRAINT:
            target, formula = found.constraints, AND.join(calls)
        case PropertyKind.TERMINAL:
            target, formula = found.terminals, AND.join(calls)
        case PropertyKind.REACHABLE:
            target, formula = found.reachable, f"~({AND.join(calls)})"
        case PropertyKind.STEP:
            steps = AND.join(f"{c}(Later, Now)" for c in calls)
            target, formula = found.properties, f"[][{steps}]_vars"
        case _:
            target, formula = found.properties, _promise(module, claim, calls)
    if formula != whole:
        prefix = "Never" if claim.kind is PropertyKind.REACHABLE else "Holds"
        whole = module.names.fresh(f"{prefix}_{claim.name}")
        found.text.append(f"{whole} == {formula}")
    target.append(whole)


def _promise(module: Exported, claim: Property, calls: list[str]) -> str:
    """The formula, for all values of the parameters."""
    names, opened = module.names.inner(), ""
    values = []
    for parameter in claim.predicates[0].parameters:
        every = record_set(module, parameter.type)
        if every is None:
            raise InputError(
                f"{claim.id} is claimed for each {parameter.name}, and TLA+ has no finite set of "
                f"all {parameter.type} to quantify over"
            )
        values.append(names.fresh(parameter.name))
        opened += f"\\A {values[-1]} \\in {bracketed(every)} : "
    arguments = f"({', '.join(values)})" if values else ""
    formula = FORMULAS[claim.kind].format(*(call + arguments for call in calls))
    return f"{opened}({formula})" if opened else formula


def fairness(module: Exported) -> Iterator[str]:
    """A conjunct of the specification for each fair action."""
    for action in module.system.actions:
        if action.fairness is not Fairness.NONE:
            sign = "WF" if action.fairness is Fairness.WEAK else "SF"
            yield _fair(module, action, sign)


def instances(module: Exported, action: Action, scope: Scope) -> tuple[str, str]:
    """The quantifiers over an action's parameters, and the action applied to them."""
    opened, arguments = "", []
    for parameter in action.parameters:
        assert parameter.domain is not None
        domain = members_of(module, parameter.domain, scope)
        name = scope.names.fresh(parameter.name)
        if isinstance(parameter.domain.type, t.Seq | t.Array):
            array = bracketed(express(module, parameter.domain, scope))
            domain, value = f"DOMAIN {array}", f"{array}[{name}]"
        else:
            value = name
        scope = scope.bind(parameter.name, value)
        opened += f"\\E {name} \\in {bracketed(domain)} : "
        arguments.append(value)
    name = module.actions[action.name]
    return opened, f"{name}({', '.join(arguments)})" if arguments else name


def _fair(module: Exported, action: Action, sign: str) -> str:
    scope = Scope(module.names.inner())
    if not action.fair_per_instance or not action.parameters:
        opened, call = instances(module, action, scope)
        return f"{sign}_vars({opened}{call})"
    opened, arguments, among = "", [], []
    for parameter in action.parameters:
        assert parameter.domain is not None
        values, name = record_set(module, parameter.type), scope.names.fresh(parameter.name)
        if values is None:
            raise InputError(
                f"{action.name} is fair for each {parameter.name}, and TLA+ has no finite set of "
                f"all {parameter.type} to quantify over; state the fairness of the whole action"
            )
        opened += f"\\A {name} \\in {bracketed(values)} : "
        if parameter.domain.op is not Op.DOMAIN:
            domain = members_of(module, parameter.domain, scope)
            among.append(f"{name} \\in {bracketed(domain)} /\\ ")
        arguments.append(name)
        scope = scope.bind(parameter.name, name)
    call = f"{module.actions[action.name]}({', '.join(arguments)})"
    return f"({opened}{sign}_vars({''.join(among)}{call}))"
