"""Compiles an instance of a model to a System: the whole way from Python to the IR."""

import inspect
from collections.abc import Iterable
from dataclasses import replace
from typing import get_type_hints
from weakref import WeakKeyDictionary

from planespec.checker.applicable import has_conditions
from planespec.checker.errors import InputError, LanguageError
from planespec.checker.front import handlers  # noqa: F401 - registers the handlers
from planespec.checker.front.asking import asked_for
from planespec.checker.front.body import Body, Task, compile_body
from planespec.checker.front.core.advice import Facts
from planespec.checker.front.core.building import domain, fold, local
from planespec.checker.front.core.constants import literal
from planespec.checker.front.core.scope import Binding, Helper, Local, Program, View
from planespec.checker.front.core.type_relations import fits
from planespec.checker.front.expressions.tuples import parts
from planespec.checker.front.finish import finished
from planespec.checker.instance import ActionInfo, Instance, ParameterInfo
from planespec.checker.ir.nodes import (
    Assign,
    Expr,
    Function,
    Generator,
    Op,
    Parameter,
    Position,
    Reduction,
    Return,
    Table,
)
from planespec.checker.ir.system import (
    PROMISES,
    STEPS,
    Action,
    Property,
    PropertyKind,
    System,
    Variable,
)
from planespec.checker.ir.types import (
    Array,
    Bool,
    Int,
    Nothing,
    Option,
    Set,
    Span,
    Tuple,
    Type,
    cardinality,
)
from planespec.checker.lang.data.ranging import Place
from planespec.checker.lang.locations import attribute_position, class_position
from planespec.checker.lang.properties import Claim
from planespec.checker.lang.source import FunctionSource, source_of


def for_every(program: Program, made: Function) -> Function:
    """The predicate that a function holds for all values of its parameters, in their order."""
    full = program.name_for(f"{made.name}_for")
    program.by_name[full] = Helper(replace(made, name=full), frozenset(), frozenset())
    at = made.at
    args = tuple(local(p.name, p.type, at) for p in made.parameters)
    called = Expr(Op.CALL, Bool(), args, at, full)
    walks = tuple(Generator(p.name, p.type, domain(p.type, at)) for p in made.parameters)
    every = fold(Reduction.ALL, Bool(), walks, called, at)
    return Function(made.name, (), Bool(), (Return(at, every),), at)


KINDS = {
    PropertyKind.ALWAYS: "an invariant",
    PropertyKind.STEP: "a step invariant",
    PropertyKind.REACHABLE: "a reachable property",
    PropertyKind.CONSTRAINT: "a constraint",
    PropertyKind.STEP_CONSTRAINT: "a step constraint",
    PropertyKind.TERMINAL: "a terminal predicate",
    PropertyKind.LEMMA: "a lemma",
    PropertyKind.ASSUMPTION: "an assumption",
    PropertyKind.EVENTUALLY: "a promise",
    PropertyKind.ALWAYS_EVENTUALLY: "a promise",
    PropertyKind.EVENTUALLY_ALWAYS: "a promise",
    PropertyKind.LEADS_TO: "a promise",
    PropertyKind.LEADS_TO_ALWAYS: "a promise",
}


MOST_IN_SUBSETS = 16
"""Values of which a parameter may range over all sets."""
_compiled: WeakKeyDictionary[Instance, System] = WeakKeyDictionary()


def compile_system(instance: Instance) -> System:
    """Compile a model with its constants, once; raises LanguageError for what is outside."""
    system = _compiled.get(instance)
    if system is None:
        try:
            system = _compiled[instance] = _compile(instance)
        except RecursionError:
            raise InputError(
                "an expression or a chain of branches is nested too deeply",
                file=instance.file,
                allowed="helpers and loops in its place",
            ) from None
    return system


def _compile(instance: Instance) -> System:
    program = Program(_facts(instance))
    variables = tuple(_variable(instance, n, t) for n, t in instance.types.items())
    system = System(
        name=instance.name,
        file=instance.file,
        constants={**instance.constants, **_domains(instance)},
        variables=variables,
        defaults=_defaults(instance, variables),
        initial=tuple(_action(program, instance, a) for a in instance.initial),
        actions=tuple(_action(program, instance, a) for a in instance.actions),
        properties=tuple(
            _property(program, c) for c in (*instance.requirements, *instance.assumed)
        ),
        functions={n: h.function for n, h in program.by_name.items()},
        mutants=instance.mutants,
        mutant=instance.mutant,
        check_deadlock=instance.check_deadlock,
        doc=instance.doc,
        fair=instance.fair,
    )
    system = finished(system)
    return replace(system, asked=asked_for(system))


def _facts(instance: Instance) -> Facts:
    domains = _domains(instance)
    fixed = instance.binding.fixed
    tables = _tables(instance)
    return Facts(
        name=instance.name,
        model=instance.model,
        constants={n: v for n, v in fixed.items() if n not in domains and n not in tables},
        tables=tables,
        domains=domains,
        variables=dict(instance.types),
        resolve=instance.binding.resolver.resolve,
        names=getattr(instance.model, "__planespec_names__", {}),
        actions={a.name: {p.name: p.type for p in a.parameters} for a in instance.actions},
        absent=instance.binding.absent,
        prunes=has_conditions(instance.model, instance.declared),
    )


def _domains(instance: Instance) -> dict[str, Type]:
    binding = instance.binding
    return {name: binding.sorts[cls] for name, cls in binding.sort_classes.items()}


def _tables(instance: Instance) -> dict[str, Expr]:
    return {
        name: Expr(
            Op.TABLE, held.type, (), class_position(instance.model), Table(name, held.value)
        )
        for name, held in instance.binding.tables.items()
    }


