"""Rules in CEL that a CustomResourceDefinition has for its objects (`x-kubernetes-validations`).

Values are given to a rule as the API server gives them: with defaults, without fields that the
schema does not know, with names that CEL can read, times and durations as such. A rule about a
change (`oldSelf`) is not judged: an object is judged as it is created.
Source: `apiextensions-apiserver/pkg/apiserver/schema/cel/{validation,values}.go`,
`apiserver/pkg/cel/escaping.go`, v1.36.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from planespec.spec.schema.field_shapes import Flaw, is_time, join

EvaluateRule = Callable[[str, object], object]
"""Evaluate an expression on `self`. Raises UnknownRuleError where it is not understood, and
BrokenRuleError where it ends in an error on this value."""


class UnknownRuleError(Exception):
    """An expression has something that is not modelled; says what."""


class BrokenRuleError(Exception):
    """An expression asks for what the value does not have; the API server refuses it then."""


def refuse_rules(expression: str, _value: object) -> object:
    """Understand no rule: what stands in where CEL is not at hand."""
    raise UnknownRuleError(f"the rule {expression!r}")


_NOTHING = object()
_MOST_LEVELS = 100
_REASONS = {
    "FieldValueForbidden": "Forbidden",
    "FieldValueRequired": "Required value",
    "FieldValueDuplicate": "Duplicate value",
}
_NAMED_META = ("name", "generateName")
"""What a rule can see of the metadata of an object."""
_OF_CHANGES = re.compile(r"\boldSelf\b")
_DURATION = re.compile(r"([-+]?)((?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+|0)")
_PART = re.compile(r"(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = (
    "true false null in as break const continue else for function if import let loop package "
    "namespace return var void while"
)
_WORDS = frozenset(_RESERVED.split())
_ESCAPES = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))


def escape_name(name: str) -> str:
    """Return the name of a field as rules write it; empty where none can.

    >>> escape_name("a-b.c"), escape_name("namespace"), escape_name("size")
    ('a__dash__b__dot__c', '__namespace__', 'size')
    """
    if name in _WORDS:
        return f"__{name}__"
    for text, escaped in _ESCAPES:
        name = name.replace(text, escaped)
    return name if _IDENTIFIER.fullmatch(name) else ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition that a value must meet."""

    expression: str
    message: str = ""
    expression_of_message: str = ""
    reason: str = ""
    field: str = ""
    """Below the value: which field it is about."""

    def describe(self, evaluate: EvaluateRule, value: object) -> str:
        """Say what is wrong, as upstream does."""
        said = self.message.strip() or f"failed rule: {self.expression.strip()}"
        if self.expression_of_message:
            try:
                made = evaluate(self.expression_of_message, value)
            except (UnknownRuleError, BrokenRuleError):
                made = None
            said = made.strip() if isinstance(made, str) and made.strip() else said
        return said


@dataclass(slots=True)
class RuleTree:
    """The rules of a schema and of all below it."""

    kind: str
    rules: list[Rule] = field(default_factory=list)
    fields: "dict[str, RuleTree]" = field(default_factory=dict)
    values: "RuleTree | None" = None
    items: "RuleTree | None" = None
    default: object = _NOTHING
    format: str = ""
    is_nullable: bool = False
    is_embedded: bool = False

    @property
    def has_rules(self) -> bool:
        """Say whether there is a rule here or below."""
        below = [*self.fields.values(), self.values, self.items]
        return bool(self.rules) or any(each is not None and each.has_rules for each in below)

    def fill(self, value: object) -> object:
        """Return a value as rules see it, in types of Python."""
        if isinstance(value, dict) and self.kind == "object":
            return self._fill_object(value)
        if isinstance(value, list) and self.items is not None:
            return [self.items.fill(each) for each in value]
        if self.kind == "number" and isinstance(value, int):
            return float(value)
        if self.kind == "integer" and isinstance(value, float):
            return int(value)
        if self.kind == "string" and isinstance(value, str):
            return _read_text(value, self.format)
        return value

    def _fill_object(self, value: Mapping[str, object]) -> dict[str, object]:
        if self.values is not None:
            return {name: self.values.fill(each) for name, each in value.items()}
        filled: dict[str, object] = {}
        for name, below in self.fields.items():
            part = value.get(name, below.default)
            if part is None and not below.is_nullable:
                part = below.default
            if part is not _NOTHING and escape_name(name):
                filled[escape_name(name)] = below.fill(part)
        if self.is_embedded:
            filled |= _show_identity(value)
        return filled


