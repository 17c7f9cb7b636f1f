"""How any object may change: identity, generation, deletion, counters, sums."""

from collections.abc import Iterator
from itertools import pairwise

from planespec.spec.cluster.cluster_requirements import (
    BUDGETS,
    COUNTERS,
    DELETION,
    LIFE,
    STATUS_ADDS_UP,
    Violation,
)
from planespec.spec.cluster.steps.change import Change, State, get_condition
from planespec.spec.requirement import Level, judges

_REPLICATED = ("Deployment", "ReplicaSet", "StatefulSet")
_FINISHED = ("Complete", "Failed")


@judges(Level.TRANSITION, LIFE)
def judge_identity(change: Change, before: State) -> Iterator[Violation]:
    """An object keeps its uid and creation time for as long as it lives."""
    for name in ("uid", "creationTimestamp"):
        old, new = before.meta.text(name), change.after.meta.text(name)
        if old != new:
            message = f"changed from {old} to {new} without a deletion"
            yield change.violates(LIFE, f"metadata.{name} {message}", f"metadata.{name}")


@judges(Level.TRANSITION, DELETION)
def judge_deletion(change: Change, before: State) -> Iterator[Violation]:
    """A deletion stays, and a grace period is only ever shortened."""
    meta = change.after.meta
    if not before.meta.is_deleting:
        return
    if not meta.is_deleting:
        yield change.violates(
            DELETION, "the deletionTimestamp was taken away", "metadata.deletionTimestamp"
        )
    name = "deletionGracePeriodSeconds"
    old, new = before.meta.integer(name), meta.integer(name)
    if old is not None and new is not None and new > old:
        yield change.violates(
            DELETION, f"the grace period grew from {old} s to {new} s", f"metadata.{name}"
        )
    # A shortened period begins when it is asked for, so it may even end a second later.
    time_old, time_new = (each.meta.text("deletionTimestamp") for each in (before, change.after))
    if time_new and old == new and time_new != time_old:
        message = f"the deletion was moved from {time_old} to {time_new}"
        yield change.violates(DELETION, message, "metadata.deletionTimestamp")


@judges(Level.TRANSITION, COUNTERS)
def judge_observed_generation(change: Change, before: State) -> Iterator[Violation]:
    """A controller has seen no generation that is not there, and forgets none."""
    new = change.after.status.integer("observedGeneration")
    old = before.status.integer("observedGeneration")
    field = "status.observedGeneration"
    generation = change.after.meta.integer("generation")
    if new is not None and generation is not None and new > generation:
        message = f"observed generation {new} of an object at generation {generation}"
        yield change.violates(COUNTERS, message, field)
    if old is not None and (new or 0) < old:
        yield change.violates(COUNTERS, f"observed generation fell from {old} to {new}", field)


@judges(Level.TRANSITION, COUNTERS)
def judge_job(change: Change, before: State) -> Iterator[Violation]:
    """A finished job stays finished; what it counted as succeeded or failed is not uncounted."""
    if change.kind != "Job":
        return
    for type_ in _FINISHED:
        old, new = (get_condition(each.status, type_) for each in (before, change.after))
        if old is not None and old.get("status") == "True" and old != new:
            message = f"condition {type_} was True and changed"
            yield change.violates(COUNTERS, message, "status.conditions")
    for name in ("succeeded", "failed"):
        was, now = (each.status.integer(name) or 0 for each in (before, change.after))
        # An indexed job whose completions are lowered, and a job resumed, count anew.
        if now < was and before.spec.data == change.after.spec.data:
            yield change.violates(
                COUNTERS, f"status.{name} fell from {was} to {now}", f"status.{name}"
            )


@judges(Level.TRANSITION, COUNTERS)
def judge_lease(change: Change, before: State) -> Iterator[Violation]:
    """Transitions of a lease are counted up, once for each new holder, and time goes on."""
    if change.kind != "Lease":
        return
    old, new = before.spec, change.after.spec
    was, now = old.integer("leaseTransitions") or 0, new.integer("leaseTransitions") or 0
    if now < was:
        message = f"leaseTransitions fell from {was} to {now}"
        yield change.violates(COUNTERS, message, "spec.leaseTransitions")
    holders = old.text("holderIdentity"), new.text("holderIdentity")
    if all(holders) and holders[0] != holders[1] and now == was and change.type == "MODIFIED":
        message = f"went from {holders[0]} to {holders[1]} without a new transition"
        yield change.violates(COUNTERS, message, "spec.holderIdentity")
    if holders[0] == holders[1] and new.text("renewTime") < old.text("renewTime"):
        message = f"renewTime went back from {old.text('renewTime')} to {new.text('renewTime')}"
        yield change.violates(COUNTERS, message, "spec.renewTime")


@judges(Level.EVENT, STATUS_ADDS_UP)
def judge_sums(change: Change) -> Iterator[Violation]:
    """Available replicas are ready ones, ready ones are replicas; counts are not negative."""
    if change.kind not in _REPLICATED:
        return
    status = change.after.status
    names = ("replicas", "readyReplicas", "availableReplicas")
    numbers = [(name, status.integer(name) or 0) for name in names]
    for (upper, most), (lower, least) in pairwise(numbers):
        if least > most or least < 0:
            message = f"{lower} is {least}, {upper} is {most}"
            yield change.violates(STATUS_ADDS_UP, message, f"status.{lower}")


@judges(Level.EVENT, BUDGETS)
def judge_budget(change: Change) -> Iterator[Violation]:
    """No more disruptions are allowed than there are healthy pods above the desired number."""
    if change.kind != "PodDisruptionBudget" or not change.after.status.data:
        return
    status = change.after.status
    allowed = status.integer("disruptionsAllowed") or 0
    healthy = status.integer("currentHealthy") or 0
    desired = status.integer("desiredHealthy") or 0
    if allowed > max(0, healthy - desired) or allowed < 0:
        message = f"allows {allowed} disruptions, {healthy} are healthy, {desired} desired"
        yield change.violates(BUDGETS, message, "status.disruptionsAllowed")


@judges(Level.TRANSITION, BUDGETS)
def judge_quota(change: Change, before: State) -> Iterator[Violation]:
    """Use grows only up to what is allowed; a limit may be lowered below the present use."""
    if change.kind != "ResourceQuota":
        return
    hard, used = (change.after.status.quantities(name) for name in ("hard", "used"))
    old = before.status.quantities("used")
    for name in sorted(used.keys() & hard.keys()):
        if name in old and old[name] <= hard[name] < used[name]:
            message = f"uses {used[name]} of {name}, {hard[name]} is allowed"
            yield change.violates(BUDGETS, message, f"status.used[{name}]")
