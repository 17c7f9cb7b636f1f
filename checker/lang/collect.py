"""Reads what the body of a model class declares, in order.

How those of several parts become one is written in `composing`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from inspect import Parameter, signature
from types import FunctionType
from typing import Any, ClassVar, get_origin, get_type_hints

from planespec.checker.errors import LanguageError
from planespec.checker.lang.declarations import (
    Among,
    ConstantMark,
    MethodMark,
    MutantMark,
    Part,
)
from planespec.checker.lang.locations import attribute_position, refusal_in, refusal_of
from planespec.checker.lang.presence import Only
from planespec.checker.lang.temporal import LeadsTo

OWN = "__planespec_own__"
SETTLED = "__planespec_settled__"
"""Where a class keeps which methods composition has set, with what its body had instead."""
MISSING = object()

SETTINGS = ("deadlock", "fairness", "held_to", "requires", "instances", "trace", "views")
"""What a model class says about itself, without a type."""

TAKEN = ("_binding", "_changed", "_frozen", "_homes")
"""What the runtime keeps in a model object."""

MADE_HERE = frozenset(
    f"__{name}__"
    for name in ("init", "new", "getattr", "getattribute", "setattr", "delattr", "init_subclass")
)
"""Methods with which a model would take over what the runtime does."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A constant, mutant or state variable: its owner class, annotation and default or marker."""

    name: str
    owner: type
    annotation: Any
    default: Any


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a model, or a leads-to; `mark` is None for a helper."""

    name: str
    owner: type
    function: Any
    mark: MethodMark | None
    members: tuple["Method", ...] = ()
    """What the parts say under the name of a joint helper, in order."""

    def is_a(self, part: Part) -> bool:
        """Whether the decorator of the method makes it this."""
        return self.mark is not None and self.mark.part is part


@dataclass(slots=True)
class Declarations:
    """Everything a model class declares, in order."""

    constants: dict[str, Declared] = field(default_factory=dict)
    mutants: dict[str, Declared] = field(default_factory=dict)
    variables: dict[str, Declared] = field(default_factory=dict)
    methods: dict[str, Method] = field(default_factory=dict)
    requires: list[Any] = field(default_factory=list)

    def of(self, part: Part) -> list[Method]:
        """Methods that are initial actions, actions or properties, in order."""
        return [m for m in self.methods.values() if m.mark is not None and m.mark.part is part]

    @property
    def helpers(self) -> list[Method]:
        """Methods without a decorator of the language."""
        return [m for m in self.methods.values() if m.mark is None]


def take_own(cls: type) -> None:
    """Remember what the body of a model class declares and take the variables off the class.

    Without the class attribute, reading a variable of an instance that has not been looked at
    yet arrives in `Model.__getattr__`. Raises LanguageError for a variable without type or value.
    """
    annotations = dict(vars(cls).get("__annotations__", {}))
    own = {}
    for name, annotation in annotations.items():
        if name.startswith("__") or _is_class_variable(annotation):
            continue
        default = vars(cls).get(name, MISSING)
        if default is MISSING:
            raise _error(cls, name, f"{name} has no initial value", f"{name}: <type> = <value>")
        _refuse_taken(cls, name)
        own[name] = default
        delattr(cls, name)
    _refuse_untyped(cls)
    setattr(cls, OWN, own)


def _refuse_taken(cls: type, name: str) -> None:
    if name in SETTINGS:
        raise _error(cls, name, f"{name} is a setting and has no type", f"{name} = <value>")
    private = f"_{cls.__name__.lstrip('_')}__"
    if name in TAKEN or name.startswith(private):
        shown = name.removeprefix(private[:-2])
        raise refusal_in(
            cls, shown, f"{cls.__name__}: {shown} is no name for a variable", "a name without _"
        )


def _is_class_variable(annotation: Any) -> bool:
    if isinstance(annotation, str):
        return annotation.startswith(("ClassVar", "typing.ClassVar"))
    return annotation is ClassVar or get_origin(annotation) is ClassVar


def is_class_constant(cls: type, name: str) -> bool:
    """Whether a model or a part of it declares `name: ClassVar[...]` with a value."""
    return any(
        _is_class_variable(vars(base).get("__annotations__", {}).get(name)) and name in vars(base)
        for base in cls.__mro__
    )


def _refuse_untyped(cls: type) -> None:
    from planespec.checker.lang.data.shapes import Each

    for name, value in vars(cls).items():
        if isinstance(value, Each | ConstantMark | MutantMark | Only):
            raise _error(cls, name, f"{name} has no type", f"{name}: <type> = <value>")


def _error(cls: type, name: str, message: str, allowed: str) -> LanguageError:
    return refusal_in(cls, name, f"{cls.__name__}: {message}", allowed)


def refuse_mixed(found: Declarations) -> None:
    """Refuse a name that is two kinds of thing, a variable and a helper for instance."""
    seen: dict[str, Any] = {}
    groups: list[dict[str, Any]] = [
        *(found.constants, found.mutants),
        *(found.variables, found.methods),
    ]
    for group in groups:
        for name, entry in group.items():
            if name in seen:
                raise conflict(seen[name], entry, "as two kinds of thing", "another name")
            seen[name] = entry


def conflict(one: Any, other: Any, how: str, allowed: str) -> LanguageError:
    """The error at the line where a part declares a name otherwise than another part."""
    at = attribute_position(one.owner, one.name)
    place = f" ({at.file}:{at.line})" if at.file else ""
    text = f"{one.owner.__name__}{place} and {other.owner.__name__} both define {one.name}, {how}"
    return refusal_in(other.owner, other.name, text, allowed)


def add_own(found: Declarations, cls: type) -> None:
    """Add what the body of a class declares to what it has from its parts."""
    annotations = vars(cls).get("__annotations__", {})
    for name, default in vars(cls).get(OWN, {}).items():
        entry = Declared(name, cls, annotations[name], default)
        taken = any(default is known.default for known in found.constants.values())
        group = found.variables if taken else _group(found, default)
        group[name] = entry
    for name, value in {**vars(cls), **vars(cls).get(SETTLED, {})}.items():
        if isinstance(value, FunctionType | LeadsTo) and not name.startswith("__"):
            mark = getattr(value, "__planespec__", None)
            if mark is not None and hasattr(value, "__wrapped__"):
                text = f"{name} is wrapped, so that CPython would run other code than is read"
                raise _error(cls, name, text, "one decorator of the language alone")
            own = Method(name, cls, value, mark)
            if own.is_a(Part.JOINT):
                earlier = found.methods[name].members if name in found.methods else ()
                own = replace(own, members=(*earlier, own))
            found.methods[name] = own
        else:
            _refuse_method(cls, name, value)
    listed = vars(cls).get("requires", [])
    if not isinstance(listed, list | tuple):
        raise _error(cls, "requires", "requires is no list", "requires = [<requirement>, ...]")
    found.requires += [r for r in listed if r not in found.requires]
    refuse_mixed(found)


def _refuse_method(cls: type, name: str, value: Any) -> None:
    """Refuse what would be lost without a word: marked things that are no plain methods."""
    if name in MADE_HERE and isinstance(value, FunctionType):
        raise _error(
            cls, name, f"a model has no {name} of its own", "initial values, and @initial methods"
        )
    inner = [value, *(getattr(value, n, None) for n in ("__func__", "fget"))]
    if any(isinstance(getattr(i, "__planespec__", None), MethodMark) for i in inner):
        raise _error(
            cls,
            name,
            f"{name} is a {type(value).__name__}, not a plain method",
            "a method with self and one decorator of the language",
        )


def _group(found: Declarations, default: Any) -> dict[str, Declared]:
    if isinstance(default, ConstantMark):
        return found.constants
    return found.mutants if isinstance(default, MutantMark) else found.variables


_hints: dict[type, dict[str, Any]] = {}


def hint_of(declared: Declared) -> Any:
    """The annotation of a declaration with all names looked up.

    Raises LanguageError when a name in it is unknown.
    """
    owner = declared.owner
    if owner not in _hints:
        _hints[owner] = _class_hints(owner)
    return _hints[owner][declared.name]


def _class_hints(owner: type) -> dict[str, Any]:
    names = {**getattr(owner, "__planespec_names__", {}), **vars(owner)}
    alone = type(owner.__name__, (), {"__annotations__": vars(owner).get("__annotations__", {})})
    alone.__module__ = owner.__module__
    try:
        return get_type_hints(alone, localns=names, include_extras=True)
    except NameError as error:
        name = next((n for n, a in alone.__annotations__.items() if str(error.name) in str(a)), "")
        raise _error(owner, name, f"{error}", "a type defined or imported in this file") from None
    except (TypeError, SyntaxError) as error:
        raise _error(owner, "", f"{error}", "types of the language as annotations") from None


def parameter_hints(method: Method) -> dict[str, tuple[Any, Among | None]]:
    """Annotation and `among` default of each parameter but the first, in order.

    Raises LanguageError for a parameter without a type or with a name that is unknown.
    """
    function = method.function
    hints = _function_hints(method)
    first, *rest = _parameters(function)
    if first != "self":
        raise _parameter_error(
            function, "a method begins with self", "", f"def {method.name}(self)"
        )
    found = {}
    for name in rest:
        default = signature(function).parameters[name].default
        if name not in hints:
            raise _parameter_error(function, f"parameter {name} has no type", name)
        if default is not Parameter.empty and not isinstance(default, Among):
            raise _parameter_error(function, f"parameter {name} has a default value", name)
        found[name] = (hints[name], default if isinstance(default, Among) else None)
    return found


def _function_hints(method: Method) -> dict[str, Any]:
    names = getattr(method.owner, "__planespec_names__", {})
    try:
        return get_type_hints(method.function, localns=names or None, include_extras=True)
    except (NameError, TypeError, AttributeError, SyntaxError) as error:
        raise _parameter_error(method.function, f"{error}", "") from None


def _parameters(function: Callable[..., Any]) -> list[str]:
    """Names of the parameters, at least one; refuses those that take any number of arguments."""
    several = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    found = signature(function).parameters
    for parameter in found.values():
        if parameter.kind in several:
            text = f"parameter {parameter.name} takes any number of arguments"
            raise _parameter_error(function, text, parameter.name)
    return list(found) or [""]


def _parameter_error(
    function: Callable[..., Any],
    message: str,
    parameter: str,
    allowed: str = 'parameter: <finite type>, or parameter: <type> = among("variable")',
) -> LanguageError:
    return refusal_of(function, f"{function.__name__}: {message}", allowed, parameter)
