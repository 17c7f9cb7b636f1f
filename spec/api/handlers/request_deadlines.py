"""How long a request may take, and what its client gets when it takes longer.

A client may shorten the server's limit by `timeout=`, never lengthen it; zero and negative values
mean the server's own. Long-running requests have no deadline; a watch ends after
`timeoutSeconds=`, or after a random time from the server's minimum to twice that. A request that
is still handled at its deadline gets a 504, and what it was about to write may yet be written.

Source: `apiserver/pkg/endpoints/filters/request_deadline.go`, `apiserver/pkg/server/filters/`
`longrunning.go`, `timeout.go`, `apiserver/pkg/endpoints/handlers/get.go`, v1.36.
"""

import re
from fractions import Fraction

LONG_RUNNING_VERBS = frozenset({"watch", "proxy"})
LONG_RUNNING_SUBRESOURCES = frozenset({"attach", "exec", "proxy", "log", "portforward"})
PROFILING = "/debug/pprof/"
TIMED_OUT = "Timeout: request did not complete within the allotted timeout"

_UNITS = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "µs": Fraction(1, 10**6),
    "μs": Fraction(1, 10**6),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
}
_PART = re.compile(r"(\d*\.?\d*)([^\d.]*)")
_LONGEST = Fraction(2**63 - 1, 10**9)


class DurationError(ValueError):
    """A text is no duration; the message is Go's."""


def is_long_running(verb: str, subresource: str, path: str, *, is_resource: bool) -> bool:
    """Whether a request may take as long as it likes."""
    if verb in LONG_RUNNING_VERBS:
        return True
    if is_resource:
        return subresource in LONG_RUNNING_SUBRESOURCES
    return path.startswith(PROFILING)


def choose_timeout(asked: str, most: Fraction) -> Fraction:
    """Seconds that a request may take, `asked` being its `timeout=` ("" for none).

    Raises DurationError, which is answered 400.
    """
    if not asked:
        return most
    try:
        wanted = parse_duration(asked)
    except DurationError as error:
        raise DurationError(f"invalid timeout specified in the request URL - {error}") from error
    return wanted if 0 < wanted < most else most


def parse_duration(text: str) -> Fraction:
    """Read a duration such as `1h2.5s` as Go's `time.ParseDuration` does; raises DurationError."""
    quoted = f'time: invalid duration "{text}"'
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return Fraction(0)
    if not rest:
        raise DurationError(quoted)
    total = Fraction(0)
    while rest:
        number, unit = _read_part(rest, text)
        rest = rest[len(number) + len(unit) :]
        total += Fraction(f"{number}0" if number.endswith(".") else number) * _UNITS[unit]
        if total > _LONGEST:
            raise DurationError(quoted)
    return sign * total


def _read_part(rest: str, text: str) -> tuple[str, str]:
    match = _PART.match(rest)
    assert match is not None, "every part may be empty"
    number, unit = match.groups()
    if not number.strip("."):
        raise DurationError(f'time: invalid duration "{text}"')
    if not unit:
        raise DurationError(f'time: missing unit in duration "{text}"')
    if unit not in _UNITS:
        raise DurationError(f'time: unknown unit "{unit}" in duration "{text}"')
    return number, unit
