"""Where what a system shows differs from what the model has, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from planespec.checker.ir import types as t
from planespec.checker.lang.data.public_names import NOTHING, keys
from planespec.checker.outcome import State
from planespec.checker.stateful.shown_state import Naming


@dataclass(frozen=True, slots=True)
class Difference:
    """A field, what the system shows there and what the model has, as texts.

    `detail` tells the members that only one of the two has, where both are collections.
    """

    path: str
    system: str
    model: str
    detail: str = ""

    def __str__(self) -> str:
        text = f"the system shows {self.path} = {self.system}, the model has {self.model}"
        return f"{text} ({self.detail})" if self.detail else text


def differences(naming: Naming, shown: dict[str, Any], state: State) -> Iterator[Difference]:
    """Every smallest field that differs, of the variables that are shown."""
    for (name, type_), model in zip(naming.instance.types.items(), state, strict=True):
        if name in shown:
            yield from _value(naming, type_, shown[name], model, name)


def _value(naming: Naming, type_: t.Type, system: Any, model: Any, path: str) -> Iterator[Any]:
    if system == model:
        return
    if system is not NOTHING and system is not None and model is not None:
        match type_:
            case t.Option(inner):
                yield from _value(naming, inner, system, model, path)
                return
            case t.Record() | t.Union() if type(system) is type(model):
                yield from _fields(naming, type_, system, model, path)
                return
            case t.Array(key, value):
                for k, mine, other in zip(keys(key), system, model, strict=True):
                    at = f"{path}[{naming.key(key, k)}]"
                    yield from _value(naming, value, mine, other, at)
                return
            case t.Seq(element, _) if len(system) == len(model):
                for n, (mine, other) in enumerate(zip(system, model, strict=True)):
                    yield from _value(naming, element, mine, other, f"{path}[{n}]")
                return
    texts = naming.text(type_, system), naming.text(type_, model)
    yield Difference(path, *texts, _members(naming, type_, system, model))


def _fields(naming: Naming, type_: t.Type, system: Any, model: Any, path: str) -> Iterator[Any]:
    variants = type_.variants if isinstance(type_, t.Union) else (type_,)
    record = next(v for v in variants if isinstance(v, t.Record) and v.python is type(model))
    for name, field in record.fields:
        mine, other = getattr(system, name), getattr(model, name)
        yield from _value(naming, field, mine, other, f"{path}.{name}")


def _members(naming: Naming, type_: t.Type, system: Any, model: Any) -> str:
    if not isinstance(type_, t.Set | t.Bag) or system is NOTHING:
        return ""
    only = []
    for name, many, few in (("system", system, model), ("model", model, system)):
        left, more = list(few), []
        for member in many:
            if member in left:
                left.remove(member)
            else:
                more.append(naming.text(type_.element, member))
        if more:
            only.append(f"only the {name}: {', '.join(sorted(more))}")
    return "; ".join(only)