def _show_identity(value: Mapping[str, object]) -> dict[str, object]:
    meta = value.get("metadata")
    named = meta if isinstance(meta, dict) else {}
    shown = {name: named[name] for name in _NAMED_META if isinstance(named.get(name), str)}
    found = {name: value[name] for name in ("apiVersion", "kind") if name in value}
    return {**found, "metadata": shown}


def _read_text(value: str, format_: str) -> object:
    if format_ == "date-time" and is_time(value):
        return datetime.fromisoformat(value)
    if format_ == "byte":
        raise UnknownRuleError("a rule on base64 text")
    found = _DURATION.fullmatch(value) if format_ == "duration" else None
    if found is not None:
        parts = _PART.findall(found[2])
        seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
        return timedelta(seconds=-seconds if found[1] == "-" else seconds)
    return value


def make_rules(schema: object) -> RuleTree | None:
    """Return the rules of an `openAPIV3Schema`; None where it has none."""
    tree = _make(schema, 0)
    tree.is_embedded = True
    return tree if tree.has_rules else None


def _make(schema: object, depth: int) -> RuleTree:
    if not isinstance(schema, Mapping) or depth > _MOST_LEVELS:
        return RuleTree("any")
    tree = RuleTree(str(schema.get("type", "any")))
    tree.rules = [*_list_rules(schema.get("x-kubernetes-validations"))]
    tree.format = str(schema.get("format", ""))
    tree.is_nullable = schema.get("nullable") is True
    tree.is_embedded = schema.get("x-kubernetes-embedded-resource") is True
    if schema.get("default") is not None:
        tree.default = schema["default"]
    fields, values = schema.get("properties"), schema.get("additionalProperties")
    if isinstance(fields, Mapping):
        tree.fields = {name: _make(each, depth + 1) for name, each in fields.items()}
    if isinstance(values, Mapping):
        tree.values = _make(values, depth + 1)
    if "items" in schema:
        tree.items = _make(schema["items"], depth + 1)
    return tree


def _list_rules(found: object) -> Iterator[Rule]:
    for each in found if isinstance(found, list) else ():
        expression = each.get("rule") if isinstance(each, dict) else None
        if isinstance(expression, str) and not _is_of_change(each, expression):
            names = ("message", "messageExpression", "reason", "fieldPath")
            yield Rule(expression, *(str(each.get(name) or "") for name in names))


def _is_of_change(rule: Mapping[str, Any], expression: str) -> bool:
    """Such a rule is not asked of an object that is created, unless it says so."""
    return bool(_OF_CHANGES.search(expression)) and rule.get("optionalOldSelf") is not True


def find_broken(
    tree: RuleTree, value: object, evaluate: EvaluateRule, path: str = ""
) -> Iterator[Flaw | str]:
    """Yield the rules that a value breaks, and as a text what of them is not understood."""
    if value is None or not tree.has_rules:
        return
    for rule in tree.rules:
        yield from _judge(rule, tree, value, evaluate, path)
    if isinstance(value, dict):
        for name, part in value.items():
            below = tree.fields.get(name, tree.values)
            if below is not None:
                yield from find_broken(below, part, evaluate, join(path, name))
    elif isinstance(value, list) and tree.items is not None:
        for index, item in enumerate(value):
            yield from find_broken(tree.items, item, evaluate, f"{path}[{index}]")


def _judge(
    rule: Rule, tree: RuleTree, value: object, evaluate: EvaluateRule, path: str
) -> Iterator[Flaw | str]:
    try:
        filled = tree.fill(value)
        holds = evaluate(rule.expression, filled)
    except UnknownRuleError as error:
        yield str(error)
        return
    except BrokenRuleError as error:
        said = f"{error} evaluating rule: {rule.message.strip() or rule.expression.strip()}"
        yield Flaw(path, f'Invalid value: "{tree.kind}": {said}')
        return
    if holds is True:
        return
    if holds is not False:
        yield f"the rule {rule.expression!r}, which is no condition"
        return
    said = rule.describe(evaluate, filled)
    word = _REASONS.get(rule.reason)
    message = f'Invalid value: "{tree.kind}": {said}' if word is None else f"{word}: {said}"
    yield Flaw(f"{path}{rule.field}".removeprefix("."), message)
