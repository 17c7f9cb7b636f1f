"""A whole model as a TLA+ module and the configuration TLC runs it with."""

from collections.abc import Iterator
from dataclasses import dataclass

from planespec.checker.front.core.constants import literal
from planespec.checker.ir import types as t
from planespec.checker.ir.nodes import Assign, Expr, Function, Op
from planespec.checker.ir.system import Action, System
from planespec.reports.formats.tla.columns import AND, CUP, comment
from planespec.reports.formats.tla.functions import action_definition, helper
from planespec.reports.formats.tla.rendering import Exported, Scope, prelude
from planespec.reports.formats.tla.tla_expressions import constant_table, express
from planespec.reports.formats.tla.tla_properties import (
    Claims,
    fairness,
    instances,
    render_claims,
    type_definitions,
)
from planespec.reports.formats.tla.vocabulary import identifier

MODULES = "Integers, Sequences, FiniteSets, TLC"


@dataclass(frozen=True, slots=True)
class Export:
    """The module's name and the text of its two files."""

    name: str
    module: str
    configuration: str


def export(system: System, *, symmetry: bool = False) -> Export:
    """The module and configuration of a system; `symmetry` has TLC reduce by symmetric sorts.

    Raises InputError for fairness that TLA+ cannot quantify over.
    """
    module = Exported(system)
    plain = [f for f in module.in_order() if f.name not in module.asking]
    helpers = [line for f in plain for line in _spaced(helper(module, f))]
    others = [a for a in system.actions if a.name not in system.asked]
    actions = [line for one in (*module.questions(), *others) for line in _defined(module, one)]
    start = list(_start(module))
    types = type_definitions(module, module.names)
    claims = render_claims(module)
    behaviour = list(_behaviour(module))
    tables = [line for name, e in module.tables.values() for line in _table(module, name, e)]
    name = identifier(system.name)
    text = [
        f"---- MODULE {name} ----",
        *_head(system),
        f"EXTENDS {MODULES}",
        *_declarations(module, symmetry),
        *_section("Operators of every model", prelude(module.used)),
        *_section("Constant tables", tables),
        *_section("Helpers", helpers),
        *_section("Initial states", start),
        *_section("Actions", [*actions, *behaviour]),
        *_section("Properties", [*types, *claims.text]),
        "====",
    ]
    configuration = "\n".join(_configuration(module, claims, symmetry)) + "\n"
    return Export(name, "\n".join(text) + "\n", configuration)


def _defined(module: Exported, one: Function | Action) -> list[str]:
    return (
        action_definition(module, one) if isinstance(one, Action) else _spaced(helper(module, one))
    )


def _spaced(block: list[str]) -> list[str]:
    return ["", *block] if block else []


def _section(title: str, block: list[str]) -> Iterator[str]:
    if block:
        yield from ("", "-" * 78, f"\\* {title}", *([""] if block[0] else []), *block)


def _head(system: System) -> Iterator[str]:
    yield from comment(system.doc)
    for name, value in system.constants.items():
        if not isinstance(value, t.Type):
            yield f"\\* {name} = {value}"
    if system.mutant:
        yield f"\\* broken by mutant {system.mutant}"


def _declarations(module: Exported, symmetry: bool) -> Iterator[str]:
    words = module.vocabulary
    values = [words.none, *(e for names in words.elements.values() for e in names)]
    yield from ("", f"CONSTANTS {', '.join(values)} \\* model values", "")
    for name, sort in words.sorts.items():
        elements = words.elements.get(name)
        inside = f"{{{', '.join(elements)}}}" if elements else f"0..{sort.size - 1}"
        yield f"{words.names[name]} == {inside}"
    for name, enum in words.enums.items():
        members = ", ".join(words.constant(enum, n) for n in range(len(enum.members)))
        yield f"{words.names[name]} == {{{members}}}"
    for name, order in module.orders.items():
        pairs = (f"{m} |-> {n}" for n, m in enumerate(words.enums[name].members))
        yield f"{order} == [{', '.join(pairs)}]"
    if symmetry and words.elements:
        sets = (f"Permutations({words.names[name]})" for name in words.elements)
        yield f"Symmetry == {CUP.join(sets)}"
    yield ""
    names = list(module.variables.values())
    yield f"VARIABLES {', '.join(names)}"
    yield f"vars == <<{', '.join(names)}>>"
    yield f"Now == [{', '.join(f'{n} |-> {n}' for n in names)}]"
    later = (f"{n} |-> {n}'" for n in names)
    yield f"Later == [{', '.join(later)}]"
    yield "\\* A step ends in the state that a record holds."
    yield "Become(s_) == " + AND.join(f"{n}' = s_.{n}" for n in names)
    yield "Start(s_) == " + AND.join(f"{n} = s_.{n}" for n in names)


def _table(module: Exported, name: str, e: Expr) -> Iterator[str]:
    """A table as a constant: a function, a set or a sequence."""
    value = literal(e.arg.value, e.type, e.at)
    yield f"{name} =="
    yield f"    {constant_table(module, value, Scope(module.names.inner()))}"


def _start(module: Exported) -> Iterator[str]:
    scope = Scope(module.names.inner())
    pairs = []
    for statement in module.system.defaults:
        assert isinstance(statement, Assign)
        assert statement.place.op is Op.STATE
        value = express(module, statement.value, scope)
        pairs.append(f"{module.variables[statement.place.arg]} |-> {value}")
    yield "Defaults =="
    for place, pair in enumerate(pairs):
        opened = "    [" if place == 0 else "     "
        yield opened + pair + ("]" if place == len(pairs) - 1 else ",")
    yield ""
    if not module.system.initial:
        yield "Init == Start(Defaults)"
        return
    for action in module.system.initial:
        yield from action_definition(module, action, initial=True)
    yield from ("", "Init ==")
    for action in module.system.initial:
        opened, call = instances(module, action, Scope(module.names.inner(), state="Defaults"))
        yield f"    \\/ {opened}{call}"


def _behaviour(module: Exported) -> Iterator[str]:
    yield from ("", "Next ==")
    for action in module.system.actions:
        opened, call = instances(module, action, Scope(module.names.inner()))
        yield f"    \\/ {opened}{call}"
    fair = "".join(f"\n        /\\ {formula}" for formula in fairness(module))
    yield from ("", "Spec == Init /\\ [][Next]_vars" + fair)


def _configuration(module: Exported, claims: Claims, symmetry: bool) -> Iterator[str]:
    words = module.vocabulary
    values = [words.none, *(e for names in words.elements.values() for e in names)]
    yield "CONSTANTS"
    yield from (f"  {v} = {v}" for v in values)
    yield "SPECIFICATION Spec"
    if symmetry and words.elements:
        yield "SYMMETRY Symmetry"
    yield "INVARIANT TypeOK"
    yield from (f"INVARIANT {name}" for name in claims.invariants)
    yield from (f"PROPERTY {name}" for name in claims.properties)
    yield from (f"CONSTRAINT {name}" for name in claims.constraints)
    yield from (f"ACTION_CONSTRAINT {name}" for name in claims.step_constraints)
    yield from (f"\\* reachable if TLC violates it: INVARIANT {name}" for name in claims.reachable)
    if not module.system.check_deadlock or claims.terminals:
        yield "CHECK_DEADLOCK FALSE"
