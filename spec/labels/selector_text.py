"""The text form of a selector, such as "app=web,tier in (a,b),!canary".

Source: the lexer and parser of `apimachinery/pkg/labels/selector.go`; messages are upstream's.
"""

from functools import lru_cache

from planespec.spec.labels.selector import (
    BINARY_OPERATORS,
    Operator,
    Requirement,
    Selector,
    SelectorError,
    make_requirement,
    make_selector,
)
from planespec.spec.names import get_label_key_errors
from planespec.spec.quantity.amount import quote

_SPACES = frozenset(" \t\r\n")
_SYMBOLS = frozenset("=!(),><")
_STOPS = _SPACES | _SYMBOLS | {"\0"}
_LITERALS = frozenset({")", ",", "!", "==", "=", ">", "in", "<", "!=", "notin", "("})
_OPERATORS = {
    "in": Operator.IN,
    "notin": Operator.NOT_IN,
    "=": Operator.EQUALS,
    "==": Operator.DOUBLE_EQUALS,
    "!=": Operator.NOT_EQUALS,
    ">": Operator.GREATER_THAN,
    "<": Operator.LESS_THAN,
}
_END = ""
"""The end of the text, which upstream prints as an empty word."""


@lru_cache(maxsize=4096)
def parse_selector(text: str) -> Selector:
    """Parse the text form; the empty text selects everything.

    Raises SelectorError with upstream's message.
    """
    return make_selector(_Parser(_scan(text)).parse())


def _scan(text: str) -> list[str]:
    """Cut the text into words and symbols, ended by the empty word.

    A NUL after a word or symbol is dropped; anywhere else it ends the text, as upstream does.
    """
    words, position = [], 0
    while position < len(text) and text[position] != "\0":
        if text[position] in _SPACES:
            position += 1
        elif text[position] in _SYMBOLS:
            both = text[position : position + 2]
            words.append(both if both in _LITERALS else text[position])
            position += len(words[-1])
            position += text[position : position + 1] == "\0"
        else:
            start = position
            while position < len(text) and text[position] not in _STOPS:
                position += 1
            words.append(text[start:position])
            position += text[position : position + 1] == "\0"
    return [*words, _END]


def _is_identifier(word: str) -> bool:
    """Say whether a word can be a key or value; "in" and "notin" can."""
    return word != _END and (word not in _LITERALS or word in ("in", "notin"))


class _Parser:
    """Recursive descent over the words."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._position = 0

    def parse(self) -> list[Requirement]:
        found: list[Requirement] = []
        while (word := self._peek()) != _END:
            if not _is_identifier(word) and word != "!":
                raise SelectorError(f"found '{word}', expected: !, identifier, or 'end of string'")
            try:
                found.append(self._parse_requirement())
            except SelectorError as error:
                raise SelectorError(f"unable to parse requirement: {error}") from error
            self._parse_separator()
        return found

    def _parse_separator(self) -> None:
        word = self._take()
        if word == _END:
            self._position -= 1
        elif word != ",":
            raise SelectorError(f"found '{word}', expected: ',' or 'end of string'")
        elif not _is_identifier(self._peek()) and self._peek() != "!":
            raise SelectorError(f"found '{self._peek()}', expected: identifier after ','")

    def _parse_requirement(self) -> Requirement:
        is_negated = self._peek() == "!"
        if is_negated:
            self._take()
        key = self._take()
        if not _is_identifier(key):
            raise SelectorError(f"found '{key}', expected: identifier")
        if errors := get_label_key_errors(key):
            # Upstream prints the path it was not given as <nil>.
            raise SelectorError(f"<nil>: Invalid value: {quote(key)}: {'; '.join(errors)}")
        if is_negated:
            return make_requirement(key, Operator.DOES_NOT_EXIST, [])
        if self._peek() in (_END, ","):
            return make_requirement(key, Operator.EXISTS, [])
        operator = self._parse_operator()
        is_set = operator in (Operator.IN, Operator.NOT_IN)
        values = self._parse_values() if is_set else {self._parse_exact_value()}
        return make_requirement(key, operator, sorted(values))

    def _parse_operator(self) -> Operator:
        word = self._take()
        if word not in _OPERATORS:
            raise SelectorError(f"found '{word}', expected: {', '.join(BINARY_OPERATORS)}")
        return _OPERATORS[word]

    def _parse_exact_value(self) -> str:
        if self._peek() in (_END, ","):
            return ""
        word = self._take()
        if not _is_identifier(word):
            raise SelectorError(f"found '{word}', expected: identifier")
        return word

    def _parse_values(self) -> set[str]:
        opening = self._take()
        if opening != "(":
            raise SelectorError(f"found '{opening}' expected: '('")
        first = self._peek()
        if first == ")":
            self._take()
            return {""}
        if first != "," and not _is_identifier(first):
            raise SelectorError(f"found '{first}', expected: ',', ')' or identifier")
        values = self._parse_identifiers()
        self._take()
        return values

    def _parse_identifiers(self) -> set[str]:
        """Read words and commas up to the closing bracket; an empty place is the value ""."""
        values: set[str] = set()
        while True:
            word, following = self._take(), self._peek()
            if word == ",":
                if not values or following in (",", ")"):
                    values.add("")
            elif _is_identifier(word):
                values.add(word)
                if following not in (",", ")"):
                    raise SelectorError(f"found '{following}', expected: ',' or ')'")
            else:
                raise SelectorError(f"found '{word}', expected: ',', or identifier")
            if following == ")":
                return values

    def _peek(self) -> str:
        return self._words[min(self._position, len(self._words) - 1)]

    def _take(self) -> str:
        word = self._peek()
        self._position += 1
        return word
