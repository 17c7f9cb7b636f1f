"""Field selectors in text form: `metadata.name=x,spec.nodeName!=n`.

Source: `apimachinery/pkg/fields/selector.go`, v1.36.
"""

from collections.abc import Iterator
from dataclasses import dataclass


class FieldSelectorError(ValueError):
    """A field selector cannot be parsed; the message is upstream's."""


@dataclass(frozen=True, slots=True)
class FieldRequirement:
    """One term: the field equals the value, or does not."""

    field: str
    value: str
    equal: bool = True


def parse_field_selector(text: str) -> tuple[FieldRequirement, ...]:
    """Read a selector; its terms come sorted, as upstream has them. Raises FieldSelectorError."""
    requirements = []
    for term in sorted(_split_terms(text), key=str.encode):
        if not term:
            continue
        parts = _split_term(term)
        if parts is None:
            raise FieldSelectorError(f"invalid selector: '{text}'; can't understand '{term}'")
        name, operator, value = parts
        requirements.append(FieldRequirement(name, _unescape(value), operator != "!="))
    return tuple(requirements)


def get_exact_match(requirements: tuple[FieldRequirement, ...], name: str) -> str | None:
    """The value that the field must have, by the first term that says so; None for any."""
    return next((each.value for each in requirements if each.equal and each.field == name), None)


def _split_terms(text: str) -> Iterator[str]:
    """Split at commas that no backslash stands before."""
    start, escaped = 0, False
    for index, letter in enumerate(text):
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == ",":
            yield text[start:index]
            start = index + 1
    yield text[start:]


def _split_term(term: str) -> tuple[str, str, str] | None:
    """Field, operator and value: the first operator that stands anywhere counts."""
    for index in range(len(term)):
        for operator in ("!=", "==", "="):
            if term.startswith(operator, index):
                return term[:index], operator, term[index + len(operator) :]
    return None


def _unescape(value: str) -> str:
    letters, escaped = [], False
    for letter in value:
        if escaped:
            if letter not in "\\,=":
                raise FieldSelectorError(_bad_escape(f"\\{letter}"))
            letters.append(letter)
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter in ",=":
            message = f"invalid field selector: unescaped character in value: {ord(letter)}"
            raise FieldSelectorError(message)
        else:
            letters.append(letter)
    if escaped:
        raise FieldSelectorError(_bad_escape("\\"))
    return "".join(letters)


def _bad_escape(sequence: str) -> str:
    return f"invalid field selector: invalid escape sequence: {sequence}"
