"""Runs the actions of a model from a state, and finds those that do not always do the same."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from math import prod
from typing import Any

from planespec.checker.engines.python.judging import Arguments, Fault, fault_of
from planespec.checker.errors import LanguageError, ModelError, NotEnabled
from planespec.checker.instance import ActionInfo, Instance, ParameterInfo
from planespec.checker.ir import types
from planespec.checker.ir.nodes import Position
from planespec.checker.lang.choice import Odometer, active_chooser
from planespec.checker.lang.data.containers import BackwardSet
from planespec.checker.lang.data.ranging import Dependent, Place
from planespec.checker.lang.data.records import field_faults
from planespec.checker.lang.data.shapes import SetShape, Shape
from planespec.checker.lang.declarations import position_of
from planespec.checker.lang.enabling import values_of
from planespec.checker.lang.model import attach, load, save, undo
from planespec.checker.outcome import State, Step

Values = tuple[Any, ...]
Taken = tuple[int, Values, Arguments, State | Fault]
"""Number of the action, values of its parameters, its choices, and where they lead."""

CACHED = 10_000
"""Values of a variable whose member list is remembered, for parameters that range over it."""

LISTED = 10_000
"""Combinations of parameters up to which they are listed once; more are made when asked for."""

TICK_EVERY = 256
"""Instances, enabled or not, choices counted, between two looks at what may end the search."""


class Combinations:
    """All combinations of parameter values, the last fastest, without holding them."""

    __slots__ = ("_choices",)

    def __init__(self, choices: Sequence[Sequence[Any]]) -> None:
        self._choices = choices

    def __iter__(self) -> Iterator[Values]:
        if not self._choices:
            yield ()
            return
        *rest, last = self._choices
        for before in Combinations(rest):
            for value in last:
                yield (*before, value)

    def __contains__(self, values: object) -> bool:
        return (
            isinstance(values, tuple)
            and len(values) == len(self._choices)
            and all(v in choices for v, choices in zip(values, self._choices, strict=True))
        )


class Stepper:
    """Runs actions of one instance; holds one model object and is not shared between threads."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.model = instance.new()
        self.odometer = Odometer(rank=_ranks(instance))
        self.tick: Callable[[], None] = lambda: None
        self._tried = 0
        self._actions = [(a, self._choices_of(a)) for a in instance.actions]
        self._initial = [(a, self._choices_of(a)) for a in instance.initial]

    def expand(self, state: State) -> Iterator[Taken]:
        """Every enabled step from a state, and every instance that goes wrong, in order."""
        return self._run(self._actions, state)

    def instance_steps(self, state: State, number: int, values: Values) -> Iterator[Taken]:
        """What `expand` gives for one action with these parameters, faults included."""
        action, instances = self._actions[number]
        if values in instances(state):
            yield from self._run([(action, lambda _: [values])], state, number)

    def action_steps(self, state: State, number: int) -> Iterator[Taken]:
        """What `expand` gives for one action with any parameters, faults included."""
        return self._run([self._actions[number]], state, number)

    def start(self) -> Iterator[Taken]:
        """Every initial state, repeated ones included, in order."""
        defaults = self.instance.binding.defaults
        if not self._initial:
            return iter([(-1, (), (), defaults)])
        return self._run(self._initial, defaults)

    def steps(self, state: State | None) -> Iterator[Step]:
        """Steps from a state (None: the initial ones); raises ModelError when one goes wrong."""
        initial = state is None
        for taken in self.start() if state is None else self.expand(state):
            after = taken[3]
            if isinstance(after, Fault):
                raise ModelError(f"{after.at}: {after.message}" if after.at else after.message)
            yield step_of(self.instance, taken, initial=initial)

    def _run(self, actions: list[Any], state: State, first: int = 0) -> Iterator[Taken]:
        model, odometer = self.model, self.odometer
        load(model, state)
        for number, (action, instances) in enumerate(actions, first):
            function = action.function
            for values in instances(state):
                more = True
                while more:
                    self._tried += 1
                    if self._tried % TICK_EVERY == 0:
                        self.tick()
                    after = self._call(function, values)
                    choices = tuple(odometer.named)
                    more = odometer.advance()
                    if after is not None:
                        yield number, values, choices, after

    def _call(self, function: Callable[..., Any], values: Values) -> State | Fault | None:
        model = self.model
        token = active_chooser.set(self.odometer)
        checked = field_faults.set(self.instance.binding.fault_of_record)
        try:
            function(model, *values)
            return save(model)
        except NotEnabled:
            return None
        except (MemoryError, KeyboardInterrupt):
            raise
        except Exception as error:
            return fault_of(error)
        finally:
            field_faults.reset(checked)
            active_chooser.reset(token)
            undo(model)

    def _choices_of(self, action: ActionInfo) -> Callable[[State], Any]:
        if not any(p.among for p in action.parameters):
            choices = [values_of(p.type) for p in action.parameters]
            every: Any = Combinations(choices)
            if prod(map(len, choices)) <= LISTED:
                every = list(product(*choices))
            return lambda state: every
        lists = [self._members_of(p, action.parameters) for p in action.parameters]
        if not any(p.among and p.among.keys for p in action.parameters):
            return lambda state: Combinations([members(state, ()) for members in lists])
        return lambda state: Dependent([partial(members, state) for members in lists])

    def _members_of(
        self, parameter: ParameterInfo, parameters: Sequence[ParameterInfo]
    ) -> Callable[[State, Values], Sequence[Any]]:
        """The values of a parameter in a state, after those of the parameters before it."""
        if parameter.among is None:
            every = values_of(parameter.type)
            return lambda state, before: every
        table = self.instance.binding.tables.get(parameter.among.variable)
        if table is not None:
            fixed = table.members()
            return lambda state, before: fixed
        number = self.instance.binding.index[parameter.among.variable]
        shape: Any = self.instance.binding.shapes[number]
        names, places = [p.name for p in parameters], []
        for name, part in _keys_of(parameter.among, dict(zip(names, parameters, strict=True))):
            shape = getattr(shape, "nested", shape)
            numbers = {value: number for number, value in enumerate(shape.keys)}
            places.append((numbers, names.index(name), part))
            shape = shape.element
        element, ordered = shape.element, not isinstance(shape.type, types.Seq)
        key, settle = element.key, element.freeze if element.maps else None
        known: dict[Any, list[Any]] = {}

        def members(state: State, before: Values) -> list[Any]:
            value = state[number]
            for numbers, place, part in places:
                named = before[place] if part is None else before[place][part]
                value = value[numbers[named]]
            if value not in known:
                if len(known) > CACHED:
                    known.clear()
                listed = list(map(settle, value)) if settle else value
                known[value] = sorted(set(listed), key=key) if ordered else list(listed)
            return known[value]

        return members


