"""A kubelet learns what containers did by comparing listings, as `generic.go` of v1.36 does."""

import pytest

from planespec.spec.node.lifecycle.lifecycle_events import (
    RELIST_THRESHOLD,
    ContainerState,
    EventGenerator,
    Relisted,
)

CREATED, RUNNING = ContainerState.CREATED, ContainerState.RUNNING
EXITED, UNKNOWN = ContainerState.EXITED, ContainerState.UNKNOWN


def relist(
    generator: EventGenerator,
    *,
    broken: bool = False,
    now: int = 0,
    **pods: dict[str, ContainerState],
) -> Relisted:
    """List pods; `broken` is a runtime that gives no status of any."""
    return generator.relist(now, pods, lambda _: not broken)


def told(relisted: Relisted) -> list[tuple[str, str]]:
    return [(str(event.type), event.container) for event in relisted.events]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, CREATED, []),
        (None, UNKNOWN, []),
        (None, RUNNING, ["ContainerStarted"]),
        (None, EXITED, ["ContainerDied"]),
        (CREATED, UNKNOWN, []),
        (CREATED, RUNNING, ["ContainerStarted"]),
        (RUNNING, RUNNING, []),
        (RUNNING, EXITED, ["ContainerDied"]),
        (EXITED, RUNNING, ["ContainerStarted"]),
        (EXITED, None, ["ContainerRemoved"]),
        (RUNNING, None, ["ContainerDied", "ContainerRemoved"]),
        (UNKNOWN, None, ["ContainerDied", "ContainerRemoved"]),
    ],
)
def test_a_change_of_state_is_told_by_what_it_became(
    old: ContainerState | None, new: ContainerState | None, expected: list[str]
) -> None:
    generator = EventGenerator()
    other = {"other": RUNNING}
    relist(generator, p={**other, **({"c": old} if old else {})})
    relisted = relist(generator, p={**other, **({"c": new} if new else {})})
    assert told(relisted) == [(type_, "c") for type_ in expected]


def test_what_is_not_told_is_inspected_all_the_same() -> None:
    generator = EventGenerator()
    assert relist(generator, p={"c": CREATED}) == Relisted((), ("p",))
    assert relist(generator, p={"c": UNKNOWN}) == Relisted()


def test_a_pod_that_is_gone_is_told_without_being_inspected_and_forgotten() -> None:
    generator = EventGenerator()
    relist(generator, p={"c": EXITED, "s": RUNNING})
    gone = relist(generator)
    assert told(gone) == [
        ("ContainerRemoved", "c"),
        ("ContainerDied", "s"),
        ("ContainerRemoved", "s"),
    ]
    assert gone.inspected == ()
    assert relist(generator) == Relisted()


def test_a_failed_inspection_holds_events_back_until_one_succeeds() -> None:
    generator = EventGenerator()
    relist(generator, p={"c": RUNNING})
    assert relist(generator, broken=True, p={"c": EXITED}) == Relisted((), ("p",))
    relisted = relist(generator, p={"c": EXITED, "d": RUNNING})
    assert told(relisted) == [("ContainerDied", "c"), ("ContainerStarted", "d")]


def test_a_change_undone_before_its_inspection_succeeds_is_told_as_a_sync() -> None:
    generator = EventGenerator()
    relist(generator, p={"c": RUNNING})
    relist(generator, broken=True, p={"c": EXITED})
    assert told(relist(generator, p={"c": RUNNING})) == [("PodSync", "")]
    assert relist(generator, p={"c": RUNNING}) == Relisted()


def test_a_pod_never_inspected_and_gone_is_told_as_a_sync_once() -> None:
    generator = EventGenerator()
    relist(generator, broken=True, p={"c": RUNNING})
    assert told(relist(generator)) == [("PodSync", "")]
    assert relist(generator) == Relisted()


def test_a_request_is_answered_by_a_sync_or_by_the_events_of_the_pod() -> None:
    generator = EventGenerator()
    relist(generator, p={"c": RUNNING})
    generator.request_inspection("p")
    assert told(relist(generator, p={"c": RUNNING})) == [("PodSync", "")]
    generator.request_inspection("p")
    assert told(relist(generator, p={"c": EXITED})) == [("ContainerDied", "c")]
    generator.request_inspection("p")
    assert relist(generator, p={"c": UNKNOWN}) == Relisted((), ("p",))


def test_a_request_waits_for_its_pod_and_over_a_failed_listing() -> None:
    generator = EventGenerator()
    generator.request_inspection("p")
    assert relist(generator) == Relisted()
    assert generator.relist(1, None, lambda _: True) == Relisted()
    assert told(relist(generator, p={"c": RUNNING})) == [("ContainerStarted", "c")]
    assert relist(generator, p={"c": RUNNING}) == Relisted()


def test_health_follows_the_last_listing_that_succeeded() -> None:
    generator = EventGenerator()
    generator.relist(5, None, lambda _: True)
    assert generator.get_health_error(5) == "pleg has yet to be successful"
    relist(generator, now=10, broken=True, p={"c": RUNNING})
    assert generator.get_health_error(10 + RELIST_THRESHOLD) == ""
    late = generator.get_health_error(11 + RELIST_THRESHOLD)
    assert late == "pleg was last seen active 3m1s ago; threshold is 3m0s"
    assert " 1h0m5s ago" in generator.get_health_error(10 + 3605)
