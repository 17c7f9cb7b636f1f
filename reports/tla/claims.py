"""Properties, fairness and the specification they make."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from planespec.checker.errors import InputError
from planespec.checker.ir import types as t
from planespec.checker.ir.nodes import Op
from planespec.checker.ir.system import Action, Fairness, Property, PropertyKind
from planespec.reports.tla.bounds import record_set
from planespec.reports.tla.expressions import bracketed, express
from planespec.reports.tla.folds import members_of
from planespec.reports.tla.functions import function_definition, step_definition
from planespec.reports.tla.layout import AND, OR, comment
from planespec.reports.tla.scope import Exported, Scope

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
