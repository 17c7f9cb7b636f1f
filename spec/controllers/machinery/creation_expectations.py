"""What a controller waits to see of its own creations and deletions before it counts again.

Source: Kubernetes v1.36, `ControllerExpectations` of `pkg/controller/controller_utils.go`.
"""

from dataclasses import dataclass, field

EXPIRES_AFTER = 300
"""Seconds after which an expectation is held no longer (`ExpectationsTimeout`)."""


@dataclass(slots=True)
class Expected:
    """How many creations and deletions of one controller's key were not seen yet."""

    creations: int
    deletions: int
    since: int = 0
    """When it was set, seconds."""

    @property
    def is_fulfilled(self) -> bool:
        """Whether all were seen; more than expected is as good."""
        return self.creations <= 0 and self.deletions <= 0


@dataclass(slots=True)
class CreationExpectations:
    """Expectations by the key of a controller's object; the caller says what time it is."""

    by_key: dict[str, Expected] = field(default_factory=dict)

    def expect(self, key: str, creations: int, deletions: int, now: int = 0) -> None:
        """Expect these and nothing that was expected before (`SetExpectations`)."""
        self.by_key[key] = Expected(creations, deletions, now)

    def raise_by(self, key: str, creations: int, deletions: int) -> None:
        """Expect more; nothing where the key has no expectation (`RaiseExpectations`)."""
        if key in self.by_key:
            self.by_key[key].creations += creations
            self.by_key[key].deletions += deletions

    def see_creation(self, key: str) -> None:
        """Expect one creation less (`CreationObserved`)."""
        self.raise_by(key, -1, 0)

    def see_deletion(self, key: str) -> None:
        """Expect one deletion less (`DeletionObserved`)."""
        self.raise_by(key, 0, -1)

    def forget(self, key: str) -> None:
        """Expect nothing of a key any more (`DeleteExpectations`)."""
        self.by_key.pop(key, None)

    def is_satisfied(self, key: str, now: int = 0) -> bool:
        """Whether the controller may count (`SatisfiedExpectations`).

        So it may where nothing was ever expected, and where it waited for five minutes.
        """
        expected = self.by_key.get(key)
        if expected is None or expected.is_fulfilled:
            return True
        return now - expected.since > EXPIRES_AFTER