def _variable(instance: Instance, name: str, type_: Type) -> Variable:
    owner = instance.declared.variables[name].owner
    return Variable(name, type_, attribute_position(owner, name))


def _defaults(instance: Instance, variables: Iterable[Variable]) -> tuple[Assign, ...]:
    made = []
    for variable, value in zip(variables, instance.binding.defaults, strict=True):
        place = Expr(Op.STATE, variable.type, (), variable.at, variable.name)
        found = literal(value, variable.type, variable.at)
        made.append(Assign(variable.at, place, found))
    return tuple(made)


def _action(program: Program, instance: Instance, info: ActionInfo) -> Action:
    source = source_of(info.function)
    at = source.file.position(source.node)
    first = next(iter(inspect.signature(info.function).parameters), "self")
    names: dict[str, Binding] = {first: View()}
    names |= {p.name: Local(p.name, p.type) for p in info.parameters}
    types = {p.name: p.type for p in info.parameters}
    parameters = tuple(_parameter(instance, p, types, source, at) for p in info.parameters)
    body = compile_body(program, Task(source, names, parameters, Nothing()))
    return Action(
        info.name,
        parameters,
        body.statements,
        at,
        body.locals,
        info.doc,
    )


def _parameter(
    instance: Instance,
    info: ParameterInfo,
    parameters: dict[str, Type],
    source: FunctionSource,
    at: Position,
) -> Parameter:
    inner = info.type.inner if isinstance(info.type, Option) else info.type
    if info.among is None and not (inner.is_scalar or _is_few_subsets(info.type)):
        node = next((a for a in source.node.args.args if a.arg == info.name), source.node)
        raise source.file.refusal(
            node,
            f"parameter {info.name} cannot range over every {info.type}",
            "a bool, a Range, an enum, a sort, T | None of one, or frozenset[T] with at most "
            f'{MOST_IN_SUBSETS} values of T; among("variable"); choose in the action',
        )
    if info.among is not None:
        _refuse_other_members(instance, info, source)
        domain = _members(instance, info.among, parameters, at)
    else:
        domain = Expr(Op.DOMAIN, Span(info.type), (), at)
    return Parameter(info.name, info.type, domain)


def _is_few_subsets(type_: Type) -> bool:
    """Whether a parameter may range over all sets of the type."""
    if not (isinstance(type_, Set) and type_.element.is_scalar and type_.capacity is None):
        return False
    bounded = not isinstance(type_.element, Int) or type_.element.is_bounded
    return bounded and cardinality(type_.element) <= MOST_IN_SUBSETS


def _members(instance: Instance, place: Place, types: dict[str, Type], at: Position) -> Expr:
    """A variable, or what an array of them has under parameters that stand before."""
    table = _tables(instance).get(place.variable)
    if place.variable not in instance.types and table is not None:
        return table
    found = Expr(Op.STATE, instance.types[place.variable], (), at, place.variable)
    for key in (local(name, types[name], at) for names in place.keys for name in names):
        for part in parts(key) if isinstance(key.type, Tuple) else [key]:
            assert isinstance(found.type, Array)
            found = Expr(Op.INDEX, found.type.value, (found, part), at)
    return found


def _refuse_other_members(instance: Instance, info: ParameterInfo, source: FunctionSource) -> None:
    """The annotation of a parameter must be that of the members it ranges over, or wider."""
    names = getattr(instance.model, "__planespec_names__", {})
    hints = get_type_hints(source.function, localns=names or None, include_extras=True)
    hint = hints[info.name]
    if hint is int and isinstance(info.type, Int):
        return
    try:
        declared = instance.binding.resolver.resolve(hint)
        fault = None if fits(info.type, declared) else f"not {declared}"
    except LanguageError as error:
        fault = error.message
    if fault is not None:
        node = next((a for a in source.node.args.args if a.arg == info.name), source.node)
        message = f"parameter {info.name}: the members of {info.among} are {info.type}, {fault}"
        raise source.file.refusal(node, message, f"{info.name}: the type of the members")


def _property(program: Program, claim: Claim) -> Property:
    predicates = tuple(_predicate(program, claim, f) for f in claim.predicates)
    at = predicates[0].at if predicates else class_position(program.facts.model)
    return Property(
        claim.id,
        claim.name,
        claim.kind,
        predicates,
        claim.statement,
        at,
        claim.source,
        claim.assuming,
        claim.assumed,
    )


def _predicate(program: Program, claim: Claim, function: object) -> Function:
    assert callable(function)
    source = source_of(function)
    parameters = tuple(Parameter(name, type_) for name, type_, _ in claim.parameters)
    extra = [p.name for p in parameters]
    given = [n for n in inspect.signature(function).parameters if n not in extra]
    views = [View()] * len(given)
    if claim.kind in STEPS:
        views = [View(False), View(True)] if claim.method else [View(True), View(False)]
    if len(given) != len(views) or not given or (claim.kind not in STEPS and given[1:]):
        allowed = "the model; for a step, the states before and after"
        if claim.kind is PropertyKind.REACHABLE:
            allowed = "self alone, and any(... for k in domain)"
        raise source.file.refusal(
            source.node, "this predicate has the wrong number of parameters", allowed
        )
    names: dict[str, Binding] = dict(zip(given, views, strict=True))
    names |= {p.name: Local(p.name, p.type) for p in parameters}
    why = KINDS.get(claim.kind, "a requirement")
    body: Body = compile_body(program, Task(source, names, parameters, Bool(), why))
    name = source.node.name
    at = source.file.position(source.node)
    made = Function(name, parameters, Bool(), body.statements, at, True, body.locals)
    return made if claim.kind in PROMISES or not parameters else for_every(program, made)