def _keys_of(
    place: Place, parameters: Mapping[str, ParameterInfo]
) -> Iterator[tuple[str, int | None]]:
    """The keys under which the members are: parameters, or places of one that is a tuple."""
    for name in (name for names in place.keys for name in names):
        type_ = parameters[name].type
        if isinstance(type_, types.Tuple):
            yield from ((name, number) for number in range(len(type_.fields)))
        else:
            yield name, None


class BackwardStepper(Stepper):
    """Runs the same actions with the sets of the state walked the other way round."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        binding = object.__new__(type(instance.binding))
        binding.__dict__.update(instance.binding.__dict__)
        from planespec.checker.lang.data.shapes import shape_of

        binding.shapes = [shape_of(t) for t in instance.types.values()]
        for shape in binding.shapes:
            _turn(shape)
        attach(self.model, binding)


def _turn(shape: Shape) -> None:
    if isinstance(shape, SetShape):
        shape.factory = BackwardSet
    inner = getattr(shape, "element", None)
    if inner is not None:
        _turn(inner)


def step_of(instance: Instance, taken: Taken, *, initial: bool = False) -> Step:
    """What was taken, as a step of a trace; it has no state where it went wrong.

    `initial` steps are those of `Stepper.start`.
    """
    number, values, choices, after = taken
    actions = instance.initial if initial else instance.actions
    info = actions[number] if number >= 0 else None
    arguments = arguments_of(info, values, choices)
    return Step(info.name if info else "", arguments, () if isinstance(after, Fault) else after)


def arguments_of(action: ActionInfo | None, values: Values, choices: Arguments) -> Arguments:
    """Parameters and choices of a step by name."""
    names = [p.name for p in action.parameters] if action else []
    return (*zip(names, values, strict=True), *choices)


def _ranks(instance: Instance) -> Callable[[type], int]:
    """Place of each record class in the unions of the model; 0 where it is in none."""
    found: dict[type, int] = {}

    def visit(type_: types.Type) -> None:
        if isinstance(type_, types.Union):
            for number, variant in enumerate(type_.variants):
                found.setdefault(variant.python, number)
        if isinstance(type_, types.Record):
            for _, part in type_.fields:
                visit(part)
        for name in ("inner", "element", "value"):
            if isinstance(getattr(type_, name, None), types.Type):
                visit(getattr(type_, name))

    for type_ in instance.types.values():
        visit(type_)
    return lambda cls: found.get(cls, 0)


# Finds models that do not behave the same each time they are asked.


FIRST = 32
"""So many states are all run twice; after them one in EVERY."""

EVERY = 512

ALLOWED = (
    "actions that depend on the state alone; the order of a set, global variables, random numbers "
    "and the clock are no part of it"
)


class Twin:
    """Runs a sample of the states again, with sets walked the other way round, and compares."""

    def __init__(self, instance: Instance, stepper: Stepper) -> None:
        self.instance, self._first = instance, stepper
        self._second: BackwardStepper | None = None
        self._count = 0

    def compare(self, state: State) -> None:
        """Run a state twice if it is in the sample; raises LanguageError on a difference."""
        self._count += 1
        if self._count > FIRST and self._count % EVERY:
            return
        if self._second is None:
            self._second = BackwardStepper(self.instance)
            self._second.tick = self._first.tick
        first, second = list(self._first.expand(state)), list(self._second.expand(state))
        for one, other in zip(first, second, strict=False):
            if _essence(one) != _essence(other):
                raise self._error(one if one[:2] <= other[:2] else other)
        if len(first) != len(second):
            longer = first if len(first) > len(second) else second
            raise self._error(longer[min(len(first), len(second))])

    def _error(self, taken: Taken) -> LanguageError:
        action = self.instance.actions[taken[0]]
        at: Position = position_of(action.function)
        return LanguageError(
            f"action {action.name} is not deterministic: run twice from one state it gave "
            "different successors",
            file=at.file,
            line=at.line,
            allowed=ALLOWED,
        )


def _essence(taken: Taken) -> object:
    number, values, choices, after = taken
    end = after.at if isinstance(after, Fault) else after
    return number, values, choices, end
