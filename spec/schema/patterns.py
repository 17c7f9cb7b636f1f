"""Patterns of Go on text, in time that grows with the text as it does in Go.

Python goes back over what it has matched, which takes ever so long where what is repeated repeats
within. Such patterns are left to CEL, where no matching goes back. Where neither reads a pattern
as Go does, that is the answer.
Source: https://github.com/google/re2/wiki/Syntax.
"""

import json
import math
import re
from collections.abc import Callable
from functools import lru_cache

from planespec.spec.schema.custom_rules import BrokenRuleError, EvaluateRule, UnknownRuleError

_FOREIGN = re.compile(r"\\[pPQEzCAx]|\[\[:|\(\?[^:P]|\(\?P>")
"""What Python does not know or reads otherwise."""
_REPEATED_GROUP = re.compile(r"\)([*+]|\{\d+(?:,\d*)?\})(?!\?)")
_GROUP_END = re.compile(r"\)[*+{]")
_ODD_GROUP = re.compile(r"\[[^\]]*\)[*+{]|\)(?:[*+]|\{[^}]*\})[?+]")
"""A class with what looks like the end of a group, or a group that is repeated as little as may
be."""
_REPEAT = re.compile(r"[*+{]")
_MOST_STEPS = 10_000_000
"""Python takes a second at most for them."""


def make_matcher(pattern: str, evaluate: EvaluateRule) -> Callable[[str], bool | None]:
    """Return what tells whether a pattern is found in a text: None where nobody can read it."""
    compiled = _compile(pattern)
    onward = _compile_onward(pattern)
    expression = f"self.matches({json.dumps(pattern, ensure_ascii=False)})"

    def match(text: str) -> bool | None:
        if compiled is not None and _is_quick(pattern, text):
            return bool(compiled.search(text))
        is_short = _count_steps(pattern, text) <= _MOST_STEPS
        if onward is not None and is_short and onward.search(text):
            return True
        try:
            return bool(evaluate(expression, text))
        except (UnknownRuleError, BrokenRuleError):
            return None

    return match


def list_matches(pattern: str, text: str) -> list[str]:
    """List matches as Go does: none that is empty where the one before it ends.

    Raises ValueError for a pattern that is not read, or not in time.
    """
    compiled = _compile(pattern)
    if compiled is None or not _is_quick(pattern, text):
        raise ValueError(f"the pattern {pattern!r} is not modelled")
    found: list[str] = []
    end = -1
    for match in compiled.finditer(text):
        if match[0] or match.start() != end:
            found.append(match[0])
        end = match.end()
    return found


@lru_cache(maxsize=4096)
def _compile(pattern: str) -> re.Pattern[str] | None:
    """Compile a pattern that Python reads as Go does; None for any other."""
    if _FOREIGN.search(pattern):
        return None
    # In Go the dollar does not match before a last line break.
    text = re.sub(r"(?<!\\)\$$", r"\\Z", pattern)
    try:
        return re.compile(text, re.ASCII)
    except re.error:
        return None


def _compile_onward(pattern: str) -> re.Pattern[str] | None:
    """Compile a pattern whose groups never give back what they took: what it finds is found."""
    if _compile(pattern) is None or _ODD_GROUP.search(pattern):
        return None
    return _compile(_REPEATED_GROUP.sub(r")\1+", pattern))


def _is_quick(pattern: str, text: str) -> bool:
    return not _GROUP_END.search(pattern) and _count_steps(pattern, text) <= _MOST_STEPS


def _count_steps(pattern: str, text: str) -> int:
    """Count the ways to deal a text out to what is repeated, at most."""
    repeats = len(_REPEAT.findall(pattern))
    return math.comb(len(text) + repeats, repeats)
