"""What the front end knows about a model, and what to write instead of newcomers' slips."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from planespec.checker.ir.nodes import Expr
from planespec.checker.ir.types import Array, Bag, Int, Record, Seq, Set, Sort, Type


@dataclass(frozen=True)
class Facts:
    """A model with its constants chosen.

    `constants` are bool, int or enum members, `tables` those of other types as expressions;
    `domains` the sorts bound by `Domain` constants;
    `variables` the types of the state; `resolve` turns an annotation (with its constants filled
    in) into a type, or raises `InputError` or `ConfigurationError`.
    """

    name: str
    model: type
    constants: dict[str, Any]
    tables: dict[str, Expr]
    domains: dict[str, Type]
    variables: dict[str, Type]
    resolve: Callable[[Any], Type]
    names: dict[str, Any]
    """Names around a model class that is defined inside a function, for its annotations."""
    actions: dict[str, dict[str, Type]]
    """The types of the parameters of each action, for `enabled`."""
    absent: dict[str, str] = field(default_factory=dict)
    """Variables that the instance leaves out, with the condition that is false."""
    prunes: bool = False
    """Whether code that the constants make dead is left unread."""

    @property
    def declared(self) -> list[str]:
        """The names that are read as attributes of the model."""
        return [*self.variables, *self.domains, *self.constants, *self.tables]


CALLS = {
    "print": "nothing; a trace shows every state, and assert says what must hold",
    "super": "another name for the helper of the part",
    "map": "[f(x) for x in xs]",
    "filter": "[x for x in xs if ...]",
    "iter": "next(x for x in xs), or a for",
    "round": "the number itself: all numbers are whole",
    "str": "enum members in the place of text",
    "dict": "{k: value for k in domain}",
    "float": "whole numbers in units small enough",
    "combinations": "... for x in xs for y in xs if x < y",
    "permutations": "... for x in xs for y in xs if x != y",
    "product": "... for x in xs for y in ys",
    "pairwise": "zip(xs, xs[1:])",
    "chain": "xs + ys, or ... for xs in xss for x in xs",
    "Counter": "Bag(xs), of which count(x) asks; or {k: xs.count(k) for k in domain}",
    "defaultdict": "{k: value for k in domain}: an array has a value for each key",
    "deque": "a list, with pop(0) and append",
    "accumulate": "a loop that adds to a local",
    "takewhile": "a loop with break",
    "reduce": "a loop with a local, or sum, max, min",
    "attrgetter": "key=lambda x: x.field",
    "itemgetter": "key=lambda x: x[0]",
    "hasattr": "isinstance, or match",
    "getattr": "x.field; match where a union decides",
    "type": "isinstance, or match",
    "format": "nothing: text is no value",
    "repr": "nothing: text is no value",
    "deepcopy": "the value itself: records are immutable, set(x) and list(x) copy",
}
"""Instead of a call, by the name of what is called."""

METHODS = {
    (Set, "pop"): "x = choose(xs), then xs.remove(x)",
    (Set, "append"): "add",
    (Seq, "add"): "append",
    (Seq, "popleft"): "pop(0)",
    (Seq, "appendleft"): "insert(0, x)",
    (Bag, "update"): "a loop with add",
    (Bag, "extend"): "a loop with add",
    (Bag, "pop"): "x = choose(xs), then xs.remove(x)",
    (Array, "update"): "self.xs = self.xs | {k: value}, or a loop with self.xs[k] = value",
    (Array, "setdefault"): "xs[k]: an Array has a value for each key",
    (Array, "pop"): "an Array of T | None, and self.xs[k] = None",
    (Array, "clear"): "self.xs = each(value)",
}
"""Instead of a method, by the type it is called on."""


def instead_of_call(called: Any, otherwise: str) -> str:
    """What to write instead of a call that is not known."""
    module = str(getattr(called, "__module__", None) or type(called).__module__)
    owner = type(getattr(called, "__self__", None)).__module__
    if "random" in (module, owner):
        return "x = choose(xs): every outcome is searched"
    if module in ("time", "datetime"):
        return "a variable of the model that an action advances"
    return CALLS.get(getattr(called, "__name__", ""), otherwise)


def instead_of_method(owner: Type, name: str, otherwise: str) -> str:
    """What to write instead of a method that is not known."""
    if isinstance(owner, Record):
        return f"a helper of the model: def {name}(self, x: {owner}) -> <type>"
    return METHODS.get((type(owner), name), otherwise)


def unknown_name(facts: Facts, name: str) -> tuple[str, str]:
    """Message and advice for a name that stands for nothing."""
    known = facts.declared
    if name in known or callable(getattr(facts.model, name, None)):
        return f"{name} is not defined; it belongs to the model", f"self.{name}"
    return f"{name} is not defined", _closest(
        name, known, "names of the model, its module and locals"
    )


def unknown_attribute(facts: Facts, name: str) -> tuple[str, str]:
    """Message and advice for an attribute that the model does not have."""
    found = next((vars(c)[name] for c in facts.model.__mro__ if name in vars(c)), None)
    if isinstance(found, classmethod):
        return f"{name} is a class method, which no helper is", "a method with self"
    if isinstance(found, cached_property):
        return f"{name} would be kept when the state changes", "@property"
    if found is not None:
        return (
            f"{name} has no type in the class, so it is no variable",
            f"{name}: <type> = <value>",
        )
    known = facts.declared
    message = f"{facts.name} has no variable, constant or helper {name}"
    return message, _closest(name, known, ", ".join(known) or "nothing is declared")


GUARDED = "it behind `if self.<constant>:` or `self.<constant> and`, or when=... of its method"
"""Where something that exists only under a condition may be named."""


def _closest(name: str, known: Iterable[str], otherwise: str) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"self.{close[0]}? known: {', '.join(known)}" if close else otherwise


def walked_class(facts: Facts, cls: Any, otherwise: str) -> str:
    """What to walk instead of a class: the domain of a sort."""
    for name, type_ in facts.domains.items():
        if getattr(type_, "python", None) is cls:
            return f"self.{name}"
    return otherwise


def loop_targets() -> str:
    """What stands between `for` and `in`."""
    return "for x in ..., or for k, v in ..."


def wanted_value(type_: Type) -> str:
    """Where a value of a type comes from."""
    if isinstance(type_, Sort):
        made = "" if type_.symmetric else f"; {type_}(number)"
        return f"a value of {type_}: a parameter, a walk over its domain, choose{made}"
    return f"a value of {type_}"


def described(type_: Type) -> str:
    """A type in a message: a number that is known stands for itself."""
    if isinstance(type_, Int) and type_.is_bounded and type_.low == type_.high:
        return f"the number {type_.low}"
    return str(type_)
