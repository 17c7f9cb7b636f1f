"""A model class with constants and a mutant: what every engine and the command line start from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from inspect import getdoc, signature
from typing import Any

from planespec.checker.applicable import idle_mutants, is_present, present
from planespec.checker.errors import ConfigurationError, LanguageError, did_you_mean
from planespec.checker.ir.system import PROMISES, STEPS, Fairness, Mutant, PropertyKind
from planespec.checker.ir.types import Collection, Sort, Type
from planespec.checker.lang.collect import Method, parameter_hints
from planespec.checker.lang.data.ranging import Place, element_of, place_of
from planespec.checker.lang.declarations import (
    Among,
    MutantMark,
    Part,
    position_of,
    statement_of,
)
from planespec.checker.lang.enabling import values_of
from planespec.checker.lang.instantiation import Binding
from planespec.checker.lang.locations import file_of, refusal_in, refusal_of
from planespec.checker.lang.model import Model, attach, declarations, doc_of
from planespec.checker.lang.presence import Absent, existence
from planespec.checker.lang.properties import Claim, Parameters, claim_of
from planespec.checker.lang.temporal import LeadsTo, fair_conditions
from planespec.checker.outcome import State, Step

JUDGED = (PropertyKind.ALWAYS, PropertyKind.STEP, PropertyKind.LEMMA)
LIVENESS = PROMISES
FOR_EVERY = (
    PropertyKind.ALWAYS,
    PropertyKind.STEP,
    PropertyKind.LEMMA,
    PropertyKind.CONSTRAINT,
    PropertyKind.STEP_CONSTRAINT,
    PropertyKind.ASSUMPTION,
)
"""Properties other than promises that may have parameters: they are claimed for every value."""


@dataclass(frozen=True, slots=True)
class ParameterInfo:
    """A parameter of an action: all values of `type`, or the members of a variable."""

    name: str
    type: Type
    among: Place | None = None


@dataclass(frozen=True, slots=True)
class ActionInfo:
    """An action, or an initial one: the function that runs it and what it ranges over."""

    name: str
    function: Any
    parameters: tuple[ParameterInfo, ...]
    doc: str
    fairness: Fairness = Fairness.NONE
    per_instance: bool | tuple[str, ...] = False


class Instance:
    """A model class with its constants filled in, validated.

    `constants` holds python values, a Domain for a sort, a `TableValue` for a table; texts are
    read as on a command line. `unlimited` names constants that may be above their `at_most`.
    Raises ConfigurationError for what is unknown or out of range and InputError for a declaration
    outside the language.
    """

    def __init__(
        self,
        model: type[Model],
        constants: Mapping[str, Any] | None = None,
        mutant: str | None = None,
        unlimited: tuple[str, ...] = (),
    ) -> None:
        self.model = model
        self.name = model.__name__
        self.file = file_of(model)
        self.doc = doc_of(model)
        self.declared = declarations(model)
        self.binding = Binding(self.name, self.declared, constants or {}, mutant, unlimited)
        self.mutant = mutant
        self.constants = self.binding.constants
        self.types = self.binding.types
        self.variables = self.binding.names
        self.initial = tuple(map(self._action, self._present(Part.INITIAL)))
        there = tuple(map(self._action, self._present(Part.ACTION)))
        absent = {m.name for m in self.declared.of(Part.ACTION)} - {a.name for a in there}
        self.fair = fair_conditions(model, there, absent)
        alone = {f.actions[0]: f.fairness for f in self.fair if len(f.actions) == 1}
        self.actions = tuple(replace(a, fairness=alone.get(a.name, Fairness.NONE)) for a in there)
        self.not_applicable: dict[str, Claim] = {}
        """What would be judged, but exists only under a condition that is false here, by id."""
        claims = self._claims()
        self.requirements = tuple(c for c in claims if not c.assumed)
        self.assumed = tuple(c for c in claims if c.assumed)
        self.check_deadlock = bool(model.deadlock)

    @property
    def mutants(self) -> tuple[Mutant, ...]:
        """All mutants the model has, in order."""
        marks: dict[str, MutantMark] = {n: d.default for n, d in self.declared.mutants.items()}
        return tuple(Mutant(n, m.statement, m.issue, m.when) for n, m in marks.items())

    @property
    def symmetric_sorts(self) -> tuple[Sort, ...]:
        """Sorts declared symmetric, in the order of the constants."""
        return tuple(s for s in self.binding.sorts.values() if s.symmetric)

    def claims(self, *kinds: PropertyKind) -> tuple[Claim, ...]:
        """Properties of the given kinds, in order."""
        return tuple(c for c in self.requirements if c.kind in kinds)

    def has(self, id_: str) -> bool:
        """Whether a property of this id is claimed here."""
        return any(claim.id == id_ for claim in self.requirements)

    def judged(self, ids: tuple[str, ...] | None = None) -> tuple[Claim, ...]:
        """What a search judges: all requirements and reachables, or those with the given ids.

        Constraints and terminals are always in force. Raises ConfigurationError for an unknown id,
        and for one that does not apply to the instance.
        """
        named = {c.id: c for c in self.claims(*JUDGED, PropertyKind.REACHABLE, *LIVENESS)}
        for id_ in ids or ():
            if id_ in self.not_applicable:
                reason = existence(self.not_applicable[id_].when)
                raise ConfigurationError(f"{id_} is not applicable: it {reason}")
            if id_ not in named:
                known = ", ".join(named) or "none"
                rest = f"its requirements are {known}{did_you_mean(id_, named)}"
                raise ConfigurationError(f"{self.name} has no requirement {id_!r}; {rest}")
        return tuple(c for c in named.values() if ids is None or c.id in ids)

    def assumed_by(self, claims: Iterable[Claim]) -> tuple[Claim, ...]:
        """The promises that these are made under, each once."""
        ids = {id_ for claim in claims for id_ in claim.assuming}
        return tuple(c for c in (*self.requirements, *self.assumed) if c.id in ids)

    def with_assumed(self, claims: Iterable[Claim]) -> tuple[Claim, ...]:
        """These promises and those that they are made under, each once."""
        listed = tuple(claims)
        return tuple({c.id: c for c in (*listed, *self.assumed_by(listed))}.values())

    @cached_property
    def idle_mutants(self) -> dict[str, Absent]:
        """The mutants that break nothing with these constants, by name."""
        return idle_mutants(self)

    def _present(self, part: Part) -> Iterator[Method]:
        return present(self.declared, self.binding, part)

    def new(self) -> Model:
        """A model object in the default state."""
        made: Model = object.__new__(self.model)
        attach(made, self.binding)
        return made

    def initial_states(self) -> Iterator[Step]:
        """Initial states in canonical order, repeated ones included; raises ModelError.

        The step names the initial action; a model without one has its default state.
        """
        from planespec.checker.engines.python.stepping import Stepper

        return Stepper(self).steps(None)

    def nowhere_to_begin(self) -> ConfigurationError:
        """The error of a model without initial states: everything would hold of it."""
        names = ", ".join(a.name for a in self.initial) or "the defaults"
        mutant = f" with mutant {self.mutant}" if self.mutant else ""
        return ConfigurationError(
            f"{self.name}{mutant} has no initial state with these constants, so that nothing can "
            f"be judged: no choice satisfies {names}"
        )

    def successors(self, state: State) -> Iterator[Step]:
        """Enabled steps from a state in canonical order; raises ModelError at the first fault."""
        from planespec.checker.engines.python.stepping import Stepper

        return Stepper(self).steps(state)

    def _action(self, method: Method) -> ActionInfo:
        function, mark = method.function, method.mark
        parameters: list[ParameterInfo] = []
        for name, (hint, among) in parameter_hints(method).items():
            parameters.append(self._parameter(function, name, hint, among, parameters))
        assert mark is not None
        doc = getdoc(function) or ""
        known = tuple(parameters)
        return ActionInfo(method.name, function, known, doc, mark.fairness, mark.per_instance)

    def _parameter(
        self,
        function: Any,
        name: str,
        hint: Any,
        among: Among | None,
        before: Sequence[ParameterInfo] = (),
    ) -> ParameterInfo:
        if among is not None:
            place = place_of(among.variable)
            types = {p.name: p.type for p in before}
            element = element_of(place, self._places(place), types) if place else None
            if element is None:
                raise self._nothing_among(function, name, among)
            return ParameterInfo(name, element, place)
        try:
            return ParameterInfo(name, self.binding.resolver.resolve(hint))
        except LanguageError as error:
            if error.file is not None:
                raise
            text = f"parameter {name} of {function.__name__}: {error.message}"
            raise refusal_of(function, text, error.allowed or "a finite type", name) from None

    def _places(self, place: Place) -> dict[str, Type]:
        """What a parameter may range over: variables, and whole tables."""
        tables = {} if place.keys else self.binding.tables
        return {**self.types, **{name: held.type for name, held in tables.items()}}

    def _nothing_among(self, function: Any, name: str, among: Among) -> LanguageError:
        """Why a parameter has nothing to range over."""
        place = place_of(among.variable)
        if place is not None and place.variable in self.binding.absent:
            reason = existence(self.binding.absent[place.variable])
            text = f"{place.variable} {reason}"
            return refusal_of(function, text, "the same condition (when) for the action", name)
        text = f"{self.name}: among({among.variable!r}) names no set, bag or list variable"
        places = self._places(Place(""))
        known = [n for n, t in places.items() if isinstance(t, Collection)]
        allowed = ", ".join(known) or "a variable that is one"
        if "[" in among.variable:
            written = among.variable.removeprefix("self.")
            allowed = f"x = choose(self.{written}) in the action, or a variable; as keys of an "
            allowed += "array of sets the parameters that stand before, of the type of the keys"
        return refusal_of(function, text, allowed, name)

    def _claims(self) -> tuple[Claim, ...]:
        found: dict[str, Claim] = {}
        for item in self.declared.requires:
            claim = self._listed(item)
            if self._applies(claim, self.model, "requires"):
                found[claim.id] = claim
        for method in self.declared.of(Part.PROPERTY):
            if method.name in found or method.name in self.not_applicable:
                raise ConfigurationError(f"{self.name} claims {method.name} twice")
            claim = _own_claim(method)
            if self._applies(claim, method.owner, method.name):
                found[claim.id] = replace(
                    claim,
                    parameters=self._parameters_of(method, claim),
                    assuming=tuple(self._assumption(method, one) for one in _assuming(method)),
                )
        for id_ in found:
            self.not_applicable.pop(id_, None)
        return tuple(found.values())

    def _assumption(self, method: Method, one: Any) -> str:
        """The name of a promise that another is made under; raises LanguageError."""
        promises = {
            m.name: m
            for m in self.declared.of(Part.PROPERTY)
            if m.mark and m.mark.kind in LIVENESS and m.name != method.name
        }
        named = one if isinstance(one, str) else getattr(one, "__name__", "")
        found = promises.get(named) or next(
            (m for m in promises.values() if m.function is one), None
        )
        there = {n: is_present(m, self.binding) for n, m in promises.items()}
        if found is not None and there[found.name] and not _assuming(found):
            return found.name
        shown = named or "a leads_to of no model"
        what = "no other promise of the model" if found is None else "a promise under another one"
        if found is not None and found.mark is not None and not there[found.name]:
            what = f"one that {existence(found.mark.when)}"
        free = [n for n, m in promises.items() if there[n] and not _assuming(m)]
        allowed = f"one of {', '.join(free)}" if free else "@always_eventually(assumed=True)"
        text = f"{method.name} assumes {shown}, which is {what}"
        raise refusal_in(method.owner, method.name, text, allowed)

    def _applies(self, claim: Claim, owner: type, name: str) -> bool:
        """Whether a claim is made here; what would be judged is kept with its condition."""
        if self.binding.is_on(claim.when, owner, name):
            return True
        if claim.kind in (*JUDGED, PropertyKind.REACHABLE, *LIVENESS) and not claim.assumed:
            self.not_applicable[claim.id] = claim
        return False

    def _parameters_of(self, method: Method, claim: Claim) -> Parameters:
        """What a property is claimed for every value of; `before` of a step is none of them."""
        if claim.kind in LIVENESS:
            return self._parameters_of_promise(method, claim)
        is_step = claim.kind in STEPS
        views = 2 if is_step else 1
        if claim.kind not in FOR_EVERY or len(signature(method.function).parameters) <= views:
            return ()
        found = parameter_hints(method)
        if is_step:
            found.pop(next(iter(found)))
        return self._ranges(method.function, found)

    def _parameters_of_promise(self, method: Method, claim: Claim) -> Parameters:
        """The parameters of a promise, which all its predicates have alike."""
        found = []
        for function in claim.predicates:
            hints = parameter_hints(Method(claim.name, method.owner, function, None))
            found.append(self._ranges(function, hints))
            if [p[:2] for p in found[-1]] != [p[:2] for p in found[0]]:
                text = f"the predicates of promise {claim.name} have other parameters each"
                raise refusal_of(function, text, "the same names and types in both")
        return found[0]

    def _ranges(self, function: Any, hints: dict[str, Any]) -> Parameters:
        """Parameters with the values that they range over."""
        made = [self._parameter(function, n, *hints[n]) for n in hints]
        for parameter in made:
            if parameter.among is not None or not parameter.type.is_scalar:
                what = "the members of a variable" if parameter.among else str(parameter.type)
                raise refusal_of(
                    function,
                    f"parameter {parameter.name} of a property cannot range over {what}",
                    "a bool, a Range, an enum or a sort; all(... for x in xs) inside",
                    parameter.name,
                )
        return tuple((p.name, p.type, values_of(p.type)) for p in made)

    def _listed(self, item: Any) -> Claim:
        try:
            return claim_of(item)
        except ConfigurationError as error:
            allowed = "requirements, and functions of the model"
            raise refusal_in(self.model, "requires", str(error), allowed) from None


def _assuming(method: Method) -> tuple[Any, ...]:
    """What the decorator of a promise says it assumes: methods, leads-tos and names."""
    return method.mark.assuming if method.mark is not None else ()


def _own_claim(method: Method) -> Claim:
    function = method.function
    assert method.mark is not None
    assert method.mark.kind is not None
    if isinstance(function, LeadsTo):
        both = (function.premise, function.conclusion)
        at, text, source = position_of(function.premise), function.statement, function.source
        made = Claim(method.name, method.name, method.mark.kind, both, text, at, source, True)
        return replace(made, assumed=function.assumed, when=method.mark.when)
    return Claim(
        id=method.name,
        name=method.name,
        kind=method.mark.kind,
        predicates=(function,),
        statement=statement_of(function),
        at=position_of(function),
        method=True,
        assumed=method.mark.assumed,
        when=method.mark.when,
    )
