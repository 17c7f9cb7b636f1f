"""What the front end needs to know about a model, apart from the bodies of its functions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from planespec.checker.ir.nodes import Expr
from planespec.checker.ir.types import Type


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

    @property
    def declared(self) -> list[str]:
        """The names that are read as attributes of the model."""
        return [*self.variables, *self.domains, *self.constants, *self.tables]
