"""Settings of eviction are read as a kubelet reads them."""

from fractions import Fraction

import pytest

from planespec.spec.node.evictions.eviction_thresholds import (
    Threshold,
    ThresholdError,
    fix_container_fs,
    parse_thresholds,
)
from planespec.spec.quantity import parse_quantity


def parse(
    hard: dict[str, str],
    soft: dict[str, str] | None = None,
    grace: dict[str, str] | None = None,
    reclaim: dict[str, str] | None = None,
    *,
    enforces_allocatable: bool = False,
) -> tuple[Threshold, ...]:
    return parse_thresholds(
        hard, soft or {}, grace or {}, reclaim or {}, enforces_allocatable=enforces_allocatable
    )


def test_a_share_is_of_32_bits_and_rounded_down() -> None:
    (threshold,) = parse({"nodefs.available": "10%"})
    assert threshold.amount.of(parse_quantity("20Gi")).value == 2147483680
    (threshold,) = parse({"pid.available": "10%"})
    assert threshold.amount.of(parse_quantity("4096")).value == 409


def test_none_and_all_of_the_capacity_are_no_threshold() -> None:
    assert parse({"nodefs.available": "0%", "imagefs.available": "100%"}) == ()


def test_a_soft_threshold_has_its_grace_and_one_of_zero_is_hard() -> None:
    soft = {"memory.available": "1Gi", "nodefs.available": "1Gi"}
    grace = {"memory.available": "1m30s", "nodefs.available": "0s"}
    memory, disk = parse({}, soft, grace)
    assert (memory.grace, memory.is_hard) == (Fraction(90), False)
    assert disk.is_hard


@pytest.mark.parametrize(("grace", "expected"), [("0s", ["1Gi", "2Gi"]), ("1s", ["1Gi"])])
def test_each_hard_threshold_of_memory_holds_for_all_pods_together_too(
    grace: str, expected: list[str]
) -> None:
    found = parse(
        {"memory.available": "1Gi", "nodefs.available": "1Gi"},
        {"memory.available": "2Gi"},
        {"memory.available": grace},
        {"memory.available": "5%"},
        enforces_allocatable=True,
    )
    extra = [each for each in found if each.signal == "allocatableMemory.available"]
    assert [str(each.amount.quantity) for each in extra] == expected
    assert all(each.minimum_reclaim is not None for each in extra)


def test_equal_shares_are_one_threshold_but_equal_quantities_are_two() -> None:
    grace = {"memory.available": "0s"}
    one, other = parse({"memory.available": "5%"}, {"memory.available": "5%"}, grace)
    assert one == other
    one, other = parse({"memory.available": "1Gi"}, {"memory.available": "1024Mi"}, grace)
    assert one != other
    assert one.is_same(other)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (({"cpu.available": "1"},), "unsupported eviction signal cpu.available"),
        (({"memory.available": "-1%"},), "must be >= 0%: -1%"),
        (({"memory.available": "101%"},), "must be <= 100%: 101%"),
        (({"memory.available": "x%"},), 'parsing "x": invalid syntax'),
        (({"memory.available": "1e39%"},), "out of the range of float32"),
        (({"memory.available": "0"},), "must be positive: 0"),
        (({"memory.available": "-1Gi"},), "must be positive: -1Gi"),
        (({}, {"memory.available": "1Gi"}), "grace period must be specified for the soft"),
        (({}, {}, {"memory.available": "-1s"}), "must be a positive value"),
        (({}, {}, {"x": "1s"}), "unsupported eviction signal x"),
        (({}, {}, {}, {"memory.available": "0%"}), "must be positive: 0%"),
        (({}, {}, {}, {"memory.available": "-1"}), "negative eviction minimum reclaim"),
        (({}, {}, {}, {"x": "1"}), "unsupported eviction signal x"),
    ],
)
def test_settings_that_no_kubelet_starts_with_are_refused(
    settings: tuple[dict[str, str], ...], message: str
) -> None:
    with pytest.raises(ThresholdError) as error:
        parse(*settings)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("has_image_fs", "is_split", "amount"),
    [(False, False, "1Gi"), (True, True, "1Gi"), (True, False, "2Gi"), (False, True, None)],
)
def test_the_container_file_system_has_the_thresholds_of_the_one_it_lies_on(
    has_image_fs: bool, is_split: bool, amount: str | None
) -> None:
    given = parse({"nodefs.available": "1Gi", "imagefs.available": "2Gi"})
    first, later = fix_container_fs(given, has_image_fs=has_image_fs, is_split=is_split)
    assert first == given
    added = [str(each.amount.quantity) for each in later if each.signal == "containerfs.available"]
    assert added == ([] if amount is None else [amount])


def test_what_is_said_about_the_container_file_system_is_replaced_at_once_or_dropped() -> None:
    given = parse(
        {"containerfs.available": "9Gi", "containerfs.inodesFree": "9", "nodefs.available": "1Gi"}
    )
    first, later = fix_container_fs(given, has_image_fs=False, is_split=False)
    assert [str(each.amount.quantity) for each in first] == ["1Gi", "1Gi"]
    assert first == later


def test_a_soft_threshold_keeps_its_grace_on_the_container_file_system() -> None:
    grace = {"imagefs.inodesFree": "1m"}
    given = parse({}, {"imagefs.inodesFree": "5%"}, grace, {"imagefs.inodesFree": "1%"})
    _, later = fix_container_fs(given, has_image_fs=True, is_split=False)
    assert later[1].signal == "containerfs.inodesFree"
    assert (later[1].grace, later[1].minimum_reclaim) == (given[0].grace, given[0].minimum_reclaim)
