"""What the front end needs to know about a model, apart from the bodies of its functions."""

from collections.abc import Callable
from dataclasses import dataclass, field
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
    absent: dict[str, str] = field(default_factory=dict)
    """Variables that the instance leaves out, with the condition that is false."""
    prunes: bool = False
    """Whether code that the constants make dead is left unread."""
