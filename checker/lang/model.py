"""The base class of models: state variables as attributes, loaded from and saved to frozen states.

Variables are thawed when they are first read and frozen again only when they have changed, so that
one object serves all steps of a search.
"""

from inspect import cleandoc
from sys import _getframe
from typing import TYPE_CHECKING, Any

from planespec.checker.errors import ConfigurationError, ModelError
from planespec.checker.ir.system import Fairness
from planespec.checker.lang.collect import Declarations, take_own
from planespec.checker.lang.composing import declarations_of, settle
from planespec.checker.lang.data.containers import Home
from planespec.checker.lang.instantiation import Binding
from planespec.checker.lang.named import Fidelity, NamedInstance, Recording
from planespec.checker.lang.presence import existence

State = tuple[Any, ...]


class Model:
    """Base of models. `Model(**constants)` is a state in which every variable has its default.

    Initial actions are not applied. Raises ConfigurationError for constants that do not fit.
    """

    deadlock: bool = True
    """Whether a state without a successor is reported; set to False where the model may stop."""

    fairness: dict[Any, Fairness] = {}
    """Fairness of actions by name, and of groups; see `lang/fairness`."""

    requires: list[Any] = []
    """Requirements and functions the model claims."""

    held_to: list[Recording] | Fidelity | None = None
    """The recorded answers that hold this very class, or `no_recording("why there is none")`."""

    instances: list[NamedInstance] = []
    """Instances under a name; a model that extends this one has them not."""

    views: list[NamedInstance] = []
    """How consistent what its processes see may be, each under a name, the most consistent first;
    a model that extends this one, or is composed of it, has them too."""

    _binding: Binding
    _changed: set[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "<locals>" in cls.__qualname__:
            cls.__planespec_names__ = dict(_getframe(1).f_locals)  # type: ignore[attr-defined]
        take_own(cls)

    def __init__(self, **constants: Any) -> None:
        declared = declarations(type(self))
        on = [name for name in declared.mutants if constants.pop(name, False)]
        binding = Binding(type(self).__name__, declared, constants, on[0] if on else None)
        attach(self, binding)

    if not TYPE_CHECKING:  # a type checker would take every misspelt name for a variable

        def __getattr__(self, name: str) -> Any:
            values = self.__dict__
            if "_binding" in values and name in values["_binding"].absent:
                raise ModelError(f"{name} {existence(values['_binding'].absent[name])}")
            if "_binding" not in values or name not in values["_binding"].index:
                raise AttributeError(f"{type(self).__name__} has no variable or constant {name!r}")
            number = values["_binding"].index[name]
            shape, frozen = values["_binding"].shapes[number], values["_frozen"][number]
            value = frozen if shape.plain else shape.thaw(frozen, values["_homes"][name])
            values[name] = value
            return value

    def __setattr__(self, name: str, value: Any) -> None:
        values = self.__dict__
        number = values["_binding"].index.get(name)
        if name in values["_binding"].absent:
            raise ModelError(f"{name} {existence(values['_binding'].absent[name])}")
        if number is None:
            if name in values["_binding"].tables:
                raise ModelError(f"{name} is a constant table, which never changes")
            raise ModelError(f"{type(self).__name__} has no state variable {name!r} to store in")
        shape = values["_binding"].shapes[number]
        if not (shape.mutable and values.get(name) is value):
            fault = shape.fault(value)
            if fault is not None:
                raise ModelError(name + fault)
            values[name] = value if shape.plain else shape.place(value, values["_homes"][name])
        values["_changed"].add(name)

    def __repr__(self) -> str:
        from planespec.checker.lang.data.order import show

        parts = (f"{name}={show(getattr(self, name))}" for name in self._binding.names)
        return f"{type(self).__name__}({', '.join(parts)})"


def doc_of(model: type[Model]) -> str:
    """The docstring of a model or of the first class it extends; empty where none has one."""
    between = (c for c in model.__mro__ if issubclass(c, Model) and c is not Model)
    return next((cleandoc(c.__doc__) for c in between if c.__doc__), "")


def declarations(cls: type[Model]) -> Declarations:
    """Everything a model class and its parts declare, in order.

    Raises LanguageError when two parts define one name differently.
    """
    own = vars(cls).get("__planespec_all__")
    if own is None:
        own = settle(cls, declarations_of(cls, Model))
        cls.__planespec_all__ = own  # type: ignore[attr-defined]
    return own


def attach(model: Model, binding: Binding) -> None:
    """Give a bare model object its constants and the default state."""
    values = model.__dict__
    changed: set[str] = set()
    values.update(binding.fixed)
    values["_binding"], values["_changed"] = binding, changed
    values["_homes"] = {name: Home(name, values, changed) for name in binding.names}
    values["_frozen"] = binding.defaults


def load(model: Model, state: State) -> None:
    """Put a model object into a frozen state."""
    values = model.__dict__
    for name in values["_binding"].names:
        values.pop(name, None)
    values["_changed"].clear()
    values["_frozen"] = state


def save(model: Model) -> State:
    """The frozen state a model object is in."""
    values = model.__dict__
    frozen = values["_frozen"]
    if not values["_changed"]:
        return frozen  # type: ignore[no-any-return]
    binding, state = values["_binding"], list(frozen)
    for name in values["_changed"]:
        number = binding.index[name]
        state[number] = binding.shapes[number].freeze(values[name])
    return tuple(state)


def undo(model: Model) -> None:
    """Take back what has changed since the state was loaded."""
    values = model.__dict__
    for name in values["_changed"]:
        values.pop(name, None)
    values["_changed"].clear()


def compose(name: str, *parts: type[Model], **attributes: Any) -> type[Model]:
    """A model made of parts: what `class Name(Part, Other): pass` makes, as a call.

    Variables that several parts declare are shared and must agree in type and value. A coarser
    part takes the place of a finer one by being listed instead of it. `attributes` become class
    attributes (`deadlock`, `requires`). Raises LanguageError when parts disagree.
    """
    if not parts:
        raise ConfigurationError(f"{name} is composed of no parts")
    module = _getframe(1).f_globals.get("__name__", __name__)
    made = type(name, parts, {"__module__": module, **attributes})
    declarations(made)
    return made
