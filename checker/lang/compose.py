"""Building a model from parts over shared variables."""

from sys import _getframe
from typing import Any

from planespec.checker.errors import ConfigurationError
from planespec.checker.lang.model import Model, declarations


def compose(name: str, *parts: type[Model], **attributes: Any) -> type[Model]:
    """A model made of parts: what `class Name(Part, Other): pass` makes, as a call.

    Variables that several parts declare are shared and must agree in type and value. A coarser
    part takes the place of a finer one by being listed instead of it. `attributes` become class
    attributes (`deadlock`, `requires`). Raises ConfigurationError when parts disagree.
    """
    if not parts:
        raise ConfigurationError(f"{name} is composed of no parts")
    module = _getframe(1).f_globals.get("__name__", __name__)
    made = type(name, parts, {"__module__": module, **attributes})
    declarations(made)
    return made
