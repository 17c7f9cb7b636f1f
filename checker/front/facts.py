"""What the front end needs to know about a model, apart from the bodies of its functions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from planespec.checker.ir.types import Type


@dataclass(frozen=True)
class Facts:
    """A model with its constants chosen.

    `constants` are bool, int or enum members; `domains` the sorts bound by `Domain` constants;
    `variables` the types of the state; `resolve` turns an annotation (with its constants filled
    in) into a type, or raises `InputError` or `ConfigurationError`.
    """

    name: str
    model: type
    constants: dict[str, Any]
    domains: dict[str, Type]
    variables: dict[str, Type]
    resolve: Callable[[Any], Type]
    names: dict[str, Any]
    """Names around a model class that is defined inside a function, for its annotations."""
    actions: dict[str, dict[str, Type]]
    """The types of the parameters of each action, for `enabled`."""
