"""What the API server promises of writes: API-17 to API-25.

Source: https://kubernetes.io/docs/reference/using-api/api-concepts/ (called "API concepts"),
https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/ (called
"finalizers"), and `staging/src/k8s.io/apiserver`. Objects come and go under names; the uid is that
of the object which is there, 0 for none.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Answer(Enum):
    """How a request was answered."""

    NONE = "none"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DRY = "dry run"


class Named(Protocol):
    """The objects that are stored."""

    @property
    def names(self) -> Iterable[Any]:
        """The names under which objects come and go."""

    @property
    def revision(self) -> int:
        """The revision of the latest write."""

    @property
    def uid(self) -> Mapping[Any, int]:
        """Which object is under a name: the revision that made it."""


class Counted(Named, Protocol):
    """Objects that clients count in."""

    @property
    def count(self) -> Mapping[Any, int]:
        """What stands in the object."""

    @property
    def added(self) -> Mapping[Any, int]:
        """How many writes that add one were accepted."""


class Answered(Counted, Protocol):
    """What was stored, and how the last request was answered."""

    @property
    def last(self) -> Answer:
        """The answer."""


class Judged(Protocol):
    """How requests were judged."""

    @property
    def was_misjudged(self) -> bool:
        """Whether one was answered by a copy that was not what is stored."""


class Deleted(Named, Protocol):
    """Objects that are marked for deletion, and what holds them."""

    @property
    def has_finalizer(self) -> Mapping[Any, bool]:
        """Whether a finalizer holds it."""

    @property
    def is_done(self) -> Mapping[Any, bool]:
        """Whether that is done for which the finalizer stands."""

    @property
    def is_deleting(self) -> Mapping[Any, bool]:
        """Whether it is marked for deletion."""

    @property
    def is_ending(self) -> Mapping[Any, bool]:
        """Whether it was given time to end, and has not ended."""


class Meant(Protocol):
    """What was deleted."""

    @property
    def was_mistaken(self) -> bool:
        """Whether an object was deleted in place of the one that the request named by uid."""


@requirement("API-17", source="API concepts, Resource versions; store.go, GuaranteedUpdate")
def no_update_is_lost(s: Counted) -> bool:
    """Every write that was accepted counts, also where its answer was lost."""
    return all(s.uid[n] == 0 or s.count[n] == s.added[n] for n in s.names)


@requirement("API-18", source="Kubernetes docs, Object names and IDs: UIDs")
def uid_never_comes_back(before: Named, after: Named) -> bool:
    """An object that is made has a uid that none had before."""
    return all(
        after.uid[n] in (0, before.uid[n]) or after.uid[n] > before.revision for n in after.names
    )


@requirement("API-19", source="API concepts, Dry-run; pull 66391, pull 66936")
def no_answer_without_effect_changes_anything(before: Answered, after: Answered) -> bool:
    """A request that is refused, or a dry run, changes nothing that is stored."""
    if after.last not in (Answer.REFUSED, Answer.DRY):
        return True
    return after.revision == before.revision and all(
        after.uid[n] == before.uid[n] and after.count[n] == before.count[n] for n in after.names
    )


@requirement("API-20", source="store.go, GuaranteedUpdate: origStateIsCurrent")
def answers_are_true(s: Judged) -> bool:
    """A request is answered by what is stored, never by a copy of what was."""
    return not s.was_misjudged


@requirement(
    "API-21", source="finalizers; registry/store.go, deletionFinalizersForGarbageCollection"
)
def finalizers_hold_an_object(before: Deleted, after: Deleted) -> bool:
    """An object with a finalizer stays until that is done for which it stands."""
    return all(
        before.uid[n] == 0
        or after.uid[n] == before.uid[n]
        or not before.has_finalizer[n]
        or before.is_done[n]
        for n in after.names
    )


@requirement("API-22", source="rest/update.go, BeforeUpdate: deletionTimestamp is immutable")
def deletion_is_never_taken_back(before: Deleted, after: Deleted) -> bool:
    """An object that is marked for deletion stays marked until it is gone."""
    return all(
        not before.is_deleting[n] or after.is_deleting[n] or after.uid[n] != before.uid[n]
        for n in after.names
    )


@requirement("API-23", source="validation/objectmeta.go, ValidateFinalizersRemoved")
def no_finalizer_is_added_in_the_end(before: Deleted, after: Deleted) -> bool:
    """An object that is marked for deletion gets no finalizer."""
    return all(
        not before.is_deleting[n] or before.has_finalizer[n] or not after.has_finalizer[n]
        for n in after.names
    )


@requirement("API-24", source="registry/store.go, deleteWithoutFinalizers")
def deletion_ends_when_nothing_holds_it(s: Deleted) -> bool:
    """An object that is marked for deletion is gone once nothing holds it."""
    return all(not s.is_deleting[n] or s.has_finalizer[n] or s.is_ending[n] for n in s.names)


@requirement("API-25", source="API concepts; meta/v1 Preconditions")
def what_is_meant_is_deleted(s: Meant) -> bool:
    """A deletion that names a uid deletes that object and no other."""
    return not s.was_mistaken
