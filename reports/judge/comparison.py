"""One recorded answer beside ours, and how the two differ field by field."""

from collections.abc import Iterator
from dataclasses import dataclass

from planespec.checker.errors import ExitCode, PlanespecError


class UndecidedError(PlanespecError):
    """A limit was reached, or what is not recorded leaves open what happened."""

    exit_code = ExitCode.UNKNOWN


class Absent:
    """Stands for a field that one side does not have."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which two JSON values differ; `field` is a path such as `.limits.cpu` or ``."""

    field: str
    expected: object
    actual: object


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an answer differs, where a judge can say more than the difference."""

    lines: tuple[str, ...]
    """For people."""
    more: tuple[str, ...]
    """For people who ask for everything."""
    data: dict[str, object]
    """All of it, as JSON."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One judged case: `where` is file:line, `given` the question, and the two answers."""

    kind: str
    where: str
    given: object
    expected: object
    actual: object
    agrees: bool
    explanation: Explanation | None = None


def compare(kind: str, where: str, given: object, expected: object, actual: object) -> Comparison:
    """Make a comparison that agrees when the two JSON values are the same in every field."""
    agrees = next(differences(expected, actual), None) is None
    return Comparison(kind, where, given, expected, actual, agrees)


def differences(expected: object, actual: object, field: str = "") -> Iterator[Difference]:
    """Yield every field in which two JSON values differ, outermost name first.

    Types count: `1`, `1.0` and `true` are three values, as they are in a recording.
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name in sorted(expected.keys() | actual.keys(), key=str):
            inner = f"{field}.{name}"
            yield from differences(expected.get(name, ABSENT), actual.get(name, ABSENT), inner)
    elif isinstance(expected, list) and isinstance(actual, list):
        for index in range(max(len(expected), len(actual))):
            inner = f"{field}[{index}]"
            yield from differences(_item(expected, index), _item(actual, index), inner)
    elif type(expected) is not type(actual) or expected != actual:
        yield Difference(field, expected, actual)


def _item(values: list[object], index: int) -> object:
    return values[index] if index < len(values) else ABSENT
