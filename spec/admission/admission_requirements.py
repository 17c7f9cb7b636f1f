"""What admission promises, as predicates over what is stored and what was decided.

Sources: the admission chain of the API server (staging/src/k8s.io/apiserver/pkg/admission and its
plugins `resourcequota`, `webhook`, `policy`) and the documentation of dynamic admission control,
https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/.
"""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement

_QUOTA = "staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go"
_DYNAMIC = (
    "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/"
)


class Quota(Protocol):
    """A namespace with a quota that counts objects."""

    @property
    def hard(self) -> int:
        """How many objects there may be."""

    @property
    def used(self) -> int:
        """How many the quota's status says there are."""

    @property
    def stored(self) -> Collection[Any]:
        """The objects that there are."""


class Answered(Protocol):
    """Requests that were answered, and what each was about."""

    @property
    def stored(self) -> Collection[Any]:
        """The objects that there are."""

    @property
    def refused(self) -> Collection[Any]:
        """Requests whose answer was a refusal; one request makes one object."""

    @property
    def dry(self) -> Collection[Any]:
        """Requests that asked for a dry run."""


class Traces(Answered, Protocol):
    """What dry runs may leave behind."""

    @property
    def traces(self) -> int:
        """How much outside the objects was written for requests that asked for a dry run."""


class Admitted(Protocol):
    """An object that went through mutating and validating admission, and what they ask of it."""

    @property
    def stored(self) -> Collection[Any]:
        """The object, once it is stored."""

    @property
    def kept(self) -> Mapping[Any, bool]:
        """By mutator whether the object has what the mutator makes of it."""

    @property
    def skipped(self) -> Collection[Any]:
        """Mutators that failed and whose failure is ignored."""

    @property
    def faults(self) -> Collection[Any]:
        """What is wrong with the object."""

    @property
    def forbidden(self) -> Collection[Any]:
        """What the policies in force, as the server knew them when it began, do not let in."""


class Denied(Protocol):
    """Objects, and what webhooks said of them."""

    @property
    def stored(self) -> Collection[Any]:
        """The objects that were stored."""

    @property
    def denied(self) -> Collection[Any]:
        """Those that a webhook denied."""


class Ignoring(Protocol):
    """A request, and why it was refused."""

    @property
    def is_late(self) -> bool:
        """Whether it was refused because webhooks took all its time."""


class Hearing(Protocol):
    """What the server that serves a request knew."""

    @property
    def stored(self) -> Collection[Any]:
        """What it has stored."""

    @property
    def has_heard(self) -> bool:
        """Whether the server had read webhooks and policies once since its start."""


class Guarded(Protocol):
    """A cluster with a webhook that runs in it."""

    @property
    def serves(self) -> bool:
        """Whether the webhook answers."""


@requirement("ADM-1", source=_QUOTA)
def stored_stays_within_hard(observed: Quota) -> bool:
    """There are never more objects than the quota's hard limit, whichever servers admit them."""
    return len(observed.stored) <= observed.hard


@requirement("ADM-2", source=_QUOTA)
def used_stays_within_hard(observed: Quota) -> bool:
    """The usage that a quota shows never exceeds its hard limit by what is admitted."""
    return observed.used <= observed.hard


@requirement("ADM-3", source=_QUOTA)
def used_covers_what_is_stored(observed: Quota) -> bool:
    """The usage that a quota shows is never below what is stored."""
    return observed.used >= len(observed.stored)


@requirement("ADM-4", source="API conventions, dry run: nothing is persisted; KEP-576")
def a_dry_run_leaves_no_trace(observed: Traces) -> bool:
    """A dry run stores nothing, charges no quota and reaches no webhook with side effects."""
    return observed.traces == 0 and not any(each in observed.stored for each in observed.dry)


@requirement("ADM-5", source="API conventions, HTTP status codes: a refusal has no effect")
def a_refused_request_stores_nothing(observed: Answered) -> bool:
    """The object of a request that was refused is not stored."""
    return not any(each in observed.stored for each in observed.refused)


@requirement("ADM-6", source=f"{_DYNAMIC}#reinvocation-policy")
def what_is_stored_is_as_every_mutator_left_it(observed: Admitted) -> bool:
    """What is stored has what each mutator makes of it, also where later ones changed it again."""
    return len(observed.stored) == 0 or all(
        has or mutator in observed.skipped for mutator, has in observed.kept.items()
    )


@requirement("ADM-7", source=f"{_DYNAMIC}; validating admission sees the final object")
def what_is_stored_satisfies_every_policy(observed: Admitted) -> bool:
    """What is stored satisfies every policy that was in force when its server was asked."""
    return len(observed.stored) == 0 or not any(
        fault in observed.forbidden for fault in observed.faults
    )


@requirement("ADM-8", source=f"{_DYNAMIC}#timeouts")
def an_ignored_failure_refuses_nothing(observed: Ignoring) -> bool:
    """A webhook whose failure is ignored does not make a request fail by being slow."""
    return not observed.is_late


@requirement(
    "ADM-9",
    source="staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/generic/webhook.go, "
    "WaitForReady",
)
def no_server_admits_before_it_has_heard(observed: Hearing) -> bool:
    """A server stores nothing before it has read the webhooks and policies since its start."""
    return len(observed.stored) == 0 or observed.has_heard


@requirement(
    "ADM-10",
    source=f"{_DYNAMIC}#avoiding-deadlocks-in-self-hosted-webhooks",
    promise="eventually always",
)
def the_webhook_serves_again(observed: Guarded) -> bool:
    """A cluster whose webhook pods are all gone comes back by itself."""
    return observed.serves


@requirement("ADM-11", source=_QUOTA, promise="eventually always")
def used_becomes_what_is_stored(observed: Quota) -> bool:
    """Once nothing is asked for any more, the usage that a quota shows is what is stored."""
    return observed.used == len(observed.stored)


@requirement("ADM-12", source=f"{_DYNAMIC}#failure-policy; a denial is no failure")
def what_a_webhook_denies_is_not_stored(observed: Denied) -> bool:
    """What a webhook denies is not stored, whatever its failurePolicy."""
    return not any(each in observed.stored for each in observed.denied)
