"""The limits on requests in flight that stand in where priority and fairness is off.

Reads and writes are counted apart. Long-running requests are not counted; members of
`system:masters` always pass, and then are not counted either.

Source: `apiserver/pkg/server/filters/maxinflight.go`, v1.36.
"""

from dataclasses import dataclass, field

from planespec.spec.api.authorization.access_request import MASTERS

READ_VERBS = frozenset({"get", "list", "watch"})
TOO_MANY = "Too many requests, please try again later."
"""The whole body of a 429, a line of text: it is no Status."""


@dataclass(slots=True)
class InFlight:
    """Requests that run and are counted, by whether they read; a limit of 0 is none."""

    most_reading: int
    most_writing: int
    _reading: set[str] = field(default_factory=set)
    _writing: set[str] = field(default_factory=set)

    def admit(self, name: str, verb: str, groups: tuple[str, ...], *, long_running: bool) -> bool:
        """Take in a request; False when it is answered 429."""
        if long_running:
            return True
        reads = verb in READ_VERBS
        most = self.most_reading if reads else self.most_writing
        counted = self._reading if reads else self._writing
        if most == 0:
            return True
        if len(counted) < most:
            counted.add(name)
            return True
        return MASTERS in groups

    def leave(self, name: str) -> None:
        """Count a request no more, if it was counted."""
        self._reading.discard(name)
        self._writing.discard(name)
